//! Where the text of a value or an id comes from: a column, or a template over several.
//!
//! It owns columns and how they are found in a header.

use std::borrow::Cow;
use std::collections::BTreeSet;

use anyhow::bail;

use crate::cli::import::cell::{
    BOOLEAN, Cell, CellType, LINE_BREAK, has_line_break, id_part_problem,
};
use crate::cli::import::fault::Fault;
use crate::cli::import::shown_keys::shown_keys;

/// A column of the file, by its name, and by its index once the header is known.
#[derive(Clone, Debug)]
pub(crate) struct InputColumn {
    pub(crate) name: String,
    index: Option<usize>,
    is_optional: bool,
}

/// A template; a single column is one of its own.
#[derive(Clone, Debug)]
pub(crate) struct CellSource(Vec<TemplatePart>);

#[derive(Clone, Debug)]
enum TemplatePart {
    Text(String),
    Column(InputColumn),
}

/// What a source gives for a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellText<'a> {
    /// Empty if all cells are blank.
    pub(crate) text: Cow<'a, str>,
    pub(crate) cell_type: CellType,
}

impl InputColumn {
    pub(crate) fn new(name: &str, is_optional: bool) -> InputColumn {
        InputColumn {
            name: name.trim().to_owned(),
            index: None,
            is_optional,
        }
    }

    /// Returns the cell of a row, trimmed.
    ///
    /// # Errors
    /// If it does not hold a single value.
    pub(crate) fn cell<'a>(&self, cells: &'a [Cell]) -> Result<CellText<'a>, Fault> {
        let Some(cell) = self.index.and_then(|index| cells.get(index)) else {
            return Ok(CellText::default());
        };
        match cell.cell_type {
            CellType::Unfit(why) => Err(Fault::of_column(&self.name, why)),
            cell_type => Ok(CellText {
                text: Cow::Borrowed(cell.text.trim()),
                cell_type,
            }),
        }
    }
}

impl CellSource {
    pub(crate) fn column(name: &str, is_optional: bool) -> CellSource {
        CellSource(vec![TemplatePart::Column(InputColumn::new(
            name,
            is_optional,
        ))])
    }

    /// Reads a template such as `{first_name} {last_name}`.
    pub(crate) fn template(text: &str, is_optional: bool) -> anyhow::Result<CellSource> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                bail!("template: `{{` is never closed")
            };
            parts.extend(text_part(before));
            parts.push(TemplatePart::Column(InputColumn::new(name, is_optional)));
            rest = after;
        }
        if parts.is_empty() {
            bail!("template: names no column, as in \"{{first_name}} {{last_name}}\"");
        }
        parts.extend(text_part(rest));
        Ok(CellSource(parts))
    }

    /// Returns the name of the first column, for reports.
    pub(crate) fn name(&self) -> Option<&str> {
        self.columns().map(|column| column.name.as_str()).next()
    }

    /// Says whether it is more than a single column.
    pub(crate) fn is_template(&self) -> bool {
        !matches!(self.0[..], [TemplatePart::Column(_)])
    }

    fn columns(&self) -> impl Iterator<Item = &InputColumn> {
        self.0.iter().filter_map(|part| match part {
            TemplatePart::Column(column) => Some(column),
            TemplatePart::Text(_) => None,
        })
    }

    pub(crate) fn columns_mut(&mut self) -> impl Iterator<Item = &mut InputColumn> {
        self.0.iter_mut().filter_map(|part| match part {
            TemplatePart::Column(column) => Some(column),
            TemplatePart::Text(_) => None,
        })
    }

    /// Returns the text of a row as an id. Every column is checked: in a template or under a digest, too, a rounded number
    /// would merge many ids into one.
    ///
    /// # Errors
    /// If a cell cannot be an id.
    pub(crate) fn id<'a>(&self, cells: &'a [Cell], is_digest: bool) -> Result<Cow<'a, str>, Fault> {
        for column in self.columns() {
            let CellText { text, cell_type } = column.cell(cells)?;
            let problem = match cell_type {
                CellType::Boolean if !self.is_template() => Some(BOOLEAN),
                _ if !is_digest && has_line_break(&text) => Some(LINE_BREAK),
                _ => id_part_problem(&text, cell_type),
            };
            if let Some(reason) = problem {
                return Err(Fault::of_column(&column.name, reason));
            }
        }
        Ok(self.text(cells)?.text)
    }

    /// Returns the text of a row; empty if all cells are blank. A text between two columns joins two cells, and is left
    /// out if one of them is blank. With a number in it, the text is read as numbers are.
    ///
    /// # Errors
    /// If a cell does not hold a single value.
    pub(crate) fn text<'a>(&self, cells: &'a [Cell]) -> Result<CellText<'a>, Fault> {
        if let [TemplatePart::Column(column)] = &self.0[..] {
            return column.cell(cells);
        }
        let mut text = String::new();
        let mut cell_type = CellType::Text;
        let mut joiner = "";
        let mut has_cell = false;
        for (i, part) in self.0.iter().enumerate() {
            match part {
                TemplatePart::Text(part) if i == 0 || i + 1 == self.0.len() => text.push_str(part),
                TemplatePart::Text(part) => joiner = part,
                TemplatePart::Column(column) => {
                    let cell = column.cell(cells)?;
                    if cell.text.is_empty() {
                        continue;
                    }
                    text.push_str(if has_cell { joiner } else { "" });
                    text.push_str(&cell.text);
                    has_cell = true;
                    if cell.cell_type == CellType::Number {
                        cell_type = CellType::Number;
                    }
                }
            }
        }
        let text = if has_cell { text.trim() } else { "" };
        Ok(CellText {
            text: Cow::Owned(text.to_owned()),
            cell_type,
        })
    }
}

fn text_part(text: &str) -> Option<TemplatePart> {
    (!text.is_empty()).then(|| TemplatePart::Text(text.to_owned()))
}

/// Finds columns in the header of a file; the names in a JSON file are its keys.
///
/// # Errors
/// If columns are missing or ambiguous. The error lists the columns of the file, but not if none matches: then the first
/// row may be one of data.
pub(crate) fn find_columns<'a>(
    columns: impl Iterator<Item = &'a mut InputColumn>,
    header: &[String],
    is_json: bool,
) -> anyhow::Result<()> {
    let mut missing = BTreeSet::new();
    let mut is_header = false;
    for column in columns {
        is_header |= header.contains(&column.name);
        let mut found = header
            .iter()
            .enumerate()
            .filter(|(_, name)| **name == column.name);
        match (found.next(), found.next()) {
            (Some((index, _)), None) => column.index = Some(index),
            (Some(_), Some(_)) => bail!(
                "the file has several columns `{}`: rename them",
                column.name
            ),
            (None, _) if column.is_optional => column.index = None,
            (None, _) => drop(missing.insert(format!("`{}`", column.name))),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.into_iter().collect::<Vec<_>>().join(", ");
    if !is_header {
        bail!(
            "the file has no column {missing}, nor any other that the mapping names: {}",
            hint(header, is_json)
        )
    }
    let names: Vec<String> = header.iter().map(|name| format!("`{name}`")).collect();
    let names = if is_json {
        shown_keys(header.iter())
    } else {
        names.join(", ")
    };
    bail!("the file has no column {missing}; it has {names}")
}

fn hint(header: &[String], is_json: bool) -> &'static str {
    match header.len() {
        _ if is_json => "no record has them, and `records` of the mapping says which list is read",
        1 => "its first row has to name the columns; is the delimiter right?",
        _ => "its first row has to name the columns",
    }
}
