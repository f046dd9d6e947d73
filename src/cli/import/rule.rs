//! Where a value comes from: a column, cut to size and translated, or a constant.
//!
//! It owns the right side of a line of a mapping, up to the text of the value; no reason given here repeats what a
//! cell holds.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use prost_reflect::Value;
use serde::Deserialize;

use crate::cli::import::cell::{BREAK, Cell, CellType, has_break, wrong_as_id};
use crate::cli::import::convert::{self, As, Reading};
use crate::cli::import::fault::Fault;
use crate::cli::import::money::is_currency;
use crate::cli::import::references::Lookup;
use crate::cli::import::source::{Said, Source};
use crate::cli::import::target::End;

/// How the text of a cell is cut before anything else is done with it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// `2013 (1888)` gives `2013`.
    FirstInteger,
    /// `Saint Paul, Minnesota, USA` gives `Saint Paul`.
    BeforeFirstComma,
    /// `Saint Paul, Minnesota, USA` gives `Saint Paul, Minnesota`.
    BeforeLastComma,
    /// `Saint Paul, Minnesota, USA` gives `USA`; a text without comma gives nothing.
    AfterLastComma,
    /// `Columbus, Ohio; Detroit, Michigan` gives `Columbus, Ohio`.
    BeforeSemicolon,
    /// `Virginia[2]` gives `Virginia`, `2013 (1888)` gives `2013`.
    BeforeBracket,
}

/// The table form of a rule, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    column: Option<String>,
    value: Option<toml::Value>,
    template: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    fill: bool,
    default: Option<toml::Value>,
    map: Option<WrittenMap>,
    otherwise: Option<toml::Value>,
    #[serde(default)]
    pattern: Patterns,
    split: Option<String>,
    format: Option<String>,
    r#as: Option<As>,
    currency: Option<String>,
    r#ref: Option<String>,
    kind: Option<String>,
    via: Option<String>,
}

/// What the whole mapping says, for every rule.
#[derive(Default)]
pub struct Common {
    /// The maps that have a name.
    pub maps: Maps,
    /// How texts are read.
    pub reading: Reading,
}

/// What cells mean.
pub type Map = BTreeMap<String, Cell>;

/// The maps that have a name.
pub type Maps = BTreeMap<String, Map>;

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a table, or the name of one in [maps]")]
enum WrittenMap {
    Named(String),
    Own(toml::Table),
}

#[derive(Deserialize, Default)]
#[serde(
    untagged,
    expecting = "expected one of first-integer, before-first-comma, before-last-comma, after-last-comma, \
     before-semicolon, before-bracket, or a list of them"
)]
enum Patterns {
    #[default]
    None,
    One(Pattern),
    Several(Vec<Pattern>),
}

impl Written {
    fn check(&self, end: &End) -> anyhow::Result<()> {
        let sources = [
            self.column.is_some(),
            self.template.is_some(),
            self.value.is_some(),
        ];
        if sources.iter().filter(|given| **given).count() != 1 {
            bail!("needs either `column` or `value`, or a `template` of columns");
        }
        if self.r#ref.is_none() && (self.kind.is_some() || self.via.is_some()) {
            bail!("`kind` and `via` are for references, which have `ref`");
        }
        if let Some(currency) = self
            .currency
            .as_ref()
            .filter(|currency| !is_currency(currency))
        {
            bail!("currency: `{currency}` is not three capital letters (ISO 4217)");
        }
        let is_translated = self.map.is_some() || self.otherwise.is_some() || self.split.is_some();
        if self.value.is_some() && (is_translated || self.default.is_some()) {
            bail!("`value` stands alone: map, otherwise, default and split are for a column");
        }
        if self.otherwise.is_some() && self.map.is_none() {
            bail!("`otherwise` is for cells that a `map` does not have");
        }
        if self.split.is_some() && !matches!(end, End::Add(_)) {
            bail!("`split` is for lists as a whole");
        }
        Ok(())
    }
}

impl WrittenMap {
    fn find(self, maps: &Maps) -> anyhow::Result<Map> {
        match self {
            WrittenMap::Own(table) => read_map(table).context("map"),
            WrittenMap::Named(name) => maps
                .get(&name)
                .cloned()
                .with_context(|| format!("map: there is no [maps.{name}]")),
        }
    }
}

