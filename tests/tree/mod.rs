//! What was recorded, as the wire has it: JSON, with the parents by name.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test binary uses a part of it, and helpers of tests fail as tests do"
)]

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use galtea::Galtea;
use galtea::export::{Batch, MemoryExporter, Trace};
use serde_json::{Map, Value, json};

/// Far longer than any of these tests may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that keeps what it would send.
pub(crate) struct Recording {
    pub(crate) galtea: Galtea,
    memory: MemoryExporter,
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self::with_linger(TIMEOUT)
    }

    pub(crate) fn with_linger(linger: Duration) -> Self {
        Self::built(|builder| builder.linger(linger))
    }

    pub(crate) fn built(settings: impl FnOnce(galtea::Builder) -> galtea::Builder) -> Self {
        let memory = MemoryExporter::new();
        let builder = Galtea::builder().environment(|_| None).exporter(memory.clone());
        let galtea = settings(builder).build().unwrap();
        Self { galtea, memory }
    }

    /// The batches so far, without waiting for any.
    pub(crate) fn sent(&self) -> Vec<Recorded> {
        self.memory.take().iter().map(Recorded::of).collect()
    }

    /// The batches so far, those still open or under way included.
    pub(crate) fn batches(&self) -> Vec<Recorded> {
        let _ = self.galtea.flush_blocking(TIMEOUT).into_result().unwrap();
        self.sent()
    }

    /// The one batch that there is. Nothing may be open.
    pub(crate) fn batch(&self) -> Recorded {
        let mut batches = self.batches();
        assert_eq!(batches.len(), 1, "{batches:#?}");
        batches.remove(0)
    }
}

/// One batch.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) inference_result: String,
    pub(crate) traces: Vec<Value>,
}

impl Recorded {
    fn of(batch: &Batch) -> Self {
        let traces = batch.iter().map(|trace| trace_json(&trace)).collect();
        Self { inference_result: batch.inference_result_id().to_owned(), traces }
    }

    /// The only trace of this name.
    pub(crate) fn trace(&self, name: &str) -> &Value {
        let mut named = self.traces.iter().filter(|trace| trace["name"] == name);
        let first = named.next().unwrap_or_else(|| panic!("no trace `{name}` in {self:#?}"));
        assert!(named.next().is_none(), "several traces `{name}` in {self:#?}");
        first
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.traces.iter().map(|trace| trace["name"].as_str().unwrap()).collect()
    }

    /// `parent > child` for each trace, in order of names; roots stand alone.
    pub(crate) fn tree(&self) -> Vec<String> {
        let names: HashMap<&str, &str> =
            self.traces.iter().map(|t| (t["id"].as_str().unwrap(), t["name"].as_str().unwrap())).collect();
        let mut edges: Vec<String> = self.traces.iter().map(|trace| edge(trace, &names)).collect();
        edges.sort();
        edges
    }
}

fn edge(trace: &Value, names: &HashMap<&str, &str>) -> String {
    let name = trace["name"].as_str().unwrap();
    match trace["parentTraceId"].as_str() {
        None => name.to_owned(),
        Some(parent) => format!("{} > {name}", names.get(parent).unwrap_or(&"(elsewhere)")),
    }
}

fn trace_json(trace: &Trace<'_>) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), json!(trace.id().to_string()));
    object.insert("name".into(), json!(trace.name()));
    object.insert("type".into(), json!(trace.trace_type().as_str()));
    let mut put = |key: &str, value: Option<Value>| value.map(|value| object.insert(key.into(), value));
    let parse = |text: &str| serde_json::from_str(text).unwrap();
    put("parentTraceId", trace.parent_id().map(|id| json!(id.to_string())));
    put("description", trace.description().map(Value::from));
    put("inputData", trace.input().map(parse));
    put("outputData", trace.output().map(parse));
    put("metadata", trace.metadata().map(parse));
    put("error", trace.error().map(Value::from));
    put("latencyMs", Some(json!(trace.latency().as_secs_f64() * 1e3)));
    Value::Object(object)
}

/// Runs the same on one thread and on several.
pub(crate) fn on_each_runtime<F: Future<Output = ()>>(run: impl Fn(Recording) -> F) {
    for runtime in [
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ] {
        runtime.block_on(run(Recording::new()));
    }
}

/// Runs what panics, and keeps the panic from the test's output.
pub(crate) fn caught<R>(run: impl FnOnce() -> R) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).err().expect("a panic");
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
