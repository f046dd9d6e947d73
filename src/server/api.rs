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
use crate::server::limits::Limits;
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

/// Sets the message limits, for which every generated server has methods of its own.
macro_rules! limited {
    ($limits:expr, $server:expr) => {
        $server.max_decoding_message_size($limits.max_message_bytes).max_encoding_message_size($limits.max_answer_bytes)
    };
}

/// Puts the services together, with the limits of their messages.
pub fn api(db: &Db, limits: &Limits) -> Api {
    let mut api = Api { routes: Routes::default(), names: Vec::new() };
    api.add(limited!(limits, CustomerServiceServer::new(Customers { db: db.clone() })));
    api.add(limited!(limits, ContactServiceServer::new(Contacts { db: db.clone() })));
    api.add(limited!(limits, AffiliationServiceServer::new(Affiliations { db: db.clone() })));
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
