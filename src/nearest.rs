//! The nearest name: which of the known ones somebody probably meant who wrote another.
//!
//! One rule for filters, masks and orders. A leaf: it is given the names.

/// Returns the known name that is most similar, unless none is similar enough to be meant. Only the last part of a path
/// counts; of equals, one without a path wins.
pub fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let last = |known: &str| {
        known
            .rsplit('.')
            .next()
            .unwrap_or(known)
            .to_ascii_lowercase()
    };
    let distance = |known: &str| match last(known) {
        known if known == name => 0,
        known if name.len() > 2 && known.contains(&name) => 1,
        known => strsim::levenshtein(&name, &known),
    };
    let rank = |known: &&String| {
        (
            distance(known),
            known.contains('.'),
            last(known).len().abs_diff(name.len()),
        )
    };
    let best = known.iter().min_by_key(rank)?;
    (distance(best) <= 1 + last(best).len() / 4).then_some(best)
}

/// Returns a problem with a name, followed by the nearest known one if there is any.
pub fn with_nearest(problem: String, name: &str, known: &[String]) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("{problem}: did you mean `{nearest}`?"),
        None => problem,
    }
}
