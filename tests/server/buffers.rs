//! What waits to be received or sent: how much of it there may be, and when it is let go.

use std::time::{Duration, Instant};

use clientele::server::limits::Limits;
use h2::client::{Builder, ResponseFuture};
use prost::bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tonic::Code;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use super::probe::LARGE;
use super::{Answer, Client, LIMITS, PROBE, Server, framed, soon, whole};

const LONG: Duration = Duration::from_secs(600);

/// Room for four large answers and little more. Nothing but the budget ends a call.
const TIGHT: Limits = Limits {
    max_buffered_bytes: 5 * LARGE,
    read_cap: LONG,
    write_cap: LONG,
    stalled_within: LONG,
    ..LIMITS
};

/// A caller who has no room for an answer.
fn without_room() -> Builder {
    let mut settings = Builder::new();
    settings.initial_window_size(0);
    settings
}

fn assert_shed(answer: &Answer) {
    use tonic_types::StatusExt;
    assert_eq!(
        (answer.code(), answer.reason().as_str()),
        (Code::Unavailable, "OVERLOADED")
    );
    assert!(answer.status.get_details_retry_info().is_some());
}

/// Asks for a large answer and waits until it is on its way, or has been refused.
async fn large(client: &mut Client) -> http::Response<h2::RecvStream> {
    let (response, mut stream) = client.open(&format!("{PROBE}GetLarge"), &[]).await.unwrap();
    stream
        .send_data(framed(&String::new()).into(), true)
        .unwrap();
    soon(response).await.unwrap()
}

#[tokio::test]
async fn answers_that_nobody_takes_are_shed_and_others_are_served() {
    let server = Server::start(TIGHT).await;
    let mut reader = server.connect().await;
    let mut idler = server.connect_with(&without_room()).await;
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(large(&mut idler).await);
    }
    // Their headers are there; whether the body found room is known with the fifth.
    assert_shed(&soon(whole(large(&mut idler).await)).await.unwrap());
    assert_shed(&soon(whole(large(&mut reader).await)).await.unwrap());
    assert_eq!(
        reader.call(&format!("{PROBE}GetEcho")).await.text(),
        "hello",
        "who asks for little is answered"
    );
    // Once they are let go, there is room again.
    drop(waiting);
    let served = async { while large_answer(&mut reader).await != Code::Ok {} };
    soon(served).await;
}

#[tokio::test]
async fn deadline_ends_an_answer_that_nobody_takes() {
    let server = Server::start(TIGHT).await;
    for window in [0, 65_535] {
        let mut settings = Builder::new();
        settings.initial_window_size(window);
        let mut idler = server.connect_with(&settings).await;
        let (response, mut stream) = idler
            .open(&format!("{PROBE}GetLarge"), &[("grpc-timeout", "300m")])
            .await
            .unwrap();
        stream
            .send_data(framed(&String::new()).into(), true)
            .unwrap();
        let mut body = soon(response).await.unwrap().into_body();
        // Nothing is taken: the status comes behind what the caller had room for.
        let trailers = async {
            while body.data().await.is_some() {}
            body.trailers().await.unwrap().unwrap()
        };
        let trailers = soon(trailers).await;
        assert_eq!(trailers["grpc-status"], "4", "a window of {window}");
    }
}

#[tokio::test]
async fn answer_without_a_deadline_is_reset_when_nobody_takes_it() {
    let server = Server::start(Limits {
        stalled_within: Duration::from_millis(200),
        ..TIGHT
    })
    .await;
    let mut idler = server.connect_with(&without_room()).await;
    let (response, mut stream) = idler
        .open(&format!("{PROBE}WatchQuiet"), &[])
        .await
        .unwrap();
    stream
        .send_data(framed(&String::new()).into(), true)
        .unwrap();
    let mut body = soon(response).await.unwrap().into_body();
    let error = soon(body.data()).await.unwrap().unwrap_err();
    assert_eq!(error.reason(), Some(h2::Reason::CANCEL));
}

/// A client that has all the room of HTTP/2, and reads nothing off its socket. What stands between passes on what it
/// sends, and nothing that the server answers.
struct Deaf {
    client: Client,
    between: tokio::io::DuplexStream,
    socket: TcpStream,
    open: Vec<ResponseFuture>,
}

