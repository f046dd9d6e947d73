//! What a request has to look like before it is read: HTTP method, content type, and how much metadata it may have.
//!
//! Who may send it is decided in `host`.

use http::header::{ALLOW, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use tonic::Status;
use tonic::body::Body;

use crate::error::Error;

/// What HTTP/2 adds to the name and the value of a header to count its size (RFC 9113, section 6.5.2).
const PER_HEADER: usize = 32;

/// What stands before a message: a flag of one byte, and its length in four.
pub(crate) const PREFIX: usize = 5;

/// Accepts a POST of gRPC with at most so much metadata. Returns the size of that, as HTTP/2 counts it.
///
/// # Errors
/// `HttpMethodRefused`, `ContentTypeRefused` and `MetadataTooLarge`.
pub(crate) fn check(request: &Parts, max_metadata_bytes: usize) -> Result<usize, Error> {
    if request.method != Method::POST {
        return Err(Error::HttpMethodRefused);
    }
    if !is_grpc(&request.headers) {
        return Err(Error::ContentTypeRefused);
    }
    let n = metadata_bytes(&request.headers);
    if n > max_metadata_bytes {
        let limit = max_metadata_bytes;
        return Err(Error::MetadataTooLarge { limit });
    }
    Ok(n)
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let only = types.next().filter(|_| types.next().is_none());
    let essence = only
        .and_then(|value| value.to_str().ok()?.split(';').next())
        .unwrap_or_default()
        .trim_end();
    ["application/grpc", "application/grpc+proto"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

fn metadata_bytes(headers: &HeaderMap) -> usize {
    let size = |(name, value): (&http::HeaderName, &HeaderValue)| {
        name.as_str().len() + value.len() + PER_HEADER
    };
    headers.iter().map(size).sum()
}

/// Makes the answer of a call that fails. Only what is no gRPC call at all has another HTTP status than 200.
pub(crate) fn refusal(error: Error) -> Response<Body> {
    let status = match &error {
        Error::HttpMethodRefused => StatusCode::METHOD_NOT_ALLOWED,
        Error::ContentTypeRefused => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::OK,
    };
    let mut response = Status::from(error).into_http();
    *response.status_mut() = status;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let post = HeaderValue::from_static("POST");
        response.headers_mut().insert(ALLOW, post);
    }
    response
}
