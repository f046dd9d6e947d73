//! The unit that writes down a conversation with all that came out of it: people, affiliations, claims, promises.
//!
//! Owns what depends on the store: whom keys mean, which affiliations run, what a repeat answers. What the fields may
//! hold is checked before; how records are created is in `create.rs`.

mod people;

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::store::engine::tx::Tx;
use crate::store::read::resolve_key::{self, Hits};
use crate::store::record::change::{Action, Change, Ending, end, name_duplicate};
use crate::store::record::request::{Earlier, RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Resource, Stored, decode, decode_one, is_deleted, select, select_for_update, touch,
    visible,
};
use crate::store::resources::buying_role;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};
use crate::store::write::create::{Made, New, Obstacles, Written, make};

/// What is to be written down. All records have their names. Where the name of a customer or contact is not known yet,
/// a stand-in of the same form is in its place.
pub struct Log {
    /// The customer, and the stand-in for its name.
    pub customer: (resolve_key::LookupKey, String),
    /// The conversation. It names the people who took part, new ones and stand-ins too.
    pub conversation: pb::Conversation,
    /// The people who took part or were spoken of.
    pub people: Vec<Person>,
    /// The promises.
    pub promises: Vec<pb::Promise>,
    /// How it was asked for.
    pub options: WriteOptions,
}

/// Somebody who took part or was spoken of.
pub struct Person {
    /// Who it is.
    pub who: Who,
    /// The affiliation to make.
    pub affiliation: pb::Affiliation,
    /// Parts the person plays; claimant and source are filled in here.
    pub claims: Vec<BuyingRoleClaim>,
    /// The affiliation that runs already, once it is looked for; then no other one is made.
    pub running: Option<Name>,
}