impl Deaf {
    async fn connect(server: &Server) -> Deaf {
        let mut settings = Builder::new();
        settings
            .initial_window_size(1 << 30)
            .initial_connection_window_size(1 << 30);
        let socket = TcpStream::connect(server.address).await.unwrap();
        let (client, between) = tokio::io::duplex(1 << 16);
        let (requests, connection) = settings.handshake::<_, Bytes>(client).await.unwrap();
        tokio::spawn(connection);
        Deaf {
            client: Client {
                host: server.address.to_string(),
                requests,
                connection: tokio::spawn(std::future::pending()),
            },
            between,
            socket,
            open: Vec::new(),
        }
    }

    async fn call(&mut self, method: &str, headers: &[(&str, &str)]) {
        let path = format!("{PROBE}{method}");
        let (response, mut stream) = self.client.open(&path, headers).await.unwrap();
        let message = framed(&String::new());
        stream.send_data(message.into(), true).unwrap();
        self.open.push(response);
    }

    /// Passes on what is sent, until something has happened.
    async fn until<T>(&mut self, happened: impl Future<Output = T>) -> T {
        let mut sent = vec![0; 1 << 16];
        let mut happened = std::pin::pin!(soon(happened));
        loop {
            tokio::select! {
                happened = &mut happened => return happened,
                n = self.between.read(&mut sent) => {
                    self.socket.write_all(&sent[..n.unwrap()]).await.unwrap();
                }
            }
        }
    }
}

#[tokio::test]
async fn connection_that_takes_nothing_is_cut() {
    let server = Server::start(Limits {
        stalled_within: Duration::from_millis(200),
        max_buffered_bytes: 256 << 20,
        ..TIGHT
    })
    .await;
    let mut deaf = Deaf::connect(&server).await;
    for method in std::iter::once("GetHung").chain(std::iter::repeat_n("GetLarge", 20)) {
        deaf.call(method, &[]).await;
    }
    deaf.until(server.probe.dropped.acquire())
        .await
        .unwrap()
        .forget();
}

/// What HTTP/2 has taken for a socket that takes nothing is let go at the deadline, too.
#[tokio::test]
async fn deadline_ends_an_answer_that_waits_for_the_socket() {
    let server = Server::start(TIGHT).await;
    let mut deaf = Deaf::connect(&server).await;
    let mut reader = server.connect().await;
    // The kernel takes some of the first ones; then no answer finds room.
    while large_answer(&mut reader).await == Code::Ok {
        deaf.call("GetLarge", &[("grpc-timeout", "4S")]).await;
        deaf.until(reader.call(&format!("{PROBE}GetEcho"))).await;
    }
    let served = async { while large_answer(&mut reader).await != Code::Ok {} };
    deaf.until(served).await;
}

async fn large_answer(client: &mut Client) -> Code {
    whole(large(client).await).await.unwrap().code()
}

/// Begins a request of 1 MiB and leaves out its last byte.
async fn unfinished(client: &mut Client) -> (ResponseFuture, h2::SendStream<Bytes>) {
    let (response, mut stream) = client.open(&format!("{PROBE}GetEcho"), &[]).await.unwrap();
    let body = framed(&"x".repeat(LARGE - 4));
    stream
        .send_data(body[..body.len() - 1].to_vec().into(), false)
        .unwrap();
    (response, stream)
}

#[tokio::test]
async fn requests_that_lack_their_end_are_shed_and_others_are_served() {
    // Four would fit with nothing to spare; but a part is kept for those who send little.
    let server = Server::start(Limits {
        max_buffered_bytes: 4 * (LARGE + (9 << 10)),
        ..TIGHT
    })
    .await;
    let (mut idler, mut other) = (server.connect().await, server.connect().await);
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(unfinished(&mut idler).await);
    }
    // One of them is refused, whichever comes last.
    let mut refused = None;
    let first = futures_util::future::select_all(waiting.iter_mut().map(|(response, _)| response));
    refused.replace(soon(first).await.0.unwrap());
    assert_shed(&soon(whole(refused.unwrap())).await.unwrap());
    assert_eq!(
        other.call(&format!("{PROBE}GetEcho")).await.text(),
        "hello",
        "who sends little is answered"
    );
    drop(waiting);
    let large = framed(&"x".repeat(LARGE - 4));
    let served = async {
        while other
            .send(&format!("{PROBE}GetEcho"), &[], large.clone())
            .await
            .unwrap()
            .code()
            != Code::Ok
        {}
    };
    soon(served).await;
}

#[tokio::test]
async fn request_that_is_cut_is_not_taken_for_a_whole_one() {
    let server = Server::start(TIGHT).await;
    let mut client = server.connect().await;
    let (response, mut stream) = client
        .open(&format!("{PROBE}CreateHung"), &[])
        .await
        .unwrap();
    stream
        .send_data(framed(&"hello".to_owned()).into(), false)
        .unwrap();
    stream.send_reset(h2::Reason::CANCEL);
    assert!(soon(response).await.is_err());
    client.call(&format!("{PROBE}GetEcho")).await;
    assert_eq!(server.probe.begun.available_permits(), 0);
}

