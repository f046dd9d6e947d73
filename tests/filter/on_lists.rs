//! Random restrictions on the elements of a customer's lists.

use super::filters::{ALL, WANTED_TEXTS, with_text};
use crate::series::random::Random;

/// Fields in lists, few enough that a filter of several restrictions asks the same list twice.
const IN_LISTS: [&str; 8] = [
    "affiliations.job_title",
    "affiliations.department",
    "affiliations.labels.k",
    "affiliations.attributes.s",
    "affiliations.buying_roles.scope",
    "emails.address",
    "phone_numbers.text",
    "addresses.postal_address.locality",
];

/// Names and addresses that a list is found by.
const FOUND_BY: [&str; 6] = [
    "affiliations.contact = \"contacts/p1\"",
    "affiliations.contact = \"contacts/p2\"",
    "affiliations.customer = \"customers/c3\"",
    "affiliations.manager:*",
    "emails.address = \"a@x.example\"",
    "emails.address = \"b@x.example\"",
];

/// A random restriction on the elements of a list of a customer.
pub fn on_list(random: &mut Random) -> String {
    match random.below(8) {
        0 => random.one_of(&FOUND_BY).to_owned(),
        1 => format!(
            "affiliations.seniority = {}",
            random.one_of(&["OWNER", "VP"])
        ),
        2 => format!(
            "affiliations.primary = {}",
            random.one_of(&["true", "false"])
        ),
        3 => {
            let role = random.one_of(&["CHAMPION", "DECISION_MAKER"]);
            format!("affiliations.buying_roles.role = {role}")
        }
        _ => {
            let (path, operator) = (random.one_of(&IN_LISTS), random.one_of(ALL));
            with_text(path, operator, random.one_of(&WANTED_TEXTS))
        }
    }
}
