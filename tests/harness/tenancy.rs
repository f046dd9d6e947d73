//! Which rows a statement may touch: that every table in it is held to the tenant, in a form that a database sharded by
//! tenant takes. Reads texts alone.
//!
//! Citus refuses a table that is tied to the tenant only by another one (`a.tenant_id = b.tenant_id`) in a statement
//! with bound values: <https://docs.citusdata.com/en/stable/develop/reference_sql.html>. So each select, however
//! deep it stands, binds the tenant once for each of its tables, and all of a statement bind the same parameter.

use std::collections::BTreeSet;

/// Tells what is wrong with a statement; nothing if each of its tables is held to the tenant.
pub fn faults(statement: &str, tables: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut parameters = BTreeSet::new();
    for select in selects(statement) {
        let words: Vec<&str> = select.split_whitespace().collect();
        let named = named_tables(&words, tables);
        let bound = bindings(&words, &mut parameters);
        if named.len() > bound {
            faults.push(format!(
                "binds the tenant {bound} times for {}: {select}",
                named.join(", ")
            ));
        }
    }
    if parameters.len() > 1 {
        faults.push(format!("binds the tenant as {parameters:?}"));
    }
    faults
}

/// Takes a statement apart at its parentheses: the text at each depth by itself, with `( )` where something stood. A
/// list of columns keeps its parentheses' content out of sight, but for the one of an insert, which names the tenant.
fn selects(statement: &str) -> Vec<String> {
    let mut open = vec![String::new()];
    let mut done = Vec::new();
    let mut is_quoted = false;
    for c in statement.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => {
                open.push(String::new());
            }
            ')' => {
                let inner = open.pop().unwrap_or_default();
                if let Some(outer) = open.last_mut() {
                    let is_columns = inner.trim_start().starts_with("tenant_id ,");
                    outer.push_str(if is_columns { " (tenant_id) " } else { " ( ) " });
                }
                done.push(inner);
            }
            '=' | '<' | '>' | ',' => {
                if let Some(text) = open.last_mut() {
                    text.extend([' ', c, ' ']);
                }
            }
            c => {
                if let Some(text) = open.last_mut() {
                    text.push(c);
                }
            }
        }
    }
    done.extend(open);
    done
}

fn named_tables<'a>(words: &[&'a str], tables: &BTreeSet<String>) -> Vec<&'a str> {
    let after = ["from", "join", "into", "update"];
    let is_after = |word: &str| after.contains(&word);
    let pairs = words.windows(2).filter(|pair| is_after(pair[0]));
    let mut named: Vec<&str> = pairs
        .map(|pair| pair[1])
        .filter(|word| tables.contains(*word))
        .collect();
    // The action of an upsert is about the table of its insert.
    named.retain(|word| *word != "set");
    named
}

/// Counts how often the tenant is bound, and notes as what.
fn bindings(words: &[&str], parameters: &mut BTreeSet<String>) -> usize {
    let is_tenant = |word: &str| word == "tenant_id" || word.ends_with(".tenant_id");
    let is_own_id = |word: &str| word == "id" || word == "tenants.id";
    let is_parameter = |word: &str| word.starts_with('$') || word == "?";
    let mut bound = words.iter().filter(|word| **word == "(tenant_id)").count();
    for three in words.windows(3) {
        let names = is_tenant(three[0]) || is_own_id(three[0]);
        if names && three[1] == "=" && is_parameter(three[2]) {
            parameters.insert(three[2].to_owned());
            bound += 1;
        }
    }
    bound
}

#[test]
fn a_table_that_is_tied_by_another_one_is_a_fault() {
    let tables: BTreeSet<String> = ["customers", "keys", "tenants"].map(str::to_owned).into();
    let good = [
        "select name from customers where tenant_id = $1 and name = $2",
        "select (select revision from tenants where id = $1) from customers where tenant_id=$1",
        "insert into keys (tenant_id, name) values ($1, $2)",
        "with used (name) as (select name from customers where tenant_id = $1) select 1 from used",
        "select 1 from keys cross join customers where keys.tenant_id = $1 and customers.tenant_id = $1",
    ];
    for statement in good {
        assert_eq!(faults(statement, &tables), [""; 0], "{statement}");
    }
    let bad = [
        "select name from customers where name = $1",
        "select 1 from keys join customers on customers.tenant_id = keys.tenant_id where keys.tenant_id = $1",
        "select 1 from customers where tenant_id = $1 and exists (select 1 from keys where name = $2)",
        "select 1 from customers where tenant_id = $1 union all select 1 from keys where tenant_id = $2",
        "delete from keys where name = $1",
    ];
    for statement in bad {
        assert_ne!(faults(statement, &tables), [""; 0], "{statement}");
    }
}
