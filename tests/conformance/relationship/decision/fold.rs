//! Who decides, against a fold that this test makes itself: random affiliations and claims with dates, asked about for
//! random times, with random arguments.
//!
//! The fold counts days since 1970 and goes through every claim of the rows, as lists answer them.

use std::collections::BTreeMap;

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::google::r#type::Date;
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence, Seniority};
use clientele::pb::decision_makers::gap::Type;

use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::builders::{affiliation, claim, contact, customer};
use crate::harness::firm::ask;
use crate::harness::keys::by_name;
use crate::harness::standard::{List, Standard};
use crate::series::random::Random;

/// 2026-11-22T00:00:00Z.
const START: Micros = 1_795_305_600 * SECOND;
/// The dates lie so many days around the start.
const SPAN: i64 = 20;

conformance! {
    at START;
    answers_equal_the_fold_1,
    answers_equal_the_fold_2,
    answers_equal_the_fold_3,
}

async fn answers_equal_the_fold_1(h: Harness) {
    compare(h, 0x0dec_0001).await;
}

async fn answers_equal_the_fold_2(h: Harness) {
    compare(h, 0x0dec_0002).await;
}

async fn answers_equal_the_fold_3(h: Harness) {
    compare(h, 0x0dec_0003).await;
}

async fn compare(h: Harness, seed: u64) {
    let mut random = Random::new(seed);
    let (firms, people) = firms_and_people(&h).await;
    for _ in 0..24 {
        employ(&h, &mut random, &firms, &people).await;
    }
    let (jobs, _) = done(
        pb::Affiliation::list(
            &h,
            List {
                page_size: 1000,
                ..Default::default()
            },
        )
        .await,
    );
    let mut n_people = 0;
    for _ in 0..150 {
        let firm = random.one_of(&firms);
        let question = question(&mut random, &firm);
        let fold = Fold {
            jobs: &jobs,
            people: &people,
            firm: &firm.name,
            question: &question,
        };
        let answer = done(ask(&h, question.clone()).await);
        let found: Vec<_> = answer
            .people
            .iter()
            .map(|person| (person.contact.clone(), claims(person)))
            .collect();
        assert_eq!(found, fold.deciders(), "seed {seed:#x}: {question:?}");
        let candidates: Vec<_> = answer
            .candidates
            .iter()
            .map(|person| person.contact.clone())
            .collect();
        assert_eq!(
            candidates,
            fold.candidates(),
            "seed {seed:#x}: {question:?}"
        );
        let gaps: Vec<Type> = answer
            .gaps
            .iter()
            .map(pb::decision_makers::Gap::r#type)
            .collect();
        assert_eq!(gaps, fold.gaps(), "seed {seed:#x}: {question:?}");
        n_people += found.len();
    }
    assert!(
        n_people > 100,
        "seed {seed:#x}: {n_people} people say little"
    );
}

async fn firms_and_people(h: &Harness) -> ([pb::Customer; 2], Vec<pb::Contact>) {
    let firms = [
        h.create(customer("Ferrum")).await,
        h.create(customer("Cuprum")).await,
    ];
    let mut people = Vec::new();
    for name in ["ada", "Bea", "Ciro", "dora", "Ada", "Eve"] {
        people.push(h.create(contact(name)).await);
    }
    (firms, people)
}

/// Lets somebody work somewhere, with some claims; time goes on with each.
async fn employ(h: &Harness, random: &mut Random, firms: &[pb::Customer], people: &[pb::Contact]) {
    let (start_date, end_date) = dates(random);
    let seniority = i32::try_from(random.below(8)).unwrap();
    let tie = affiliation(&random.one_of(people), &random.one_of(firms));
    let job = h
        .create(pb::Affiliation {
            start_date,
            end_date,
            seniority,
            ..tie
        })
        .await;
    for _ in 0..random.below(4) {
        let role = [
            BuyingRole::DecisionMaker,
            BuyingRole::BudgetHolder,
            BuyingRole::Champion,
            BuyingRole::EndUser,
        ];
        let (start_date, end_date) = dates(random);
        let role = pb::AddBuyingRoleRequest {
            evidence: [Evidence::Inferred, Evidence::Stated, Evidence::Confirmed][below(random, 3)]
                .into(),
            scope: ["", "", "Linz", "GRAZ"][below(random, 4)].to_owned(),
            start_date,
            end_date,
            ..claim(&job, role[below(random, 4)])
        };
        h.advance(random.below(3) * SECOND);
        h.add_role(role).await;
    }
    if random.once_in(12) {
        h.delete::<pb::Affiliation>(&job.name).await;
    }
}

fn question(random: &mut Random, firm: &pb::Customer) -> pb::GetDecisionMakersRequest {
    let evaluate_time = START + (random.below(2 * SPAN + 1) - SPAN) * DAY + random.below(DAY);
    let roles = [
        vec![],
        vec![],
        vec![
            BuyingRole::Champion.into(),
            BuyingRole::DecisionMaker.into(),
        ],
    ];
    pb::GetDecisionMakersRequest {
        customer: by_name(&firm.name),
        roles: roles[below(random, 3)].clone(),
        min_evidence: [0, 0, 1, 2, 3][below(random, 5)],
        scope: ["", "", "linz", "Graz"][below(random, 4)].to_owned(),
        evaluate_time: (!random.once_in(5)).then(|| clock::timestamp(evaluate_time)),
        verified_within: random
            .once_in(2)
            .then(|| clock::duration((1 + random.below(SPAN)) * DAY)),
        talked_within: None,
    }
}

fn below(random: &mut Random, n: i64) -> usize {
    usize::try_from(random.below(n)).unwrap()
}

/// A start and an end, either of which may be missing, in order.
fn dates(random: &mut Random) -> (Option<Date>, Option<Date>) {
    let mut day = || START / DAY - SPAN + random.below(2 * SPAN);
    let (one, other) = (day(), day());
    let mut date = |day: i64| {
        (!random.once_in(3))
            .then(|| clock::date_message(&clock::date_of(day * DAY)))
            .flatten()
    };
    (date(one.min(other)), date(one.max(other)))
}

/// The ids of the claims by which a person decides.
fn claims(person: &pb::KeyPerson) -> Vec<String> {
    let claims = person
        .positions
        .iter()
        .flat_map(|position| &position.buying_roles);
    let mut ids: Vec<String> = claims.map(|claim| claim.claim_id.clone()).collect();
    ids.sort();
    ids
}

/// Days since 1970 from a date on, or up to one.
fn day(date: Option<&Date>, open: i64) -> i64 {
    let days = |date: &Date| {
        // A civil date as days, by the length of the months before it in a year that begins in March.
        let (year, month) = if date.month > 2 {
            (date.year, date.month - 3)
        } else {
            (date.year - 1, date.month + 9)
        };
        let (year, month) = (i64::from(year), i64::from(month));
        365 * year + year / 4 - year / 100
            + year / 400
            + (153 * month + 2) / 5
            + i64::from(date.day)
            - 719_469
    };
    date.map_or(open, days)
}

struct Fold<'a> {
    jobs: &'a [pb::Affiliation],
    people: &'a [pb::Contact],
    firm: &'a str,
    question: &'a pb::GetDecisionMakersRequest,
}

