//! The right side of a line of a mapping: where a value comes from, and how it is read.
//!
//! It owns the way from the cells of a row to the values of a field. No reason given here repeats what a cell holds.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use prost_reflect::Value;
use serde::Deserialize;

use crate::cli::import::cell::money::check_currency;
use crate::cli::import::cell::{Cell, CellType, LINE_BREAK, has_line_break, id_problem};
use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::convert::{self, AttributeType, ValueFormat};
use crate::cli::import::mapping::pattern::{CellPattern, CellPatterns};
use crate::cli::import::mapping::reference::ExternalReference;
use crate::cli::import::mapping::source::{CellSource, CellText};
use crate::cli::import::mapping::target::FieldSlot;

/// Stands in `map` and `otherwise` for the cell itself.
const KEEP: &str = "{}";

/// What the top of the mapping says for every rule.
#[derive(Default)]
pub(crate) struct MappingDefaults {
    pub(crate) maps: NamedMaps,
    pub(crate) format: ValueFormat,
}

/// What the texts of cells mean.
pub(crate) type ValueMap = BTreeMap<String, Cell>;

/// The tables of `[maps]`.
pub(crate) type NamedMaps = BTreeMap<String, ValueMap>;

/// The table form of a rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleToml {
    column: Option<String>,
    value: Option<toml::Value>,
    template: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    fill: bool,
    default: Option<toml::Value>,
    map: Option<MapToml>,
    otherwise: Option<toml::Value>,
    #[serde(default)]
    pattern: CellPatterns,
    split: Option<String>,
    format: Option<String>,
    r#as: Option<AttributeType>,
    currency: Option<String>,
    r#ref: Option<String>,
    kind: Option<String>,
    via: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a table, or the name of one in [maps]")]
enum MapToml {
    Named(String),
    Inline(toml::Table),
}

/// Where a value comes from.
#[derive(Debug)]
pub(crate) struct ValueRule {
    /// The column or columns; without one, the value is `default`.
    pub(crate) source: Option<CellSource>,
    /// What the value refers to, if it is the id of another record.
    pub(crate) reference: Option<ExternalReference>,
    /// Whether the value only fills what is empty.
    pub(crate) fill: bool,
    patterns: Vec<CellPattern>,
    map: Option<ValueMap>,
    otherwise: Option<Cell>,
    default: Option<Cell>,
    split: Option<String>,
    text_format: ValueFormat,
    number_format: ValueFormat,
}

/// The values of one rule for one row.
#[derive(Clone, Debug)]
pub(crate) struct RuleValues {
    /// One value, or several if the cell is split.
    pub(crate) values: Vec<Value>,
    /// Whether they come from a cell. If not, they only fill what is empty.
    pub(crate) from_cell: bool,
}

impl RuleToml {
    fn read(written: toml::Value) -> anyhow::Result<RuleToml> {
        let table = match written {
            toml::Value::String(column) => {
                toml::Table::from_iter([("column".to_owned(), column.into())])
            }
            toml::Value::Table(table) => table,
            _ => bail!("expected the name of a column, or a table with `column` or `value`"),
        };
        table
            .try_into()
            .map_err(|error: toml::de::Error| anyhow!("{}", error.message()))
    }

    fn check(&self, slot: &FieldSlot) -> anyhow::Result<()> {
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
        if let Some(currency) = &self.currency {
            check_currency(currency).context("currency")?;
        }
        let is_translated = self.map.is_some() || self.otherwise.is_some() || self.split.is_some();
        if self.value.is_some() && (is_translated || self.default.is_some()) {
            bail!("`value` stands alone: map, otherwise, default and split are for a column");
        }
        if self.otherwise.is_some() && self.map.is_none() {
            bail!("`otherwise` is for cells that a `map` does not have");
        }
        if self.split.is_some() && !matches!(slot, FieldSlot::Append(_)) {
            bail!("`split` is for lists as a whole");
        }
        Ok(())
    }

