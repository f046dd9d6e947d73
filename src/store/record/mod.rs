//! What all resources share: their form as rows, their keys and locks, and what each commit writes beside them.

pub mod actor;
pub mod change;
pub mod channel_use;
pub mod children;
pub mod columns;
pub mod counted;
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

/// Does something once for each kind of records, customers first; the name in the bars is then the type of its message.
macro_rules! for_every_kind {
    (|$record:ident| $once:expr) => {
        for_every_kind!(
            |$record| $once; Customer Contact Affiliation Colleague Conversation Promise Note Persona Segment
        )
    };
    (|$record:ident| $once:expr; $kind:ident $($others:ident)*) => {{
        type $record = $crate::pb::$kind;
        $once;
        for_every_kind!(|$record| $once; $($others)*)
    }};
    (|$record:ident| $once:expr;) => {{}};
}
pub(crate) use for_every_kind;