impl Fold<'_> {
    fn evaluate_day(&self) -> i64 {
        // The clock went on a little while the rows were written, and not to the next day.
        self.question
            .evaluate_time
            .map_or(START / DAY, |time| time.seconds.div_euclid(86_400))
    }

    fn runs(&self, job: &pb::Affiliation) -> bool {
        let days = day(job.start_date.as_ref(), i64::MIN)..day(job.end_date.as_ref(), i64::MAX);
        job.customer == self.firm && days.contains(&self.evaluate_day())
    }

    fn is_in_force(&self, claim: &BuyingRoleClaim) -> bool {
        let days = day(claim.start_date.as_ref(), i64::MIN)..day(claim.end_date.as_ref(), i64::MAX);
        days.contains(&self.evaluate_day())
    }

    fn is_in_scope(&self, claim: &BuyingRoleClaim) -> bool {
        let scope = &self.question.scope;
        scope.is_empty() || claim.scope.is_empty() || claim.scope.eq_ignore_ascii_case(scope)
    }

    fn counts(&self, claim: &BuyingRoleClaim) -> bool {
        let role = match &self.question.roles[..] {
            [] => [1, 2, 3, 4].contains(&claim.role),
            roles => roles.contains(&claim.role),
        };
        role && claim.evidence >= self.question.min_evidence
            && self.is_in_scope(claim)
            && self.is_in_force(claim)
    }

    /// The claims that count, by person.
    fn counted(&self) -> BTreeMap<&str, Vec<&BuyingRoleClaim>> {
        let mut counted: BTreeMap<&str, Vec<&BuyingRoleClaim>> = BTreeMap::new();
        for job in self.jobs.iter().filter(|job| self.runs(job)) {
            let claims = job.buying_roles.iter().filter(|claim| self.counts(claim));
            counted.entry(&job.contact).or_default().extend(claims);
        }
        counted
    }

    fn name_of(&self, contact: &str) -> String {
        self.people
            .iter()
            .find(|person| person.name == contact)
            .unwrap()
            .display_name
            .to_lowercase()
    }

    fn deciders(&self) -> Vec<(String, Vec<String>)> {
        let counted = self
            .counted()
            .into_iter()
            .filter(|(_, claims)| !claims.is_empty());
        let mut deciders: Vec<_> = counted
            .map(|(contact, claims)| {
                let evidence = claims.iter().map(|claim| claim.evidence).max().unwrap();
                let verified = claims
                    .iter()
                    .filter_map(|claim| claim.verify_time)
                    .map(|time| time.seconds)
                    .max();
                let mut ids: Vec<String> =
                    claims.iter().map(|claim| claim.claim_id.clone()).collect();
                ids.sort();
                (
                    (
                        -evidence,
                        -verified.unwrap_or(0),
                        self.name_of(contact),
                        contact.to_owned(),
                    ),
                    ids,
                )
            })
            .collect();
        deciders.sort();
        deciders
            .into_iter()
            .map(|((.., contact), ids)| (contact, ids))
            .collect()
    }

    fn candidates(&self) -> Vec<String> {
        let counted = self
            .counted()
            .into_iter()
            .filter(|(_, claims)| claims.is_empty());
        let rank = |contact: &str| {
            let jobs = self
                .jobs
                .iter()
                .filter(|job| job.contact == contact && self.runs(job));
            let seniority = jobs.map(|job| {
                if job.seniority() == Seniority::Unspecified {
                    99
                } else {
                    job.seniority
                }
            });
            (seniority.min(), self.name_of(contact), contact.to_owned())
        };
        let mut candidates: Vec<_> = counted.map(|(contact, _)| rank(contact)).collect();
        candidates.sort();
        candidates
            .into_iter()
            .map(|(.., contact)| contact)
            .collect()
    }

    fn gaps(&self) -> Vec<Type> {
        let counted = self.counted();
        let claims: Vec<_> = counted.values().flatten().collect();
        let mut gaps = Vec::new();
        if claims.is_empty() {
            gaps.push(Type::NoDecisionMaker);
        } else {
            if claims
                .iter()
                .all(|claim| claim.evidence() == Evidence::Inferred)
            {
                gaps.push(Type::OnlyInferred);
            }
            let window = self
                .question
                .verified_within
                .map_or(180 * 86_400, |window| window.seconds);
            let is_good = |time: prost_types::Timestamp| match self.question.evaluate_time {
                None => true,
                Some(evaluate_time) => {
                    (time.seconds, time.nanos)
                        >= (evaluate_time.seconds - window, evaluate_time.nanos)
                }
            };
            if !claims
                .iter()
                .filter_map(|claim| claim.verify_time)
                .any(is_good)
            {
                gaps.push(Type::NotVerified);
            }
        }
        gaps.extend([Type::NoRecentConversation, Type::SingleThreaded]);
        if self.has_lost_champion() {
            gaps.push(Type::ChampionLeft);
        }
        gaps
    }

    fn has_lost_champion(&self) -> bool {
        let is_champion = |claim: &&BuyingRoleClaim| {
            claim.role() == BuyingRole::Champion && self.is_in_scope(claim)
        };
        let here = || self.jobs.iter().filter(|job| job.customer == self.firm);
        let mut there = here()
            .filter(|job| self.runs(job))
            .flat_map(|job| job.buying_roles.iter().filter(is_champion));
        if there.any(|claim| self.is_in_force(claim)) {
            return false;
        }
        here().any(|job| {
            let end = day(job.end_date.as_ref(), i64::MAX);
            let ran = day(job.start_date.as_ref(), i64::MIN) < end;
            // In force on the last day of the job.
            let last = |claim: &BuyingRoleClaim| {
                (day(claim.start_date.as_ref(), i64::MIN)..day(claim.end_date.as_ref(), i64::MAX))
                    .contains(&(end - 1))
            };
            ran && end <= self.evaluate_day()
                && job.buying_roles.iter().filter(is_champion).any(last)
        })
    }
}
