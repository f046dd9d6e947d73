//! Calls of the standard methods, by their names in the descriptors.
//!
//! The API names them alike for all kinds, so no kind is named here.

use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor, Value};
use tonic::Status;

use crate::cli::client::Client;
use crate::descriptors;
use crate::name::Kind;

/// The largest page that the API gives.
pub(crate) const MAX_PAGE_SIZE: i32 = 1000;

/// Returns the order in which people look for records of a kind; empty for that of names.
pub(crate) fn reading_order(kind: Kind) -> &'static str {
    let is_called = message_of(kind).get_field_by_name("display_name").is_some();
    if is_called { "display_name" } else { "" }
}

/// A call of one method, to be filled in.
pub(crate) struct ApiCall {
    method: MethodDescriptor,
    message: DynamicMessage,
    actor: Option<String>,
}

pub(crate) struct RecordPage {
    pub(crate) records: Vec<DynamicMessage>,
    /// Empty on the last page.
    pub(crate) next_page_token: String,
}

impl ApiCall {
    /// Begins a call of `verb` on one record of a kind, such as `Get`.
    pub(crate) fn on_one(kind: Kind, verb: &str) -> ApiCall {
        ApiCall::of(kind, &format!("{verb}{}", message_of(kind).name()))
    }

    /// Begins a call of `verb` on several records of a kind, such as `List`.
    pub(crate) fn on_many(kind: Kind, verb: &str) -> ApiCall {
        let (first, rest) = kind.collection().split_at(1);
        ApiCall::of(kind, &format!("{verb}{}{rest}", first.to_uppercase()))
    }

    /// Begins a call of a method of the service of a kind.
    ///
    /// # Panics
    /// If there is no such method. They are fixed by the API, and a test calls each of them.
    pub(crate) fn of(kind: Kind, method: &str) -> ApiCall {
        ApiCall::in_service(message_of(kind).name(), method)
    }

    /// Begins a call of a method of a service, which is named without `Service`.
    ///
    /// # Panics
    /// If there is no such method. They are fixed by the API, and a test calls each of them.
    pub(crate) fn in_service(service: &str, method: &str) -> ApiCall {
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
    /// If the request has no such field of this type.
    pub(crate) fn with(mut self, field: &str, value: Value) -> ApiCall {
        self.message
            .try_set_field_by_name(field, value)
            .expect("requests have the fields that the API gives them");
        self
    }

    pub(crate) fn with_all(self, message: DynamicMessage) -> ApiCall {
        ApiCall { message, ..self }
    }

    pub(crate) fn with_text(self, field: &str, text: impl Into<String>) -> ApiCall {
        self.with(field, Value::String(text.into()))
    }

    pub(crate) fn with_mask(self, field: &str, paths: Vec<String>) -> ApiCall {
        let mask = descriptors::message("google.protobuf.FieldMask");
        let mut mask = DynamicMessage::new(mask);
        mask.set_field_by_name(
            "paths",
            Value::List(paths.into_iter().map(Value::String).collect()),
        );
        self.with(field, Value::Message(mask))
    }

    /// Acts as a colleague.
    pub(crate) fn acting(self, colleague: String) -> ApiCall {
        ApiCall {
            actor: Some(colleague),
            ..self
        }
    }

    pub(crate) async fn send(&self, client: &Client) -> Result<DynamicMessage, Status> {
        client
            .call(&self.method, self.message.clone(), self.actor.as_deref())
            .await
    }
}

impl RecordPage {
    /// Reads the answer of a `List` or `BatchGet` call.
    pub(crate) fn read(kind: Kind, answer: &DynamicMessage) -> RecordPage {
        let records = answer.get_field_by_name(kind.collection());
        let records = records
            .iter()
            .flat_map(|records| records.as_list().unwrap_or_default());
        let records = records.filter_map(Value::as_message).cloned().collect();
        RecordPage {
            records,
            next_page_token: text(answer, "next_page_token"),
        }
    }
}

/// Returns the message of a kind.
pub(crate) fn message_of(kind: Kind) -> MessageDescriptor {
    let name = kind.resource_type().rsplit('/').next().unwrap_or_default();
    descriptors::message(&format!("clientele.v1.{name}"))
}

/// Returns the full name of a record that was given by it or by its id alone.
pub(crate) fn full_name(kind: Kind, text: &str) -> String {
    if text.contains('/') {
        text.to_owned()
    } else {
        format!("{}/{text}", kind.collection())
    }
}

/// Returns a text field; empty if there is none.
pub(crate) fn text(message: &DynamicMessage, field: &str) -> String {
    message
        .get_field_by_name(field)
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Writes a text as a literal of the filter language.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
