//! Looking people and firms up by what somebody typed: words, their spellings, and the ranking.
//!
//! A leaf, and pure: which words a record is found by (`words`), how near two spellings are (`spelling`), what a text
//! asks for (`query`), which candidates match best (`rank`). The tables and statements are in `store::record::name_index`
//! and `store::read::look_up`.

pub mod words;

pub mod attached_form;
pub mod legal_form;
pub mod spelling;

pub mod identifiers;
pub mod query;
pub mod rank;
