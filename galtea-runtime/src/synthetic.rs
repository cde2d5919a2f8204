//! Batches made by hand, for tests and benchmarks of delivery and export. No part of the API.

use std::sync::Arc;
use std::time::Duration;

use crate::client::Galtea;
use crate::record::{Batch, Lengths, Record, Store};
use crate::trace_type::TraceType;

/// One trace, with short texts where none are given.
#[derive(Clone, Debug)]
pub struct SyntheticTrace {
    /// The number in the id.
    pub id: u128,
    /// The parent's number; 0: a root.
    pub parent: u128,
    /// The name.
    pub name: String,
    /// The text of a JSON object, or nothing.
    pub input: String,
    /// The text of a JSON object, or nothing.
    pub output: String,
    /// The text of a JSON object, or nothing.
    pub metadata: String,
    /// Plain text, or nothing.
    pub error: String,
    /// Plain text, or nothing.
    pub description: String,
    /// Since the Unix epoch.
    pub start: Duration,
    /// How long it took.
    pub latency: Duration,
    /// The type.
    pub trace_type: TraceType,
}

impl SyntheticTrace {
    /// A root.
    pub fn new(id: u128) -> Self {
        Self {
            id,
            parent: 0,
            name: "fetch_user".to_owned(),
            input: format!(r#"{{"id":{id}}}"#),
            output: r#"{"name":"Ada","plan":"pro"}"#.to_owned(),
            metadata: String::new(),
            error: String::new(),
            description: String::new(),
            start: Duration::from_micros(1_699_335_116_000_001),
            latency: Duration::from_micros(45_500),
            trace_type: TraceType::Tool,
        }
    }

    /// A child of the trace with this number.
    #[must_use]
    pub fn under(self, parent: u128) -> Self {
        Self { parent, ..self }
    }

    fn keep(&self, store: &mut Store) {
        let length = |text: &str| u32::try_from(text.len()).unwrap_or_default();
        let lengths = Lengths {
            input: length(&self.input),
            output: length(&self.output),
            metadata: length(&self.metadata),
            error: length(&self.error),
            name: length(&self.name),
            description: length(&self.description),
        };
        let record = Record {
            id: self.id,
            parent: self.parent,
            start: u64::try_from(self.start.as_nanos()).unwrap_or_default(),
            duration: u64::try_from(self.latency.as_nanos()).unwrap_or_default(),
            trace_type: self.trace_type,
            name: "unnamed",
            description: "",
            lengths,
            at: Default::default(),
        };
        let texts = [&self.input, &self.output, &self.metadata, &self.error, &self.name, &self.description];
        store.push(record, &texts.map(String::as_str).concat());
    }
}

/// A batch of these traces.
pub fn batch(inference_result_id: &str, traces: impl IntoIterator<Item = SyntheticTrace>) -> Batch {
    let mut store = Store::default();
    for trace in traces {
        trace.keep(&mut store);
    }
    Batch::new(Arc::from(inference_result_id), store)
}

/// A root and its children, with the numbers from `first` on.
pub fn tree(inference_result_id: &str, first: u128, traces: u128) -> Batch {
    let child = |id| SyntheticTrace::new(id).under(if id == first { 0 } else { first });
    batch(inference_result_id, (first..first + traces).map(child))
}

/// Hands the batch over as a scope does that has ended.
pub fn submit(galtea: &Galtea, batch: Batch) {
    galtea.delivery().submit(batch);
}

/// The body of a request for the batch, as an array.
pub fn body(batch: &Batch) -> Vec<u8> {
    crate::encode::body(batch, crate::encode::Shape::Array)
}
