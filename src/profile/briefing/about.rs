//! What a briefing tells of the subject itself: who must not be contacted, who they are, who decides, what they belong
//! to.

use std::collections::BTreeSet;

use crate::clock::{self, Micros};
use crate::membership::memberships::Memberships;
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::pb::briefing::{Item, Kind};
use crate::pb::contact_permission::Status;
use crate::pb::customer::Audience;
use crate::pb::decision_makers::Gap;
use crate::pb::decision_makers::gap::Type;
use crate::profile::briefing::text::{
    channel, date, day, days, item, joined, labelled, minute, reached, word,
};
use crate::profile::briefing::{ContactFacts, Sources};
use crate::profile::decision::{self, Question};
use crate::profile::permission;
use crate::store::read::briefing::Employment;
use crate::store::read::facts::Facts;
use crate::store::record::in_force;

/// The most candidates that a briefing names.
const MAX_CANDIDATES: usize = 5;

/// Who refuses to be contacted at a customer: the customer as a whole, then the people whose affiliation runs.
pub fn refusals_at(facts: &Facts, now: Micros) -> Vec<Item> {
    let customer = &facts.customer;
    let mut items = refusals_of_whole(
        &customer.display_name,
        &customer.name,
        &customer.contact_permissions,
        now,
    );
    let (today, mut seen) = (clock::date_of(now), BTreeSet::new());
    for (affiliation, contact) in &facts.people {
        if in_force::runs(affiliation, &today) && seen.insert(&contact.name) {
            items.extend(refusals(
                &contact.display_name,
                &contact.name,
                &contact.contact_permissions,
                now,
            ));
        }
    }
    items
}

/// What a person refuses, and the customers as a whole at which an affiliation runs: their refusals hold for their
/// people.
pub fn refusals_of(person: &ContactFacts, now: Micros) -> Vec<Item> {
    let contact = &person.contact;
    let mut items = refusals(
        &contact.display_name,
        &contact.name,
        &contact.contact_permissions,
        now,
    );
    let (today, mut seen) = (clock::date_of(now), BTreeSet::new());
    for Employment {
        affiliation,
        customer,
        contact_permissions,
    } in &person.jobs
    {
        if in_force::runs(affiliation, &today) && seen.insert(&affiliation.customer) {
            items.extend(refusals_of_whole(
                customer,
                &affiliation.customer,
                contact_permissions,
                now,
            ));
        }
    }
    items
}

fn refusals_of_whole(
    customer: &str,
    record: &str,
    permissions: &[pb::ContactPermission],
    now: Micros,
) -> Vec<Item> {
    refusals(&format!("{customer} as a whole"), record, permissions, now)
}

fn refusals(
    who: &str,
    record: &str,
    permissions: &[pb::ContactPermission],
    now: Micros,
) -> Vec<Item> {
    let refused =
        |of: &&pb::ContactPermission| of.status() == Status::Refused && permission::holds(of, now);
    let line = |of: &pb::ContactPermission| {
        let means = channel(of.channel);
        let means = if means.is_empty() {
            "every contact".to_owned()
        } else {
            format!("contact by {means}")
        };
        let (purpose, until) = (
            labelled("for", &of.purpose),
            labelled("until", &day(of.expire_time.as_ref())),
        );
        let source = labelled("source:", &of.source);
        let text = joined([format!("{who} refuses {means}"), purpose, until], " ");
        item(
            Kind::Refusal,
            &joined([text, source], "; "),
            record,
            of.time,
        )
    };
    permissions.iter().filter(refused).map(line).collect()
}

