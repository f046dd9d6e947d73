//! Where a value comes from: a column, cut to size and translated, or a constant.
//!
//! It owns the right side of a line of a mapping, up to the text of the value; no reason given here repeats what a
//! cell holds.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use prost_reflect::Value;
use serde::Deserialize;

use super::convert::{self, As};
use super::target::End;

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
    default: Option<toml::Value>,
    map: Option<WrittenMap>,
    otherwise: Option<toml::Value>,
    #[serde(default)]
    pattern: Patterns,
    split: Option<String>,
    format: Option<String>,
    r#as: Option<As>,
}

/// What cells mean.
pub type Map = BTreeMap<String, String>;

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
        if self.column.is_some() == self.value.is_some() {
            bail!("needs either `column` or `value`");
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
            WrittenMap::Named(name) => {
                maps.get(&name).cloned().with_context(|| format!("map: there is no [maps.{name}]"))
            }
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

/// A column of the file, by its name, and by its position once the header is known.
#[derive(Clone, Debug)]
pub struct Column {
    /// The name in the header.
    pub name: String,
    /// The position, from 0.
    pub index: usize,
}

/// Where a value comes from.
#[derive(Debug)]
pub struct Rule {
    /// The column; without one, the value is `default`.
    pub column: Option<Column>,
    patterns: Vec<Pattern>,
    map: Option<Map>,
    otherwise: Option<String>,
    default: Option<String>,
    split: Option<String>,
    format: Option<String>,
    r#as: As,
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
    pub fn read(written: toml::Value, end: &End, maps: &Maps) -> anyhow::Result<Rule> {
        let written = match written {
            toml::Value::String(column) => toml::Table::from_iter([("column".to_owned(), column.into())]),
            toml::Value::Table(table) => table,
            _ => bail!("expected the name of a column, or a table with `column` or `value`"),
        };
        let written: Written = written.try_into().map_err(|error: toml::de::Error| anyhow!("{}", error.message()))?;
        written.check(end)?;
        let rule = Rule {
            column: written.column.map(|name| Column { name: name.trim().to_owned(), index: 0 }),
            patterns: written.pattern.into_list(),
            map: written.map.map(|map| map.find(maps)).transpose()?,
            otherwise: written.otherwise.map(plain).transpose()?,
            default: written.value.or(written.default).map(plain).transpose()?,
            split: written.split,
            format: written.format,
            r#as: written.r#as.unwrap_or(As::Text),
        };
        rule.check_constants(end)?;
        Ok(rule)
    }

    fn check_constants(&self, end: &End) -> anyhow::Result<()> {
        let mapped = self.map.iter().flat_map(BTreeMap::values).chain(&self.otherwise);
        let mapped = mapped.filter(|text| *text != KEEP && !text.is_empty());
        for constant in mapped.chain(&self.default) {
            self.value(constant, end).map_err(|reason| anyhow!("`{constant}` {reason}"))?;
        }
        Ok(())
    }

    fn value(&self, text: &str, end: &End) -> Result<Value, String> {
        convert::value(end, text, self.r#as, self.format.as_deref())
    }

    /// Returns the values for one row; nothing when there is none. The error is a reason that does not repeat them.
    pub fn given(&self, cells: &[String], end: &End) -> Result<Option<Given>, String> {
        let cell = self.column.as_ref().and_then(|column| cells.get(column.index));
        let mut values = Vec::new();
        for part in parts(cell.map_or("", |cell| cell.trim()), self.split.as_deref()) {
            let text = self.translated(self.cut(part)?)?;
            if !text.is_empty() {
                values.push(self.value(text, end)?);
            }
        }
        if !values.is_empty() {
            return Ok(Some(Given { values, from_cell: true }));
        }
        let default = self.default.as_deref().map(|text| self.value(text, end)).transpose()?;
        Ok(default.map(|value| Given { values: vec![value], from_cell: false }))
    }

    fn cut<'a>(&self, text: &'a str) -> Result<&'a str, String> {
        if text.is_empty() {
            return Ok(text);
        }
        self.patterns.iter().try_fold(text, |text, pattern| pattern.cut(text).map(str::trim))
    }

    fn translated<'a>(&'a self, text: &'a str) -> Result<&'a str, String> {
        let Some(map) = self.map.as_ref().filter(|_| !text.is_empty()) else { return Ok(text) };
        let found = map.get(text).or(self.otherwise.as_ref()).map(String::as_str);
        match found {
            Some(KEEP) => Ok(text),
            Some(found) => Ok(found),
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
    table.into_iter().map(|(from, to)| Ok((from.clone(), plain(to).context(from)?))).collect()
}

/// Returns the text of a constant.
fn plain(value: toml::Value) -> anyhow::Result<String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        _ => bail!("expected a text, a number, true or false"),
    }
}

impl Pattern {
    fn cut(self, text: &str) -> Result<&str, String> {
        let before = |mark: &[char]| text.split(mark).next().unwrap_or_default();
        Ok(match self {
            Pattern::FirstInteger => {
                let from = text.find(|c: char| c.is_ascii_digit()).ok_or("has no whole number in it")?;
                let rest = &text[from..];
                &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())]
            }
            Pattern::BeforeFirstComma => before(&[',']),
            Pattern::BeforeLastComma => text.rsplit_once(',').map_or(text, |(before, _)| before),
            Pattern::AfterLastComma => text.rsplit_once(',').map_or("", |(_, after)| after),
            Pattern::BeforeSemicolon => before(&[';']),
            Pattern::BeforeBracket => before(&['(', '[']),
        })
    }
}
