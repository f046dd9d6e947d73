//! Personas: semi-fictional typical customers or contacts, written down.

use super::columns::{Column, Enumeration, Messages, columns, enum_names};
use super::key::Key;
use super::resource::{Reference, Resource, header};
use crate::name::Kind;
use crate::pb;
use crate::pb::conversation::Channel;
use crate::pb::persona::Subject;

enum_names!(Subject);

impl Resource for pb::Persona {
    const KIND: Kind = Kind::Persona;
    const SORTABLE: &'static [&'static str] = &["name", "display_name", "create_time", "update_time"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Persona;
        "subject" = subject as Enumeration<Subject>,
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

    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    fn keys(&self, _keys: &mut Vec<Key>) {}

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }
}
