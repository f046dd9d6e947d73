//! The nine resources and buying roles: the columns of each, its references and its keys.

pub mod affiliation;
pub mod buying_role;
pub mod colleague;
pub mod contact;
pub mod conversation;
pub mod customer;
pub mod note;
pub mod persona;
pub mod promise;
pub mod segment;

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
