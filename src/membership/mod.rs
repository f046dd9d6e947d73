//! Who is in which segment, and whom a persona fits: for one customer or many, at one moment, and until when.
//!
//! It stands between the store, which reads, and `profile`, which shows what it finds.

mod forecast;
pub mod memberships;
pub mod verdict;
