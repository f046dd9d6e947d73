//! TenantService: how the tenant of the caller is set up.

use tonic::Request;

use crate::pb;
use crate::pb::tenant_service_server::TenantService;
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::Db;
use crate::store::read::tenant;

/// The service.
#[derive(Clone)]
pub struct Tenants {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl TenantService for Tenants {
    async fn get_tenant_settings(
        &self,
        request: Request<pb::GetTenantSettingsRequest>,
    ) -> Answer<pb::TenantSettings> {
        let (call, _) = begin_call(&self.db, request).await?;
        let settings = self.db.fetch(&call.scope, tenant::settings(&call.scope));
        Ok(answer(settings.await?))
    }
}
