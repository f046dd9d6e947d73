//! Finding customers and contacts by what a caller has at hand: a name, an external id, a domain, an e-mail, a phone.
//!
//! Owns the statement that finds the records that keys match, for any number of keys at once, and the meaning of its
//! rows. Which keys are well formed is checked in `service::check`; what is done with the matches, elsewhere.

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::phone;
use crate::store::record::in_force;
use crate::store::record::key::HOST_NAME;
use crate::store::record::resource::{Resource, columns_as, decode_joined};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, Sql, part, scoped};

/// The most records named when a key matches several.
pub const MAX_CANDIDATES: usize = 12;

/// What a customer or contact is looked up by, in the form in which it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupKey {
    /// Its name.
    Name(Name),
    /// What another system calls it.
    ExternalId {
        /// The system.
        system: String,
        /// The id there.
        id: String,
    },
    /// A host name of a business.
    Domain(String),
    /// A folded e-mail address, and the domain to try if nobody has the address.
    Email {
        /// The address.
        address: String,
        /// The domain, unless it belongs to a public mail provider.
        domain: Option<String>,
    },
    /// A phone number.
    Phone(phone::WantedNumber),
    /// A name of a person or firm, and whose it is: that is looked up before, as it takes several statements.
    Called(Found<String>),
}

/// A place in the table of keys: the field, the key in it, and the value.
type KeyPlace = (&'static str, String, String);

impl LookupKey {
    /// Returns the places where the key is looked for. Each step is taken only if those before it find nobody.
    fn steps(&self) -> Vec<Vec<KeyPlace>> {
        let plain = |field, value: &String| (field, String::new(), value.clone());
        let numbers = |values: &[String]| values.iter().map(|value| plain(PHONES, value)).collect();
        let hosts = |name: &String| {
            let spelled_otherwise = (DOMAINS, HOST_NAME.to_owned(), name.clone());
            vec![plain(DOMAINS, name), spelled_otherwise]
        };
        match self {
            LookupKey::Name(_) | LookupKey::Called(_) => Vec::new(),
            LookupKey::ExternalId { system, id } => {
                vec![vec![(EXTERNAL_IDS, system.clone(), id.clone())]]
            }
            LookupKey::Domain(domain) => vec![hosts(domain)],
            LookupKey::Email { address, domain } => {
                let domain = domain.iter().map(hosts);
                [vec![plain(EMAILS, address)]]
                    .into_iter()
                    .chain(domain)
                    .collect()
            }
            LookupKey::Phone(wanted) => vec![numbers(&wanted.exact), numbers(&wanted.loose)],
        }
    }
}

/// What a key matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// No record.
    Nobody,
    /// One record.
    One(T),
    /// Several.
    Several {
        /// The first of their names, in order; at most 12.
        candidates: Vec<String>,
        /// How many there are in all.
        count: usize,
    },
}

impl<T> Found<T> {
    /// Turns the single match into something else, or into no match.
    pub fn and_then<U>(self, turn: impl FnOnce(T) -> Option<U>) -> Found<U> {
        match self {
            Found::Nobody => Found::Nobody,
            Found::One(one) => turn(one).map_or(Found::Nobody, Found::One),
            Found::Several { candidates, count } => Found::Several { candidates, count },
        }
    }

    /// Returns the single match, or why there is none.
    pub fn one(self, kind: Kind, key: &LookupKey) -> Result<T, Error> {
        match (self, key) {
            (Found::One(one), _) => Ok(one),
            (Found::Nobody, LookupKey::Name(name)) => Err(Error::NotFound(name.clone())),
            (Found::Nobody, _) => Err(Error::KeyUnknown { kind }),
            (Found::Several { candidates, count }, _) => Err(Error::KeyAmbiguous {
                kind,
                candidates,
                count,
            }),
        }
    }
}

const NAME: &str = "name";
const EXTERNAL_IDS: &str = "external_ids";
const DOMAINS: &str = "business.domains";
const EMAILS: &str = "emails";
const PHONES: &str = "phone_numbers";

/// Finds what keys match; see `hits`.
pub fn resolve<R: Resource>(scope: &TenantScope, keys: &[LookupKey], today: &str) -> Query<Hits> {
    hits::<R>(scope, keys, today)
        .rows(HIT_COLUMNS, Hit::read)
        .map(|hits| Ok(Hits(hits)))
}

