//! To which trace a call belongs (W3C Trace Context, `traceparent`).
//!
//! It is read for the log and for spans, and decides nothing: a caller may send any.

use std::fmt::Write;

use http::HeaderMap;

const TRACEPARENT: &str = "traceparent";

/// A trace, the caller's span in it, and whether the caller records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent {
    pub(crate) trace_id: [u8; 16],
    pub(crate) span_id: [u8; 8],
    pub(crate) is_sampled: bool,
}

impl TraceParent {
    /// Reads the header; `None` if it is absent, malformed, or there more than once.
    pub(crate) fn of(headers: &HeaderMap) -> Option<TraceParent> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        parse(value.to_str().ok()?)
    }
}

fn parse(text: &str) -> Option<TraceParent> {
    let mut parts = text.splitn(5, '-');
    let [version, trace_id, span_id, flags] =
        [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let [version] = hex::<1>(version)?;
    // What follows the flags is for versions to come.
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let [flags] = hex::<1>(flags)?;
    let parent = TraceParent {
        trace_id: hex(trace_id)?,
        span_id: hex(span_id)?,
        is_sampled: flags & 1 == 1,
    };
    (parent.trace_id != [0; 16] && parent.span_id != [0; 8]).then_some(parent)
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * N || !text.bytes().all(digits) {
        return None;
    }
    let mut bytes = [0; N];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Returns an id in the form of the header.
pub(crate) fn hex_text(id: &[u8]) -> String {
    id.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_the_standard_shows_is_read() {
        let parent = parse(GIVEN).expect("it is well-formed");
        assert_eq!(
            hex_text(&parent.trace_id),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        assert_eq!(hex_text(&parent.span_id), "00f067aa0ba902b7");
        assert!(parent.is_sampled);
        let later = GIVEN.replacen("00", "cc", 1) + "-what-the-future-will-be-like";
        assert_eq!(parse(&later), Some(parent));
    }

    #[test]
    fn what_is_malformed_is_no_trace() {
        let upper = GIVEN.to_uppercase();
        for text in [
            "",
            "00",
            &GIVEN[..54],
            &format!("{GIVEN}0"),
            &format!("{GIVEN}-more"),
            &upper,
            &GIVEN.replacen("00", "ff", 1),
            &GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GIVEN.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GIVEN.replace("00f067aa0ba902b7", "00f067aa0ba902bé"),
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
