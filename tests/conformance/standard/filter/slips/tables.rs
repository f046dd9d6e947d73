//! Filters that slip, or are refused, and what is told of them.

/// A filter on customers, where it slips, and what to write instead.
pub const SLIPS: &[(&str, usize, &str)] = &[
    ("lifecycle ACTIVE", 0, "lifecycle = ACTIVE"),
    (
        "kind = BUSINESS AND lifecycle DORMANT",
        20,
        "lifecycle = DORMANT",
    ),
    ("lifecycle AND ACTIVE", 0, "lifecycle = ACTIVE"),
    ("lifecycle nonsense", 0, "lifecycle = PROSPECT"),
    ("lifecycle is ACTIVE", 10, "lifecycle = ACTIVE"),
    ("lifecycle IS DORMANT", 10, "lifecycle = DORMANT"),
    ("owner is null", 6, "NOT owner:*"),
    ("NOT affiliations.primary", 4, "affiliations.primary = true"),
    ("-affiliations", 1, "affiliations:*"),
    ("annual_spend", 0, "annual_spend > 1000"),
    (
        "annual_spend > 100 EUR",
        19,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "annual_spend > 100 usd",
        19,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "(annual_spend > 99.50 \u{20ac})",
        22,
        "annual_spend.currency_code = \"EUR\"",
    ),
    ("\"x\" IN tags", 4, "tags:\"...\""),
    ("x IN tags", 2, "tags:\"...\""),
    (
        "lifecycle IN (ACTIVE, DORMANT)",
        10,
        "(lifecycle = ACTIVE OR lifecycle = DORMANT)",
    ),
    (
        "lifecycle IN(ACTIVE, DORMANT)",
        10,
        "(lifecycle = ACTIVE OR lifecycle = DORMANT)",
    ),
    ("lifecycle NOT IN (ACTIVE)", 14, "NOT lifecycle = ACTIVE"),
    (
        "lifecycle IN ACTIVE AND (kind = BUSINESS)",
        10,
        "(lifecycle = PROSPECT OR lifecycle = ACTIVE)",
    ),
    ("lifecycle is NOT FORMER", 10, "NOT lifecycle = FORMER"),
    ("display_name LIKE \"Nord%\"", 13, "display_name:\"word\""),
    (
        "display_name NOT LIKE \"x\"",
        17,
        "NOT display_name:\"word\"",
    ),
    ("about = \"x\" display_name", 12, "display_name = \"...\""),
    ("tags", 0, "tags:\"...\""),
    ("labels.tier gold", 0, "labels.KEY = \"...\""),
    ("labels", 0, "labels.KEY = \"...\""),
    ("business", 0, "business:*"),
    ("segment \"segments/x\"", 0, "segment:\"segments/...\""),
    ("business.employee_count", 0, "business.employee_count > 10"),
    ("create_time", 0, "create_time > ago(\"90d\")"),
    ("IN", 0, "(a = x OR a = y)"),
    // A second value without its field.
    (
        "lifecycle = ACTIVE OR DORMANT",
        22,
        "(lifecycle = ACTIVE OR lifecycle = DORMANT)",
    ),
    (
        "lifecycle = ACTIVE OR dormant",
        22,
        "(lifecycle = ACTIVE OR lifecycle = DORMANT)",
    ),
    (
        "lifecycle != ACTIVE AND DORMANT",
        24,
        "lifecycle != ACTIVE AND lifecycle != DORMANT",
    ),
    (
        "kind = BUSINESS INDIVIDUAL",
        16,
        "(kind = BUSINESS OR kind = INDIVIDUAL)",
    ),
    (
        "(lifecycle = ACTIVE OR about = \"x\") kind = BUSINESS AND (INDIVIDUAL)",
        57,
        "(kind = BUSINESS OR kind = INDIVIDUAL)",
    ),
    ("kind = BUSINESS ferrum INDIVIDUAL", 23, "kind = INDIVIDUAL"),
    ("ACTIVE", 0, "lifecycle = ACTIVE"),
    (
        "business.industry = \"a\" OR \"b\"",
        27,
        "(business.industry = \"...\" OR business.industry = \"...\")",
    ),
    ("tags:\"a\" OR \"b\"", 12, "(tags:\"...\" OR tags:\"...\")"),
    (
        "business.employee_count = 5 OR 10",
        31,
        "(business.employee_count = 10 OR business.employee_count = 20)",
    ),
    // A second value that is none.
    (
        "lifecycle = ACTIVE OR null",
        22,
        "(lifecycle = ACTIVE OR NOT lifecycle:*)",
    ),
    (
        "lifecycle = ACTIVE OR EMPTY",
        22,
        "(lifecycle = ACTIVE OR NOT lifecycle:*)",
    ),
    (
        "owner = \"colleagues/x\" OR none",
        26,
        "(owner = \"...\" OR NOT owner:*)",
    ),
    (
        "lifecycle IN (ACTIVE, null)",
        10,
        "(lifecycle = ACTIVE OR NOT lifecycle:*)",
    ),
    (
        "lifecycle NOT IN (ACTIVE, null)",
        14,
        "NOT (lifecycle = ACTIVE OR NOT lifecycle:*)",
    ),
    ("lifecycle IN (null)", 10, "NOT lifecycle:*"),
    // Words that say whether a field is set.
    ("owner is not set", 6, "NOT owner:*"),
    ("owner is set", 6, "owner:*"),
    ("owner is missing", 6, "NOT owner:*"),
    ("owner is not known", 6, "NOT owner:*"),
    // Square brackets.
    (
        "annual_spend in [1 TO 100]",
        13,
        "(annual_spend >= 1000 AND annual_spend <= 2000)",
    ),
    ("emails[address eq null]", 0, "emails.address:\"...\""),
    // Sums, and numbers with blanks.
    ("create_time > now()-7d", 20, "create_time > ago(\"90d\")"),
    ("create_time > now() - 7d", 22, "create_time > ago(\"90d\")"),
    (
        "create_time > now() - interval '7 days'",
        22,
        "create_time > ago(\"90d\")",
    ),
    (
        "create_time < \"2026-01-31T09:00:00Z\" - 7d",
        39,
        "create_time < ago(\"90d\")",
    ),
    (
        "create_time < now() + 7d",
        20,
        "create_time < \"2026-01-31T09:00:00Z\"",
    ),
    (
        "create_time < now()+7d",
        19,
        "create_time < \"2026-01-31T09:00:00Z\"",
    ),
    ("annual_spend > 1000 -200", 21, "annual_spend > 1000"),
    ("annual_spend > 1 000", 17, "annual_spend > 1000"),
    (
        "business.employee_count > 1 000",
        28,
        "business.employee_count > 10",
    ),
    // Currencies.
    (
        "annual_spend > 100 Euro",
        19,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "annual_spend > 100 z\u{142}",
        19,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "annual_spend > 100 kr",
        19,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "annual_spend > 100 US$",
        19,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "business.annual_revenue > 100 Franken",
        30,
        "business.annual_revenue.currency_code = \"EUR\"",
    ),
    // Words of other languages behind a field.
    ("display_name contains \"x\"", 13, "display_name:\"word\""),
    ("display_name like \"x\"", 13, "display_name:\"word\""),
    ("lifecycle in (ACTIVE)", 10, "lifecycle = ACTIVE"),
    (
        "annual_spend BETWEEN 1 AND 5",
        13,
        "(annual_spend >= 1000 AND annual_spend <= 2000)",
    ),
    ("owner exists", 6, "owner:*"),
    ("owner is not null", 6, "owner:*"),
    ("lifecycle is not ACTIVE", 10, "NOT lifecycle = ACTIVE"),
    (
        "conversation_count > 5 conversations",
        23,
        "conversation_count > 10",
    ),
    (
        "business.employee_count > 5 employees",
        28,
        "business.employee_count > 10",
    ),
    ("annual_spend is > 100", 0, "annual_spend > 1000"),
    (
        "create_time IS < \"2026-01-31\"",
        0,
        "create_time < ago(\"90d\")",
    ),
    (
        "display_name IN (\"a\",\"b\")",
        13,
        "(display_name = \"...\" OR display_name = \"...\")",
    ),
    (
        "display_name IN(\"a\",\"b\")",
        13,
        "(display_name = \"...\" OR display_name = \"...\")",
    ),
];

