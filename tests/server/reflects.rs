//! What the server tells about its services: all of it, in both versions of reflection.

use clientele::server::reflection;
use tonic::Code;
use tonic::service::Routes;

use super::{DESCRIPTORS, LIMITS, Server};

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn reflection_keeps_custom_options_and_knows_health() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        let file_by_filename = b"\0\0\0\0\x09\x1a\x07x.proto".to_vec();
        let answer = client.send(&path, &[], file_by_filename).await.unwrap();
        assert!(
            contains(&answer.body, &DESCRIPTORS[2..]),
            "{version}: {answer:?}"
        );
        let list_services = b"\0\0\0\0\x02\x3a\0".to_vec();
        let answer = client.send(&path, &[], list_services).await.unwrap();
        assert!(
            contains(&answer.body, b"grpc.health.v1.Health"),
            "{version}: {answer:?}"
        );
        assert_eq!(answer.code(), Code::Ok);
    }
}

#[test]
fn descriptors_that_cannot_be_read_are_an_error() {
    assert!(reflection(Routes::default(), b"\x0a\x7f").is_err());
}
