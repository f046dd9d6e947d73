//! Who is in which segment and matches which persona, for one customer or many, at one moment, and for how long.
//!
//! Sits between the store, which reads, and `profile`, which combines what is found here.

mod forecast;
pub mod memberships;
pub mod verdict;
