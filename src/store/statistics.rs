//! What SQLite is told about its indexes, so that it chooses among them as one would for millions of rows.
//!
//! Left alone it takes it that ten rows have the same first column of an index. Here that column is the tenant, and
//! wherever another index gave an order for nothing it walked through all rows of the tenant. Measured figures would
//! help, but then plans would change with the data, and no test would have seen them: these are fixed. PostgreSQL
//! measures its own. Format and use: <https://sqlite.org/fileformat2.html#the_sqlite_stat1_table>.

use sqlx::SqliteConnection;

/// Rows of a table, and of its largest tenant.
const ROWS: u64 = 1_000_000;
/// Rows with the same value, where there are few values.
const FEW_VALUES: [(&str, u64); 5] =
    [("state", 300_000), ("kind", 300_000), ("lifecycle", 250_000), ("field", 100_000), ("business_industry", 10_000)];
/// Rows with the same value of any other column, such as a reference.
const OTHERS: u64 = 20;

const INDEXES: &str = "select tables.name, indexes.name, group_concat(columns.name, ' ' order by columns.seqno)
from sqlite_schema tables, pragma_index_list(tables.name) indexes, pragma_index_info(indexes.name) columns
where tables.type = 'table'
group by tables.name, indexes.name";

/// Writes the figures for every index that begins with the tenant, and has this connection use them. Connections that
/// are opened later find them.
pub(super) async fn tell(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let indexes: Vec<(String, String, String)> = sqlx::query_as(INDEXES).fetch_all(&mut *conn).await?;
    // The table of figures comes with the first analysis; this one reads a table of few rows.
    sqlx::raw_sql("begin immediate; analyze tenants; delete from sqlite_stat1").execute(&mut *conn).await?;
    for (table, index, columns) in indexes.iter().filter(|(.., columns)| columns.starts_with("tenant_id")) {
        let columns: Vec<&str> = columns.split(' ').collect();
        let insert = sqlx::query("insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)");
        insert.bind(table).bind(index).bind(figures(&columns)).execute(&mut *conn).await?;
    }
    sqlx::raw_sql("commit; analyze sqlite_schema").execute(conn).await.map(drop)
}

/// Returns the rows of an index, and how many of them agree in its first column, its first two, and so on.
fn figures(columns: &[&str]) -> String {
    let mut alike = ROWS;
    let mut figures = vec![ROWS.to_string(), ROWS.to_string()];
    for (i, column) in columns.iter().enumerate().skip(1) {
        let few = FEW_VALUES.iter().find(|(name, _)| name == column);
        let of_column = if i + 1 == columns.len() { 1 } else { few.map_or(OTHERS, |(_, rows)| *rows) };
        alike = alike.min(of_column);
        figures.push(alike.to_string());
    }
    figures.join(" ")
}
