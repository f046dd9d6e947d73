//! Text, values and rows: what a statement is made of and what comes back. Knows only the table of colleagues, which
//! tells who the author of a write is.

pub mod author;
pub mod json;
pub mod json_functions;
pub mod part;
pub mod query;
pub mod render;
pub mod row;
pub mod statement;
pub mod template;
pub mod value;
