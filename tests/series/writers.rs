//! A series of random changes by several writers, who work on the same few records.

use std::sync::{Arc, Mutex};

use clientele::clock::{DAY, SECOND, timestamp};
use clientele::google::r#type::Date;
use clientele::name::Kind;
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::conversation::{Channel, State};
use clientele::pb::customer::{Business, Engagement};
use clientele::pb::note::Visibility;
use prost_types::{Duration, Timestamp};

use super::START;
use super::random::Random;
use crate::harness::Harness;
use crate::harness::answer::{Answer, refused};
use crate::harness::builders::{claim, contact, customer};
use crate::harness::standard::{Create, Delete, Standard, Undelete};

/// Refusals that a writer meets who does not know what the others do.
const EXPECTED: [&str; 9] = [
    "RESOURCE_NOT_FOUND",
    "RESOURCE_EXISTS",
    "RESOURCE_DELETED",
    "RESOURCE_NOT_DELETED",
    "REFERENCE_UNUSABLE",
    "PARENT_DELETED",
    "FIELD_INVALID",
    "CLAIM_NOT_FOUND",
    "CONCURRENT_WRITE",
];

/// The names that the writers know.
pub struct World {
    customers: Vec<String>,
    contacts: Vec<String>,
    conversations: Mutex<Vec<String>>,
    affiliations: Mutex<Vec<String>>,
}

impl World {
    pub async fn new(h: &Harness, n_customers: usize, n_contacts: usize) -> Arc<World> {
        let (mut customers, mut contacts) = (Vec::new(), Vec::new());
        for i in 0..n_customers {
            customers.push(h.create(customer(&format!("customer {i}"))).await.name);
        }
        for i in 0..n_contacts {
            contacts.push(h.create(contact(&format!("contact {i}"))).await.name);
        }
        let (conversations, affiliations) = Default::default();
        Arc::new(World {
            customers,
            contacts,
            conversations,
            affiliations,
        })
    }
}

/// Which changes writers make.
#[derive(Clone, Copy)]
pub enum Changes {
    /// All.
    All,
    /// Those that concern several records: parents that go and come with their children, and children that are made or
    /// change hands.
    OfFamilies,
}

/// Lets each of several writers make a number of changes, all at the same time. Returns how many were not refused.
pub async fn run(
    h: &Harness,
    world: &Arc<World>,
    seed: u64,
    n_writers: u64,
    n_changes: usize,
    of: Changes,
) -> usize {
    let writers = (0..n_writers).map(|i| {
        let random = Random::new(seed.wrapping_mul(0x1_0001).wrapping_add(i));
        let mut writer = Writer {
            h: h.clone(),
            world: Arc::clone(world),
            random,
            n_done: 0,
        };
        tokio::spawn(async move {
            for _ in 0..n_changes {
                writer.change(of).await;
            }
            writer.n_done
        })
    });
    let mut n_done = 0;
    for writer in futures_util::future::join_all(writers).await {
        n_done += writer.unwrap();
    }
    n_done
}

struct Writer {
    h: Harness,
    world: Arc<World>,
    random: Random,
    n_done: usize,
}

impl Writer {
    async fn change(&mut self, of: Changes) {
        let all = match of {
            Changes::All => self.random.below(20),
            Changes::OfFamilies => self.random.one_of(&[5, 10, 12, 13, 18, 19]),
        };
        match all {
            0..6 => self.create_conversation().await,
            6..11 => self.edit_conversation().await,
            11..13 => self.toggle_conversation().await,
            13 => self.create_affiliation().await,
            14 => self.edit_affiliation().await,
            15 | 16 => self.claim().await,
            17 => self.edit_customer().await,
            18 => self.toggle_customer().await,
            _ => self.toggle_contact().await,
        }
    }

    /// Notes how a change ended; `None` when it was refused in a way that was to be expected.
    #[track_caller]
    fn ended<T>(&mut self, answer: Answer<T>) -> Option<T> {
        if answer.is_ok() {
            self.n_done += 1;
            return answer.ok().map(tonic::Response::into_inner);
        }
        let refusal = refused(answer);
        let reason = refusal.reason.as_str();
        let is_known = EXPECTED.contains(&reason)
            || reason.ends_with("_NOT_FOUND")
            || reason.ends_with("_EXISTS");
        assert!(is_known, "{refusal:?}");
        None
    }

    /// One of a few times, so that many are equal.
    fn past(&mut self) -> Option<Timestamp> {
        Some(timestamp(START - self.random.below(12) * SECOND))
    }

    /// A day around today, or none.
    fn day(&mut self) -> Option<Date> {
        let text = clientele::clock::date_of(START + (self.random.below(9) - 4) * DAY);
        if self.random.once_in(3) {
            None
        } else {
            clientele::clock::date_message(&text)
        }
    }

    fn random_conversation(&mut self) -> pb::Conversation {
        let states = [
            State::Held,
            State::Held,
            State::Held,
            State::Planned,
            State::Unanswered,
        ];
        let visibility = if self.random.once_in(6) {
            Visibility::Private
        } else {
            Visibility::Everyone
        };
        pb::Conversation {
            customer: self.random.one_of(&self.world.customers),
            contacts: self.random.some_of(&self.world.contacts),
            state: states[usize::try_from(self.random.below(5)).unwrap()].into(),
            broadcast: self.random.once_in(8),
            start_time: self.past(),
            channel: self
                .random
                .one_of(&[Channel::Phone, Channel::Email, Channel::Chat])
                .into(),
            summary: format!("summary {}", self.random.below(1000)),
            visibility: visibility.into(),
            ..Default::default()
        }
    }

