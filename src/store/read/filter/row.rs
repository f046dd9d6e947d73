//! Rows of a table, with what stands beside them: keys, affiliations, the last conversation.

use std::marker::PhantomData;

use crate::clock::Micros;
use crate::error::Error;
use crate::filter::resolve::AFFILIATIONS;
use crate::filter::tree::{Comparison, Condition, Field, FieldKind, Filter, Operand, Predicate};
use crate::fold::folded;
use crate::name::Kind;
use crate::pb;
use crate::store::read::filter::element::{Element, Link};
use crate::store::read::filter::{Leading, Place, Unset, Value, Written, atom, in_parentheses};
use crate::store::record::columns::Column;
use crate::store::record::key::{EXTERNAL_IDS, MAX_VALUE};
use crate::store::record::last_conversation;
use crate::store::record::private_links;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions::{self, Json, Scalar};
use crate::store::sql::statement::Sql;

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

    fn column(name: &'static str) -> Sql {
        Sql::new(Self::TABLE).push(".").push(name)
    }

    /// Returns the expression at a path, and whether it is a column.
    fn expression(&self, path: &str) -> Result<(Sql, bool), Error> {
        if let Some(column) = R::COLUMNS.iter().find(|column| column.path == path) {
            return Ok((Self::column(column.name), true));
        }
        let is_column = matches!(path, "last_conversation.start_time" | "follow_up_due_time");
        let expression = match path.split_once('.') {
            Some((last_conversation::FIELD, field)) => last_conversation::field(Self::TABLE, field),
            None if path == last_conversation::FIELD => None,
            _ => R::DERIVED
                .iter()
                .find(|derived| derived.path == path)
                .map(|of| (of.expression)(self.today)),
        };
        Ok((
            expression.ok_or_else(|| Error::internal(format!("no column for {path}")))?,
            is_column,
        ))
    }

    /// Returns the condition that the record is filed under a key.
    fn filed(&self, field: &'static str, key: &str, value: Sql) -> Sql {
        Self::column("name")
            .push(" in (select keys.name from keys where keys.tenant_id = ")
            .bind(self.scope.tenant())
            .push(" and keys.kind = ")
            .bind(R::KIND.collection())
            .push(" and keys.field = ")
            .literal(field)
            .push(" and keys.key = ")
            .bind(key)
            .append(value)
            .push(")")
    }

    /// Labels and external ids are found by their keys.
    fn keyed(&self, field: &'static str, key: &str, condition: &Condition) -> Result<Sql, Error> {
        let value = Sql::new(" and keys.value");
        let value = match condition {
            Condition::Present | Condition::HasKey(_) => Sql::default(),
            Condition::Is(comparison, Operand::Text(text)) => value
                .push(" ")
                .push(comparison.symbol())
                .push(" ")
                .bind(text.as_str()),
            Condition::Like(pattern, wanted) => {
                Sql::new(" and ").append(atom::like(&Sql::new("keys.value"), pattern, *wanted))
            }
            Condition::ContainsFolded(part) => {
                return Ok(json_functions::holds(
                    self.folded(&[field.to_owned(), key.to_owned()])
                        .scalar(Scalar::Text),
                    part,
                ));
            }
            _ => return Err(atom::unexpected()),
        };
        Ok(self.filed(field, key, value))
    }

    fn attribute(&self, keys: &[String], condition: &Condition) -> Result<Sql, Error> {
        let json = Json::at(Self::column("attributes"), keys);
        let compared = |scalar, comparison: Comparison| {
            json.scalar(scalar)
                .push(" ")
                .push(comparison.symbol())
                .push(" ")
        };
        Ok(match condition {
            Condition::Present => json.is_set(),
            Condition::Is(comparison, Operand::Text(text)) => {
                compared(Scalar::Text, *comparison).bind(text.as_str())
            }
            Condition::Is(comparison, Operand::Double(number)) => {
                compared(Scalar::Number, *comparison).append(json_functions::number(*number))
            }
            Condition::Is(comparison, Operand::Bool(flag)) => compared(Scalar::Bool, *comparison)
                .bind(crate::store::sql::statement::Value::Bool(*flag)),
            Condition::Like(pattern, wanted) => {
                atom::like(&json.scalar(Scalar::Text), pattern, *wanted)
            }
            Condition::ContainsFolded(part) => {
                let path: Vec<String> = [String::from("attributes")]
                    .into_iter()
                    .chain(keys.iter().cloned())
                    .collect();
                let text = json.scalar(Scalar::Text).push(" is not null");
                json_functions::holds(self.folded(&path).scalar(Scalar::Text), part)
                    .push(" and ")
                    .append(text)
            }
            Condition::Has(operand) => {
                let one = |scalar| json_functions::element("one", scalar).push(" = ");
                let matches = match operand {
                    Operand::Text(text) => one(Scalar::Text).bind(text.as_str()),
                    Operand::Double(number) => {
                        one(Scalar::Number).append(json_functions::number(*number))
                    }
                    Operand::Bool(flag) => {
                        one(Scalar::Bool).bind(crate::store::sql::statement::Value::Bool(*flag))
                    }
                    _ => return Err(atom::unexpected()),
                };
                json_functions::exists(json.elements("one"), matches)
            }
            _ => return Err(atom::unexpected()),
        })
    }

    /// An amount is unset without a currency: 0 units may be those of an amount or of none.
    fn amount(&self, field: &Field, condition: &Condition) -> Result<Sql, Error> {
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
            Ok::<Sql, Error>(Self::column(column.name))
        };
        let is_set = part(".currency_code")?.push(" <> ''");
        let compared = match condition {
            Condition::Present => return Ok(is_set),
            Condition::Is(comparison, Operand::Amount { units, nanos }) => Sql::new("(")
                .append(part(".units")?)
                .push(", ")
                .append(part(".nanos")?)
                .push(") ")
                .push(comparison.symbol())
                .push(" (")
                .bind(*units)
                .push(", ")
                .bind(i64::from(*nanos))
                .push(")"),
            Condition::Is(comparison, Operand::Number(number)) => {
                let (part, _) = self.expression(&path)?;
                part.push(" ")
                    .push(comparison.symbol())
                    .push(" ")
                    .bind(*number)
            }
            _ => return Err(atom::unexpected()),
        };
        Ok(in_parentheses(compared.push(" and ").append(is_set)))
    }

    /// Returns the condition that the live affiliations of the record have one that meets a tree. Those of one customer
    /// or contact are few and are read first; else each record's own are.
    fn affiliated(&self, inner: Option<&Filter>) -> Result<Sql, Error> {
        let names_one = |inner: &Filter| {
            ["customer", "contact", "manager"]
                .iter()
                .any(|of| equals(inner, of).is_some())
        };
        let own = R::KIND.singular();
        let sql = if inner.is_some_and(names_one) {
            Self::column("name")
                .push(" in (select affiliations.")
                .push(own)
                .push(" from affiliations where ")
        } else {
            let sql = Sql::new("exists (select 1 from affiliations where affiliations.")
                .push(own)
                .push(" = ");
            sql.append(Self::column("name")).push(" and ")
        };
        let sql = sql
            .push("affiliations.delete_time is null and affiliations.tenant_id = ")
            .bind(self.scope.tenant());
        let sql = match inner {
            None => sql,
            Some(inner) => {
                let place = RowOf::<pb::Affiliation>::new(self.scope, self.now, self.today);
                sql.push(" and ")
                    .append(crate::store::read::filter::sql(&place, inner, false)?)
            }
        };
        Ok(sql.push(")"))
    }

    /// Returns the field of a list's elements that may name a record which the caller may not see.
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

    /// Narrows a list that is filed under keys down to the records that can have a value that all of a tree asks for.
    fn narrowed(&self, list: &[String], inner: &Filter) -> Option<Sql> {
        let wanted = |path: &str| equals(inner, path);
        let (field, value) = match list {
            [list] if list == "emails" => ("emails", folded(wanted("address")?)),
            [list] if list == "phone_numbers" => ("phone_numbers", wanted("e164")?.to_owned()),
            _ => return None,
        };
        let value = &value[..value.floor_char_boundary(MAX_VALUE)];
        Some(self.filed(field, "", Sql::new(" and keys.value = ").bind(value)))
    }
}