/// Who a customer is.
pub fn customer(facts: &Facts, sources: &Sources, now: Micros) -> Vec<Item> {
    let customer = &facts.customer;
    let business = customer.business.clone().unwrap_or_default();
    let audience = if customer.audience() == Audience::External {
        ""
    } else {
        customer.audience().as_str_name()
    };
    let state = [
        word(customer.lifecycle().as_str_name()),
        word(audience),
        word(customer.kind().as_str_name()),
    ];
    let legal = if business.legal_name == customer.display_name {
        ""
    } else {
        business.legal_name.as_str()
    };
    let employees = business
        .employee_count
        .map(|count| format!("{count} employees"))
        .unwrap_or_default();
    let individual = customer.individual.clone().unwrap_or_default();
    let gone = if customer.delete_time.is_some() {
        "deleted"
    } else {
        ""
    };
    let first = [
        customer.display_name.clone(),
        gone.to_owned(),
        legal.to_owned(),
        joined(state, " "),
        individual.occupation,
        joined([business.industry, business.sub_industry], ", "),
        employees,
        place(&customer.addresses),
    ];
    let due = customer.follow_up_due_time.as_ref();
    let is_overdue = due.and_then(clock::micros).is_some_and(|due| due < now);
    let second = [
        labelled(
            "customer since",
            &day(customer.customer_since_time.as_ref()),
        ),
        customer.spend.as_ref().map_or_else(String::new, |spend| {
            format!("pays {} {} a year", spend.units, spend.currency_code)
        }),
        labelled("ours:", &sources.called(&customer.owner)),
        labelled(
            if is_overdue {
                "follow-up was due"
            } else {
                "follow-up due"
            },
            &day(due),
        ),
    ];
    let engagement = customer.engagement.clone().unwrap_or_default();
    let lines = [
        joined(first, "; "),
        joined(second, "; "),
        labelled("needs:", &joined(&customer.needs, "; ")),
        labelled("wants:", &engagement.intent),
        customer.about.clone(),
        labelled(
            "reached at",
            &reached(&customer.emails, &customer.phone_numbers),
        ),
    ];
    facts_of(&customer.name, lines)
}

/// Who a person is.
pub fn contact(person: &ContactFacts, sources: &Sources) -> Vec<Item> {
    let contact = &person.contact;
    let gone = if contact.delete_time.is_some() {
        "deleted"
    } else {
        ""
    };
    let first = [
        contact.display_name.clone(),
        gone.to_owned(),
        contact.occupation.clone(),
        place(&contact.addresses),
        labelled("prefers", &channel(contact.preferred_channel)),
        labelled("language", &contact.language_code),
        labelled("clock of", &contact.time_zone),
        labelled("ours:", &sources.called(&contact.owner)),
    ];
    let lines = [
        joined(first, "; "),
        labelled(
            "reached at",
            &reached(&contact.emails, &contact.phone_numbers),
        ),
        contact.about.clone(),
        labelled("likes:", &joined(&contact.likes, "; ")),
        labelled("dislikes:", &joined(&contact.dislikes, "; ")),
    ];
    facts_of(&contact.name, lines)
}

fn facts_of(record: &str, lines: impl IntoIterator<Item = String>) -> Vec<Item> {
    let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| item(Kind::Fact, &line, record, None))
        .collect()
}

fn place(addresses: &[pb::Address]) -> String {
    let address = addresses
        .first()
        .and_then(|address| address.postal_address.as_ref());
    address
        .map(|at| joined([&at.locality, &at.region_code], ", "))
        .unwrap_or_default()
}

/// Who decides at a customer, what is not known of that, and who might where nobody does.
pub fn deciders(facts: &Facts, question: &Question, now: Micros) -> Vec<Item> {
    let answer = decision::answer(facts, question, now);
    let mut items: Vec<Item> = answer
        .people
        .iter()
        .map(|person| key_person(Kind::Role, person))
        .collect();
    items.extend(
        answer
            .gaps
            .iter()
            .map(|gap| gap_line(gap, &answer, facts, question)),
    );
    if answer.people.is_empty() {
        let candidates = answer.candidates.iter().take(MAX_CANDIDATES);
        items.extend(candidates.map(|person| key_person(Kind::Candidate, person)));
    }
    items
}

