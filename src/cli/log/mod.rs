//! `clientele log`: logs a conversation, from flags or by asking on the terminal.

mod dialog;
mod parse;

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Args;

use self::dialog::Dialog;
use self::parse::{channel, direction, newcomer, promise, time};
use crate::cli::client::explain;
use crate::cli::record::{self, ApiCall};
use crate::cli::session::{CallerArgs, Session};
use crate::cli::{json, keys, table};
use crate::clock::{self, Clock};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::conversation::{Channel, Direction, State};
use crate::pb::log_conversation_request::Person;
use crate::pb::log_conversation_request::person::Person as Who;
use crate::pb::note::Visibility;
use crate::pb::promise::Side;

const HELP: &str = "\
Examples:
  clientele log customers/nordlicht-optik --as colleagues/hanna-weber
      asks for everything else
  clientele log nordlicht-optik.example --channel phone --summary 'wants a second offer' \\
      --with 'Mara Lindqvist' --with-new 'Tomas Ek, Head of Design' --promise 'send the certificates by 2026-12-01'
  clientele log erp:100214 --channel visit --start 2026-11-20T14:30 --they-promise 'the drawings' --private

A key is customers/ID, an ID alone, system:id, a domain, an e-mail address, a phone number, or a name.
Times are UTC.";

