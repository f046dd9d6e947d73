//! A name of another tenant's record is answered byte for byte as one that nobody has: in every field of every method
//! that says which record is meant, by the descriptors.

use std::collections::BTreeMap;

use clientele::descriptors::{pool, referred_kind};
use clientele::name::Kind as Resource;
use clientele::pb;
use prost_reflect::{
    Cardinality, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};
use prost_types::Timestamp;
use tonic::{Code, Response, Status};

use super::scopes::methods;
use crate::harness::Harness;
use crate::harness::builders::email;
use crate::harness::call::Call;
use crate::harness::credentials::ALL;
use crate::harness::standard::{Standard, for_all};

conformance! {
    names_of_another_tenant_are_names_that_nobody_has,
}

/// The ids of our own records, of another tenant's, and of nobody's. The last two have one length, so that nothing but
/// the name itself may differ.
const OURS: &str = "ours";
const THEIRS: &str = "theirs";
const NOBODYS: &str = "nobody";
/// How deep fields are looked for.
const MAX_DEPTH: usize = 4;
/// The fields of keys that say who is meant without a name, with what another tenant has, and with what nobody has.
const KEYS: [(&str, &str, &str); 3] = [
    ("domain", "theirs.example", "nobody.example"),
    ("email", "a@theirs.example", "a@nobody.example"),
    ("text", "theirs.example", "nobody.example"),
];

async fn names_of_another_tenant_are_names_that_nobody_has(h: Harness) {
    let asking = h.asking().await;
    let key = h.create_key_of("other", &ALL).await;
    let ours = asking.showing(&format!("Bearer {key}"));
    for_all!(ours => create_ours);
    for_all!(h => create_theirs);
    has_host(&h).await;
    let (mut codes, mut findings) = (BTreeMap::<CodeName, usize>::new(), Vec::new());
    for method in methods() {
        for path in paths(&method) {
            for (theirs, nobodys) in values(&path) {
                let one = call(&ours, &method, &path, &theirs).await;
                let other = call(&ours, &method, &path, &nobodys).await;
                let one = told(&method, one, &theirs);
                let other = told(&method, other, &nobodys);
                *codes.entry(one.0.clone()).or_default() += 1;
                if one != other {
                    let way = name_of(&path);
                    findings.push(format!("{} {way}: {one:?}, not {other:?}", method.name()));
                }
            }
        }
    }
    println!("{:?}: {codes:?}", h.engine);
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    // Not because nothing got so far as to look for a record.
    let n = |code: &str| codes.get(code).copied().unwrap_or_default();
    let is_deep = n("NotFound") > 100 && n("FailedPrecondition") > 30 && n("Ok") > 15;
    assert!(is_deep, "{codes:?}");
    assert!(n("InvalidArgument") < n("NotFound"), "{codes:?}");
    assert_eq!(n("PermissionDenied") + n("Internal"), 0, "{codes:?}");
}

/// A code, as it is called.
type CodeName = String;

async fn create_ours<R: Standard>(h: &Harness) {
    h.create_as(OURS, R::input(h).await).await;
}

async fn create_theirs<R: Standard>(h: &Harness) {
    h.create_as(THEIRS, R::input(h).await).await;
}

/// Gives the other tenant's customer what keys look for.
async fn has_host(h: &Harness) {
    let business = pb::customer::Business {
        domains: vec!["theirs.example".to_owned()],
        ..Default::default()
    };
    let firm = pb::Customer {
        business: Some(business),
        emails: vec![email("a@theirs.example")],
        ..h.get("customers/theirs").await
    };
    h.update(firm, &["business", "emails"]).await;
}

type Path = Vec<FieldDescriptor>;

fn name_of(path: &[FieldDescriptor]) -> String {
    let names: Vec<_> = path.iter().map(FieldDescriptor::name).collect();
    names.join(".")
}

