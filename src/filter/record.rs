//! The input of filters: a record, with the affiliations and lists that are no fields of its message.

use std::collections::BTreeSet;

use prost_reflect::DynamicMessage;

use crate::descriptors;
use crate::error::Error;

/// A record with all that filters see of it, owned.
#[derive(Clone, Debug)]
pub struct FilterInput {
    message: DynamicMessage,
    affiliations: Vec<DynamicMessage>,
    lists: BTreeSet<String>,
}

impl FilterInput {
    /// Takes a record, its live affiliations, which may be left out if no filter asks for them, and the segments by
    /// list that it is in.
    pub fn new<'a, M, A>(
        message: &M,
        affiliations: impl IntoIterator<Item = &'a A>,
        lists: BTreeSet<String>,
    ) -> Result<FilterInput, Error>
    where
        M: prost::Message + prost::Name,
        A: prost::Message + prost::Name + 'a,
    {
        let affiliations = affiliations.into_iter().map(descriptors::dynamic);
        Ok(FilterInput {
            message: descriptors::dynamic(message)?,
            affiliations: affiliations.collect::<Result<_, _>>()?,
            lists,
        })
    }

    /// Borrows it.
    pub fn record(&self) -> Record<'_> {
        Record {
            message: &self.message,
            affiliations: &self.affiliations,
            lists: &self.lists,
        }
    }
}

/// A record with all that filters see of it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The message, derived fields included.
    pub message: &'a DynamicMessage,
    /// The live affiliations of a customer or a contact.
    pub affiliations: &'a [DynamicMessage],
    /// The segments by list that a customer is in, by name.
    pub lists: &'a BTreeSet<String>,
}

/// The lists of a record that is in none.
static NO_LISTS: BTreeSet<String> = BTreeSet::new();

impl<'a> Record<'a> {
    /// Makes a record without affiliations and lists.
    pub fn new(message: &'a DynamicMessage) -> Record<'a> {
        Record {
            message,
            affiliations: &[],
            lists: &NO_LISTS,
        }
    }
}
