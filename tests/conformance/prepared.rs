//! What is prepared once is used again: no question has an engine plan a statement anew because another value is bound.
//! SQLite did so for nearly every statement, which was two thirds of what a read cost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use clientele::name::Kind;
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::get_briefing_request::Subject;
use clientele::store::TenantScope;
use clientele::store::sql::{Row, Sql};
use clientele::store::tx::Tx;

use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::builders::{affiliation, claim, contact, customer, email, external_id, map};
use crate::harness::engine::Engine;
use crate::harness::keys::{by_domain, by_email, by_external_id, by_name};
use crate::harness::records::{conversation, listed, note, persona, promise, segment};
use crate::harness::standard::{List, Standard};

conformance! {
    no_question_is_planned_anew_for_other_values,
    no_write_is_planned_anew_for_other_values,
}

/// More than the reading connections of either engine, twice; they take turns.
const ROUNDS: usize = 40;
/// Customers with all that belongs to them.
const FIRMS: usize = 5;

async fn no_question_is_planned_anew_for_other_values(h: Harness) {
    let everything = everything(&h).await;
    let mut asked = BTreeSet::new();
    for i in 0..ROUNDS {
        asked = Asked { h: &h, i, firms: &everything, methods: BTreeSet::new() }.all().await;
    }
    assert_eq!(asked, methods_that_read(), "every question is asked");
    nothing_is_planned_anew(&h).await;
}

async fn no_write_is_planned_anew_for_other_values(h: Harness) {
    let firms = everything(&h).await;
    write_everything(&h, &firms).await;
    if h.engine == Engine::Postgres {
        return nothing_is_planned_anew(&h).await;
    }
    if h.engine == Engine::Sqlite {
        // The start of the store changes the schema, and with it what was prepared before.
        let before = planned_anew_by_writer(&h).await;
        write_everything(&h, &firms).await;
        assert_eq!(planned_anew_by_writer(&h).await, before);
    }
}

async fn write_everything(h: &Harness, firms: &[(pb::Customer, pb::Contact)]) {
    for i in 0..ROUNDS {
        let firm = &firms[i % FIRMS].0;
        let talk = conversation(firm, i64::try_from(i).unwrap());
        let key = by_name(&firm.name);
        let request = pb::LogConversationRequest { key, conversation: Some(talk), ..Default::default() };
        done(h.relationships.clone().log_conversation(request).await);
        h.update(pb::Customer { about: format!("{i}"), etag: String::new(), ..firm.clone() }, &["about"]).await;
        let name = h.create(promise(firm, &format!("{i}"))).await.name;
        h.delete::<pb::Promise>(&name).await;
        h.undelete::<pb::Promise>(&name).await;
    }
}

/// Asks each reading connection: how often statements were planned anew.
async fn nothing_is_planned_anew(h: &Harness) {
    match h.engine {
        Engine::Sqlite => {
            for _ in 0..ROUNDS {
                let found = h.db().fetch(&TenantScope::local(), planned_anew()).await.unwrap();
                assert_eq!(counts(&found), BTreeMap::new());
            }
        }
        Engine::Postgres => {
            for _ in 0..ROUNDS {
                let found = h.db().fetch(&TenantScope::local(), Sql::new(PREPARED)).await.unwrap();
                let texts: BTreeSet<String> = found.iter().map(|row| row.text(0).unwrap()).collect();
                assert_eq!(texts.len(), found.len(), "each text is prepared once");
                assert!(texts.len() < 250, "what is kept prepared has room for all");
                let anew = found.iter().find(|row| row.int(1).unwrap() > CUSTOM_PLANS);
                let anew = anew.map(|row| row.text(0).unwrap());
                assert_eq!(anew, None, "PostgreSQL has a plan for all values of it");
            }
        }
    }
}

/// What a connection to PostgreSQL keeps prepared, and how often it made a plan for the values of one call.
const PREPARED: &str = "select statement, custom_plans from pg_prepared_statements";
/// How often PostgreSQL does so before it compares such plans with one for all values:
/// <https://www.postgresql.org/docs/15/sql-prepare.html>.
const CUSTOM_PLANS: i64 = 5;