/// Says whether a field has a value of `google.api.FieldBehavior`, by its number.
fn behaves(field: &FieldDescriptor, behavior: i32) -> bool {
    let option = pool().get_extension_by_name("google.api.field_behavior");
    let (option, options) = (option.unwrap(), field.options());
    let list = options.get_extension(&option);
    let list = list.as_list().unwrap_or_default();
    list.contains(&Value::EnumNumber(behavior))
}

fn is_required(field: &FieldDescriptor) -> bool {
    behaves(field, 2)
}

fn is_output(field: &FieldDescriptor) -> bool {
    behaves(field, 3)
}

fn is_identifier(field: &FieldDescriptor) -> bool {
    behaves(field, 8)
}

/// Returns the resource that a message is.
fn own_kind(message: &MessageDescriptor) -> Option<Resource> {
    let is_it =
        |kind: &Resource| kind.resource_type() == format!("clientele.dev/{}", message.name());
    Resource::ALL.into_iter().find(is_it)
}

/// Says whether a field names records.
fn is_name(field: &FieldDescriptor) -> bool {
    let option = pool().get_extension_by_name("google.api.resource_reference");
    let refers = field.options().has_extension(&option.unwrap());
    let is_own = is_identifier(field) && own_kind(field.parent_message()).is_some();
    field.kind() == Kind::String && !field.is_map() && (refers || is_own)
}

/// Says whether a field is one of [`KEYS`].
fn is_key(field: &FieldDescriptor) -> bool {
    let is_of_key = ["CustomerKey", "ContactKey"].contains(&field.parent_message().name());
    is_of_key && KEYS.iter().any(|(name, ..)| *name == field.name())
}

