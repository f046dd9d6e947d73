//! Buying roles that follow from job titles: INFERRED claims, and never more.
//!
//! It owns which titles mean which roles, and when a claim is added: once. A role that anybody has claimed before,
//! for the whole customer, is left alone, whether that claim still holds or not.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, anyhow, bail};
use prost_reflect::{DynamicMessage, Value};
use tonic::{Code, Status};

use crate::cli::import::mapping::check_system;
use crate::cli::import::upsert::Writer;
use crate::cli::record::{Call, text};
use crate::fold::folded;
use crate::name::Kind;
use crate::pb::affiliation::{BuyingRole, Evidence};
use crate::{descriptors, pb};

/// How often a claim is tried again when somebody else changes the affiliation at the same time.
const ATTEMPTS: usize = 5;

/// Which job titles mean which roles.
pub struct Titles {
    system: String,
    rules: Vec<(Vec<String>, BuyingRole)>,
}

/// What became of the roles of one affiliation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inferred {
    /// How many claims were added.
    pub added: u64,
    /// How many were there before.
    pub known: u64,
}

impl Titles {
    /// Reads `[infer_role]`: words of a title, and the role they mean.
    pub fn read(rules: BTreeMap<String, String>, system: Option<&str>) -> anyhow::Result<Titles> {
        let system =
            system.context("needs `system` at the top of the file: the claims belong to it")?;
        check_system(system)?;
        let rule = |(title, role): (String, String)| {
            let words = words(&title);
            if words.is_empty() {
                bail!("`{title}` has no words");
            }
            let known =
                BuyingRole::from_str_name(&role).filter(|role| *role != BuyingRole::Unspecified);
            Ok((
                words,
                known.ok_or_else(|| anyhow!("{title}: `{role}` is none of {}", roles()))?,
            ))
        };
        Ok(Titles {
            system: system.to_owned(),
            rules: rules.into_iter().map(rule).collect::<anyhow::Result<_>>()?,
        })
    }

    /// Returns the roles that a title means. The words of a rule must stand in it one after the other, as whole words.
    pub fn roles(&self, title: &str) -> BTreeSet<i32> {
        let title = words(title);
        let stands = |rule: &[String]| title.windows(rule.len()).any(|part| part == rule);
        self.rules
            .iter()
            .filter(|(rule, _)| stands(rule))
            .map(|(_, role)| *role as i32)
            .collect()
    }
}

fn words(title: &str) -> Vec<String> {
    let folded = folded(title);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn roles() -> String {
    let roles = descriptors::pool().get_enum_by_name("clientele.v1.Affiliation.BuyingRole");
    let names = roles
        .iter()
        .flat_map(|roles| roles.values())
        .filter(|role| role.number() != 0);
    names
        .map(|role| role.name().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Adds the claims that the job title of an affiliation means and that nobody has made yet.
pub async fn infer(
    writer: &Writer,
    titles: &Titles,
    affiliation: DynamicMessage,
) -> Result<Inferred, Status> {
    let wanted = titles.roles(&text(&affiliation, "job_title"));
    let mut inferred = Inferred::default();
    let mut affiliation = affiliation;
    for role in wanted {
        let mut attempts = 0..ATTEMPTS;
        loop {
            if claims(&affiliation)?
                .iter()
                .any(|claim| claim.role == role && claim.scope.is_empty())
            {
                inferred.known += 1;
                break;
            }
            match writer.send(&add(titles, &affiliation, role)).await {
                Ok(with_claim) => {
                    affiliation = with_claim;
                    inferred.added += 1;
                    break;
                }
                Err(status) if status.code() == Code::Aborted && attempts.next().is_some() => {
                    let call = Call::on_one(Kind::Affiliation, "Get")
                        .with_text("name", text(&affiliation, "name"));
                    affiliation = writer.send(&call).await?;
                }
                Err(status) => return Err(status),
            }
        }
    }
    Ok(inferred)
}

fn claims(affiliation: &DynamicMessage) -> Result<Vec<pb::affiliation::BuyingRoleClaim>, Status> {
    Ok(descriptors::typed::<pb::Affiliation>(affiliation)?.buying_roles)
}

fn add(titles: &Titles, affiliation: &DynamicMessage, role: i32) -> Call {
    Writer::write(Call::of(Kind::Affiliation, "AddBuyingRole"))
        .with_text("name", text(affiliation, "name"))
        .with_text("etag", text(affiliation, "etag"))
        .with("role", Value::EnumNumber(role))
        .with("evidence", Value::EnumNumber(Evidence::Inferred as i32))
        .with_text("claimant", "job title")
        .with_text("system", &titles.system)
}
