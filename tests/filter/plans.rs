//! The plans of lists: which index serves which filter, and that none reads another tenant's rows.

use clientele::filter::read;
use clientele::page::Order;
use clientele::page::SortValue;
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::store::read::membership::count_of;
use clientele::store::read::records::{Page, page_statements};
use clientele::store::record::resource::Resource;
use clientele::store::record::sort_key::{SortKey, WhenUnset, keys_of, sortable};
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::global;

use crate::harness::Harness;
use crate::harness::builders::claim;
use crate::harness::engine::Engine;
use crate::harness::plan::{is_within_tenant, plan};

conformance! {
    common_filters_are_served_by_an_index,
    no_filter_scans_another_tenants_rows,
    what_is_counted_is_found_along_its_customer,
    an_equality_is_followed_whatever_the_order,
    every_order_goes_along_an_index,
    a_page_and_a_count_by_a_key_go_along_it,
    alternatives_of_one_column_are_a_list,
    what_is_asked_of_one_list_is_asked_at_once,
    names_and_addresses_lead_to_their_records,
}

/// Returns the plan of a page of a list, a line for each step.
async fn plan_of_list<R: Resource>(h: &Harness, filter: &str) -> Vec<String> {
    plan_in_order::<R>(h, filter, vec!["name"]).await
}

/// Returns the plan of the first stretch of a list in an order.
async fn plan_in_order<R: Resource>(
    h: &Harness,
    filter: &str,
    keys: Vec<&'static str>,
) -> Vec<String> {
    let order = Order {
        keys,
        descending: false,
    };
    plans_in_order::<R>(h, filter, &order, Vec::new())
        .await
        .swap_remove(0)
}

/// Returns the plans of all statements of a page.
async fn plans_in_order<R: Resource>(
    h: &Harness,
    filter: &str,
    order: &Order,
    after: Vec<SortValue>,
) -> Vec<Vec<String>> {
    let scope = TenantScope::local();
    let tree = read(filter, &clientele::descriptors::message(&R::full_name())).unwrap();
    let page = Page {
        size: 50,
        order,
        after,
        filter: tree.as_ref(),
        show_deleted: false,
        now: 0,
    };
    let mut plans = Vec::new();
    for statement in page_statements::<R>(&scope, &page, page.filter).unwrap() {
        plans.push(plan(h, statement).await);
    }
    plans
}

/// Sort values of the kind that each key of an order has.
fn some_values<R: Resource>(order: &Order, first_is_unset: bool) -> Vec<SortValue> {
    let value = |(i, key): (usize, &&SortKey<R>)| match (key.value)(&R::default()) {
        _ if i == 0 && first_is_unset => SortValue::Unset,
        SortValue::Text(_) => SortValue::Text("m".to_owned()),
        SortValue::Unset if key.unset == WhenUnset::Empty => SortValue::Text("m".to_owned()),
        _ => SortValue::Int(5),
    };
    keys_of::<R>(order).iter().enumerate().map(value).collect()
}

/// A page costs the same wherever it starts, whichever field it is sorted by.
async fn every_order_goes_along_an_index(h: Harness) {
    async fn goes<R: Resource>(h: &Harness) {
        for field in sortable::<R>().into_iter().skip(1) {
            for descending in [false, true] {
                let keys = vec![field, "name"];
                let order = Order { keys, descending };
                let key = keys_of::<R>(&order)[0];
                let mut places = vec![Vec::new(), some_values::<R>(&order, false)];
                if key.unset != WhenUnset::Never {
                    places.push(some_values::<R>(&order, true));
                }
                for place in places {
                    let is_later = !place.is_empty();
                    for plan in plans_in_order::<R>(h, "", &order, place).await {
                        let title = format!("{} by {field}, later: {is_later}", R::NAME);
                        is_along(h.engine, &title, &plan, key.column);
                    }
                }
            }
        }
    }
    goes::<pb::Customer>(&h).await;
    goes::<pb::Contact>(&h).await;
    goes::<pb::Affiliation>(&h).await;
    goes::<pb::Colleague>(&h).await;
    goes::<pb::Conversation>(&h).await;
    goes::<pb::Promise>(&h).await;
    goes::<pb::Note>(&h).await;
    goes::<pb::Persona>(&h).await;
    goes::<pb::Segment>(&h).await;
}

