//! Phone numbers: the E.164 form of a number as it was given.
//!
//! A number that does not parse stays text; nothing here rejects one.

use phonenumber::country::Id;
use phonenumber::{Mode, parse};

/// Returns the E.164 form, such as `+4930074321`.
///
/// An international spelling (with a leading `+`) is always understood; a national one with the region (CLDR, such as
/// `DE`) it was written in. `None` if the text is no phone number.
pub fn e164(text: &str, region: Option<&str>) -> Option<String> {
    let is_international = text.trim_start().starts_with(['+', '\u{ff0b}']);
    // If a region is given too, an international number loses the zero that belongs to it in some countries.
    let region: Option<Id> = region
        .filter(|_| !is_international)
        .and_then(|region| region.parse().ok());
    if region.is_none() && !is_international {
        return None;
    }
    let number = parse(region, text).ok()?;
    Some(number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::e164;

    #[test]
    fn a_plus_of_full_width_is_a_plus() {
        for region in [None, Some("DE"), Some("IT")] {
            // An Italian number keeps the zero that a German one would lose.
            assert_eq!(
                e164("\u{ff0b}39 06 555 01235", region).as_deref(),
                Some("+390655501235"),
                "{region:?}"
            );
        }
    }
}
