//! Input for the six resources around customers, contacts and affiliations, as `builders` has it for those three.

use clientele::pb;
use clientele::pb::conversation::{Channel, Direction, State};
use clientele::pb::note::{Attachment, Visibility};
use clientele::pb::persona::{Demographics, RecordKind, Statement};
use clientele::pb::promise::Side;
use clientele::pb::segment::{Definition, MemberList};
use prost_types::{Duration, Timestamp};

use super::Harness;
use super::builders::{customer, external_id, map, texts, time};

/// A colleague of this name.
pub fn colleague(display_name: &str) -> pb::Colleague {
    pb::Colleague {
        display_name: display_name.to_owned(),
        ..Default::default()
    }
}

/// A conversation that was held with a customer at a time in seconds since 1970.
pub fn conversation(customer: &pb::Customer, seconds: i64) -> pb::Conversation {
    pb::Conversation {
        customer: customer.name.clone(),
        state: State::Held.into(),
        start_time: time(seconds),
        ..Default::default()
    }
}

/// What we owe a customer.
pub fn promise(customer: &pb::Customer, text: &str) -> pb::Promise {
    pb::Promise {
        customer: customer.name.clone(),
        text: text.to_owned(),
        side: Side::Company.into(),
        ..Default::default()
    }
}

/// A note about one record.
pub fn note(record: &str, body: &str) -> pb::Note {
    pb::Note {
        records: texts(&[record]),
        body: body.to_owned(),
        ..Default::default()
    }
}

/// A typical customer.
pub fn persona(display_name: &str) -> pb::Persona {
    pb::Persona {
        display_name: display_name.to_owned(),
        record_kind: RecordKind::Customer.into(),
        ..Default::default()
    }
}

/// A segment by filter.
pub fn segment(display_name: &str, filter: &str) -> pb::Segment {
    let definition = Some(Definition::Filter(filter.to_owned()));
    pb::Segment {
        display_name: display_name.to_owned(),
        definition,
        ..Default::default()
    }
}

/// A segment by list.
pub fn listed(display_name: &str, customers: &[&pb::Customer]) -> pb::Segment {
    let customers = customers
        .iter()
        .map(|customer| customer.name.clone())
        .collect();
    let definition = Some(Definition::Members(MemberList { customers }));
    pb::Segment {
        display_name: display_name.to_owned(),
        definition,
        ..Default::default()
    }
}

/// Makes a conversation or a note visible to its author alone.
pub trait Private {
    fn private(self) -> Self;
}

impl Private for pb::Conversation {
    fn private(self) -> Self {
        pb::Conversation {
            visibility: Visibility::Private.into(),
            ..self
        }
    }
}

impl Private for pb::Note {
    fn private(self) -> Self {
        pb::Note {
            visibility: Visibility::Private.into(),
            ..self
        }
    }
}

impl Harness {
    /// Returns the same server called by a new colleague.
    pub async fn as_colleague(&self, id: &str) -> Harness {
        self.acting(&self.create_as(id, colleague(id)).await.name)
    }
}

/// The least that is valid.
pub mod input {
    use super::*;

    pub async fn colleague(_: &Harness) -> pb::Colleague {
        super::colleague("Mia Berg")
    }

    pub async fn conversation(h: &Harness) -> pb::Conversation {
        super::conversation(&h.create(customer("Ferrum AG")).await, 1_700_000_000)
    }

    pub async fn promise(h: &Harness) -> pb::Promise {
        super::promise(&h.create(customer("Ferrum AG")).await, "send the samples")
    }

    pub async fn note(h: &Harness) -> pb::Note {
        super::note(
            &h.create(customer("Ferrum AG")).await.name,
            "prefers calls before ten",
        )
    }

    pub async fn persona(_: &Harness) -> pb::Persona {
        super::persona("Careful Carla")
    }

    pub async fn segment(_: &Harness) -> pb::Segment {
        super::segment("dormant", "lifecycle = DORMANT")
    }
}

/// Every field that a caller can set.
pub mod full {
    use super::*;
    use crate::harness::builders::full::{emails, everything};

    pub async fn colleague(_: &Harness) -> pb::Colleague {
        pb::Colleague {
            labels: map(&[("team", "south")]),
            tags: texts(&["b", "a"]),
            attributes: everything(),
            external_ids: vec![
                external_id("okta", "mia@ferrum.example"),
                external_id("hr", "7"),
            ],
            emails: emails(),
            principal: "key-of-mia".to_owned(),
            active: Some(false),
            ..super::colleague("Mia „Berg“")
        }
    }

