//! What the API promises, over gRPC and on both engines. The comments of the protos are the reference.
//!
//! A rule that holds for every resource is one generic case over the nine of them; what is special to a resource
//! stands in its own file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod inside; // what no caller sees or can do: rows, units of work, plans, the clock
pub mod look_up; // names in any spelling, identifiers, what is never shown
pub mod relationship; // profiles, who decides, what to read before a talk, what came out of one
mod resources; // what is special to each resource
mod segments; // who is in a segment, why, and what tells segments apart
pub mod standard; // what holds for every resource
mod tenant; // how a tenant is set up