/// A filter on customers with a part of a query or a sign of another language, where that is, and what is told of it.
pub const QUERIES: &[(&str, usize, &str)] = &[
    ("WHERE lifecycle = ACTIVE", 0, "stands behind WHERE"),
    ("where lifecycle = ACTIVE", 0, "stands behind WHERE"),
    (
        "customers WHERE lifecycle = ACTIVE",
        10,
        "stands behind WHERE",
    ),
    ("SELECT x FROM customers", 0, "stands behind WHERE"),
    ("lifecycle = ACTIVE LIMIT 5", 19, "`page_size`"),
    ("lifecycle = ACTIVE limit 5 offset 10", 19, "`page_size`"),
    (
        "lifecycle = ACTIVE ORDER BY display_name DESC",
        19,
        "`order_by`",
    ),
    ("lifecycle = ACTIVE order by display_name", 19, "`order_by`"),
    (
        "lifecycle = ACTIVE & kind = BUSINESS",
        19,
        "joined by AND or OR",
    ),
    (
        "lifecycle = ACTIVE | kind = BUSINESS",
        19,
        "joined by AND or OR",
    ),
    ("*", 0, "joined by AND or OR"),
    ("Nord*", 0, "leave out the `*`"),
];

/// A filter on customers with a value that asks for less than it seems to, where that is, and what to write instead.
pub const VALUES: &[(&str, usize, &str)] = &[
    ("display_name:\"acme*\"", 13, "display_name = \"...*\""),
    ("display_name:\"*acme\"", 13, "display_name = \"...*\""),
    ("display_name:\"*\"", 13, "display_name:*"),
    ("labels.tier:\"go*\"", 12, "labels.KEY = \"...*\""),
    ("labels:\"t*\"", 7, "labels:\"...\""),
    ("tags:\"vip*\"", 5, "tags:\"...\""),
    (
        "business.domains:\"ferrum.*\"",
        17,
        "business.domains:\"...\"",
    ),
    ("emails.address:\"*\"", 15, "emails.address:*"),
    ("about = \"\"", 8, "NOT about:*"),
    ("owner = \"\"", 8, "NOT owner:*"),
    ("owner:\"\"", 6, "NOT owner:*"),
    ("tags:\"\"", 5, "NOT tags:*"),
    (
        "affiliations.job_title = \"\"",
        25,
        "NOT affiliations.job_title:*",
    ),
    (
        "addresses.postal_address.region_code = \"de\"",
        39,
        "addresses.postal_address.region_code = \"DE\"",
    ),
    (
        "addresses.postal_address.region_code != \"Germany\"",
        40,
        "addresses.postal_address.region_code != \"DE\"",
    ),
    (
        "addresses.postal_address.region_code = \"Atlantis\"",
        39,
        "addresses.postal_address.region_code = \"AT\"",
    ),
    (
        "annual_spend.currency_code = \"eur\"",
        29,
        "annual_spend.currency_code = \"EUR\"",
    ),
    (
        "business.annual_revenue.currency_code = \"Franken\"",
        40,
        "business.annual_revenue.currency_code = \"EUR\"",
    ),
];