/// What keys match.
#[derive(Debug)]
pub struct Resolved<R> {
    /// The tenant's revision at which they match.
    pub revision: i64,
    /// The matches, by name.
    pub hits: Hits,
    /// The records that a key alone identifies, by name.
    pub records: BTreeMap<String, R>,
}

impl<R: Resource> Resolved<R> {
    /// Returns the only record that a key matches, or why there is none.
    pub fn one(mut self, key: &LookupKey) -> Result<R, Error> {
        let name = self.hits.of(key).one(R::KIND, key)?;
        let unknown = Error::KeyUnknown { kind: R::KIND };
        self.records.remove(&name).ok_or(unknown)
    }
}

/// Finds what keys match, and reads each record that is a key's only match.
pub fn resolve_and_read<R: Resource>(
    scope: &TenantScope,
    keys: &[LookupKey],
    now: Micros,
) -> Query<Resolved<R>> {
    let today = clock::date_of(now);
    scoped!(
        scope,
        "select tenants.revision, hit.*, :{record}
         from tenants
         left join (
             :{hits}
           ) hit on 1 = 1
         left join :{table} on :{table}.tenant_id = :tenant
           and :{table}.name = hit.hit_name and hit.hit_count = 1
         where tenants.id = :tenant",
        record = columns_as::<R>("record", scope, &today),
        hits = hits::<R>(scope, keys, &today),
        table = R::KIND.collection(),
    )
    .read(read_resolved)
}

fn read_resolved<R: Resource>(rows: Vec<Row>) -> Result<Resolved<R>, Error> {
    let mut resolved = Resolved {
        revision: 0,
        hits: Hits::default(),
        records: BTreeMap::new(),
    };
    let Some(first) = rows.first() else {
        return Ok(resolved);
    };
    let [revision, record] = first.columns(["revision", "record"])?;
    let hit = first.columns(HIT_COLUMNS)?;
    resolved.revision = first.int(revision)?;
    for row in &rows {
        // The outer join leaves both empty if nothing matched.
        if row.opt_str(hit[0])?.is_some() {
            resolved.hits.0.push(Hit::read(row, hit)?);
        }
        if let Some(record) = decode_joined::<R>(row, record)? {
            let name = record.header().name.to_owned();
            resolved.records.insert(name, record);
        }
    }
    Ok(resolved)
}

/// Returns a select, for use inside another, of what the keys match: the field, its key, its value, how many records
/// match, and the name as `hit_name`. Only the first 12 matches of a value are returned.
///
/// A name also finds deleted records; everything else only live ones. A customer also has the e-mails and phones of
/// the contacts whose affiliation with it runs today.
fn hits<R: Resource>(scope: &TenantScope, keys: &[LookupKey], today: &str) -> Sql {
    let wanted = WantedValues::of(keys);
    let mut fits = vec![by_name::<R>(scope, wanted.names)];
    for field in wanted.fields {
        let by_person = (R::KIND == Kind::Customer && field.is_of_people())
            .then(|| by_person(scope, &field, today));
        fits.push(by_key::<R>(scope, field));
        fits.extend(by_person);
    }
    Sql::union(fits).within(|fits| {
        part!(
            "with fits as (
                 :{fits}
               ), placed as (
                 select field, key, value, name,
                   count(*) over (partition by field, key, value) as n,
                   row_number() over (partition by field, key, value order by name) as place
                 from fits
               )
             select field as hit_field, key as hit_key, value as hit_value, n as hit_count,
               name as hit_name
             from placed where place <= :most",
            fits,
            most = i64::try_from(MAX_CANDIDATES).unwrap_or(i64::MAX),
        )
    })
}

/// The values to look for.
#[derive(Default)]
struct WantedValues {
    names: Vec<String>,
    fields: Vec<WantedField>,
}

/// The values to look for in one field, and the keys in the field that they may be filed under.
struct WantedField {
    field: &'static str,
    keys: Vec<String>,
    values: Vec<String>,
}

impl WantedField {
    /// Says whether a customer also has the values of the people who work there.
    fn is_of_people(&self) -> bool {
        [EMAILS, PHONES].contains(&self.field)
    }
}

