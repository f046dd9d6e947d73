//! What the server tells about its services, in both versions of reflection.

use std::fmt::Debug;

use clientele::descriptors::pool;
use clientele::server::reflection::add_reflection;
use h2::{RecvStream, SendStream};
use http::Request;
use prost::Message;
use prost::bytes::Bytes;
use prost_reflect::DescriptorPool;
use prost_types::{FileDescriptorProto, ServiceDescriptorProto};
use tonic::Code;
use tonic::service::Routes;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{
    ExtensionRequest, ServerReflectionRequest, ServerReflectionResponse,
};
use tonic_reflection::pb::{v1, v1alpha};

use super::{Client, DESCRIPTORS, LIMITS, Server, described, framed, soon};

const VERSIONS: [&str; 2] = ["v1", "v1alpha"];

/// A stream of reflection that stays open between requests.
struct Stream {
    requests: SendStream<Bytes>,
    answers: RecvStream,
    unread: Vec<u8>,
}

impl Stream {
    async fn open(client: &mut Client, version: &str) -> Stream {
        let uri = format!("http://{}{}", client.host, path(version));
        let request = Request::post(uri)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(());
        let mut connection = soon(client.requests.clone().ready()).await.unwrap();
        let (response, requests) = connection.send_request(request.unwrap(), false).unwrap();
        Stream {
            requests,
            answers: soon(response).await.unwrap().into_body(),
            unread: Vec::new(),
        }
    }

    /// Asks and waits for the answer, which must repeat the request.
    async fn ask(&mut self, asked: Option<MessageRequest>) -> MessageResponse {
        let request = ServerReflectionRequest {
            host: "localhost".to_owned(),
            message_request: asked,
        };
        let data = framed(&request).into();
        self.requests.send_data(data, false).unwrap();
        while self.unread.len() < 5 || self.unread.len() < 5 + self.length() {
            let data = soon(self.answers.data()).await.unwrap().unwrap();
            let capacity = self.answers.flow_control();
            capacity.release_capacity(data.len()).unwrap();
            self.unread.extend_from_slice(&data);
        }
        let rest = self.unread.split_off(5 + self.length());
        let message = std::mem::replace(&mut self.unread, rest);
        let answer = ServerReflectionResponse::decode(&message[5..]).unwrap();
        assert_eq!(answer.valid_host, request.host);
        assert_eq!(answer.original_request, Some(request));
        answer.message_response.expect("an answer or an error")
    }

    fn length(&self) -> usize {
        u32::from_be_bytes(self.unread[1..5].try_into().unwrap()) as usize
    }

    async fn end(mut self) -> Code {
        self.requests.send_data(Bytes::new(), true).unwrap();
        let trailers = soon(self.answers.trailers()).await.unwrap().unwrap();
        Code::from_bytes(trailers["grpc-status"].as_bytes())
    }
}

fn path(version: &str) -> String {
    format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
}

fn by_name(name: &str) -> Option<MessageRequest> {
    Some(MessageRequest::FileByFilename(name.to_owned()))
}

fn by_symbol(symbol: &str) -> Option<MessageRequest> {
    Some(MessageRequest::FileContainingSymbol(symbol.to_owned()))
}

fn by_extension(of: &str, number: i32) -> Option<MessageRequest> {
    Some(MessageRequest::FileContainingExtension(ExtensionRequest {
        containing_type: of.to_owned(),
        extension_number: number,
    }))
}

fn extensions_of(message: &str) -> Option<MessageRequest> {
    let message = message.to_owned();
    Some(MessageRequest::AllExtensionNumbersOfType(message))
}

fn services() -> Option<MessageRequest> {
    Some(MessageRequest::ListServices(String::new()))
}

fn file_name(answer: &MessageResponse) -> String {
    let MessageResponse::FileDescriptorResponse(found) = answer else {
        panic!("no file: {answer:?}");
    };
    let [file] = &found.file_descriptor_proto[..] else {
        panic!("one file: {answer:?}");
    };
    FileDescriptorProto::decode(&file[..])
        .unwrap()
        .name()
        .to_owned()
}

fn error_code(answer: &MessageResponse) -> Code {
    match answer {
        MessageResponse::ErrorResponse(error) => Code::from(error.error_code),
        other => panic!("no error: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_found_is_an_error_response_and_the_stream_goes_on() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for version in VERSIONS {
        let mut stream = Stream::open(&mut client, version).await;
        let unknown = [
            by_name("y.proto"),
            by_name(""),
            by_symbol("nobody.Knows"),
            by_symbol("Knows"),
            by_symbol(""),
            by_symbol("clientele.v1"),
            by_symbol("clientele.v1.CustomerService.Nothing"),
            by_symbol("clientele.v1.Customer.nothing"),
            by_extension("nobody.Knows", 1),
            by_extension("google.protobuf.MethodOptions", 1),
            by_extension("google.protobuf.MethodOptions", -1),
            extensions_of("nobody.Knows"),
        ];
        for asked in unknown {
            let answer = stream.ask(asked.clone()).await;
            assert_eq!(error_code(&answer), Code::NotFound, "{version}: {asked:?}");
            let answer = stream.ask(by_name("x.proto")).await;
            assert_eq!(file_name(&answer), "x.proto", "{version}: after {asked:?}");
        }
        let answer = stream.ask(None).await;
        assert_eq!(error_code(&answer), Code::InvalidArgument);
        assert_eq!(file_name(&stream.ask(by_name("x.proto")).await), "x.proto");
        assert_eq!(stream.end().await, Code::Ok);
    }
}

#[tokio::test]
async fn file_is_found_by_its_name_and_keeps_its_custom_options() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for version in VERSIONS {
        let mut stream = Stream::open(&mut client, version).await;
        let answer = stream.ask(by_name("x.proto")).await;
        let MessageResponse::FileDescriptorResponse(found) = answer else {
            panic!("no file: {answer:?}");
        };
        assert_eq!(found.file_descriptor_proto, [&DESCRIPTORS[2..]]);
        for file in pool().files() {
            let answer = stream.ask(by_name(file.name())).await;
            assert_eq!(file_name(&answer), file.name());
        }
    }
}