fn is_along(engine: Engine, title: &str, plan: &[String], column: &str) {
    is_within_tenant(engine, title, plan);
    let index = match column {
        "last_conversation_start_time" => "_by_last_conversation".to_owned(),
        "annual_spend_currency_code" => "_by_annual_spend".to_owned(),
        column => format!("_by_{}", column.trim_end_matches("_order")),
    };
    let sorts = |step: &String| step.contains("TEMP B-TREE") || step.contains("Sort Key");
    assert!(
        plan.iter().any(|step| step.contains(&index)) && !plan.iter().any(sorts),
        "{title} goes not along {index}:\n{}",
        plan.join("\n")
    );
}

async fn common_filters_are_served_by_an_index(h: Harness) {
    async fn served<R: Resource>(h: &Harness, served: &[(&str, &str)]) {
        for (filter, index) in served {
            let plan = plan_of_list::<R>(h, filter).await;
            is_within_tenant(h.engine, filter, &plan);
            assert!(
                plan.iter().any(|step| step.contains(index)),
                "{filter} is not served by {index}:\n{}",
                plan.join("\n")
            );
        }
    }
    let owner = "owner = \"colleagues/mia\"";
    served::<pb::Customer>(
        &h,
        &[
            (owner, "customers_by_owner"),
            ("lifecycle = ACTIVE", "customers_by_lifecycle"),
            ("display_name = \"Ferrum\"", "customers_by_display_name"),
            (
                "lifecycle = ACTIVE AND business.employee_count > 10",
                "customers_by_lifecycle",
            ),
            ("business.industry = \"steel\"", "customers_by_industry"),
            ("parent = \"customers/acme\"", "customers_by_parent"),
            ("labels.tier = \"gold\"", "keys"),
            ("tags:\"strategic\"", "keys"),
            ("external_ids.sap = \"4711\"", "keys"),
            ("business.domains:\"ferrum.example\"", "keys"),
            ("emails.address = \"a@b.example\"", "keys"),
            ("affiliations.job_title = \"Buyer\"", "affiliations_by_"),
            // Without its definition at hand, a segment is taken for one by list.
            ("segment:\"segments/x\"", "keys_of_record"),
        ],
    )
    .await;
    served::<pb::Contact>(
        &h,
        &[
            (owner, "contacts_by_owner"),
            ("affiliations:*", "affiliations_by_contact"),
        ],
    )
    .await;
    served::<pb::Affiliation>(
        &h,
        &[("customer = \"customers/a\"", "affiliations_by_customer")],
    )
    .await;
    served::<pb::Conversation>(&h, &[("contacts:\"contacts/p\"", "keys")]).await;
    served::<pb::Promise>(&h, &[(owner, "promises_by_owner")]).await;
    served::<pb::Note>(&h, &[("author = \"colleagues/mia\"", "notes_by_author")]).await;
}

/// Without this, a page with its own order was found by scanning the tenant in that order.
async fn an_equality_is_followed_whatever_the_order(h: Harness) {
    async fn follows<R: Resource>(h: &Harness, filter: &str, key: &'static str, column: &str) {
        for keys in [vec!["name"], vec![key, "name"]] {
            let plan = plan_in_order::<R>(h, filter, keys).await;
            is_within_tenant(h.engine, filter, &plan);
            // Of empty tables PostgreSQL takes any index of the tenant.
            let is_followed =
                plan.iter().any(|step| step.contains(column)) || h.engine == Engine::Postgres;
            assert!(is_followed, "{filter} by {key}\n{}", plan.join("\n"));
        }
    }
    follows::<pb::Customer>(&h, "owner = \"colleagues/mia\"", "display_name", "owner=?").await;
    follows::<pb::Customer>(
        &h,
        "display_name = \"Ferr*\"",
        "create_time",
        "display_name_order>?",
    )
    .await;
    follows::<pb::Customer>(&h, "external_ids.sap = \"4711\"", "display_name", "value=?").await;
    follows::<pb::Conversation>(&h, "customer = \"customers/a\"", "start_time", "customer=?").await;
    follows::<pb::Conversation>(
        &h,
        "customer = \"customers/a\" AND state = HELD",
        "start_time",
        "customer=?",
    )
    .await;
    follows::<pb::Promise>(&h, "customer = \"customers/a\"", "due_time", "customer=?").await;
    follows::<pb::Contact>(
        &h,
        "affiliations.customer = \"customers/a\"",
        "display_name",
        "name=?",
    )
    .await;
    follows::<pb::Affiliation>(&h, "customer = \"customers/a\"", "job_title", "customer=?").await;
}

