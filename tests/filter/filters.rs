//! Random filters of every resource: its fields by how they are compared, and values to compare them with.

use crate::series::random::Random;

pub const WANTED_TEXTS: [&str; 12] = [
    "", "a", "b", "AB", "ä", "STRASSE", "a*", "*b", "*a*", "*", "a\\*", "%",
];

/// Fields by how they are compared; the values of one list fit all of its fields.
pub struct Fields {
    paths: &'static [&'static str],
    operators: &'static [&'static str],
    values: &'static [&'static str],
}

pub const ALL: &[&str] = &[" = ", " != ", " < ", " <= ", " > ", " >= ", ":"];

const EQUAL: &[&str] = &[" = ", " != ", ":"];

const TIMES: &[&str] = &[
    "now()",
    "ago(\"1d\")",
    "ago(\"36h\")",
    "\"2025-12-30T12:00:00Z\"",
    "2025-12-31T00:00:00.5Z",
];

pub const CUSTOMER: &[Fields] = &[
    Fields {
        paths: &[
            "contact_count",
            "decision_maker_count",
            "business.employee_count",
            "engagement.visit_count",
            "individual.birth_year",
        ],
        operators: ALL,
        values: &["0", "1", "2", "12"],
    },
    Fields {
        paths: &["annual_spend", "business.annual_revenue"],
        operators: ALL,
        values: &["0", "1", "1.5", "-1.25"],
    },
    Fields {
        paths: &["annual_spend.units", "annual_spend.nanos"],
        operators: ALL,
        values: &["0", "1", "-1", "500000000"],
    },
    Fields {
        paths: &["lifecycle"],
        operators: EQUAL,
        values: &["ACTIVE", "FORMER", "LIFECYCLE_UNSPECIFIED"],
    },
    Fields {
        paths: &["frequency"],
        operators: EQUAL,
        values: &["FIRST_TIME", "FREQUENT", "FREQUENCY_UNSPECIFIED"],
    },
    Fields {
        paths: &["size"],
        operators: EQUAL,
        values: &["SOLO", "SMALL", "SIZE_UNSPECIFIED"],
    },
    Fields {
        paths: &["last_conversation.channel"],
        operators: EQUAL,
        values: &["PHONE", "CHANNEL_UNSPECIFIED"],
    },
    Fields {
        paths: &["engagement.preferred_channels"],
        operators: &[":"],
        values: &["PHONE", "EMAIL", "*"],
    },
    Fields {
        paths: &[
            "customer_since_time",
            "engagement.first_visit_time",
            "follow_up_due_time",
            "last_conversation.start_time",
        ],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["follow_up_interval"],
        operators: ALL,
        values: &["1d", "\"36h\"", "\"1.5s\"", "0s"],
    },
    Fields {
        paths: &["business.domains"],
        operators: &[":"],
        values: &["\"a.example\"", "\"b.example\"", "*"],
    },
    Fields {
        paths: &[
            "business",
            "individual",
            "engagement",
            "last_conversation",
            "affiliations",
            "emails",
            "addresses",
        ],
        operators: &[":"],
        values: &["*"],
    },
    Fields {
        paths: &["affiliations.seniority"],
        operators: EQUAL,
        values: &["OWNER", "VP", "SENIORITY_UNSPECIFIED"],
    },
    Fields {
        paths: &["affiliations.primary"],
        operators: EQUAL,
        values: &["true", "false"],
    },
    Fields {
        paths: &["affiliations.buying_roles.role"],
        operators: EQUAL,
        values: &["CHAMPION", "DECISION_MAKER"],
    },
    Fields {
        paths: &[
            "affiliations.start_date",
            "affiliations.end_date",
            "affiliations.buying_roles.start_date",
        ],
        operators: ALL,
        values: &["2025-12-31", "\"2026-01-01\"", "\"2026-02-01\""],
    },
    Fields {
        paths: &["affiliations.buying_roles.verify_time"],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["last_conversation.contacts"],
        operators: &[":"],
        values: &["\"contacts/p1\"", "*"],
    },
    Fields {
        paths: &["contact_permissions.status"],
        operators: EQUAL,
        values: &["ALLOWED", "REFUSED"],
    },
    Fields {
        paths: &["contact_permissions.record_time"],
        operators: ALL,
        values: TIMES,
    },
];

