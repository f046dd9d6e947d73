//! Requests that are inflated, and answers that are compressed.

use std::io::{Read, Write, repeat};

use clientele::descriptors::pool;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::pb::{CreateCustomerRequest, Customer, ListCustomersRequest};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use prost::Message;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request};
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use super::{Answer, CHECK, Client, LIMITS, PROBE, Server, framed};
use crate::harness::engine::Engine;
use crate::harness::{Harness, in_runtime};

const ENCODINGS: [&str; 2] = ["gzip", "zstd"];

fn compress(encoding: &str, mut bytes: impl Read) -> Vec<u8> {
    if encoding == "zstd" {
        return zstd::encode_all(bytes, 0).unwrap();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    std::io::copy(&mut bytes, &mut encoder).unwrap();
    encoder.flush().unwrap();
    encoder.finish().unwrap()
}

fn inflate(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    if encoding == "zstd" {
        return zstd::decode_all(bytes).unwrap();
    }
    let mut inflated = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut inflated).unwrap();
    inflated
}

/// A compressed message as it stands in a body.
fn flagged(compressed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(compressed.len()).unwrap().to_be_bytes();
    [&[1], &length[..], compressed].concat()
}

/// Calls a method with a compressed message and takes answers in `accepted`.
async fn call_compressed(
    client: &mut Client,
    path: &str,
    encoding: &str,
    accepted: &str,
    message: &[u8],
) -> Answer {
    let headers = [
        ("grpc-encoding", encoding),
        ("grpc-accept-encoding", accepted),
    ];
    let body = flagged(&compress(encoding, message));
    client.send(path, &headers, body).await.unwrap()
}

/// Returns the messages of an answer and whether each was compressed.
fn messages(answer: &Answer) -> Vec<(bool, Vec<u8>)> {
    let mut rest = &answer.body[..];
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let end = 5 + u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        let message = rest[5..end].to_vec();
        messages.push(if rest[0] == 1 {
            let encoding = answer.headers["grpc-encoding"].to_str().unwrap();
            (true, inflate(encoding, &message))
        } else {
            (false, message)
        });
        rest = &rest[end..];
    }
    messages
}

/// A string that makes a message of so many bytes, which are at least 130.
fn text_of(size: usize) -> String {
    let size_of_length = if size < (1 << 14) { 2 } else { 3 };
    let text = "x".repeat(size - 1 - size_of_length);
    assert_eq!(text.encoded_len(), size);
    text
}

fn echo() -> String {
    format!("{PROBE}GetEcho")
}

#[tokio::test]
async fn compressed_request_is_inflated_and_answered_in_its_own_encoding() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for (encoding, accepted) in [
        ("gzip", "gzip"),
        ("gzip", "identity, zstd,gzip"),
        ("zstd", "zstd"),
        ("zstd", "gzip,zstd,identity"),
    ] {
        let message = text_of(5000).encode_to_vec();
        let answer = call_compressed(&mut client, &echo(), encoding, accepted, &message).await;
        assert_eq!(answer.code(), Code::Ok, "{encoding}: {answer:?}");
        assert_eq!(answer.headers["grpc-encoding"], encoding);
        assert!(answer.body.len() < 500, "{}", answer.body.len());
        assert_eq!(messages(&answer), [(true, message)]);
    }
}

#[tokio::test]
async fn answer_is_compressed_from_one_kib_on() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for encoding in ENCODINGS {
        for (size, is_compressed) in [(200, false), (1023, false), (1024, true), (1025, true)] {
            let message = text_of(size).encode_to_vec();
            let answer = call_compressed(&mut client, &echo(), encoding, encoding, &message).await;
            assert_eq!(messages(&answer), [(is_compressed, message)], "{encoding}");
        }
    }
}

#[tokio::test]
async fn answer_to_a_plain_request_is_plain() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let text = text_of(5000);
    let accepts = [("grpc-accept-encoding", "gzip,zstd,identity")];
    let says_plain = [("grpc-encoding", "identity"), accepts[0]];
    for headers in [&accepts[..], &says_plain] {
        let answer = client.send(&echo(), headers, framed(&text)).await.unwrap();
        assert!(!answer.headers.contains_key("grpc-encoding"));
        assert_eq!(messages(&answer), [(false, text.encode_to_vec())]);
    }
}

#[tokio::test]
async fn answer_is_plain_for_a_caller_that_does_not_take_the_encoding_of_its_request() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let message = text_of(5000).encode_to_vec();
    for (encoding, accepted) in [("gzip", "zstd"), ("zstd", "identity"), ("gzip", "")] {
        let answer = call_compressed(&mut client, &echo(), encoding, accepted, &message).await;
        assert!(!answer.headers.contains_key("grpc-encoding"));
        assert_eq!(messages(&answer), [(false, message.clone())]);
    }
}

#[tokio::test]
async fn refusal_of_a_compressed_request_looks_like_any_other() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for encoding in ENCODINGS {
        for (method, reason) in [("GetRefused", "FIELD_INVALID"), ("GetPanic", "INTERNAL")] {
            let path = format!("{PROBE}{method}");
            let answer = call_compressed(&mut client, &path, encoding, encoding, &[]).await;
            assert_eq!(answer.reason(), reason);
            assert!(!answer.headers.contains_key("grpc-encoding"));
        }
    }
}

