//! The card of a persona: a framed page about a typical customer or person.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use crate::cli::table;
use crate::cli::wrap::{columns, wrapped};
use crate::pb::Persona;
use crate::pb::persona::{Demographics, RecordKind, Statement};

/// Longer lines are hard to read.
const MAX_WIDTH: usize = 96;
/// The width of the frame, left and right.
const FRAME: usize = 4;

/// How many records fit a persona, and how many there are; each with whether there are more than were counted.
pub(crate) struct FitCounts {
    pub(crate) fit: (usize, bool),
    pub(crate) all: (usize, bool),
}

pub(crate) fn card(persona: &Persona, counts: Option<FitCounts>, width: usize) -> String {
    let width = width.min(MAX_WIDTH);
    let inner = width.saturating_sub(FRAME);
    let parts = [
        title(persona, inner),
        quote(persona, inner),
        story(persona, inner),
        rows(traits(persona), inner),
        rows(statements(persona), inner),
        rows(data_links(persona, counts), inner),
    ];
    let mut frame = Table::new();
    frame
        .load_style(presets::UTF8_FULL)
        .set_content_arrangement(ContentArrangement::Dynamic);
    frame.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        frame.add_row([part]);
    }
    if let Some(column) = frame.column_mut(0) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(
            u16::try_from(width - 2).unwrap_or(u16::MAX),
        )));
    }
    frame.trim_fmt()
}

fn title(persona: &Persona, inner: usize) -> String {
    let name = table::printable(&persona.display_name);
    let deleted = if persona.delete_time.is_some() {
        ", deleted"
    } else {
        ""
    };
    let of = match persona.record_kind() {
        RecordKind::Contact => "a typical person",
        RecordKind::Customer | RecordKind::Unspecified => "a typical customer",
    };
    let right = format!("{}{deleted}", persona.name);
    let room = inner.saturating_sub(columns(&name) + columns(&right));
    let mut lines = if room > 1 {
        vec![format!("{name}{}{right}", " ".repeat(room))]
    } else {
        vec![name, right]
    };
    lines.extend(wrapped(
        &table::printable(&persona.headline),
        inner,
        ["", ""],
    ));
    lines.push(of.to_owned());
    lines.join("\n")
}

fn quote(persona: &Persona, inner: usize) -> String {
    let quote = table::printable(&persona.quote);
    if quote.trim().is_empty() {
        return String::new();
    }
    wrapped(
        &format!("\u{201c}{}\u{201d}", quote.trim()),
        inner,
        ["", ""],
    )
    .join("\n")
}

