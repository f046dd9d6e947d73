//! clientele: a customer-profile service. Who your customers are, who decides there, and what was last said.
//!
//! ARCHITECTURE.md draws the map. In short: `cli` starts a `server`, which carries the `service`s, which take a
//! request apart and make one call to the `store`, or to `profile` for what spans several records. The other modules
//! are leaves, which know none of these.

pub mod cli;
pub mod membership;
pub mod profile;
pub mod server;
pub mod service;
pub mod store;

pub mod access;
pub mod clean;
pub mod clock;
pub mod count;
pub mod descriptors;
pub mod effect_size;
pub mod error;
pub mod filter;
pub mod fold;
pub mod host;
pub mod key_form;
pub mod look_up;
pub mod mail;
pub mod mask;
pub mod name;
pub mod nearest;
pub mod page;
pub mod percent;
pub mod phone;
pub mod public_mail;
pub mod region;
pub mod renames;
pub mod telemetry;
pub mod when;

#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    rustdoc::invalid_html_tags,
    reason = "generated; the protos are the reference"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

pub use generated::clientele::v1 as pb;
pub use generated::google;