fn key_person(kind: Kind, person: &pb::KeyPerson) -> Item {
    let position = person.positions.first();
    let record = match position {
        Some(position) => &position.affiliation,
        None if person.contact.is_empty() => &person.customer,
        None => &person.contact,
    };
    let claims = person
        .positions
        .iter()
        .flat_map(|position| position.claims.iter().chain(&position.other_claims));
    let roles = joined(claims.map(claim), ", ");
    let decides = if person.contact.is_empty() {
        "decides alone"
    } else {
        ""
    };
    let title = position
        .map(|position| position.job_title.clone())
        .unwrap_or_default();
    let who = joined([person.display_name.clone(), title], ", ");
    let last = person.last_conversation.as_ref();
    let rest = [
        if person.do_not_contact {
            "do not contact".to_owned()
        } else {
            String::new()
        },
        reached(&person.emails, &person.phone_numbers),
        labelled("prefers", &channel(person.preferred_channel)),
        labelled(
            "last talk",
            &day(last.and_then(|last| last.start_time.as_ref())),
        ),
    ];
    let what = joined([decides, roles.as_str()], ", ");
    let might = if kind == Kind::Candidate {
        "might decide"
    } else {
        ""
    };
    let text = joined(
        [
            joined([who, joined([might, what.as_str()], "; ")], ": "),
            joined(rest, "; "),
        ],
        "; ",
    );
    item(kind, &text, record, person.verify_time)
}

fn claim(claim: &BuyingRoleClaim) -> String {
    let verified = day(claim.verify_time.as_ref());
    let known = joined([word(claim.evidence().as_str_name()), verified], " ");
    joined(
        [
            word(claim.role().as_str_name()),
            labelled("for", &claim.scope),
            format!("({known})"),
        ],
        " ",
    )
}

fn gap_line(gap: &Gap, answer: &pb::DecisionMakers, facts: &Facts, question: &Question) -> Item {
    let record = gap.resources.first().unwrap_or(&answer.customer);
    let called = |name: &String| {
        let people = facts.people.iter();
        let mut of = people.filter(|(job, contact)| job.name == *name || contact.name == *name);
        of.next()
            .map_or_else(|| name.clone(), |(_, contact)| contact.display_name.clone())
    };
    let (talked, verified) = (days(question.talked_within), days(question.verified_within));
    let latest = labelled("the last was", &minute(gap.latest_time.as_ref()));
    let text = match gap.r#type() {
        Type::Unspecified => String::new(),
        Type::NoDecisionMaker => "nobody is known to decide".to_owned(),
        Type::OnlyInferred => "who decides is only inferred: ask".to_owned(),
        Type::NotVerified => joined(
            [
                format!("who decides was not verified within {verified}"),
                latest,
            ],
            "; ",
        ),
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
        Type::SingleThreaded => match gap.resources.first() {
            Some(name) => format!("within {talked} we talked with {} alone", called(name)),
            None => format!("within {talked} we talked with nobody who works there"),
        },
        Type::ChampionLeft => {
            format!(
                "our champion has left: {}",
                joined(gap.resources.iter().map(called), ", ")
            )
        }
    };
    item(Kind::Gap, &text, record, gap.latest_time)
}

/// What a person does where, and the parts they play there; affiliations that have ended come last.
pub fn jobs(person: &ContactFacts, now: Micros) -> Vec<Item> {
    let today = clock::date_of(now);
    let (running, others): (Vec<_>, Vec<_>) = person
        .jobs
        .iter()
        .partition(|job| in_force::runs(&job.affiliation, &today));
    let line = |Employment {
                    affiliation: job,
                    customer,
                    ..
                }: &Employment| {
        let counts = |of: &&BuyingRoleClaim| {
            in_force::runs(job, &today) && in_force::is_in_force(of, &today)
        };
        let roles = joined(job.buying_roles.iter().filter(counts).map(claim), ", ");
        let what = joined([&job.job_title, &job.department], ", ");
        let dates = [
            labelled("since", &date(job.start_date.as_ref())),
            labelled("until", &date(job.end_date.as_ref())),
        ];
        let text = joined(
            [
                joined([customer.clone(), what], ": "),
                roles,
                joined(dates, " "),
            ],
            "; ",
        );
        item(Kind::Role, &text, &job.name, None)
    };
    running.into_iter().chain(others).map(line).collect()
}

/// Whom they are like, and the segments they are in.
pub fn memberships(memberships: &Memberships) -> Vec<Item> {
    let personas = memberships.personas.iter().map(|persona| {
        let text = joined(
            [
                format!("like {}", persona.display_name),
                persona.headline.clone(),
            ],
            ": ",
        );
        item(Kind::Persona, &text, &persona.name, None)
    });
    let segments = memberships.segments.iter().map(|segment| {
        let text = format!("in the segment {}", segment.display_name);
        item(Kind::Segment, &text, &segment.name, None)
    });
    personas.chain(segments).collect()
}
