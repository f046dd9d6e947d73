//! Which connections are let in, and when they end.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clientele::server::limits::Limits;
use clientele::server::listener::Accept;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic::Code;

use super::raw::{GOAWAY, RST_STREAM, RawClient, WINDOW_UPDATE, call, frame, headers};
use super::{Client, LIMITS, PROBE, Server, framed, soon};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Sends some bytes and waits until the server closes the connection.
async fn until_closed(server: &Server, bytes: &[u8]) -> Duration {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let began = Instant::now();
    stream.write_all(bytes).await.unwrap();
    // Zero bytes and a reset both say that it is closed.
    assert!(matches!(
        soon(stream.read(&mut [0; 1])).await,
        Ok(0) | Err(_)
    ));
    began.elapsed()
}

#[tokio::test]
async fn silent_connection_is_dropped_after_the_preface_time() {
    let time = Duration::from_millis(50);
    let server = Server::start(Limits {
        preface_within: time,
        ..LIMITS
    })
    .await;
    assert!(until_closed(&server, b"").await >= time);
    assert!(until_closed(&server, &PREFACE[..23]).await >= time);
}

#[tokio::test]
async fn another_protocol_is_dropped_at_once() {
    let server = Server::start(Limits {
        preface_within: Duration::from_secs(600),
        ..LIMITS
    })
    .await;
    until_closed(&server, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
}

#[tokio::test]
async fn preface_in_pieces_is_a_preface() {
    let server = Server::start(LIMITS).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(&PREFACE[..7]).await.unwrap();
    tokio::task::yield_now().await;
    stream.write_all(&PREFACE[7..]).await.unwrap();
    stream
        .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    let mut frame = [0; 9];
    soon(stream.read_exact(&mut frame)).await.unwrap();
    assert_eq!(frame[3], 4, "the server begins with SETTINGS");
}

#[tokio::test]
async fn connection_over_the_limit_is_closed_and_a_place_becomes_free() {
    let server = Server::start(Limits {
        max_connections: 1,
        preface_within: Duration::from_secs(600),
        ..LIMITS
    })
    .await;
    let mut first = server.connect().await;
    let call = first
        .start(&format!("{PROBE}GetHung"), &[], framed(&String::new()))
        .await
        .unwrap();
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    until_closed(&server, b"").await;
    first.connection.abort();
    drop((first, call));
    let next = async {
        loop {
            let stream = TcpStream::connect(server.address).await.unwrap();
            let Ok((requests, connection)) = h2::client::handshake(stream).await else {
                continue;
            };
            let mut next = Client {
                host: server.address.to_string(),
                requests,
                connection: tokio::spawn(connection),
            };
            if let Ok(answer) = next
                .send(&format!("{PROBE}GetEcho"), &[], framed(&String::new()))
                .await
            {
                return answer;
            }
        }
    };
    assert_eq!(soon(next).await.code(), Code::Ok);
}

#[tokio::test]
async fn client_is_told_of_at_most_100_streams_and_64_kib_of_headers() {
    let server = Server::start(LIMITS).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    stream
        .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    let mut head = [0; 9];
    soon(stream.read_exact(&mut head)).await.unwrap();
    let mut settings = vec![0; usize::from(head[2])];
    soon(stream.read_exact(&mut settings)).await.unwrap();
    let value = |id: u16| {
        let setting = settings
            .chunks(6)
            .find(|setting| setting[..2] == id.to_be_bytes());
        setting.map(|setting| u32::from_be_bytes(setting[2..].try_into().unwrap()))
    };
    assert_eq!((value(3), value(6)), (Some(100), Some(64 << 10)));
}

#[tokio::test]
async fn old_connection_is_told_to_go_away_and_its_call_finishes() {
    let server = Server::start(Limits {
        max_connection_age: Duration::from_millis(200),
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let call = client
        .start(&format!("{PROBE}GetGated"), &[], framed(&String::new()))
        .await
        .unwrap();
    let call = tokio::spawn(call);
    // Requests are refused by the client itself once it has been told.
    let mut turned_away = None;
    while turned_away.is_none() {
        let next = client
            .send(&format!("{PROBE}GetEcho"), &[], framed(&String::new()))
            .await;
        turned_away = next.err();
    }
    assert!(turned_away.unwrap().is_go_away());
    server.probe.gate.add_permits(1);
    assert_eq!(soon(call).await.unwrap().unwrap().text(), "let go");
}

#[tokio::test]
async fn call_that_outlives_its_connection_too_long_is_cut() {
    let age = Duration::from_millis(100);
    let limits = Limits {
        max_connection_age: age,
        connection_age_grace: age,
        ..LIMITS
    };
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    let call = client
        .send(&format!("{PROBE}CreateHung"), &[], framed(&String::new()))
        .await;
    assert!(call.is_err());
    drop(soon(server.probe.dropped.acquire()).await.unwrap());
}

#[tokio::test]
async fn peer_that_answers_no_ping_is_cut() {
    let time = Duration::from_millis(50);
    let server = Server::start(Limits {
        keepalive_every: time,
        keepalive_within: time,
        ..LIMITS
    })
    .await;
    let client = RawClient::connect(&server).await;
    client.send(&call(1, "GetHung"));
    soon(server.probe.dropped.acquire()).await.unwrap().forget();
}

/// Sends this for one stream after the other, and returns why the server ended the connection.
async fn ended_by(frames_of: impl Fn(u32) -> Vec<u8>, n: u32) -> Option<u32> {
    let server = Server::start(LIMITS).await;
    let mut client = RawClient::connect(&server).await;
    for stream in 0..n {
        // Once the server has closed the connection, the frames that are there still say why.
        if client.send_all(&frames_of(1 + 2 * stream)).await.is_err() {
            break;
        }
    }
    while let Some(frame) = client.next().await {
        if frame.kind == GOAWAY {
            return Some(u32::from_be_bytes(frame.payload[4..8].try_into().unwrap()));
        }
    }
    None
}

/// The reason of a GOAWAY to a peer that makes trouble (RFC 9113, section 7).
const ENHANCE_YOUR_CALM: u32 = 11;

#[tokio::test]
async fn calls_that_are_reset_as_fast_as_they_begin_end_the_connection() {
    let cancel = 8_u32.to_be_bytes();
    let reset = |stream| {
        [
            headers(stream, "GetHung"),
            frame(RST_STREAM, 0, stream, &cancel),
        ]
        .concat()
    };
    assert_eq!(ended_by(reset, 10_000).await, Some(ENHANCE_YOUR_CALM));
}

#[tokio::test]
async fn calls_that_break_the_protocol_end_the_connection() {
    // More room than there can be.
    let too_much = 0x7fff_ffff_u32.to_be_bytes();
    let broken = |stream| {
        [
            headers(stream, "GetHung"),
            frame(WINDOW_UPDATE, 0, stream, &too_much),
        ]
        .concat()
    };
    assert_eq!(ended_by(broken, 3_000).await, Some(ENHANCE_YOUR_CALM));
}

/// A listener that reports some errors: where there is one, instead of the next connection.
struct Failing(VecDeque<Option<io::Error>>, TcpListener);

impl Accept for Failing {
    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        match self.0.pop_front().flatten() {
            Some(error) => Err(error),
            None => Accept::accept(&mut self.1).await,
        }
    }
}

async fn failing(errors: &[Option<i32>], limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let errors = errors
        .iter()
        .map(|code| code.map(io::Error::from_raw_os_error));
    Server::start_on(Failing(errors.collect(), listener), address, limits)
}

#[tokio::test]
async fn accepting_survives_its_errors() {
    // Too many open files, no memory, a connection that is gone already.
    let server = failing(&[Some(24), Some(12), Some(103)], LIMITS).await;
    let mut client = server.connect().await;
    let answer = client.call(&format!("{PROBE}GetEcho")).await;
    assert_eq!(answer.code(), Code::Ok);
}

#[tokio::test]
async fn who_is_idle_gives_way_when_there_are_too_many_open_files() {
    let patient = Limits {
        preface_within: Duration::from_secs(600),
        ..LIMITS
    };
    // A newcomer has a quarter of a second to say what it wants.
    let mut errors = vec![Some(24); 20];
    errors.insert(0, None);
    let server = failing(&errors, patient).await;
    until_closed(&server, b"").await;
    let mut client = server.connect().await;
    let answer = client.call(&format!("{PROBE}GetEcho")).await;
    assert_eq!(answer.code(), Code::Ok);
}