impl WantedValues {
    fn of(keys: &[LookupKey]) -> WantedValues {
        let mut wanted = WantedValues::default();
        for key in keys {
            match key {
                LookupKey::Name(name) => wanted.names.push(name.to_string()),
                LookupKey::Called(Found::One(name)) => wanted.names.push(name.clone()),
                key => {
                    let places = key.steps().into_iter().flatten();
                    places.for_each(|(field, key, value)| wanted.add(field, key, value));
                }
            }
        }
        wanted
    }

    fn add(&mut self, field: &'static str, key: String, value: String) {
        let known = self.fields.iter().position(|known| known.field == field);
        let at = known.unwrap_or_else(|| {
            self.fields.push(WantedField {
                field,
                keys: Vec::new(),
                values: Vec::new(),
            });
            self.fields.len() - 1
        });
        self.fields[at].keys.push(key);
        self.fields[at].values.push(value);
    }
}

/// Returns the query for the name of a live record; none if there is none of this name.
pub fn live(scope: &TenantScope, name: &Name) -> Query<Vec<String>> {
    let live = scoped!(
        scope,
        "select name from :{table} where tenant_id = :tenant and name = :name and delete_time is null",
        table = name.kind().collection(),
        name = name.to_string(),
    );
    live.texts("name")
}

/// Asks whether a record of a kind has an id in a system.
pub fn is_system(scope: &TenantScope, kind: Kind, system: &str) -> Query<bool> {
    let ids = scoped!(
        scope,
        "select name from keys
         where tenant_id = :tenant and kind = :kind and field = 'external_ids' and key = :system
         limit 1",
        kind = kind.collection(),
        system,
    );
    ids.texts("name").map(|names| Ok(!names.is_empty()))
}

fn by_name<R: Resource>(scope: &TenantScope, names: Vec<String>) -> Sql {
    scoped!(
        scope,
        "select 'name' as field, '' as key, name as value, name
         from :{table}
         where tenant_id = :tenant and name = any(:names)",
        table = R::KIND.collection(),
        names,
    )
}

/// Searches the table of keys. The record is joined only in this order: a planner that starts from the records reads
/// all of them.
fn by_key<R: Resource>(scope: &TenantScope, wanted: WantedField) -> Sql {
    scoped!(
        scope,
        "select keys.field, keys.key, keys.value, :{table}.name
         from keys cross join :{table}
         where keys.tenant_id = :tenant and keys.kind = :kind and keys.field = :{field}
           and keys.key = any(:keys) and keys.value = any(:values)
           and :{table}.tenant_id = :tenant and :{table}.name = keys.name
           and :{table}.delete_time is null",
        table = R::KIND.collection(),
        kind = R::KIND.collection(),
        field = Part::literal(wanted.field),
        keys = wanted.keys,
        values = wanted.values,
    )
}

/// Finds customers by the e-mails or phones of the people who work there.
fn by_person(scope: &TenantScope, wanted: &WantedField, today: &str) -> Sql {
    scoped!(
        scope,
        "select keys.field, keys.key, keys.value, affiliations.customer
         from keys cross join affiliations
         where keys.tenant_id = :tenant and keys.kind = 'contacts' and keys.field = :{field}
           and keys.key = '' and keys.value = any(:values)
           and affiliations.tenant_id = :tenant and affiliations.contact = keys.name
           and :{running}",
        field = Part::literal(wanted.field),
        values = wanted.values.clone(),
        running = in_force::running(today),
    )
}

/// Asks until when time cannot change what these keys match; `None` if it never can.
///
/// A customer has an e-mail or a phone through a person while that person works there. Anyone who starts or ends in
/// the meantime counts as a change, whether it changes the answer or not.
pub fn validity(
    scope: &TenantScope,
    keys: &[LookupKey],
    today: &str,
) -> Option<Query<KeyValidity>> {
    let fields = WantedValues::of(keys).fields;
    let dates: Vec<Sql> = fields
        .iter()
        .filter(|field| field.is_of_people())
        .flat_map(|field| {
            ["start_date", "end_date"].map(|date| dates_after(scope, field, date, today))
        })
        .collect();
    if dates.is_empty() {
        return None;
    }
    let first = Sql::union_all(dates).within(|dates| {
        part!(
            "with dates as (
                 :{dates}
               )
             select field, value, min(date) as date from dates group by field, value",
            dates,
        )
    });
    let query = first.rows(["field", "value", "date"], read_date);
    Some(query.map(|dates| Ok(KeyValidity(dates.into_iter().collect()))))
}

