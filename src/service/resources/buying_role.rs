//! Buying role claims: adding, confirming and ending them.
//!
//! A claim is a statement that somebody made; it is never edited away. Its evidence only grows, and it ends by date.

use tonic::Request;

use crate::clean;
use crate::clock::{self, Micros};
use crate::error::Error;
use crate::google::r#type::Date;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence};
use crate::service::check::{Checker, normal};
use crate::service::standard::{check_name, check_request_id};
use crate::service::{Answer, Call, answer_written, begin_call, write_options};
use crate::store;
use crate::store::engine::db::Db;
use crate::store::record::reference::Reference;
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::name_of;
use crate::store::resources::affiliation::claim_references;
use crate::store::write::update::{self, Edit};

/// Answers AddBuyingRole.
pub(crate) async fn add_buying_role(
    db: &Db,
    request: Request<pb::AddBuyingRoleRequest>,
) -> Answer<pb::Affiliation> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let affiliation = message.affiliation.clone();
    let etag = message.etag.clone();
    let mut checker = Checker::new("");
    let claim = NewClaim::check(&mut checker, message, db.clock().now());
    let references = claim.references();
    let change = move |affiliation: &mut pb::Affiliation| claim.add_to(affiliation);
    let edit = edit(checker, &affiliation, etag, options, references, change)?;
    write(db, call, edit).await
}

/// Answers ConfirmBuyingRole.
pub(crate) async fn confirm_buying_role(
    db: &Db,
    request: Request<pb::ConfirmBuyingRoleRequest>,
) -> Answer<pb::Affiliation> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let mut checker = Checker::new("");
    check_confirm(&mut checker, &message);
    let affiliation = message.affiliation.clone();
    let etag = message.etag.clone();
    let references = claim_references("", &message.claimant, "");
    let now = db.clock().now();
    let change = move |affiliation: &mut pb::Affiliation| confirm(affiliation, &message, now);
    let edit = edit(checker, &affiliation, etag, options, references, change)?;
    write(db, call, edit).await
}

/// Answers EndBuyingRole.
pub(crate) async fn end_buying_role(
    db: &Db,
    request: Request<pb::EndBuyingRoleRequest>,
) -> Answer<pb::Affiliation> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let mut checker = Checker::new("");
    check_end(&mut checker, &message);
    let affiliation = message.affiliation.clone();
    let etag = message.etag.clone();
    let now = db.clock().now();
    let change = move |affiliation: &mut pb::Affiliation| end(affiliation, &message, now);
    let edit = edit(checker, &affiliation, etag, options, Vec::new(), change)?;
    write(db, call, edit).await
}

fn check_source(checker: &mut Checker, source: &str) {
    let is_source = [Kind::Conversation, Kind::Note]
        .iter()
        .any(|kind| Name::parse(*kind, source).is_some());
    checker.ensure(
        source.is_empty() || is_source,
        "source",
        "is not the name of a conversation or a note",
    );
}

/// A claim that may be added.
pub(crate) struct NewClaim(BuyingRoleClaim);

impl NewClaim {
    /// Checks what the caller claims. Evidence defaults to STATED; a CONFIRMED claim is verified as of now.
    pub(crate) fn check(
        checker: &mut Checker,
        message: pb::AddBuyingRoleRequest,
        now: Micros,
    ) -> NewClaim {
        let pb::AddBuyingRoleRequest {
            role,
            mut scope,
            evidence,
            mut claimant,
            source,
            system,
            mut start_date,
            mut end_date,
            validate_only,
            ..
        } = message;
        checker.enumeration::<BuyingRole>("role", role);
        checker.ensure(role != 0, "role", "is required");
        checker.enumeration::<Evidence>("evidence", evidence);
        for (field, text) in [("scope", &mut scope), ("claimant", &mut claimant)] {
            *text = clean::line(text).into_owned();
            checker.short(field, text);
        }
        checker.owner_system(&system);
        check_source(checker, &source);
        normal::date(&mut start_date);
        normal::date(&mut end_date);
        checker.date("start_date", start_date.as_ref());
        checker.date("end_date", end_date.as_ref());
        checker.date_order("end_date", start_date.as_ref(), end_date.as_ref());
        let evidence = if evidence == 0 {
            Evidence::Stated.into()
        } else {
            evidence
        };
        let verify_time = (evidence == Evidence::Confirmed as i32).then(|| clock::timestamp(now));
        let claim_id = if validate_only {
            String::new()
        } else {
            uuid::Uuid::now_v7().hyphenated().to_string()
        };
        NewClaim(BuyingRoleClaim {
            claim_id,
            role,
            scope,
            evidence,
            claimant,
            source,
            system,
            start_date,
            end_date,
            verify_time,
        })
    }

