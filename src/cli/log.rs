//! `clientele log`: writes down a talk, from flags or by asking on the terminal.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::tz::TimeZone;

use super::ask::{Asker, Asking};
use super::{json, table};
use crate::clock::{self, Clock};
use crate::descriptors;
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
  clientele log erp:C-1007 --channel visit --start 2026-11-20T14:30 --they-promise 'the drawings' --private

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
    /// Plans it, and does not say that it was held
    #[arg(long)]
    planned: bool,
    /// A person who took part and is known: a name, e-mail, phone or contacts/ID; can be repeated
    #[arg(long, value_name = "WHO")]
    with: Vec<String>,
    /// A new person who took part: NAME, or 'NAME, JOB TITLE'; can be repeated
    #[arg(long, value_name = "NAME")]
    with_new: Vec<String>,
    /// What we promised, perhaps ending in 'by 2026-12-01'; can be repeated
    #[arg(long, value_name = "TEXT")]
    promise: Vec<String>,
    /// What they promised; can be repeated
    #[arg(long, value_name = "TEXT")]
    they_promise: Vec<String>,
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

fn channel(text: &str) -> anyhow::Result<Channel> {
    let name = match text.trim().to_uppercase().replace(['-', ' '], "_").as_str() {
        "VISIT" | "MEETING" => "IN_PERSON".to_owned(),
        "CALL" => "PHONE".to_owned(),
        "MAIL" | "E_MAIL" => "EMAIL".to_owned(),
        "LETTER" => "MAIL".to_owned(),
        other => other.to_owned(),
    };
    let found = Channel::from_str_name(&name).filter(|channel| *channel != Channel::Unspecified);
    found.ok_or_else(|| {
        let known = (1..).map_while(|number| Channel::try_from(number).ok());
        let known: Vec<String> = known.map(|channel| table::word(channel.as_str_name())).collect();
        anyhow!("expected one of: {}", known.join(", "))
    })
}

fn direction(text: &str) -> anyhow::Result<Direction> {
    match text.trim().to_lowercase().as_str() {
        "in" | "inbound" => Ok(Direction::Inbound),
        "out" | "outbound" => Ok(Direction::Outbound),
        _ => bail!("expected in or out"),
    }
}

/// Reads a time: with a zone, or in UTC; a day is its beginning.
fn time(text: &str) -> anyhow::Result<prost_types::Timestamp> {
    let text = text.trim();
    let zoned = text.parse::<jiff::Timestamp>();
    let civil =
        || text.parse::<jiff::civil::DateTime>().or_else(|_| Ok(text.parse::<jiff::civil::Date>()?.at(0, 0, 0, 0)));
    let civil = zoned
        .or_else(|_| civil().and_then(|civil: jiff::civil::DateTime| Ok(civil.to_zoned(TimeZone::UTC)?.timestamp())));
    let time = civil.map_err(|_: jiff::Error| anyhow!("expected a time such as 2026-11-20T14:30 or 2026-11-20"))?;
    Ok(clock::timestamp(time.as_microsecond()))
}

impl Log {
    /// Runs the command.
    pub async fn run(mut self) -> anyhow::Result<ExitCode> {
        if self.says_nothing() {
            if !stdin().is_terminal() {
                bail!("nothing is said about the talk: give --summary, --subject, --with or --promise");
            }
            let today = clock::date_of(Clock::System.now());
            self.ask(&mut stdin().lock(), &mut stderr(), &today)?;
        }
        let (as_json, dry_run) = (self.json, self.dry_run);
        let (request, asking) = self.request().await?;
        let made: pb::LogConversationResponse = asking.call("LogConversation", &request).await?;
        let shown = if as_json { json::line(&descriptors::dynamic(&made)?)? } else { page(&made, dry_run) };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }

