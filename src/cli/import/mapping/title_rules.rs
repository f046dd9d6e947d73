//! `[infer_role]` of a mapping: which job titles imply which buying roles.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use crate::cli::import::mapping::system::check_system;
use crate::descriptors;
use crate::fold::folded;
use crate::pb::affiliation::BuyingRole;

pub(crate) struct TitleRules {
    /// The system to which the inferred claims belong.
    pub(crate) system: String,
    /// The words of a title, and the role that they imply.
    rules: Vec<(Vec<String>, BuyingRole)>,
}

impl TitleRules {
    pub(crate) fn read(
        written: BTreeMap<String, String>,
        system: Option<&str>,
    ) -> anyhow::Result<TitleRules> {
        let system =
            system.context("needs `system` at the top of the file: the claims belong to it")?;
        check_system(system)?;
        Ok(TitleRules {
            system: system.to_owned(),
            rules: written
                .iter()
                .map(|(title, role)| rule(title, role))
                .collect::<anyhow::Result<_>>()?,
        })
    }

    /// Returns the roles that a title implies. The words of a rule must stand in it in a row, as whole words.
    pub(crate) fn roles(&self, title: &str) -> BTreeSet<BuyingRole> {
        let title = words(title);
        self.rules
            .iter()
            .filter(|(rule, _)| title.windows(rule.len()).any(|part| part == rule))
            .map(|(_, role)| *role)
            .collect()
    }
}

fn rule(title: &str, role: &str) -> anyhow::Result<(Vec<String>, BuyingRole)> {
    let words = words(title);
    if words.is_empty() {
        bail!("`{title}` has no words");
    }
    let known = BuyingRole::from_str_name(role).filter(|role| *role != BuyingRole::Unspecified);
    let known =
        known.with_context(|| format!("{title}: `{role}` is not one of {}", role_names()))?;
    Ok((words, known))
}

fn words(title: &str) -> Vec<String> {
    folded(title)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn role_names() -> String {
    let roles = descriptors::pool().get_enum_by_name("clientele.v1.Affiliation.BuyingRole");
    let names: Vec<String> = roles
        .iter()
        .flat_map(|roles| roles.values())
        .filter(|role| role.number() != 0)
        .map(|role| role.name().to_owned())
        .collect();
    names.join(", ")
}
