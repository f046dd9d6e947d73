//! Where the text of a value or an id comes from: a column, or a template over several.
//!
//! It owns columns and how they are found in a header.

use std::borrow::Cow;
use std::collections::BTreeSet;

use anyhow::bail;

use crate::cli::import::cell::{BREAK, Cell, CellType, TRUTH, has_break, wrong_in_id};
use crate::cli::import::fault::Fault;
use crate::cli::import::objects::told_all;

/// A column of the file, by its name, and by its position once the header is known.
#[derive(Clone, Debug)]
pub struct Column {
    /// The name in the header.
    pub name: String,
    index: Option<usize>,
    is_optional: bool,
}

/// A column, or texts and columns one after the other.
#[derive(Clone, Debug)]
pub struct Source(Vec<Piece>);

/// What a source says in a row.
#[derive(Clone, Debug, Default)]
pub struct Said<'a> {
    /// The text; empty when all cells are blank.
    pub text: Cow<'a, str>,
    /// What it is a text of.
    pub cell_type: CellType,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Column(Column),
}

impl Column {
    /// A column that the file must have, or may have.
    pub fn new(name: &str, is_optional: bool) -> Column {
        Column {
            name: name.trim().to_owned(),
            index: None,
            is_optional,
        }
    }

    /// Returns the cell of a row, without the space around it.
    ///
    /// # Errors
    /// When there is more than one value in it.
    pub fn cell<'a>(&self, cells: &'a [Cell]) -> Result<Said<'a>, Fault> {
        let Some(cell) = self.index.and_then(|index| cells.get(index)) else {
            return Ok(Said::default());
        };
        match cell.cell_type {
            CellType::Unfit(why) => Err(Fault::of_column(&self.name, why)),
            cell_type => Ok(Said {
                text: Cow::Borrowed(cell.text.trim()),
                cell_type,
            }),
        }
    }
}

impl Source {
    /// A column by itself.
    pub fn column(name: &str, is_optional: bool) -> Source {
        Source(vec![Piece::Column(Column::new(name, is_optional))])
    }

    /// Reads a template, such as `{first_name} {last_name}`.
    pub fn template(text: &str, is_optional: bool) -> anyhow::Result<Source> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                bail!("template: `{{` is never closed")
            };
            pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
            pieces.push(Piece::Column(Column::new(name, is_optional)));
            rest = after;
        }
        if pieces.is_empty() {
            bail!("template: names no column, as in \"{{first_name}} {{last_name}}\"");
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
        Ok(Source(pieces))
    }

    /// Returns the name of the first column, for reports.
    pub fn name(&self) -> Option<&str> {
        self.0.iter().find_map(|piece| match piece {
            Piece::Column(column) => Some(column.name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Returns the text of a row as an id. Each of its columns is checked: also as a part of an id, or under a digest, a
    /// number that was cut short makes one id of many.
    ///
    /// # Errors
    /// When a cell is no id.
    pub fn id<'a>(&self, cells: &'a [Cell], is_digest: bool) -> Result<Cow<'a, str>, Fault> {
        let is_template = self.is_template();
        for piece in &self.0 {
            let Piece::Column(column) = piece else {
                continue;
            };
            let Said { text, cell_type } = column.cell(cells)?;
            let wrong = match cell_type {
                CellType::Truth if !is_template => Some(TRUTH),
                _ if !is_digest && has_break(&text) => Some(BREAK),
                _ => wrong_in_id(&text, cell_type),
            };
            if let Some(reason) = wrong {
                return Err(Fault::of_column(&column.name, reason));
            }
        }
        Ok(self.text(cells)?.text)
    }

    /// Says whether it is more than one column by itself.
    pub fn is_template(&self) -> bool {
        !matches!(self.0[..], [Piece::Column(_)])
    }

    /// Returns all columns.
    pub fn columns(&mut self) -> impl Iterator<Item = &mut Column> {
        self.0.iter_mut().filter_map(|piece| match piece {
            Piece::Column(column) => Some(column),
            Piece::Text(_) => None,
        })
    }

    /// Returns the text for a row; empty when all cells are blank. A text between two columns joins two cells: where
    /// one of them is blank, it is left out. A text with a number in it is read as numbers are.
    ///
    /// # Errors
    /// When there is more than one value in a cell.
    pub fn text<'a>(&self, cells: &'a [Cell]) -> Result<Said<'a>, Fault> {
        if let [Piece::Column(column)] = &self.0[..] {
            return column.cell(cells);
        }
        let (mut text, mut cell_type) = (String::new(), CellType::Text);
        let mut joiner = "";
        let mut has_cell = false;
        for (i, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Text(piece) if i == 0 || i + 1 == self.0.len() => text.push_str(piece),
                Piece::Text(piece) => joiner = piece,
                Piece::Column(column) => {
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
        let text = if has_cell {
            text.trim().to_owned()
        } else {
            String::new()
        };
        Ok(Said {
            text: Cow::Owned(text),
            cell_type,
        })
    }
}

/// Finds columns in the header of a file.
///
/// # Errors
/// When columns are missing, or a name stands there twice. The error lists what there is, unless none of the columns is
/// there: then the first row may be one of data. Of a file `of_objects`, the keys are told that can be.
pub fn bind<'a>(
    columns: impl Iterator<Item = &'a mut Column>,
    header: &[String],
    of_objects: bool,
) -> anyhow::Result<()> {
    let (mut missing, mut is_header) = (BTreeSet::new(), false);
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
        let hint = match header.len() {
            _ if of_objects => {
                "no record has them, and `records` of the mapping says which list is read"
            }
            1 => "its first row has to name the columns; is the delimiter right?",
            _ => "its first row has to name the columns",
        };
        bail!("the file has no column {missing}, nor any other that the mapping names: {hint}")
    }
    let there: Vec<String> = header.iter().map(|name| format!("`{name}`")).collect();
    let there = if of_objects {
        told_all(header.iter())
    } else {
        there.join(", ")
    };
    bail!("the file has no column {missing}; it has {there}")
}
