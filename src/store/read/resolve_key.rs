//! Finding customers and contacts by what a caller has at hand: a name, an external id, a domain, an e-mail, a phone.
//!
//! Owns the statement that finds whom keys fit, for any number of keys at once, and what its rows mean. Which keys are
//! well formed is said in `service::check`; what is done with those found, elsewhere.

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::record::in_force;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The most records that are named when a key fits several.
pub const MAX_CANDIDATES: usize = 12;
/// The columns of [`hits`].
pub const WIDTH: usize = 5;

/// What a customer or contact is asked for by, in the form in which it is compared.
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
    /// A folded e-mail address, and the domain to look for when nobody has the address.
    Email {
        /// The address.
        address: String,
        /// The domain, unless a public mail provider has it.
        domain: Option<String>,
    },
    /// A phone number in E.164 form.
    Phone(String),
}

/// Whom a key fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// Nobody.
    Nobody,
    /// One record.
    One(T),
    /// Several: the first of their names, and how many there are.
    Several {
        /// At most [`MAX_CANDIDATES`] names, in order.
        candidates: Vec<String>,
        /// How many there are in all.
        count: usize,
    },
}

impl<T> Found<T> {
    /// Turns the one that was found into something else, or into nobody.
    pub fn and_then<U>(self, turn: impl FnOnce(T) -> Option<U>) -> Found<U> {
        match self {
            Found::Nobody => Found::Nobody,
            Found::One(one) => turn(one).map_or(Found::Nobody, Found::One),
            Found::Several { candidates, count } => Found::Several { candidates, count },
        }
    }

    /// Returns the one that was found, or why there is none.
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

/// Returns a select, for use inside another, of whom the keys fit: by which field, its key, its value, how many it
/// fits, and the name as `hit_name`. Of those that one value fits only the first [`MAX_CANDIDATES`] come.
///
/// By name, deleted records are found too; by anything else, live ones alone. A customer has also the e-mails and
/// phones of the contacts whose affiliation with it runs today.
pub fn hits<R: Resource>(scope: &TenantScope, keys: &[LookupKey], today: &str) -> Sql {
    let wanted = Wanted::of(keys);
    let mut branches = vec![by_name::<R>(scope, wanted.names)];
    for (field, systems, values) in wanted.fields {
        branches.push(by_key::<R>(scope, field, systems.clone(), values.clone()));
        if R::KIND == Kind::Customer && [EMAILS, PHONES].contains(&field) {
            branches.push(by_person(scope, field, values, today));
        }
    }
    let mut all = Sql::default();
    for (i, branch) in branches.into_iter().enumerate() {
        all = all
            .push(if i == 0 { "" } else { "\n    union\n    " })
            .append(branch);
    }
    Sql::new("with fits as (\n    ")
        .append(all)
        .push("\n  ), placed as (\n    select field, key, value, name, count(*) over (partition by field, key, value) as n,")
        .push("\n      row_number() over (partition by field, key, value order by name) as place\n    from fits\n  )")
        .push("\n  select field as hit_field, key as hit_key, value as hit_value, n as hit_count, name as hit_name")
        .push("\n  from placed where place <= ")
        .bind(i64::try_from(MAX_CANDIDATES).unwrap_or(i64::MAX))
}

/// The values to look for, by field: the keys in the field, and the values.
struct Wanted {
    names: Vec<String>,
    fields: Vec<(&'static str, Vec<String>, Vec<String>)>,
}

impl Wanted {
    fn of(keys: &[LookupKey]) -> Wanted {
        let mut wanted = Wanted {
            names: Vec::new(),
            fields: Vec::new(),
        };
        for key in keys {
            match key {
                LookupKey::Name(name) => wanted.names.push(name.to_string()),
                LookupKey::ExternalId { system, id } => wanted.add(EXTERNAL_IDS, system, id),
                LookupKey::Domain(domain) => wanted.add(DOMAINS, "", domain),
                LookupKey::Email { address, domain } => {
                    wanted.add(EMAILS, "", address);
                    domain
                        .iter()
                        .for_each(|domain| wanted.add(DOMAINS, "", domain));
                }
                LookupKey::Phone(number) => wanted.add(PHONES, "", number),
            }
        }
        wanted
    }

