//! Requests that name an inference result run in its scope, to the last byte of the answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod listener;
mod loopback;

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use futures::StreamExt;
use galtea::tower::{INFERENCE_ID_HEADER, InferenceLayer, inject};
use galtea::{Galtea, trace};
use http::{HeaderMap, Request};
use loopback::Server;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

#[trace(type = "AGENT")]
async fn agent(question: String) -> String {
    tool(question.len())
}

#[trace(type = "TOOL")]
fn tool(length: usize) -> String {
    format!("{length} bytes")
}

async fn streamed() -> Body {
    let chunks = futures::stream::iter(1..=3_usize).map(|length| Ok::<_, Infallible>(tool(length)));
    Body::from_stream(chunks)
}

async fn outgoing() -> String {
    let mut headers = HeaderMap::new();
    let found = inject(&mut headers);
    format!("{found} {:?}", headers.get(INFERENCE_ID_HEADER))
}

struct App {
    server: Server,
    galtea: Galtea,
    router: Router,
}

fn app() -> App {
    let server = Server::answering(|request| (200, json!({ "spans": request.body })));
    let galtea = Galtea::builder().api_key("gsk_test").base_url(server.url()).build().unwrap();
    let plain = Router::new()
        .route("/answer", post(agent))
        .route("/streamed", post(streamed))
        .route("/outgoing", post(outgoing))
        .route("/hangs", post(|| async { std::future::pending::<String>().await }));
    let router = plain.layer(InferenceLayer::new(&galtea));
    App { server, galtea, router }
}

fn request(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let builder = Request::post(path);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(Body::from("How?")).unwrap()
}

impl App {
    async fn text(&self, request: Request<Body>) -> String {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = axum::body::to_bytes(answer.into_body(), 1_024).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// All that arrived at the API: the inference result and the names of each request's traces.
    async fn arrived(&self) -> Vec<(String, Vec<String>)> {
        let _ = self.galtea.flush().await;
        let names = |body: &Value| {
            let traces = body.as_array().unwrap();
            let names = traces.iter().map(|trace| trace["name"].as_str().unwrap().to_owned()).collect();
            (traces[0]["inferenceResultId"].as_str().unwrap().to_owned(), names)
        };
        self.server.requests().iter().map(|request| names(&request.body)).collect()
    }
}

fn one(id: &str, names: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(id.to_owned(), names.iter().map(|name| (*name).to_owned()).collect())]
}

#[tokio::test]
async fn a_request_that_names_an_inference_result_is_one_batch() {
    let app = app();
    let answer = app.text(request("/answer", &[("X-Galtea-Inference-Id", "ir_7")])).await;
    assert_eq!(answer, "4 bytes");
    assert_eq!(app.arrived().await, one("ir_7", &["agent", "tool"]));
}

#[tokio::test]
async fn baggage_names_it_too() {
    let app = app();
    app.text(request("/answer", &[("baggage", "a=1,galtea.trace.id=ir_8")])).await;
    assert_eq!(app.arrived().await, one("ir_8", &["agent", "tool"]));
}

#[tokio::test]
async fn what_runs_while_the_body_is_streamed_belongs_to_the_same_batch() {
    let app = app();
    let answer = app.text(request("/streamed", &[("x-galtea-inference-id", "ir_9")])).await;
    assert_eq!(answer, "1 bytes2 bytes3 bytes");
    assert_eq!(app.arrived().await, one("ir_9", &["tool", "tool", "tool"]));
}

#[tokio::test]
async fn a_body_that_is_dropped_half_way_ends_the_scope() {
    let app = app();
    let answer =
        app.router.clone().oneshot(request("/streamed", &[("x-galtea-inference-id", "ir_9")])).await.unwrap();
    let mut body = answer.into_body().into_data_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "1 bytes");
    drop(body);
    assert_eq!(app.arrived().await, one("ir_9", &["tool"]));
}

#[tokio::test]
async fn a_request_without_an_id_passes_and_records_nothing() {
    let app = app();
    assert_eq!(app.text(request("/answer", &[])).await, "4 bytes");
    assert_eq!(app.arrived().await, vec![]);
    assert_eq!(app.galtea.stats().malformed_ids, 0);
}

#[tokio::test]
async fn a_malformed_or_over_long_id_is_counted_and_never_an_error() {
    let app = app();
    let long = "x".repeat(10_000);
    for value in ["", "two words", &long] {
        assert_eq!(app.text(request("/answer", &[("x-galtea-inference-id", value)])).await, "4 bytes");
    }
    assert_eq!(app.arrived().await, vec![]);
    assert_eq!(app.galtea.stats().malformed_ids, 3);
}

#[test]
fn malformed_ids_are_told() {
    let ((), events) = listener::told(|| {
        let App { galtea, router, .. } = app();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let malformed = request("/answer", &[("x-galtea-inference-id", "two words")]);
        runtime.block_on(router.oneshot(malformed)).unwrap();
        let _ = runtime.block_on(galtea.shutdown());
    });
    let about = |text: &&String| text.starts_with("headers held no usable inference result id");
    assert_eq!(events.iter().filter(about).count(), 1, "{events:?}");
}

#[tokio::test]
async fn a_request_in_scope_passes_the_id_on() {
    let app = app();
    let outgoing = app.text(request("/outgoing", &[("x-galtea-inference-id", "ir_1")])).await;
    assert_eq!(outgoing, r#"true Some("ir_1")"#);
    assert_eq!(app.text(request("/outgoing", &[])).await, "false None");
}

#[tokio::test]
async fn a_request_whose_client_goes_away_ends_the_scope() {
    let app = app();
    let hanging = app.router.clone().oneshot(request("/hangs", &[("x-galtea-inference-id", "ir_1")]));
    tokio::select! {
        biased;
        _ = hanging => unreachable!(),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(app.arrived().await, vec![]);
}

#[tokio::test]
async fn hundreds_of_requests_at_once_over_real_connections_stay_apart() {
    let app = app();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = app.router.clone();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let provider = rustls::crypto::ring::default_provider();
    let _ = provider.install_default();
    let client = reqwest::Client::new();
    let asked = futures::future::join_all((0..200).map(|number| {
        let asking = client
            .post(format!("http://{address}/answer"))
            .header("x-galtea-inference-id", format!("ir_{number}"));
        async move { asking.body("How?").send().await.unwrap().text().await.unwrap() }
    }));
    assert!(asked.await.iter().all(|answer| answer == "4 bytes"));
    let mut arrived = app.arrived().await;
    arrived.sort();
    arrived.dedup();
    assert_eq!(arrived.len(), 200);
    assert!(arrived.iter().all(|(_, names)| names == &["agent", "tool"]));
    serving.abort();
}
