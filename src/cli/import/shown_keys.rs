//! Which keys of a JSON file a message may show. A key can be personal data, such as an e-mail address, so only what looks
//! like the name of a field is shown.

/// The longest key that is shown, in bytes.
const MAX_SHOWN: usize = 40;

/// Lists paths, each once, as far as they can be shown.
pub(crate) fn shown_keys<'a>(paths: impl Iterator<Item = &'a String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for path in paths.map(|path| format!("`{}`", shown_key(path))) {
        if !all.contains(&path) {
            all.push(path);
        }
    }
    all.join(", ")
}

/// Returns a path, or an ellipsis if one of its keys does not look like the name of a field. A key may contain dots, so no
/// part of such a path is shown.
pub(crate) fn shown_key(path: &str) -> &str {
    if path.split('.').all(looks_like_a_field) {
        path
    } else {
        "…"
    }
}

/// Says whether a key is like `first_name` or `phones[0]`.
fn looks_like_a_field(key: &str) -> bool {
    let (name, index) = key.split_at(key.find('[').unwrap_or(key.len()));
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    name.len() <= MAX_SHOWN
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(fits)
        && index
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '[' | ']'))
}
