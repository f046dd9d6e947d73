//! Personas: semi-fictional typical customers or contacts, written down.

use crate::name::Kind;
use crate::pb;
use crate::pb::conversation::Channel;
use crate::pb::persona::RecordKind;
use crate::store::read::definition::used_by;
use crate::store::record::columns::{Column, Enumeration, Messages, columns, enum_names};
use crate::store::record::filter_warning;
use crate::store::record::key::IndexEntry;
use crate::store::record::reference::Reference;
use crate::store::record::resource::{Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};

enum_names!(RecordKind);

impl Resource for pb::Persona {
    const KIND: Kind = Kind::Persona;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Persona; text(display_name)];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Persona;
        "record_kind" = record_kind as Enumeration<RecordKind>,
        "display_name" = display_name,
        "headline" = headline,
        "story" = story,
        "quote" = quote,
        "picture_uri" = picture_uri,
        "target" = target,
        "demographics_min_age" = demographics.min_age,
        "demographics_max_age" = demographics.max_age,
        "demographics_genders" = demographics.genders,
        "demographics_locations" = demographics.locations,
        "demographics_occupations" = demographics.occupations,
        "demographics_education_levels" = demographics.education_levels,
        "behaviors" = behaviors,
        "motivations" = motivations,
        "emotions" = emotions,
        "goals" = goals,
        "frustrations" = frustrations,
        "preferred_channels" = preferred_channels as Enumeration<Channel>,
        "expectations" = expectations,
        "key_attributes" = key_attributes,
        "match_filter" = match_filter,
        "statements" = statements as Messages,
        "review_interval" = review_interval,
        "last_review_time" = last_review_time,
    ];

    header!();

    fn clear_derived(&mut self) {
        self.filter_warnings.clear();
    }

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        let of_match = used_by(&self.match_filter)
            .into_iter()
            .map(|segment| IndexEntry::plain("match_filter", segment));
        let of_statements = self
            .statements
            .iter()
            .flat_map(|statement| used_by(&statement.filter));
        keys.extend(
            of_match.chain(of_statements.map(|segment| IndexEntry::plain("statements", segment))),
        );
    }
}

impl Linked for pb::Persona {
    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for (field, filter) in self.filters() {
            for segment in used_by(filter) {
                Reference::push(&mut references, &field, Kind::Segment, &segment);
            }
        }
        references
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Filtering for pb::Persona {
    fn derive_warnings(&mut self) {
        self.filter_warnings = record_type(self.record_kind).map_or_else(Vec::new, |message| {
            filter_warning::of_filters(self, message)
        });
    }

    /// Those of a persona of contacts name no segments, because segments hold customers.
    fn filters(&self) -> Vec<(String, &str)> {
        let statements = self.statements.iter().enumerate();
        let statements =
            statements.map(|(i, one)| (format!("statements[{i}].filter"), one.filter.as_str()));
        [("match_filter".to_owned(), self.match_filter.as_str())]
            .into_iter()
            .chain(statements)
            .collect()
    }

    fn filters_mut(&mut self) -> Vec<(Kind, &mut String)> {
        let kind = match self.record_kind() {
            RecordKind::Customer => Kind::Customer,
            RecordKind::Contact => Kind::Contact,
            // On records of an unknown kind, no name is known to be old.
            RecordKind::Unspecified => return Vec::new(),
        };
        let statements = self.statements.iter_mut();
        let statements = statements.map(|statement| &mut statement.filter);
        [&mut self.match_filter]
            .into_iter()
            .chain(statements)
            .map(|filter| (kind, filter))
            .collect()
    }
}

/// Returns the message that the filters of a persona are about; `None` while its kind of record is not known.
pub fn record_type(record_kind: i32) -> Option<&'static str> {
    match RecordKind::try_from(record_kind) {
        Ok(RecordKind::Customer) => Some("clientele.v1.Customer"),
        Ok(RecordKind::Contact) => Some("clientele.v1.Contact"),
        _ => None,
    }
}
