//! The services that a server carries: one line each.

use std::convert::Infallible;

use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tower::Service;

use crate::pb::affiliation_service_server::AffiliationServiceServer;
use crate::pb::contact_service_server::ContactServiceServer;
use crate::pb::customer_service_server::CustomerServiceServer;
use crate::service::affiliation::Affiliations;
use crate::service::contact::Contacts;
use crate::service::customer::Customers;
use crate::store::db::Db;

/// The services of clientele, and their names for health checks.
pub struct Api {
    /// Where each call goes.
    pub routes: Routes,
    /// The full names, such as `clientele.v1.CustomerService`.
    pub names: Vec<&'static str>,
}

/// Puts the services together. `max_message` is the largest request message, in bytes.
pub fn api(db: &Db, max_message: usize) -> Api {
    let mut api = Api { routes: Routes::default(), names: Vec::new() };
    let db = || db.clone();
    api.add(CustomerServiceServer::new(Customers { db: db() }).max_decoding_message_size(max_message));
    api.add(ContactServiceServer::new(Contacts { db: db() }).max_decoding_message_size(max_message));
    api.add(AffiliationServiceServer::new(Affiliations { db: db() }).max_decoding_message_size(max_message));
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
