//! The rows of a file: CSV, or a list of objects in JSON.
//!
//! A CSV file is read row by row. JSON is read as a whole, and made into rows: a column for each place in the objects,
//! such as `name`, `address.city` or `emails[0].email`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::Value;

use super::lines::Lines;
use super::row::Fault;

/// What separates the values of a list where they stand in one cell.
const LIST_SEPARATOR: &str = "\n";

/// The rows of a file, one after the other.
pub struct Rows {
    header: Vec<String>,
    size: u64,
    form: Form,
}

enum Form {
    Csv { reader: Reader<Lines<File>>, record: ByteRecord },
    Json { objects: std::vec::IntoIter<Value>, n_read: u64 },
}

/// One row.
pub struct Row {
    /// The line it begins at, counted from 1; in JSON, which of the objects it is.
    pub line: u64,
    /// The cells; nothing when all are blank.
    pub cells: Result<Option<Vec<String>>, Fault>,
}

impl Rows {
    /// Opens a file and reads its header. It is JSON if its name says so, or if `records` says which list in it to
    /// read.
    ///
    /// # Errors
    /// When it cannot be read, or has no header.
    pub fn open(path: &Path, delimiter: u8, records: Option<&str>) -> anyhow::Result<Rows> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let rows = if is_json || records.is_some() { of_json(file, records) } else { of_csv(file, delimiter) };
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
                Ok(Some(Row { line, cells: cells(record, &self.header) }))
            }
            Form::Json { objects, n_read } => {
                let Some(object) = objects.next() else { return Ok(None) };
                *n_read += 1;
                Ok(Some(Row { line: *n_read, cells: object_cells(object, &self.header) }))
            }
        }
    }
}

fn of_csv(file: File, delimiter: u8) -> anyhow::Result<Rows> {
    let size = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(Lines::new(file));
    let header = reader.byte_headers()?;
    if header.is_empty() {
        bail!("is empty: the first row has to name the columns");
    }
    let name = |cell| std::str::from_utf8(cell).map(|name| name.trim().to_owned());
    let header = header.iter().map(name).collect::<Result<_, _>>();
    let header = header.map_err(|_| anyhow!("is not UTF-8: save it as UTF-8"))?;
    Ok(Rows { header, size, form: Form::Csv { reader, record: ByteRecord::new() } })
}

fn of_json(mut file: File, records: Option<&str>) -> anyhow::Result<Rows> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut json: Value = serde_json::from_slice(text).map_err(|error| {
        // The message of an error may repeat a value; its place does not.
        anyhow!("is not JSON: line {}, column {}", error.line(), error.column())
    })?;
    for key in records.iter().flat_map(|path| path.split('.')) {
        let Value::Object(object) = &mut json else { bail!("`{key}`, of `records`, is not in it") };
        let there: Vec<String> = object.keys().map(|key| format!("`{key}`")).collect();
        let inner = object.remove(key);
        json = inner.ok_or_else(|| anyhow!("has no `{key}`, which `records` names; it has {}", there.join(", ")))?;
    }
    let objects = match json {
        Value::Array(objects) => objects,
        Value::Object(object) if records.is_none() => {
            let there: Vec<String> = object.keys().map(|key| format!("`{key}`")).collect();
            bail!(
                "is no list of records: say which one to read, with `records` at the top of the mapping: {}",
                there.join(", ")
            )
        }
        _ => bail!("is no list of records"),
    };
    let mut header = BTreeMap::new();
    for object in &objects {
        flatten("", object, &mut |path, _| {
            let n = header.len();
            header.entry(path.to_owned()).or_insert(n);
        });
    }
    let mut names: Vec<(usize, String)> = header.into_iter().map(|(name, at)| (at, name)).collect();
    names.sort();
    let header = names.into_iter().map(|(_, name)| name).collect();
    Ok(Rows { header, size: objects.len() as u64, form: Form::Json { objects: objects.into_iter(), n_read: 0 } })
}

/// Shows every value in a record with its place. A list of plain values is shown as a whole, too.
fn flatten(path: &str, value: &Value, show: &mut dyn FnMut(&str, String)) {
    match value {
        Value::Null => show(path, String::new()),
        Value::Bool(flag) => show(path, flag.to_string()),
        Value::Number(number) => show(path, number.to_string()),
        Value::String(text) => show(path, text.clone()),
        Value::Array(values) => {
            let mut plain = Vec::new();
            for (i, value) in values.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), value, show);
                if !value.is_object() && !value.is_array() {
                    flatten("", value, &mut |_, text| plain.push(text));
                }
            }
            if plain.len() == values.len() {
                show(path, plain.join(LIST_SEPARATOR));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, show);
            }
        }
    }
}

fn object_cells(object: Value, header: &[String]) -> Result<Option<Vec<String>>, Fault> {
    if !object.is_object() {
        return Err(Fault::of_row("is no object"));
    }
    let mut values = BTreeMap::new();
    flatten("", &object, &mut |path, text| drop(values.insert(path.to_owned(), text)));
    if let Some((path, _)) = values.iter().find(|(_, text)| text.contains('\0')) {
        return Err(Fault::of_column(path, "holds a NUL character"));
    }
    if values.values().all(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    Ok(Some(header.iter().map(|name| values.remove(name).unwrap_or_default()).collect()))
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
        // A quotation mark that is never closed makes one cell of all that follows.
        let hint = if cells.iter().any(|cell| cell.contains('\n')) { ": is a quotation mark left open?" } else { "" };
        return Err(Fault::of_row(format!("has {} cells, the header has {}{hint}", cells.len(), header.len())));
    }
    Ok(Some(cells))
}
