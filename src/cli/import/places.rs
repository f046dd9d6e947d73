//! The columns of objects: a column for each place in them, such as `address.city` or `emails[0].email`.

use std::collections::BTreeMap;

use crate::cli::import::cell::{Cell, CellType};
use crate::cli::import::fault::Fault;
use crate::cli::import::objects::{Json, Record, told};

/// What separates the values of a list where they stand in one cell.
const LIST_SEPARATOR: &str = "\n";

const OBJECT: &str = "is an object: name one of its fields, as in OBJECT.FIELD";
const NESTED: &str =
    "is a list with lists or objects in it: name what is in them, as in LIST[0].FIELD";
const BROKEN: &str = "is a list, and one of its values holds a line break: name its values one by one, as in LIST[0]";

/// Returns the columns that records make together, in the order in which they come; `None` when there is no record that
/// could have any.
pub fn header(records: &[Record]) -> Option<Vec<String>> {
    let mut places = BTreeMap::new();
    let mut has_columns = false;
    for record in records
        .iter()
        .flatten()
        .filter(|record| matches!(record, Json::Object(_)))
    {
        has_columns = true;
        flatten("", record, &mut |path, _| {
            let n = places.len();
            places.entry(path.to_owned()).or_insert(n);
        });
    }
    let mut header: Vec<(usize, String)> =
        places.into_iter().map(|(path, at)| (at, path)).collect();
    header.sort();
    has_columns.then(|| header.into_iter().map(|(_, path)| path).collect())
}

/// Returns the cells of a record; nothing when all are blank.
pub fn cells(record: Record, header: &[String]) -> Result<Option<Vec<Cell>>, Fault> {
    let record = record?;
    if !matches!(record, Json::Object(_)) {
        return Err(Fault::of_row("is no object"));
    }
    let (mut cells, mut twice) = (BTreeMap::new(), None);
    flatten("", &record, &mut |path, cell| {
        if cells.insert(path.to_owned(), cell).is_some() {
            twice.get_or_insert_with(|| path.to_owned());
        }
    });
    if let Some(path) = twice {
        return Err(Fault::of_column(told(&path), "appears twice"));
    }
    if let Some((path, _)) = cells.iter().find(|(_, cell)| cell.text.contains('\0')) {
        return Err(Fault::of_column(told(path), "holds a NUL character"));
    }
    if cells.values().all(|cell| cell.text.trim().is_empty()) {
        return Ok(None);
    }
    Ok(Some(
        header
            .iter()
            .map(|name| cells.remove(name).unwrap_or_default())
            .collect(),
    ))
}

/// Shows every value in a record with its place. A list of plain values is shown as a whole, too; what cannot be shown
/// as a whole says so where a mapping names it.
fn flatten(path: &str, value: &Json, show: &mut dyn FnMut(&str, Cell)) {
    match value {
        Json::Plain(cell) => show(path, cell.clone()),
        Json::List(values) => {
            show(path, whole(values));
            for (i, value) in values.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), value, show);
            }
        }
        Json::Object(fields) => {
            if !path.is_empty() {
                show(
                    path,
                    if fields.is_empty() {
                        Cell::default()
                    } else {
                        unfit(OBJECT)
                    },
                );
            }
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, value, show);
            }
        }
    }
}

/// Returns the values of a list in one cell.
fn whole(values: &[Json]) -> Cell {
    let plain = values.iter().map(|value| match value {
        Json::Plain(cell) => Some(cell),
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
    let cell_type = cells.first().map_or(CellType::Text, |cell| cell.cell_type);
    let is_uniform = cells.iter().all(|cell| cell.cell_type == cell_type);
    let texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
    Cell {
        text: texts.join(LIST_SEPARATOR),
        cell_type: if is_uniform {
            cell_type
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
