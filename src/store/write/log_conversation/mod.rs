//! The unit that writes down a conversation with everything that came out of it: people, affiliations, claims,
//! promises.
//!
//! Owns what depends on the store: which records keys match, which affiliations run, what a repeat returns. The
//! contents of the fields are checked beforehand; how records are created is in `create.rs`.

mod people;

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::read::resolve_key::{self, LookupKey};
use crate::store::record::change::{Action, Change, Ending, end, name_duplicate};
use crate::store::record::counted::Affected;
use crate::store::record::request::{Earlier, RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Linked, Resource, Stored, columns, decode, is_deleted, select_for_update, touch, visible,
};
use crate::store::resources::buying_role;
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Query};
use crate::store::sql::statement::scoped;
use crate::store::write::create::{Made, New, Written, check_name_is_free, make};
use crate::store::write::obstacles::{self, Obstacles};
use crate::store::write::wanted;

/// What to write down. All records have their names. Where the name of a customer or contact is not yet known, a
/// placeholder of the same form is in its place.
pub struct Log {
    /// The customer, and the placeholder for its name.
    pub customer: (LookupKey, String),
    /// The conversation. It names the participants, including new ones and placeholders.
    pub conversation: pb::Conversation,
    /// The people who took part or were mentioned.
    pub people: Vec<Person>,
    /// The promises.
    pub promises: Vec<pb::Promise>,
    /// Request id and dry run.
    pub options: WriteOptions,
}

impl Log {
    /// Returns the records that the unit is known to lock.
    pub async fn records(&self, db: &Db, scope: &TenantScope) -> Vec<Name> {
        let customer = std::slice::from_ref(&self.customer.0);
        let people: Vec<_> = self
            .people
            .iter()
            .filter_map(Person::key)
            .cloned()
            .collect();
        let mut records = wanted::of_keys::<pb::Customer>(db, scope, customer).await;
        records.extend(wanted::of_keys::<pb::Contact>(db, scope, &people).await);
        // Customers and contacts may be placeholders there.
        let references = self.promises.iter().flat_map(Linked::references);
        let targets = references.chain(self.conversation.references());
        let targets = targets.map(|reference| reference.target);
        records.extend(targets.filter(|target| target.kind() == Kind::Colleague));
        records
    }
}

/// Someone who took part or was mentioned.
pub struct Person {
    /// Who it is.
    pub who: Who,
    /// The affiliation to create.
    pub affiliation: pb::Affiliation,
    /// The roles the person plays; claimant and source are filled in here.
    pub claims: Vec<BuyingRoleClaim>,
    /// The affiliation that already runs, once it has been looked up; then no other is created.
    pub running: Option<Name>,
}

/// Who it is.
pub enum Who {
    /// Someone new.
    New(Box<pb::Contact>),
    /// Someone known, and the placeholder for the name.
    Known(LookupKey, String),
}

/// What was created.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logged {
    /// The conversation.
    pub conversation: pb::Conversation,
    /// The people who were new.
    pub contacts: Vec<pb::Contact>,
    /// The affiliations that were created, or that now have further claims.
    pub affiliations: Vec<pb::Affiliation>,
    /// The promises.
    pub promises: Vec<pb::Promise>,
}

/// Writes it down: claims the request id, finds what the keys match, locks, refuses what is taken, writes.
pub async fn log_conversation(mut tx: Tx, mut log: Log) -> Result<(Tx, Written<Logged>), Error> {
    let scope = tx.scope().clone();
    let today = clock::date_of(tx.now());
    let known: Vec<LookupKey> = log.people.iter().filter_map(Person::key).cloned().collect();
    let customer = std::slice::from_ref(&log.customer.0);
    let (claimed, customers, contacts) = tx
        .run((
            log.options.claim(&scope, tx.now()),
            resolve_key::resolve::<pb::Customer>(&scope, customer, &today),
            (!known.is_empty())
                .then(|| resolve_key::resolve::<pb::Contact>(&scope, &known, &today)),
        ))
        .await?;
    if let Some(earlier) = log.options.earlier(claimed)? {
        return replay(tx, earlier).await;
    }
    log.resolve(&customers, &contacts.unwrap_or_default())?;
    log.sign(tx.author(), tx.now());
    log.find_running(&mut tx, &today).await?;

    let new = New {
        resource: log.conversation.clone(),
        options: log.options.clone(),
        companions: log.companions(),
    };
    let extended: Vec<Name> = log.extended().map(|(name, _)| name.clone()).collect();
    let Obstacles { references, looks } = Obstacles::of(&scope, &new, &extended);
    let extended = log.extended();
    let extended = extended.map(|(name, _)| select_for_update(&scope, name, tx.now()));
    let extended: Vec<_> = extended.collect();
    let (found, extended) = tx.run((looks, extended)).await?;
    let other_customers = obstacles::judge(&new, &references, found)?;
    check_name_is_free(&mut tx, &new.resource).await?;
    let claims = log.extended().map(|(_, claims)| claims);
    let extensions: Vec<Extension> = claims
        .zip(extended)
        .map(|(claims, affiliation)| Extension::of(claims, affiliation))
        .collect::<Result<_, _>>()?;
    if new.options.validate_only {
        return Ok((tx, Written::new(log.what_it_would_make(extensions))));
    }
    let logged = write(&mut tx, new, &other_customers, extensions, &log.order()).await?;
    Ok((tx, Written::new(logged)))
}

