//! `clientele log`: writes down a talk, from flags or by asking on the terminal.

mod dialog;
mod said;

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use self::dialog::Dialog;
use self::said::{channel, direction, newcomer, promise, time};
use crate::cli::ask::{Asker, Asking};
use crate::cli::{json, table};
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
      asks for the rest
  clientele log nordlicht-optik.example --channel phone --summary 'wants a second offer' \\
      --with 'Mara Lindqvist' --with-new 'Tomas Ek, Head of Design' --promise 'send the certificates by 2026-12-01'
  clientele log erp:100214 --channel visit --start 2026-11-20T14:30 --they-promise 'the drawings' --private

A key is customers/ID, system:id, a domain, an e-mail address, a phone number that starts with +, or what somebody is
called. Times are UTC.";

/// Writes down a conversation, with whom it was and what was promised
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Log {
    /// The customer
    key: String,
    /// How: phone, video, email, visit (or in-person), chat, event, ...
    #[arg(long, value_parser = channel)]
    channel: Option<Channel>,
    /// From which side it came: in or out
    #[arg(long, value_parser = direction)]
    direction: Option<Direction>,
    /// What it was about
    #[arg(long)]
    subject: Option<String>,
    /// What came out of it
    #[arg(long)]
    summary: Option<String>,
    /// When it began: 2026-11-20T14:30, 2026-11-20, or with a zone; now unless it is said
    #[arg(long, value_parser = time)]
    start: Option<prost_types::Timestamp>,
    /// Plans it for --start, and does not say that it was held
    #[arg(long, requires = "start")]
    planned: bool,
    /// A person who took part and is known: a name, e-mail, phone or contacts/ID; can be repeated
    #[arg(long, value_name = "WHO")]
    with: Vec<String>,
    /// A new person who took part: NAME, or 'NAME, JOB TITLE'; can be repeated
    #[arg(long, value_name = "NAME")]
    with_new: Vec<String>,
    /// What we promised, perhaps ending in 'by 2026-12-01', the end of that day; can be repeated
    #[arg(long, value_name = "TEXT", value_parser = promise)]
    promise: Vec<pb::Promise>,
    /// What they promised; can be repeated
    #[arg(long, value_name = "TEXT", value_parser = promise)]
    they_promise: Vec<pb::Promise>,
    /// Keeps the conversation to yourself; promises are seen by all
    #[arg(long)]
    private: bool,
    /// Checks everything and writes nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Log {
    /// Runs the command.
    pub async fn run(mut self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.clone().connect().await?;
        let customer = asking.whole_customer(&self.key).await?;
        let known = async |who: &str| asking.contact_at(who, &customer.name).await;
        let mut people = Vec::new();
        for who in &self.with {
            people.push(known(who).await?);
        }
        if self.says_nothing() {
            if !stdin().is_terminal() {
                bail!(
                    "nothing is said about the talk: give --summary, --subject, --with or --promise"
                );
            }
            let today = clock::date_of(Clock::System.now());
            people = self
                .ask(&mut stdin().lock(), &mut stderr(), &today, known)
                .await?;
        }
        let (as_json, dry_run) = (self.json, self.dry_run);
        let request = self.request(&customer, people);
        let made: pb::LogConversationResponse = asking.call("LogConversation", &request).await?;
        let shown = if as_json {
            json::line(&descriptors::dynamic(&made)?)?
        } else {
            page(&customer, &made, &joined(&asking, &made).await?, dry_run)
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }

    fn says_nothing(&self) -> bool {
        let mut texts = [&self.subject, &self.summary].into_iter().flatten();
        let lists = [&self.with, &self.with_new].into_iter().all(Vec::is_empty);
        let promises = [&self.promise, &self.they_promise]
            .into_iter()
            .all(Vec::is_empty);
        texts.all(|text| text.trim().is_empty()) && lists && promises
    }

    /// Asks for what was not said, and returns who took part and is known.
    async fn ask(
        &mut self,
        input: &mut impl BufRead,
        output: &mut impl Write,
        today: &str,
        known: impl AsyncFn(&str) -> anyhow::Result<pb::ContactKey>,
    ) -> anyhow::Result<Vec<pb::ContactKey>> {
        let mut dialog = Dialog { input, output };
        let as_it_is = |text: &str| Ok(text.to_owned());
        if self.channel.is_none() {
            self.channel = dialog.one(
                "How did you talk (phone, video, email, visit ...)?",
                channel,
            )?;
        }
        if self.direction.is_none() {
            self.direction = dialog.one("Who began, in or out?", direction)?;
        }
        if self.start.is_none() {
            self.start = dialog.one(&format!("When, in UTC ({today}T14:30; empty: now)?"), time)?;
        }
        self.subject = dialog.one("What was it about?", as_it_is)?;
        self.summary = dialog.one("What came out of it?", as_it_is)?;
        let people = dialog
            .several("Who took part, whom we know? One a line:", known)
            .await?;
        let newcomers = "Who took part, who is new? NAME, JOB TITLE:";
        self.with_new = dialog
            .several(newcomers, async |text| as_it_is(text))
            .await?;
        let promises = "What did we promise? One a line, perhaps ending in `by DAY`:";
        self.promise = dialog.several(promises, async |text| promise(text)).await?;
        self.they_promise = dialog
            .several("What did they promise?", async |text| promise(text))
            .await?;
        if self.says_nothing() && people.is_empty() {
            bail!("nothing was said about the talk, and nothing is written");
        }
        Ok(people)
    }

    fn request(
        self,
        customer: &pb::Customer,
        known: Vec<pb::ContactKey>,
    ) -> pb::LogConversationRequest {
        let key = pb::customer_key::Key::Name(customer.name.clone());
        let known = known.into_iter().map(|key| Person {
            person: Some(Who::ContactKey(key)),
            ..Person::default()
        });
        let people = known
            .chain(self.with_new.iter().map(|text| newcomer(text)))
            .collect();
        let of = |side: Side| {
            move |promise| pb::Promise {
                side: side.into(),
                ..promise
            }
        };
        let ours = self.promise.into_iter().map(of(Side::Us));
        let promises = ours
            .chain(self.they_promise.into_iter().map(of(Side::Them)))
            .collect();
        let text =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).unwrap_or_default();
        let conversation = pb::Conversation {
            channel: self.channel.unwrap_or_default().into(),
            direction: self.direction.unwrap_or_default().into(),
            state: if self.planned {
                State::Planned
            } else {
                State::Held
            }
            .into(),
            start_time: self.start,
            subject: text(self.subject),
            summary: text(self.summary),
            visibility: if self.private {
                Visibility::Private
            } else {
                Visibility::Everyone
            }
            .into(),
            ..Default::default()
        };
        pb::LogConversationRequest {
            key: Some(pb::CustomerKey { key: Some(key) }),
            conversation: Some(conversation),
            people,
            promises,
            // A repeat by the connection underneath must not write it twice.
            request_id: uuid::Uuid::now_v7().hyphenated().to_string(),
            validate_only: self.dry_run,
            ..Default::default()
        }
    }
}

