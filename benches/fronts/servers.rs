//! The two fronts, and what each is held against.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use alidns_contract::front::Service;
use alidns_contract::{Front, Replay};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wiremock::matchers::{method, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{self, ACTION, VERSION};

/// `size` interactions behind one mock.
pub async fn replay(size: usize) -> (Replay, SocketAddr) {
    let opened = Replay::of(support::cassettes(size)).expect("there is one cassette");
    let replay = opened.with_clock(support::clock()).start().await;
    let address = replay.uri().trim_start_matches("http://").parse().expect("wiremock listens on an address");
    (replay, address)
}

/// `size` mocks, each of which knows one interaction's parameters and verifies nothing.
pub async fn mounted_mocks(size: usize) -> MockServer {
    let server = MockServer::builder().disable_request_recording().start().await;
    for task in 0..size {
        let asked = Mock::given(method("GET"))
            .and(query_param("Action", ACTION))
            .and(query_param("Version", VERSION))
            .and(query_param("Format", "JSON"))
            .and(query_param("TaskId", task.to_string()));
        let template = ResponseTemplate::new(200).set_body_raw(support::answer().body, JSON);
        asked.respond_with(template).mount(&server).await;
    }
    server
}

/// What `serve` runs.
pub async fn front(size: usize) -> Front {
    let service = Service::playing(support::cassettes(size), support::clock()).expect("there is one cassette");
    Front::open(ANY_PORT.into(), Arc::new(service)).await.expect("a port is free")
}

/// hyper with the same answer to everything; it serves until the runtime ends.
pub async fn bare_hyper() -> SocketAddr {
    let listener = TcpListener::bind(SocketAddr::from(ANY_PORT)).await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(static_answer)));
        }
    });
    address
}

async fn static_answer(_request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let mut answer = hyper::Response::new(Full::new(Bytes::from(support::answer().body)));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    Ok(answer)
}

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
const JSON: &str = "application/json;charset=utf-8";
