//! The columns of JSON objects: one for each path in them, such as `address.city` or `emails[0].email`.

use std::collections::BTreeMap;

use crate::cli::import::cell::{Cell, CellType};
use crate::cli::import::fault::Fault;
use crate::cli::import::input::json::{JsonRecord, JsonValue};
use crate::cli::import::shown_keys::shown_key;

/// Separates the values of a list that are put into one cell.
const LIST_SEPARATOR: &str = "\n";

const OBJECT: &str = "is an object: name one of its fields, as in OBJECT.FIELD";
const NESTED: &str =
    "is a list with lists or objects in it: name what is in them, as in LIST[0].FIELD";
const BROKEN: &str = "is a list, and one of its values holds a line break: name its values one by one, as in LIST[0]";

/// Returns the columns of all records, in the order of the file; `None` if no record could have any.
pub(crate) fn header(records: &[JsonRecord]) -> Option<Vec<String>> {
    let is_object = |record: &&JsonValue| matches!(record, JsonValue::Object(_));
    let mut positions = BTreeMap::new();
    let mut has_columns = false;
    for record in records.iter().flatten().filter(is_object) {
        has_columns = true;
        flatten("", record, &mut |path, _| {
            let n = positions.len();
            positions.entry(path.to_owned()).or_insert(n);
        });
    }
    let mut header: Vec<(usize, String)> = positions
        .into_iter()
        .map(|(path, position)| (position, path))
        .collect();
    header.sort();
    has_columns.then(|| header.into_iter().map(|(_, path)| path).collect())
}

/// Returns the cells of a record; `None` if all are blank.
pub(crate) fn cells(record: JsonRecord, header: &[String]) -> Result<Option<Vec<Cell>>, Fault> {
    let record = record?;
    if !matches!(record, JsonValue::Object(_)) {
        return Err(Fault::of_row("is not an object"));
    }
    let mut cells = BTreeMap::new();
    let mut repeated = None;
    flatten("", &record, &mut |path, cell| {
        if cells.insert(path.to_owned(), cell).is_some() {
            repeated.get_or_insert_with(|| path.to_owned());
        }
    });
    if let Some(path) = repeated {
        return Err(Fault::of_column(shown_key(&path), "appears twice"));
    }
    if let Some((path, _)) = cells.iter().find(|(_, cell)| cell.text.contains('\0')) {
        return Err(Fault::of_column(shown_key(path), "holds a NUL character"));
    }
    if cells.values().all(|cell| cell.text.trim().is_empty()) {
        return Ok(None);
    }
    let in_order = header
        .iter()
        .map(|name| cells.remove(name).unwrap_or_default());
    Ok(Some(in_order.collect()))
}

/// Passes on every value of a record with its path. A list of plain values is also passed on as a whole; what does not
/// fit one cell becomes one that says why, for mappings that name it.
fn flatten(path: &str, value: &JsonValue, emit: &mut dyn FnMut(&str, Cell)) {
    match value {
        JsonValue::Plain(cell) => emit(path, cell.clone()),
        JsonValue::List(values) => {
            emit(path, list_cell(values));
            for (i, value) in values.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), value, emit);
            }
        }
        JsonValue::Object(fields) => {
            if !path.is_empty() {
                emit(path, object_cell(fields.is_empty()));
            }
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, value, emit);
            }
        }
    }
}

fn object_cell(is_empty: bool) -> Cell {
    if is_empty {
        Cell::default()
    } else {
        unfit(OBJECT)
    }
}

fn list_cell(values: &[JsonValue]) -> Cell {
    let plain = values.iter().map(|value| match value {
        JsonValue::Plain(cell) => Some(cell),
        _ => None,
    });
    let Some(cells) = plain.collect::<Option<Vec<&Cell>>>() else {
        return unfit(NESTED);
    };
    if cells
        .iter()
        .any(|cell| cell.text.trim().contains(LIST_SEPARATOR))
    {
        return unfit(BROKEN);
    }
    let first_type = cells.first().map_or(CellType::Text, |cell| cell.cell_type);
    let is_uniform = cells.iter().all(|cell| cell.cell_type == first_type);
    let texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
    Cell {
        text: texts.join(LIST_SEPARATOR),
        cell_type: if is_uniform {
            first_type
        } else {
            CellType::Text
        },
    }
}

fn unfit(why: &'static str) -> Cell {
    Cell {
        text: String::new(),
        cell_type: CellType::Unfit(why),
    }
}
