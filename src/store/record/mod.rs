//! What all resources share: their form as rows, their keys and locks, and what each commit writes beside them.

pub mod actor;
pub mod change;
pub mod channel_use;
pub mod children;
pub mod columns;
pub mod cycle;
pub mod filter_warning;
pub mod history;
pub mod in_force;
pub mod key;
pub mod last_conversation;
pub mod lock;
pub mod name_index;
pub mod private_links;
pub mod reference;
pub mod request;
pub mod resource;
pub mod search_shadow;
pub mod sort_key;
