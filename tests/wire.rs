//! From an annotated agent to one request at the API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod loopback;

use std::collections::HashMap;
use std::time::Duration;

use galtea::{Galtea, trace, trace_scope};
use loopback::{Request, Server};
use serde::Serialize;
use serde_json::{Value, json};

const KEY: &str = "gsk_a-key-that-nobody-may-see";

#[derive(Clone, Serialize)]
struct Passage {
    page: &'static str,
    score: f64,
}

/// Looks a passage up.
#[trace(type = "TOOL", docs)]
async fn look_up(page: &'static str) -> Result<Passage, std::io::Error> {
    tokio::task::yield_now().await;
    Ok(Passage { page, score: 0.5 })
}

#[trace(type = "RETRIEVER")]
async fn retrieve(query: &str, limit: usize) -> Result<Vec<Passage>, std::io::Error> {
    assert!(!query.is_empty() && limit == 1);
    Ok(vec![look_up("spawn.md").await?])
}

#[trace(
    type = "GENERATION",
    name = "draft",
    description = "Writes the answer",
    skip(passages),
    metadata(model = "m-1")
)]
async fn generate(question: &str, passages: &[Passage]) -> String {
    tokio::task::yield_now().await;
    format!("{question} See {}", passages[0].page)
}

#[trace(type = "AGENT")]
async fn agent(question: String) -> Result<String, std::io::Error> {
    let passages = retrieve(&question, 1).await?;
    Ok(generate(&question, &passages).await)
}

fn client(server: &Server) -> Galtea {
    Galtea::builder().api_key(KEY).base_url(server.url()).build().unwrap()
}

fn accepting() -> Server {
    Server::answering(|request| (200, json!({ "spans": request.body, "partialSuccess": null })))
}

/// The one request that came, and its traces by name.
fn only_request(server: &Server) -> (Request, HashMap<String, Value>) {
    let mut requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = requests.remove(0);
    let traces = request.body.as_array().unwrap();
    let by_name =
        traces.iter().map(|trace| (trace["name"].as_str().unwrap().to_owned(), trace.clone())).collect();
    (request, by_name)
}

fn parent_of<'a>(traces: &'a HashMap<String, Value>, name: &str) -> Option<&'a str> {
    let parent = traces[name].get("parentTraceId")?;
    let parent =
        traces.values().find(|trace| trace["id"] == *parent).expect("a parent is a trace of the same batch");
    parent["name"].as_str()
}

