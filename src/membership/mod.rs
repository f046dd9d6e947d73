//! Who is in which segment and like which persona, for one customer or many, at one moment, and until when.
//!
//! It lies between the store, which reads, and `profile`, which puts together what it finds.

mod forecast;
pub mod memberships;
pub mod verdict;
