//! Rows of a table, with what belongs to them: keys, affiliations, the last conversation.

use std::marker::PhantomData;

use crate::clock::Micros;
use crate::error::Error;
use crate::filter::resolve::AFFILIATIONS;
use crate::filter::tree::{Comparison, Condition, Field, FieldKind, Filter, Operand, Predicate};
use crate::name::Kind;
use crate::pb;
use crate::store::read::filter::element::{Element, Link};
use crate::store::read::filter::{
    ColumnValue, Leading, Unset, ValueForm, ValuePlace, at_once, atom, attribute, by_order,
    chained, required,
};
use crate::store::record::columns::Column;
use crate::store::record::key::{EXTERNAL_IDS, MAX_VALUE, UNFILED_IDS};
use crate::store::record::last_conversation;
use crate::store::record::private_links;
use crate::store::record::resource::Resource;
use crate::store::record::sort_key::WhenUnset;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions::{self, Json, Scalar};
use crate::store::sql::statement::{Part, Value, part, scoped};

/// A row of the table of a resource.
pub struct RowOf<'a, R> {
    scope: &'a TenantScope,
    now: Micros,
    today: &'a str,
    resource: PhantomData<R>,
}

impl<'a, R: Resource> RowOf<'a, R> {
    /// Makes the place.
    pub fn new(scope: &'a TenantScope, now: Micros, today: &'a str) -> RowOf<'a, R> {
        RowOf {
            scope,
            now,
            today,
            resource: PhantomData,
        }
    }

    const TABLE: &'static str = R::KIND.collection();

    fn column(name: &'static str) -> Part {
        part!(":{table}.:{name}", table = Self::TABLE, name)
    }

    /// Returns the expression at a path, and whether it is a column.
    fn expression(&self, path: &str) -> Result<(Part, bool), Error> {
        if let Some(column) = R::COLUMNS.iter().find(|column| column.path == path) {
            return Ok((Self::column(column.name), true));
        }
        let is_column = matches!(
            path,
            "last_conversation.start_time"
                | "follow_up_due_time"
                | "conversation_count"
                | "first_conversation_time"
        );
        let expression = match path.split_once('.') {
            Some((last_conversation::FIELD, field)) => {
                last_conversation::field(self.scope, Self::TABLE, field)
            }
            None if path == last_conversation::FIELD => None,
            _ => R::DERIVED
                .iter()
                .find(|derived| derived.path == path)
                .map(|of| (of.expression)(self.scope, self.today)),
        };
        Ok((
            expression.ok_or_else(|| Error::internal(format!("no column for {path}")))?,
            is_column,
        ))
    }

    /// Returns the condition that the record is filed under a key, with a value that meets a condition.
    fn filed(&self, field: &'static str, key: &str, value: Part) -> Part {
        let is_in_field = match field {
            // Those that find another record stand in this one all the same.
            EXTERNAL_IDS => part!(
                "keys.field in (:{filed}, :{unfiled})",
                filed = Part::literal(field),
                unfiled = Part::literal(UNFILED_IDS),
            ),
            field => part!("keys.field = :{field}", field = Part::literal(field)),
        };
        scoped!(
            self.scope,
            ":{name} in (select keys.name from keys
                where keys.tenant_id = :tenant and keys.kind = :kind and :{is_in_field}
                  and keys.key = :key and :{value})",
            name = Self::column("name"),
            kind = R::KIND.collection(),
            is_in_field,
            key,
            value,
        )
        .into()
    }

    /// Returns the condition that the record is filed under a key with a value.
    fn filed_under(&self, field: &'static str, key: &str, value: &str) -> Part {
        self.filed(field, key, part!("keys.value = :value", value))
    }

    /// Returns the condition that the record is filed as an element of a list with one of these values.
    fn filed_as_one_of(&self, field: &'static str, values: Vec<String>) -> Part {
        match &values[..] {
            [value] => self.filed_under(field, "", value),
            _ => {
                let values = Value::Few(values);
                self.filed(field, "", part!("keys.value = any(:values)", values))
            }
        }
    }

    /// Returns the condition that the record is filed as one of the elements that several conditions ask for; `None` if
    /// one of them is not filed.
    fn filed_elements(&self, field: &Field, conditions: &[&Condition]) -> Option<Part> {
        let filed = filed_list::<R>(&field.path.join("."))?;
        let element = |condition: &&Condition| match condition {
            Condition::Has(Operand::Text(text)) if text.len() < MAX_VALUE => Some(text.clone()),
            _ => None,
        };
        let elements = conditions.iter().map(element).collect::<Option<_>>()?;
        Some(self.filed_as_one_of(filed, elements))
    }

    /// Labels and external ids are found by their keys. Returns the condition that one of several holds, which look at
    /// the same aspect.
    fn keyed(
        &self,
        field: &'static str,
        key: &str,
        conditions: &[&Condition],
    ) -> Result<Part, Error> {
        if let [Condition::ContainsFolded(part)] = conditions {
            return Ok(json_functions::holds(self.folded_at(field, key), part));
        }
        let value = Part::text("keys.value");
        let meets = |condition: &&Condition| match condition {
            Condition::Present | Condition::HasKey(_) => Ok(Part::text("1 = 1")),
            Condition::Is(comparison, Operand::Text(text)) => {
                Ok(atom::compared(&value, *comparison, text))
            }
            Condition::Like(pattern, wanted) => Ok(atom::like(&value, pattern, *wanted)),
            _ => Err(atom::unexpected()),
        };
        let meets = conditions.iter().map(meets).collect::<Result<_, _>>()?;
        Ok(self.filed(field, key, chained(" or ", meets)))
    }

    /// Returns the folded text under a key.
    fn folded_at(&self, field: &str, key: &str) -> Part {
        self.folded(&[field.to_owned(), key.to_owned()])
            .scalar(Scalar::Text)
    }

    /// Returns where an attribute and its folded shadow are.
    fn attribute(&self, keys: &[String]) -> [Json; 2] {
        let mut path = vec![String::from("attributes")];
        path.extend(keys.iter().cloned());
        [
            Json::at(Self::column("attributes"), keys),
            self.folded(&path),
        ]
    }

    /// An amount is unset without a currency: 0 units may mean an amount of zero or no amount.
    fn amount(&self, field: &Field, condition: &Condition) -> Result<Part, Error> {
        let path = field.path.join(".");
        let is_part = field.kind == FieldKind::PartOfAmount;
        let money = if is_part {
            path.rsplit_once('.').map_or("", |(money, _)| money)
        } else {
            &path
        };
        let part = |name: &str| {
            let is_it = |column: &&Column<R>| column.path.strip_prefix(money) == Some(name);
            let column = R::COLUMNS.iter().find(is_it).ok_or_else(atom::unexpected)?;
            Ok::<Part, Error>(Self::column(column.name))
        };
        let is_set = part!(
            ":{currency_code} <> ''",
            currency_code = part(".currency_code")?
        );
        let compared = match condition {
            Condition::Present => return Ok(is_set),
            Condition::Is(comparison, Operand::Amount { units, nanos }) => part!(
                "(:{units}, :{nanos}) :{symbol} (:wanted_units, :wanted_nanos)",
                units = part(".units")?,
                nanos = part(".nanos")?,
                symbol = atom::symbol(*comparison),
                wanted_units = *units,
                wanted_nanos = i64::from(*nanos),
            ),
            Condition::Is(comparison, Operand::Number(number)) => {
                let (part, _) = self.expression(&path)?;
                atom::compared(&part, *comparison, *number)
            }
            _ => return Err(atom::unexpected()),
        };
        Ok(part!("(:{compared} and :{is_set})", compared, is_set))
    }

    /// Returns the condition that a live affiliation of the record meets a tree. If the tree asks for customers or
    /// contacts by name, their few affiliations are read first; otherwise each record's own are.
    fn affiliated(&self, inner: Option<&Filter>) -> Result<Part, Error> {
        let names_some = |inner: &Filter| {
            ["customer", "contact", "manager"]
                .iter()
                .any(|of| required::texts(inner, of).is_some())
        };
        let meets = match inner {
            None => Part::text("1 = 1"),
            Some(inner) => {
                let place = RowOf::<pb::Affiliation>::new(self.scope, self.now, self.today);
                crate::store::read::filter::sql(&place, inner, false)?
            }
        };
        let (name, own) = (Self::column("name"), R::KIND.singular());
        let affiliated = if inner.is_some_and(names_some) {
            scoped!(
                self.scope,
                ":{name} in (select affiliations.:{own} from affiliations
                    where affiliations.delete_time is null and affiliations.tenant_id = :tenant
                      and :{meets})",
                name,
                own,
                meets,
            )
        } else {
            scoped!(
                self.scope,
                "exists (select 1 from affiliations
                    where affiliations.:{own} = :{name} and affiliations.delete_time is null
                      and affiliations.tenant_id = :tenant and :{meets})",
                own,
                name,
                meets,
            )
        };
        Ok(affiliated.into())
    }

    /// Returns the field of a list's elements that may name a record the caller may not see.
    fn link_in(&self, list: &[String]) -> Option<Link<'_>> {
        let links = R::PRIVATE_LINKS?;
        let field = links
            .field
            .strip_prefix(&list.join("."))?
            .strip_prefix('.')?;
        Some(Link {
            field,
            kinds: links.kinds,
            scope: self.scope,
        })
    }
}

