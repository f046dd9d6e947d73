//! What the API promises, over gRPC and on both engines. The comments of the protos are the reference.
//!
//! A rule that holds for every resource is one generic case over the three of them; what is special to a resource
//! stands in its own file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod create; // what can be created, and comes back as it was given
mod delete; // soft deletes, children, undeletes
mod etag; // conditional writes
mod external_id; // what other systems call a record
mod list; // pages, orders, tokens
mod read; // get, batch get, read masks
mod request_id; // repeated writes
mod update; // the table of masks
