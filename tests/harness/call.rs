//! Calls by descriptor: the method of any resource, with a request made of named fields. Owns how they travel; what a
//! standard method holds is in `standard`.

use clientele::descriptors::{message, pool};
use clientele::name::Kind;
use http::uri::PathAndQuery;
use prost::Message;
use prost::bytes::{Buf, BufMut};
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use prost_types::FieldMask;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Response, Status};

use super::Harness;
use super::answer::Answer;

/// The wire type of messages.
const LENGTH_DELIMITED: u32 = 2;

/// A call that is not made yet.
pub struct Call {
    method: MethodDescriptor,
    request: DynamicMessage,
    /// The encoded field that holds the resource.
    resource: Vec<u8>,
}

impl Call {
    /// Begins a call of `{verb}Customer` and the like.
    pub fn of_one(kind: Kind, verb: &str) -> Call {
        Call::of(kind, verb, kind.singular())
    }

    /// Begins a call of `{verb}Customers` and the like.
    pub fn of_many(kind: Kind, verb: &str) -> Call {
        Call::of(kind, verb, kind.collection())
    }

    /// Begins a call of any method.
    pub fn of_method(method: MethodDescriptor) -> Call {
        Call {
            request: DynamicMessage::new(method.input()),
            method,
            resource: Vec::new(),
        }
    }

    fn of(kind: Kind, verb: &str, noun: &str) -> Call {
        let service = format!("clientele.v1.{}Service", capitalized(kind.singular()));
        let name = verb.to_owned() + &capitalized(noun);
        let service = pool().get_service_by_name(&service).unwrap();
        let method = service.methods().find(|method| method.name() == name);
        Call::of_method(method.unwrap_or_else(|| panic!("no method {name}")))
    }

    /// Takes a whole request.
    pub fn of_request(self, request: DynamicMessage) -> Call {
        Call { request, ..self }
    }

    /// Says whether the request has a field of this name.
    pub fn has(&self, field: &str) -> bool {
        self.method.input().get_field_by_name(field).is_some()
    }

    fn with(mut self, field: &str, value: Value) -> Call {
        assert!(self.has(field), "no {field} in {}", self.method.full_name());
        self.request.set_field_by_name(field, value);
        self
    }

    pub fn text(self, field: &str, text: impl Into<String>) -> Call {
        self.with(field, Value::String(text.into()))
    }

    pub fn texts(self, field: &str, texts: Vec<String>) -> Call {
        let texts = texts.into_iter().map(Value::String).collect();
        self.with(field, Value::List(texts))
    }

    pub fn number(self, field: &str, number: i32) -> Call {
        self.with(field, Value::I32(number))
    }

    pub fn flag(self, field: &str, flag: bool) -> Call {
        self.with(field, Value::Bool(flag))
    }

    pub fn mask(self, field: &str, mask: Option<FieldMask>) -> Call {
        match mask {
            Some(mask) => {
                let mut message = DynamicMessage::new(message("google.protobuf.FieldMask"));
                message.transcode_from(&mask).unwrap();
                self.with(field, Value::Message(message))
            }
            None => self,
        }
    }

    /// Puts the resource into the request, as it is: no limit on depth holds for it here.
    pub fn resource<R: Message>(mut self, kind: Kind, resource: Option<R>) -> Call {
        let field = self.method.input().get_field_by_name(kind.singular());
        let key = field.unwrap().number() << 3 | LENGTH_DELIMITED;
        if let Some(resource) = resource {
            // A key is a varint, as a length is.
            prost::encode_length_delimiter(key as usize, &mut self.resource).unwrap();
            self.resource
                .extend(resource.encode_length_delimited_to_vec());
        }
        self
    }

    /// Makes a call, and returns the encoded answer.
    pub async fn send(self, h: &Harness) -> Result<Response<Vec<u8>>, Status> {
        let mut request = self.request.encode_to_vec();
        request.extend(self.resource);
        let (service, method) = (self.method.parent_service(), self.method.name());
        let path = format!("/{}/{method}", service.full_name());
        let mut client = Grpc::new(h.caller.clone());
        let ready = client.ready().await;
        ready.map_err(|error| Status::unknown(error.to_string()))?;
        let path = PathAndQuery::try_from(path).unwrap();
        client.unary(Request::new(request), path, Bytes).await
    }

    /// Makes a call that answers with a record.
    pub async fn for_one<R: Message + Default>(self, h: &Harness) -> Answer<R> {
        let answer = self.send(h).await?;
        Ok(answer.map(|bytes| R::decode(&bytes[..]).unwrap()))
    }

    /// Makes a call that answers with records, and perhaps with the token of the next page.
    pub async fn for_many<R: Message + Default>(
        self,
        h: &Harness,
        kind: Kind,
    ) -> Answer<(Vec<R>, String)> {
        let output = self.method.output();
        let read = |bytes: Vec<u8>| {
            let message = DynamicMessage::decode(output, &bytes[..]).unwrap();
            let records = message.get_field_by_name(kind.collection()).unwrap();
            let records = records.as_list().unwrap().iter();
            let record = |value: &Value| value.as_message().unwrap().transcode_to().unwrap();
            let token = message.get_field_by_name("next_page_token");
            let token = token.map(|token| token.as_str().unwrap().to_owned());
            (records.map(record).collect(), token.unwrap_or_default())
        };
        Ok(self.send(h).await?.map(read))
    }
}

/// Returns a word as the names of methods have it.
pub fn capitalized(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// Messages that are encoded already, and not decoded yet.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Bytes;
    type Decoder = Bytes;

    fn encoder(&mut self) -> Bytes {
        Bytes
    }

    fn decoder(&mut self) -> Bytes {
        Bytes
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, message: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}