/// Returns the field that the lists at this path are filed under, each element by its own text; `None` if they are
/// not.
fn filed_field<R: Resource>(path: &str) -> Option<&'static str> {
    const HEADER: [&str; 1] = ["tags"];
    HEADER
        .iter()
        .chain(R::INDEXED_LISTS)
        .copied()
        .find(|filed| *filed == path)
}

/// Returns the field of the table of keys that the elements of a list are filed under.
fn filed_list<R: Resource>(path: &str) -> Option<&'static str> {
    Some(match filed_field::<R>(path)? {
        "members.customers" => "members",
        filed => filed,
    })
}

/// Returns the key that a label must have, or that an element of a list is filed under.
pub fn leading<R: Resource>(predicate: &Predicate) -> Option<Leading<'_>> {
    match (&predicate.field.kind, &predicate.condition) {
        (FieldKind::Label(key), Condition::Is(Comparison::Equal, Operand::Text(value))) => {
            Some(Leading {
                field: "labels",
                key,
                value,
            })
        }
        (FieldKind::Texts, Condition::Has(Operand::Text(value))) if value.len() < MAX_VALUE => {
            let field = filed_field::<R>(&predicate.field.path.join("."))?;
            (field != "members.customers").then_some(Leading {
                field,
                key: "",
                value,
            })
        }
        _ => None,
    }
}

