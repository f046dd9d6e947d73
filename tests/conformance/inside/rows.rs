//! Rows that no caller reads: changes, history and request ids, and the connections that wrote them.

use std::time::{Duration, Instant};

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::store::engine::lane::Cost;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::scope::TenantScope;
use clientele::store::sql::query::Query;
use clientele::store::sql::row::Row as StoredRow;
use clientele::store::sql::statement::global;
use prost::Message;
use sqlx::{Connection, Row};

use crate::harness::Harness;
use crate::harness::answer::{done, whole};
use crate::harness::builders::{claim, contact, customer};
use crate::harness::engine::Engine;
use crate::harness::records::{conversation, listed, promise};
use crate::harness::standard::{Create, Standard};

conformance! {
    every_commit_has_a_change_for_each_record,
    a_change_names_the_customers_it_touches,
    a_move_names_the_customers_it_leaves_and_joins,
    a_change_tells_who_asked_for_it_and_when,
    an_edit_of_members_is_a_change_of_the_segment,
    history_holds_each_state,
    history_holds_the_children_that_go_along,
    request_ids_keep_no_bodies,
    a_sweep_takes_the_request_ids_of_yesterday_alone,
    connections_keep_what_they_acknowledge,
    a_snapshot_stays_as_it_was,
}

/// A row of `changes`.
#[derive(Debug, PartialEq)]
struct Change {
    revision: i64,
    action: String,
    name: String,
    paths: String,
    customers: String,
}

async fn changes(h: &Harness) -> Vec<Change> {
    let sql = "select revision, action, name, changed_paths, customers from changes order by revision, position";
    macro_rules! rows {
        ($connection:ty, $url:expr) => {{
            let mut conn = <$connection>::connect(&$url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
            let text = |row: &_, i: usize| Row::get::<String, _>(row, i);
            let change = |row: &_| Change {
                revision: Row::get(row, 0),
                action: text(row, 1),
                name: text(row, 2),
                paths: text(row, 3),
                customers: text(row, 4),
            };
            rows.iter().map(change).collect()
        }};
    }
    match h.url() {
        DatabaseUrl::Sqlite(path) => rows!(
            sqlx::SqliteConnection,
            format!("sqlite://{}", path.display())
        ),
        DatabaseUrl::Postgres(url) => rows!(sqlx::PgConnection, url),
    }
}

fn change(revision: i64, action: &str, name: &str, paths: &[&str], customers: &[&str]) -> Change {
    let list = |list: &[&str]| serde_json::Value::from(list).to_string();
    Change {
        revision,
        action: action.to_owned(),
        name: name.to_owned(),
        paths: list(paths),
        customers: list(customers),
    }
}

async fn every_commit_has_a_change_for_each_record(h: Harness) {
    h.create_as("firm", customer("Ferrum AG")).await;
    h.create_as("person", contact("Mara Lind")).await;
    let job = pb::Affiliation {
        contact: "contacts/person".to_owned(),
        customer: "customers/firm".to_owned(),
        ..Default::default()
    };
    let job = h.create_as("job", job).await;
    h.add_role(claim(&job, BuyingRole::Champion)).await;
    let input = pb::Customer {
        name: "customers/firm".to_owned(),
        about: "new".to_owned(),
        ..customer("Cuprum")
    };
    h.update(input, &["about", "display_name", "tags"]).await;
    h.delete::<pb::Customer>("customers/firm").await;
    h.undelete::<pb::Customer>("customers/firm").await;
    let firm = &["customers/firm"];
    let expected = [
        change(1, "CREATED", "customers/firm", &[], firm),
        change(2, "CREATED", "contacts/person", &[], &[]),
        change(3, "CREATED", "affiliations/job", &[], firm),
        change(4, "UPDATED", "affiliations/job", &["buying_roles"], firm),
        change(
            5,
            "UPDATED",
            "customers/firm",
            &["display_name", "about"],
            firm,
        ),
        change(6, "DELETED", "customers/firm", &["delete_time"], firm),
        change(6, "DELETED", "affiliations/job", &["delete_time"], firm),
        change(7, "UNDELETED", "customers/firm", &["delete_time"], firm),
        change(7, "UNDELETED", "affiliations/job", &["delete_time"], firm),
    ];
    assert_eq!(changes(&h).await, expected);
}

async fn a_change_names_the_customers_it_touches(h: Harness) {
    let (firm, person, _) = h.employed().await;
    h.update(person.clone().titled("engineer"), &["occupation"])
        .await;
    h.delete::<pb::Contact>(&person.name).await;
    h.undelete::<pb::Contact>(&person.name).await;
    let of_person: Vec<Change> = changes(&h)
        .await
        .into_iter()
        .filter(|change| change.name == person.name)
        .collect();
    let customers: Vec<&str> = of_person
        .iter()
        .map(|change| change.customers.as_str())
        .collect();
    let firm = format!("[\"{}\"]", firm.name);
    assert_eq!(customers, ["[]", &firm, &firm, &firm]);
}

async fn a_move_names_the_customers_it_leaves_and_joins(h: Harness) {
    let from = h.create_as("a", customer("Ferrum AG")).await;
    let to = h.create_as("b", customer("Cuprum")).await;
    // Without people: theirs are named, too.
    let talk = h
        .create(pb::Conversation {
            broadcast: true,
            ..conversation(&from, 0)
        })
        .await;
    let owed = h.create(promise(&from, "x")).await;
    h.update(
        pb::Conversation {
            customer: to.name.clone(),
            ..talk.clone()
        },
        &["customer"],
    )
    .await;
    h.update(
        pb::Promise {
            customer: to.name.clone(),
            ..owed.clone()
        },
        &["customer"],
    )
    .await;
    let moves = changes(&h)
        .await
        .into_iter()
        .filter(|change| change.action == "UPDATED");
    let moves: Vec<(String, String)> = moves
        .map(|change| (change.name, change.customers))
        .collect();
    let both = r#"["customers/a","customers/b"]"#.to_owned();
    assert_eq!(moves, [(talk.name, both.clone()), (owed.name, both)]);
}

async fn a_change_tells_who_asked_for_it_and_when(h: Harness) {
    let create = Create {
        resource: Some(customer("Ferrum AG")),
        request_id: "a-7".to_owned(),
        ..Default::default()
    };
    let made = whole(pb::Customer::create(&h, create).await).message;
    let changed = h.update(made.titled("new"), &["about"]).await;
    let told = global!(
        "select kind, actor, request_id, commit_time from changes
         where tenant_id = 'default' order by revision",
    )
    .read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), told).await.unwrap();
    let texts = |row: usize| [0, 1, 2].map(|i| rows[row].text(i).unwrap());
    assert_eq!(
        (texts(0), texts(1)),
        (
            ["customers", "local", "a-7"].map(str::to_owned),
            ["customers", "local", ""].map(str::to_owned)
        )
    );
    let time = |time: Option<prost_types::Timestamp>| {
        time.map(|time| time.seconds * 1_000_000 + i64::from(time.nanos) / 1000)
    };
    let times = [rows[0].int(3).unwrap(), rows[1].int(3).unwrap()];
    assert_eq!(
        times.map(Some),
        [time(changed.create_time), time(changed.update_time)]
    );
}