    fn add(&mut self, field: &'static str, key: &str, value: &str) {
        let at = self
            .fields
            .iter()
            .position(|(of, ..)| *of == field)
            .unwrap_or_else(|| {
                self.fields.push((field, Vec::new(), Vec::new()));
                self.fields.len() - 1
            });
        self.fields[at].1.push(key.to_owned());
        self.fields[at].2.push(value.to_owned());
    }
}

fn by_name<R: Resource>(scope: &TenantScope, names: Vec<String>) -> Sql {
    Sql::new("select 'name' as field, '' as key, name as value, name from ")
        .push(R::KIND.collection())
        .push(" where tenant_id = ")
        .bind(scope.tenant())
        .push(" and name")
        .any_of(names)
}

/// Looks in the side table. The record is joined in this order alone: a planner that starts from the records reads
/// all of them.
fn by_key<R: Resource>(
    scope: &TenantScope,
    field: &'static str,
    keys: Vec<String>,
    values: Vec<String>,
) -> Sql {
    let table = R::KIND.collection();
    let sql = filed(scope, R::KIND, field, "name", keys, values, table)
        .push(" and ")
        .push(table);
    sql.push(".name = keys.name and ")
        .push(table)
        .push(".delete_time is null")
}

fn by_person(scope: &TenantScope, field: &'static str, values: Vec<String>, today: &str) -> Sql {
    let sql = filed(
        scope,
        Kind::Contact,
        field,
        "customer",
        vec![String::new()],
        values,
        "affiliations",
    );
    sql.push(" and affiliations.contact = keys.name and ")
        .append(in_force::running(today))
}

fn filed(
    scope: &TenantScope,
    kind: Kind,
    field: &'static str,
    column: &'static str,
    keys: Vec<String>,
    values: Vec<String>,
    table: &'static str,
) -> Sql {
    Sql::new("select keys.field, keys.key, keys.value, ")
        .push(table)
        .push(".")
        .push(column)
        .push(" from keys cross join ")
        .push(table)
        .push(" where keys.tenant_id = ")
        .bind(scope.tenant())
        .push(" and keys.kind = ")
        .bind(kind.collection())
        .push(" and keys.field = ")
        .literal(field)
        .push(" and keys.key")
        .any_of(keys)
        .push(" and keys.value")
        .any_of(values)
        .push("\n      and ")
        .push(table)
        .push(".tenant_id = ")
        .bind(scope.tenant())
}

/// Returns the statement that [`KeyValidity::read`] reads; `None` if time changes nothing about these keys.
///
/// Whoever has an e-mail or a phone through a person has it while that person works there. Who starts or ends in the
/// meantime is reckoned in, whether it turns the answer or not.
pub fn validity(scope: &TenantScope, keys: &[LookupKey], today: &str) -> Option<Sql> {
    let mut all = Vec::new();
    for (field, _, values) in Wanted::of(keys).fields {
        if ![EMAILS, PHONES].contains(&field) {
            continue;
        }
        for date in ["start_date", "end_date"] {
            let sql = filed(
                scope,
                Kind::Contact,
                field,
                date,
                vec![String::new()],
                values.clone(),
                "affiliations",
            );
            let sql = sql
                .push(" and affiliations.contact = keys.name and affiliations.delete_time is null");
            all.push(
                sql.push(" and affiliations.")
                    .push(date)
                    .push(" > ")
                    .bind(today),
            );
        }
    }
    let all = all
        .into_iter()
        .reduce(|all, one| all.push("\n    union all\n    ").append(one))?;
    let sql = Sql::new("with turns as (\n    ").append(all);
    Some(sql.push("\n)\nselect field, value, min(start_date) from turns group by field, value"))
}

/// Until when time changes nothing about whom keys fit.
#[derive(Clone, Debug, Default)]
pub struct KeyValidity(BTreeMap<(String, String), Micros>);

impl KeyValidity {
    /// Reads the rows of [`validity`].
    pub fn read(rows: &[Row]) -> Result<KeyValidity, Error> {
        let mut turns = BTreeMap::new();
        for row in rows {
            let midnight = clock::date_message(row.str(2)?).and_then(|date| clock::midnight(&date));
            let midnight =
                midnight.ok_or_else(|| Error::internal("a stored date does not read"))?;
            turns.insert((row.text(0)?, row.text(1)?), midnight);
        }
        Ok(KeyValidity(turns))
    }

