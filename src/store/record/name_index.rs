//! The words that customers and contacts are looked up by, kept up to date with their rows.
//!
//! Two tables: `words`, from a word or a pair of words to the records that have it, and `word_keys`, from a spelling
//! to the words in use. A deleted record is filed under nothing. The statements run after the bump of the tenant's
//! revision (`change.rs`): the records of a tenant share the spellings of a word, and before the bump two units could
//! miss each other, one removing a word's last record while the other files its first.

use std::collections::BTreeSet;

use crate::look_up::spelling;
use crate::look_up::words::{self, NameEntries};
use crate::store::record::resource::{Resource, is_deleted};
use crate::store::scope::TenantScope;
use crate::store::sql::part::ROWS_AT_ONCE;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Value, part, scoped};

/// How the words of a record change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameEdit {
    removed: Vec<(String, i64)>,
    added: Vec<(String, i64)>,
    gone: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl NameEdit {
    /// Compares the entries a record was filed under with those it will be filed under.
    pub fn of<R: Resource>(before: Option<&R>, after: &R) -> NameEdit {
        let texts = |resource: &R| resource.texts().filter(|_| !is_deleted(resource));
        let (old, new) = (before.and_then(texts), texts(after));
        if old == new {
            return NameEdit::default();
        }
        let entries = |texts: Option<words::Texts>| {
            texts
                .map(|texts| words::entries(&texts))
                .unwrap_or_default()
        };
        let ((old, old_words), (new, new_words)) = (entries(old), entries(new));
        NameEdit {
            removed: difference(&old, &new),
            added: difference(&new, &old),
            gone: old_words.difference(&new_words).cloned().collect(),
            new: new_words.difference(&old_words).cloned().collect(),
        }
    }
}

/// Returns the entries of the first that the second lacks or has with another size.
fn difference(one: &NameEntries, other: &NameEntries) -> Vec<(String, i64)> {
    let missing = one
        .iter()
        .filter(|(word, size)| other.get(*word) != Some(size));
    missing
        .map(|(word, size)| (word.clone(), i64::try_from(*size).unwrap_or(i64::MAX)))
        .collect()
}

/// Returns the statements that refile records, given by name.
pub(crate) fn statements<'a>(
    scope: &TenantScope,
    edits: impl Iterator<Item = (&'a str, &'a NameEdit)>,
) -> Vec<Query<()>> {
    let mut removed: Vec<Entry<'_>> = Vec::new();
    let mut added: Vec<Entry<'_>> = Vec::new();
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    let mut new: BTreeSet<&str> = BTreeSet::new();
    for (name, edit) in edits {
        let entry = |(word, size): &'a (String, i64)| (word.as_str(), *size, name);
        removed.extend(edit.removed.iter().map(entry));
        added.extend(edit.added.iter().map(entry));
        gone.extend(edit.gone.iter().map(String::as_str));
        new.extend(edit.new.iter().map(String::as_str));
    }
    gone.retain(|word| !new.contains(word));
    let spellings = |word: &&'a str| {
        let word = *word;
        spelling::keys(word).into_iter().map(move |key| (key, word))
    };
    let spellings: Vec<(String, &str)> = new.iter().flat_map(spellings).collect();
    let delete_words = removed
        .chunks(ROWS_AT_ONCE)
        .map(|rows| delete_words(scope, rows));
    let insert_words = added
        .chunks(ROWS_AT_ONCE)
        .map(|rows| insert_words(scope, rows));
    let insert_keys = spellings
        .chunks(ROWS_AT_ONCE)
        .map(|rows| insert_keys(scope, rows));
    delete_words
        .chain(insert_words)
        .chain(insert_keys)
        .chain(delete_keys(scope, &gone))
        .collect()
}

/// A word or a pair of words, the size it is filed under, and the record that has it.
type Entry<'a> = (&'a str, i64, &'a str);

fn delete_words(scope: &TenantScope, entries: &[Entry<'_>]) -> Query<()> {
    let is_one = |(word, size, name): &Entry<'_>| {
        part!(
            "(word = :word and size = :size and name = :name)",
            word = *word,
            size = *size,
            name = *name,
        )
    };
    let delete = scoped!(
        scope,
        "delete from words where tenant_id = :tenant and (:{any})",
        any = Part::join(" or ", entries.iter().map(is_one)),
    );
    delete.done()
}

/// Inserts words; the fill of an older database may already have inserted them.
fn insert_words(scope: &TenantScope, entries: &[Entry<'_>]) -> Query<()> {
    let row = |(word, size, name): &Entry<'_>| -> Vec<Value> {
        vec![(*word).into(), (*size).into(), (*name).into()]
    };
    let insert = scoped!(
        scope,
        "insert into words (tenant_id, word, size, name) values :{rows} on conflict do nothing",
        rows = Part::rows(scope, entries.iter().map(row)),
    );
    insert.done()
}

fn insert_keys(scope: &TenantScope, spellings: &[(String, &str)]) -> Query<()> {
    let row = |(key, word): &(String, &str)| -> Vec<Value> { vec![key.into(), (*word).into()] };
    let insert = scoped!(
        scope,
        "insert into word_keys (tenant_id, key, word) values :{rows} on conflict do nothing",
        rows = Part::rows(scope, spellings.iter().map(row)),
    );
    insert.done()
}

/// Deletes the spellings of words that no record has any more.
fn delete_keys(scope: &TenantScope, gone: &BTreeSet<&str>) -> Option<Query<()>> {
    let keys: BTreeSet<String> = gone.iter().flat_map(|word| spelling::keys(word)).collect();
    if keys.is_empty() {
        return None;
    }
    let delete = scoped!(
        scope,
        "delete from word_keys
         where tenant_id = :tenant and key = any(:keys) and word = any(:words)
           and not exists (select 1 from words
             where words.tenant_id = :tenant and words.word = word_keys.word)",
        keys = keys.into_iter().collect::<Vec<_>>(),
        words = gone
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>(),
    );
    Some(delete.done())
}

/// Returns the statements that file a page of records stored before the index of words existed.
pub(crate) fn fill<R: Resource>(scope: &TenantScope, records: &[R]) -> Vec<Query<()>> {
    let edits: Vec<(&str, NameEdit)> = records
        .iter()
        .map(|record| (record.header().name, NameEdit::of(None, record)))
        .collect();
    statements(scope, edits.iter().map(|(name, edit)| (*name, edit)))
}
