//! The operator's commands: those that work on a database itself. All others are clients of a running server.

pub mod migrate;
pub mod serve;
