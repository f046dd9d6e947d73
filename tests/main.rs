//! The tests of clientele, in one binary.

/// The server around the services: deadlines, guards, logs, drain.
mod server;