pub const CUSTOMER_TEXTS: &[&str] = &[
    "display_name",
    "about",
    "business.legal_name",
    "individual.given_name",
    "last_conversation.subject",
    "affiliations.job_title",
    "affiliations.department",
    "affiliations.labels.k",
    "affiliations.attributes.s",
    "emails.address",
    "phone_numbers.text",
    "affiliations.buying_roles.scope",
    "addresses.postal_address.locality",
];

pub const CONTACT: &[Fields] = &[
    Fields {
        paths: &["birth_year"],
        operators: ALL,
        values: NUMBERS_OF_YEARS,
    },
    Fields {
        paths: &["preferred_channels"],
        operators: &[":"],
        values: &["PHONE", "EMAIL", "*"],
    },
    Fields {
        paths: &["likes"],
        operators: &[":"],
        values: &["\"a\"", "\"Ä\"", "*"],
    },
    Fields {
        paths: &["last_conversation.start_time", "create_time"],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["affiliations.seniority"],
        operators: EQUAL,
        values: &["OWNER", "VP"],
    },
    Fields {
        paths: &["affiliations", "last_conversation", "emails"],
        operators: &[":"],
        values: &["*"],
    },
];

const NUMBERS_OF_YEARS: &[&str] = &["1", "2", "1980"];

pub const CONTACT_TEXTS: &[&str] = &[
    "display_name",
    "given_name",
    "family_name",
    "emails.address",
    "affiliations.job_title",
    "last_conversation.subject",
];

pub const CONVERSATION: &[Fields] = &[
    Fields {
        paths: &["start_time"],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["broadcast"],
        operators: EQUAL,
        values: &["true", "false"],
    },
    Fields {
        paths: &["state"],
        operators: EQUAL,
        values: &["HELD", "PLANNED"],
    },
    Fields {
        paths: &["contacts"],
        operators: &[":"],
        values: &["\"contacts/p1\"", "\"contacts/p2\"", "*"],
    },
    Fields {
        paths: &["topics"],
        operators: &[":"],
        values: &["\"a\"", "\"B\"", "*"],
    },
];

pub const PROMISE: &[Fields] = &[
    Fields {
        paths: &["due_time", "complete_time"],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["due_time", "complete_time", "owner"],
        operators: &[":"],
        values: &["*"],
    },
    Fields {
        paths: &["side"],
        operators: EQUAL,
        values: &["COMPANY", "CUSTOMER"],
    },
];

pub const AFFILIATION: &[Fields] = &[
    Fields {
        paths: &["seniority"],
        operators: EQUAL,
        values: &["OWNER", "VP", "SENIORITY_UNSPECIFIED"],
    },
    Fields {
        paths: &["primary"],
        operators: EQUAL,
        values: &["true", "false"],
    },
    Fields {
        paths: &["start_date", "end_date"],
        operators: ALL,
        values: &["2025-12-31", "\"2026-02-01\""],
    },
    Fields {
        paths: &["contact"],
        operators: EQUAL,
        values: &["\"contacts/p1\""],
    },
    Fields {
        paths: &["contact"],
        operators: &[" = ", " != "],
        values: &["\"contacts/*\""],
    },
    Fields {
        paths: &["buying_roles.role"],
        operators: EQUAL,
        values: &["CHAMPION", "DECISION_MAKER"],
    },
    Fields {
        paths: &["buying_roles.verify_time", "create_time"],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["buying_roles", "manager"],
        operators: &[":"],
        values: &["*"],
    },
];

pub const NOTE: &[Fields] = &[
    Fields {
        paths: &["highlighted"],
        operators: EQUAL,
        values: &["true", "false"],
    },
    Fields {
        paths: &["write_time"],
        operators: ALL,
        values: TIMES,
    },
    Fields {
        paths: &["records"],
        operators: &[":"],
        values: &["\"customers/c1\"", "\"contacts/p1\"", "*"],
    },
    Fields {
        paths: &["visibility"],
        operators: EQUAL,
        values: &["EVERYONE", "PRIVATE"],
    },
];

pub const COLLEAGUE: &[Fields] = &[
    Fields {
        paths: &["active"],
        operators: EQUAL,
        values: &["true", "false"],
    },
    Fields {
        paths: &["emails", "principal"],
        operators: &[":"],
        values: &["*"],
    },
];