impl Patterns {
    fn into_list(self) -> Vec<Pattern> {
        match self {
            Patterns::None => Vec::new(),
            Patterns::One(pattern) => vec![pattern],
            Patterns::Several(patterns) => patterns,
        }
    }
}

/// Where a value comes from.
#[derive(Debug)]
pub struct Rule {
    /// The column or columns; without one, the value is `default`.
    pub source: Option<Source>,
    /// What the value refers to: then it is the id of another record.
    pub lookup: Option<Lookup>,
    /// Whether the value only fills what is empty.
    pub fill: bool,
    patterns: Vec<Pattern>,
    map: Option<Map>,
    otherwise: Option<Cell>,
    default: Option<Cell>,
    split: Option<String>,
    /// How texts are read, and how numbers.
    texts: Reading,
    numbers: Reading,
}

/// The values of one rule for one row.
#[derive(Clone, Debug)]
pub struct Given {
    /// One value; more of them only where a cell is split.
    pub values: Vec<Value>,
    /// Whether they stood in the row. If not, they only fill what is empty.
    pub from_cell: bool,
}

impl Rule {
    /// Reads the right side of a line of a mapping, and checks its constants.
    pub fn read(written: toml::Value, end: &End, common: &Common) -> anyhow::Result<Rule> {
        let written = match written {
            toml::Value::String(column) => {
                toml::Table::from_iter([("column".to_owned(), column.into())])
            }
            toml::Value::Table(table) => table,
            _ => bail!("expected the name of a column, or a table with `column` or `value`"),
        };
        let written: Written = written
            .try_into()
            .map_err(|error: toml::de::Error| anyhow!("{}", error.message()))?;
        written.check(end)?;
        let mut reading = Reading {
            format: written.format,
            ..common.reading.clone()
        };
        reading.r#as = written.r#as.unwrap_or(reading.r#as);
        reading.amounts.currency = written.currency.or(reading.amounts.currency);
        if let Some(format) = &reading.format {
            convert::check_format(end, format)?;
        }
        let numbers = reading.of_numbers();
        let lookup = written
            .r#ref
            .map(|system| Lookup::read(system, written.kind, written.via, end))
            .transpose()?;
        let source = match (written.column, written.template) {
            (Some(name), _) => Some(Source::column(&name, written.optional)),
            (None, Some(text)) => Some(Source::template(&text, written.optional)?),
            (None, None) => None,
        };
        let rule = Rule {
            source,
            lookup,
            fill: written.fill,
            patterns: written.pattern.into_list(),
            map: written.map.map(|map| map.find(&common.maps)).transpose()?,
            otherwise: written.otherwise.map(plain).transpose()?,
            default: written.value.or(written.default).map(plain).transpose()?,
            split: written.split,
            texts: reading,
            numbers,
        };
        rule.check_constants(end)?;
        Ok(rule)
    }

    fn check_constants(&self, end: &End) -> anyhow::Result<()> {
        let mapped = self
            .map
            .iter()
            .flat_map(BTreeMap::values)
            .chain(&self.otherwise);
        let mapped = mapped.filter(|constant| constant.text != KEEP && !constant.text.is_empty());
        for Cell { text, cell_type } in mapped.chain(&self.default) {
            self.value(text, *cell_type, end)
                .map_err(|reason| anyhow!("`{text}` {reason}"))?;
        }
        Ok(())
    }

    fn value(&self, text: &str, cell_type: CellType, end: &End) -> Result<Value, String> {
        if self.lookup.is_some() {
            let wrong = wrong_as_id(text, cell_type).map(str::to_owned);
            return wrong.map_or_else(|| Ok(Value::String(text.to_owned())), Err);
        }
        if has_break(text) && end.is_one_line() {
            return Err(BREAK.to_owned());
        }
        convert::value(
            end,
            text,
            if cell_type == CellType::Number {
                &self.numbers
            } else {
                &self.texts
            },
        )
    }

