//! The rows of an input file: CSV, or objects in JSON (`json.rs`, `json_columns.rs`).
//!
//! A CSV file is read row by row, a JSON file as a whole.

mod json;
mod json_columns;
mod lines;
mod quotes;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::cli::import::cell::Cell;
use crate::cli::import::fault::Fault;
use crate::cli::import::input::json::JsonRecord;
use crate::cli::import::input::lines::LineCounter;
use crate::cli::import::input::quotes::QuoteFlaw;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const NOT_UTF8: &str = "is not UTF-8: save it as UTF-8";

pub(crate) struct InputFile {
    header: Option<Vec<String>>,
    size: u64,
    format: FileFormat,
}

/// The bytes of a file, those included that were read to find out its format.
type Bytes = Chain<Cursor<Vec<u8>>, BufReader<File>>;

enum FileFormat {
    Csv {
        reader: Box<Reader<LineCounter<Bytes>>>,
        record: ByteRecord,
    },
    Json {
        records: std::vec::IntoIter<JsonRecord>,
        n_read: u64,
    },
}

pub(crate) struct InputRow {
    /// The line where it starts, from 1; in JSON, the position of the object, from 1.
    pub(crate) line: u64,
    /// `None` if all cells are blank.
    pub(crate) cells: Result<Option<Vec<Cell>>, Fault>,
}

impl InputFile {
    /// Opens a file and reads its header. It is JSON if it starts like JSON, if its name says so, or if `records` names
    /// the list in it to read.
    ///
    /// # Errors
    /// If the file cannot be read, or has no header.
    pub(crate) fn open(
        path: &Path,
        delimiter: u8,
        records: Option<&str>,
    ) -> anyhow::Result<InputFile> {
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
            is_lines || has_ending("json") || records.is_some() || starts_like_json(&head);
        let bytes = Cursor::new(head).chain(file);
        let opened = if is_json {
            open_json(bytes, records, is_lines)
        } else {
            open_csv(bytes, size, delimiter)
        };
        opened.with_context(|| format!("{}", path.display()))
    }

    /// Returns the names of the columns; `None` if no record could have any.
    pub(crate) fn header(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    /// Says whether the rows are objects, whose keys are the columns.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.format, FileFormat::Json { .. })
    }

    /// Returns the word for what `InputRow::line` counts.
    pub(crate) fn unit(&self) -> &'static str {
        if self.is_json() { "record" } else { "line" }
    }

    /// Returns how much there is to read: bytes of CSV, objects of JSON.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Returns how much of it has been read.
    pub(crate) fn position(&self) -> u64 {
        match &self.format {
            FileFormat::Csv { reader, .. } => reader.position().byte(),
            FileFormat::Json { n_read, .. } => *n_read,
        }
    }

    /// Reads the next row.
    ///
    /// # Errors
    /// If the file cannot be read any further.
    pub(crate) fn next_row(&mut self) -> anyhow::Result<Option<InputRow>> {
        let header = self.header.as_deref().unwrap_or_default();
        match &mut self.format {
            FileFormat::Csv { reader, record } => {
                let is_row = reader.read_byte_record(record)?;
                Ok(is_row.then(|| csv_row(reader, record, header)))
            }
            FileFormat::Json { records, n_read } => Ok(records.next().map(|record| {
                *n_read += 1;
                InputRow {
                    line: *n_read,
                    cells: json_columns::cells(record, header),
                }
            })),
        }
    }
}

fn csv_row(
    reader: &mut Reader<LineCounter<Bytes>>,
    record: &ByteRecord,
    header: &[String],
) -> InputRow {
    let start = record.position().map_or(0, csv::Position::byte);
    let end = reader.position().byte();
    let counter = reader.get_mut();
    let line = counter.line_of_record(start);
    let last_line = counter.last_line_of_record(end);
    let cells = match counter.quotes.flaw_before(end) {
        Some(QuoteFlaw::Within) if last_line > line => Err(merged_rows(last_line)),
        Some(flaw) => Err(Fault::of_row(describe(flaw))),
        None => csv_cells(record, header),
    };
    InputRow { line, cells }
}

