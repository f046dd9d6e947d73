//! Serving: placeholder until the layers land.

pub mod api;