    /// Returns the values for one row; nothing when there is none.
    ///
    /// # Errors
    /// What is wrong with its cells.
    pub fn given(&self, cells: &[Cell], end: &End) -> Result<Option<Given>, Fault> {
        let said = self
            .source
            .as_ref()
            .map(|source| self.said(source, cells))
            .transpose()?
            .unwrap_or_default();
        let values = self.values(&said, end).map_err(|reason| {
            let column = self
                .source
                .as_ref()
                .and_then(Source::name)
                .map(str::to_owned);
            Fault {
                column,
                ..Fault::of_row(reason)
            }
        })?;
        if !values.is_empty() {
            return Ok(Some(Given {
                values,
                from_cell: true,
            }));
        }
        let default = self
            .default
            .as_ref()
            .map(|constant| self.value(&constant.text, constant.cell_type, end));
        let default = default.transpose().map_err(Fault::of_row)?;
        Ok(default.map(|value| Given {
            values: vec![value],
            from_cell: false,
        }))
    }

    fn said<'a>(&self, source: &Source, cells: &'a [Cell]) -> Result<Said<'a>, Fault> {
        // An id in one column may have to be cut out or translated first; that of a template is all of its cells.
        if self.lookup.is_some() && source.is_template() {
            source.id(cells, false)?;
        }
        source.text(cells)
    }

    fn values(&self, said: &Said<'_>, end: &End) -> Result<Vec<Value>, String> {
        let mut values = Vec::new();
        for part in parts(&said.text, self.split.as_deref()) {
            let (text, cell_type) = self.translated(self.cut(part)?, said.cell_type)?;
            if !text.is_empty() {
                values.push(self.value(text, cell_type, end)?);
            }
        }
        Ok(values)
    }

    fn cut<'a>(&self, text: &'a str) -> Result<&'a str, String> {
        if text.is_empty() {
            return Ok(text);
        }
        self.patterns
            .iter()
            .try_fold(text, |text, pattern| pattern.cut(text).map(str::trim))
    }

    fn translated<'a>(
        &'a self,
        text: &'a str,
        cell_type: CellType,
    ) -> Result<(&'a str, CellType), String> {
        let Some(map) = self.map.as_ref().filter(|_| !text.is_empty()) else {
            return Ok((text, cell_type));
        };
        match map.get(text).or(self.otherwise.as_ref()) {
            Some(found) if found.text == KEEP => Ok((text, cell_type)),
            Some(found) => Ok((&found.text, found.cell_type)),
            None => Err("is not in the `map` of the mapping, which has no `otherwise`".to_owned()),
        }
    }
}

/// Stands in `map` and `otherwise` for the cell itself.
const KEEP: &str = "{}";

fn parts<'a>(cell: &'a str, separator: Option<&'a str>) -> Vec<&'a str> {
    match separator {
        Some(separator) if !separator.is_empty() => cell.split(separator).map(str::trim).collect(),
        _ => vec![cell],
    }
}

/// Reads a table from cells to what they mean.
///
/// # Errors
/// When a meaning is no text, number or truth value.
pub fn read_map(table: toml::Table) -> anyhow::Result<Map> {
    table
        .into_iter()
        .map(|(from, to)| Ok((from.clone(), plain(to).context(from)?)))
        .collect()
}

/// Reads a constant.
fn plain(value: toml::Value) -> anyhow::Result<Cell> {
    match value {
        toml::Value::String(text) => Ok(Cell::text(text)),
        toml::Value::Integer(number) => Ok(Cell::number(number.to_string())),
        toml::Value::Float(number) => Ok(Cell::number(number.to_string())),
        toml::Value::Boolean(flag) => Ok(Cell {
            text: flag.to_string(),
            cell_type: CellType::Truth,
        }),
        _ => bail!("expected a text, a number, true or false"),
    }
}

impl Pattern {
    fn cut(self, text: &str) -> Result<&str, String> {
        let before = |mark: &[char]| text.split(mark).next().unwrap_or_default();
        Ok(match self {
            Pattern::FirstInteger => {
                let from = text
                    .find(|c: char| c.is_ascii_digit())
                    .ok_or("has no whole number in it")?;
                let rest = &text[from..];
                &rest[..rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len())]
            }
            Pattern::BeforeFirstComma => before(&[',']),
            Pattern::BeforeLastComma => text.rsplit_once(',').map_or(text, |(before, _)| before),
            Pattern::AfterLastComma => text.rsplit_once(',').map_or("", |(_, after)| after),
            Pattern::BeforeSemicolon => before(&[';']),
            Pattern::BeforeBracket => before(&['(', '[']),
        })
    }
}
