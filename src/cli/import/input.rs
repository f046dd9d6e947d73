//! The rows of a file: CSV, or objects in JSON (`objects.rs`).
//!
//! A CSV file is read row by row. JSON is read as a whole, and made into rows.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::lines::Lines;
use super::objects::{self, Json};
use super::quotes::Flaw;
use super::row::Fault;

/// The mark of byte order, in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of a file, one after the other.
pub struct Rows {
    header: Vec<String>,
    size: u64,
    form: Form,
}

enum Form {
    Csv { reader: Box<Reader<Lines<BufReader<File>>>>, record: ByteRecord },
    Json { records: std::vec::IntoIter<Json>, n_read: u64 },
}

/// One row.
pub struct Row {
    /// The line it begins at, counted from 1; in JSON, which of the objects it is.
    pub line: u64,
    /// The cells; nothing when all are blank.
    pub cells: Result<Option<Vec<String>>, Fault>,
}

impl Rows {
    /// Opens a file and reads its header. It is JSON if it begins like JSON, if its name says so, or if `records` says
    /// which list in it to read.
    ///
    /// # Errors
    /// When it cannot be read, or has no header.
    pub fn open(path: &Path, delimiter: u8, records: Option<&str>) -> anyhow::Result<Rows> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let size = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let mut file = BufReader::new(file);
        let has_ending = |ending| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending));
        let is_lines = has_ending("jsonl") || has_ending("ndjson");
        let is_json = is_lines || has_ending("json") || records.is_some() || begins_like_json(file.fill_buf()?);
        let rows = if is_json { of_json(file, records, is_lines) } else { of_csv(file, size, delimiter) };
        rows.with_context(|| format!("{}", path.display()))
    }

    /// Returns the names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
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
        match &mut self.form {
            Form::Csv { reader, record } => {
                if !reader.read_byte_record(record)? {
                    return Ok(None);
                }
                let line = reader.get_ref().of_record(record.position().map_or(0, csv::Position::byte));
                let end = reader.position().byte();
                let cells = match reader.get_mut().quotes.flaw_before(end) {
                    Some(flaw) => Err(Fault::of_row(told(flaw))),
                    None => cells(record, &self.header),
                };
                Ok(Some(Row { line, cells }))
            }
            Form::Json { records, n_read } => {
                let Some(record) = records.next() else { return Ok(None) };
                *n_read += 1;
                Ok(Some(Row { line: *n_read, cells: objects::cells(&record, &self.header) }))
            }
        }
    }
}

/// Says whether this is how a list or an object of JSON begins; no name of a column does.
fn begins_like_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'['))
}

fn told(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NeverClosed => "a quotation mark is opened and never closed, so that all that follows is one cell",
        Flaw::Within => "has a quotation mark in the middle of a quoted cell: write it twice there",
    }
}

fn of_csv(file: BufReader<File>, size: u64, delimiter: u8) -> anyhow::Result<Rows> {
    let lines = Lines::new(file, delimiter);
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(lines);
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
    Ok(Rows { header, size, form: Form::Csv { reader: Box::new(reader), record: ByteRecord::new() } })
}

fn of_json(mut file: impl Read, records: Option<&str>, is_lines: bool) -> anyhow::Result<Rows> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(bytes.strip_prefix(MARK).unwrap_or(&bytes));
    let records = objects::records(text.map_err(|_| anyhow!("is not UTF-8: save it as UTF-8"))?, records, is_lines)?;
    let (header, size) = (objects::header(&records), records.len() as u64);
    Ok(Rows { header, size, form: Form::Json { records: records.into_iter(), n_read: 0 } })
}

/// Returns the cells of a row of CSV; an error when there are more or fewer than the header has, or one is no text.
fn cells(record: &ByteRecord, header: &[String]) -> Result<Option<Vec<String>>, Fault> {
    let mut cells = Vec::with_capacity(record.len());
    for (i, cell) in record.iter().enumerate() {
        let bad =
            |reason: &str| header.get(i).map_or_else(|| Fault::of_row(reason), |name| Fault::of_column(name, reason));
        let text = std::str::from_utf8(cell).map_err(|_| bad("is not valid UTF-8: save the file as UTF-8"))?;
        if text.contains('\0') {
            return Err(bad("holds a NUL character"));
        }
        cells.push(text.to_owned());
    }
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    let surplus = cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty());
    if cells.len() < header.len() || surplus {
        return Err(Fault::of_row(format!("has {} cells, the header has {}", cells.len(), header.len())));
    }
    Ok(Some(cells))
}
