//! What a caller needs for each method, as the protos say it (`required_scope`). What nobody has said is needed by
//! nobody: such a method cannot be called.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{MethodDescriptor, Value};

use crate::descriptors::pool;
use crate::pb::AccessScope;

/// What has to be shown for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: balancers ask for health, and have no credential.
    Nothing,
    /// Any credential that is valid: reflection tells what the public protos say, and nothing of a tenant.
    Credential,
    /// A credential with this scope.
    Scope(AccessScope),
}

const HEALTH: &str = "/grpc.health.v1.Health/";
const REFLECTION: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// The scopes by the path of each method, such as `/clientele.v1.CustomerService/GetCustomer`.
static SCOPES: LazyLock<HashMap<String, AccessScope>> = LazyLock::new(|| {
    let methods = pool().services().flat_map(|service| {
        let methods: Vec<_> = service.methods().collect();
        methods
    });
    methods
        .filter_map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            Some((path, scope_of(&method)?))
        })
        .collect()
});

/// Returns what a call of the method at a path needs; `None` for a method that cannot be called.
pub fn needed(path: &str) -> Option<Need> {
    if let Some(scope) = SCOPES.get(path) {
        return Some(Need::Scope(*scope));
    }
    match () {
        () if path.starts_with(HEALTH) => Some(Need::Nothing),
        () if REFLECTION.iter().any(|start| path.starts_with(start)) => Some(Need::Credential),
        () => None,
    }
}

/// Reads the scope that a method asks for.
pub fn scope_of(method: &MethodDescriptor) -> Option<AccessScope> {
    let option = pool().get_extension_by_name("clientele.v1.required_scope")?;
    let options = method.options();
    match &*options.get_extension(&option) {
        Value::EnumNumber(number) => AccessScope::try_from(*number)
            .ok()
            .filter(|scope| *scope != AccessScope::Unspecified),
        _ => None,
    }
}