/// The names under a key are read in their order, up to the end of the page; they are neither collected nor sorted.
async fn a_page_and_a_count_by_a_key_go_along_it(h: Harness) {
    for filter in [
        "labels.tier = \"gold\"",
        "tags:\"x\"",
        "lifecycle = ACTIVE AND labels.tier = \"gold\" AND about = \"x\"",
    ] {
        let tree = read(
            filter,
            &clientele::descriptors::message("clientele.v1.Customer"),
        )
        .unwrap()
        .unwrap();
        let count = plan(&h, count_of(&TenantScope::local(), &tree, 0).unwrap()).await;
        let page = plan_of_list::<pb::Customer>(&h, filter).await;
        let is_along = |step: &String| {
            match h.engine {
            Engine::Sqlite => step
                .contains("SEARCH keys USING PRIMARY KEY (tenant_id=? AND kind=? AND field=? AND key=? AND value=?)"),
            Engine::Postgres => step.contains(" on keys"),
        }
        };
        let collects =
            |step: &String| step.contains("LIST SUBQUERY") || step.contains("HashAggregate");
        // Beside another condition, the way along the key could be the longer one for a count.
        let is_alone = !filter.contains("AND");
        for plan in [page].into_iter().chain(Some(count).filter(|_| is_alone)) {
            is_within_tenant(h.engine, filter, &plan);
            assert!(
                plan.iter().any(is_along) && !plan.iter().any(collects),
                "{filter}\n{}",
                plan.join("\n")
            );
        }
    }
}

/// PostgreSQL makes a bitmap of alternatives, which took a fifth longer. Of empty tables it walks any index.
async fn alternatives_of_one_column_are_a_list(h: Harness) {
    for (filter, on_sqlite, on_postgres) in [
        (
            "business.industry = \"steel\" OR business.industry = \"copper\"",
            "customers_by_industry (tenant_id=? AND business_industry=?)",
            "business_industry = ANY",
        ),
        (
            "owner = \"colleagues/mia\" OR owner = \"colleagues/jo\"",
            "customers_by_owner (tenant_id=? AND owner=?)",
            "owner = ANY",
        ),
    ] {
        let plan = plan_of_list::<pb::Customer>(&h, filter).await;
        let wanted = if h.engine == Engine::Sqlite {
            on_sqlite
        } else {
            on_postgres
        };
        assert!(
            plan.iter().any(|step| step.contains(wanted)),
            "{filter}\n{}",
            plan.join("\n")
        );
    }
}

/// Without this, a filter of 60 restrictions looked up the affiliations of each customer 60 times.
async fn what_is_asked_of_one_list_is_asked_at_once(h: Harness) {
    let many = |one: &str, between: &str| {
        let all = (0..60).map(|i| one.replace('#', &i.to_string()));
        all.collect::<Vec<_>>().join(between)
    };
    for (one, between) in [
        ("affiliations.job_title = \"*z#*\"", " OR "),
        ("NOT affiliations.job_title = \"*z#*\"", " AND "),
        ("affiliations.buying_roles.scope = \"*z#*\"", " OR "),
        ("emails.address = \"*z#*\"", " OR "),
        ("NOT emails.address:\"z#\"", " AND "),
    ] {
        let plan_of_one = plan_of_list::<pb::Customer>(&h, one).await;
        let filter = many(one, between);
        let plan_of_all = plan_of_list::<pb::Customer>(&h, &filter).await;
        is_within_tenant(h.engine, one, &plan_of_all);
        let [of_one, of_all] = [&plan_of_one, &plan_of_all].map(|plan| {
            let is_read = |step: &&String| {
                let mut reads = ["SEARCH ", "VIRTUAL TABLE", "Scan "].into_iter();
                reads.any(|read| step.contains(read)) && !step.contains(" on held")
            };
            plan.iter().filter(is_read).count()
        });
        assert_eq!(of_one, of_all, "{one}\n{}", plan_of_all.join("\n"));
    }
}

