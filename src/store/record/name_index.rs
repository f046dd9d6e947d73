//! The words that customers and contacts are looked up by, kept in step with their rows.
//!
//! Two tables: `words`, from a word or a pair of words to the records that have it, and `word_keys`, from a spelling
//! to the words that are in use. A deleted record is filed under nothing. The statements run after the bump of the
//! tenant's revision (`change.rs`): the records of a tenant share the spellings of a word, and before the bump two
//! units could miss each other, one taking the last record of a word away while the other files its first.

use std::collections::BTreeSet;

use crate::look_up::spelling;
use crate::look_up::words::{self, NameEntries};
use crate::store::record::resource::{Resource, is_deleted};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Sql, Value};

/// The most rows of one statement.
const ROWS_AT_ONCE: usize = 1000;

/// What becomes of the words of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    removed: Vec<(String, i64)>,
    added: Vec<(String, i64)>,
    gone: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl Edit {
    /// Compares what a record was filed under with what it is to be filed under.
    pub fn of<R: Resource>(before: Option<&R>, after: &R) -> Edit {
        let texts = |resource: &R| resource.texts().filter(|_| !is_deleted(resource));
        let (old, new) = (before.and_then(texts), texts(after));
        if old == new {
            return Edit::default();
        }
        let entries = |texts: Option<words::Texts>| {
            texts
                .map(|texts| words::entries(&texts))
                .unwrap_or_default()
        };
        let ((old, old_words), (new, new_words)) = (entries(old), entries(new));
        Edit {
            removed: difference(&old, &new),
            added: difference(&new, &old),
            gone: old_words.difference(&new_words).cloned().collect(),
            new: new_words.difference(&old_words).cloned().collect(),
        }
    }
}

/// Returns the entries of one that the other has not, or has with another size.
fn difference(one: &NameEntries, other: &NameEntries) -> Vec<(String, i64)> {
    let missing = one
        .iter()
        .filter(|(word, size)| other.get(*word) != Some(size));
    missing
        .map(|(word, size)| (word.clone(), i64::try_from(*size).unwrap_or(i64::MAX)))
        .collect()
}

/// Returns the statements that file records, given by name, anew.
pub(crate) fn statements<'a>(
    scope: &TenantScope,
    edits: impl Iterator<Item = (&'a str, &'a Edit)>,
) -> Vec<Sql> {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let (mut gone, mut new) = (BTreeSet::new(), BTreeSet::new());
    for (name, edit) in edits {
        removed.extend(
            edit.removed
                .iter()
                .map(|(word, size)| (word.as_str(), *size, name)),
        );
        added.extend(
            edit.added
                .iter()
                .map(|(word, size)| (word.as_str(), *size, name)),
        );
        gone.extend(edit.gone.iter().map(String::as_str));
        new.extend(edit.new.iter().map(String::as_str));
    }
    gone.retain(|word| !new.contains(word));
    let mut statements: Vec<Sql> = removed
        .chunks(ROWS_AT_ONCE)
        .map(|rows| delete_words(scope, rows))
        .collect();
    statements.extend(
        added
            .chunks(ROWS_AT_ONCE)
            .map(|rows| insert_words(scope, rows)),
    );
    let spellings: Vec<(String, &str)> = new.iter().flat_map(|word| keys_of(word)).collect();
    statements.extend(
        spellings
            .chunks(ROWS_AT_ONCE)
            .map(|rows| insert_keys(scope, rows)),
    );
    statements.extend(delete_keys(scope, &gone));
    statements
}

fn keys_of(word: &str) -> impl Iterator<Item = (String, &str)> {
    spelling::keys(word).into_iter().map(move |key| (key, word))
}

fn delete_words(scope: &TenantScope, rows: &[(&str, i64, &str)]) -> Sql {
    let mut sql = Sql::new("delete from words where tenant_id = ")
        .bind(scope.tenant())
        .push(" and (");
    for (i, (word, size, name)) in rows.iter().enumerate() {
        sql = sql
            .push(if i == 0 { "(word = " } else { " or (word = " })
            .bind(*word)
            .push(" and size = ")
            .bind(*size);
        sql = sql.push(" and name = ").bind(*name).push(")");
    }
    sql.push(")")
}

fn insert_words(scope: &TenantScope, rows: &[(&str, i64, &str)]) -> Sql {
    let mut sql = Sql::new("insert into words (tenant_id, word, size, name)\nvalues ");
    for (i, (word, size, name)) in rows.iter().enumerate() {
        let row: [Value; 4] = [
            scope.tenant().into(),
            (*word).into(),
            (*size).into(),
            (*name).into(),
        ];
        sql = sql
            .push(if i == 0 { "(" } else { ", (" })
            .bind_all(row)
            .push(")");
    }
    // The fill of an older database may have been there first.
    sql.push("\non conflict do nothing")
}

fn insert_keys(scope: &TenantScope, rows: &[(String, &str)]) -> Sql {
    let mut sql = Sql::new("insert into word_keys (tenant_id, key, word)\nvalues ");
    for (i, (key, word)) in rows.iter().enumerate() {
        let row: [Value; 3] = [scope.tenant().into(), key.as_str().into(), (*word).into()];
        sql = sql
            .push(if i == 0 { "(" } else { ", (" })
            .bind_all(row)
            .push(")");
    }
    sql.push("\non conflict do nothing")
}

/// Forgets the spellings of words that no record has any more.
fn delete_keys(scope: &TenantScope, gone: &BTreeSet<&str>) -> Option<Sql> {
    let keys: BTreeSet<String> = gone.iter().flat_map(|word| spelling::keys(word)).collect();
    let words = gone.iter().map(|word| (*word).to_owned()).collect();
    let sql = Sql::new("delete from word_keys where tenant_id = ").bind(scope.tenant());
    let sql = sql
        .push(" and key")
        .any_of(keys.iter().cloned().collect())
        .push(" and word")
        .any_of(words);
    let sql = sql.push(
        "\n  and not exists (select 1 from words where words.tenant_id = word_keys.tenant_id",
    );
    (!keys.is_empty()).then(|| sql.push(" and words.word = word_keys.word)"))
}

/// Returns the statements that file a page of records that were stored before there were words.
pub(crate) fn fill<R: Resource>(scope: &TenantScope, records: &[R]) -> Vec<Sql> {
    let edits: Vec<(&str, Edit)> = records
        .iter()
        .map(|record| (record.header().name, Edit::of(None, record)))
        .collect();
    statements(scope, edits.iter().map(|(name, edit)| (*name, edit)))
}
