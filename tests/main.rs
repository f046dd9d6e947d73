//! The tests of clientele, in one binary. This is the table of contents.

/// Servers, stores and callers for the tests; first, because its macro names the engines.
#[macro_use]
mod harness;

/// Who may call, what for, and until when.
mod access;
/// What nobody but its author may ever see, looked for everywhere.
mod canary;
/// The command line, as people use it.
mod cli;
/// What a service must do, over gRPC, on every engine.
mod conformance;
/// What the service is when it, its database or its caller dies in the middle.
mod crash;
/// The rules of the API, held by its descriptors; the published reasons of errors.
mod descriptors;
/// The filter language: cases by others, real tables, query plans, and the two ways to evaluate it.
mod filter;
/// Texts that break things, from collections of others.
mod inputs;
/// What a server on a network has beyond one on this machine: TLS, settings, what operators watch, restarts.
mod network;
/// What operators are told to do, done.
mod operations;
/// What one caller can do to others, and what the service does about it.
mod pressure;
/// What holds for all input.
mod properties;
/// What is derived, after any series of changes by several writers.
mod series;
/// The server around the services: deadlines, guards, logs, drain.
mod server;
/// The rules of the house, held by reading the repository.
mod tidy;
