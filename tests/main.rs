//! The tests of clientele, in one binary.

/// What the service is when it, its database or its caller dies in the middle.
mod crash;
/// The rules of the API, held by its descriptors; the published reasons of errors.
mod descriptors;
/// The server around the services: deadlines, guards, logs, drain.
mod server;
/// The rules of the house, held by reading the repository.
mod tidy;