    /// Returns what the claim refers to.
    pub(crate) fn references(&self) -> Vec<Reference> {
        claim_references("", &self.0.claimant, &self.0.source)
    }

    /// Returns the claim, for a unit that says itself who claims it and where it comes from.
    pub(crate) fn into_claim(self) -> BuyingRoleClaim {
        self.0
    }

    /// Adds the claim as the last one.
    pub(crate) fn add_to(self, affiliation: &mut pb::Affiliation) -> Result<(), Error> {
        store::resources::buying_role::add(affiliation, self.0)
    }
}

/// Checks a confirmation.
fn check_confirm(checker: &mut Checker, message: &pb::ConfirmBuyingRoleRequest) {
    checker.not_blank("claim_id", &message.claim_id);
    checker.enumeration::<Evidence>("evidence", message.evidence);
    checker.short("claimant", &message.claimant);
}

/// Confirms a claim: evidence goes up, never down; it is verified now; a given claimant replaces the old one.
fn confirm(
    affiliation: &mut pb::Affiliation,
    message: &pb::ConfirmBuyingRoleRequest,
    now: Micros,
) -> Result<(), Error> {
    let claim = find(affiliation, &message.claim_id)?;
    let evidence = if message.evidence == 0 {
        Evidence::Confirmed.into()
    } else {
        message.evidence
    };
    claim.evidence = claim.evidence.max(evidence);
    claim.verify_time = Some(clock::timestamp(now));
    if !clean::line(&message.claimant).is_empty() {
        claim.claimant = clean::line(&message.claimant).into_owned();
    }
    Ok(())
}

/// Checks an end.
fn check_end(checker: &mut Checker, message: &pb::EndBuyingRoleRequest) {
    checker.not_blank("claim_id", &message.claim_id);
    checker.date("end_date", given_date(message).as_ref());
}

/// Returns the date of an end; an empty one is none.
fn given_date(message: &pb::EndBuyingRoleRequest) -> Option<Date> {
    let mut date = message.end_date;
    normal::date(&mut date);
    date
}

/// Ends a claim on a date, today (UTC) unless one is given. A claim that has not begun ends as it begins.
fn end(
    affiliation: &mut pb::Affiliation,
    message: &pb::EndBuyingRoleRequest,
    now: Micros,
) -> Result<(), Error> {
    let claim = find(affiliation, &message.claim_id)?;
    let given = given_date(message);
    let date = given.or_else(|| clock::date_message(&clock::date_of(now)));
    let begins_later = |date: &Date| {
        let start = claim.start_date.as_ref().and_then(clock::date_text);
        start.is_some_and(|start| clock::date_text(date).is_some_and(|date| date < start))
    };
    if date.as_ref().is_some_and(begins_later) {
        if given.is_some() {
            return Err(Error::field(
                "end_date",
                "lies before the claim's start_date",
            ));
        }
        claim.end_date = claim.start_date;
    } else {
        claim.end_date = date;
    }
    Ok(())
}

fn find<'a>(
    affiliation: &'a mut pb::Affiliation,
    claim_id: &str,
) -> Result<&'a mut BuyingRoleClaim, Error> {
    let name = name_of(affiliation);
    let found = affiliation
        .buying_roles
        .iter_mut()
        .find(|claim| claim.claim_id == claim_id);
    found.ok_or(Error::ClaimNotFound { name })
}

/// Makes the edit of an affiliation's claims, once everything about the request is checked.
fn edit(
    mut checker: Checker,
    affiliation: &str,
    etag: String,
    options: WriteOptions,
    references: Vec<Reference>,
    change: impl FnOnce(&mut pb::Affiliation) -> Result<(), Error> + Send + 'static,
) -> Result<Edit<pb::Affiliation>, Error> {
    check_request_id(&mut checker, &options);
    let name = check_name::<pb::Affiliation>(&mut checker, "affiliation", affiliation);
    let name = checker.finish_with(name)?;
    let apply = move |stored: &pb::Affiliation| {
        let mut wanted = stored.clone();
        change(&mut wanted)?;
        Ok(wanted)
    };
    let external_ids = Vec::new();
    Ok(Edit {
        name,
        etag,
        references,
        external_ids,
        apply: Box::new(apply),
        create_missing: None,
        options,
    })
}

/// Writes an edit of claims.
async fn write(db: &Db, call: Call, edit: Edit<pb::Affiliation>) -> Answer<pb::Affiliation> {
    let records = edit.records(db, &call.scope).await;
    Ok(answer_written(
        db.write(&call.scope, call.deadline, records, move |tx| {
            update::update(tx, edit)
        })
        .await?,
    ))
}
