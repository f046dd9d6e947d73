//! The questions about customers and contacts, and what is written down of a talk.

mod briefing; // what to read before a talk
mod decision; // who decides, and what is missing in what is known about it
mod log_conversation; // a talk and all that came out of it
pub mod profile; // everything about one customer, by any key
mod state; // of what revision and time an answer is
mod text_key; // whom a text means, and whom it only resembles
