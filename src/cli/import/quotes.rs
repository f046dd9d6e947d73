//! Quotation marks in CSV that lose rows: one that is never closed makes a cell of all that follows, one in the
//! middle of a quoted cell may do so until the next, and one behind a space opens no cell, whatever it was meant to. The
//! `csv` crate reads on in all cases, as RFC 4180 allows.
//!
//! Fed with the bytes as they pass by, it follows where cells begin and end as that crate does.

use std::collections::VecDeque;

/// What is wrong with a quotation mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It opens a cell that is never closed.
    NeverClosed,
    /// It stands within a quoted cell and is not written twice.
    Within,
    /// It stands behind nothing but space, so that it opens no cell.
    Spaced,
}

/// Where in the file the bytes so far end.
pub struct Quotes {
    delimiter: u8,
    at: State,
    flaws: VecDeque<(u64, Flaw)>,
}

#[derive(Clone, Copy)]
enum State {
    /// Where a cell begins.
    Start,
    /// In the space that a cell begins with.
    Space,
    /// In a cell without quotes.
    Plain,
    /// In a quoted cell, and where it was opened.
    Quoted(u64),
    /// Behind a mark in a quoted cell, which closes it unless another one follows.
    Closed(u64),
    /// Behind a quoted cell, in the space up to its end.
    After,
}

impl Quotes {
    /// Begins at the first byte of a file.
    pub fn new(delimiter: u8) -> Quotes {
        Quotes {
            delimiter,
            at: State::Start,
            flaws: VecDeque::new(),
        }
    }

    /// Takes the next byte, and its offset.
    pub fn take(&mut self, offset: u64, byte: u8) {
        // The mark of byte order is no part of the first cell.
        if offset < 3 && byte == b"\xef\xbb\xbf"[offset as usize] {
            return;
        }
        let ends_cell = byte == self.delimiter || matches!(byte, b'\r' | b'\n');
        self.at = match (self.at, byte) {
            (State::Quoted(opened), b'"') => State::Closed(opened),
            (State::Quoted(opened), _) | (State::Closed(opened), b'"') => State::Quoted(opened),
            (State::Start, b'"') => State::Quoted(offset),
            _ if ends_cell => State::Start,
            (State::Closed(_) | State::After, b' ' | b'\t') => State::After,
            (State::Closed(_) | State::After, _) => {
                self.flaws.push_back((offset, Flaw::Within));
                State::Plain
            }
            (State::Space, b'"') => {
                self.flaws.push_back((offset, Flaw::Spaced));
                State::Plain
            }
            (State::Start | State::Space, b' ' | b'\t') => State::Space,
            (State::Start | State::Space | State::Plain, _) => State::Plain,
        };
    }

    /// Takes note of the end of the file.
    pub fn end(&mut self) {
        if let State::Quoted(opened) = self.at {
            self.at = State::Start;
            self.flaws.push_back((opened, Flaw::NeverClosed));
        }
    }

    /// Returns the first flaw before an offset, and forgets all that are.
    pub fn flaw_before(&mut self, end: u64) -> Option<Flaw> {
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

    fn flaws(text: &str) -> Vec<(u64, Flaw)> {
        let mut quotes = Quotes::new(b',');
        text.bytes()
            .zip(0..)
            .for_each(|(byte, offset)| quotes.take(offset, byte));
        quotes.end();
        quotes.flaws.into()
    }

    #[test]
    fn marks_that_lose_rows_are_found() {
        assert_eq!(flaws("a,b\n1,\"x\n2,y\n"), [(6, Flaw::NeverClosed)]);
        assert_eq!(flaws("\u{feff}\"a\n"), [(3, Flaw::NeverClosed)]);
        assert_eq!(flaws("a\n\"x\n2,\"y\"\n"), [(8, Flaw::Within)]);
        assert_eq!(flaws("\"x\" y,1\n"), [(4, Flaw::Within)]);
        assert_eq!(flaws("1, \"x, y\"\n"), [(3, Flaw::Spaced)]);
        assert_eq!(flaws("\t\"x\"\n"), [(1, Flaw::Spaced)]);
    }

    #[test]
    fn marks_that_lose_none_are_not() {
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