    pub async fn conversation(h: &Harness) -> pb::Conversation {
        let (firm, person, _) = h.employed().await;
        let mia = h.create(super::colleague("Mia Berg")).await;
        pb::Conversation {
            labels: map(&[("tier", "gold")]),
            tags: texts(&["fair", "Ärger"]),
            attributes: everything(),
            external_ids: vec![external_id("imap", "<1@ferrum.example>")],
            contacts: vec![person.name],
            colleagues: vec![mia.name],
            channel: Channel::Event.into(),
            direction: Direction::Outbound.into(),
            state: State::Unanswered.into(),
            broadcast: true,
            start_time: Some(Timestamp {
                seconds: -1,
                nanos: 999_999_000,
            }),
            duration: Some(Duration {
                seconds: 3600,
                nanos: 1000,
            }),
            subject: "Offer 7".to_owned(),
            summary: "They\twant a second offer.".to_owned(),
            body: "Dear Ms Lind,\n…".to_owned(),
            topics: texts(&["price", "lead time"]),
            intent: "compare".to_owned(),
            visibility: Visibility::Private.into(),
            ..super::conversation(&firm, 0)
        }
    }

    pub async fn promise(h: &Harness) -> pb::Promise {
        let (firm, person, _) = h.employed().await;
        let talk = h.create(super::conversation(&firm, 1_700_000_000)).await;
        pb::Promise {
            labels: map(&[("tier", "gold")]),
            tags: texts(&["urgent"]),
            attributes: everything(),
            external_ids: vec![external_id("jira", "CL-1")],
            contacts: vec![person.name],
            conversation: talk.name,
            side: Side::Customer.into(),
            owner: h.create(super::colleague("Mia Berg")).await.name,
            due_time: Some(Timestamp {
                seconds: 1_900_000_000,
                nanos: 1000,
            }),
            complete_time: time(0),
            ..super::promise(&firm, "send\nthe drawings")
        }
    }

    pub async fn note(h: &Harness) -> pb::Note {
        let (firm, person, job) = h.employed().await;
        let attachment = Attachment {
            uri: "file:///offers/7.pdf".to_owned(),
            display_name: "Offer 7".to_owned(),
        };
        pb::Note {
            labels: map(&[("tier", "gold")]),
            tags: texts(&["b", "a"]),
            attributes: everything(),
            external_ids: vec![external_id("evernote", "1"), external_id("evernote", "2")],
            records: vec![job.name, firm.name.clone(), person.name],
            highlighted: true,
            write_time: Some(Timestamp {
                seconds: 1_600_000_000,
                nanos: 123_456_000,
            }),
            author: h.create(super::colleague("Mia Berg")).await.name,
            attachments: vec![
                attachment,
                Attachment {
                    uri: "x".to_owned(),
                    ..Default::default()
                },
            ],
            visibility: Visibility::Everyone.into(),
            ..super::note(&firm.name, "Knows\tthe plant.\nClimbs.")
        }
    }

    pub async fn persona(_: &Harness) -> pb::Persona {
        let filter = "lifecycle = ACTIVE".to_owned();
        pb::Persona {
            labels: map(&[("wave", "2")]),
            tags: texts(&["draft"]),
            attributes: everything(),
            external_ids: vec![external_id("wiki", "carla")],
            headline: "Decides late, and with numbers".to_owned(),
            story: "Carla opens the mail at six.\n…".to_owned(),
            quote: "Show me the second source.".to_owned(),
            picture_uri: "https://example.com/carla.png".to_owned(),
            target: "plants of 200 to 500 people".to_owned(),
            demographics: Some(demographics()),
            behaviors: texts(&["asks three times"]),
            motivations: texts(&["no surprises"]),
            emotions: texts(&["worried", "proud"]),
            goals: texts(&["two suppliers"]),
            frustrations: texts(&["late parts"]),
            preferred_channels: vec![Channel::Phone.into(), Channel::Email.into()],
            expectations: texts(&["an answer within a day"]),
            key_attributes: texts(&["a folder for everything"]),
            match_filter: "kind = BUSINESS AND business.industry = \"steel\"".to_owned(),
            statements: vec![
                Statement {
                    text: "buys in spring".to_owned(),
                    filter,
                },
                Statement {
                    text: "likes cake".to_owned(),
                    filter: String::new(),
                },
            ],
            review_interval: Some(Duration {
                seconds: 7_776_000,
                nanos: 1000,
            }),
            last_review_time: time(1_700_000_000),
            ..super::persona("Careful Carla")
        }
    }

    fn demographics() -> Demographics {
        Demographics {
            min_age: Some(0),
            max_age: Some(150),
            genders: texts(&["woman"]),
            locations: texts(&["Linz", "Graz"]),
            occupations: texts(&["buyer"]),
            education_levels: texts(&["master"]),
        }
    }

    pub async fn segment(h: &Harness) -> pb::Segment {
        let (first, second) = (
            h.create(customer("Ferrum AG")).await,
            h.create(customer("Cuprum")).await,
        );
        pb::Segment {
            labels: map(&[("wave", "2")]),
            tags: texts(&["draft"]),
            attributes: everything(),
            external_ids: vec![external_id("hubspot", "list-1")],
            description: "For the fair in May.".to_owned(),
            ..super::listed("fair", &[&second, &first])
        }
    }
}
