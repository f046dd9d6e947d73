//! What an error lists, spelled out whole: its message names only the first few.

use prost::{Message, Name};
use tonic::Status;
use tonic_types::StatusExt;

use crate::count::int32;
use crate::google::rpc;
use crate::name::Kind;
use crate::pb;

/// Returns the text of an error that lists records; `None` if it lists none.
pub(crate) fn spelled_out(status: &Status) -> Option<String> {
    let resource = status.get_details_resource_info();
    let resource = resource.unwrap_or_else(|| tonic_types::ResourceInfo::new("", "", "", ""));
    if let Some(found) = detail::<pb::KeyCandidates>(status) {
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.resource_type() == resource.resource_type);
        let text = several(kind, &found.candidates, found.candidate_count);
        return Some(match found.field.as_str() {
            "" => text,
            field => format!("{field}: {text}"),
        });
    }
    if let Some(used) = detail::<pb::ResourceUsers>(status) {
        let users = names(&used.users, used.user_count, ", ");
        let name = &resource.resource_name;
        return Some(format!("{name} is used by {users}: change those first"));
    }
    let cycle = detail::<pb::ReferenceCycle>(status)?;
    let path = names(&cycle.names, cycle.name_count, " -> ");
    Some(format!("{} would make a cycle: {path}", cycle.field))
}

/// Says that a key matches several records, and which.
pub(crate) fn several(kind: Option<Kind>, candidates: &[String], count: i32) -> String {
    let records = kind.map_or("records", Kind::collection);
    let candidates = names(candidates, count, ", ");
    format!("the key fits {count} {records}: ask by the name of one, such as {candidates}")
}

fn names(names: &[String], count: i32, separator: &str) -> String {
    let listed = names.join(separator);
    let n_listed = int32(names.len());
    match count.saturating_sub(n_listed) {
        ..=0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// Returns the detail of a type that is no standard one.
fn detail<M: Message + Name + Default>(status: &Status) -> Option<M> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    details.iter().find_map(|detail| detail.to_msg().ok())
}

#[cfg(test)]
mod tests {
    use prost_types::Any;
    use tonic::Code;

    use super::*;

    fn any<M: Message + Name>(detail: &M) -> Any {
        Any::from_msg(detail).expect("it is encoded")
    }

    fn told(details: Vec<Any>) -> Option<String> {
        let status = rpc::Status {
            details,
            ..Default::default()
        };
        let details = status.encode_to_vec().into();
        spelled_out(&Status::with_details(
            Code::FailedPrecondition,
            "x",
            details,
        ))
    }

    fn of_resource(kind: Kind, name: &str) -> Any {
        any(&rpc::ResourceInfo {
            resource_type: kind.resource_type().to_owned(),
            resource_name: name.to_owned(),
            ..Default::default()
        })
    }

    #[test]
    fn lists_are_spelled_out_and_counted() {
        let listed: Vec<String> = (10..22).map(|i| format!("customers/c{i}")).collect();
        let all = listed.join(", ");
        let candidates = any(&pb::KeyCandidates {
            field: "customers[1]".to_owned(),
            candidates: listed.clone(),
            candidate_count: 14,
        });
        assert_eq!(
            told(vec![of_resource(Kind::Customer, ""), candidates]),
            Some(format!(
                "customers[1]: the key fits 14 customers: ask by the name of one, such as {all} and 2 more"
            ))
        );
        let users = any(&pb::ResourceUsers {
            users: listed.clone(),
            user_count: 12,
        });
        assert_eq!(
            told(vec![of_resource(Kind::Segment, "segments/s"), users]),
            Some(format!("segments/s is used by {all}: change those first"))
        );
        let cycle = any(&pb::ReferenceCycle {
            field: "parent".to_owned(),
            names: listed.clone(),
            name_count: 12,
        });
        let path = listed.join(" -> ");
        assert_eq!(
            told(vec![cycle]),
            Some(format!("parent would make a cycle: {path}"))
        );
        assert_eq!(told(vec![of_resource(Kind::Segment, "segments/s")]), None);
    }
}
