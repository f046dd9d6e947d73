//! The services of the nine resources, buying roles and history.

pub mod affiliation;
pub mod buying_role;
pub mod colleague;
pub mod contact;
pub mod conversation;
pub mod customer;
pub mod history;
pub mod note;
pub mod persona;
pub mod promise;
pub mod segment;
