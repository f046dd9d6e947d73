//! What the bytes of a CSV file tell that the `csv` crate does not: the line of a record, as an editor counts, and
//! quotation marks that swallow rows.
//!
//! The position of that crate is one line short where lines end in CR LF, and ignores empty lines before a record; so
//! line ends are noted as the bytes are read.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::cli::import::input::quotes::QuoteTracker;

/// Passes bytes on and notes where lines end.
pub(crate) struct LineCounter<R> {
    pub(crate) quotes: QuoteTracker,
    inner: R,
    /// How many bytes have been read.
    offset: u64,
    /// The line of the record that was asked for last.
    line: u64,
    /// The line ends from there on: offset and byte.
    ends: VecDeque<(u64, u8)>,
}

impl<R> LineCounter<R> {
    pub(crate) fn new(inner: R, delimiter: u8) -> LineCounter<R> {
        LineCounter {
            quotes: QuoteTracker::new(delimiter),
            inner,
            offset: 0,
            line: 1,
            ends: VecDeque::new(),
        }
    }

    /// Returns the line of the record that starts at an offset or in the empty lines there. Ask in the order of the
    /// file.
    pub(crate) fn line_of_record(&mut self, offset: u64) -> u64 {
        let mut start = offset;
        while let Some((offset, byte)) = self.ends.pop_front_if(|(offset, _)| *offset <= start) {
            // Line ends at the start of the record are empty lines before it.
            start += u64::from(offset == start);
            if !is_split(byte, offset, self.ends.front()) {
                self.line += 1;
            }
        }
        self.line
    }

    /// Returns the last line of the record that was asked for last, which ends before an offset.
    pub(crate) fn last_line_of_record(&self, end: u64) -> u64 {
        // The line end after the record is not part of it.
        let n_inside = self.ends.partition_point(|(offset, _)| offset + 1 < end);
        let inside = self.ends.iter().enumerate().take(n_inside);
        let lines =
            inside.filter(|(i, (offset, byte))| !is_split(*byte, *offset, self.ends.get(i + 1)));
        self.line + lines.count() as u64
    }
}

/// Says whether a line end is only the CR of a CR LF.
fn is_split(byte: u8, offset: u64, next: Option<&(u64, u8)>) -> bool {
    byte == b'\r' && next == Some(&(offset + 1, b'\n'))
}

impl<R: Read> Read for LineCounter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        for byte in &buffer[..n] {
            self.quotes.take(self.offset, *byte);
            if matches!(byte, b'\r' | b'\n') {
                self.ends.push_back((self.offset, *byte));
            }
            self.offset += 1;
        }
        if n == 0 {
            self.quotes.end();
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use csv::{ByteRecord, ReaderBuilder};

    use super::LineCounter;

    fn lines(text: &str) -> Vec<u64> {
        let mut rows = ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(5)
            .from_reader(LineCounter::new(text.as_bytes(), b','));
        let mut record = ByteRecord::new();
        let mut lines = Vec::new();
        while rows
            .read_byte_record(&mut record)
            .expect("memory can be read")
        {
            let start = record.position().expect("it was read").byte();
            lines.push(rows.get_mut().line_of_record(start));
        }
        lines
    }

    #[test]
    fn a_record_has_a_last_line() {
        for (text, wanted) in [
            ("a\n1\n\"x\ny\"\n2\n", [(2, 2), (3, 4), (5, 5)]),
            ("a\r\n\"\r\n\r\n\"\r\n\r\n1\r\n2", [(2, 4), (6, 6), (7, 7)]),
        ] {
            let lines = LineCounter::new(text.as_bytes(), b',');
            let mut rows = ReaderBuilder::new().buffer_capacity(64).from_reader(lines);
            let mut record = ByteRecord::new();
            for wanted in wanted {
                assert!(
                    rows.read_byte_record(&mut record)
                        .expect("memory can be read")
                );
                let start = record.position().expect("it was read").byte();
                let first = rows.get_mut().line_of_record(start);
                let end = rows.position().byte();
                let last = rows.get_ref().last_line_of_record(end);
                assert_eq!((first, last), wanted, "{text:?}");
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
