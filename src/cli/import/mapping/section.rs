//! A section of a mapping, such as `[customer]`: how a row becomes a record of that kind.

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use toml::Table;

use crate::cli::import::mapping::path::{FieldMapping, field_mappings};
use crate::cli::import::mapping::rule::MappingDefaults;
use crate::cli::import::mapping::source::{CellSource, InputColumn};
use crate::cli::import::mapping::system::check_system;
use crate::cli::record::message_of;
use crate::mask::is_required;
use crate::name::Kind;

pub(crate) struct Section {
    pub(crate) kind: Kind,
    /// The external ids; the first one is the key.
    pub(crate) ids: Vec<IdMapping>,
    pub(crate) fields: Vec<FieldMapping>,
}

/// Where an external id comes from.
pub(crate) struct IdMapping {
    pub(crate) system: String,
    pub(crate) source: CellSource,
    /// Whether the id is a hash of the text, rather than the text itself.
    pub(crate) digest: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdToml {
    system: Option<String>,
    column: Option<String>,
    template: Option<String>,
    #[serde(default)]
    digest: bool,
}

impl Section {
    pub(crate) fn read(
        kind: Kind,
        mut table: Table,
        system: Option<&str>,
        defaults: &MappingDefaults,
    ) -> anyhow::Result<Section> {
        let ids = table
            .remove("external_ids")
            .map(|ids| read_ids(ids, system))
            .transpose();
        let mut section = Section {
            kind,
            ids: ids.context("external_ids")?.unwrap_or_default(),
            fields: field_mappings(kind, table, defaults)?,
        };
        // The keys of a table come sorted as text, where 10 is before 2.
        section.fields.sort_by_key(|field| {
            let element = field.element.as_ref().map(|(_, index)| *index);
            (element, field.target.index())
        });
        // An affiliation is found, and made, by what it links.
        if kind != Kind::Affiliation {
            section.check()?;
        }
        Ok(section)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.ids.is_empty() {
            bail!(
                "needs `external_ids = [{{ system = ..., column = ... }}]`: a record is found again by the first one"
            );
        }
        let message = message_of(self.kind);
        let missing = message
            .fields()
            .filter(is_required)
            .find(|field| !self.has_field(field.name()));
        match missing {
            Some(missing) if !self.fields.is_empty() => bail!(
                "needs `{}`, without which no record can be made",
                missing.name()
            ),
            _ => Ok(()),
        }
    }

    /// Says whether a field, or an element of a list, is mapped.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.fields
            .iter()
            .any(|field| field.target.path.split('[').next() == Some(name))
    }

    pub(crate) fn columns_mut(&mut self) -> impl Iterator<Item = &mut InputColumn> {
        let ids = self.ids.iter_mut().map(|id| &mut id.source);
        let fields = self
            .fields
            .iter_mut()
            .filter_map(|field| field.rule.source.as_mut());
        ids.chain(fields).flat_map(CellSource::columns_mut)
    }
}

fn read_ids(written: toml::Value, default_system: Option<&str>) -> anyhow::Result<Vec<IdMapping>> {
    let ids: Vec<IdToml> = written
        .try_into()
        .map_err(|error: toml::de::Error| anyhow!("{}", error.message()))?;
    ids.into_iter()
        .map(|id| read_id(id, default_system))
        .collect()
}

fn read_id(id: IdToml, default_system: Option<&str>) -> anyhow::Result<IdMapping> {
    let system = id
        .system
        .or(default_system.map(str::to_owned))
        .context("needs `system`, here or at the top")?;
    check_system(&system)?;
    let source = match (id.column, id.template) {
        (Some(column), None) => CellSource::column(&column, false),
        (None, Some(template)) => CellSource::template(&template, false)?,
        _ => bail!("needs either `column` or `template`"),
    };
    Ok(IdMapping {
        system,
        source,
        digest: id.digest,
    })
}