fn assert_follows_the_contract(body: &Value) {
    let schema: Value = serde_json::from_str(include_str!("contract/traces-batch.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mistakes: Vec<String> = validator.iter_errors(body).map(|mistake| mistake.to_string()).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}\n{body:#}");
}

#[tokio::test]
async fn an_agent_arrives_as_one_request_that_follows_the_contract() {
    let server = accepting();
    let galtea = client(&server);
    let answer = galtea.inference_result("ir_123").scope(agent("How?".to_owned())).await.unwrap();
    assert_eq!(answer, "How? See spawn.md");
    let stats = galtea.shutdown().await.into_result().unwrap();
    assert_eq!(stats.delivered, 4);

    let (request, traces) = only_request(&server);
    assert_eq!(request.method, "POST");
    assert_eq!(request.target, "/traces/batch?includeRejected=true");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_follows_the_contract(&request.body);

    assert_eq!(parent_of(&traces, "agent"), None);
    assert_eq!(parent_of(&traces, "retrieve"), Some("agent"));
    assert_eq!(parent_of(&traces, "look_up"), Some("retrieve"));
    assert_eq!(parent_of(&traces, "draft"), Some("agent"));
    let types = ["agent", "retrieve", "look_up", "draft"]
        .map(|name| traces[name]["type"].as_str().unwrap().to_owned());
    assert_eq!(types, ["AGENT", "RETRIEVER", "TOOL", "GENERATION"]);

    assert!(traces.values().all(|trace| trace["inferenceResultId"] == "ir_123"));
    assert_eq!(traces["agent"]["inputData"], json!({ "question": "How?" }));
    assert_eq!(traces["agent"]["outputData"], json!({ "value": "How? See spawn.md" }));
    assert_eq!(traces["retrieve"]["inputData"], json!({ "query": "How?", "limit": 1 }));
    assert_eq!(traces["look_up"]["outputData"], json!({ "page": "spawn.md", "score": 0.5 }));
    assert_eq!(traces["look_up"]["description"], "Looks a passage up.");
    assert_eq!(traces["draft"]["inputData"], json!({ "question": "How?" }));
    assert_eq!(traces["draft"]["metadata"], json!({ "model": "m-1" }));
    assert_eq!(traces["draft"]["description"], "Writes the answer");
}

#[tokio::test]
async fn parents_stand_before_their_children_and_no_id_occurs_twice() {
    let server = accepting();
    let galtea = client(&server);
    galtea.inference_result("ir_1").scope(agent("How?".to_owned())).await.unwrap();
    let _ = galtea.shutdown().await;
    let (request, _) = only_request(&server);
    let mut seen = Vec::new();
    for trace in request.body.as_array().unwrap() {
        assert!(trace.get("parentTraceId").is_none_or(|parent| seen.contains(&parent)), "{trace}");
        assert!(!seen.contains(&&trace["id"]));
        seen.push(&trace["id"]);
    }
}

#[tokio::test]
async fn an_end_is_its_start_and_the_latency() {
    let server = accepting();
    let galtea = client(&server);
    galtea.inference_result("ir_1").scope(agent("How?".to_owned())).await.unwrap();
    let _ = galtea.shutdown().await;
    for trace in only_request(&server).0.body.as_array().unwrap() {
        let [start, end] = ["startTime", "endTime"].map(|key| micros_of_day(trace[key].as_str().unwrap()));
        // The latency as it is written, with its point moved by three digits.
        let latency = trace["latencyMs"].to_string().parse::<f64>().unwrap() * 1_000.0;
        assert_eq!(format!("{latency:.0}"), ((end + DAY - start) % DAY).to_string(), "{trace}");
    }
}

const DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// `2026-01-31T12:34:56.789012Z`
fn micros_of_day(time: &str) -> u64 {
    let number = |range: std::ops::Range<usize>| time[range].parse::<u64>().unwrap();
    ((number(11..13) * 60 + number(14..16)) * 60 + number(17..19)) * 1_000_000 + number(20..26)
}

#[trace]
async fn left() {
    tokio::task::yield_now().await;
    inner_left().await;
}

#[trace]
async fn right() {
    tokio::task::yield_now().await;
    inner_right().await;
}

#[trace]
async fn inner_left() {
    tokio::task::yield_now().await;
}

#[trace]
async fn inner_right() {
    tokio::task::yield_now().await;
}

#[trace]
async fn both() {
    tokio::join!(left(), right());
}

#[tokio::test]
async fn siblings_in_a_join_each_keep_their_own_children() {
    let server = accepting();
    let galtea = client(&server);
    galtea.inference_result("ir_1").scope(both()).await;
    let _ = galtea.shutdown().await;
    let (_, traces) = only_request(&server);
    assert_eq!(parent_of(&traces, "left"), Some("both"));
    assert_eq!(parent_of(&traces, "right"), Some("both"));
    assert_eq!(parent_of(&traces, "inner_left"), Some("left"));
    assert_eq!(parent_of(&traces, "inner_right"), Some("right"));
}

#[trace]
async fn forever() {
    inner_left().await;
    std::future::pending::<()>().await;
}

#[trace]
async fn race() -> &'static str {
    tokio::select! {
        biased;
        () = forever() => "the slow one",
        () = async { inner_right().await; tokio::task::yield_now().await } => "the fast one",
    }
}

#[trace]
async fn after() {}