/// Who it is.
pub enum Who {
    /// Somebody new.
    New(Box<pb::Contact>),
    /// Somebody who is known, and the stand-in for the name.
    Known(resolve_key::LookupKey, String),
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logged {
    /// The conversation.
    pub conversation: pb::Conversation,
    /// The people who were new.
    pub contacts: Vec<pb::Contact>,
    /// The affiliations that were made, or have further claims now.
    pub affiliations: Vec<pb::Affiliation>,
    /// The promises.
    pub promises: Vec<pb::Promise>,
}

/// Writes it down: claims the request id, finds whom the keys mean, locks, refuses what is taken, writes.
pub async fn log_conversation(mut tx: Tx, mut log: Log) -> Result<(Tx, Written<Logged>), Error> {
    let scope = tx.scope().clone();
    let today = clock::date_of(tx.now());
    let mut statements = log.options.claim(&scope, tx.now());
    let known: Vec<resolve_key::LookupKey> =
        log.people.iter().filter_map(Person::key).cloned().collect();
    statements.push(resolve_key::customers(
        &scope,
        std::slice::from_ref(&log.customer.0),
        &today,
    ));
    statements.extend((!known.is_empty()).then(|| resolve_key::contacts(&scope, &known, &today)));
    let mut rows = tx.run(statements).await?.into_iter();
    if let Some(earlier) = log.options.earlier(&mut rows)? {
        return replay(tx, earlier).await;
    }
    log.resolve(&hits(rows.next())?, &hits(rows.next())?)?;
    log.sign(tx.author(), tx.now());
    log.find_running(&mut tx, &today).await?;

    let companions = log.companions();
    let new = New {
        resource: log.conversation.clone(),
        options: log.options.clone(),
        companions,
    };
    let mut obstacles = Obstacles::of(&scope, &new);
    let mut statements = std::mem::take(&mut obstacles.statements);
    statements.extend(
        log.extended()
            .map(|(name, _)| select_for_update::<pb::Affiliation>(&scope, name, tx.now())),
    );
    let mut rows = tx.run(statements).await?.into_iter();
    let elsewhere = obstacles.judge(&new, &mut rows)?;
    let mut extensions = Vec::new();
    for ((_, claims), rows) in log.extended().zip(rows) {
        extensions.push(Extension::of(claims, &rows)?);
    }
    if new.options.validate_only {
        return Ok((tx, Written::new(log.what_it_would_make(extensions))));
    }
    let logged = write(&mut tx, new, &elsewhere, extensions, &log.order()).await?;
    Ok((tx, Written::new(logged)))
}

fn hits(rows: Option<Vec<Row>>) -> Result<Hits, Error> {
    let mut hits = Hits::default();
    rows.unwrap_or_default()
        .iter()
        .try_for_each(|row| hits.add(row))?;
    Ok(hits)
}

/// Further claims on an affiliation that runs.
pub(crate) struct Extension {
    before: pb::Affiliation,
    after: Stored<pb::Affiliation>,
}

impl Extension {
    fn of(claims: &[BuyingRoleClaim], rows: &[Row]) -> Result<Extension, Error> {
        let stored =
            decode_one::<pb::Affiliation>(rows)?.filter(|stored| !is_deleted(&stored.resource));
        // It went between the look and the lock.
        let mut after = stored.ok_or(Error::ConcurrentWrite)?;
        let before = after.resource.clone();
        for claim in claims {
            buying_role::add(&mut after.resource, claim.clone())?;
        }
        Ok(Extension { before, after })
    }
}

async fn write(
    tx: &mut Tx,
    new: New<pb::Conversation>,
    elsewhere: &[String],
    extensions: Vec<Extension>,
    order: &[String],
) -> Result<Logged, Error> {
    let (scope, now) = (tx.scope().clone(), tx.now());
    let New {
        resource: mut conversation,
        options,
        companions,
    } = new;
    let Made {
        statements: mut writes,
        mut changes,
        mut versions,
    } = make(&scope, &mut conversation, companions, elsewhere, now);
    for Extension { before, mut after } in extensions {
        touch(&mut after.resource, now);
        writes.push(resource::update(&scope, &after));
        writes.extend(after.resource.side_rows(&scope, Some(&before)));
        changes.push(Change::of(
            Action::Updated,
            Some(&before),
            &after.resource,
            &[],
        ));
        versions.push(RecordVersion::of(
            &after.resource.name,
            &after.resource.etag,
        ));
    }
    versions.sort_by_key(|one| order.iter().position(|name| *name == one.name));
    let affected = conversation.last_talk_inputs();
    let reads = reads(&scope, &versions, now);
    let ending = Ending {
        writes,
        changes,
        affected,
        reads,
        options: &options,
        versions: &versions,
    };
    let rows = end(tx, ending)
        .await
        .map_err(|error| name_duplicate(error, &conversation))?;
    Logged::read(rows, &versions)
}

/// Answers a repeat with what the first call made, as it is now.
async fn replay(mut tx: Tx, earlier: Earlier) -> Result<(Tx, Written<Logged>), Error> {
    let Earlier { versions, revision } = earlier;
    let rows = tx.run(reads(tx.scope(), &versions, tx.now())).await?;
    let resource = Logged::read(rows, &versions)?;
    tx.set_revision(revision);
    Ok((
        tx,
        Written {
            resource,
            replayed: true,
        },
    ))
}

fn reads(scope: &TenantScope, versions: &[RecordVersion], now: Micros) -> Vec<Sql> {
    fn of<R: Resource>(scope: &TenantScope, versions: &[RecordVersion], now: Micros) -> Sql {
        let names = versions.iter().map(|one| one.name.clone());
        let names = names
            .filter(|name| Name::parse(R::KIND, name).is_some())
            .collect();
        let sql = select::<R>(scope, &clock::date_of(now))
            .push("\nwhere tenant_id = ")
            .bind(scope.tenant());
        sql.push(" and name")
            .any_of(names)
            .append(visible(R::KIND, scope))
    }
    vec![
        of::<pb::Conversation>(scope, versions, now),
        of::<pb::Contact>(scope, versions, now),
        of::<pb::Affiliation>(scope, versions, now),
        of::<pb::Promise>(scope, versions, now),
    ]
}

impl Logged {
    /// Reads the rows of [`reads`], in the order in which it all came out, with the etags of then.
    fn read(rows: Vec<Vec<Row>>, versions: &[RecordVersion]) -> Result<Logged, Error> {
        fn of<R: Resource>(
            rows: Option<Vec<Row>>,
            versions: &[RecordVersion],
        ) -> Result<Vec<R>, Error> {
            let mut found = BTreeMap::new();
            for row in rows.unwrap_or_default() {
                let resource: R = decode(&row, 0)?.seen();
                found.insert(resource.header().name.to_owned(), resource);
            }
            let with_etag = |one: &RecordVersion| {
                let mut resource = found.remove(&one.name)?;
                resource.header_mut().etag.clone_from(&one.etag);
                Some(resource)
            };
            Ok(versions.iter().filter_map(with_etag).collect())
        }
        let mut rows = rows.into_iter();
        let conversation = of::<pb::Conversation>(rows.next(), versions)?.pop();
        let Some(conversation) = conversation else {
            // By now it is PRIVATE to somebody else.
            let name = versions
                .first()
                .and_then(|one| Name::parse(Kind::Conversation, &one.name));
            return Err(name.map_or_else(
                || Error::internal("a request id filed no name"),
                Error::NotFound,
            ));
        };
        Ok(Logged {
            conversation,
            contacts: of(rows.next(), versions)?,
            affiliations: of(rows.next(), versions)?,
            promises: of(rows.next(), versions)?,
        })
    }
}
