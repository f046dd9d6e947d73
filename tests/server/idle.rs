//! Who gives way when there is no place left, and who is closed for doing nothing.

use std::time::{Duration, Instant};

use clientele::server::limits::Limits;
use h2::client::ResponseFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tonic::Code;

use super::raw::{DATA, GOAWAY, RawClient, call};
use super::{Client, LIMITS, PROBE, Server, framed, soon};

const LONG: Duration = Duration::from_secs(600);

/// Nothing but a lack of places closes a connection.
const PATIENT: Limits = Limits {
    preface_within: LONG,
    idle_within: LONG,
    ..LIMITS
};

async fn silent(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

async fn is_closed(mut stream: TcpStream) {
    // Zero bytes and a reset both say that it is closed.
    let closed = soon(stream.read(&mut [0; 1])).await;
    assert!(matches!(closed, Ok(0) | Err(_)));
}

async fn echo(client: &mut Client) -> Code {
    client.call(&format!("{PROBE}GetEcho")).await.code()
}

/// Begins a call that hangs.
async fn busy(server: &Server) -> (Client, ResponseFuture) {
    let mut client = server.connect().await;
    let path = format!("{PROBE}GetHung");
    let (response, mut stream) = client.open(&path, &[]).await.unwrap();
    let message = framed(&String::new());
    stream.send_data(message.into(), true).unwrap();
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    (client, response)
}

/// Waits until the server has said that the connection ends.
async fn is_told(client: Client) {
    let ended = soon(client.connection).await.unwrap();
    assert!(ended.is_ok(), "{ended:?}");
}

#[tokio::test]
async fn silent_sockets_lock_nobody_out() {
    let server = Server::start(Limits {
        max_connections: 8,
        ..PATIENT
    })
    .await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(silent(&server).await);
    }
    let mut client = server.connect().await;
    assert_eq!(echo(&mut client).await, Code::Ok);
    for socket in sockets.drain(..13) {
        is_closed(socket).await;
    }
    // Who has made a call stays, whoever comes.
    for _ in 0..20 {
        sockets.push(silent(&server).await);
    }
    is_closed(sockets.remove(7)).await;
    assert_eq!(echo(&mut client).await, Code::Ok);
}

#[tokio::test]
async fn the_one_that_is_idle_longest_gives_way_and_is_told() {
    let server = Server::start(Limits {
        max_connections: 3,
        ..PATIENT
    })
    .await;
    let (mut first, mut second) = (server.connect().await, RawClient::connect(&server).await);
    second.send(&call(1, "GetEcho"));
    second.until(DATA, 1).await;
    assert_eq!(echo(&mut first).await, Code::Ok);
    let (_busy, call) = busy(&server).await;
    let mut newcomer = server.connect().await;
    assert_eq!(echo(&mut newcomer).await, Code::Ok);
    // Which calls were seen: the first.
    let frames = second.until(GOAWAY, 0).await;
    assert_eq!(frames.last().unwrap().payload[..4], 1_u32.to_be_bytes());
    assert_eq!(echo(&mut first).await, Code::Ok);
    drop(call);
}

#[tokio::test]
async fn connection_without_calls_is_closed_after_the_idle_time() {
    let idle_within = Duration::from_millis(200);
    let server = Server::start(Limits {
        idle_within,
        ..LIMITS
    })
    .await;
    let unused = server.connect().await;
    let mut used = server.connect().await;
    assert_eq!(echo(&mut used).await, Code::Ok);
    let began = Instant::now();
    let (mut busy, call) = busy(&server).await;
    is_told(unused).await;
    is_told(used).await;
    assert!(began.elapsed() >= idle_within / 2);
    // Far longer than it may be idle: its call is open.
    let watch = busy.call_within("WatchQuiet", "1S").await;
    assert_eq!(watch.code(), Code::DeadlineExceeded);
    assert_eq!(echo(&mut busy).await, Code::Ok);
    drop(call);
    // Now it has none.
    is_told(busy).await;
}

#[tokio::test]
async fn call_that_is_on_its_way_when_the_idle_time_is_over_is_answered() {
    let server = Server::start(Limits {
        idle_within: Duration::from_millis(50),
        ..LIMITS
    })
    .await;
    let mut client = RawClient::connect(&server).await;
    client.until(GOAWAY, 0).await;
    client.send(&call(1, "GetEcho"));
    client.until(DATA, 1).await;
}

/// The server learns of the newcomer and of the call in one moment.
#[tokio::test]
async fn call_that_comes_as_its_connection_gives_way_is_answered() {
    let (mut n_gave_way, n_rounds) = (0, 40);
    for _ in 0..n_rounds {
        let server = Server::start(Limits {
            max_connections: 1,
            ..PATIENT
        })
        .await;
        let mut client = RawClient::connect(&server).await;
        client.send(&call(1, "GetEcho"));
        client.until(DATA, 1).await;
        for _ in 0..20 {
            // Until the server has noted that the call has ended.
            tokio::task::yield_now().await;
        }
        let newcomer = std::net::TcpStream::connect(server.address).unwrap();
        client.send(&call(3, "GetEcho"));
        let frames = client.until(DATA, 3).await;
        n_gave_way += usize::from(frames.iter().any(|frame| frame.kind == GOAWAY));
        drop(newcomer);
    }
    assert!(n_gave_way > n_rounds / 10, "{n_gave_way} gave way");
}

async fn from(address: &str, server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket
        .bind(format!("{address}:0").parse().unwrap())
        .unwrap();
    socket.connect(server.address).await.unwrap()
}

#[tokio::test]
async fn one_peer_has_a_limit_of_its_own() {
    let server = Server::start(Limits {
        max_connections_per_peer: 2,
        ..PATIENT
    })
    .await;
    let mut other = {
        let stream = from("127.0.0.2", &server).await;
        server.client(stream, &h2::client::Builder::new()).await
    };
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(from("127.0.0.3", &server).await);
    }
    for socket in sockets.drain(..3) {
        is_closed(socket).await;
    }
    assert_eq!(echo(&mut other).await, Code::Ok);
    for socket in &mut sockets {
        socket.write_all(b"PRI * HTTP/2.0").await.unwrap();
    }
}

#[tokio::test]
async fn peer_whose_connections_are_all_busy_is_refused() {
    let server = Server::start(Limits {
        max_connections_per_peer: 1,
        ..PATIENT
    })
    .await;
    let (_busy, call) = busy(&server).await;
    is_closed(silent(&server).await).await;
    drop(call);
}
