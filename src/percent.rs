//! Percent-encoding (RFC 3986): what a copied link has in place of a character, such as `%40` for `@`.

use std::borrow::Cow;

/// Returns a text with the characters that its codes stand for; as it is if it has none, or if they are no UTF-8.
pub fn decoded(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(byte) = bytes.get(i) {
        let coded = code_at(bytes, i);
        decoded.push(coded.unwrap_or(*byte));
        i += if coded.is_some() { 3 } else { 1 };
    }
    if decoded.len() == bytes.len() {
        return Cow::Borrowed(text);
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn code_at(bytes: &[u8], i: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(i..i + 3)? else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_for_characters() {
        for (text, plain) in [
            ("", ""),
            ("a%40b", "a@b"),
            ("%2B49%20228", "+49 228"),
            ("%2b%D0%90", "+\u{410}"),
            ("100 %", "100 %"),
            ("100%4", "100%4"),
            ("%zz%", "%zz%"),
            // Half a character.
            ("%D0", "%D0"),
        ] {
            assert_eq!(decoded(text), plain, "{text}");
        }
    }
}