/// Says whether the column of a time holds the greatest one when it is unset, so that it sorts last.
fn is_last_when_unset<R: Resource>(path: &str) -> bool {
    let mut keys = R::SORT_KEYS.iter();
    keys.any(|key| key.path == path && key.unset == WhenUnset::Greatest)
}

impl<R: Resource> ValuePlace for RowOf<'_, R> {
    fn now(&self) -> Micros {
        self.now
    }

    fn scalar(&self, field: &Field) -> Result<ColumnValue, Error> {
        let path = field.path.join(".");
        let (sql, is_column) = self.expression(&path)?;
        let unset = match field.kind {
            FieldKind::Text | FieldKind::Date | FieldKind::Enum { .. } => Unset::Empty,
            FieldKind::Count | FieldKind::Bool => Unset::Never,
            FieldKind::Time if is_last_when_unset::<R>(&path) => Unset::Last,
            _ => Unset::Null,
        };
        Ok(ColumnValue {
            sql,
            unset,
            written: ValueForm::Column,
            is_column,
        })
    }

    fn list(&self, path: &[String]) -> Result<Json, Error> {
        let (sql, _) = self.expression(&path.join("."))?;
        Ok(Json::at(sql, [""; 0]))
    }

    fn folded(&self, path: &[String]) -> Json {
        match path {
            [group, rest @ ..] if group == "last_conversation" => {
                let last = scoped!(
                    self.scope,
                    "(select conversations.folded from conversations
                        where conversations.tenant_id = :tenant and conversations.name = :{last})",
                    last = Self::column("last_conversation"),
                );
                let own = |field: &String| {
                    if field == "conversation" {
                        "name".to_owned()
                    } else {
                        field.clone()
                    }
                };
                Json::at(last, rest.iter().map(own))
            }
            _ => Json::at(Self::column("folded"), path),
        }
    }

    fn special(&self, field: &Field, condition: &Condition) -> Result<Option<Part>, Error> {
        let path = field.path.join(".");
        Ok(Some(match (&field.kind, condition) {
            (FieldKind::Labels, Condition::HasKey(key)) => {
                self.keyed("labels", key, &[condition])?
            }
            (FieldKind::Labels | FieldKind::Attributes, Condition::Present) => {
                part!(":{map} <> '{}'", map = self.expression(&path)?.0)
            }
            (FieldKind::Attributes, Condition::HasKey(key)) => {
                self.attribute(std::slice::from_ref(key))[0].is_set()
            }
            (FieldKind::Label(key), _) => self.keyed("labels", key, &[condition])?,
            (FieldKind::Attribute(keys), _) => {
                let [json, folded] = self.attribute(keys);
                attribute::meets(&json, &folded, condition)?
            }
            (FieldKind::ExternalIds(system), _) => {
                self.keyed(EXTERNAL_IDS, system, &[condition])?
            }
            (FieldKind::Amount | FieldKind::PartOfAmount, _) => self.amount(field, condition)?,
            (FieldKind::Texts, Condition::Has(Operand::Text(text))) if text.len() < MAX_VALUE => {
                let Some(filed) = filed_list::<R>(&path) else {
                    return Ok(None);
                };
                self.filed_under(filed, "", text)
            }
            (FieldKind::Texts, Condition::Present) if path == "members.customers" => {
                Part::text("segments.members not in ('', '[]')")
            }
            (FieldKind::Texts, Condition::Present) => {
                part!(":{list} <> '[]'", list = self.expression(&path)?.0)
            }
            (FieldKind::Text, _) => return Ok(by_order::found::<R>(field, condition)),
            _ => return Ok(None),
        }))
    }

    fn special_one_of(
        &self,
        field: &Field,
        conditions: &[&Condition],
    ) -> Result<Option<Part>, Error> {
        let keyed = |name, key: &str| match conditions {
            [Condition::ContainsFolded(_), ..] => {
                at_once::searched(self.folded_at(name, key), conditions)
            }
            _ => self.keyed(name, key, conditions).map(Some),
        };
        match &field.kind {
            FieldKind::Label(key) => keyed("labels", key),
            FieldKind::ExternalIds(system) => keyed(EXTERNAL_IDS, system),
            FieldKind::Attribute(keys) => {
                let [json, folded] = self.attribute(keys);
                attribute::meets_one_of(&json, &folded, conditions)
            }
            FieldKind::Texts => Ok(self.filed_elements(field, conditions)),
            _ => Ok(None),
        }
    }

    fn some(&self, list: &[String], inner: &Filter) -> Result<Part, Error> {
        if list == [AFFILIATIONS] && matches!(R::KIND, Kind::Customer | Kind::Contact) {
            return self.affiliated(Some(inner));
        }
        let element = Element {
            depth: 0,
            now: self.now,
            link: self.link_in(list),
        };
        let some = element.meets(&self.list(list)?, &self.folded(list), inner)?;
        let narrowed = required::filed(list, inner);
        let narrowed = narrowed.map(|(field, values)| self.filed_as_one_of(field, values));
        Ok(match narrowed {
            Some(narrowed) => part!("(:{narrowed} and :{some})", narrowed, some),
            None => some,
        })
    }

    fn has_elements(&self, list: &[String]) -> Result<Part, Error> {
        if list == [AFFILIATIONS] && matches!(R::KIND, Kind::Customer | Kind::Contact) {
            return self.affiliated(None);
        }
        let (list, _) = self.expression(&list.join("."))?;
        Ok(part!(":{list} <> '[]'", list))
    }

    fn hidden_link(&self, field: &Field) -> Result<Option<Part>, Error> {
        let Some(links) = R::PRIVATE_LINKS.filter(|links| field.path.join(".") == links.field)
        else {
            return Ok(None);
        };
        let (link, _) = self.expression(links.field)?;
        Ok(Some(private_links::is_hidden(
            self.scope,
            links.kinds,
            link,
        )))
    }

    fn listed(&self, segment: &str) -> Result<Part, Error> {
        let listed = scoped!(
            self.scope,
            ":{name} in (select keys.value from keys
                where keys.tenant_id = :tenant and keys.name = :segment and keys.kind = 'segments'
                  and keys.field = 'members')",
            name = Self::column("name"),
            segment,
        );
        Ok(listed.into())
    }
}
