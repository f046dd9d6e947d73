//! Quotation marks in CSV that swallow rows: one that is never closed makes a single cell of the rest of the file, one in
//! the middle of a quoted cell may do so up to the next, and one after a space opens no cell, whatever was meant. The
//! `csv` crate reads on in all three cases, as RFC 4180 allows.
//!
//! It is fed the bytes as they are read, and tracks where cells begin and end as that crate does.

use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteFlaw {
    /// Opens a cell that is never closed.
    NeverClosed,
    /// Stands within a quoted cell and is not doubled.
    Within,
    /// Follows a space at the start of a cell, so that it opens no quoted cell.
    AfterSpace,
}

pub(crate) struct QuoteTracker {
    delimiter: u8,
    state: QuoteState,
    /// The flaws not asked for yet, with their offsets.
    flaws: VecDeque<(u64, QuoteFlaw)>,
}

#[derive(Clone, Copy)]
enum QuoteState {
    /// Where a cell begins.
    Start,
    /// In the space that a cell begins with.
    Space,
    /// In a cell without quotes.
    Plain,
    /// In a quoted cell; the offset of the mark that opened it.
    Quoted(u64),
    /// After a mark in a quoted cell, which closes it unless another mark follows.
    Closed(u64),
    /// In the space after a quoted cell.
    After,
}

impl QuoteTracker {
    pub(crate) fn new(delimiter: u8) -> QuoteTracker {
        QuoteTracker {
            delimiter,
            state: QuoteState::Start,
            flaws: VecDeque::new(),
        }
    }

    /// Takes the next byte of the file, and its offset.
    pub(crate) fn take(&mut self, offset: u64, byte: u8) {
        // The byte order mark is not part of the first cell.
        if offset < 3 && byte == b"\xef\xbb\xbf"[offset as usize] {
            return;
        }
        let ends_cell = byte == self.delimiter || matches!(byte, b'\r' | b'\n');
        self.state = match (self.state, byte) {
            (QuoteState::Quoted(opened), b'"') => QuoteState::Closed(opened),
            (QuoteState::Quoted(opened), _) | (QuoteState::Closed(opened), b'"') => {
                QuoteState::Quoted(opened)
            }
            (QuoteState::Start, b'"') => QuoteState::Quoted(offset),
            _ if ends_cell => QuoteState::Start,
            (QuoteState::Closed(_) | QuoteState::After, b' ' | b'\t') => QuoteState::After,
            (QuoteState::Closed(_) | QuoteState::After, _) => {
                self.flaws.push_back((offset, QuoteFlaw::Within));
                QuoteState::Plain
            }
            (QuoteState::Space, b'"') => {
                self.flaws.push_back((offset, QuoteFlaw::AfterSpace));
                QuoteState::Plain
            }
            (QuoteState::Start | QuoteState::Space, b' ' | b'\t') => QuoteState::Space,
            (QuoteState::Start | QuoteState::Space | QuoteState::Plain, _) => QuoteState::Plain,
        };
    }

    pub(crate) fn end(&mut self) {
        if let QuoteState::Quoted(opened) = self.state {
            self.state = QuoteState::Start;
            self.flaws.push_back((opened, QuoteFlaw::NeverClosed));
        }
    }

    /// Returns the first flaw before an offset, and forgets all of them up to there.
    pub(crate) fn flaw_before(&mut self, end: u64) -> Option<QuoteFlaw> {
        let mut first = None;
        while let Some((_, flaw)) = self.flaws.pop_front_if(|(offset, _)| *offset < end) {
            first = first.or(Some(flaw));
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(text: &str) -> Vec<(u64, QuoteFlaw)> {
        let mut quotes = QuoteTracker::new(b',');
        text.bytes()
            .zip(0..)
            .for_each(|(byte, offset)| quotes.take(offset, byte));
        quotes.end();
        quotes.flaws.into()
    }

    #[test]
    fn marks_that_swallow_rows_are_found() {
        assert_eq!(flaws("a,b\n1,\"x\n2,y\n"), [(6, QuoteFlaw::NeverClosed)]);
        assert_eq!(flaws("\u{feff}\"a\n"), [(3, QuoteFlaw::NeverClosed)]);
        assert_eq!(flaws("a\n\"x\n2,\"y\"\n"), [(8, QuoteFlaw::Within)]);
        assert_eq!(flaws("\"x\" y,1\n"), [(4, QuoteFlaw::Within)]);
        assert_eq!(flaws("1, \"x, y\"\n"), [(3, QuoteFlaw::AfterSpace)]);
        assert_eq!(flaws("\t\"x\"\n"), [(1, QuoteFlaw::AfterSpace)]);
    }

    #[test]
    fn marks_that_swallow_none_are_not() {
        for text in [
            "",
            "\"a\",\"b\"\n",
            "\"a \"\"b\"\" c\"\n",
            "5\" pipe,6\"\n",
            " 5\" pipe, x\n",
            "\"a\nb\" ,\"\"\r\n",
            "a,\"\"",
            "\"\"\"\"",
        ] {
            assert_eq!(flaws(text), [], "{text}");
        }
    }
}