/// Returns the ways to all fields of a request that say which record is meant.
fn paths(method: &MethodDescriptor) -> Vec<Path> {
    let (mut found, mut open) = (Vec::new(), vec![(Vec::new(), method.input())]);
    while let Some((way, message)) = open.pop() {
        for field in message.fields() {
            let path = [&way[..], std::slice::from_ref(&field)].concat();
            match field.kind() {
                _ if is_output(&field) || field.is_map() => {}
                Kind::Message(inner) if path.len() < MAX_DEPTH => open.push((path, inner)),
                _ if is_name(&field) || is_key(&field) => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// Returns what is tried in a field: what another tenant has, and what nobody has.
fn values(path: &[FieldDescriptor]) -> Vec<(String, String)> {
    let field = path.last().unwrap();
    let of_key = KEYS.iter().find(|(name, ..)| *name == field.name());
    if let Some((_, theirs, nobodys)) = of_key.filter(|_| is_key(field)) {
        return vec![((*theirs).to_owned(), (*nobodys).to_owned())];
    }
    let kinds = match kind_of(field) {
        Some(kind) => vec![kind],
        None => Resource::ALL.to_vec(),
    };
    let named = |kind: &Resource, id: &str| format!("{}/{id}", kind.collection());
    let pair = |kind: &Resource| (named(kind, THEIRS), named(kind, NOBODYS));
    kinds.iter().map(pair).collect()
}

fn kind_of(field: &FieldDescriptor) -> Option<Resource> {
    referred_kind(field).or_else(|| own_kind(field.parent_message()))
}

/// Makes a call in which one field has this value, and the others what makes them valid.
async fn call(
    h: &Harness,
    method: &MethodDescriptor,
    path: &[FieldDescriptor],
    value: &str,
) -> Result<Response<Vec<u8>>, Status> {
    let mut request = filled(&method.input(), 0);
    if let Some(flag) = method.input().get_field_by_name("validate_only") {
        request.set_field(&flag, Value::Bool(true));
    }
    put(&mut request, path, value);
    let call = Call::of_method(method.clone()).of_request(request);
    call.send(h).await
}

/// Makes a message with all that is required in it; of several ways to say something, the first.
fn filled(message: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut made = DynamicMessage::new(message.clone());
    let by_name = message.name().ends_with("Key");
    for field in message.fields() {
        let is_first = field.containing_oneof().is_some_and(|oneof| {
            !oneof.is_synthetic() && oneof.fields().next().as_ref() == Some(&field)
        });
        let is_wanted = match by_name {
            true => field.name() == "name",
            false => is_required(&field) || is_identifier(&field) || is_first,
        };
        if is_wanted && !is_output(&field) && depth < MAX_DEPTH {
            let value = valid(&field, depth);
            let value = match field.cardinality() {
                Cardinality::Repeated => Value::List(vec![value]),
                _ => value,
            };
            made.set_field(&field, value);
        }
    }
    made
}

/// Returns a value that a field may have.
fn valid(field: &FieldDescriptor, depth: usize) -> Value {
    match field.kind() {
        Kind::String if is_name(field) => {
            let kind = kind_of(field).unwrap_or(Resource::Customer);
            Value::String(format!("{}/{OURS}", kind.collection()))
        }
        Kind::String if field.name().contains("filter") => {
            Value::String("lifecycle = ACTIVE".to_owned())
        }
        Kind::String => Value::String("x".to_owned()),
        Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => {
            let mut time = DynamicMessage::new(inner);
            let some = Timestamp {
                seconds: 1_790_000_000,
                nanos: 0,
            };
            time.transcode_from(&some).unwrap();
            Value::Message(time)
        }
        Kind::Message(inner) => Value::Message(filled(&inner, depth + 1)),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Int64 => Value::I64(1),
        Kind::Int32 => Value::I32(1),
        other => Value::default_value(&other),
    }
}

/// Puts a value at the end of a way; what lies on it is made as it has to be.
fn put(message: &mut DynamicMessage, path: &[FieldDescriptor], value: &str) {
    let [field, rest @ ..] = path else {
        return;
    };
    let inner = match field.kind() {
        Kind::Message(inner) if !rest.is_empty() => {
            let mut made = match message.get_field(field).into_owned() {
                Value::Message(made) if message.has_field(field) => made,
                _ => filled(&inner, 1),
            };
            put(&mut made, rest, value);
            Value::Message(made)
        }
        _ => Value::String(value.to_owned()),
    };
    let inner = match field.cardinality() {
        Cardinality::Repeated => Value::List(vec![inner]),
        _ => inner,
    };
    message.set_field(field, inner);
}

/// What a caller can tell of an answer, with the value taken out that was sent: the code, the message, and the details
/// or what was answered.
fn told(
    method: &MethodDescriptor,
    answer: Result<Response<Vec<u8>>, Status>,
    sent: &str,
) -> (CodeName, String, String) {
    let without = |text: String| text.replace(sent, "SENT");
    match answer {
        Ok(answer) => {
            let bytes = &answer.get_ref()[..];
            let mut message = DynamicMessage::decode(method.output(), bytes).unwrap();
            forget_times(&mut message);
            let message = without(format!("{message:?}"));
            (format!("{:?}", Code::Ok), String::new(), message)
        }
        Err(status) => {
            let details = String::from_utf8_lossy(status.details()).into_owned();
            let message = without(status.message().to_owned());
            (format!("{:?}", status.code()), message, without(details))
        }
    }
}

/// Takes out what differs between any two calls: times, etags, and what was made up.
fn forget_times(message: &mut DynamicMessage) {
    let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
    for field in fields {
        let is_time = matches!(field.kind(), Kind::Message(of) if of.full_name() == "google.protobuf.Timestamp");
        if is_time || ["etag", "claim_id", "next_page_token"].contains(&field.name()) {
            message.clear_field(&field);
            continue;
        }
        match message.get_field_mut(&field) {
            Value::Message(inner) => forget_times(inner),
            Value::List(list) => {
                let inner = list.iter_mut().filter_map(Value::as_message_mut);
                inner.for_each(forget_times);
            }
            _ => {}
        }
    }
}
