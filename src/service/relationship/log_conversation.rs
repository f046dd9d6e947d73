//! LogConversation: what its request may hold, and the records that it asks for.

use tonic::Request;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::pb::log_conversation_request::person::Person as Given;
use crate::pb::log_conversation_request::{Person, Role};
use crate::service::check::{Checker, common, key};
use crate::service::keys;
use crate::service::resources::buying_role::NewClaim;
use crate::service::resources::conversation::made_in;
use crate::service::standard::{check_made, check_new};
use crate::service::{Answer, answer_written, begin_call, write_options};
use crate::store::engine::db::{At, Db};
use crate::store::read::resolve_key::LookupKey;
use crate::store::record::request::WriteOptions;
use crate::store::scope::TenantScope;
use crate::store::write::create::Written;
use crate::store::write::log_conversation::{self, Log, Logged, Who};

/// The most parts that one person plays, in one call.
const MAX_ROLES: usize = 20;

/// Answers the call.
pub(crate) async fn log_conversation(
    db: &Db,
    request: Request<pb::LogConversationRequest>,
) -> Answer<pb::LogConversationResponse> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let now = db.clock().now();
    let mut checker = Checker::at("", now);
    let keys = read_keys(db, &call.scope, &mut checker, &message).await?;
    let log = check(checker, message, keys, options)?;
    let records = log.records(db, &call.scope).await;
    let written = db
        .write(&call.scope, call.deadline, records, move |tx| {
            log_conversation::log_conversation(tx, log)
        })
        .await?;
    let At {
        answer: Written { resource, replayed },
        revision,
    } = written;
    let Logged {
        conversation,
        contacts,
        affiliations,
        promises,
    } = resource;
    let conversation = Some(conversation);
    let resource = pb::LogConversationResponse {
        conversation,
        contacts,
        affiliations,
        promises,
        revision,
    };
    Ok(answer_written(At {
        answer: Written { resource, replayed },
        revision,
    }))
}

/// The keys of a request; none where it has none, or not a good one.
struct Keys {
    customer: Option<LookupKey>,
    /// Of each person.
    people: Vec<Option<LookupKey>>,
}

/// Reads the keys of the request. If one is wrong, the store is not asked about the others.
async fn read_keys(
    db: &Db,
    scope: &TenantScope,
    checker: &mut Checker,
    message: &pb::LogConversationRequest,
) -> Result<Keys, Error> {
    let customer = key::customer(checker, "customer", message.customer.as_ref());
    let people = message.people.iter().take(common::MANY).enumerate();
    let people = people.map(|(i, given)| match &given.person {
        Some(Given::Contact(contact)) => checker.within(format!("people[{i}]"), |checker| {
            key::contact(checker, "contact", Some(contact))
        }),
        _ => None,
    });
    let people: Vec<_> = people.collect();
    if !checker.is_content() {
        return Ok(Keys {
            customer: None,
            people: vec![None; people.len()],
        });
    }
    let customer = match customer {
        Some(customer) => Some(keys::customer(db, scope, customer).await?),
        None => None,
    };
    let people = keys::participants(db, scope, customer.as_ref(), people).await?;
    Ok(Keys { customer, people })
}

fn check(
    mut checker: Checker,
    message: pb::LogConversationRequest,
    keys: Keys,
    options: WriteOptions,
) -> Result<Log, Error> {
    let now = checker.now();
    let Keys { customer, people } = keys;
    let mut known = people.into_iter();
    let stand_in = Name::generate(Kind::Customer).to_string();
    let mut people = Vec::new();
    let mut took_part = Vec::new();
    checker.each("people", message.people, common::MANY, |checker, given| {
        let is_there = !given.absent;
        let key = known.next().flatten();
        let Some(person) = check_person(checker, given, key, &stand_in) else {
            return;
        };
        if is_there {
            took_part.push(person.affiliation.contact.clone());
        }
        people.push(person);
    });
    let conversation = message
        .conversation
        .map(|conversation| held(conversation, &stand_in, took_part, now));
    let conversation = check_new(
        &mut checker,
        conversation,
        &message.conversation_id,
        &options,
    );
    let mut promises = message.promises;
    checker.each(
        "promises",
        promises.iter_mut(),
        common::MANY,
        |checker, promise| made_in(checker, promise, &conversation),
    );
    let customer = checker.finish_with(customer)?;
    Ok(Log {
        customer: (customer, stand_in),
        conversation,
        people,
        promises,
        options,
    })
}

/// Fills in what a conversation that is written down is, unless it is said otherwise.
fn held(
    mut given: pb::Conversation,
    customer: &str,
    took_part: Vec<String>,
    now: Micros,
) -> pb::Conversation {
    if given.customer.is_empty() {
        customer.clone_into(&mut given.customer);
    }
    given
        .start_time
        .get_or_insert_with(|| clock::timestamp(now));
    for name in took_part {
        if !given.contacts.contains(&name) {
            given.contacts.push(name);
        }
    }
    given
}

fn check_person(
    checker: &mut Checker,
    given: Person,
    key: Option<LookupKey>,
    customer: &str,
) -> Option<log_conversation::Person> {
    let now = checker.now();
    let (who, name) = match given.person {
        Some(Given::Contact(_)) => {
            checker.ensure(
                given.contact_id.is_empty(),
                "contact_id",
                "is for new people alone",
            );
            let stand_in = Name::generate(Kind::Contact).to_string();
            let who = key.map(|key| Who::Known(key, stand_in.clone()));
            (who, stand_in)
        }
        Some(Given::NewContact(contact)) => {
            let contact = check_made(checker, "new_contact", Some(contact), &given.contact_id);
            let name = contact.name.clone();
            (Some(Who::New(Box::new(contact))), name)
        }
        None => {
            checker.wrong("contact", "is required, or `new_contact`");
            (None, Name::generate(Kind::Contact).to_string())
        }
    };
    let mut affiliation = given.affiliation.unwrap_or_default();
    for (field, filled_in) in [
        (&mut affiliation.contact, name.as_str()),
        (&mut affiliation.customer, customer),
    ] {
        if field.is_empty() {
            filled_in.clone_into(field);
        }
    }
    let affiliation = check_made(checker, "affiliation", Some(affiliation), "");
    let mut claims = Vec::new();
    checker.each("roles", given.roles, MAX_ROLES, |checker, role| {
        claims.push(check_role(checker, role, now))
    });
    Some(log_conversation::Person {
        who: who?,
        affiliation,
        claims,
        running: None,
    })
}

fn check_role(checker: &mut Checker, role: Role, now: Micros) -> BuyingRoleClaim {
    let Role {
        role,
        evidence,
        scope,
        start_date,
        end_date,
    } = role;
    let request = pb::AddBuyingRoleRequest {
        role,
        evidence,
        scope,
        start_date,
        end_date,
        ..Default::default()
    };
    NewClaim::check(checker, request, now).into_claim()
}
