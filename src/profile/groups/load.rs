//! Reading what an explanation needs: a record with all that filters ask for, and the definitions they lean on.

use super::{Seen, match_tree};
use crate::clock::Micros;
use crate::error::Error;
use crate::name::Name;
use crate::pb;
use crate::pb::persona::Subject as Persona;
use crate::profile::briefing::Subject;
use crate::profile::briefing::load::Whom;
use crate::store::TenantScope;
use crate::store::db::{At, Db};
use crate::store::definition::{self, Definition, Definitions};
use crate::store::find::Key;
use crate::store::grouping::{self, Of, Sketch};
use crate::store::resource::{is_deleted, name_of};
use crate::store::snapshot::Snapshot;
use crate::store::sql::Row;

/// A customer, and a segment with those that it names.
#[derive(Debug)]
pub struct Asked {
    /// The customer.
    pub customer: pb::Customer,
    /// The customer as filters see it.
    pub seen: Seen,
    /// The segment.
    pub segment: Definition,
    /// The segment, and those that it names.
    pub definitions: Definitions,
}

/// Reads a customer and a segment, both live.
pub async fn customer_and_segment(
    db: &Db,
    scope: &TenantScope,
    key: &Key,
    segment: &Name,
    now: Micros,
) -> Result<At<Asked>, Error> {
    let whom = Whom::Customer(key.clone());
    let mut snapshot = db.snapshot(scope).await?;
    let named = definition::named(scope, [segment.to_string()].into());
    let statements = vec![whom.find(scope, now), grouping::segment(scope, segment), named];
    let mut rows = snapshot.run(statements).await?.into_iter();
    let mut next = || rows.next().unwrap_or_default();
    let found = live(whom.read(&next())).and_then(|(subject, revision)| {
        Ok((subject, revision, grouping::read_segment(&next(), segment)?, Definitions::read(&next())?))
    });
    let (subject, revision, segment, definitions) = match found {
        Ok(found) => found,
        Err(error) => return refuse(snapshot, error).await,
    };
    let Subject::Customer(facts) = subject else { return refuse(snapshot, Error::internal("no customer")).await };
    let customer = facts.customer;
    let statements = vec![
        grouping::affiliations(scope, Of::Customer(&customer.name), now),
        definition::lists_of(scope, vec![customer.name.clone()]),
    ];
    let rows = snapshot.finish(statements).await?;
    let seen = seen(&customer, &customer.name, &rows)?;
    Ok(At { answer: Asked { customer, seen, segment, definitions }, revision })
}

/// A customer or a contact, and the personas of that subject.
#[derive(Debug)]
pub struct Compared {
    /// The record's name.
    pub name: String,
    /// What it is called.
    pub display_name: String,
    /// The record as filters see it.
    pub seen: Seen,
    /// The live personas of that subject.
    pub personas: Vec<Sketch>,
    /// The segments that the personas name, and those that these name.
    pub definitions: Definitions,
}

/// Reads a live customer or contact, and the personas to hold it against.
pub async fn record_and_personas(
    db: &Db,
    scope: &TenantScope,
    whom: &Whom,
    now: Micros,
) -> Result<At<Compared>, Error> {
    let of = match whom {
        Whom::Customer(_) => Persona::Customer,
        Whom::Contact(_) => Persona::Contact,
    };
    let mut snapshot = db.snapshot(scope).await?;
    let mut rows = snapshot.run(vec![whom.find(scope, now), grouping::personas(scope, of)]).await?.into_iter();
    let mut next = || rows.next().unwrap_or_default();
    let found = live(whom.read(&next()))
        .and_then(|(subject, revision)| Ok((subject, revision, grouping::read_personas(&next())?)));
    let (subject, revision, personas) = match found {
        Ok(found) => found,
        Err(error) => return refuse(snapshot, error).await,
    };
    let (name, display_name) = subject.title();
    let (name, display_name) = (name.to_owned(), display_name.to_owned());
    let (of, bare) = match &subject {
        Subject::Customer(facts) => (Of::Customer(&name), Seen::new(&facts.customer, [], [].into())?),
        Subject::Contact(person) => (Of::Contact(&name), Seen::new(&person.contact, [], [].into())?),
    };
    let trees = personas.iter().map(|persona| match_tree(persona, &bare)).collect::<Result<Vec<_>, _>>()?;
    let statements = vec![
        grouping::affiliations(scope, of, now),
        definition::lists_of(scope, vec![name.clone()]),
        definition::named(scope, grouping::named_in(trees.iter().flatten())),
    ];
    let rows = snapshot.finish(statements).await?;
    let seen = match &subject {
        Subject::Customer(facts) => seen(&facts.customer, &name, &rows)?,
        Subject::Contact(person) => seen(&person.contact, &name, &rows)?,
    };
    let definitions = Definitions::read(rows.get(2).map_or(&[], Vec::as_slice))?;
    Ok(At { answer: Compared { name, display_name, seen, personas, definitions }, revision })
}

/// Puts a record together with the rows of its affiliations and lists.
fn seen<M: prost::Message + prost::Name>(message: &M, name: &str, rows: &[Vec<Row>]) -> Result<Seen, Error> {
    let rows = |i: usize| rows.get(i).map_or(&[][..], Vec::as_slice);
    let affiliations = grouping::read_affiliations(rows(0))?;
    let lists = definition::read_lists(rows(1))?.remove(name).unwrap_or_default();
    Seen::new(message, &affiliations, lists)
}

/// Refuses a deleted record, which belongs to nothing.
fn live(found: Result<(Subject, i64), Error>) -> Result<(Subject, i64), Error> {
    let (subject, revision) = found?;
    let deleted = match &subject {
        Subject::Customer(facts) => is_deleted(&facts.customer).then(|| name_of(&facts.customer)),
        Subject::Contact(person) => is_deleted(&person.contact).then(|| name_of(&person.contact)),
    };
    deleted.map_or(Ok((subject, revision)), |name| Err(Error::Deleted(name)))
}

/// Lets go of the snapshot before an error is answered.
async fn refuse<T>(snapshot: Snapshot, error: Error) -> Result<T, Error> {
    snapshot.finish(Vec::new()).await?;
    Err(error)
}