/// A stream of requests takes room for one at a time.
#[tokio::test]
async fn messages_of_a_stream_give_their_room_back() {
    let server = Server::start(Limits {
        max_buffered_bytes: 64 << 10,
        ..TIGHT
    })
    .await;
    let mut client = server.connect().await;
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let (response, mut stream) = client.open(path, &[]).await.unwrap();
    let message = framed(&ServerReflectionRequest {
        message_request: Some(MessageRequest::FileByFilename("x".repeat(10 << 10))),
        ..Default::default()
    });
    let mut body = None;
    let mut response = Some(response);
    for _ in 0..10 {
        stream.send_data(message.clone().into(), false).unwrap();
        if let Some(response) = response.take() {
            body = Some(soon(response).await.unwrap().into_body());
        }
        let body = body.as_mut().unwrap();
        let answer = soon(body.data()).await.unwrap().unwrap();
        body.flow_control().release_capacity(answer.len()).unwrap();
    }
    stream.send_data(Bytes::new(), true).unwrap();
    let mut body = body.unwrap();
    let trailers = async {
        while let Some(data) = body.data().await {
            body.flow_control()
                .release_capacity(data.unwrap().len())
                .unwrap();
        }
        body.trailers().await.unwrap().unwrap()
    };
    assert_eq!(soon(trailers).await["grpc-status"], "0");
}

/// Nobody waits for the rest of an answer that is reset.
#[tokio::test]
async fn answers_that_are_reset_give_their_room_back() {
    let server = Server::start(Limits {
        max_buffered_bytes: 20 * 9 * 1024,
        ..TIGHT
    })
    .await;
    let mut client = server.connect().await;
    for _ in 0..50 {
        let watch = async {
            let path = format!("{PROBE}WatchQuiet");
            let (response, mut stream) = client.open(&path, &[]).await.unwrap();
            let message = framed(&String::new());
            stream.send_data(message.into(), true).unwrap();
            let mut body = response.await.unwrap().into_body();
            body.data().await.expect("it is let in").unwrap();
        };
        soon(watch).await;
        // The server has heard of the reset before it hears of the next call.
        soon(server.probe.begun.acquire()).await.unwrap().forget();
    }
}

/// A peer that reads slowly, but reads, is not cut: what counts is how long it takes nothing at all.
#[tokio::test]
async fn connection_that_is_read_slowly_is_served() {
    let stalled_within = Duration::from_secs(2);
    let server = Server::start(Limits {
        stalled_within,
        max_buffered_bytes: 256 << 20,
        ..TIGHT
    })
    .await;
    let mut deaf = Deaf::connect(&server).await;
    // More than the kernel takes by itself.
    let n_calls = 40;
    for _ in 0..n_calls {
        deaf.call("GetLarge", &[]).await;
    }
    let began = Instant::now();
    let (mut piece, mut n_left) = (vec![0; LARGE], n_calls * LARGE);
    while n_left > 0 {
        deaf.until(sleep(stalled_within / 20)).await;
        let n = soon(deaf.socket.read(&mut piece)).await.unwrap();
        assert!(n > 0, "it was cut");
        n_left = n_left.saturating_sub(n);
    }
    assert!(began.elapsed() > stalled_within, "it was not slow");
}

#[tokio::test]
async fn open_calls_take_room_too() {
    // Their handlers hang; or they are answered, and nothing of the answers is taken.
    let settings = [Builder::new(), without_room()];
    for (method, settings) in ["GetHung", "GetEcho"].into_iter().zip(settings) {
        let server = Server::start(Limits {
            max_buffered_bytes: 20 * 9 * 1024,
            ..TIGHT
        })
        .await;
        let mut client = server.connect_with(&settings).await;
        let mut open = Vec::new();
        for _ in 0..50 {
            let call = client
                .start(&format!("{PROBE}{method}"), &[], framed(&String::new()))
                .await
                .unwrap();
            open.push(Box::pin(call));
        }
        let (first, _, rest) = soon(futures_util::future::select_all(open)).await;
        assert_shed(&first.unwrap());
        drop(rest);
        let mut other = server.connect().await;
        let served =
            async { while other.call(&format!("{PROBE}GetEcho")).await.code() != Code::Ok {} };
        soon(served).await;
    }
}
