//! The services of the product: one line each.

use std::convert::Infallible;

use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tower::Service;

use crate::pb::affiliation_service_server::AffiliationServiceServer;
use crate::pb::colleague_service_server::ColleagueServiceServer;
use crate::pb::contact_service_server::ContactServiceServer;
use crate::pb::conversation_service_server::ConversationServiceServer;
use crate::pb::customer_service_server::CustomerServiceServer;
use crate::pb::history_service_server::HistoryServiceServer;
use crate::pb::key_service_server::KeyServiceServer;
use crate::pb::note_service_server::NoteServiceServer;
use crate::pb::persona_service_server::PersonaServiceServer;
use crate::pb::promise_service_server::PromiseServiceServer;
use crate::pb::relationship_service_server::RelationshipServiceServer;
use crate::pb::segment_service_server::SegmentServiceServer;
use crate::pb::tenant_service_server::TenantServiceServer;
use crate::server::limits::{Limits, limited};
use crate::service::api_keys::ApiKeys;
use crate::service::relationship::Relationships;
use crate::service::resources::affiliation::Affiliations;
use crate::service::resources::colleague::Colleagues;
use crate::service::resources::contact::Contacts;
use crate::service::resources::conversation::Conversations;
use crate::service::resources::customer::Customers;
use crate::service::resources::history::Histories;
use crate::service::resources::note::Notes;
use crate::service::resources::persona::Personas;
use crate::service::resources::promise::Promises;
use crate::service::resources::segment::Segments;
use crate::service::tenant::Tenants;
use crate::store::engine::db::Db;

/// The services, and their names for health checks.
pub struct Api {
    /// Routes each call to its service.
    pub routes: Routes,
    /// The full names, such as `clientele.v1.CustomerService`.
    pub names: Vec<&'static str>,
}

/// Builds the services on a store.
pub fn api(db: &Db, limits: &Limits) -> Api {
    let mut api = Api {
        routes: Routes::default(),
        names: Vec::new(),
    };
    macro_rules! add {
        ($server:ident, $service:ident) => {
            api.add(limited!($server::new($service { db: db.clone() }), limits))
        };
    }
    add!(CustomerServiceServer, Customers);
    add!(ContactServiceServer, Contacts);
    add!(AffiliationServiceServer, Affiliations);
    add!(ColleagueServiceServer, Colleagues);
    add!(ConversationServiceServer, Conversations);
    add!(PromiseServiceServer, Promises);
    add!(NoteServiceServer, Notes);
    add!(PersonaServiceServer, Personas);
    add!(SegmentServiceServer, Segments);
    add!(RelationshipServiceServer, Relationships);
    add!(HistoryServiceServer, Histories);
    add!(TenantServiceServer, Tenants);
    add!(KeyServiceServer, ApiKeys);
    api
}

impl Api {
    fn add<S>(&mut self, service: S)
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.names.push(S::NAME);
        self.routes = std::mem::take(&mut self.routes).add_service(service);
    }
}