async fn an_edit_of_members_is_a_change_of_the_segment(h: Harness) {
    h.create_as("firm", customer("Ferrum AG")).await;
    h.create_as("list", listed("x", &[])).await;
    for adds in [true, true, false, false] {
        done(
            h.try_edit_members("segments/list", &["customers/firm"], adds)
                .await,
        );
    }
    let expected = [
        change(1, "CREATED", "customers/firm", &[], &["customers/firm"]),
        change(2, "CREATED", "segments/list", &[], &[]),
        change(3, "UPDATED", "segments/list", &["members"], &[]),
        change(4, "UPDATED", "segments/list", &["members"], &[]),
    ];
    assert_eq!(changes(&h).await, expected);
}

async fn history_holds_each_state(h: Harness) {
    let created = h.created::<pb::Customer>().await;
    let updated = h.update(created.clone().titled("new"), &["about"]).await;
    let deleted = h.delete::<pb::Customer>(&created.name).await;
    let history =
        global!("select body from history where tenant_id = 'default' order by revision").read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), history).await.unwrap();
    let bodies: Vec<pb::Customer> = rows
        .iter()
        .map(|row| pb::Customer::decode(&row.bytes(0).unwrap()[..]).unwrap())
        .collect();
    assert_eq!(bodies, [created, updated, deleted]);
}

async fn history_holds_the_children_that_go_along(h: Harness) {
    let (firm, _, job) = h.employed().await;
    h.delete::<pb::Customer>(&firm.name).await;
    let gone = h.get::<pb::Affiliation>(&job.name).await;
    h.undelete::<pb::Customer>(&firm.name).await;
    let back = h.get::<pb::Affiliation>(&job.name).await;
    let history = global!(
        "select body from history where tenant_id = 'default' and name = :name order by revision",
        name = &job.name,
    );
    let rows = h
        .db()
        .fetch(&TenantScope::local(), history.read(Ok))
        .await
        .unwrap();
    let bodies: Vec<pb::Affiliation> = rows
        .iter()
        .map(|row| pb::Affiliation::decode(&row.bytes(0).unwrap()[..]).unwrap())
        .collect();
    assert_eq!(bodies, [job, gone, back]);
}

async fn request_ids_keep_no_bodies(h: Harness) {
    let secret = "Geheimrat";
    let create = Create {
        resource: Some(customer(secret)),
        request_id: "a".to_owned(),
        ..Default::default()
    };
    let made = whole(pb::Customer::create(&h, create).await);
    let filed = global!("select outcome, hash, revision from requests where tenant_id = 'default'")
        .read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), filed).await.unwrap();
    let (outcome, hash) = (rows[0].text(0).unwrap(), rows[0].text(1).unwrap());
    assert_eq!(
        outcome,
        format!("{} {}", made.message.name, made.message.etag)
    );
    assert_eq!((hash.len(), rows[0].int(2).unwrap()), (64, made.revision));
    let texts = global!(
        "select name || changed_paths || customers || actor || origin || request_id from changes
         where tenant_id = 'default'",
    )
    .read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), texts).await.unwrap();
    assert!(
        rows.iter()
            .all(|row| !row.text(0).unwrap().contains(secret))
    );
}