#[tokio::test]
async fn file_is_found_by_everything_that_it_declares() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let customer = pool().get_message_by_name("clientele.v1.Customer").unwrap();
    let nested = pool().all_messages().find(|of| {
        let is_ours = of.package_name() == "clientele.v1" && !of.is_map_entry();
        is_ours && of.parent_message().is_some()
    });
    let in_oneof = pool()
        .all_messages()
        .find(|of| of.oneofs().len() > 0)
        .unwrap();
    let oneof = in_oneof.oneofs().next().unwrap();
    let values = pool().all_enums().map(|of| of.values().next().unwrap());
    let mut declared = vec![
        ("clientele.v1.Customer".to_owned(), customer.parent_file()),
        (
            "clientele.v1.Customer.name".to_owned(),
            customer.parent_file(),
        ),
        (oneof.full_name().to_owned(), in_oneof.parent_file()),
    ];
    declared.extend(nested.map(|of| (of.full_name().to_owned(), of.parent_file())));
    declared.extend(values.map(|value| {
        let file = value.parent_enum().parent_file();
        (value.full_name().to_owned(), file)
    }));
    let enums = pool().all_enums();
    declared.extend(enums.map(|of| (of.full_name().to_owned(), of.parent_file())));
    let extensions = pool().all_extensions();
    declared.extend(extensions.map(|of| (of.full_name().to_owned(), of.parent_file())));
    for service in pool().services() {
        declared.push((service.full_name().to_owned(), service.parent_file()));
        let methods = service.methods();
        declared.extend(methods.map(|of| (of.full_name().to_owned(), service.parent_file())));
    }
    for version in VERSIONS {
        let mut stream = Stream::open(&mut client, version).await;
        for (symbol, file) in &declared {
            let answer = stream.ask(by_symbol(symbol)).await;
            assert_eq!(file_name(&answer), file.name(), "{version}: {symbol}");
        }
    }
}

#[tokio::test]
async fn extensions_are_counted_and_found() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for version in VERSIONS {
        let mut stream = Stream::open(&mut client, version).await;
        let options = "google.protobuf.MethodOptions";
        // The number of google.api.http.
        let answer = stream.ask(by_extension(options, 72_295_728)).await;
        assert_eq!(file_name(&answer), "google/api/annotations.proto");
        let MessageResponse::AllExtensionNumbersResponse(all) =
            stream.ask(extensions_of(options)).await
        else {
            panic!("no numbers");
        };
        assert_eq!(all.base_type_name, options);
        assert!(all.extension_number.contains(&72_295_728), "{all:?}");
        let MessageResponse::AllExtensionNumbersResponse(none) =
            stream.ask(extensions_of("clientele.v1.Customer")).await
        else {
            panic!("no numbers");
        };
        assert_eq!(none.extension_number, [0; 0]);
    }
}

#[tokio::test]
async fn all_services_are_listed() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for version in VERSIONS {
        let mut stream = Stream::open(&mut client, version).await;
        let MessageResponse::ListServicesResponse(listed) = stream.ask(services()).await else {
            panic!("no services");
        };
        let names: Vec<_> = listed.service.iter().map(|of| &of.name[..]).collect();
        for name in [
            "clientele.v1.CustomerService",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
        ] {
            assert!(names.contains(&name), "{version}: {name} of {names:?}");
        }
    }
}

#[tokio::test]
async fn unknown_method_of_reflection_is_unimplemented() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for version in VERSIONS {
        let path = format!("/grpc.reflection.{version}.ServerReflection/Nothing");
        assert_eq!(client.call(&path).await.code(), Code::Unimplemented);
    }
}

/// The server answers both versions with the messages of v1.
#[test]
fn v1_and_v1alpha_are_the_same_on_the_wire() {
    fn fields(encoded: &[u8]) -> impl Debug + PartialEq {
        let pool = DescriptorPool::decode(encoded).unwrap();
        let messages = pool.all_messages().map(|message| {
            let fields = message.fields().map(|field| {
                let kind = field.field_descriptor_proto().r#type;
                let name = field.name().to_owned();
                (name, field.number(), kind, field.cardinality())
            });
            (message.name().to_owned(), fields.collect::<Vec<_>>())
        });
        messages.collect::<Vec<_>>()
    }
    assert_eq!(
        fields(v1::FILE_DESCRIPTOR_SET),
        fields(v1alpha::FILE_DESCRIPTOR_SET)
    );
}

#[test]
fn descriptors_that_declare_what_health_declares_are_an_error() {
    let mut other = described();
    let service = ServiceDescriptorProto {
        name: Some("Health".to_owned()),
        ..ServiceDescriptorProto::default()
    };
    let file = FileDescriptorProto {
        name: Some("other.proto".to_owned()),
        package: Some("grpc.health.v1".to_owned()),
        service: vec![service],
        ..FileDescriptorProto::default()
    };
    other.add_file_descriptor_proto(file).unwrap();
    assert!(add_reflection(Routes::default(), other).is_err());
}
