//! The body of a request as it comes in: it takes room from the budget until its message is complete, and refuses a
//! second message in a call that takes one.
//!
//! It knows where messages begin and end, and not what they are.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use h2::RecvStream;
use http_body::Frame;
use prost::bytes::Bytes;
use tonic::Status;

use crate::error::Error;
use crate::server::form::PREFIX;
use crate::server::memory::{Budget, BudgetShare};

/// The methods whose requests are streams; all others take one message.
const STREAMS: [&str; 1] = ["ServerReflectionInfo"];

pub(crate) struct RequestBody {
    stream: RecvStream,
    is_stream: bool,
    messages: Framing,
    /// The room for what has come of the message.
    held: BudgetShare,
}

impl RequestBody {
    pub(crate) fn new(stream: RecvStream, path: &str, budget: &Arc<Budget>) -> RequestBody {
        RequestBody {
            stream,
            is_stream: path
                .rsplit('/')
                .next()
                .is_some_and(|method| STREAMS.contains(&method)),
            messages: Framing::default(),
            held: BudgetShare::none(budget),
        }
    }

    fn take(&mut self, data: Bytes) -> Result<Frame<Bytes>, Error> {
        self.messages.read(&data);
        if self.messages.begun > 1 && !self.is_stream {
            return Err(Error::SecondMessage);
        }
        self.held.grow(data.len())?;
        // An error means that the peer has reset the stream, which the next read reports.
        let _ = self.stream.flow_control().release_capacity(data.len());
        Ok(Frame::data(data))
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_stream && self.messages.is_complete() {
            self.held.release();
        }
        if let Some(data) = ready!(self.stream.poll_data(cx)) {
            let frame = data.map_err(cut).and_then(|data| Ok(self.take(data)?));
            return Poll::Ready(Some(frame));
        }
        let trailers = ready!(self.stream.poll_trailers(cx));
        Poll::Ready(
            trailers
                .map(|trailers| trailers.map(Frame::trailers))
                .map_err(cut)
                .transpose(),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }
}

/// The status of a request that broke off. Not CANCELLED, which tonic takes for a request that ended well.
fn cut(_: h2::Error) -> Status {
    Status::unavailable("the request was cut")
}

/// Finds where messages begin and end in what comes in pieces.
#[derive(Default)]
struct Framing {
    /// How many have begun.
    begun: usize,
    prefix: [u8; PREFIX],
    /// How much of the prefix has come.
    known: usize,
    /// How much of the message is missing, once its prefix is known.
    missing: usize,
}

impl Framing {
    fn is_complete(&self) -> bool {
        self.known == 0 && self.missing == 0
    }

    fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.missing > 0 {
                let n = self.missing.min(bytes.len());
                bytes = &bytes[n..];
                self.missing -= n;
                continue;
            }
            if self.known == 0 {
                self.begun += 1;
            }
            let n = (PREFIX - self.known).min(bytes.len());
            self.prefix[self.known..self.known + n].copy_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            self.known = (self.known + n) % PREFIX;
            if self.known == 0 {
                let [_, a, b, c, d] = self.prefix;
                self.missing = u32::from_be_bytes([a, b, c, d]) as usize;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Framing;

    /// However the bytes are cut, the messages are the same.
    #[test]
    fn messages_are_found_in_pieces_of_any_size() {
        let bytes = [
            &[0, 0, 0, 0, 3, 1, 2, 3][..],
            &[0, 0, 0, 0, 0],
            &[1, 0, 0, 1, 0],
            &[7; 256],
            &[0, 0, 0],
        ]
        .concat();
        for size in 1..bytes.len() {
            let mut messages = Framing::default();
            let mut begun = Vec::new();
            let mut complete = 0;
            for piece in bytes.chunks(size) {
                messages.read(piece);
                begun.push(messages.begun);
                complete += usize::from(messages.is_complete());
            }
            assert_eq!(begun.last(), Some(&4), "in pieces of {size}");
            assert!(!messages.is_complete());
            assert!(size > 1 || complete == 3);
        }
    }
}
