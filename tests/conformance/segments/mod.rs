//! Who is in a segment and why, which personas somebody is like, and what tells segments apart.

mod answer_size; // answers that are too large to send
mod bounds; // how large filters that name segments may grow
pub mod comparison; // what tells segments apart
pub mod explanation; // why a customer is in a segment, or why not
mod membership; // who is in a segment, and until when
mod persona_match; // which personas somebody is like
pub mod references; // segments that filters name