/// Asks the writing connection of SQLite.
async fn planned_anew_by_writer(h: &Harness) -> BTreeMap<String, i64> {
    let unit = |mut tx: Tx| async move {
        let rows = tx.run(vec![planned_anew()]).await?.pop().unwrap_or_default();
        Ok((tx, counts(&rows)))
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    h.db().write(&TenantScope::local(), deadline, unit).await.unwrap().answer
}

/// The table of the library itself: <https://sqlite.org/stmt.html>. A pragma expires each time.
fn planned_anew() -> Sql {
    Sql::new("select sql, reprep from sqlite_stmt where reprep > 0 and sql not like '%pragma%'")
}

fn counts(rows: &[Row]) -> BTreeMap<String, i64> {
    rows.iter().map(|row| (row.text(0).unwrap(), row.int(1).unwrap())).collect()
}

/// Returns the methods that only read, by the beginnings of their names.
fn methods_that_read() -> BTreeSet<String> {
    const VERBS: [&str; 11] =
        ["Get", "BatchGet", "List", "LookUp", "Check", "Count", "Explain", "Preview", "Compare", "Describe", "Match"];
    let services = clientele::descriptors::pool().services();
    let methods =
        services.flat_map(|service| service.methods().map(|method| method.name().to_owned()).collect::<Vec<_>>());
    methods.filter(|method| VERBS.iter().any(|verb| method.starts_with(verb))).collect()
}

/// Firms with a person who works there, and all else that there is of both.
async fn everything(h: &Harness) -> Vec<(pb::Customer, pb::Contact)> {
    let mia = h.as_colleague("mia").await;
    let mut firms = Vec::new();
    for i in 0..FIRMS {
        let firm = pb::Customer {
            external_ids: vec![external_id("crm", &i.to_string())],
            labels: map(&[("tier", &i.to_string())]),
            emails: vec![email(&format!("office@firm{i}.example"))],
            business: Some(pb::customer::Business { domains: vec![format!("firm{i}.example")], ..Default::default() }),
            ..customer(&format!("Firm {i}"))
        };
        let firm = h.create_as(&format!("f{i}"), firm).await;
        let person =
            pb::Contact { emails: vec![email(&format!("ann{i}@firm{i}.example"))], ..contact(&format!("Ann {i}")) };
        let person = h.create_as(&format!("p{i}"), person).await;
        let job = h.create_as(&format!("j{i}"), affiliation(&person, &firm)).await;
        let talk = pb::Conversation { contacts: vec![person.name.clone()], ..conversation(&firm, 7) };
        let talk = mia.create_as(&format!("t{i}"), talk).await;
        let claim = pb::AddBuyingRoleRequest { source: talk.name.clone(), ..claim(&job, BuyingRole::DecisionMaker) };
        h.add_role(claim).await;
        h.create_as(&format!("o{i}"), pb::Promise { conversation: talk.name, ..promise(&firm, "x") }).await;
        h.create_as(&format!("n{i}"), note(&person.name, "x")).await;
        h.create_as(&format!("a{i}"), segment("A", "affiliations.job_title = \"CFO\" OR labels.tier = \"1\"")).await;
        h.create_as(&format!("s{i}"), segment("S", &format!("segment:\"segments/a{i}\" OR lifecycle = ACTIVE"))).await;
        h.create_as(&format!("l{i}"), listed("L", &[&firm])).await;
        let typical = pb::Persona { match_filter: format!("segment:\"segments/l{i}\""), ..persona("P") };
        h.create_as(&format!("c{i}"), typical).await;
        firms.push((firm, person));
    }
    h.create_as("jo", pb::Colleague { display_name: "Jo".to_owned(), ..Default::default() }).await;
    firms
}

/// One round of questions, each with values of its own.
struct Asked<'a> {
    h: &'a Harness,
    i: usize,
    firms: &'a [(pb::Customer, pb::Contact)],
    methods: BTreeSet<String>,
}

