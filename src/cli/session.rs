//! A session with the server, in the name of a colleague: what most commands make their calls through.

use clap::Args;
use tonic::Status;

use crate::cli::client::{Client, ServerArgs, explain};
use crate::cli::record::ApiCall;
use crate::descriptors;

#[derive(Args, Clone)]
pub(crate) struct CallerArgs {
    /// Acts as this colleague: a name such as colleagues/mia, an e-mail address, or system:id
    #[arg(long = "as", value_name = "COLLEAGUE")]
    colleague: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) struct Session {
    client: Client,
    colleague: Option<String>,
}

/// A refusal of the server, which shows as one line.
#[derive(Debug, thiserror::Error)]
#[error("{}", explain(.0))]
pub(crate) struct Refusal(pub(crate) Status);

impl CallerArgs {
    pub(crate) async fn connect(self) -> anyhow::Result<Session> {
        Ok(Session {
            client: self.server.connect().await?,
            colleague: self.colleague,
        })
    }
}

impl Session {
    /// Makes a call of RelationshipService. The error is the server's answer in one line.
    pub(crate) async fn call<Q, A>(&self, method: &str, request: &Q) -> anyhow::Result<A>
    where
        Q: prost::Message + prost::Name,
        A: prost::Message + Default,
    {
        self.call_of("Relationship", method, request).await
    }

    /// Makes a call of a service, which is named without `Service`. The error is the server's answer in one line.
    pub(crate) async fn call_of<Q, A>(
        &self,
        service: &str,
        method: &str,
        request: &Q,
    ) -> anyhow::Result<A>
    where
        Q: prost::Message + prost::Name,
        A: prost::Message + Default,
    {
        self.try_call_of(service, method, request)
            .await?
            .map_err(|status| Refusal(status).into())
    }

    /// Makes a call whose refusal the caller handles.
    pub(crate) async fn try_call_of<Q, A>(
        &self,
        service: &str,
        method: &str,
        request: &Q,
    ) -> anyhow::Result<Result<A, Status>>
    where
        Q: prost::Message + prost::Name,
        A: prost::Message + Default,
    {
        let request = descriptors::dynamic(request)?;
        let call = ApiCall::in_service(service, method).with_all(request);
        match self.send(call).await {
            Ok(answer) => Ok(Ok(descriptors::typed(&answer)?)),
            Err(status) => Ok(Err(status)),
        }
    }

    pub(crate) async fn send(
        &self,
        call: ApiCall,
    ) -> Result<prost_reflect::DynamicMessage, Status> {
        let call = match &self.colleague {
            Some(colleague) => call.acting(colleague.clone()),
            None => call,
        };
        call.send(&self.client).await
    }
}