/// What is asked at once is still found along the index that leads to each.
async fn names_and_addresses_lead_to_their_records(h: Harness) {
    for (filter, on_sqlite, on_postgres) in [
        (
            "affiliations.contact = \"contacts/a\" OR affiliations.contact = \"contacts/b\"",
            "affiliations_by_contact (tenant_id=? AND contact=?)",
            "contact = ANY",
        ),
        (
            "emails.address = \"a@b.example\" OR emails.address = \"c@d.example\"",
            "SEARCH keys USING PRIMARY KEY (tenant_id=? AND kind=? AND field=? AND key=? AND value=?)",
            "value = ANY",
        ),
    ] {
        let plan = plan_of_list::<pb::Customer>(&h, filter).await;
        is_within_tenant(h.engine, filter, &plan);
        let wanted = if h.engine == Engine::Sqlite {
            on_sqlite
        } else {
            on_postgres
        };
        let leads = |step: &String| step.contains(wanted);
        assert!(plan.iter().any(leads), "{filter}\n{}", plan.join("\n"));
    }
}

/// Without this, each customer on a page cost a walk over all claims of the tenant.
async fn what_is_counted_is_found_along_its_customer(h: Harness) {
    if h.engine == Engine::Postgres {
        // Of empty tables, its planner walks any index. SQLite has to do without statistics, as it does in use.
        for _ in 0..30 {
            let (_, _, job) = h.employed().await;
            h.add_role(claim(&job, BuyingRole::DecisionMaker)).await;
        }
        h.db()
            .fetch(&TenantScope::local(), global!("analyze").done())
            .await
            .unwrap();
    }
    let plan = plan_of_list::<pb::Customer>(&h, "owner = \"colleagues/mia\"").await;
    let (customer, affiliation) = match h.engine {
        Engine::Sqlite => ("customer=?", "affiliation=?"),
        Engine::Postgres => ("customer = customers.name", "affiliation = affiliations"),
    };
    let is_on = |step: &String, table: &str| match h.engine {
        Engine::Sqlite => step.starts_with(&format!("SEARCH {table} ")),
        Engine::Postgres => step.contains("Scan using ") && step.contains(&format!(" on {table}")),
    };
    for (table, key, times) in [
        ("affiliations", customer, 2),
        ("buying_roles", affiliation, 1),
    ] {
        let steps: Vec<usize> = (0..plan.len())
            .filter(|i| is_on(&plan[*i], table))
            .collect();
        assert_eq!(steps.len(), times, "{}", plan.join("\n"));
        let is_along = |i: &usize| plan[*i..].iter().take(2).any(|step| step.contains(key));
        assert!(steps.iter().all(is_along), "{table}:\n{}", plan.join("\n"));
    }
}

async fn no_filter_scans_another_tenants_rows(h: Harness) {
    for filter in [
        "about = \"x\"",
        "NOT about = \"x\"",
        "about:\"x\"",
        "ferrum",
        "display_name = \"a*\" OR display_name = \"*a\"",
        "contact_count > 1",
        "decision_maker_count = 0",
        "NOT last_conversation.start_time >= ago(\"90d\")",
        "last_conversation.start_time >= ago(\"90d\") OR follow_up_due_time < now()",
        "last_conversation.subject:\"offer\"",
        "last_conversation.channel = PHONE",
        "labels.tier:*",
        "NOT labels.tier = \"gold\"",
        "labels.tier:\"go\"",
        "attributes.a.b > 1",
        "attributes.a:1",
        "needs:\"x\"",
        "NOT tags:\"x\"",
        "business:*",
        "annual_spend > 10",
        "(affiliations.seniority = OWNER AND affiliations.end_date:*)",
        "NOT affiliations:*",
        "affiliations.labels.k = \"v\"",
        "affiliations.buying_roles.role = CHAMPION",
        "(emails.type = WORK AND emails.address:\"x\")",
        "addresses.postal_address.locality = \"Linz\"",
        "external_ids.sap:* AND (kind = BUSINESS OR NOT frequency = FREQUENT)",
    ] {
        let plan = plan_of_list::<pb::Customer>(&h, filter).await;
        is_within_tenant(h.engine, filter, &plan);
    }
}
