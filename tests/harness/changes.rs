//! What the product noted of its own work: change rows, which no method of the API tells yet.

use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::scoped;

use super::Harness;

/// One change row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub revision: i64,
    pub name: String,
    pub action: String,
    pub paths: Vec<String>,
    pub customers: Vec<String>,
    pub actor: String,
    pub derived: bool,
}

impl Harness {
    /// Returns the changes after a revision, in their order.
    pub async fn changes_after(&self, revision: i64) -> Vec<Change> {
        let scope = TenantScope::local();
        let changes = scoped!(
            scope,
            "select revision, name, action, changed_paths, customers, actor, derived from changes
             where tenant_id = :tenant and revision > :revision
             order by revision, position",
            revision,
        );
        let rows = self.db().fetch(&scope, changes.read(Ok)).await.unwrap();
        let list = |text: String| serde_json::from_str(&text).unwrap();
        let change = |row: &clientele::store::sql::statement::Row| Change {
            revision: row.int(0).unwrap(),
            name: row.text(1).unwrap(),
            action: row.text(2).unwrap(),
            paths: list(row.text(3).unwrap()),
            customers: list(row.text(4).unwrap()),
            actor: row.text(5).unwrap(),
            derived: row.bool(6).unwrap(),
        };
        rows.iter().map(change).collect()
    }

    /// Returns how many states history keeps, of all records.
    pub async fn n_states(&self) -> i64 {
        let scope = TenantScope::local();
        let count = scoped!(
            scope,
            "select count(*) as n from history where tenant_id = :tenant"
        );
        let count = count.one(["n"], |row, [n]| row.int(n));
        self.db().fetch(&scope, count).await.unwrap()
    }
}
