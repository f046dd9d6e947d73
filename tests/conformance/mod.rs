//! What the API promises, over gRPC and on both engines. The comments of the protos are the reference.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod create; // what can be created, and comes back as it was given
