//! One call on a connection: the request is answered, and the answer sent as fast as the caller takes it.
//!
//! Sending ends with the deadline of the call, and when the caller takes nothing for too long. What is given to HTTP/2
//! is never more than the caller has room for, so that the rest can be dropped.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{Request, Response};
use http_body::{Body as _, Frame};
use prost::bytes::Bytes;
use tokio::time::timeout_at;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::server::{Answer, Front};

/// The most that one call claims of what the caller has room for, in bytes, so that the answers of one connection
/// advance together.
const AT_ONCE: usize = 64 << 10;

/// Answers a call. It ends early, with the handler, when the caller resets the call.
pub(crate) async fn exchange(
    front: Front,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
) {
    let answer = tokio::select! {
        biased;
        answer = front.answer(request) => answer,
        _ = poll_fn(|cx| respond.poll_reset(cx)) => return,
    };
    let patience = Patience {
        deadline: answer.deadline,
        stalled_within: front.limits().stalled_within,
    };
    // An error means that the caller or the connection is gone.
    let _ = send(answer, respond, patience).await;
}

/// How long to wait for a caller who takes nothing.
#[derive(Clone, Copy)]
struct Patience {
    deadline: Option<Instant>,
    stalled_within: Duration,
}

impl Patience {
    fn ends(self) -> Instant {
        let stalled = Instant::now() + self.stalled_within;
        self.deadline
            .map_or(stalled, |deadline| deadline.min(stalled))
    }

    fn deadline_passed(self) -> bool {
        self.deadline
            .is_some_and(|deadline| deadline <= Instant::now())
    }
}

async fn send(
    answer: Answer,
    mut respond: SendResponse<Bytes>,
    patience: Patience,
) -> Result<(), h2::Error> {
    let (parts, mut body) = answer.response.into_parts();
    let head = Response::from_parts(parts, ());
    if body.is_end_stream() {
        respond.send_response(head, true)?;
        return Ok(());
    }
    let mut stream = respond.send_response(head, false)?;
    let mut is_cut = false;
    loop {
        let frame = tokio::select! {
            biased;
            frame = next_frame(&mut body) => frame,
            _ = poll_fn(|cx| stream.poll_reset(cx)) => return Ok(()),
        };
        match frame.map(|frame| frame.map(Frame::into_data)) {
            // If the time is up, the body says so next.
            Some(Ok(Ok(data))) => is_cut |= !send_data(&mut stream, data, patience).await?,
            Some(Ok(Err(frame))) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                // The body came to its end before it heard that the time is up.
                if is_cut
                    && Status::from_header_map(&trailers).is_some_and(|of| of.code() == Code::Ok)
                {
                    stream.send_reset(Reason::CANCEL);
                    return Ok(());
                }
                stream.send_trailers(trailers)?;
                break;
            }
            // The guard has made trailers of whatever went wrong.
            Some(Err(_)) | None => {
                stream.send_data(Bytes::new(), true)?;
                break;
            }
        }
    }
    let until = patience.deadline.unwrap_or(patience.ends());
    if timeout_at(until.into(), answer.unsent.none())
        .await
        .is_err()
    {
        // HTTP/2 drops with this what it still holds for a caller who does not take it.
        stream.send_reset(Reason::CANCEL);
    }
    Ok(())
}

async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, Status>> {
    let mut body = std::pin::Pin::new(body);
    poll_fn(|cx| body.as_mut().poll_frame(cx)).await
}

/// Sends data as fast as the caller takes it, until the deadline. Says whether all of it was sent.
///
/// # Errors
/// If the caller is gone, or takes nothing for too long.
async fn send_data(
    stream: &mut SendStream<Bytes>,
    mut data: Bytes,
    patience: Patience,
) -> Result<bool, h2::Error> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len().min(AT_ONCE));
        let Ok(capacity) = timeout_at(patience.ends().into(), capacity(stream)).await else {
            if patience.deadline_passed() {
                return Ok(false);
            }
            stream.send_reset(Reason::CANCEL);
            return Err(Reason::CANCEL.into());
        };
        let now = data.split_to(capacity?.min(data.len()));
        stream.send_data(now, false)?;
    }
    Ok(true)
}

/// Waits until the caller has room.
async fn capacity(stream: &mut SendStream<Bytes>) -> Result<usize, h2::Error> {
    while stream.capacity() == 0 {
        let more = poll_fn(|cx| stream.poll_capacity(cx)).await;
        more.unwrap_or(Err(Reason::CANCEL.into()))?;
    }
    Ok(stream.capacity())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http::HeaderMap;

    use super::*;
    use crate::server::memory::Unsent;

    /// A body that hears of no deadline.
    struct DeafBody(VecDeque<Frame<Bytes>>);

    impl http_body::Body for DeafBody {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(Ok))
        }
    }

    #[tokio::test]
    async fn an_answer_that_was_cut_does_not_end_well() {
        let (client, server) = tokio::io::duplex(1 << 16);
        let mut without_room = h2::client::Builder::new();
        without_room.initial_window_size(0);
        let (client, server) = tokio::join!(
            without_room.handshake::<_, Bytes>(client),
            h2::server::handshake(server)
        );
        let (mut requests, connection) = client.expect("they speak HTTP/2");
        let mut server = server.expect("they speak HTTP/2");
        tokio::spawn(connection);
        let request = Request::post("http://localhost/").body(());
        let request = request.expect("it is a request");
        let (response, _) = requests.send_request(request, true).expect("it is sent");
        let call = server.accept().await.expect("it comes");
        let (_, respond) = call.expect("it comes");
        tokio::spawn(async move { while server.accept().await.is_some() {} });

        let mut well = HeaderMap::new();
        well.insert("grpc-status", "0".parse().expect("it is a value"));
        let frames = [
            Frame::data(Bytes::from_static(b"half of it")),
            Frame::trailers(well),
        ];
        let now = Some(Instant::now());
        let answer = Answer {
            response: Response::new(Body::new(DeafBody(frames.into()))),
            deadline: now,
            unsent: Unsent::default(),
            _taken: None,
        };
        let patience = Patience {
            deadline: now,
            stalled_within: Duration::from_secs(60),
        };
        send(answer, respond, patience)
            .await
            .expect("the caller is there");
        let mut body = response.await.expect("it is answered").into_body();
        let end = body.data().await.expect("it does not end well");
        let reason = end.expect_err("nothing is sent").reason();
        assert_eq!(reason, Some(Reason::CANCEL));
    }
}