    fn says_nothing(&self) -> bool {
        let texts = self.subject.is_some() || self.summary.is_some();
        let lists = [&self.with, &self.with_new, &self.promise, &self.they_promise];
        !texts && lists.iter().all(|list| list.is_empty())
    }

    /// Asks for what was not said. An empty line says nothing; what cannot be read is asked again.
    fn ask(&mut self, input: &mut impl BufRead, output: &mut impl Write, today: &str) -> anyhow::Result<()> {
        let mut dialog = Dialog { input, output };
        if self.channel.is_none() {
            self.channel = dialog.one("How did you talk (phone, video, email, visit ...)?", channel)?;
        }
        if self.direction.is_none() {
            self.direction = dialog.one("Who began, in or out?", direction)?;
        }
        if self.start.is_none() {
            self.start = dialog.one(&format!("When ({today}T14:30; empty: now)?"), time)?;
        }
        self.subject = dialog.one("What was it about?", |text| Ok(text.to_owned()))?;
        self.summary = dialog.one("What came out of it?", |text| Ok(text.to_owned()))?;
        self.with = dialog.several("Who took part, whom we know? One a line:")?;
        self.with_new = dialog.several("Who took part, who is new? NAME, JOB TITLE:")?;
        self.promise = dialog.several("What did we promise? One a line, perhaps ending in `by DAY`:")?;
        self.they_promise = dialog.several("What did they promise?")?;
        if self.says_nothing() {
            bail!("nothing was said about the talk, and nothing is written");
        }
        Ok(())
    }

    async fn request(self) -> anyhow::Result<(pb::LogConversationRequest, Asking)> {
        let asking = self.asker.connect().await?;
        let key = Some(asking.customer(&self.key).await?);
        let mut people = Vec::new();
        for who in &self.with {
            let person = Some(Who::ContactKey(asking.contact(who).await?));
            people.push(Person { person, ..Person::default() });
        }
        people.extend(self.with_new.iter().map(|text| newcomer(text)));
        let mut promises = Vec::new();
        for (side, texts) in [(Side::Us, &self.promise), (Side::Them, &self.they_promise)] {
            promises.extend(texts.iter().map(|text| promise(text, side)));
        }
        let conversation = pb::Conversation {
            channel: self.channel.unwrap_or_default().into(),
            direction: self.direction.unwrap_or_default().into(),
            state: if self.planned { State::Planned } else { State::Held }.into(),
            start_time: self.start,
            subject: self.subject.unwrap_or_default(),
            summary: self.summary.unwrap_or_default(),
            visibility: if self.private { Visibility::Private } else { Visibility::Everyone }.into(),
            ..Default::default()
        };
        // A repeat by the connection underneath must not write it twice.
        let request_id = uuid::Uuid::now_v7().hyphenated().to_string();
        let conversation = Some(conversation);
        let validate_only = self.dry_run;
        let request = pb::LogConversationRequest {
            key,
            conversation,
            people,
            promises,
            request_id,
            validate_only,
            ..Default::default()
        };
        Ok((request, asking))
    }
}

/// A conversation with the one at the terminal.
struct Dialog<'a, I, O> {
    input: &'a mut I,
    output: &'a mut O,
}

impl<I: BufRead, O: Write> Dialog<'_, I, O> {
    fn line(&mut self, question: &str) -> anyhow::Result<String> {
        write!(self.output, "{question} ")?;
        self.output.flush()?;
        let mut line = String::new();
        self.input.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn one<T>(&mut self, question: &str, read: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<Option<T>> {
        loop {
            let line = self.line(question)?;
            if line.is_empty() {
                return Ok(None);
            }
            match read(&line) {
                Ok(value) => return Ok(Some(value)),
                Err(why) => writeln!(self.output, "  {why}")?,
            }
        }
    }

    fn several(&mut self, question: &str) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut question = question;
        loop {
            let line = self.line(question)?;
            if line.is_empty() {
                return Ok(lines);
            }
            lines.push(line);
            question = " ";
        }
    }
}

