//! Compresses answers: the messages of at least 1 KiB, for callers that compress their requests.
//!
//! Requests are inflated by tonic, up to the limit of a message. Its own compression of answers is not used: it would
//! compress the smallest message for every client that accepts an encoding, as clients do by default, and would hold
//! the limit of an answer to the compressed size.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, Response};
use http_body::Frame;
use prost::bytes::{Buf, BufMut, Bytes, BytesMut};
use tonic::Status;
use tonic::body::Body;

use crate::error::Error;
use crate::server::form::PREFIX;

/// What requests may be encoded in.
pub(crate) const ACCEPTED: &str = "gzip,zstd,identity";

/// The smallest message that is compressed, in bytes. Less costs more than it saves: it fits one packet as it is.
const LEAST: usize = 1 << 10;

#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    Gzip,
    Zstd,
}

impl Encoding {
    /// Returns the encoding of a request if its caller takes answers in it.
    pub(crate) fn of_request(headers: &HeaderMap) -> Option<Encoding> {
        let encoding = match headers.get("grpc-encoding")?.as_bytes() {
            b"gzip" => Encoding::Gzip,
            b"zstd" => Encoding::Zstd,
            _ => return None,
        };
        let accepted = headers.get("grpc-accept-encoding")?.to_str().ok()?;
        let mut accepted = accepted.split(',').map(str::trim);
        accepted
            .any(|name| name == encoding.name())
            .then_some(encoding)
    }

    fn name(self) -> &'static str {
        match self {
            Encoding::Gzip => "gzip",
            Encoding::Zstd => "zstd",
        }
    }

    /// At the fastest level: it runs on a thread that answers other calls, too.
    fn compress(self, message: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Encoding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(message)?;
                encoder.finish()
            }
            Encoding::Zstd => zstd::bulk::compress(message, 1),
        }
    }
}

/// Compresses the messages of an answer as they are sent. An answer without messages stays as it is.
pub(crate) fn compressed(
    mut response: Response<Body>,
    encoding: Option<Encoding>,
) -> Response<Body> {
    let Some(encoding) = encoding else {
        return response;
    };
    if response.headers().contains_key("grpc-status") {
        return response;
    }
    let name = HeaderValue::from_static(encoding.name());
    response.headers_mut().insert("grpc-encoding", name);
    response.map(|body| {
        Body::new(Compressed {
            body,
            encoding,
            unsent: BytesMut::new(),
        })
    })
}

struct Compressed {
    body: Body,
    encoding: Encoding,
    /// The beginning of a message.
    unsent: BytesMut,
}

impl Compressed {
    /// Takes the messages that are complete.
    fn take_messages(&mut self) -> io::Result<Bytes> {
        let mut messages = BytesMut::new();
        while let Some(end) = end_of_message(&self.unsent) {
            let message = self.unsent.split_to(end);
            if end - PREFIX < LEAST {
                messages.unsplit(message);
                continue;
            }
            let compressed = self.encoding.compress(&message[PREFIX..])?;
            let length = u32::try_from(compressed.len()).map_err(io::Error::other)?;
            messages.put_u8(1);
            messages.put_u32(length);
            messages.put_slice(&compressed);
        }
        Ok(messages.freeze())
    }
}

/// Returns where the first message ends, if all of it is there.
fn end_of_message(mut bytes: &[u8]) -> Option<usize> {
    let available = bytes.len();
    bytes.try_get_u8().ok()?;
    let end = usize::try_from(bytes.try_get_u32().ok()?).ok()? + PREFIX;
    (end <= available).then_some(end)
}

impl http_body::Body for Compressed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            let polled = ready!(Pin::new(&mut self.body).poll_frame(cx));
            let data = match polled.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(status)) => return Poll::Ready(Some(Err(status))),
                None => return Poll::Ready(None),
            };
            self.unsent.extend_from_slice(&data);
            let messages = self
                .take_messages()
                .map_err(|error| Error::internal(error).into());
            if !messages.as_ref().is_ok_and(Bytes::is_empty) {
                return Poll::Ready(Some(messages.map(Frame::data)));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
