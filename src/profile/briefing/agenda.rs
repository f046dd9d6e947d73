//! The later parts of a briefing: what was said, planned, promised, noted, and what changed since.

use crate::clock::{self, Micros};
use crate::pb;
use crate::pb::briefing::{Item, Kind};
use crate::pb::conversation::Direction;
use crate::pb::promise::Side;
use crate::profile::briefing::Sources;
use crate::profile::briefing::text::{channel, item, joined, labelled, minute, word};
use crate::store::read::changes_since::{Changed, Fate};
use crate::store::read::facts::Events;

/// The last conversation, and the actor's own last one if it is a different one.
pub fn last(last: Option<&pb::LastConversation>, sources: &Sources) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(last) = last {
        let direction = Direction::try_from(last.direction).unwrap_or_default();
        let how = joined([channel(last.channel), word(direction.as_str_name())], ", ");
        let what = joined([&last.subject, &last.summary], ". ");
        let text = sources.talk(
            last.start_time,
            &how,
            &last.contacts,
            &last.colleagues,
            &what,
        );
        items.push(item(Kind::Held, &text, &last.conversation, last.start_time));
    }
    let own = sources.own_last.as_ref();
    if let Some(own) = own.filter(|own| last.is_none_or(|last| last.conversation != own.name)) {
        let text = format!("your own last: {}", sources.conversation(own));
        items.push(item(Kind::Held, &text, &own.name, own.start_time));
    }
    items
}

/// The next planned conversation, and past plans that nobody confirmed.
pub fn planned(events: &Events, sources: &Sources) -> Vec<Item> {
    let next = events.next.iter().map(|plan| {
        item(
            Kind::Planned,
            &sources.conversation(plan),
            &plan.name,
            plan.start_time,
        )
    });
    let unconfirmed = events.unconfirmed.iter().map(|plan| {
        let text = format!("was planned, not confirmed: {}", sources.conversation(plan));
        item(Kind::Unconfirmed, &text, &plan.name, plan.start_time)
    });
    next.chain(unconfirmed).collect()
}

/// The open promises by due time, so overdue ones come first.
pub fn promises(events: &Events, sources: &Sources, now: Micros) -> Vec<Item> {
    let line = |promise: &pb::Promise| {
        let due = promise.due_time.as_ref();
        let is_overdue = due.and_then(clock::micros).is_some_and(|due| due < now);
        let who = match promise.side() {
            Side::Customer => "they owe us",
            Side::Company | Side::Unspecified => "we owe them",
        };
        let when = labelled(if is_overdue { "was due" } else { "due" }, &minute(due));
        let owner = labelled("ours:", &sources.called(&promise.owner));
        let text = joined([format!("{who}: {}", promise.text), when, owner], "; ");
        item(
            if is_overdue {
                Kind::Overdue
            } else {
                Kind::Open
            },
            &text,
            &promise.name,
            promise.due_time,
        )
    };
    events.promises.iter().map(line).collect()
}

/// The highlighted notes.
pub fn notes(events: &Events, sources: &Sources) -> Vec<Item> {
    let line = |note: &pb::Note| {
        let by = labelled("by", &sources.called(&note.author));
        let text = format!(
            "{} ({})",
            note.body.trim(),
            joined([by, minute(note.write_time.as_ref())], ", ")
        );
        item(Kind::Note, &text, &note.name, note.write_time)
    };
    events.notes.iter().map(line).collect()
}

/// What changed since the actor's own last conversation, one line for each record.
pub fn changes(sources: &Sources) -> Vec<Item> {
    let line = |changed: &Changed| {
        let what = match changed.fate {
            Fate::Came => "new".to_owned(),
            Fate::Went => "deleted".to_owned(),
            Fate::Changed => {
                let paths = changed
                    .paths
                    .iter()
                    .map(|path| path.replace(['_', '.'], " "));
                format!("changed: {}", joined(paths, ", "))
            }
        };
        let who = joined([changed.kind.singular(), changed.label.as_str()], " ");
        let by = labelled("by", &sources.called(&changed.actor));
        let time = clock::timestamp(changed.commit_time);
        let text = format!(
            "{who}: {what} ({})",
            joined([by, minute(Some(&time))], ", ")
        );
        let changed_paths = changed.paths.clone();
        Item {
            changed_paths,
            ..item(Kind::Change, &text, &changed.name, Some(time))
        }
    };
    sources.changes.iter().map(line).collect()
}

impl Sources {
    /// Returns someone's display name; a principal that is no colleague has only its own name.
    pub(super) fn called(&self, name: &str) -> String {
        self.names
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_owned())
    }

    fn conversation(&self, talk: &pb::Conversation) -> String {
        let how = joined(
            [channel(talk.channel), word(talk.direction().as_str_name())],
            ", ",
        );
        let what = joined([&talk.subject, &talk.summary], ". ");
        self.talk(
            talk.start_time,
            &how,
            &talk.contacts,
            &talk.colleagues,
            &what,
        )
    }

    fn talk(
        &self,
        start: Option<prost_types::Timestamp>,
        how: &str,
        contacts: &[String],
        colleagues: &[String],
        what: &str,
    ) -> String {
        let named = |names: &[String]| joined(names.iter().map(|name| self.called(name)), ", ");
        let who = [
            labelled("with", &named(contacts)),
            labelled("ours:", &named(colleagues)),
        ];
        let head = joined(
            [minute(start.as_ref()), how.to_owned(), joined(who, "; ")],
            ", ",
        );
        joined([head, what.to_owned()], ": ")
    }
}
