//! The nine resources and buying roles: the columns of each, its references and its keys.

pub mod affiliation;
pub mod buying_role;
pub mod colleague;
pub mod contact;
pub mod conversation;
pub mod customer;
pub mod note;
pub mod persona;
pub mod promise;
pub mod segment;
