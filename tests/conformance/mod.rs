//! What the API promises, over gRPC and on both engines. The comments of the protos are the reference.
//!
//! A rule that holds for every resource is one generic case over the nine of them; what is special to a resource
//! stands in its own file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actor; // who acts, and where it is noted
mod affiliation; // parents, managers
mod briefing; // what to read before a talk
mod buying_role; // claims
mod clock; // what time does; the only cases that move it
mod colleague; // principals
mod comparison; // what tells segments apart
mod comparison_fields; // what each field of it is
mod comparison_refusals; // what cannot be compared
mod conversation; // promises made along, references, children of a customer
mod create; // what can be created, and comes back as it was given
mod customer; // sizes, phones, circles
mod decision_fold; // who decides, against a fold over the rows
mod decision_makers; // who decides, and what is told of them
mod decision_pages; // the same for many customers
mod delete; // soft deletes, children, undeletes
mod errors; // everything that is wrong, at once
mod etag; // conditional writes
mod explanation; // why a customer is in a segment, or why not
mod external_id; // what other systems call a record
mod filter; // what a list is asked for
mod filter_found; // what finds a record
mod filter_language; // what its words mean
mod gap; // what is missing in what is known about who decides
mod growth; // many records that come at once
mod hang_up; // callers who give up reading
mod history; // every state of every record
mod inside; // rows and units that no caller sees; the only cases that look there
mod last_conversation; // derived from what was held
pub mod limits; // of every field
mod list; // pages, orders, tokens
mod log_conversation; // a talk and all that came out of it
mod look_up; // names in any spelling, identifiers, what is never shown
mod look_up_keys;
mod look_up_names; // names that others collected, with typos; texts that break things; both engines alike
mod look_up_plans; // what a look-up costs: statements and their plans
mod membership; // who is in a segment
mod membership_edit; // lists of members
mod membership_time; // until when a verdict holds
mod note; // subjects, authors, times
mod persona; // texts and filters
mod persona_match; // which personas somebody is like
mod prepared; // statements that are planned once
mod privacy; // what one actor keeps to themselves
mod private_links; // what names a PRIVATE record
mod profile;
mod profile_batch; // everything about one customer, by any key
mod profile_groups; // the segments and personas in profiles and briefings
mod promise;
mod question_plans; // references, order
mod read; // get, batch get, read masks
mod request_id; // repeated writes
mod revision; // 1..N without gaps
mod segment; // one definition, by filter or by list
mod segment_bounds; // how large filters that name segments may grow
mod segment_use; // segments that filters name
mod size; // of answers that are too large to send
mod tenant; // what another tenant has changes no answer
mod together; // readers and writers at the same time
mod units; // units of work that no caller could send
mod update; // the table of masks