/// Reads `NAME, JOB TITLE`.
fn newcomer(text: &str) -> Person {
    let (name, title) = text.split_once(',').unwrap_or((text, ""));
    let contact = pb::Contact { display_name: name.trim().to_owned(), ..Default::default() };
    let affiliation = pb::Affiliation { job_title: title.trim().to_owned(), ..Default::default() };
    Person { person: Some(Who::Contact(contact)), affiliation: Some(affiliation), ..Person::default() }
}

/// Reads `TEXT`, or `TEXT by DAY`; what stands behind `by` and is no time belongs to the text.
fn promise(text: &str, side: Side) -> pb::Promise {
    let due = text.rsplit_once(" by ").and_then(|(before, due)| Some((before, time(due).ok()?)));
    let (text, due_time) = due.map_or((text, None), |(before, due)| (before, Some(due)));
    pb::Promise { text: text.trim().to_owned(), side: side.into(), due_time, ..Default::default() }
}

/// Says what was written.
fn page(made: &pb::LogConversationResponse, dry_run: bool) -> String {
    let mut lines = Vec::new();
    let talk = made.conversation.clone().unwrap_or_default();
    let word = if dry_run { "would write" } else { "written" };
    lines.push(format!("{word}: a talk with {}  {}", talk.customer, talk.name));
    lines.extend(made.contacts.iter().map(|contact| format!("  new: {}  {}", contact.display_name, contact.name)));
    for promise in &made.promises {
        let who = if promise.side() == Side::Them { "they owe us" } else { "we owe them" };
        let due = promise.due_time.as_ref().and_then(clock::micros).map(clock::date_of);
        let due = due.map(|due| format!(", due {due}")).unwrap_or_default();
        lines.push(format!("  {who}: {}{due}  {}", promise.text, promise.name));
    }
    lines.iter().map(|line| table::shown(line)).collect::<Vec<_>>().join("\n")
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

    fn day(text: &str) -> Option<prost_types::Timestamp> {
        Some(time(text).expect("a day"))
    }

    #[test]
    fn the_dialog_asks_for_what_is_not_said_and_asks_again() {
        let mut log = Line::parse_from(["log", "customers/acme", "--direction", "in"]).log;
        let input = "pigeon\nvisit\n\nOffer 7\n\nMara Lind\nJonas\n\nTomas Ek, Head\n\nthe samples\n\n\n";
        let mut output = Vec::new();
        log.ask(&mut input.as_bytes(), &mut output, "2026-01-01").expect("a dialog");
        assert_eq!((log.channel, log.direction, log.start), (Some(Channel::InPerson), Some(Direction::Inbound), None));
        assert_eq!((log.subject.as_deref(), log.summary), (Some("Offer 7"), None));
        assert_eq!((log.with, log.with_new), (vec!["Mara Lind".into(), "Jonas".into()], vec!["Tomas Ek, Head".into()]));
        assert_eq!((log.promise, log.they_promise), (vec!["the samples".to_owned()], vec![]));
        let asked = String::from_utf8(output).expect("text");
        assert!(asked.contains("expected one of: in person, phone") && !asked.contains("Who began"), "{asked}");
        let mut silent = Line::parse_from(["log", "customers/acme"]).log;
        silent.ask(&mut "".as_bytes(), &mut Vec::new(), "2026-01-01").expect_err("nothing was said");
    }

    #[test]
    fn promises_may_end_in_a_day() {
        let read = |text| {
            let promise = promise(text, Side::Us);
            (promise.text, promise.due_time)
        };
        assert_eq!(read("send it by 2026-02-15"), ("send it".to_owned(), day("2026-02-15")));
        assert_eq!(read("send it by 2026-02-15T14:30"), ("send it".to_owned(), day("2026-02-15T14:30:00Z")));
        assert_eq!(read("stand by our word"), ("stand by our word".to_owned(), None));
    }
}