    /// Returns until when a key fits whom it fits, if time can change that.
    pub fn of(&self, key: &LookupKey) -> Option<Micros> {
        let (field, value) = match key {
            LookupKey::Email { address, .. } => (EMAILS, address),
            LookupKey::Phone(number) => (PHONES, number),
            LookupKey::Name(_) | LookupKey::ExternalId { .. } | LookupKey::Domain(_) => {
                return None;
            }
        };
        self.0.get(&(field.to_owned(), value.clone())).copied()
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

/// What [`hits`] found.
#[derive(Clone, Debug, Default)]
pub struct Hits(Vec<Hit>);

impl Hits {
    /// Reads a row whose columns from `first` on are those of [`hits`], unless an outer join left them out.
    pub fn add(&mut self, row: &Row, first: usize) -> Result<(), Error> {
        if let Some(field) = row.opt_str(first)? {
            let count = usize::try_from(row.int(first + 3)?).map_err(Error::internal)?;
            let (key, value, name) = (
                row.text(first + 1)?,
                row.text(first + 2)?,
                row.text(first + 4)?,
            );
            self.0.push(Hit {
                field: field.to_owned(),
                key,
                value,
                count,
                name,
            });
        }
        Ok(())
    }

    /// Says whom a key fits.
    pub fn of(&self, key: &LookupKey) -> Found<String> {
        match key {
            LookupKey::Name(name) => self.by(NAME, "", &name.to_string()),
            LookupKey::ExternalId { system, id } => self.by(EXTERNAL_IDS, system, id),
            LookupKey::Domain(domain) => self.by(DOMAINS, "", domain),
            LookupKey::Phone(number) => self.by(PHONES, "", number),
            LookupKey::Email { address, domain } => match (self.by(EMAILS, "", address), domain) {
                (Found::Nobody, Some(domain)) => self.by(DOMAINS, "", domain),
                (found, _) => found,
            },
        }
    }

    fn by(&self, field: &str, key: &str, value: &str) -> Found<String> {
        let is_it = |hit: &&Hit| hit.field == field && hit.key == key && hit.value == value;
        let mut names: Vec<String> = self
            .0
            .iter()
            .filter(is_it)
            .map(|hit| hit.name.clone())
            .collect();
        names.sort();
        match (names.len(), self.0.iter().find(is_it)) {
            (0, _) | (_, None) => Found::Nobody,
            (1, _) => Found::One(names.remove(0)),
            (_, Some(hit)) => Found::Several {
                candidates: names,
                count: hit.count,
            },
        }
    }
}

/// Returns the statement that finds the contacts that keys fit; [`Hits::add`] reads its rows from column 0.
pub fn contacts(scope: &TenantScope, keys: &[LookupKey], today: &str) -> Sql {
    hits::<pb::Contact>(scope, keys, today)
}

/// Returns the statement that finds the customers that keys fit; [`Hits::add`] reads its rows from column 0.
pub fn customers(scope: &TenantScope, keys: &[LookupKey], today: &str) -> Sql {
    hits::<pb::Customer>(scope, keys, today)
}
