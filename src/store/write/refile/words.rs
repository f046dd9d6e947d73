//! Emptying the words of a tenant before its records are refiled: what an earlier version filed there cannot be told
//! from its records, because the words are made of them by its own rules. Look-ups by name find less until the pages
//! are done.

use std::time::Instant;

use crate::error::Error;
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Part, scoped};
use crate::store::write::refile::{PAGE_TIME, lock, note_progress, progress};

/// The name under which the progress of this step is noted.
const WORDS: &str = "words";
/// Rows deleted per unit.
const PORTION: usize = 20_000;

/// Deletes the words of a tenant and their spellings, once for each filing.
pub(super) async fn empty(db: &Db, scope: &TenantScope) -> Result<(), Error> {
    loop {
        let deadline = Instant::now() + PAGE_TIME;
        if db
            .write(scope, deadline, Vec::new(), empty_portion)
            .await?
            .answer
        {
            return Ok(());
        }
    }
}

/// Deletes a portion; says whether nothing is left to delete.
async fn empty_portion(mut tx: Tx) -> Result<(Tx, bool), Error> {
    let scope = tx.scope().clone();
    let first = |table: &'static str, column: &'static str| {
        let first = scoped!(
            scope,
            "select :{column} as first from :{table} where tenant_id = :tenant
             order by :{order} limit +:portion",
            column,
            table,
            order = Part::text(column),
            portion = i64::try_from(PORTION).unwrap_or(i64::MAX),
        );
        first.texts("first")
    };
    let (_, done, words, keys) = tx
        .run((
            lock(&scope),
            progress(&scope, WORDS),
            first("words", "word"),
            first("word_keys", "key"),
        ))
        .await?;
    if done.is_some() {
        return Ok((tx, true));
    }
    let is_last = words.len() < PORTION && keys.len() < PORTION;
    // A word that many records have may go beyond the portion: what has the same text goes at once.
    let delete_words = scoped!(
        scope,
        "delete from words where tenant_id = :tenant and word <= :last",
        last = words.last().map_or("", String::as_str),
    );
    let delete_keys = scoped!(
        scope,
        "delete from word_keys where tenant_id = :tenant and key <= :last",
        last = keys.last().map_or("", String::as_str),
    );
    let note = is_last.then(|| note_progress(&scope, WORDS, ""));
    tx.finish((delete_words.done(), delete_keys.done(), note))
        .await?;
    Ok((tx, is_last))
}