/// Reads until the format of a file is clear, or to its end: a pipe may deliver it byte by byte. The `csv` crate also
/// needs the byte order mark in one piece.
fn head(file: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    for byte in file.bytes() {
        head.push(byte?);
        if !BYTE_ORDER_MARK.starts_with(&head) && !content(&head).is_empty() {
            break;
        }
    }
    Ok(head)
}

fn content(bytes: &[u8]) -> &[u8] {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    text.trim_ascii_start()
}

/// Says whether a JSON list or object starts like this; the name of a column does not.
fn starts_like_json(bytes: &[u8]) -> bool {
    matches!(content(bytes).first(), Some(b'{' | b'['))
}

fn describe(flaw: QuoteFlaw) -> &'static str {
    match flaw {
        QuoteFlaw::NeverClosed => {
            "a quotation mark is opened and never closed, so that all that follows is one cell"
        }
        QuoteFlaw::Within => {
            "has a quotation mark in the middle of a quoted cell: write it twice there"
        }
        QuoteFlaw::AfterSpace => {
            "has a space before a quotation mark that opens a cell: remove the space"
        }
    }
}

/// A cell of several lines with a mark within it may be several rows.
fn merged_rows(last_line: u64) -> Fault {
    let reason = format!(
        "{}; a mark opened in the first of these lines may not be closed",
        describe(QuoteFlaw::Within)
    );
    Fault {
        last_line: Some(last_line),
        ..Fault::of_row(reason)
    }
}

fn open_csv(bytes: Bytes, size: u64, delimiter: u8) -> anyhow::Result<InputFile> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(LineCounter::new(bytes, delimiter));
    reader.byte_headers()?;
    let end = reader.position().byte();
    if let Some(flaw) = reader.get_mut().quotes.flaw_before(end) {
        bail!("line 1: {}", describe(flaw));
    }
    let header = reader.byte_headers()?;
    if header.is_empty() {
        bail!("is empty: the first row has to name the columns");
    }
    let name = |cell| std::str::from_utf8(cell).map(|name| name.trim().to_owned());
    let header = header.iter().map(name).collect::<Result<_, _>>();
    Ok(InputFile {
        header: Some(header.map_err(|_| anyhow!(NOT_UTF8))?),
        size,
        format: FileFormat::Csv {
            reader: Box::new(reader),
            record: ByteRecord::new(),
        },
    })
}

fn open_json(
    mut file: impl Read,
    records: Option<&str>,
    is_lines: bool,
) -> anyhow::Result<InputFile> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| anyhow!(NOT_UTF8))?;
    let records = json::records(text, records, is_lines)?;
    Ok(InputFile {
        header: json_columns::header(&records),
        size: records.len() as u64,
        format: FileFormat::Json {
            records: records.into_iter(),
            n_read: 0,
        },
    })
}

/// Returns the cells of a CSV row; `None` if all are blank.
///
/// # Errors
/// If there are more or fewer cells than columns, or one is not text.
fn csv_cells(record: &ByteRecord, header: &[String]) -> Result<Option<Vec<Cell>>, Fault> {
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

    /// Delivers one byte at a time, as a slow pipe does.
    struct SlowPipe<'a>(&'a [u8]);

    impl Read for SlowPipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = buffer.len().min(1);
            self.0.read(&mut buffer[..n])
        }
    }

    #[test]
    fn the_format_of_a_file_is_told_from_enough_of_it() {
        for (text, wanted, is_json) in [
            ("id,name\n", "i", false),
            ("\u{feff}id,name\n", "\u{feff}i", false),
            ("\u{feff}\n [{\"id\": 1}]", "\u{feff}\n [", true),
            ("\n\n\n\n\n\n{}", "\n\n\n\n\n\n{", true),
            ("\u{feff}", "\u{feff}", false),
            ("", "", false),
        ] {
            let head =
                head(&mut BufReader::new(SlowPipe(text.as_bytes()))).expect("memory can be read");
            assert_eq!(
                (head.as_slice(), starts_like_json(&head)),
                (wanted.as_bytes(), is_json),
                "{text:?}"
            );
        }
    }
}