#[tokio::test]
async fn the_loser_of_a_select_is_cancelled_and_the_winner_keeps_the_parent() {
    let server = accepting();
    let galtea = client(&server);
    let winner = galtea
        .inference_result("ir_1")
        .scope(async {
            let winner = race().await;
            after().await;
            winner
        })
        .await;
    assert_eq!(winner, "the fast one");
    let _ = galtea.shutdown().await;
    let (_, traces) = only_request(&server);
    assert_eq!(traces["forever"]["error"], "cancelled before completion");
    assert_eq!(traces["forever"]["metadata"], json!({ "galtea.outcome": "cancelled" }));
    assert_eq!(parent_of(&traces, "forever"), Some("race"));
    assert_eq!(parent_of(&traces, "inner_left"), Some("forever"));
    assert_eq!(parent_of(&traces, "inner_right"), Some("race"));
    assert_eq!(traces["race"]["outputData"], json!({ "value": "the fast one" }));
    assert_eq!(parent_of(&traces, "after"), None);
}

#[trace(type = "TOOL")]
fn add(left: u32, right: u32) -> u32 {
    left + right
}

#[trace(type = "CHAIN")]
fn sums(upto: u32) -> u32 {
    (0..upto).fold(0, add)
}

#[test]
fn a_program_without_any_runtime_is_traced_and_flushed() {
    let server = accepting();
    let galtea = client(&server);
    assert_eq!(galtea.inference_result("ir_1").sync_scope(|| sums(3)), 3);
    let stats = galtea.flush_blocking(Duration::from_secs(10)).into_result().unwrap();
    assert_eq!(stats.delivered, 4);
    let (request, traces) = only_request(&server);
    assert_follows_the_contract(&request.body);
    assert_eq!(parent_of(&traces, "add"), Some("sums"));
    assert_eq!(traces["sums"]["outputData"], json!({ "value": 3 }));
}

#[test]
fn a_current_thread_runtime_is_enough_and_a_drop_flushes() {
    let server = accepting();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let galtea = client(&server);
        galtea.inference_result("ir_1").scope(agent("How?".to_owned())).await.unwrap();
    });
    assert_eq!(only_request(&server).1.len(), 4);
}

#[tokio::test]
async fn nothing_is_recorded_outside_a_scope_or_without_an_id() {
    let server = accepting();
    let galtea = client(&server);
    assert_eq!(sums(3), 3);
    assert_eq!(galtea.inference_result("").sync_scope(|| sums(3)), 3);
    agent("How?".to_owned()).await.unwrap();
    let report = galtea.shutdown().await;
    assert_eq!(report.stats.traces, 0);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_block_and_a_function_nest_in_one_another() {
    let server = accepting();
    let galtea = client(&server);
    galtea
        .inference_result("ir_1")
        .scope(async {
            trace_scope!("outer", async { trace_scope!("inner", type = "CHAIN", { sums(1) }) }).await;
        })
        .await;
    let _ = galtea.shutdown().await;
    let (_, traces) = only_request(&server);
    assert_eq!(parent_of(&traces, "add"), Some("sums"));
    assert_eq!(parent_of(&traces, "sums"), Some("inner"));
    assert_eq!(parent_of(&traces, "inner"), Some("outer"));
}

#[tokio::test]
async fn the_key_is_in_no_debug_output() {
    let server = accepting();
    let builder = Galtea::builder().api_key(KEY).base_url(server.url());
    let mut shown = vec![format!("{builder:?}")];
    let galtea = builder.build().unwrap();
    galtea.inference_result("ir_1").scope(agent("How?".to_owned())).await.unwrap();
    shown.push(format!("{galtea:?}{:?}", galtea.inference_result("ir_2")));
    let report = galtea.shutdown().await;
    shown.push(format!("{report:?}{report}{:?}", galtea.stats()));
    assert!(shown.iter().all(|shown| !shown.contains("nobody-may-see")), "{shown:?}");
}
