//! Plans: which numbers a country gives out, and what is dialled before them within it (`phonenumber` has the data).

use std::sync::PoisonError;

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor, Format};

/// Returns the plan of the country with a code; of several countries that share it, as in North America, of the main one.
pub(super) fn main_plan(code: u16) -> Option<&'static Metadata> {
    let plans = DATABASE.by_code(&code)?;
    let main = plans.iter().find(|plan| plan.is_main_country_for_code());
    main.or(plans.first()).copied()
}

pub(super) fn gives_out(plan: &Metadata, national: &str) -> bool {
    is_one(plan.descriptors().general(), national) && kinds(plan).any(|kind| is_one(kind, national))
}

/// Says whether a number has as many digits as some kind of a plan's numbers.
pub(super) fn has_length(plan: &Metadata, national: &str) -> bool {
    let is_long = |length: &u16| usize::from(*length) == national.len();
    kinds(plan).any(|kind| kind.possible_length().iter().any(is_long))
}

/// Returns the kinds of numbers that a plan gives out.
fn kinds(plan: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let all = plan.descriptors();
    let kinds = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.pager(),
        all.uan(),
        all.voicemail(),
    ];
    kinds.into_iter().flatten()
}

/// Says whether a number is one of a kind: all of it, and not only how it begins, which is what the library asks.
pub(super) fn is_one(kind: &Descriptor, national: &str) -> bool {
    // Most are none, and this is told without another pattern.
    if !kind.is_match(national) {
        return false;
    }
    is_whole_match(kind.national_number().as_str(), national)
}

fn is_whole_match(pattern: &str, digits: &str) -> bool {
    let whole = format!("^(?x:{pattern})$");
    let cache = DATABASE.cache();
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    cache
        .compile(&whole)
        .is_ok_and(|pattern| pattern.is_match(digits))
}

/// Takes off what is dialled before a number within its country, such as the 0 in Germany, by the rules of its plan. It
/// stays where the number is one with it, and none without it.
pub(super) fn without_prefix(digits: &str, plan: &Metadata) -> String {
    let general = plan.descriptors().general();
    let stripped = stripped(digits, plan).filter(|stripped| {
        let is_one = |digits: &str| is_one(general, digits);
        let shortest = general
            .possible_length()
            .first()
            .copied()
            .unwrap_or_default();
        stripped.len() >= usize::from(shortest) && (is_one(stripped) || !is_one(digits))
    });
    stripped.unwrap_or_else(|| digits.to_owned())
}

fn stripped(digits: &str, plan: &Metadata) -> Option<String> {
    let Some(pattern) = plan.national_prefix_for_parsing() else {
        let prefix = plan.national_prefix()?;
        return digits.strip_prefix(prefix).map(str::to_owned);
    };
    let found = pattern.captures(digits)?;
    let all = found.get(0).filter(|all| all.start() == 0)?;
    // The last group is what the rule puts in place; without it the prefix is only taken off.
    let has_group = found.len() > 1 && found.get(found.len() - 1).is_some();
    match plan.national_prefix_transform_rule().filter(|_| has_group) {
        Some(rule) => Some(pattern.replace(digits, rule).into_owned()),
        None => Some(digits[all.end()..].to_owned()),
    }
}

/// Says whether a number of a region is always written with what is dialled before it within the country, as in Germany,
/// and not in Italy, in Spain or in North America.
pub(super) fn writes_prefix(national: &str, region: &Metadata) -> bool {
    let is_all = |pattern: &str| is_whole_match(pattern, national);
    let is_of = |format: &&Format| {
        let leading = format.leading_digits().last();
        let leads = leading.is_none_or(|leading| {
            let found = leading.find(national);
            found.is_some_and(|found| found.start() == 0)
        });
        leads && is_all(format.pattern().as_str())
    };
    let format = region.formats().iter().find(is_of);
    format.is_some_and(|format| {
        let rule = format.national_prefix().unwrap_or_default();
        rule.contains("$NP") && !format.is_national_prefix_optional()
    })
}
