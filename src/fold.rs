//! Folding: the form in which texts are compared when case and width must not matter.
//!
//! In Rust and never in SQL, because the engines fold differently (trap M14).

use unicode_normalization::UnicodeNormalization;

/// Returns a text in NFKC and lower case.
pub fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}