/// Returns a select of the dates after today on which an affiliation of someone with one of the values starts or
/// ends.
fn dates_after(scope: &TenantScope, wanted: &WantedField, date: &'static str, today: &str) -> Sql {
    scoped!(
        scope,
        "select keys.field, keys.value, affiliations.:{date} as date
         from keys cross join affiliations
         where keys.tenant_id = :tenant and keys.kind = 'contacts' and keys.field = :{field}
           and keys.key = '' and keys.value = any(:values)
           and affiliations.tenant_id = :tenant and affiliations.contact = keys.name
           and affiliations.delete_time is null and affiliations.:{date} > :today",
        date,
        field = Part::literal(wanted.field),
        values = wanted.values.clone(),
        today,
    )
}

/// Reads a field and its value, and the midnight at the start of the date.
fn read_date(
    row: &Row,
    [field, value, date]: [usize; 3],
) -> Result<((String, String), Micros), Error> {
    let midnight = clock::date_message(row.str(date)?).and_then(|date| clock::midnight(&date));
    let midnight = midnight.ok_or_else(|| Error::internal("a stored date does not read"))?;
    Ok(((row.text(field)?, row.text(value)?), midnight))
}

/// Until when time cannot change what keys match, by field and value.
#[derive(Clone, Debug, Default)]
pub struct KeyValidity(BTreeMap<(String, String), Micros>);

impl KeyValidity {
    /// Returns until when a key's match holds, if time can change it.
    pub fn of(&self, key: &LookupKey) -> Option<Micros> {
        let places = key.steps().into_iter().flatten();
        places
            .filter_map(|(field, _, value)| self.0.get(&(field.to_owned(), value)).copied())
            .min()
    }
}

/// One row of [`hits`].
#[derive(Clone, Debug)]
struct Hit {
    field: String,
    key: String,
    value: String,
    count: usize,
    name: String,
}

const HIT_COLUMNS: [&str; 5] = ["hit_field", "hit_key", "hit_value", "hit_count", "hit_name"];

impl Hit {
    fn read(row: &Row, [field, key, value, count, name]: [usize; 5]) -> Result<Hit, Error> {
        Ok(Hit {
            field: row.text(field)?,
            key: row.text(key)?,
            value: row.text(value)?,
            count: usize::try_from(row.int(count)?).map_err(Error::internal)?,
            name: row.text(name)?,
        })
    }
}

/// What several keys match.
#[derive(Clone, Debug, Default)]
pub struct Hits(Vec<Hit>);

impl Hits {
    /// Returns what a key matches.
    pub fn of(&self, key: &LookupKey) -> Found<String> {
        match key {
            LookupKey::Name(name) => self.at(&[(NAME, String::new(), name.to_string())]),
            LookupKey::Called(Found::One(name)) => self.at(&[(NAME, String::new(), name.clone())]),
            LookupKey::Called(found) => found.clone(),
            key => {
                let mut found = key.steps().into_iter().map(|places| self.at(&places));
                let somebody = found.find(|found| *found != Found::Nobody);
                somebody.unwrap_or(Found::Nobody)
            }
        }
    }

    /// Returns who is at any of these places.
    fn at(&self, places: &[KeyPlace]) -> Found<String> {
        let is_it = |hit: &&Hit| {
            places.iter().any(|(field, key, value)| {
                hit.field == *field && hit.key == *key && hit.value == *value
            })
        };
        let hits = || self.0.iter().filter(is_it);
        let mut candidates: Vec<String> = hits().map(|hit| hit.name.clone()).collect();
        candidates.sort();
        candidates.dedup();
        match candidates.len() {
            0 => Found::Nobody,
            1 => Found::One(candidates.remove(0)),
            // One place may have more than are named. How many of them others have as well is not known.
            n => {
                let count = hits().map(|hit| hit.count).max().unwrap_or(n).max(n);
                candidates.truncate(MAX_CANDIDATES);
                Found::Several { candidates, count }
            }
        }
    }
}
