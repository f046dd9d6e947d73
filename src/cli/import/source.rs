//! Where the text of a value or an id comes from: a column, or a template over several.
//!
//! It owns columns and how they are found in a header.

use std::borrow::Cow;
use std::collections::BTreeSet;

use anyhow::bail;

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

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Column(Column),
}

impl Column {
    /// A column that the file must have, or may have.
    pub fn new(name: &str, is_optional: bool) -> Column {
        Column { name: name.trim().to_owned(), index: None, is_optional }
    }

    /// Returns the cell of a row, without the space around it.
    pub fn cell<'a>(&self, cells: &'a [String]) -> &'a str {
        self.index.and_then(|index| cells.get(index)).map_or("", |cell| cell.trim())
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
            let Some((name, after)) = after.split_once('}') else { bail!("template: `{{` is never closed") };
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

    /// Returns all columns.
    pub fn columns(&mut self) -> impl Iterator<Item = &mut Column> {
        self.0.iter_mut().filter_map(|piece| match piece {
            Piece::Column(column) => Some(column),
            Piece::Text(_) => None,
        })
    }

    /// Returns the text for a row; empty when all cells are blank. A text between two columns joins two cells: where
    /// one of them is blank, it is left out.
    pub fn text<'a>(&self, cells: &'a [String]) -> Cow<'a, str> {
        if let [Piece::Column(column)] = &self.0[..] {
            return Cow::Borrowed(column.cell(cells));
        }
        let mut text = String::new();
        let mut joiner = "";
        let mut has_cell = false;
        for (i, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Text(piece) if i == 0 || i + 1 == self.0.len() => text.push_str(piece),
                Piece::Text(piece) => joiner = piece,
                Piece::Column(column) => {
                    let cell = column.cell(cells);
                    if cell.is_empty() {
                        continue;
                    }
                    text.push_str(if has_cell { joiner } else { "" });
                    text.push_str(cell);
                    has_cell = true;
                }
            }
        }
        Cow::Owned(if has_cell { text.trim().to_owned() } else { String::new() })
    }
}

/// Finds columns in the header of a file.
///
/// # Errors
/// When columns are missing, or a name stands there twice. The error lists what there is, unless none of the columns is
/// there: then the first row may be one of data.
pub fn bind<'a>(columns: impl Iterator<Item = &'a mut Column>, header: &[String]) -> anyhow::Result<()> {
    let (mut missing, mut is_header) = (BTreeSet::new(), false);
    for column in columns {
        is_header |= header.contains(&column.name);
        let mut found = header.iter().enumerate().filter(|(_, name)| **name == column.name);
        match (found.next(), found.next()) {
            (Some((index, _)), None) => column.index = Some(index),
            (Some(_), Some(_)) => bail!("the file has several columns `{}`: rename them", column.name),
            (None, _) if column.is_optional => column.index = None,
            (None, _) => drop(missing.insert(format!("`{}`", column.name))),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<String> = missing.into_iter().collect();
    if !is_header {
        let hint = if header.len() == 1 { "; is the delimiter right?" } else { "" };
        bail!(
            "the file has no column {}, nor any other that the mapping names: its first row has to name the columns{hint}",
            missing.join(", ")
        )
    }
    let there: Vec<String> = header.iter().map(|name| format!("`{name}`")).collect();
    bail!("the file has no column {}; it has {}", missing.join(", "), there.join(", "))
}
