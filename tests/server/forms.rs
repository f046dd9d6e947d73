//! What is no call of gRPC, or more than one, and how it is refused.

use h2::Reason;
use http::{Method, Request, StatusCode};
use tonic::Code;

use super::{Answer, CHECK, LIMITS, PROBE, Server, framed, soon, whole};

/// Sends a request with a method and a content type.
async fn answered(
    server: &Server,
    method: Method,
    content_type: Option<&str>,
) -> (StatusCode, Answer) {
    let client = server.connect().await;
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{}{PROBE}GetEcho", client.host));
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let mut requests = client.requests.clone().ready().await.unwrap();
    let (response, mut stream) = requests
        .send_request(request.body(()).unwrap(), false)
        .unwrap();
    stream
        .send_data(framed(&"hello".to_owned()).into(), true)
        .unwrap();
    let (parts, body) = soon(response).await.unwrap().into_parts();
    let status = parts.status;
    (
        status,
        soon(whole(http::Response::from_parts(parts, body)))
            .await
            .unwrap(),
    )
}

#[tokio::test]
async fn another_content_type_is_415() {
    let server = Server::start(LIMITS).await;
    for served in [
        "application/grpc",
        "application/grpc+proto",
        "Application/GRPC",
        "application/grpc;charset=utf-8",
        "application/grpc+proto ; a=b",
    ] {
        let (status, answer) = answered(&server, Method::POST, Some(served)).await;
        assert_eq!(
            (status, answer.text().as_str()),
            (StatusCode::OK, "hello"),
            "{served}"
        );
    }
    let refused = [
        None,
        Some(""),
        Some("application/json"),
        Some("application/grpc+json"),
        Some("application/grpc-web"),
        Some("application/grpc-web+proto"),
        Some("application/grpcx"),
        Some("text/plain, application/grpc"),
    ];
    for refused in refused {
        let (status, answer) = answered(&server, Method::POST, refused).await;
        assert_eq!(
            (status, answer.code(), answer.reason().as_str()),
            (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::InvalidArgument,
                "CONTENT_TYPE_REFUSED"
            ),
            "{refused:?}"
        );
    }
    // Which of two is meant, nobody knows.
    let mut client = server.connect().await;
    let twice = [("content-type", "application/grpc")];
    let answer = client
        .send(&format!("{PROBE}GetEcho"), &twice, framed(&String::new()))
        .await
        .unwrap();
    assert_eq!(answer.reason(), "CONTENT_TYPE_REFUSED");
}

#[tokio::test]
async fn another_method_than_post_is_405() {
    let server = Server::start(LIMITS).await;
    for method in [
        Method::GET,
        Method::PUT,
        Method::HEAD,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
    ] {
        let (status, answer) = answered(&server, method.clone(), Some("application/grpc")).await;
        assert_eq!(
            (status, answer.code(), answer.reason().as_str()),
            (
                StatusCode::METHOD_NOT_ALLOWED,
                Code::Unimplemented,
                "HTTP_METHOD_REFUSED"
            ),
            "{method}"
        );
        assert_eq!(answer.headers["allow"], "POST");
    }
}

#[tokio::test]
async fn missing_te_is_served() {
    let server = Server::start(LIMITS).await;
    // `answered` sends none.
    let (_, answer) = answered(&server, Method::POST, Some("application/grpc")).await;
    assert_eq!(answer.code(), Code::Ok);
}

#[tokio::test]
async fn second_message_is_unimplemented_where_one_is_taken() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let message = framed(&"hello".to_owned());
    let twice = [message.clone(), message.clone()].concat();
    for path in [
        &format!("{PROBE}CreateHung"),
        &format!("{PROBE}ListQuiet"),
        CHECK,
    ] {
        let answer = client.send(path, &[], twice.clone()).await.unwrap();
        assert_eq!(
            (answer.code(), answer.reason().as_str()),
            (Code::Unimplemented, "SECOND_MESSAGE"),
            "{path}"
        );
    }
    assert_eq!(
        server.probe.begun.available_permits(),
        0,
        "nothing was begun"
    );
    // In pieces, the last of which is only the beginning of another message.
    let (response, mut stream) = client
        .open(&format!("{PROBE}CreateHung"), &[])
        .await
        .unwrap();
    for piece in [&message[..3], &message[3..], &[0]] {
        stream.send_data(piece.to_vec().into(), false).unwrap();
    }
    let answer = soon(whole(response.await.unwrap())).await.unwrap();
    assert_eq!(answer.reason(), "SECOND_MESSAGE");
}

#[tokio::test]
async fn metadata_over_16_kib_is_refused_with_the_limit() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let path = format!("{PROBE}GetEcho");
    // The limit holds for all headers together: these, `te` and `content-type` take 112 bytes with their names.
    let others = ["content-type", "application/grpc", "te", "trailers"]
        .concat()
        .len()
        + 2 * 32;
    let most = LIMITS.max_metadata_bytes - others - "x-a".len() - 32;
    let value = "a".repeat(most);
    let answer = client
        .send(&path, &[("x-a", &value)], framed(&String::new()))
        .await
        .unwrap();
    assert_eq!(answer.code(), Code::Ok);
    for more in [1, 3 * LIMITS.max_metadata_bytes - 1024] {
        let value = "a".repeat(most + more);
        let answer = client
            .send(&path, &[("x-a", &value)], framed(&String::new()))
            .await
            .unwrap();
        assert_eq!(
            (answer.code(), answer.reason().as_str()),
            (Code::ResourceExhausted, "METADATA_TOO_LARGE")
        );
        assert_eq!(answer.metadata()["limit"], "16384");
    }
}

#[tokio::test]
async fn metadata_over_64_kib_does_not_end_the_connection() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let path = format!("{PROBE}GetEcho");
    let value = "a".repeat(80 << 10);
    let (response, _stream) = client.open(&path, &[("x-a", &value)]).await.unwrap();
    let refused = soon(response).await;
    match refused {
        Ok(answer) => assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        Err(error) => assert_ne!(error.reason(), Some(Reason::NO_ERROR)),
    }
    assert_eq!(client.call(&path).await.code(), Code::Ok);
}

#[tokio::test]
async fn request_from_another_site_is_refused() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for (site, passes) in [("cross-site", false), ("same-origin", true), ("none", true)] {
        let answer = client
            .send(
                &format!("{PROBE}GetEcho"),
                &[("sec-fetch-site", site)],
                framed(&String::new()),
            )
            .await
            .unwrap();
        let refused = (Code::PermissionDenied, "ORIGIN_REFUSED".to_owned());
        let expected = if passes {
            (Code::Ok, String::new())
        } else {
            refused
        };
        assert_eq!((answer.code(), answer.reason()), expected, "{site}");
    }
}