/// Further claims on a running affiliation.
pub(crate) struct Extension {
    before: pb::Affiliation,
    after: Stored<pb::Affiliation>,
}

impl Extension {
    fn of(
        claims: &[BuyingRoleClaim],
        stored: Option<Stored<pb::Affiliation>>,
    ) -> Result<Extension, Error> {
        let live = stored.filter(|stored| !is_deleted(&stored.resource));
        // It was deleted between the look-up and the lock.
        let mut after = live.ok_or(Error::ConcurrentWrite)?;
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
    other_customers: &[String],
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
    } = make(&scope, &mut conversation, companions, other_customers, now);
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
    let affected = Affected::of(None, &conversation);
    let reads = reads(&scope, &versions, now);
    let ending = Ending {
        writes,
        changes,
        affected,
        reads,
        options: &options,
        versions: &versions,
        is_bumped: false,
    };
    let records = end(tx, ending)
        .await
        .map_err(|error| name_duplicate(error, &conversation))?;
    Logged::of(records, &versions)
}

/// Answers a repeat with what the first call created, as it is now.
async fn replay(mut tx: Tx, earlier: Earlier) -> Result<(Tx, Written<Logged>), Error> {
    let Earlier { versions, revision } = earlier;
    let records = tx.run(reads(tx.scope(), &versions, tx.now())).await?;
    let resource = Logged::of(records, &versions)?;
    tx.set_revision(revision);
    Ok((
        tx,
        Written {
            resource,
            replayed: true,
        },
    ))
}

/// The queries that read the records of each kind, in no particular order.
type Reads = (
    Query<Vec<pb::Conversation>>,
    Query<Vec<pb::Contact>>,
    Query<Vec<pb::Affiliation>>,
    Query<Vec<pb::Promise>>,
);

fn reads(scope: &TenantScope, versions: &[RecordVersion], now: Micros) -> Reads {
    (
        records_of_kind(scope, versions, now),
        records_of_kind(scope, versions, now),
        records_of_kind(scope, versions, now),
        records_of_kind(scope, versions, now),
    )
}

fn records_of_kind<R: Resource>(
    scope: &TenantScope,
    versions: &[RecordVersion],
    now: Micros,
) -> Query<Vec<R>> {
    let names = versions.iter().map(|one| one.name.clone());
    let of_kind = names.filter(|name| Name::parse(R::KIND, name).is_some());
    let records = scoped!(
        scope,
        "select :{columns} from :{table} where tenant_id = :tenant and name = any(:names) :{visible}",
        columns = columns::<R>(scope, &clock::date_of(now)),
        table = R::KIND.collection(),
        names = of_kind.collect::<Vec<_>>(),
        visible = visible(R::KIND, scope),
    );
    records.rows(["name"], |row, [first]| Ok(decode(row, first)?.seen()))
}

impl Logged {
    /// Puts the records in the order of their versions, and gives them the etags of that time.
    fn of(
        records: <Reads as Queries>::Answers,
        versions: &[RecordVersion],
    ) -> Result<Logged, Error> {
        let (conversations, contacts, affiliations, promises) = records;
        let Some(conversation) = in_order(conversations, versions).pop() else {
            // By now it is PRIVATE to someone else.
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
            contacts: in_order(contacts, versions),
            affiliations: in_order(affiliations, versions),
            promises: in_order(promises, versions),
        })
    }
}

fn in_order<R: Resource>(records: Vec<R>, versions: &[RecordVersion]) -> Vec<R> {
    let name = |record: &R| record.header().name.to_owned();
    let mut found: BTreeMap<String, R> = records
        .into_iter()
        .map(|record| (name(&record), record))
        .collect();
    let with_etag = |version: &RecordVersion| {
        let mut record = found.remove(&version.name)?;
        record.header_mut().etag.clone_from(&version.etag);
        Some(record)
    };
    versions.iter().filter_map(with_etag).collect()
}
