//! The descriptors of the API at run time: for reflection, masks, filters and JSON.

use std::sync::LazyLock;

use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage, Value,
};

use crate::error::Error;
use crate::name::Kind;

/// The encoded descriptors of every proto file, custom options included.
const ENCODED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(ENCODED).expect("build.rs wrote a valid descriptor set")
});

/// Returns all descriptors.
pub fn pool() -> &'static DescriptorPool {
    &POOL
}

/// Returns the descriptor of one of our messages.
///
/// # Panics
/// If no proto file defines the message. Callers only pass names from generated code.
pub fn message(full_name: &str) -> MessageDescriptor {
    POOL.get_message_by_name(full_name)
        .expect("every generated message has a descriptor")
}

/// Converts one of our messages to its dynamic form, which masks work on.
pub fn dynamic<M: prost::Message + prost::Name>(message: &M) -> Result<DynamicMessage, Error> {
    let mut dynamic = DynamicMessage::new(self::message(&M::full_name()));
    dynamic.transcode_from(message).map_err(Error::internal)?;
    Ok(dynamic)
}

/// Converts a dynamic message back to its own type.
pub fn typed<M: prost::Message + Default>(dynamic: &DynamicMessage) -> Result<M, Error> {
    dynamic.transcode_to().map_err(Error::internal)
}

/// Returns the kind a field refers to, by its `google.api.resource_reference`; `None` also if it may be one of
/// several.
pub fn referred_kind(field: &FieldDescriptor) -> Option<Kind> {
    let extension = POOL.get_extension_by_name("google.api.resource_reference")?;
    let options = field.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let reference = options.get_extension(&extension);
    let reference = reference.as_message()?;
    debug_assert_eq!(reference.descriptor().name(), "ResourceReference");
    let target = reference.get_field_by_name("type")?;
    let Value::String(target) = target.as_ref() else {
        return None;
    };
    Kind::ALL
        .into_iter()
        .find(|kind| kind.resource_type() == target)
}
