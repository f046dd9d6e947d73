//! gRPC server reflection, v1 and v1alpha: what tools such as grpcurl read about the services.
//!
//! A request that finds nothing is answered with an `ErrorResponse`, and the stream goes on, as the protocol asks. The
//! service that `tonic-reflection` has ends the stream with a status instead, and finds no extensions; so only its
//! generated code is used.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Uri};
use prost_reflect::{DescriptorError, DescriptorPool, FileDescriptor};
use tokio_stream::{Stream, StreamExt};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Code, Response, Status, Streaming};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::server_reflection_server::{
    ServerReflection, ServerReflectionServer,
};
use tonic_reflection::pb::v1::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
    ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
};
use tonic_reflection::pb::{v1, v1alpha};
use tower::Service;

use crate::server::limits::{Limits, limited};

const V1_METHOD: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const V1ALPHA_METHOD: &str = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/// Adds reflection of what `pool` describes, of the health service, and of reflection itself.
///
/// # Errors
/// If `pool` declares a symbol of health or reflection in a file of another name.
pub fn add_reflection(routes: Routes, mut pool: DescriptorPool) -> Result<Routes, DescriptorError> {
    pool.decode_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)?;
    pool.decode_file_descriptor_set(v1::FILE_DESCRIPTOR_SET)?;
    pool.decode_file_descriptor_set(v1alpha::FILE_DESCRIPTOR_SET)?;
    let v1 = limited!(
        ServerReflectionServer::new(Reflection { pool }),
        Limits::DEFAULT
    );
    Ok(routes.add_service(v1.clone()).add_service(V1Alpha(v1)))
}

struct Reflection {
    pool: DescriptorPool,
}

#[tonic::async_trait]
impl ServerReflection for Reflection {
    type ServerReflectionInfoStream =
        Pin<Box<dyn Stream<Item = Result<ServerReflectionResponse, Status>> + Send>>;

    async fn server_reflection_info(
        &self,
        requests: tonic::Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let pool = self.pool.clone();
        let requests = requests.into_inner();
        let answers = requests.map(move |request| Ok(answer(&pool, request?)));
        Ok(Response::new(Box::pin(answers)))
    }
}

fn answer(pool: &DescriptorPool, request: ServerReflectionRequest) -> ServerReflectionResponse {
    let found = match &request.message_request {
        None => Err((Code::InvalidArgument, "the request asks for nothing")),
        Some(asked) => look_up(pool, asked).ok_or((Code::NotFound, "not found")),
    };
    let message = found.unwrap_or_else(|(code, message)| {
        MessageResponse::ErrorResponse(ErrorResponse {
            error_code: code as i32,
            error_message: message.to_owned(),
        })
    });
    ServerReflectionResponse {
        valid_host: request.host.clone(),
        original_request: Some(request),
        message_response: Some(message),
    }
}

fn look_up(pool: &DescriptorPool, asked: &MessageRequest) -> Option<MessageResponse> {
    match asked {
        MessageRequest::FileByFilename(name) => pool.get_file_by_name(name).map(file_response),
        MessageRequest::FileContainingSymbol(symbol) => {
            file_of_symbol(pool, symbol).map(file_response)
        }
        MessageRequest::FileContainingExtension(asked) => {
            let message = pool.get_message_by_name(&asked.containing_type)?;
            let number = u32::try_from(asked.extension_number).ok()?;
            Some(file_response(message.get_extension(number)?.parent_file()))
        }
        MessageRequest::AllExtensionNumbersOfType(name) => {
            let extensions = pool.get_message_by_name(name)?;
            let numbers = extensions.extensions().map(|field| field.number());
            Some(MessageResponse::AllExtensionNumbersResponse(
                ExtensionNumberResponse {
                    base_type_name: name.clone(),
                    // Field numbers have 29 bits.
                    extension_number: numbers.map(|number| number as i32).collect(),
                },
            ))
        }
        MessageRequest::ListServices(_) => {
            let names = pool.services().map(|service| ServiceResponse {
                name: service.full_name().to_owned(),
            });
            Some(MessageResponse::ListServicesResponse(ListServiceResponse {
                service: names.collect(),
            }))
        }
    }
}

/// The file alone, without those it imports: clients ask for these by name. Its custom options are kept, which they
/// would not be in the types of `prost_types`.
fn file_response(file: FileDescriptor) -> MessageResponse {
    MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
        file_descriptor_proto: vec![file.encode_to_vec()],
    })
}

/// Returns the file that declares a message, enum, service or extension, or something within one.
fn file_of_symbol(pool: &DescriptorPool, symbol: &str) -> Option<FileDescriptor> {
    None.or_else(|| Some(pool.get_message_by_name(symbol)?.parent_file()))
        .or_else(|| Some(pool.get_enum_by_name(symbol)?.parent_file()))
        .or_else(|| Some(pool.get_service_by_name(symbol)?.parent_file()))
        .or_else(|| Some(pool.get_extension_by_name(symbol)?.parent_file()))
        .or_else(|| file_of_member(pool, symbol))
        .or_else(|| {
            // The full name of a value does not have that of its enum in it: values are siblings of their enum.
            let mut values = pool
                .all_enums()
                .flat_map(|of| of.values().collect::<Vec<_>>());
            let value = values.find(|value| value.full_name() == symbol)?;
            Some(value.parent_enum().parent_file())
        })
}

/// Returns the file of a method, field or oneof.
fn file_of_member(pool: &DescriptorPool, symbol: &str) -> Option<FileDescriptor> {
    let (parent, name) = symbol.rsplit_once('.')?;
    if let Some(service) = pool.get_service_by_name(parent) {
        let declares = service.methods().any(|method| method.name() == name);
        return declares.then(|| service.parent_file());
    }
    let message = pool.get_message_by_name(parent)?;
    let declares = message.get_field_by_name(name).is_some()
        || message.oneofs().any(|oneof| oneof.name() == name);
    declares.then(|| message.parent_file())
}

/// The service under its old name. Only the package differs between the two; the messages are the same on the wire.
#[derive(Clone)]
struct V1Alpha(ServerReflectionServer<Reflection>);

impl NamedService for V1Alpha {
    const NAME: &'static str = v1alpha::server_reflection_server::SERVICE_NAME;
}

impl Service<Request<Body>> for V1Alpha {
    type Response = <ServerReflectionServer<Reflection> as Service<Request<Body>>>::Response;
    type Error = <ServerReflectionServer<Reflection> as Service<Request<Body>>>::Error;
    type Future = <ServerReflectionServer<Reflection> as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<Body>>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if request.uri().path() == V1ALPHA_METHOD {
            *request.uri_mut() = Uri::from_static(V1_METHOD);
        }
        self.0.call(request)
    }
}
