//! What a briefing says about who decides at a customer, what is unknown about that, and a person's own roles.

use crate::clock::{self, Micros};
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::pb::briefing::{Item, Kind};
use crate::pb::decision_makers::Gap;
use crate::pb::decision_makers::gap::Type;
use crate::profile::briefing::ContactFacts;
use crate::profile::briefing::text::{
    channels, date, day, days, item, joined, labelled, minute, reached, word,
};
use crate::profile::decision::{self, Criteria};
use crate::store::read::briefing::Employment;
use crate::store::read::facts::Facts;
use crate::store::record::in_force;

/// The most candidates that a briefing names.
const MAX_CANDIDATES: usize = 5;

/// Who decides at a customer, what is unknown about that, and, if nobody decides, who might.
pub fn deciders(facts: &Facts, criteria: &Criteria, now: Micros) -> Vec<Item> {
    let answer = decision::answer(facts, criteria, now);
    let mut items: Vec<Item> = answer
        .people
        .iter()
        .map(|person| key_person(Kind::Role, person))
        .collect();
    items.extend(
        answer
            .gaps
            .iter()
            .map(|gap| gap_item(gap, &answer, facts, criteria)),
    );
    if answer.people.is_empty() {
        let candidates = answer.candidates.iter().take(MAX_CANDIDATES);
        items.extend(candidates.map(|person| key_person(Kind::Candidate, person)));
    }
    items
}

fn key_person(kind: Kind, person: &pb::KeyPerson) -> Item {
    let position = person.positions.first();
    let is_customer = person.contact.is_empty();
    let record = match position {
        Some(position) => &position.affiliation,
        None if is_customer => &person.customer,
        None => &person.contact,
    };
    let title = position.map_or("", |position| position.job_title.as_str());
    let claims = person.positions.iter().flat_map(|position| {
        position
            .buying_roles
            .iter()
            .chain(&position.other_buying_roles)
    });
    let roles = joined(claims.map(claim_text), ", ");
    let decides = if is_customer { "decides alone" } else { "" };
    let decides = joined([decides, roles.as_str()], ", ");
    let might = match kind {
        Kind::Candidate => "might decide",
        _ => "",
    };
    let who = joined([person.display_name.as_str(), title], ", ");
    let what = joined([might, decides.as_str()], "; ");
    let text = joined(
        [joined([who, what], ": "), joined(contacting(person), "; ")],
        "; ",
    );
    item(kind, &text, record, person.verify_time)
}

/// How a person is contacted, and when they last were.
fn contacting(person: &pb::KeyPerson) -> [String; 4] {
    let refused = if person.do_not_contact {
        "do not contact"
    } else {
        ""
    };
    let last = person.last_conversation.as_ref();
    [
        refused.to_owned(),
        reached(&person.emails, &person.phone_numbers),
        labelled("prefers", &channels(&person.preferred_channels)),
        labelled(
            "last talk",
            &day(last.and_then(|last| last.start_time.as_ref())),
        ),
    ]
}

fn claim_text(claim: &BuyingRoleClaim) -> String {
    let verified = day(claim.verify_time.as_ref());
    let known = joined([word(claim.evidence().as_str_name()), verified], " ");
    let parts = [
        word(claim.role().as_str_name()),
        labelled("for", &claim.scope),
        format!("({known})"),
    ];
    joined(parts, " ")
}

fn gap_item(gap: &Gap, answer: &pb::DecisionMakers, facts: &Facts, criteria: &Criteria) -> Item {
    let record = gap.records.first().unwrap_or(&answer.customer);
    let text = gap_text(gap, answer, facts, criteria);
    item(Kind::Gap, &text, record, gap.latest_time)
}

fn gap_text(gap: &Gap, answer: &pb::DecisionMakers, facts: &Facts, criteria: &Criteria) -> String {
    let talked = days(criteria.talked_within);
    let verified = days(criteria.verified_within);
    let latest = labelled("the last was", &minute(gap.latest_time.as_ref()));
    match gap.r#type() {
        Type::Unspecified => String::new(),
        Type::NoDecisionMaker => "nobody is known to decide".to_owned(),
        Type::OnlyInferred => "who decides is only inferred: ask".to_owned(),
        Type::NotVerified => {
            let text = format!("who decides was not verified within {verified}");
            joined([text, latest], "; ")
        }
        Type::NoRecentConversation => {
            let whom = if answer.people.is_empty() {
                "anybody there"
            } else {
                "who decides"
            };
            joined(
                [format!("no talk with {whom} within {talked}"), latest],
                "; ",
            )
        }
        Type::SingleThreaded => match gap.records.first() {
            Some(name) => {
                let person = display_name(facts, name);
                format!("within {talked} we talked with {person} alone")
            }
            None => format!("within {talked} we talked with nobody who works there"),
        },
        Type::ChampionLeft => {
            let champions = gap.records.iter().map(|name| display_name(facts, name));
            format!("our champion has left: {}", joined(champions, ", "))
        }
    }
}

/// Returns the display name of the person that a contact or an affiliation names.
fn display_name<'a>(facts: &'a Facts, name: &'a str) -> &'a str {
    facts
        .people
        .iter()
        .find(|(job, contact)| job.name == name || contact.name == name)
        .map_or(name, |(_, contact)| contact.display_name.as_str())
}

/// The roles of a person at their customers; ended affiliations come last.
pub fn employments(person: &ContactFacts, now: Micros) -> Vec<Item> {
    let today = clock::date_of(now);
    let (running, ended): (Vec<_>, Vec<_>) = person
        .jobs
        .iter()
        .partition(|job| in_force::runs(&job.affiliation, &today));
    running
        .into_iter()
        .chain(ended)
        .map(|job| employment(job, &today))
        .collect()
}

fn employment(job: &Employment, today: &str) -> Item {
    let affiliation = &job.affiliation;
    let counts = |claim: &&BuyingRoleClaim| {
        in_force::runs(affiliation, today) && in_force::is_in_force(claim, today)
    };
    let claims = affiliation.buying_roles.iter().filter(counts);
    let what = joined([&affiliation.job_title, &affiliation.department], ", ");
    let dates = [
        labelled("since", &date(affiliation.start_date.as_ref())),
        labelled("until", &date(affiliation.end_date.as_ref())),
    ];
    let parts = [
        joined([job.customer.clone(), what], ": "),
        joined(claims.map(claim_text), ", "),
        joined(dates, " "),
    ];
    item(Kind::Role, &joined(parts, "; "), &affiliation.name, None)
}
