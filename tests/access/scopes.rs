//! Every method with every scope, by the descriptors.

use clientele::access::need::scope_of;
use clientele::descriptors::pool;
use clientele::pb;
use clientele::pb::AccessScope;
use prost_reflect::MethodDescriptor;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::refusal;
use crate::harness::call::Call;
use crate::harness::credentials::{ALL, api_key};

conformance! {
    a_method_is_open_to_its_scope_and_to_no_other,
}

/// The methods of our services.
pub fn methods() -> Vec<MethodDescriptor> {
    let services = pool()
        .services()
        .filter(|service| service.package_name() == "clientele.v1");
    services
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
}

async fn a_method_is_open_to_its_scope_and_to_no_other(h: Harness) {
    let asking = h.asking().await;
    assert!(methods().len() >= 90, "{} methods", methods().len());
    for scope in ALL {
        let others = ALL.into_iter().filter(|other| *other != scope);
        let others = h.create_key(api_key(&others.collect::<Vec<_>>())).await;
        let only = h.create_key(api_key(&[scope])).await;
        let (without, with) = (asking.with_key(&others), asking.with_key(&only));
        let mut n_methods = 0;
        for method in methods()
            .into_iter()
            .filter(|of| scope_of(of) == Some(scope))
        {
            n_methods += 1;
            is_closed(&without, &method, scope).await;
            is_open(&with, &method).await;
        }
        let is_of_methods =
            [AccessScope::Read, AccessScope::Write, AccessScope::Admin].contains(&scope);
        assert_eq!(n_methods > 0, is_of_methods, "{scope:?}");
    }
    // Nothing came of the calls that were refused.
    let request = pb::ListApiKeysRequest::default();
    let keys = h.api_keys.clone().list_api_keys(request).await.unwrap();
    assert_eq!(keys.into_inner().api_keys.len(), 2 * ALL.len());
}

async fn is_closed(h: &Harness, method: &MethodDescriptor, scope: AccessScope) {
    let refused = Call::of_method(method.clone()).send(h).await.unwrap_err();
    let refused = refusal(&refused).is(Code::PermissionDenied, "SCOPE_MISSING");
    assert_eq!(
        refused.metadata["scope"],
        scope.as_str_name(),
        "{}",
        method.full_name()
    );
}

async fn is_open(h: &Harness, method: &MethodDescriptor) {
    if let Err(status) = Call::of_method(method.clone()).send(h).await {
        let closed = [
            Code::PermissionDenied,
            Code::Unauthenticated,
            Code::Unimplemented,
        ];
        assert!(
            !closed.contains(&status.code()),
            "{}: {status:?}",
            method.full_name()
        );
    }
}