    async fn create_conversation(&mut self) {
        let resource = Some(self.random_conversation());
        // Some names are of the server's making and some, greater ones, are not; those are few and so clash at times.
        let id = if self.random.once_in(3) {
            format!("c{}", self.random.below(200))
        } else {
            String::new()
        };
        let answer = pb::Conversation::create(
            &self.h,
            Create {
                resource,
                id,
                ..Default::default()
            },
        )
        .await;
        if let Some(made) = self.ended(answer) {
            self.world.conversations.lock().unwrap().push(made.name);
        }
    }

    fn some_conversation(&mut self) -> String {
        let known = self.world.conversations.lock().unwrap().clone();
        if known.is_empty() {
            pb::Conversation::unknown()
        } else {
            self.random.one_of(&known)
        }
    }

    async fn edit_conversation(&mut self) {
        let input = pb::Conversation {
            name: self.some_conversation(),
            ..self.random_conversation()
        };
        let all = [
            "customer",
            "contacts",
            "state",
            "broadcast",
            "start_time",
            "visibility",
            "channel",
            "summary",
        ];
        let mut paths = vec![all[usize::try_from(self.random.below(8)).unwrap()]];
        if self.random.once_in(3) {
            paths = vec!["*"];
        }
        let answer = self.h.try_update(input, &paths).await;
        self.ended(answer);
    }

    async fn toggle_conversation(&mut self) {
        let name = self.some_conversation();
        self.toggle::<pb::Conversation>(name).await;
    }

    async fn toggle_customer(&mut self) {
        let name = self.random.one_of(&self.world.customers);
        self.toggle::<pb::Customer>(name).await;
    }

    async fn toggle_contact(&mut self) {
        let name = self.random.one_of(&self.world.contacts);
        self.toggle::<pb::Contact>(name).await;
    }

    /// Deletes a record, or brings it back if it is deleted.
    async fn toggle<R: Standard>(&mut self, name: String) {
        let delete = Delete {
            name: name.clone(),
            force: true,
            ..Default::default()
        };
        let answer = R::delete(&self.h, delete).await;
        let is_deleted = answer.is_err();
        self.ended(answer);
        // Customers and contacts do not stay away for long, or little else would succeed.
        if is_deleted || matches!(R::KIND, Kind::Customer | Kind::Contact) {
            let answer = R::undelete(
                &self.h,
                Undelete {
                    name,
                    ..Default::default()
                },
            )
            .await;
            self.ended(answer);
        }
    }

    async fn create_affiliation(&mut self) {
        let resource = pb::Affiliation {
            customer: self.random.one_of(&self.world.customers),
            contact: self.random.one_of(&self.world.contacts),
            start_date: self.day(),
            ..Default::default()
        };
        let create = Create {
            resource: Some(resource),
            ..Default::default()
        };
        let answer = pb::Affiliation::create(&self.h, create).await;
        if let Some(made) = self.ended(answer) {
            self.world.affiliations.lock().unwrap().push(made.name);
        }
    }

    fn some_affiliation(&mut self) -> String {
        let known = self.world.affiliations.lock().unwrap().clone();
        if known.is_empty() {
            pb::Affiliation::unknown()
        } else {
            self.random.one_of(&known)
        }
    }

    async fn edit_affiliation(&mut self) {
        let name = self.some_affiliation();
        if self.random.once_in(4) {
            return self.toggle::<pb::Affiliation>(name).await;
        }
        let input = pb::Affiliation {
            name,
            end_date: self.day(),
            ..Default::default()
        };
        let answer = self.h.try_update(input, &["end_date"]).await;
        self.ended(answer);
    }

    async fn claim(&mut self) {
        let affiliation = pb::Affiliation {
            name: self.some_affiliation(),
            ..Default::default()
        };
        let roles = [
            BuyingRole::DecisionMaker,
            BuyingRole::BudgetHolder,
            BuyingRole::Champion,
        ];
        let role = roles[usize::try_from(self.random.below(3)).unwrap()];
        let (start_date, end_date) = (self.day(), self.day());
        let request = pb::AddBuyingRoleRequest {
            start_date,
            end_date,
            ..claim(&affiliation, role)
        };
        let answer = self.h.try_add_role(request).await;
        let Some(mut affiliation) = self.ended(answer) else {
            return;
        };
        if self.random.once_in(3) {
            let claim_id = affiliation.buying_roles.pop().unwrap().claim_id;
            let end = pb::EndBuyingRoleRequest {
                affiliation: affiliation.name,
                claim_id,
                ..Default::default()
            };
            let answer = self.h.affiliations.clone().end_buying_role(end).await;
            self.ended(answer);
        }
    }

    async fn edit_customer(&mut self) {
        let kinds = [pb::customer::Kind::Business, pb::customer::Kind::Individual];
        let count = |number: i64| Some(i32::try_from(number).unwrap());
        let people = [0, 1, 2, 49, 50, 249, 250, 4999, 5000];
        let visits = [0, 1, 2, 11, 12];
        let input = pb::Customer {
            name: self.random.one_of(&self.world.customers),
            kind: kinds[usize::try_from(self.random.below(2)).unwrap()].into(),
            business: Some(Business {
                employee_count: count(self.random.one_of(&people)),
                ..Default::default()
            }),
            engagement: Some(Engagement {
                visit_count: count(self.random.one_of(&visits)),
                ..Default::default()
            }),
            follow_up_interval: Some(Duration {
                seconds: 1 + self.random.below(100),
                nanos: 0,
            }),
            ..Default::default()
        };
        let all = [
            "kind",
            "business.employee_count",
            "engagement.visit_count",
            "follow_up_interval",
        ];
        let answer = self.h.try_update(input, &self.random.some_of(&all)).await;
        self.ended(answer);
    }
}
