//! A client that writes the frames of HTTP/2 itself: what h2 would not send, or not at that moment.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{PROBE, Server, framed, soon};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
/// Flags: no frame of the stream comes after this one; all its headers are in this one.
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// One connection. It answers no ping and gives no room back.
pub struct RawClient(TcpStream);

/// What a frame is, and what is in it.
pub struct RawFrame {
    pub kind: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl RawClient {
    pub async fn connect(server: &Server) -> RawClient {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let preface = [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            frame(SETTINGS, 0, 0, &[]),
        ];
        stream.write_all(&preface.concat()).await.unwrap();
        RawClient(stream)
    }

    /// Sends frames; the server does nothing until the caller waits for something.
    pub fn send(&self, frames: &[u8]) {
        assert_eq!(self.0.try_write(frames).unwrap(), frames.len());
    }

    /// Sends frames, however much room they need. Fails if the server has closed the connection.
    pub async fn send_all(&mut self, frames: &[u8]) -> std::io::Result<()> {
        self.0.write_all(frames).await
    }

    /// Returns the next frame, if there is one.
    pub async fn next(&mut self) -> Option<RawFrame> {
        let mut head = [0; 9];
        soon(self.0.read_exact(&mut head)).await.ok()?;
        let [a, b, c, kind, _, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        soon(self.0.read_exact(&mut payload)).await.ok()?;
        let stream = u32::from_be_bytes(stream);
        Some(RawFrame {
            kind,
            stream,
            payload,
        })
    }

    /// Returns the frames up to the one of a kind on a stream, which has to come.
    pub async fn until(&mut self, kind: u8, stream: u32) -> Vec<RawFrame> {
        let mut frames = Vec::new();
        loop {
            let next = self.next().await.expect("the connection is open");
            let is_last = (next.kind, next.stream) == (kind, stream);
            frames.push(next);
            if is_last {
                return frames;
            }
        }
    }
}

/// The frames of a whole call of the probe.
pub fn call(stream: u32, method: &str) -> Vec<u8> {
    let body = framed(&"hello".to_owned());
    [
        headers(stream, method),
        frame(DATA, END_STREAM, stream, &body),
    ]
    .concat()
}

/// The headers of a call of the probe, as RFC 7541 writes them without compressing: names by their index in its table.
pub fn headers(stream: u32, method: &str) -> Vec<u8> {
    let text = |name: &[u8], text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        [name, &[length], text.as_bytes()].concat()
    };
    let (post, http) = (0x83, 0x86);
    let headers = [
        vec![post, http],
        text(&[1], "localhost"),
        text(&[4], &format!("{PROBE}{method}")),
        text(&[0x0f, 31 - 0x0f], "application/grpc"),
    ];
    frame(HEADERS, END_HEADERS, stream, &headers.concat())
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[a, b, c, kind, flags], &stream.to_be_bytes()[..], payload].concat()
}
