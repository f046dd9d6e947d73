//! The rows of a file: CSV, or objects in JSON (`objects.rs`, `places.rs`).
//!
//! A CSV file is read row by row. JSON is read as a whole, and made into rows.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::cli::import::cell::Cell;
use crate::cli::import::fault::Fault;
use crate::cli::import::lines::Lines;
use crate::cli::import::objects::{self, Record};
use crate::cli::import::places;
use crate::cli::import::quotes::Flaw;

/// The mark of byte order, in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of a file, one after the other.
pub struct Rows {
    header: Option<Vec<String>>,
    size: u64,
    form: Form,
}

/// The bytes of a file, those again that were looked at to see what it is.
type Bytes = Chain<Cursor<Vec<u8>>, BufReader<File>>;

enum Form {
    Csv {
        reader: Box<Reader<Lines<Bytes>>>,
        record: ByteRecord,
    },
    Json {
        records: std::vec::IntoIter<Record>,
        n_read: u64,
    },
}

/// One row.
pub struct Row {
    /// The line it begins at, counted from 1; in JSON, which of the objects it is.
    pub line: u64,
    /// The cells; nothing when all are blank.
    pub cells: Result<Option<Vec<Cell>>, Fault>,
}

impl Rows {
    /// Opens a file and reads its header. It is JSON if it begins like JSON, if its name says so, or if `records` says
    /// which list in it to read.
    ///
    /// # Errors
    /// When it cannot be read, or has no header.
    pub fn open(path: &Path, delimiter: u8, records: Option<&str>) -> anyhow::Result<Rows> {
        let unread = || format!("cannot read {}", path.display());
        let file = File::open(path).with_context(unread)?;
        let metadata = file.metadata().with_context(unread)?;
        if metadata.is_dir() {
            bail!("{}: it is a folder", unread());
        }
        let size = metadata.len();
        let mut file = BufReader::new(file);
        let head = head(&mut file).with_context(unread)?;
        let has_ending = |ending| {
            path.extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
        };
        let is_lines = has_ending("jsonl") || has_ending("ndjson");
        let is_json =
            is_lines || has_ending("json") || records.is_some() || begins_like_json(&head);
        let file = Cursor::new(head).chain(file);
        let rows = if is_json {
            of_json(file, records, is_lines)
        } else {
            of_csv(file, size, delimiter)
        };
        rows.with_context(|| format!("{}", path.display()))
    }

    /// Returns the names of the columns; `None` when there is no record that could have any.
    pub fn header(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    /// Says whether the rows are objects, whose keys are the columns.
    pub fn are_objects(&self) -> bool {
        matches!(self.form, Form::Json { .. })
    }

    /// Returns the word for what `Row::line` counts.
    pub fn unit(&self) -> &'static str {
        match &self.form {
            Form::Csv { .. } => "line",
            Form::Json { .. } => "record",
        }
    }

    /// Returns how much there is to read.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns how much of it has been read.
    pub fn position(&self) -> u64 {
        match &self.form {
            Form::Csv { reader, .. } => reader.position().byte(),
            Form::Json { n_read, .. } => *n_read,
        }
    }

    /// Reads the next row.
    ///
    /// # Errors
    /// When the file cannot be read any further.
    pub fn next(&mut self) -> anyhow::Result<Option<Row>> {
        let header = self.header.as_deref().unwrap_or_default();
        match &mut self.form {
            Form::Csv { reader, record } => {
                if !reader.read_byte_record(record)? {
                    return Ok(None);
                }
                let line = reader
                    .get_ref()
                    .of_record(record.position().map_or(0, csv::Position::byte));
                let end = reader.position().byte();
                let last_line = reader.get_ref().last_of_record(end);
                let cells = match reader.get_mut().quotes.flaw_before(end) {
                    Some(Flaw::Within) if last_line > line => Err(merged(last_line)),
                    Some(flaw) => Err(Fault::of_row(told(flaw))),
                    None => cells(record, header),
                };
                Ok(Some(Row { line, cells }))
            }
            Form::Json { records, n_read } => {
                let Some(record) = records.next() else {
                    return Ok(None);
                };
                *n_read += 1;
                Ok(Some(Row {
                    line: *n_read,
                    cells: places::cells(record, header),
                }))
            }
        }
    }
}

/// Reads as far as a file shows what it is, or to its end: a pipe may give it byte by byte. The `csv` crate also wants to
/// see the mark of byte order at once.
fn head(file: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    for byte in file.bytes() {
        head.push(byte?);
        if !MARK.starts_with(&head) && !beginning(&head).is_empty() {
            break;
        }
    }
    Ok(head)
}

fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start()
}

/// Says whether this is how a list or an object of JSON begins; no name of a column does.
fn begins_like_json(bytes: &[u8]) -> bool {
    matches!(beginning(bytes).first(), Some(b'{' | b'['))
}

fn told(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NeverClosed => {
            "a quotation mark is opened and never closed, so that all that follows is one cell"
        }
        Flaw::Within => "has a quotation mark in the middle of a quoted cell: write it twice there",
        Flaw::Spaced => "has a space before a quotation mark that opens a cell: take the space out",
    }
}

/// A cell that goes over lines and has a mark within may be several rows.
fn merged(last_line: u64) -> Fault {
    let reason = format!(
        "{}; a mark opened in the first of these lines may not be closed",
        told(Flaw::Within)
    );
    Fault {
        last_line: Some(last_line),
        ..Fault::of_row(reason)
    }
}

fn of_csv(file: Bytes, size: u64, delimiter: u8) -> anyhow::Result<Rows> {
    let lines = Lines::new(file, delimiter);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(lines);
    reader.byte_headers()?;
    let end = reader.position().byte();
    if let Some(flaw) = reader.get_mut().quotes.flaw_before(end) {
        bail!("line 1: {}", told(flaw));
    }
    let header = reader.byte_headers()?;
    if header.is_empty() {
        bail!("is empty: the first row has to name the columns");
    }
    let name = |cell| std::str::from_utf8(cell).map(|name| name.trim().to_owned());
    let header = header.iter().map(name).collect::<Result<_, _>>();
    let header = header.map_err(|_| anyhow!("is not UTF-8: save it as UTF-8"))?;
    Ok(Rows {
        header: Some(header),
        size,
        form: Form::Csv {
            reader: Box::new(reader),
            record: ByteRecord::new(),
        },
    })
}

fn of_json(mut file: impl Read, records: Option<&str>, is_lines: bool) -> anyhow::Result<Rows> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(bytes.strip_prefix(MARK).unwrap_or(&bytes));
    let records = objects::records(
        text.map_err(|_| anyhow!("is not UTF-8: save it as UTF-8"))?,
        records,
        is_lines,
    )?;
    let (header, size) = (places::header(&records), records.len() as u64);
    Ok(Rows {
        header,
        size,
        form: Form::Json {
            records: records.into_iter(),
            n_read: 0,
        },
    })
}

/// Returns the cells of a row of CSV; an error when there are more or fewer than the header has, or one is no text.
fn cells(record: &ByteRecord, header: &[String]) -> Result<Option<Vec<Cell>>, Fault> {
    let mut cells = Vec::with_capacity(record.len());
    for (i, cell) in record.iter().enumerate() {
        let bad = |reason: &str| {
            header.get(i).map_or_else(
                || Fault::of_row(reason),
                |name| Fault::of_column(name, reason),
            )
        };
        let text = std::str::from_utf8(cell)
            .map_err(|_| bad("is not valid UTF-8: save the file as UTF-8"))?;
        if text.contains('\0') {
            return Err(bad("holds a NUL character"));
        }
        cells.push(Cell::text(text));
    }
    if cells.iter().all(|cell| cell.text.trim().is_empty()) {
        return Ok(None);
    }
    let surplus = cells
        .iter()
        .skip(header.len())
        .any(|cell| !cell.text.trim().is_empty());
    if cells.len() < header.len() || surplus {
        return Err(Fault::of_row(format!(
            "has {} cells, the header has {}",
            cells.len(),
            header.len()
        )));
    }
    Ok(Some(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time, as a slow pipe does.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = buffer.len().min(1);
            self.0.read(&mut buffer[..n])
        }
    }

    #[test]
    fn what_a_file_is_is_judged_by_enough_of_it() {
        for (text, wanted, is_json) in [
            ("id,name\n", "i", false),
            ("\u{feff}id,name\n", "\u{feff}i", false),
            ("\u{feff}\n [{\"id\": 1}]", "\u{feff}\n [", true),
            ("\n\n\n\n\n\n{}", "\n\n\n\n\n\n{", true),
            ("\u{feff}", "\u{feff}", false),
            ("", "", false),
        ] {
            let head =
                head(&mut BufReader::new(Drops(text.as_bytes()))).expect("memory can be read");
            assert_eq!(
                (head.as_slice(), begins_like_json(&head)),
                (wanted.as_bytes(), is_json),
                "{text:?}"
            );
        }
    }
}
