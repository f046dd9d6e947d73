//! Buying roles that follow from job titles: INFERRED claims, and never more.
//!
//! A claim is added once. A role that anybody has claimed before for the whole customer is left alone, whether or not
//! that claim still holds.

use prost_reflect::{DynamicMessage, Value};
use tonic::{Code, Status};

use crate::cli::import::mapping::title_rules::TitleRules;
use crate::cli::import::write::retry::RetryingClient;
use crate::cli::record::{ApiCall, text};
use crate::name::Kind;
use crate::pb::affiliation::{BuyingRole, Evidence};
use crate::{descriptors, pb};

/// How often a claim is tried again because somebody else changes the affiliation at the same time.
const MAX_RACES: usize = 5;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct InferredCounts {
    pub(crate) added: u64,
    /// Claims that were there before.
    pub(crate) known: u64,
}

/// Adds the claims that the job title of an affiliation implies and that nobody has made yet.
pub(crate) async fn infer_roles(
    client: &RetryingClient,
    rules: &TitleRules,
    mut affiliation: DynamicMessage,
) -> Result<InferredCounts, Status> {
    let mut counts = InferredCounts::default();
    for role in rules.roles(&text(&affiliation, "job_title")) {
        let mut races = 0..MAX_RACES;
        loop {
            if is_claimed(&affiliation, role)? {
                counts.known += 1;
                break;
            }
            match client.write(add_claim(rules, &affiliation, role)).await {
                Ok(with_claim) => {
                    affiliation = with_claim;
                    counts.added += 1;
                    break;
                }
                Err(status) if status.code() == Code::Aborted && races.next().is_some() => {
                    let call = ApiCall::on_one(Kind::Affiliation, "Get")
                        .with_text("name", text(&affiliation, "name"));
                    affiliation = client.send(&call).await?;
                }
                Err(status) => return Err(status),
            }
        }
    }
    Ok(counts)
}

fn is_claimed(affiliation: &DynamicMessage, role: BuyingRole) -> Result<bool, Status> {
    let affiliation = descriptors::typed::<pb::Affiliation>(affiliation)?;
    let mut claims = affiliation.buying_roles.iter();
    Ok(claims.any(|claim| claim.role() == role && claim.scope.is_empty()))
}

fn add_claim(rules: &TitleRules, affiliation: &DynamicMessage, role: BuyingRole) -> ApiCall {
    ApiCall::of(Kind::Affiliation, "AddBuyingRole")
        .with_text("affiliation", text(affiliation, "name"))
        .with_text("etag", text(affiliation, "etag"))
        .with("role", Value::EnumNumber(role.into()))
        .with("evidence", Value::EnumNumber(Evidence::Inferred.into()))
        .with_text("claimant", "job title")
        .with_text("system", &rules.system)
}
