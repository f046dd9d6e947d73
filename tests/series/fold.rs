//! What the derived values have to be, by definition: folds over the rows as lists answer them, deleted ones included.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use clientele::clock::{Micros, date_text, micros, timestamp};
use clientele::google::r#type::Date;
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::conversation::State;
use clientele::pb::customer::{Frequency, Kind, Size};
use clientele::pb::note::Visibility;
use clientele::store::record::in_force;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::global;
use prost_types::Timestamp;

use crate::conformance::relationship::profile::profile;
use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::paging::all_pages;
use crate::harness::standard::{List, Standard};

/// Asserts that every derived value of every customer and contact equals the fold.
pub async fn check(h: &Harness, seed: u64) {
    let rows = Rows::read(h).await;
    for customer in &rows.customers {
        let mut expected = customer.clone();
        rows.derive(&mut expected, &h.today());
        assert_eq!(customer, &expected, "seed {seed:#x}");
        rows.check_in_memory(customer, &h.today());
        if customer.delete_time.is_none() {
            let used = profile(h, &customer.name).await.used_channels;
            assert_eq!(used, rows.used_channels(&customer.name), "seed {seed:#x}");
        }
    }
    for contact in &rows.contacts {
        let last = rows.last(|talk| talk.contacts.contains(&contact.name));
        assert_eq!(
            contact.last_conversation, last,
            "seed {seed:#x}: {}",
            contact.name
        );
    }
    rows.check_parents();
    rows.check_contact_rows(h, seed).await;
}

/// Asserts that the revisions of the changes go from 1 to the present one without a gap.
pub async fn check_revisions(h: &Harness) {
    let numbers: BTreeSet<i64> = h
        .changes_after(0)
        .await
        .into_iter()
        .map(|change| change.revision)
        .collect();
    assert!(numbers.into_iter().eq(1..=h.revision().await));
}

struct Rows {
    customers: Vec<pb::Customer>,
    contacts: Vec<pb::Contact>,
    affiliations: Vec<pb::Affiliation>,
    conversations: Vec<pb::Conversation>,
}

impl Rows {
    async fn read(h: &Harness) -> Rows {
        Rows {
            customers: all(h).await,
            contacts: all(h).await,
            affiliations: all(h).await,
            conversations: all(h).await,
        }
    }

    fn derive(&self, customer: &mut pb::Customer, today: &str) {
        customer.last_conversation = self.last(|talk| talk.customer == customer.name);
        let since = customer
            .last_conversation
            .as_ref()
            .and_then(|last| last.start_time)
            .or(customer.create_time);
        let since = micros(&since.unwrap()).unwrap();
        let interval = customer
            .follow_up_interval
            .as_ref()
            .and_then(clientele::clock::span);
        customer.follow_up_due_time = interval.map(|interval: Micros| timestamp(since + interval));
        let running = || {
            self.affiliations
                .iter()
                .filter(|job| job.customer == customer.name && runs(job, today))
        };
        let people: BTreeSet<&String> = running().map(|job| &job.contact).collect();
        let deciders: BTreeSet<&String> = running()
            .filter(|job| decides(job, today))
            .map(|job| &job.contact)
            .collect();
        customer.contact_count = i32::try_from(people.len()).unwrap();
        let by_itself = i32::from(customer.kind() == Kind::Individual);
        customer.decision_maker_count = i32::try_from(deciders.len()).unwrap() + by_itself;
        customer.size = size(
            customer
                .business
                .as_ref()
                .and_then(|business| business.employee_count),
        )
        .into();
        let used = self.used_channels(&customer.name);
        let first = used.iter().filter_map(|used| used.first_conversation_time);
        customer.first_conversation_time = first.min_by_key(micros);
        customer.conversation_count = used.iter().map(|used| used.conversation_count).sum();
        let visits = customer
            .engagement
            .as_ref()
            .and_then(|visits| visits.visit_count);
        customer.frequency = frequency(visits.unwrap_or(customer.conversation_count)).into();
    }

    /// What the store counts in SQL is what its rules count over messages.
    fn check_in_memory(&self, customer: &pb::Customer, day: &str) {
        let jobs = self
            .affiliations
            .iter()
            .filter(|job| job.customer == customer.name);
        let jobs: Vec<pb::Affiliation> = jobs.cloned().collect();
        let counts = [customer.contact_count, customer.decision_maker_count]
            .map(|count| usize::try_from(count).unwrap());
        let deciders = in_force::decision_maker_count(customer.kind(), &jobs, day);
        assert_eq!(
            counts,
            [in_force::contact_count(&jobs, day), deciders],
            "{}",
            customer.name
        );
        let visits = customer
            .engagement
            .as_ref()
            .and_then(|visits| visits.visit_count);
        assert_eq!(
            customer.frequency(),
            in_force::frequency(visits, customer.conversation_count),
            "{}",
            customer.name
        );
    }