pub const PERSONA: &[Fields] = &[
    Fields {
        paths: &["record_kind"],
        operators: EQUAL,
        values: &["CUSTOMER", "CONTACT"],
    },
    Fields {
        paths: &["demographics.min_age"],
        operators: ALL,
        values: &["0", "1", "2", "12"],
    },
    Fields {
        paths: &["demographics"],
        operators: &[":"],
        values: &["*"],
    },
    Fields {
        paths: &["goals"],
        operators: &[":"],
        values: &["\"a\"", "\"B\"", "*"],
    },
    Fields {
        paths: &["review_interval"],
        operators: ALL,
        values: &["1d", "\"36h\"", "0s"],
    },
    Fields {
        paths: &["last_review_time"],
        operators: ALL,
        values: TIMES,
    },
];

pub const SEGMENT: &[Fields] = &[
    Fields {
        paths: &["filter", "members"],
        operators: &[":"],
        values: &["*"],
    },
    Fields {
        paths: &["create_time"],
        operators: ALL,
        values: TIMES,
    },
];

/// A random restriction.
pub fn restriction(
    random: &mut Random,
    fields: &'static [Fields],
    texts: &[&'static str],
) -> String {
    let texts_and_maps: Vec<&str> = texts
        .iter()
        .copied()
        .chain(["labels.k", "attributes.s", "external_ids.sap"])
        .collect();
    match random.below(12) {
        0..=4 => {
            let kind = &fields[usize::try_from(random.below(fields.len() as i64)).unwrap()];
            let path = random.one_of(kind.paths);
            if random.once_in(6) {
                return format!("{path}:*");
            }
            format!(
                "{path}{}{}",
                random.one_of(kind.operators),
                random.one_of(kind.values)
            )
        }
        5..=8 => {
            let (path, operator) = (random.one_of(&texts_and_maps), random.one_of(ALL));
            with_text(path, operator, random.one_of(&WANTED_TEXTS))
        }
        9 => {
            let value = random.one_of(&["1", "1.5", "0.1", "true", "\"a\"", "-2", "1e300"]);
            let operator = if value == "true" {
                random.one_of(EQUAL)
            } else {
                random.one_of(ALL)
            };
            format!(
                "attributes.{}{operator}{value}",
                random.one_of(&["v", "deep.v", "\"odd key.\".v", "list", "nothing"])
            )
        }
        10 => random
            .one_of(&[
                "labels:k",
                "labels:*",
                "attributes:*",
                "attributes:\"v\"",
                "attributes:nothing",
                "tags:\"a\"",
                "tags:\"Ä\"",
                "tags:*",
                "external_ids:*",
                "attributes.v:*",
                "attributes.list:*",
                "labels.other-key:*",
            ])
            .to_owned(),
        _ => random
            .one_of(&["a", "ab", "(\"ä b\")", "STRASSE", "x.example"])
            .to_owned(),
    }
}

/// Compares with a text so that it is no slip: a `*` behind `:` is a character, and only what callers name is empty.
pub fn with_text(path: &str, operator: &str, text: &str) -> String {
    let may_be_empty = ["labels.", "attributes."]
        .iter()
        .any(|of| path.contains(of));
    let text = match operator {
        " = " | ":" if text.is_empty() && !may_be_empty => "a".to_owned(),
        ":" => text.replace("\\*", "*").replace('*', "\\*"),
        _ => text.to_owned(),
    };
    format!("{path}{operator}\"{text}\"")
}

/// A random filter; about half of it is in groups, in which restrictions on a list are about one element.
pub fn filter(
    random: &mut Random,
    depth: i64,
    one: &mut impl FnMut(&mut Random) -> String,
) -> String {
    if depth == 0 || random.once_in(3) {
        let one = one(random);
        return if random.once_in(4) {
            format!("NOT {one}")
        } else {
            one
        };
    }
    let parts: Vec<String> = (0..2 + random.below(2))
        .map(|_| filter(random, depth - 1, one))
        .collect();
    let joined = parts.join(random.one_of(&[" AND ", " OR ", " "]));
    random.one_of(&["", "NOT ", "-"]).to_owned() + "(" + &joined + ")"
}

/// A random filter on customers.
pub fn customer_filter(random: &mut Random, depth: i64) -> String {
    filter(random, depth, &mut |random| {
        restriction(random, CUSTOMER, CUSTOMER_TEXTS)
    })
}