    fn source(&self) -> anyhow::Result<Option<CellSource>> {
        match (&self.column, &self.template) {
            (Some(name), _) => Ok(Some(CellSource::column(name, self.optional))),
            (None, Some(text)) => CellSource::template(text, self.optional).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn format(&self, defaults: &MappingDefaults) -> ValueFormat {
        let mut format = defaults.format.clone();
        format.date_format.clone_from(&self.format);
        format.attribute_type = self.r#as.unwrap_or(format.attribute_type);
        format.money.currency = self.currency.clone().or(format.money.currency);
        format
    }
}

impl ValueRule {
    /// Reads a rule and checks its constants.
    pub(crate) fn read(
        written: toml::Value,
        slot: &FieldSlot,
        defaults: &MappingDefaults,
    ) -> anyhow::Result<ValueRule> {
        let written = RuleToml::read(written)?;
        written.check(slot)?;
        let text_format = written.format(defaults);
        if let Some(format) = &text_format.date_format {
            convert::check_date_format(slot, format)?;
        }
        let source = written.source()?;
        let reference = written
            .r#ref
            .map(|system| ExternalReference::read(system, written.kind, written.via, slot))
            .transpose()?;
        let default = written.value.or(written.default);
        let rule = ValueRule {
            source,
            reference,
            fill: written.fill,
            patterns: written.pattern.into_list(),
            map: written
                .map
                .map(|map| find_map(map, &defaults.maps))
                .transpose()?,
            otherwise: written.otherwise.map(constant).transpose()?,
            default: default.map(constant).transpose()?,
            split: written.split,
            number_format: text_format.for_numbers(),
            text_format,
        };
        rule.check_constants(slot)?;
        Ok(rule)
    }

    fn check_constants(&self, slot: &FieldSlot) -> anyhow::Result<()> {
        let mapped = self
            .map
            .iter()
            .flat_map(BTreeMap::values)
            .chain(&self.otherwise)
            .filter(|constant| constant.text != KEEP && !constant.text.is_empty());
        for Cell { text, cell_type } in mapped.chain(&self.default) {
            self.value(text, *cell_type, slot)
                .map_err(|reason| anyhow!("`{text}` {reason}"))?;
        }
        Ok(())
    }

    /// Returns the name of the column for reports: the first one of a template.
    pub(crate) fn column(&self) -> Option<String> {
        let name = self.source.as_ref().and_then(CellSource::name);
        name.map(str::to_owned)
    }

    /// Returns the values for a row; `None` if it has none.
    ///
    /// # Errors
    /// What is wrong with its cells.
    pub(crate) fn values(
        &self,
        cells: &[Cell],
        slot: &FieldSlot,
    ) -> Result<Option<RuleValues>, Fault> {
        let of_column = |reason| Fault {
            column: self.column(),
            ..Fault::of_row(reason)
        };
        let text = self.cell_text(cells)?;
        let values = self.cell_values(&text, slot).map_err(of_column)?;
        if !values.is_empty() {
            return Ok(Some(RuleValues {
                values,
                from_cell: true,
            }));
        }
        let Some(default) = &self.default else {
            return Ok(None);
        };
        let value = self.value(&default.text, default.cell_type, slot);
        Ok(Some(RuleValues {
            values: vec![value.map_err(Fault::of_row)?],
            from_cell: false,
        }))
    }

    fn cell_text<'a>(&self, cells: &'a [Cell]) -> Result<CellText<'a>, Fault> {
        let Some(source) = &self.source else {
            return Ok(CellText::default());
        };
        // The id in a single column may have to be cut out or translated first; a template is the id as it is.
        if self.reference.is_some() && source.is_template() {
            source.id(cells, false)?;
        }
        source.text(cells)
    }

    fn cell_values(&self, cell: &CellText<'_>, slot: &FieldSlot) -> Result<Vec<Value>, String> {
        let mut values = Vec::new();
        for part in parts(&cell.text, self.split.as_deref()) {
            let (text, cell_type) = self.translate(self.shorten(part)?, cell.cell_type)?;
            if !text.is_empty() {
                values.push(self.value(text, cell_type, slot)?);
            }
        }
        Ok(values)
    }

    fn shorten<'a>(&self, text: &'a str) -> Result<&'a str, String> {
        if text.is_empty() {
            return Ok(text);
        }
        self.patterns
            .iter()
            .try_fold(text, |text, pattern| pattern.apply(text).map(str::trim))
    }

    fn translate<'a>(
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

    fn value(&self, text: &str, cell_type: CellType, slot: &FieldSlot) -> Result<Value, String> {
        if self.reference.is_some() {
            return match id_problem(text, cell_type) {
                Some(problem) => Err(problem.to_owned()),
                None => Ok(Value::String(text.to_owned())),
            };
        }
        if has_line_break(text) && slot.is_single_line() {
            return Err(LINE_BREAK.to_owned());
        }
        let format = match cell_type {
            CellType::Number => &self.number_format,
            _ => &self.text_format,
        };
        convert::value(slot, text, format)
    }
}

fn parts<'a>(cell: &'a str, separator: Option<&'a str>) -> Vec<&'a str> {
    match separator {
        Some(separator) if !separator.is_empty() => cell.split(separator).map(str::trim).collect(),
        _ => vec![cell],
    }
}

fn find_map(written: MapToml, maps: &NamedMaps) -> anyhow::Result<ValueMap> {
    match written {
        MapToml::Inline(table) => read_map(table).context("map"),
        MapToml::Named(name) => maps
            .get(&name)
            .cloned()
            .with_context(|| format!("map: there is no [maps.{name}]")),
    }
}

/// Reads a table from the texts of cells to constants.
pub(crate) fn read_map(table: toml::Table) -> anyhow::Result<ValueMap> {
    table
        .into_iter()
        .map(|(from, to)| Ok((from.clone(), constant(to).context(from)?)))
        .collect()
}

fn constant(value: toml::Value) -> anyhow::Result<Cell> {
    match value {
        toml::Value::String(text) => Ok(Cell::text(text)),
        toml::Value::Integer(number) => Ok(Cell::number(number.to_string())),
        toml::Value::Float(number) => Ok(Cell::number(number.to_string())),
        toml::Value::Boolean(flag) => Ok(Cell {
            text: flag.to_string(),
            cell_type: CellType::Boolean,
        }),
        _ => bail!("expected a text, a number, true or false"),
    }
}
