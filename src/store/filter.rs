//! Checked filter conditions as SQL over the columns of a resource.
//!
//! Column names come from the static tables of the resources; values are bound.

use super::TenantScope;
use super::columns::Column;
use super::resource::Resource;
use super::sql::{Sql, Value};
use crate::error::Error;
use crate::filter::check::{Condition, Operand};

/// Returns the conjunction of the conditions; `None` when there are none.
pub fn condition<R: Resource>(
    scope: &TenantScope,
    conditions: Vec<Condition>,
    today: &str,
) -> Result<Option<Sql>, Error> {
    let mut all: Option<Sql> = None;
    for condition in conditions {
        let sql = one::<R>(scope, condition, today)?;
        all = Some(match all {
            None => sql,
            Some(all) => all.push("\n  and ").append(sql),
        });
    }
    Ok(all)
}

fn one<R: Resource>(scope: &TenantScope, condition: Condition, today: &str) -> Result<Sql, Error> {
    match condition {
        Condition::ExternalId { system, id } => {
            Ok(Sql::new("name in (select keys.name from keys where keys.tenant_id = ")
                .bind(scope.tenant())
                .push(" and keys.kind = ")
                .bind(R::KIND.collection())
                .push(" and keys.field = 'external_ids' and keys.key = ")
                .bind(system)
                .push(" and keys.value = ")
                .bind(id)
                .push(")"))
        }
        // An unset field meets no restriction.
        Condition::Field { value: Operand::Text(text), .. } if text.is_empty() => Ok(Sql::new("1 = 0")),
        Condition::Field { path, value } => {
            let value = match value {
                Operand::Text(text) => Value::Text(text),
                Operand::Int(number) | Operand::Micros(number) => Value::from(number),
                Operand::Bool(flag) => Value::Bool(flag),
            };
            let condition = expression::<R>(&path, today)?.push(" = ").bind(value);
            Ok(match currency::<R>(&path) {
                Some(currency) => condition.push(" and ").push(currency).push(" <> ''"),
                None => condition,
            })
        }
    }
}

/// Returns the column that says whether there is the amount of money of which the path is a part: 0 units may be
/// those of an amount or of none.
fn currency<R: Resource>(path: &str) -> Option<&'static str> {
    let (money, _) = path.rsplit_once('.')?;
    let is_it = |column: &&Column<R>| column.path.strip_prefix(money) == Some(".currency_code");
    R::COLUMNS.iter().find(is_it).map(|column| column.name)
}

fn expression<R: Resource>(path: &str, today: &str) -> Result<Sql, Error> {
    if let Some(column) = R::COLUMNS.iter().find(|column| column.path == path) {
        return Ok(Sql::new(column.name));
    }
    let derived = R::DERIVED.iter().find(|derived| derived.path == path);
    let derived = derived.ok_or_else(|| Error::internal(format!("no column for {path}")))?;
    Ok((derived.expression)(today))
}
