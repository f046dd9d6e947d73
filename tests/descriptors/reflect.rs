//! Reading the descriptors of our package: what there is, its options, its comments.

use clientele::descriptors::pool;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FileDescriptor, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor, Value,
};

const PACKAGE: &str = "clientele.v1";

/// The HTTP rule of a method.
pub struct Rule {
    pub verb: String,
    pub path: String,
    pub body: String,
}

/// Returns our services.
pub fn services() -> Vec<ServiceDescriptor> {
    let services: Vec<_> = pool()
        .services()
        .filter(|service| service.package_name() == PACKAGE)
        .collect();
    assert!(services.len() >= 3, "the rule no longer sees the services");
    services
}

/// Returns the methods of all our services.
pub fn methods() -> Vec<MethodDescriptor> {
    services()
        .iter()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
}

/// Returns our messages, nested ones too, without the entries of maps.
pub fn messages() -> Vec<MessageDescriptor> {
    let ours = pool()
        .all_messages()
        .filter(|message| message.package_name() == PACKAGE);
    ours.filter(|message| !message.is_map_entry()).collect()
}

/// Returns our enums, nested ones too.
pub fn enums() -> Vec<EnumDescriptor> {
    pool()
        .all_enums()
        .filter(|of| of.package_name() == PACKAGE)
        .collect()
}

/// Returns an option that another package defines, when it is set.
pub fn extension(options: &DynamicMessage, name: &str) -> Option<Value> {
    let extension = pool()
        .get_extension_by_name(name)
        .expect("the options are part of the descriptors");
    options
        .has_extension(&extension)
        .then(|| options.get_extension(&extension).into_owned())
}

/// Returns the HTTP rules of a method, the main one first.
pub fn http_rules(method: &MethodDescriptor) -> Vec<Rule> {
    let Some(rule) = extension(&method.options(), "google.api.http") else {
        return Vec::new();
    };
    let rule = rule.as_message().expect("a rule is a message");
    let further = rule.get_field_by_name("additional_bindings");
    let further = further.as_ref().and_then(|more| more.as_list());
    let further = further.unwrap_or_default().iter();
    let rules = [rule]
        .into_iter()
        .chain(further.filter_map(Value::as_message));
    rules.filter_map(read_rule).collect()
}

/// Returns the main HTTP rule of a method.
pub fn http_rule(method: &MethodDescriptor) -> Option<Rule> {
    http_rules(method).into_iter().next()
}

fn read_rule(rule: &DynamicMessage) -> Option<Rule> {
    let body = rule.get_field_by_name("body")?.as_str()?.to_owned();
    ["get", "put", "post", "delete", "patch"]
        .into_iter()
        .find_map(|verb| {
            let path = rule.get_field_by_name(verb)?.as_str()?.to_owned();
            (!path.is_empty()).then(|| Rule {
                verb: verb.to_owned(),
                path,
                body: body.clone(),
            })
        })
}

/// Returns the comment above a declaration.
pub fn comment(file: &FileDescriptor, path: &[i32]) -> Option<String> {
    let info = file.file_descriptor_proto().source_code_info.as_ref()?;
    let location = info
        .location
        .iter()
        .find(|location| location.path == path)?;
    location.leading_comments.clone()
}