impl Asked<'_> {
    async fn all(mut self) -> BTreeSet<String> {
        self.resource::<pb::Customer>("f").await;
        self.resource::<pb::Contact>("p").await;
        self.resource::<pb::Affiliation>("j").await;
        self.resource::<pb::Colleague>("m").await;
        self.resource::<pb::Conversation>("t").await;
        self.resource::<pb::Promise>("o").await;
        self.resource::<pb::Note>("n").await;
        self.resource::<pb::Persona>("c").await;
        self.resource::<pb::Segment>("s").await;
        self.relationships().await;
        self.segments().await;
        self.methods
    }

    fn at(&self) -> usize {
        self.i % FIRMS
    }

    fn note(&mut self, methods: &[&str]) {
        self.methods.extend(methods.iter().map(|method| (*method).to_owned()));
    }

    async fn resource<R: Standard>(&mut self, prefix: &str) {
        let id = if prefix == "m" { "mia".to_owned() } else { format!("{prefix}{}", self.at()) };
        let name = format!("{}/{id}", R::KIND.collection());
        let record: R = self.h.get(&name).await;
        assert_eq!(record.name(), name);
        done(R::batch_get(self.h, vec![name.clone()], None).await);
        let mut filters = vec![
            format!("name = \"{name}\""),
            format!("labels.tier = \"{}\" AND create_time < now()", self.i),
            String::new(),
        ];
        if R::KIND == Kind::Conversation {
            let state = ["HELD", "PLANNED", "CANCELLED"][self.i % 3];
            let visibility = ["PRIVATE", "EVERYONE"][self.i % 2];
            filters.push(format!("state = {state} AND visibility != {visibility}"));
        }
        for filter in filters {
            let list = List { filter, page_size: 2, ..Default::default() };
            let (_, page_token) = done(R::list(self.h, list.clone()).await);
            if !page_token.is_empty() {
                done(R::list(self.h, List { page_token, ..list }).await);
            }
        }
        let mut history = self.h.history.clone();
        let list = pb::ListRevisionsRequest { name: name.clone(), ..Default::default() };
        let revision = done(history.list_revisions(list).await).revisions[0].revision;
        done(history.get_revision(pb::GetRevisionRequest { name, revision }).await);
        let (one, many) = (R::KIND.resource_type().rsplit('/').next().unwrap(), plural::<R>());
        self.note(&[&format!("Get{one}"), &format!("BatchGet{many}"), &format!("List{many}")]);
        self.note(&["ListRevisions", "GetRevision"]);
    }

    async fn relationships(&mut self) {
        let mut client = self.h.relationships.clone();
        let (at, (firm, person)) = (self.at(), &self.firms[self.at()]);
        let keys = [
            by_name(&firm.name),
            by_external_id("crm", &at.to_string()),
            by_domain(&format!("firm{at}.example")),
            by_email(&format!("ann{at}@firm{at}.example")),
        ];
        for key in &keys {
            let key = || key.clone();
            done(client.get_profile(pb::GetProfileRequest { key: key(), read_mask: None }).await);
            done(client.get_decision_makers(pb::GetDecisionMakersRequest { key: key(), ..Default::default() }).await);
        }
        let all = keys.iter().flatten().cloned().collect();
        done(client.batch_get_profiles(pb::BatchGetProfilesRequest { keys: all, read_mask: None }).await);
        let of_segment =
            pb::ListDecisionMakersRequest { segment: format!("segments/s{at}"), page_size: 2, ..Default::default() };
        done(client.list_decision_makers(of_segment).await);
        let person = pb::ContactKey { key: Some(pb::contact_key::Key::Name(person.name.clone())) };
        for subject in [Subject::Key(keys[0].clone().unwrap()), Subject::ContactKey(person)] {
            let request = pb::GetBriefingRequest { subject: Some(subject), ..Default::default() };
            done(self.h.acting("colleagues/mia").relationships.clone().get_briefing(request).await);
        }
        let text = format!("Firm {at}");
        done(client.look_up(pb::LookUpRequest { text, ..Default::default() }).await);
        self.note(&[
            "GetProfile",
            "BatchGetProfiles",
            "GetDecisionMakers",
            "ListDecisionMakers",
            "GetBriefing",
            "LookUp",
        ]);
    }

    async fn segments(&mut self) {
        let (at, firm) = (self.at(), self.firms[self.at()].0.name.clone());
        let mut client = self.h.segments.clone();
        for name in ["s", "l"].map(|prefix| format!("segments/{prefix}{at}")) {
            self.h.members(&name, 2).await;
            self.h.count(&name).await;
            self.h.is_member(&firm, &name).await;
            let request =
                pb::ExplainMembershipRequest { customer: by_name(&firm), segment: name, ..Default::default() };
            done(client.explain_membership(request).await);
        }
        self.h.segments_of(&firm, 2).await;
        let filter = format!("labels.tier = \"{}\" OR affiliations.job_title = \"CFO\"", self.i);
        done(client.preview_segment(pb::PreviewSegmentRequest { filter, ..Default::default() }).await);
        let (a, b) = (format!("segments/s{at}"), format!("segments/l{at}"));
        let fields = || vec!["lifecycle".to_owned()];
        let request = pb::CompareSegmentsRequest { a: a.clone(), b, fields: fields(), ..Default::default() };
        done(client.compare_segments(request).await);
        let request = pb::DescribeSegmentRequest { segment: a, fields: fields(), ..Default::default() };
        done(client.describe_segment(request).await);
        let subject = by_name(&firm).map(pb::match_personas_request::Subject::Customer);
        let request = pb::MatchPersonasRequest { subject, ..Default::default() };
        done(self.h.personas.clone().match_personas(request).await);
        self.note(&["ListSegmentMembers", "CountSegmentMembers", "CheckMembership", "ExplainMembership"]);
        self.note(&["ListCustomerSegments", "PreviewSegment", "CompareSegments", "DescribeSegment", "MatchPersonas"]);
    }
}

/// The name of a kind in the names of methods about many.
fn plural<R: Standard>() -> String {
    let collection = R::KIND.collection();
    collection[..1].to_uppercase() + &collection[1..]
}
