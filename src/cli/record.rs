//! The standard methods of every kind of record, by their names in the descriptors.
//!
//! That they are called alike for all kinds is a rule of the API, so no kind is named here.

use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor, Value};
use tonic::Status;

use crate::cli::client::Client;
use crate::descriptors;
use crate::name::Kind;

/// The largest page that the API gives.
pub(crate) const MAX_PAGE_SIZE: i32 = 1000;

/// A call of one method, to be filled in.
pub struct ApiCall {
    method: MethodDescriptor,
    message: DynamicMessage,
    actor: Option<String>,
}

/// A page of a list.
pub struct RecordPage {
    /// The records.
    pub records: Vec<DynamicMessage>,
    /// The token of the next page; empty on the last one.
    pub next: String,
}

impl ApiCall {
    /// Begins a call of `verb` on one record of a kind, such as `Get`.
    pub fn on_one(kind: Kind, verb: &str) -> ApiCall {
        ApiCall::of(kind, &format!("{verb}{}", message_of(kind).name()))
    }

    /// Begins a call of `verb` on several records of a kind, such as `List`.
    pub fn on_many(kind: Kind, verb: &str) -> ApiCall {
        let (first, rest) = kind.collection().split_at(1);
        ApiCall::of(kind, &format!("{verb}{}{rest}", first.to_uppercase()))
    }

    /// Begins a call of a method of the service of a kind.
    ///
    /// # Panics
    /// When there is no such method: they are fixed by the API, and each is called in a test.
    pub fn of(kind: Kind, method: &str) -> ApiCall {
        ApiCall::in_service(message_of(kind).name(), method)
    }

    /// Begins a call of a method of a service, which is named without `Service`.
    ///
    /// # Panics
    /// When there is no such method: they are fixed by the API, and each is called in a test.
    pub fn in_service(service: &str, method: &str) -> ApiCall {
        let service = format!("clientele.v1.{service}Service");
        let service = descriptors::pool()
            .get_service_by_name(&service)
            .expect("the API has the service");
        let method = service
            .methods()
            .find(|candidate| candidate.name() == method);
        let method = method.expect("the service has the method");
        ApiCall {
            message: DynamicMessage::new(method.input()),
            method,
            actor: None,
        }
    }

    /// Sets a field of the request.
    ///
    /// # Panics
    /// When the request has no such field of this type.
    pub fn with(mut self, field: &str, value: Value) -> ApiCall {
        self.message
            .try_set_field_by_name(field, value)
            .expect("requests have the fields that the API gives them");
        self
    }

    /// Takes a whole request.
    pub fn with_all(self, message: DynamicMessage) -> ApiCall {
        ApiCall { message, ..self }
    }

    /// Sets a field of text.
    pub fn with_text(self, field: &str, text: impl Into<String>) -> ApiCall {
        self.with(field, Value::String(text.into()))
    }

    /// Sets a field mask.
    pub fn with_mask(self, field: &str, paths: Vec<String>) -> ApiCall {
        let mask = descriptors::message("google.protobuf.FieldMask");
        let mut mask = DynamicMessage::new(mask);
        mask.set_field_by_name(
            "paths",
            Value::List(paths.into_iter().map(Value::String).collect()),
        );
        self.with(field, Value::Message(mask))
    }

    /// Makes the call in the name of a colleague.
    pub fn acting(self, colleague: String) -> ApiCall {
        ApiCall {
            actor: Some(colleague),
            ..self
        }
    }

    /// Makes the call.
    pub async fn send(&self, client: &Client) -> Result<DynamicMessage, Status> {
        client
            .call(&self.method, self.message.clone(), self.actor.as_deref())
            .await
    }
}

impl RecordPage {
    /// Reads the answer of a `List` or `BatchGet` call.
    pub fn read(kind: Kind, answer: &DynamicMessage) -> RecordPage {
        let records = answer.get_field_by_name(kind.collection());
        let records = records
            .iter()
            .flat_map(|records| records.as_list().unwrap_or_default());
        let records = records.filter_map(Value::as_message).cloned().collect();
        RecordPage {
            records,
            next: text(answer, "next_page_token"),
        }
    }
}

/// Returns the message of a kind, such as that of `Customer`.
///
/// # Panics
/// Never: every kind has a message.
pub fn message_of(kind: Kind) -> MessageDescriptor {
    let name = kind.resource_type().rsplit('/').next().unwrap_or_default();
    descriptors::message(&format!("clientele.v1.{name}"))
}

/// Returns the name of a record that was given in full or by its id alone.
pub fn named(kind: Kind, text: &str) -> String {
    if text.contains('/') {
        text.to_owned()
    } else {
        format!("{}/{text}", kind.collection())
    }
}

/// Returns a field of text; empty when there is no such field.
pub fn text(message: &DynamicMessage, field: &str) -> String {
    message
        .get_field_by_name(field)
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Writes a text as a literal of the filter language.
pub fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