async fn a_sweep_takes_the_request_ids_of_yesterday_alone(h: Harness) {
    for id in ["old", "new"] {
        let create = Create {
            resource: Some(customer("x")),
            request_id: id.to_owned(),
            ..Default::default()
        };
        whole(pb::Customer::create(&h, create).await);
    }
    let age =
        "update requests set create_time = create_time - 86400000000 where request_id = 'old'";
    macro_rules! age {
        ($connection:ty, $url:expr) => {
            sqlx::query(age)
                .execute(&mut <$connection>::connect(&$url).await.unwrap())
                .await
                .map(drop)
                .unwrap()
        };
    }
    match h.url() {
        DatabaseUrl::Sqlite(path) => age!(
            sqlx::SqliteConnection,
            format!("sqlite://{}", path.display())
        ),
        DatabaseUrl::Postgres(url) => age!(sqlx::PgConnection, url),
    }
    clientele::store::record::request::sweep(h.db())
        .await
        .unwrap();
    let left = global!("select request_id from requests where tenant_id = 'default'").read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), left).await.unwrap();
    let ids: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
    assert_eq!(ids, ["new"]);
}

/// Killing the process would not show this: written pages survive it in the operating system's cache.
async fn connections_keep_what_they_acknowledge(h: Harness) {
    let settings = || match h.engine {
        Engine::Sqlite => vec![
            // 2 is FULL: one sync for each commit. Deleted data is overwritten.
            (
                global!("select cast(synchronous as text) from pragma_synchronous").read(Ok),
                "2",
            ),
            (
                global!("select journal_mode from pragma_journal_mode").read(Ok),
                "wal",
            ),
            (
                global!("select cast(secure_delete as text) from pragma_secure_delete").read(Ok),
                "1",
            ),
            // Built without the locks over all its memory (`.cargo/config.toml`).
            (
                global!(
                    "select group_concat(compile_options) from pragma_compile_options \
                     where compile_options in ('DEFAULT_MEMSTATUS=0', 'ENABLE_MEMORY_MANAGEMENT')"
                )
                .read(Ok),
                "DEFAULT_MEMSTATUS=0",
            ),
        ],
        Engine::Postgres => vec![
            (
                global!("select current_setting('synchronous_commit')").read(Ok),
                "on",
            ),
            (
                global!("select current_setting('transaction_isolation')").read(Ok),
                "read committed",
            ),
            (global!("select current_setting('jit')").read(Ok), "off"),
        ],
    };
    let scope = TenantScope::local();
    let (asked, expected): (Vec<Query<Vec<StoredRow>>>, Vec<&str>) = settings().into_iter().unzip();
    let unit = h
        .db()
        .write(&scope, soon(), Vec::new(), |mut tx| async move {
            let rows = tx.run(asked).await?;
            let found = rows
                .iter()
                .map(|rows| rows[0].text(0))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((tx, found))
        });
    assert_eq!(unit.await.unwrap().answer, expected);
    for (asked, expected) in settings() {
        assert_eq!(
            h.db().fetch(&scope, asked).await.unwrap()[0]
                .text(0)
                .unwrap(),
            expected
        );
    }
}

/// Concurrent readers and writers hit this too rarely to prove it.
async fn a_snapshot_stays_as_it_was(h: Harness) {
    let scope = TenantScope::local();
    let count = || global!("select count(*) as n from customers where tenant_id = 'default'");
    let n_there = || count().one(["n"], |row, [n]| row.int(n));
    let plain = h.db().snapshot(&scope, Cost::Cheap).await.unwrap();
    for (n, mut snapshot) in [
        (0, plain),
        (
            1,
            h.db()
                .snapshot(&scope, Cost::Cheap)
                .await
                .unwrap()
                .planned_once(),
        ),
    ] {
        assert_eq!(snapshot.run(n_there()).await.unwrap(), n);
        h.create(customer("Ferrum AG")).await;
        let mut seen = Vec::new();
        let each = snapshot.each(count(), |row| {
            seen.push(row.int(0)?);
            Ok(())
        });
        each.await.unwrap();
        let after = snapshot.finish(n_there()).await.unwrap();
        assert_eq!((seen, after), (vec![n], n));
    }
    // The state may begin with rows that come one by one.
    let mut snapshot = h.db().snapshot(&scope, Cost::Cheap).await.unwrap();
    snapshot.each(count(), |_| Ok(())).await.unwrap();
    h.create(customer("Ferrum AG")).await;
    assert_eq!(snapshot.finish(n_there()).await.unwrap(), 2);
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(15)
}
