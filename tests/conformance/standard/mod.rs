//! What holds for every resource, and for every call.

mod actor; // who acts, and where it is noted
mod create; // what can be created, and comes back as it was given
mod delete; // soft deletes, children, undeletes
mod errors; // everything that is wrong, at once
mod etag; // conditional writes
mod external_id; // what other systems call a record
mod filter; // what a list is asked for
mod hang_up; // callers who give up reading
mod history; // every state of every record
pub mod limits; // of every field
mod list; // pages, orders, tokens
mod order; // in which order lists come
mod page_tokens; // what the token of a page is bound to
mod privacy; // what one actor keeps to themselves
mod read; // get, batch get, read masks
mod request_id; // repeated writes
mod revision; // 1..N without gaps
mod text; // what of a text is kept
mod together; // readers and writers at the same time
mod update; // the table of masks
