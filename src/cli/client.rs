//! A client of the API made from its descriptors: one for all services, over the network or in the same process.
//!
//! It carries messages and knows no resource; `record.rs` knows the names of methods.

use std::error::Error;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;
use http::Uri;
use http::uri::PathAndQuery;
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::StdError;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::cli::client_tls::{self, ClientTlsArgs};
use crate::cli::{credential, error_lists, table};

/// The request header that names the colleague who acts.
const ACTOR_HEADER: &str = "clientele-actor";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the server's own deadlines, so that its answer arrives first.
const CALL_TIMEOUT: Duration = Duration::from_secs(70);

#[derive(Args, Clone)]
pub(crate) struct ServerArgs {
    /// The address of the server, as http:// or https://
    #[arg(
        long,
        value_name = "URL",
        env = "CLIENTELE_ADDRESS",
        default_value = "http://127.0.0.1:50051",
        value_parser = address
    )]
    address: Endpoint,
    /// A file with the API key, where the server asks for one; - is standard input
    ///
    /// Without it, the systemd credential `clientele-api-key` is used, if there is one.
    #[arg(long, value_name = "FILE", env = "CLIENTELE_API_KEY_FILE")]
    api_key_file: Option<PathBuf>,
    #[command(flatten)]
    tls: ClientTlsArgs,
}

fn address(text: &str) -> anyhow::Result<Endpoint> {
    let url = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let endpoint = Endpoint::from_shared(url)
        .ok()
        .filter(|endpoint| matches!(endpoint.uri().scheme_str(), Some("http" | "https")));
    endpoint.ok_or_else(|| anyhow!("expected http://HOST:PORT or https://HOST:PORT"))
}

impl ServerArgs {
    pub(crate) async fn connect(&self) -> anyhow::Result<Client> {
        let endpoint = self.tls.apply(self.address.clone())?;
        let endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT);
        let key = credential::find(self.api_key_file.as_deref())?;
        if key.is_some() && !is_private(self.address.uri()) {
            bail!(
                "--address: the API key would be sent so that others can read it: use a tunnel to this machine"
            );
        }
        let url = self.address.uri().to_string();
        let url = url.trim_end_matches('/');
        let channel =
            endpoint
                .connect()
                .await
                .map_err(|error| match client_tls::fault(&error) {
                    Some(fault) => anyhow!("no secure connection to {url}: {fault}"),
                    None => anyhow!("no server answers at {url}: start one with `clientele serve`"),
                })?;
        Ok(Client {
            key,
            ..Client::new(channel)
        })
    }
}

/// Says whether nobody can read what is sent to an address: it is encrypted, or stays on this machine.
fn is_private(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.scheme_str() == Some("https")
        || host.eq_ignore_ascii_case("localhost")
        || ip.is_ok_and(|ip| ip.is_loopback())
}

/// A client of the API. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    grpc: Grpc<BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Status>>,
    /// The credential of every call.
    key: Option<MetadataValue<Ascii>>,
}

impl Client {
    /// Makes a client of anything that answers HTTP requests, such as a connection or the routes of a server.
    pub(crate) fn new<S>(service: S) -> Client
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Error: Into<StdError>,
        S::Future: Send + 'static,
    {
        let service = service.map_err(|error| Status::from_error(error.into()));
        Client {
            grpc: Grpc::new(BoxCloneSyncService::new(service)),
            key: None,
        }
    }

    /// Calls a unary method, perhaps as a colleague. The error is the server's, or UNAVAILABLE if it cannot be reached.
    pub(crate) async fn call(
        &self,
        method: &MethodDescriptor,
        message: DynamicMessage,
        actor: Option<&str>,
    ) -> Result<DynamicMessage, Status> {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let path =
            PathAndQuery::try_from(path).map_err(|error| Status::internal(error.to_string()))?;
        let mut grpc = self.grpc.clone();
        grpc.ready().await?;
        let mut request = Request::new(message);
        if let Some(actor) = actor {
            let actor = actor
                .parse()
                .map_err(|_| Status::internal("the colleague of --as must be plain ASCII"))?;
            request.metadata_mut().insert(ACTOR_HEADER, actor);
        }
        if let Some(key) = &self.key {
            request.metadata_mut().insert("authorization", key.clone());
        }
        let answer = grpc
            .unary(request, path, DynamicCodec(method.output()))
            .await?;
        Ok(answer.into_inner())
    }
}

/// Turns a status into one line for people: the message, every bad field or name, the reason.
pub(crate) fn explain(status: &Status) -> String {
    let violations = status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default();
    let mut text = match &violations[..] {
        [] | [_] => error_lists::spelled_out(status).unwrap_or_else(|| status.message().to_owned()),
        many => many
            .iter()
            .map(|bad| format!("{}: {}", bad.field, bad.description))
            .collect::<Vec<_>>()
            .join("; "),
    };
    if text.is_empty() {
        text = status.code().to_string();
    }
    // A message may quote the text of a record.
    let text = table::printable(&text);
    match status.get_details_error_info() {
        Some(info) => format!("{text} ({})", info.reason),
        None if status.code() == Code::Unavailable => {
            format!("the server cannot be reached: {text}")
        }
        // Only a broken connection has a source; an answer of the server has none.
        None if status.source().is_some() => {
            format!(
                "the connection to the server broke, and the answer is incomplete: run it again ({text})"
            )
        }
        None => text,
    }
}

/// Encodes and decodes messages by their descriptors; this is the one of the answer.
struct DynamicCodec(MessageDescriptor);

struct DynamicDecoder(MessageDescriptor);

struct DynamicEncoder;

impl Codec for DynamicCodec {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = DynamicEncoder;
    type Decoder = DynamicDecoder;

    fn encoder(&mut self) -> DynamicEncoder {
        DynamicEncoder
    }

    fn decoder(&mut self) -> DynamicDecoder {
        DynamicDecoder(self.0.clone())
    }
}

impl Encoder for DynamicEncoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(
        &mut self,
        message: DynamicMessage,
        buffer: &mut EncodeBuf<'_>,
    ) -> Result<(), Status> {
        message
            .encode(buffer)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for DynamicDecoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), buffer);
        message
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}