/// Returns the people who were known and did not work there until now: what they are called, and their names.
async fn joined(
    asking: &Asking,
    made: &pb::LogConversationResponse,
) -> anyhow::Result<Vec<(String, String)>> {
    let is_new = |name: &String| made.contacts.iter().any(|contact| contact.name == *name);
    let names = made
        .affiliations
        .iter()
        .map(|affiliation| &affiliation.contact);
    let mut joined = Vec::new();
    for name in names.filter(|name| !name.is_empty() && !is_new(name)) {
        joined.push((
            asking.display_name(Kind::Contact, name).await?,
            name.clone(),
        ));
    }
    Ok(joined)
}

/// Says what was written.
fn page(
    customer: &pb::Customer,
    made: &pb::LogConversationResponse,
    joined: &[(String, String)],
    dry_run: bool,
) -> String {
    let mut lines = Vec::new();
    let talk = made.conversation.clone().unwrap_or_default();
    let word = if dry_run { "would write" } else { "written" };
    let at = &customer.display_name;
    lines.push(
        format!("{word}: a talk with {at}  {}  {}", talk.customer, talk.name)
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
        let who = if promise.side() == Side::Them {
            "they owe us"
        } else {
            "we owe them"
        };
        let due = promise
            .due_time
            .as_ref()
            .and_then(clock::micros)
            .map(clock::date_of);
        let due = due.map(|due| format!(", due {due}")).unwrap_or_default();
        lines.push(format!("  {who}: {}{due}  {}", promise.text, promise.name));
    }
    lines
        .iter()
        .map(|line| table::shown(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        log: Log,
    }

    async fn jonas(who: &str) -> anyhow::Result<pb::ContactKey> {
        if who != "Jonas" {
            bail!("nobody is found by {who:?}");
        }
        Ok(pb::ContactKey {
            key: Some(pb::contact_key::Key::Name("contacts/jonas".to_owned())),
        })
    }

    fn ask(log: &mut Log, mut input: &[u8]) -> (anyhow::Result<Vec<pb::ContactKey>>, String) {
        let mut output = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let people = runtime.block_on(log.ask(&mut input, &mut output, "2026-01-01", jonas));
        (people, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn the_dialog_asks_for_what_is_not_said_and_asks_again() {
        let mut log = Line::parse_from(["log", "customers/acme", "--direction", "in"]).log;
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
            asked.contains("expected one of: in person, phone") && !asked.contains("Who began"),
            "{asked}"
        );
        assert!(
            asked.contains("nobody is found by \"Mara\"") && asked.contains("is no day"),
            "{asked}"
        );
        assert!(asked.contains("When, in UTC (2026-01-01T14:30"), "{asked}");
        let mut silent = Line::parse_from(["log", "customers/acme"]).log;
        ask(&mut silent, b"").0.expect_err("nothing was said");
    }
}
