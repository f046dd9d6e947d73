//! The mapping file: how a row of a CSV file becomes records.
//!
//! It owns the file's sections and their checks. Every fault is found here, before any row is read; a fault names its
//! key and says what is allowed. A section is named like the kind of record that it makes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use toml::Table;

use super::claims::Titles;
use super::rule::{Column, Maps, Rule, read_map};
use super::target::{Element, Line, Target, lines};
use crate::cli::record::message_of;
use crate::name::Kind;
use crate::service::check::text::is_key;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    system: Option<String>,
    delimiter: Option<String>,
    #[serde(default)]
    maps: BTreeMap<String, Table>,
    customer: Option<Table>,
    contact: Option<Table>,
    affiliation: Option<Table>,
    infer_role: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenId {
    system: Option<String>,
    column: String,
}

/// A checked mapping.
pub struct Mapping {
    /// What separates the cells.
    pub delimiter: u8,
    /// What a row becomes, in the order in which it is written.
    pub sections: Vec<Section>,
    /// Which job titles mean which roles, and the system that says so.
    pub titles: Option<Titles>,
}

/// How a row becomes a record of one kind.
pub struct Section {
    /// The kind.
    pub kind: Kind,
    /// The external ids; the first one is the key.
    pub ids: Vec<Id>,
    /// The fields.
    pub fields: Vec<Field>,
}

/// An external id: the system, and the column of the id.
pub struct Id {
    /// The system.
    pub system: String,
    /// The column.
    pub column: Column,
}

/// A field of a record, and where its value comes from.
pub struct Field {
    /// The list element it is about, if any.
    pub element: Option<Element>,
    /// Where the value goes.
    pub target: Arc<Target>,
    /// Where it comes from.
    pub rule: Rule,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The first fault, with its key.
    pub fn read(path: &Path) -> anyhow::Result<Mapping> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Mapping::parse(&text).with_context(|| format!("the mapping {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Mapping> {
        let written: Written = toml::from_str(text).map_err(|error| anyhow!("{}", error.to_string().trim_end()))?;
        let system = written.system.as_deref();
        let tables = [
            (Kind::Customer, written.customer),
            (Kind::Contact, written.contact),
            (Kind::Affiliation, written.affiliation),
        ];
        let named = |(name, map): (String, Table)| Ok((name.clone(), read_map(map).context(name)?));
        let maps: Maps = written.maps.into_iter().map(named).collect::<anyhow::Result<_>>().context("[maps]")?;
        let mut sections = Vec::new();
        for (kind, table) in tables {
            if let Some(table) = table {
                let section = Section::read(kind, table, system, &maps);
                sections.push(section.with_context(|| format!("[{}]", kind.singular()))?);
            }
        }
        check_sections(&sections)?;
        let titles = written.infer_role.map(|rules| Titles::read(rules, system)).transpose();
        let titles = titles.context("[infer_role]")?;
        if titles.is_some() && !sections.iter().any(|section| section.maps("job_title")) {
            bail!("[infer_role]: works on `job_title` of [affiliation], which is not mapped");
        }
        Ok(Mapping { delimiter: delimiter(written.delimiter.as_deref().unwrap_or(","))?, sections, titles })
    }

    /// Finds the columns in the header of a file.
    ///
    /// # Errors
    /// When columns are missing, or a name stands there twice; the error lists what there is.
    pub fn bind(&mut self, header: &[String]) -> anyhow::Result<()> {
        let mut missing = BTreeSet::new();
        for column in self.columns() {
            let mut found = header.iter().enumerate().filter(|(_, name)| **name == column.name);
            match (found.next(), found.next()) {
                (Some((index, _)), None) => column.index = index,
                (Some(_), Some(_)) => bail!("the file has several columns `{}`: rename them", column.name),
                (None, _) => drop(missing.insert(format!("`{}`", column.name))),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<String> = missing.into_iter().collect();
        let there: Vec<String> = header.iter().map(|name| format!("`{name}`")).collect();
        let hint = if header.len() == 1 { "; is the delimiter right?" } else { "" };
        bail!("the file has no column {}; it has {}{hint}", missing.join(", "), there.join(", "))
    }

    fn columns(&mut self) -> impl Iterator<Item = &mut Column> {
        self.sections.iter_mut().flat_map(|section| {
            let ids = section.ids.iter_mut().map(|id| &mut id.column);
            ids.chain(section.fields.iter_mut().filter_map(|field| field.rule.column.as_mut()))
        })
    }
}

/// Reads a delimiter: one ASCII character, or `tab`.
///
/// # Errors
/// When it is something else.
pub fn delimiter(text: &str) -> anyhow::Result<u8> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => bail!("delimiter: expected one character such as `;`, or `tab`"),
    }
}

fn check_sections(sections: &[Section]) -> anyhow::Result<()> {
    let has = |kind: Kind| sections.iter().any(|section| section.kind == kind);
    if !has(Kind::Customer) && !has(Kind::Contact) {
        bail!("needs [customer], [contact] or both");
    }
    let both = has(Kind::Customer) && has(Kind::Contact);
    if both != has(Kind::Affiliation) {
        bail!(
            "[affiliation] is needed with [customer] and [contact], to link the two; it may be empty, and needs both"
        );
    }
    Ok(())
}

impl Section {
    fn read(kind: Kind, mut table: Table, system: Option<&str>, maps: &Maps) -> anyhow::Result<Section> {
        let ids = table.remove("external_ids").map(|ids| read_ids(ids, system)).transpose();
        let ids = ids.context("external_ids")?.unwrap_or_default();
        let mut fields = Vec::new();
        for Line { element, target, rule } in lines(&message_of(kind), table, maps)? {
            fields.push(Field { element, target: Arc::new(target), rule });
        }
        // The keys of a table come sorted as text, where 10 stands before 2.
        fields.sort_by_key(|field| (field.element.as_ref().map(|(_, index)| *index), field.target.index()));
        let section = Section { kind, ids, fields };
        let is_linked = kind == Kind::Affiliation;
        if section.ids.is_empty() && !is_linked {
            bail!(
                "needs `external_ids = [{{ system = ..., column = ... }}]`: a record is found again by the first one"
            );
        }
        if !section.fields.is_empty() && !is_linked && !section.maps("display_name") {
            bail!("needs `display_name`, without which no record can be made");
        }
        Ok(section)
    }

    fn maps(&self, path: &str) -> bool {
        self.fields.iter().any(|field| field.target.path == path)
    }
}

fn read_ids(written: toml::Value, default: Option<&str>) -> anyhow::Result<Vec<Id>> {
    let written: Vec<WrittenId> =
        written.try_into().map_err(|error: toml::de::Error| anyhow!("{}", error.message()))?;
    let id = |WrittenId { system, column }| {
        let system = system.or(default.map(str::to_owned)).context("needs `system`, here or at the top")?;
        check_system(&system)?;
        Ok(Id { system, column: Column { name: column.trim().to_owned(), index: 0 } })
    };
    written.into_iter().map(id).collect()
}

/// Checks the name of a system.
///
/// # Errors
/// When it is not like `[a-z][a-z0-9_.-]{0,62}`.
pub fn check_system(system: &str) -> anyhow::Result<()> {
    if is_key(system, "_.-") { Ok(()) } else { bail!("system: `{system}` is not like [a-z][a-z0-9_.-]{{0,62}}") }
}
