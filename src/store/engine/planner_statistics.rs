//! What SQLite is told about its indexes, so that it chooses among them as is right for millions of rows.
//!
//! By default it assumes that ten rows share the first column of an index. Here that column is the tenant, so
//! wherever another index gave an order for free it walked through all rows of the tenant. Measured figures would
//! help, but plans would then change with the data, untested: these are fixed. PostgreSQL measures its own. Format
//! and use: <https://sqlite.org/fileformat2.html#the_sqlite_stat1_table>.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

/// Rows of a table, and of its largest tenant.
const ROWS: u64 = 1_000_000;
/// Rows with the same value, for columns with few values.
const FEW_VALUES: [(&str, u64); 5] = [
    ("state", 300_000),
    ("kind", 300_000),
    ("lifecycle", 250_000),
    ("field", 100_000),
    ("business_industry", 10_000),
];
/// Rows with the same value of any other column, such as a reference.
const OTHERS: u64 = 20;

const INDEXES: &str = "select tables.name, indexes.name, group_concat(columns.name, ' ' order by columns.seqno)
from sqlite_schema tables, pragma_index_list(tables.name) indexes, pragma_index_info(indexes.name) columns
where tables.type = 'table'
group by tables.name, indexes.name";

/// Writes the figures for every index that begins with the tenant, and makes this connection use them. Connections
/// opened later find them. If they are there already nothing is written, so a full disk does not prevent reads.
///
/// There must be no samples of values beside them (`sqlite_stat4`): a single row, for any table of a statement, makes
/// SQLite look at the bound values when it plans, and plan again each time they are bound anew.
pub(crate) async fn tell(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let indexes: Vec<(String, String, String)> =
        sqlx::query_as(INDEXES).fetch_all(&mut *conn).await?;
    let indexes = indexes
        .into_iter()
        .filter(|(.., columns)| columns.starts_with("tenant_id"));
    let wanted: BTreeSet<Figures> = indexes
        .map(|(table, index, columns)| {
            (
                table,
                index,
                figures(&columns.split(' ').collect::<Vec<_>>()),
            )
        })
        .collect();
    if told(&mut *conn).await?.as_ref() == Some(&wanted) {
        return Ok(());
    }
    // The tables of figures are created by the first analysis; this one reads a table of few rows.
    let start =
        "begin immediate; analyze tenants; delete from sqlite_stat1; delete from sqlite_stat4";
    sqlx::raw_sql(start).execute(&mut *conn).await?;
    for (table, index, figures) in wanted {
        let insert = sqlx::query("insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)");
        insert
            .bind(table)
            .bind(index)
            .bind(figures)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::raw_sql("commit; analyze sqlite_schema")
        .execute(conn)
        .await
        .map(drop)
}

/// A table, an index of it, and the figures for that index.
type Figures = (String, String, String);

/// Returns the figures in the file; `None` if there are none, or samples beside them.
async fn told(conn: &mut SqliteConnection) -> Result<Option<BTreeSet<Figures>>, sqlx::Error> {
    let tables =
        "select count(*) from sqlite_schema where name in ('sqlite_stat1', 'sqlite_stat4')";
    let n_tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut *conn).await?;
    if n_tables < 2 {
        return Ok(None);
    }
    let n_samples: i64 = sqlx::query_scalar("select count(*) from sqlite_stat4")
        .fetch_one(&mut *conn)
        .await?;
    let figures: Vec<Figures> = sqlx::query_as("select tbl, idx, stat from sqlite_stat1")
        .fetch_all(conn)
        .await?;
    Ok((n_samples == 0).then(|| figures.into_iter().collect()))
}

/// Returns the number of rows of an index, and how many agree in its first column, its first two, and so on.
fn figures(columns: &[&str]) -> String {
    let mut alike = ROWS;
    let mut figures = vec![ROWS.to_string(), ROWS.to_string()];
    for (i, column) in columns.iter().enumerate().skip(1) {
        let few = FEW_VALUES.iter().find(|(name, _)| name == column);
        let of_column = if i + 1 == columns.len() {
            1
        } else {
            few.map_or(OTHERS, |(_, rows)| *rows)
        };
        alike = alike.min(of_column);
        figures.push(alike.to_string());
    }
    figures.join(" ")
}