/// Returns the text that a field has to equal wherever a tree holds.
fn equals<'a>(tree: &'a Filter, path: &str) -> Option<&'a str> {
    match tree {
        Filter::And(trees) => trees.iter().find_map(|tree| equals(tree, path)),
        Filter::Predicate(predicate) if predicate.field.path == [path] => {
            match &predicate.condition {
                Condition::Is(Comparison::Equal, Operand::Text(text)) if !text.is_empty() => {
                    Some(text)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Says whether the lists of this path are filed, each element under its own text.
fn is_filed<R: Resource>(path: &str) -> Option<&'static str> {
    const HEADER: [&str; 1] = ["tags"];
    HEADER
        .iter()
        .chain(R::INDEXED_LISTS)
        .copied()
        .find(|filed| *filed == path)
}

/// Returns the key that a label has to have, or that an element of a list is filed under.
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
            let field = is_filed::<R>(&predicate.field.path.join("."))?;
            (field != "members.customers").then_some(Leading {
                field,
                key: "",
                value,
            })
        }
        _ => None,
    }
}

impl<R: Resource> Place for RowOf<'_, R> {
    fn now(&self) -> Micros {
        self.now
    }

    fn scalar(&self, field: &Field) -> Result<Value, Error> {
        let path = field.path.join(".");
        let (sql, is_column) = self.expression(&path)?;
        let unset = match field.kind {
            FieldKind::Text | FieldKind::Date | FieldKind::Enum { .. } => Unset::Empty,
            FieldKind::Count | FieldKind::Bool => Unset::Never,
            FieldKind::Time if R::LAST_WHEN_UNSET.contains(&path.as_str()) => Unset::Last,
            _ => Unset::Null,
        };
        Ok(Value {
            sql,
            unset,
            written: Written::Column,
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
                let sql = Sql::new("(select conversations.folded from conversations where conversations.tenant_id = ")
                    .bind(self.scope.tenant())
                    .push(" and conversations.name = ")
                    .append(Self::column("last_conversation"))
                    .push(")");
                let own = |field: &String| {
                    if field == "conversation" {
                        "name".to_owned()
                    } else {
                        field.clone()
                    }
                };
                Json::at(sql, rest.iter().map(own))
            }
            _ => Json::at(Self::column("folded"), path),
        }
    }

    fn special(&self, field: &Field, condition: &Condition) -> Result<Option<Sql>, Error> {
        let path = field.path.join(".");
        Ok(Some(match (&field.kind, condition) {
            (FieldKind::Labels, Condition::HasKey(key)) => self.keyed("labels", key, condition)?,
            (FieldKind::Labels | FieldKind::Attributes, Condition::Present) => {
                self.expression(&path)?.0.push(" <> '{}'")
            }
            (FieldKind::Attributes, Condition::HasKey(key)) => {
                self.attribute(std::slice::from_ref(key), &Condition::Present)?
            }
            (FieldKind::Label(key), _) => self.keyed("labels", key, condition)?,
            (FieldKind::Attribute(keys), _) => self.attribute(keys, condition)?,
            (FieldKind::ExternalIds(system), _) => self.keyed(EXTERNAL_IDS, system, condition)?,
            (FieldKind::Amount | FieldKind::PartOfAmount, _) => self.amount(field, condition)?,
            (FieldKind::Texts, Condition::Has(Operand::Text(text))) if text.len() < MAX_VALUE => {
                let Some(filed) = is_filed::<R>(&path) else {
                    return Ok(None);
                };
                let filed = if filed == "members.customers" {
                    "members"
                } else {
                    filed
                };
                self.filed(
                    filed,
                    "",
                    Sql::new(" and keys.value = ").bind(text.as_str()),
                )
            }
            (FieldKind::Texts, Condition::Present) if path == "members.customers" => {
                Sql::new("segments.members not in ('', '[]')")
            }
            (FieldKind::Texts, Condition::Present) => self.expression(&path)?.0.push(" <> '[]'"),
            _ => return Ok(None),
        }))
    }

    fn some(&self, list: &[String], inner: &Filter) -> Result<Sql, Error> {
        if list == [AFFILIATIONS] && matches!(R::KIND, Kind::Customer | Kind::Contact) {
            return self.affiliated(Some(inner));
        }
        let element = Element {
            depth: 0,
            now: self.now,
            link: self.link_in(list),
        };
        let some = element.meets(&self.list(list)?, &self.folded(list), inner)?;
        Ok(match self.narrowed(list, inner) {
            Some(narrowed) => in_parentheses(narrowed.push(" and ").append(some)),
            None => some,
        })
    }

    fn has_elements(&self, list: &[String]) -> Result<Sql, Error> {
        if list == [AFFILIATIONS] && matches!(R::KIND, Kind::Customer | Kind::Contact) {
            return self.affiliated(None);
        }
        Ok(self.expression(&list.join("."))?.0.push(" <> '[]'"))
    }

    fn hidden_link(&self, field: &Field) -> Result<Option<Sql>, Error> {
        let Some(links) = R::PRIVATE_LINKS.filter(|links| field.path.join(".") == links.field)
        else {
            return Ok(None);
        };
        let (link, _) = self.expression(links.field)?;
        Ok(Some(
            private_links::is_hidden(self.scope, links.kinds, link).into(),
        ))
    }

    fn listed(&self, segment: &str) -> Result<Sql, Error> {
        let members = Sql::new(" in (select keys.value from keys where keys.tenant_id = ")
            .bind(self.scope.tenant());
        let members = members
            .push(" and keys.name = ")
            .bind(segment)
            .push(" and keys.kind = 'segments'");
        Ok(Self::column("name")
            .append(members)
            .push(" and keys.field = 'members')"))
    }
}