/// Logs a conversation: who took part, what it was about, what was promised
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct LogArgs {
    /// The customer
    key: String,
    /// The channel: phone, video, email, visit (or in-person), chat, event, ...
    #[arg(long, value_parser = channel)]
    channel: Option<Channel>,
    /// Who started it: in (the customer) or out (we)
    #[arg(long, value_parser = direction)]
    direction: Option<Direction>,
    /// What it was about
    #[arg(long)]
    subject: Option<String>,
    /// What came out of it
    #[arg(long)]
    summary: Option<String>,
    /// The start: 2026-11-20T14:30, 2026-11-20, or with a zone; now by default
    #[arg(long, value_parser = time)]
    start: Option<prost_types::Timestamp>,
    /// Plans it for --start instead of logging that it was held
    #[arg(long, requires = "start")]
    planned: bool,
    /// A known person who took part: a name, e-mail, phone or contacts/ID; can be repeated
    #[arg(long, value_name = "WHO")]
    with: Vec<String>,
    /// A new person who took part: NAME, or 'NAME, JOB TITLE'; can be repeated
    #[arg(long, value_name = "NAME")]
    with_new: Vec<String>,
    /// What we promised; may end in 'by 2026-12-01', due at the end of that day; can be repeated
    #[arg(long, value_name = "TEXT", value_parser = promise)]
    promise: Vec<pb::Promise>,
    /// What they promised; can be repeated
    #[arg(long, value_name = "TEXT", value_parser = promise)]
    they_promise: Vec<pb::Promise>,
    /// Makes the conversation visible to you alone; everyone sees the promises
    #[arg(long)]
    private: bool,
    /// Checks everything and writes nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl LogArgs {
    pub(crate) async fn run(mut self) -> anyhow::Result<ExitCode> {
        let session = self.caller.clone().connect().await?;
        let customer = keys::live_customer(&session, &self.key).await?;
        let known = async |who: &str| known(&session, &customer, who).await;
        let mut people = Vec::new();
        for who in &self.with {
            people.push(known(who).await?);
        }
        if self.is_empty() {
            if !stdin().is_terminal() {
                bail!("nothing to log: pass --summary, --subject, --with or --promise");
            }
            let today = clock::date_of(Clock::System.now());
            people = self
                .ask_for_all(&mut stdin().lock(), &mut stderr(), &today, known)
                .await?;
        }
        let (as_json, dry_run) = (self.json, self.dry_run);
        let request = self.request(&customer, people);
        let made: pb::LogConversationResponse = session.call("LogConversation", &request).await?;
        let shown = if as_json {
            json::line(&descriptors::dynamic(&made)?)?
        } else {
            page(&customer, &made, &joined(&session, &made).await?, dry_run)
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }

    fn is_empty(&self) -> bool {
        let mut texts = [&self.subject, &self.summary].into_iter().flatten();
        let lists = [&self.with, &self.with_new].into_iter().all(Vec::is_empty);
        let promises = [&self.promise, &self.they_promise]
            .into_iter()
            .all(Vec::is_empty);
        texts.all(|text| text.trim().is_empty()) && lists && promises
    }

    /// Asks for what no flag gave, and returns the known people who took part.
    async fn ask_for_all(
        &mut self,
        input: &mut impl BufRead,
        output: &mut impl Write,
        today: &str,
        known: impl AsyncFn(&str) -> anyhow::Result<pb::ContactKey>,
    ) -> anyhow::Result<Vec<pb::ContactKey>> {
        let mut dialog = Dialog { input, output };
        let as_it_is = |text: &str| Ok(text.to_owned());
        if self.channel.is_none() {
            self.channel = dialog.ask("Channel (phone, video, email, visit ...)?", channel)?;
        }
        if self.direction.is_none() {
            self.direction = dialog.ask("Who started it, in (they) or out (we)?", direction)?;
        }
        if self.start.is_none() {
            self.start =
                dialog.ask(&format!("Start, in UTC ({today}T14:30; empty: now)?"), time)?;
        }
        self.subject = dialog.ask("What was it about?", as_it_is)?;
        self.summary = dialog.ask("What came out of it?", as_it_is)?;
        let people = dialog
            .ask_several("Which known people took part? One per line:", known)
            .await?;
        let newcomers = "Which new people took part? NAME, JOB TITLE:";
        self.with_new = dialog
            .ask_several(newcomers, async |text| as_it_is(text))
            .await?;
        let promises = "What did we promise? One per line; may end in `by 2026-12-01`:";
        self.promise = dialog
            .ask_several(promises, async |text| promise(text))
            .await?;
        self.they_promise = dialog
            .ask_several("What did they promise?", async |text| promise(text))
            .await?;
        if self.is_empty() && people.is_empty() {
            bail!("nothing to log");
        }
        Ok(people)
    }

    fn request(
        mut self,
        customer: &pb::Customer,
        known: Vec<pb::ContactKey>,
    ) -> pb::LogConversationRequest {
        let key = keys::customer(&customer.name);
        let known = known.into_iter().map(|key| Person {
            person: Some(Who::Contact(key)),
            ..Person::default()
        });
        let new = self.with_new.iter().map(|text| newcomer(text));
        let people = known.chain(new).collect();
        let ours = std::mem::take(&mut self.promise);
        let theirs = std::mem::take(&mut self.they_promise);
        let promises = with_side(ours, Side::Company).chain(with_side(theirs, Side::Customer));
        pb::LogConversationRequest {
            customer: Some(key),
            people,
            promises: promises.collect(),
            // A retry by the connection must not log it twice.
            request_id: uuid::Uuid::now_v7().hyphenated().to_string(),
            validate_only: self.dry_run,
            conversation: Some(self.conversation()),
            ..Default::default()
        }
    }

    fn conversation(self) -> pb::Conversation {
        let trimmed = |text: Option<String>| text.unwrap_or_default().trim().to_owned();
        let state = if self.planned {
            State::Planned
        } else {
            State::Held
        };
        let visibility = if self.private {
            Visibility::Private
        } else {
            Visibility::Everyone
        };
        pb::Conversation {
            channel: self.channel.unwrap_or_default().into(),
            direction: self.direction.unwrap_or_default().into(),
            state: state.into(),
            start_time: self.start,
            subject: trimmed(self.subject),
            summary: trimmed(self.summary),
            visibility: visibility.into(),
            ..Default::default()
        }
    }
}

/// Returns the key of a person that a text means, once the server has found that person for this customer.
async fn known(
    session: &Session,
    customer: &pb::Customer,
    who: &str,
) -> anyhow::Result<pb::ContactKey> {
    let key = keys::contact(who);
    let person = Person {
        person: Some(Who::Contact(key.clone())),
        ..Person::default()
    };
    let request = pb::LogConversationRequest {
        customer: Some(keys::customer(&customer.name)),
        people: vec![person],
        conversation: Some(pb::Conversation::default()),
        validate_only: true,
        ..Default::default()
    };
    let answer = session.call("LogConversation", &request).await;
    let answer: anyhow::Result<pb::LogConversationResponse> = answer;
    keys::explained(session, Kind::Contact, who, answer).await?;
    Ok(key)
}

fn with_side(promises: Vec<pb::Promise>, side: Side) -> impl Iterator<Item = pb::Promise> {
    promises.into_iter().map(move |promise| pb::Promise {
        side: side.into(),
        ..promise
    })
}

/// Returns the known people who did not work there until now: display name and name.
async fn joined(
    session: &Session,
    made: &pb::LogConversationResponse,
) -> anyhow::Result<Vec<(String, String)>> {
    let is_new = |name: &String| made.contacts.iter().any(|contact| contact.name == *name);
    let names = made
        .affiliations
        .iter()
        .map(|affiliation| &affiliation.contact);
    let mut joined = Vec::new();
    for name in names.filter(|name| !name.is_empty() && !is_new(name)) {
        joined.push((display_name(session, name).await?, name.clone()));
    }
    Ok(joined)
}

async fn display_name(session: &Session, contact: &str) -> anyhow::Result<String> {
    let call = ApiCall::on_one(Kind::Contact, "Get").with_text("name", contact);
    let record = session.send(call).await;
    let record = record.map_err(|status| anyhow!(explain(&status)))?;
    Ok(record::text(&record, "display_name"))
}

/// Describes what was logged.
fn page(
    customer: &pb::Customer,
    made: &pb::LogConversationResponse,
    joined: &[(String, String)],
    dry_run: bool,
) -> String {
    let mut lines = Vec::new();
    let talk = made.conversation.clone().unwrap_or_default();
    let verb = if dry_run { "would log" } else { "logged" };
    let at = &customer.display_name;
    lines.push(
        format!(
            "{verb}: a conversation with {at}  {}  {}",
            talk.customer, talk.name
        )
        .trim_end()
        .to_owned(),
    );
    lines.extend(
        made.contacts
            .iter()
            .map(|contact| format!("  new: {}  {}", contact.display_name, contact.name)),
    );
    lines.extend(
        joined
            .iter()
            .map(|(who, name)| format!("  now also at {at}: {who}  {name}")),
    );
    for promise in &made.promises {
        let who = if promise.side() == Side::Customer {
            "they owe us"
        } else {
            "we owe them"
        };
        let due = match table::date_of(promise.due_time.as_ref()) {
            date if date.is_empty() => date,
            date => format!(", due {date}"),
        };
        lines.push(format!("  {who}: {}{due}  {}", promise.text, promise.name));
    }
    table::printable_lines(&lines)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        log: LogArgs,
    }

    async fn jonas(who: &str) -> anyhow::Result<pb::ContactKey> {
        if who != "Jonas" {
            bail!("no match for {who:?}");
        }
        Ok(keys::contact("contacts/jonas"))
    }

    fn ask(log: &mut LogArgs, mut input: &[u8]) -> (anyhow::Result<Vec<pb::ContactKey>>, String) {
        let mut output = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let people =
            runtime.block_on(log.ask_for_all(&mut input, &mut output, "2026-01-01", jonas));
        (people, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn the_dialog_asks_for_what_is_missing_and_asks_again() {
        let mut log = CommandLine::parse_from(["log", "customers/acme", "--direction", "in"]).log;
        let input = "pigeon\nvisit\n\nOffer 7\n\nMara\nJonas\n\nTomas Ek, Head\n\nsamples by 2026-02-30\nsamples\n\n\n";
        let (people, asked) = ask(&mut log, input.as_bytes());
        assert_eq!(people.expect("a dialog").len(), 1);
        assert_eq!(
            (log.channel, log.direction, log.start),
            (Some(Channel::InPerson), Some(Direction::Inbound), None)
        );
        assert_eq!(
            (log.subject.as_deref(), log.summary),
            (Some("Offer 7"), None)
        );
        assert_eq!(log.with_new, ["Tomas Ek, Head"]);
        let promised = log
            .promise
            .iter()
            .map(|promise| promise.text.as_str())
            .collect::<Vec<_>>();
        assert_eq!((promised, log.they_promise), (vec!["samples"], vec![]));
        assert!(
            asked.contains("expected one of: in person, phone") && !asked.contains("Who started"),
            "{asked}"
        );
        assert!(
            asked.contains("no match for \"Mara\"") && asked.contains("is not a date"),
            "{asked}"
        );
        assert!(asked.contains("Start, in UTC (2026-01-01T14:30"), "{asked}");
        let mut silent = CommandLine::parse_from(["log", "customers/acme"]).log;
        ask(&mut silent, b"").0.expect_err("nothing was said");
    }
}