/// Rewraps the paragraphs to the width of the card.
fn story(persona: &Persona, inner: usize) -> String {
    let text = persona.story.replace("\r\n", "\n");
    let paragraphs = text
        .split("\n\n")
        .map(table::printable)
        .filter(|text| !text.trim().is_empty());
    paragraphs
        .map(|text| wrapped(text.trim(), inner, ["", ""]).join("\n"))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// A label and its texts.
type CardRow = (String, Vec<String>);

fn traits(persona: &Persona) -> Vec<CardRow> {
    let one = |text: String| {
        if text.trim().is_empty() {
            Vec::new()
        } else {
            vec![text]
        }
    };
    let channels: Vec<String> = persona
        .preferred_channels()
        .map(|channel| table::word(channel.as_str_name()))
        .collect();
    let demographics = persona
        .demographics
        .as_ref()
        .map(of_demographics)
        .unwrap_or_default();
    [
        ("where", one(persona.target.clone())),
        ("who", one(demographics)),
        ("goals", persona.goals.clone()),
        ("motives", persona.motivations.clone()),
        ("feels", persona.emotions.clone()),
        ("behaves", persona.behaviors.clone()),
        ("frustrated by", persona.frustrations.clone()),
        ("expects", persona.expectations.clone()),
        ("looks at", persona.key_attributes.clone()),
        ("reached by", one(channels.join(", "))),
    ]
    .map(|(label, texts)| (label.to_owned(), texts))
    .into_iter()
    .collect()
}

fn of_demographics(of: &Demographics) -> String {
    let age = match (of.min_age, of.max_age) {
        (Some(min), Some(max)) => format!("{min} to {max} years"),
        (Some(min), None) => format!("{min} years or older"),
        (None, Some(max)) => format!("up to {max} years"),
        (None, None) => String::new(),
    };
    let lists = [
        &of.genders,
        &of.occupations,
        &of.education_levels,
        &of.locations,
    ]
    .map(|list| list.join(", "));
    let parts: Vec<String> = std::iter::once(age)
        .chain(lists)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("; ")
}

/// The statements, each with the filter that supports it, or marked as an opinion.
fn statements(persona: &Persona) -> Vec<CardRow> {
    let text = |one: &Statement| match one.filter.as_str() {
        "" => format!("{} (an opinion)", one.text),
        filter => format!("{} ({filter})", one.text),
    };
    vec![(
        "we say".to_owned(),
        persona.statements.iter().map(text).collect(),
    )]
}

fn data_links(persona: &Persona, counts: Option<FitCounts>) -> Vec<CardRow> {
    let of = if persona.record_kind() == RecordKind::Contact {
        "contacts"
    } else {
        "customers"
    };
    let number =
        |(count, more): (usize, bool)| format!("{count}{}", if more { " or more" } else { "" });
    let fits = match counts {
        Some(FitCounts { fit, all }) => {
            vec![
                format!("{} of {} {of}", number(fit), number(all)),
                persona.match_filter.clone(),
            ]
        }
        None => vec!["no filter".to_owned()],
    };
    let reviewed = table::date_of(persona.last_review_time.as_ref());
    vec![
        ("fits".to_owned(), fits),
        ("reviewed".to_owned(), vec![reviewed]),
    ]
}

/// Renders labelled texts in two columns; a label whose texts are all blank is left out.
fn rows(rows: Vec<CardRow>, inner: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(inner).unwrap_or(u16::MAX));
    for (label, texts) in rows {
        for (i, text) in texts
            .iter()
            .filter(|text| !text.trim().is_empty())
            .enumerate()
        {
            table.add_row([
                if i == 0 { label.clone() } else { String::new() },
                table::printable(text),
            ]);
        }
    }
    if table.row_iter().next().is_none() {
        return String::new();
    }
    if let Some(first) = table.column_mut(0) {
        first
            .set_padding((0, 1))
            .set_constraint(ColumnConstraint::Absolute(Width::Fixed(15)));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::conversation::Channel;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let persona = Persona {
            name: "personas/careful-carla".to_owned(),
            display_name: "Careful Carla".to_owned(),
            headline: "Buys for a firm that is audited, and signs nothing she has not read".to_owned(),
            quote: "Show me the certificate".to_owned(),
            story: "One line\nof a paragraph.\n\nAnother \u{1b}[31mparagraph with quite a few more words.".to_owned(),
            goals: vec!["Two suppliers for everything that matters, and a third one for luck".to_owned()],
            ..Default::default()
        };
        for width in [44, 60, 96, 200] {
            let card = card(&persona, None, width);
            let widest = card.lines().map(|line| line.chars().count()).max();
            assert_eq!(widest, Some(width.min(MAX_WIDTH)), "{card}");
            assert!(
                !card.contains('\u{1b}') && card.contains("One line of a paragraph."),
                "{card}"
            );
        }
    }

    /// A deleted persona with every field that the card shows.
    fn full() -> Persona {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let statement = |text: &str, filter: &str| Statement {
            text: text.to_owned(),
            filter: filter.to_owned(),
        };
        let time = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        Persona {
            name: "personas/carla".to_owned(),
            delete_time: time(1),
            display_name: "Careful Carla".to_owned(),
            record_kind: RecordKind::Contact.into(),
            headline: "Signs nothing she has not read".to_owned(),
            story: "She reads.".to_owned(),
            quote: "Show me".to_owned(),
            target: "In Europe".to_owned(),
            demographics: Some(Demographics {
                min_age: Some(35),
                max_age: Some(60),
                genders: texts(&["female"]),
                locations: texts(&["Germany", "Austria"]),
                occupations: texts(&["Purchasing"]),
                education_levels: texts(&["Degree"]),
            }),
            behaviors: texts(&["Keeps every paper", " ", "Asks a colleague"]),
            motivations: texts(&["Sleeping at night"]),
            emotions: texts(&["Wary"]),
            goals: texts(&["Two suppliers"]),
            frustrations: texts(&["Late notices"]),
            preferred_channels: [Channel::Email, Channel::InPerson].map(i32::from).to_vec(),
            expectations: texts(&["Answers in writing"]),
            key_attributes: texts(&["Lead times"]),
            match_filter: "preferred_channels:EMAIL".to_owned(),
            statements: vec![
                statement("She writes", "language_code = \"de\""),
                statement("She is kind", ""),
            ],
            last_review_time: time(1_767_225_600),
            ..Persona::default()
        }
    }

    /// Returns what stands in the frame, without the lines between.
    fn inside(card: &str) -> Vec<&str> {
        card.lines()
            .filter_map(|line| line.strip_prefix('\u{2502}')?.strip_suffix('\u{2502}'))
            .map(str::trim)
            .collect()
    }

    #[test]
    fn a_card_has_every_field_under_its_label() {
        let card = card(
            &full(),
            Some(FitCounts {
                fit: (7, false),
                all: (10_000, true),
            }),
            64,
        );
        let expected = "\
Careful Carla                        personas/carla, deleted
Signs nothing she has not read
a typical person
“Show me”
She reads.
where           In Europe
who             35 to 60 years; female; Purchasing; Degree;
Germany, Austria
goals           Two suppliers
motives         Sleeping at night
feels           Wary
behaves         Keeps every paper
Asks a colleague
frustrated by   Late notices
expects         Answers in writing
looks at        Lead times
reached by      email, in person
we say          She writes (language_code = \"de\")
She is kind (an opinion)
fits            7 of 10000 or more contacts
preferred_channels:EMAIL
reviewed        2026-01-01";
        assert_eq!(inside(&card).join("\n"), expected);
    }

    #[test]
    fn a_card_says_how_many_fit_or_that_nobody_can() {
        let persona = Persona {
            name: "personas/x".to_owned(),
            display_name: "X".to_owned(),
            ..Persona::default()
        };
        let fit = FitCounts {
            fit: (10_000, true),
            all: (12_000, false),
        };
        for (counts, fits) in [
            (
                Some(fit),
                "fits            10000 or more of 12000 customers",
            ),
            (None, "fits            no filter"),
        ] {
            let card = card(&persona, counts, 60);
            assert_eq!(inside(&card)[2..], ["a typical customer", fits], "{card}");
        }
    }

    #[test]
    fn ages_may_be_open_on_either_side() {
        for (min_age, max_age, age) in [
            (Some(35), Some(60), "35 to 60 years"),
            (Some(35), None, "35 years or older"),
            (None, Some(60), "up to 60 years"),
            (None, None, ""),
        ] {
            assert_eq!(
                of_demographics(&Demographics {
                    min_age,
                    max_age,
                    ..Demographics::default()
                }),
                age
            );
        }
    }
}