    /// The channels by which a customer was talked with, in the order of a profile.
    fn used_channels(&self, customer: &str) -> Vec<pb::ChannelUse> {
        let mut used: BTreeMap<&str, pb::ChannelUse> = BTreeMap::new();
        let talks = self.conversations.iter().filter(|talk| counts(talk));
        for talk in talks.filter(|talk| talk.customer == customer) {
            let used = used.entry(talk.channel().as_str_name()).or_default();
            let (first, last) = (used.first_conversation_time, used.last_conversation_time);
            let place = |time: &Timestamp| micros(time);
            used.channel = talk.channel;
            used.conversation_count += 1;
            used.first_conversation_time =
                first.into_iter().chain(talk.start_time).min_by_key(place);
            used.last_conversation_time = last.into_iter().chain(talk.start_time).max_by_key(place);
        }
        let mut used: Vec<_> = used.into_iter().collect();
        used.sort_by_key(|(name, used)| {
            let last = used.last_conversation_time.as_ref().and_then(micros);
            (Reverse(used.conversation_count), Reverse(last), *name)
        });
        used.into_iter().map(|(_, used)| used).collect()
    }

    fn last(&self, concerns: impl Fn(&pb::Conversation) -> bool) -> Option<pb::LastConversation> {
        let counts = |talk: &&pb::Conversation| counts(talk) && concerns(talk);
        let place =
            |talk: &&pb::Conversation| (micros(&talk.start_time.unwrap()), talk.name.clone());
        self.conversations
            .iter()
            .filter(counts)
            .max_by_key(place)
            .map(|talk| pb::LastConversation {
                conversation: talk.name.clone(),
                start_time: talk.start_time,
                channel: talk.channel,
                direction: talk.direction,
                subject: talk.subject.clone(),
                summary: talk.summary.clone(),
                contacts: talk.contacts.clone(),
                colleagues: talk.colleagues.clone(),
            })
    }

    /// The table of the conversations of contacts holds those that count, and no other.
    async fn check_contact_rows(&self, h: &Harness, seed: u64) {
        let kept = global!(
            "select contact, conversation, start_time from contact_conversations
             where tenant_id = 'default' order by contact, conversation",
        );
        let kept = kept.rows(
            ["contact", "conversation", "start_time"],
            |row, [contact, talk, time]| Ok((row.text(contact)?, row.text(talk)?, row.int(time)?)),
        );
        let kept = h.db().fetch(&TenantScope::local(), kept).await.unwrap();
        let of_talk = |talk: &pb::Conversation| {
            let time = micros(&talk.start_time.unwrap()).unwrap();
            let row = |contact: &String| (contact.clone(), talk.name.clone(), time);
            talk.contacts.iter().map(row).collect::<Vec<_>>()
        };
        let talks = self.conversations.iter().filter(|talk| counts(talk));
        let expected: BTreeSet<_> = talks.flat_map(of_talk).collect();
        assert!(kept.into_iter().eq(expected), "seed {seed:#x}");
    }

    /// No child lives without its parents.
    fn check_parents(&self) {
        let live = |name: &str| {
            let is_customer = self
                .customers
                .iter()
                .any(|other| other.name == name && other.delete_time.is_none());
            is_customer
                || self
                    .contacts
                    .iter()
                    .any(|other| other.name == name && other.delete_time.is_none())
        };
        let talks = self
            .conversations
            .iter()
            .filter(|talk| talk.delete_time.is_none());
        assert!(talks.map(|talk| &talk.customer).all(|name| live(name)));
        let jobs = self
            .affiliations
            .iter()
            .filter(|job| job.delete_time.is_none());
        assert!(
            jobs.flat_map(|job| [&job.customer, &job.contact])
                .all(|name| live(name))
        );
    }
}

/// Says whether a conversation can be the last one.
fn counts(talk: &pb::Conversation) -> bool {
    talk.state() == State::Held
        && !talk.broadcast
        && talk.visibility() == Visibility::Everyone
        && talk.delete_time.is_none()
}

async fn all<R: Standard>(h: &Harness) -> Vec<R> {
    all_pages(async |page_token| {
        let list = List {
            show_deleted: true,
            page_size: 1000,
            page_token,
            ..Default::default()
        };
        done(R::list(h, list).await)
    })
    .await
}

/// Says whether a span of dates, start inclusive and end exclusive, holds a day.
fn holds(start: Option<&Date>, end: Option<&Date>, today: &str) -> bool {
    let text = |date: Option<&Date>| date.map(|date| date_text(date).unwrap());
    text(start).is_none_or(|start| start.as_str() <= today)
        && text(end).is_none_or(|end| end.as_str() > today)
}

fn runs(job: &pb::Affiliation, today: &str) -> bool {
    job.delete_time.is_none() && holds(job.start_date.as_ref(), job.end_date.as_ref(), today)
}

fn decides(job: &pb::Affiliation, today: &str) -> bool {
    let deciding = [
        BuyingRole::DecisionMaker,
        BuyingRole::EconomicBuyer,
        BuyingRole::BudgetHolder,
        BuyingRole::ExecutiveSponsor,
    ];
    job.buying_roles.iter().any(|claim| {
        deciding.contains(&claim.role())
            && holds(claim.start_date.as_ref(), claim.end_date.as_ref(), today)
    })
}

fn size(people: Option<i32>) -> Size {
    match people.unwrap_or(0) {
        1 => Size::Solo,
        2..=49 => Size::Small,
        50..=249 => Size::Medium,
        250..=4999 => Size::Large,
        5000.. => Size::Enterprise,
        _ => Size::Unspecified,
    }
}

fn frequency(times: i32) -> Frequency {
    match times {
        1 => Frequency::FirstTime,
        2..=11 => Frequency::Occasional,
        12.. => Frequency::Frequent,
        _ => Frequency::Unspecified,
    }
}