/// Filters whose values look like those and are none.
pub const GOOD_VALUES: &[&str] = &[
    "display_name = \"acme*\"",
    "display_name:\"a\\*\"",
    "external_ids.erp:\"1*\"",
    "owner != \"\"",
    "labels.tier = \"\"",
    "addresses.postal_address.region_code = \"AT\"",
    "addresses.postal_address.region_code = \"A*\"",
    "addresses.postal_address.region_code:\"at\"",
    "annual_spend.currency_code = \"EUR\"",
    "display_name = \"Acme%\"",
];

/// A filter on customers that was refused already, where, and what it is told to write.
pub const HINTS: &[(&str, usize, &str)] = &[
    ("lifecycle <> ACTIVE", 11, "`a != x`"),
    ("annual_spend => 100", 14, "`>=`"),
    ("annual_spend =< 100", 14, "`<=`"),
    ("display_name =~ \"x\"", 14, "`display_name:\"word\"`"),
    (
        "last_conversation.start_time < 21d",
        31,
        "`last_conversation.start_time > ago(\"90d\")`",
    ),
    (
        "annual_spend > 100 AND < 200",
        23,
        "each comparison names its own",
    ),
    ("!(lifecycle = ACTIVE)", 0, "NOT negates"),
    (
        "annual_spend > \"100 EUR\"",
        15,
        "`annual_spend.currency_code = \"EUR\"`",
    ),
    (
        "annual_spend > 100EUR",
        15,
        "`annual_spend.currency_code = \"EUR\"`",
    ),
    ("annual_spend > abc", 15, "a number without its currency"),
    (
        "annual_spend > EUR 100",
        15,
        "`annual_spend.currency_code = \"EUR\"`",
    ),
    ("annual_spend > 1,000", 16, "stands in no number"),
    (
        "lifecycle = ACTIVE, kind = BUSINESS",
        18,
        "a comma joins nothing",
    ),
    ("business.employee_count > 1.000", 26, "as in 1000"),
    ("owner = null", 8, "`NOT owner:*`"),
    ("annual_spend = null", 15, "`NOT annual_spend:*`"),
    (
        "create_time > now() - ago(\"7d\")",
        22,
        "nothing is computed",
    ),
];

/// An amount whose point may be one of thousands, and one that is none.
pub const POINTS: [(&str, bool); 6] = [
    ("annual_spend > 1.000", true),
    ("business.annual_revenue >= 12.500", true),
    ("annual_spend > 0.125", false),
    ("annual_spend > 1.00", false),
    ("annual_spend > 1.2500", false),
    ("annual_spend > 1000.125", false),
];