#[tokio::test]
async fn limit_of_an_answer_is_held_to_its_plain_size() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for encoding in ENCODINGS {
        let path = format!("{PROBE}GetHuge");
        let answer = call_compressed(&mut client, &path, encoding, encoding, &[]).await;
        assert_eq!(answer.reason(), "RESPONSE_TOO_LARGE");
    }
}

#[tokio::test]
async fn limit_of_a_request_is_held_to_its_inflated_size() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let most = LIMITS.max_message_bytes;
    for encoding in ENCODINGS {
        let message = text_of(most).encode_to_vec();
        let answer = call_compressed(&mut client, &echo(), encoding, encoding, &message).await;
        assert_eq!(messages(&answer), [(true, message)]);
        let message = text_of(most + 1).encode_to_vec();
        for path in [&*echo(), CHECK] {
            let answer = call_compressed(&mut client, path, encoding, encoding, &message).await;
            assert_eq!(answer.code(), Code::ResourceExhausted);
            assert_eq!(answer.reason(), "MESSAGE_TOO_LARGE");
        }
    }
}

/// Returns the most memory that this process has had at a time, in MiB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().trim_end_matches("kB").trim();
    kib.parse::<u64>().unwrap() >> 10
}

#[tokio::test]
async fn bomb_is_refused_before_it_is_inflated() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for (encoding, size) in [("gzip", 64 << 20), ("zstd", 4 << 30)] {
        let bomb = flagged(&compress(encoding, repeat(0).take(size)));
        assert!(bomb.len() < LIMITS.max_message_bytes, "{}", bomb.len());
        let before = peak_memory();
        let headers = [("grpc-encoding", encoding)];
        let answer = client.send(&echo(), &headers, bomb).await.unwrap();
        assert_eq!(answer.code(), Code::ResourceExhausted);
        assert_eq!(answer.reason(), "MESSAGE_TOO_LARGE");
        // Other tests run in this process, but none takes that much.
        assert!(peak_memory() < before + 1024, "{encoding}");
    }
}

#[tokio::test]
async fn request_that_cannot_be_inflated_is_the_callers_mistake() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for encoding in ENCODINGS {
        let whole = compress(encoding, &text_of(5000).encode_to_vec()[..]);
        let half = &whole[..whole.len() / 2];
        for bytes in [b"no such thing", half] {
            let headers = [("grpc-encoding", encoding)];
            let answer = client.send(&echo(), &headers, flagged(bytes)).await;
            let answer = answer.unwrap();
            assert_eq!(answer.code(), Code::InvalidArgument, "{encoding}");
            assert_eq!(answer.reason(), "MESSAGE_UNDECODABLE", "{encoding}");
        }
    }
}

#[tokio::test]
async fn each_message_of_a_stream_is_compressed_by_its_own_size() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let ask = |symbol: &str| {
        let message = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::FileContainingSymbol(symbol.to_owned())),
        };
        flagged(&compress("zstd", &message.encode_to_vec()[..]))
    };
    let body = [
        ask("nobody.Knows"),
        ask("clientele.v1.Customer"),
        ask("nobody.Knows"),
    ];
    let headers = [("grpc-encoding", "zstd"), ("grpc-accept-encoding", "zstd")];
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let answer = client.send(path, &headers, body.concat()).await.unwrap();
    assert_eq!(answer.code(), Code::Ok);
    let compressed: Vec<_> = messages(&answer).iter().map(|of| of.0).collect();
    assert_eq!(compressed, [false, true, false]);
}

#[test]
fn every_service_takes_compressed_requests() {
    in_runtime(async {
        let h = Harness::start(Engine::Sqlite).await;
        let ours = pool()
            .services()
            .filter(|of| of.package_name() == "clientele.v1");
        let mut methods: Vec<_> = ours
            .map(|of| {
                format!(
                    "/{}/{}",
                    of.full_name(),
                    of.methods().next().unwrap().name()
                )
            })
            .collect();
        methods.push(CHECK.to_owned());
        for method in methods {
            for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
                let mut grpc = Grpc::new(h.channel.clone()).send_compressed(encoding);
                grpc.ready().await.unwrap();
                let path = method.parse().unwrap();
                let codec = ProstCodec::<(), ()>::default();
                let called = grpc.unary(Request::new(()), path, codec).await;
                let code = called.map_or_else(|status| status.code(), |_| Code::Ok);
                assert_ne!(code, Code::Unimplemented, "{method}");
            }
        }
        h.stop().await;
    });
}

#[test]
fn client_that_compresses_reads_what_others_read() {
    in_runtime(async {
        let mut h = Harness::start(Engine::Sqlite).await;
        for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
            let mut compressing = CustomerServiceClient::new(h.channel.clone())
                .send_compressed(encoding)
                .accept_compressed(encoding);
            let customer = Customer {
                display_name: "x".repeat(100),
                ..Customer::default()
            };
            for _ in 0..10 {
                let request = CreateCustomerRequest {
                    customer: Some(customer.clone()),
                    ..CreateCustomerRequest::default()
                };
                compressing.create_customer(request).await.unwrap();
            }
            let request = ListCustomersRequest::default();
            let listed = compressing.list_customers(request.clone()).await.unwrap();
            assert_eq!(
                listed.into_inner(),
                h.customers
                    .list_customers(request)
                    .await
                    .unwrap()
                    .into_inner()
            );
        }
        h.stop().await;
    });
}
