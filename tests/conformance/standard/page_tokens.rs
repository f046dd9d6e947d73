//! A page token leads on in the request that it came from, and in no other: of every method that has pages, as the
//! descriptors list them.

use clientele::descriptors::{dynamic, pool};
use clientele::pb;
use clientele::pb::AccessScope;
use prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};
use prost_types::FieldMask;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::customer;
use crate::harness::credentials::api_key;
use crate::harness::keys::by_name;
use crate::harness::records::{persona, segment};
use crate::harness::standard::{Standard, for_all};

conformance! {
    a_token_is_bound_to_every_argument_but_the_page_and_its_form,
}

/// The arguments that may change from page to page.
const FREE: [&str; 3] = ["page_token", "page_size", "read_mask"];

async fn a_token_is_bound_to_every_argument_but_the_page_and_its_form(h: Harness) {
    for_all!(h => two_records);
    let ferrum = history_of_two_states(&h).await;
    for name in ["One", "Two"] {
        h.create(segment(name, "display_name:*")).await;
        let match_filter = "display_name:*".to_owned();
        h.create(pb::Persona {
            match_filter,
            ..persona(name)
        })
        .await;
        let api_key = Some(api_key(&[AccessScope::Read]));
        let request = pb::CreateApiKeyRequest { api_key };
        done(h.api_keys.clone().create_api_key(request).await);
    }
    let all = h.create(segment("All", "display_name:*")).await;
    let paged: Vec<MethodDescriptor> = pool()
        .services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .filter(|method| method.input().get_field_by_name("page_token").is_some())
        .collect();
    assert!(paged.len() >= 14, "{} methods have pages", paged.len());
    for method in paged {
        let first = first_request(&method, &ferrum, &all.name);
        let answer = done(call(&h, &method, first.clone()).await);
        let token = answer.get_field_by_name("next_page_token").unwrap();
        assert_ne!(token.as_str(), Some(""), "{}", method.full_name());
        let mut next = first;
        next.set_field_by_name("page_token", token.into_owned());
        is_bound(&h, &method, &next).await;
        next.set_field_by_name("page_size", Value::I32(2));
        if method.input().get_field_by_name("read_mask").is_some() {
            let paths = vec!["name".to_owned()];
            let mut mask = DynamicMessage::new(message_of(&method.input(), "read_mask"));
            mask.transcode_from(&FieldMask { paths }).unwrap();
            next.set_field_by_name("read_mask", Value::Message(mask));
        }
        done(call(&h, &method, next).await);
    }
}

/// Asserts that the token of a request is refused in one with another argument, whichever it is.
async fn is_bound(h: &Harness, method: &MethodDescriptor, next: &DynamicMessage) {
    let mismatch = ("page_token".to_owned(), "PAGE_TOKEN_MISMATCH".to_owned());
    for field in method.input().fields() {
        if FREE.contains(&field.name()) {
            continue;
        }
        let mut other = next.clone();
        other.set_field(&field, another(&field));
        let refusal = refused(call(h, method, other).await);
        assert!(
            refusal.violations.contains(&mismatch),
            "{} with another {}: {refusal:?}",
            method.full_name(),
            field.name()
        );
    }
}

async fn two_records<R: Standard>(h: &Harness) {
    for _ in 0..2 {
        h.created::<R>().await;
    }
}

/// Returns the name of a customer of whom there are two revisions.
async fn history_of_two_states(h: &Harness) -> String {
    let ferrum = h.create(customer("Ferrum")).await;
    let about = "new".to_owned();
    h.update(pb::Customer { about, ..ferrum }, &["about"])
        .await
        .name
}

/// Returns a request for a first page that has a next one.
fn first_request(method: &MethodDescriptor, customer: &str, segment: &str) -> DynamicMessage {
    let mut request = DynamicMessage::new(method.input());
    request.set_field_by_name("page_size", Value::I32(1));
    for field in method.input().fields() {
        let value = match field.name() {
            "name" => Value::String(customer.to_owned()),
            "segment" => Value::String(segment.to_owned()),
            "customer" => Value::Message(dynamic(&by_name(customer).unwrap()).unwrap()),
            _ => continue,
        };
        request.set_field(&field, value);
    }
    request
}

/// Returns a value that no request here has, right or wrong.
fn another(field: &FieldDescriptor) -> Value {
    let one = match field.kind() {
        Kind::String => Value::String("another".to_owned()),
        Kind::Bool => Value::Bool(true),
        Kind::Int32 => Value::I32(7),
        Kind::Int64 => Value::I64(7),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Message(message) => {
            let mut value = DynamicMessage::new(message.clone());
            let first = message.fields().next().unwrap();
            value.set_field(&first, another(&first));
            Value::Message(value)
        }
        kind => panic!("no request has held {kind:?} so far"),
    };
    if field.is_list() {
        Value::List(vec![one])
    } else {
        one
    }
}

fn message_of(message: &MessageDescriptor, field: &str) -> MessageDescriptor {
    let kind = message.get_field_by_name(field).unwrap().kind();
    kind.as_message().unwrap().clone()
}

async fn call(
    h: &Harness,
    method: &MethodDescriptor,
    request: DynamicMessage,
) -> Answer<DynamicMessage> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let mut client = tonic::client::Grpc::new(h.channel.clone());
    client.ready().await.unwrap();
    client
        .unary(
            tonic::Request::new(request),
            path.parse().unwrap(),
            Described(method.output()),
        )
        .await
}

/// Encodes messages by their descriptors, which a request has and an answer is given.
struct Described(MessageDescriptor);

impl Codec for Described {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Described;
    type Decoder = Described;

    fn encoder(&mut self) -> Described {
        Described(self.0.clone())
    }

    fn decoder(&mut self) -> Described {
        Described(self.0.clone())
    }
}

impl Encoder for Described {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(
        &mut self,
        message: DynamicMessage,
        buffer: &mut EncodeBuf<'_>,
    ) -> Result<(), Status> {
        message.encode(buffer).unwrap();
        Ok(())
    }
}

impl Decoder for Described {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        Ok(Some(
            DynamicMessage::decode(self.0.clone(), buffer).unwrap(),
        ))
    }
}
