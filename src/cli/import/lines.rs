//! What the bytes of a CSV file say that its records do not: the line a record begins at, as an editor counts, and
//! quotation marks that lose rows.
//!
//! The position that the `csv` crate gives is one line short where lines end in CR LF, and does not see that empty
//! lines were skipped; so the ends of lines are noted as the bytes pass by.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Read};

use crate::cli::import::quotes::Quotes;

/// A reader that knows where lines end.
pub struct Lines<R> {
    /// The quotation marks so far.
    pub quotes: Quotes,
    inner: R,
    read: u64,
    line: Cell<u64>,
    /// The ends that lie ahead of the last record asked for: offset and byte.
    ends: RefCell<VecDeque<(u64, u8)>>,
}

impl<R> Lines<R> {
    /// Begins with line 1.
    pub fn new(inner: R, delimiter: u8) -> Lines<R> {
        let quotes = Quotes::new(delimiter);
        Lines {
            quotes,
            inner,
            read: 0,
            line: Cell::new(1),
            ends: RefCell::new(VecDeque::new()),
        }
    }

    /// Returns the line of a record that was read from the offset `from` on. Records have to be asked for in order.
    pub fn of_record(&self, from: u64) -> u64 {
        let mut ends = self.ends.borrow_mut();
        let mut start = from;
        let mut line = self.line.get();
        while let Some(&(offset, byte)) = ends.front().filter(|(offset, _)| *offset <= start) {
            ends.pop_front();
            // What stands before the first byte of the record still belongs to the lines before it.
            start += u64::from(offset == start);
            let goes_on = byte == b'\r' && ends.front() == Some(&(offset + 1, b'\n'));
            line += u64::from(!goes_on);
        }
        self.line.set(line);
        line
    }

    /// Returns the last line of the record that was asked for last and ends before the offset `end`.
    pub fn last_of_record(&self, end: u64) -> u64 {
        let ends = self.ends.borrow();
        // The record's own end is no part of it.
        let inside = ends.iter().take_while(|(offset, _)| offset + 1 < end);
        let pairs = inside.zip(ends.iter().skip(1).map(Some).chain([None]));
        let lines = pairs.filter(|((offset, byte), next)| {
            !(*byte == b'\r' && *next == Some(&(offset + 1, b'\n')))
        });
        self.line.get() + lines.count() as u64
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        buffer[..n]
            .iter()
            .zip(self.read..)
            .for_each(|(byte, offset)| self.quotes.take(offset, *byte));
        if n == 0 {
            self.quotes.end();
        }
        let ends = buffer[..n]
            .iter()
            .zip(self.read..)
            .filter(|(byte, _)| matches!(byte, b'\r' | b'\n'));
        self.ends
            .borrow_mut()
            .extend(ends.map(|(byte, offset)| (offset, *byte)));
        self.read += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use csv::{ByteRecord, ReaderBuilder};

    use super::Lines;

    fn lines(text: &str) -> Vec<u64> {
        let mut rows = ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(5)
            .from_reader(Lines::new(text.as_bytes(), b','));
        let mut record = ByteRecord::new();
        let mut lines = Vec::new();
        while rows
            .read_byte_record(&mut record)
            .expect("memory can be read")
        {
            lines.push(
                rows.get_ref()
                    .of_record(record.position().expect("it was read").byte()),
            );
        }
        lines
    }

    #[test]
    fn a_record_has_a_last_line() {
        for (text, wanted) in [
            ("a\n1\n\"x\ny\"\n2\n", [(2, 2), (3, 4), (5, 5)]),
            ("a\r\n\"\r\n\r\n\"\r\n\r\n1\r\n2", [(2, 4), (6, 6), (7, 7)]),
        ] {
            let lines = Lines::new(text.as_bytes(), b',');
            let mut rows = ReaderBuilder::new().buffer_capacity(64).from_reader(lines);
            let mut record = ByteRecord::new();
            for wanted in wanted {
                assert!(
                    rows.read_byte_record(&mut record)
                        .expect("memory can be read")
                );
                let first = rows
                    .get_ref()
                    .of_record(record.position().expect("it was read").byte());
                assert_eq!(
                    (first, rows.get_ref().last_of_record(rows.position().byte())),
                    wanted,
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        assert_eq!(lines("a\n1\n2\n"), [2, 3]);
        assert_eq!(lines("a\r\n1\r\n2"), [2, 3]);
        assert_eq!(lines("a\r1\r2\r"), [2, 3]);
        assert_eq!(lines("\u{feff}a\n\n\n1\n\n2\n"), [4, 6]);
        assert_eq!(lines("a\r\n\r\n\"x\r\ny\"\r\n\r\n2\r\n"), [3, 6]);
        assert_eq!(lines("\"a\nb\"\n1\n\"\n\"\n2"), [3, 4, 6]);
    }
}
