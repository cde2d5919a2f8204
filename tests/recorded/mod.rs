//! Runs code in the scope of an inference result, and gives back what was recorded.
//!
//! A trace is told as `{"name", "type", "input", "output", "error", "metadata", "description", "children"}`; what a trace does
//! not have is left out. `SPAN` is the usual type, and left out too.

#![allow(
    dead_code,
    clippy::uninlined_format_args,
    reason = "each test binary, of any edition, uses its part"
)]

use std::future::Future;
use std::time::Duration;

use galtea::export::MemoryExporter;
use galtea::export::Trace;
use galtea::{Builder, Galtea, TraceId, TraceType};
use serde_json::{Map, Value, json};

/// A client whose batches stay in memory.
pub(crate) struct Recording {
    galtea: Galtea,
    memory: MemoryExporter,
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let memory = MemoryExporter::new();
        let galtea =
            configure(Galtea::builder().environment(|_| None).exporter(memory.clone())).build().unwrap();
        Self { galtea, memory }
    }

    pub(crate) fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        self.galtea.inference_result("ir_1").sync_scope(run)
    }

    pub(crate) fn scope<F: Future>(&self, future: F) -> galtea::Scope<F> {
        self.galtea.inference_result("ir_1").scope(future)
    }

    /// All that was recorded, as trees, in the order in which the operations began.
    pub(crate) fn traces(&self) -> Vec<Value> {
        self.galtea.flush_blocking(Duration::from_secs(30)).into_result().unwrap();
        let batches = self.memory.take();
        let traces: Vec<Trace<'_>> = batches.iter().flat_map(|batch| batch.iter()).collect();
        children(&traces, None)
    }
}

/// What a sync piece of code records.
pub(crate) fn traces_of<R>(run: impl FnOnce() -> R) -> Vec<Value> {
    let recording = Recording::new();
    recording.run(run);
    recording.traces()
}

/// What a piece of code records that calls one traced function.
#[track_caller]
pub(crate) fn trace_of<R>(run: impl FnOnce() -> R) -> Value {
    only(traces_of(run))
}

/// What a future records.
pub(crate) async fn traces_of_future<F: Future>(future: F) -> Vec<Value> {
    let recording = Recording::new();
    recording.scope(future).await;
    recording.traces()
}

/// What a future records that calls one traced function.
pub(crate) async fn trace_of_future<F: Future>(future: F) -> Value {
    only(traces_of_future(future).await)
}

#[track_caller]
pub(crate) fn only(traces: Vec<Value>) -> Value {
    assert_eq!(traces.len(), 1, "one trace is expected: {:#?}", traces);
    traces.into_iter().next().unwrap()
}

fn children(traces: &[Trace<'_>], parent: Option<TraceId>) -> Vec<Value> {
    let of_parent = traces.iter().filter(|trace| trace.parent_id() == parent);
    of_parent.map(|trace| tree(traces, trace)).collect()
}

fn tree(traces: &[Trace<'_>], trace: &Trace<'_>) -> Value {
    let mut told = Map::new();
    let mut tell = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            told.insert(key.to_owned(), value);
        }
    };
    tell("name", Some(json!(trace.name())));
    tell("type", (trace.trace_type() != TraceType::Span).then(|| json!(trace.trace_type().to_string())));
    tell("description", trace.description().map(|text| json!(text)));
    tell("input", trace.input().filter(|text| *text != "{}").map(parsed));
    tell("output", trace.output().map(parsed));
    tell("error", trace.error().map(|text| json!(text)));
    tell("metadata", trace.metadata().filter(|text| *text != "{}").map(parsed));
    let below = children(traces, Some(trace.id()));
    tell("children", (!below.is_empty()).then_some(Value::Array(below)));
    Value::Object(told)
}

#[track_caller]
fn parsed(text: &str) -> Value {
    let value: Result<Value, _> = serde_json::from_str(text);
    assert!(value.is_ok(), "{:?} in {}", value, text);
    value.unwrap()
}
