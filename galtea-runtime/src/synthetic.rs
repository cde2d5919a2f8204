//! Batches made by hand, for tests and benchmarks of delivery and export. No part of the API.

use std::sync::Arc;
use std::time::Duration;

use crate::client::Galtea;
use crate::config::Builder;
use crate::delivery::{Backoff, Stats};
use crate::record::{Batch, Record, Store, Texts};
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
        let texts = Texts {
            input: &self.input,
            output: &self.output,
            metadata: &self.metadata,
            error: &self.error,
            name: &self.name,
            description: &self.description,
        };
        let record = Record {
            id: self.id,
            parent: self.parent,
            start: u64::try_from(self.start.as_nanos()).unwrap_or_default(),
            duration: u64::try_from(self.latency.as_nanos()).unwrap_or_default(),
            trace_type: self.trace_type,
            ..Record::EMPTY
        };
        store.push_texts(record, &texts);
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

/// The client's account, which can still be read when the client is gone.
pub fn account(galtea: &Galtea) -> impl Fn() -> Stats + use<> {
    let delivery = Arc::clone(galtea.delivery());
    move || delivery.stats()
}

/// How many bytes of memory wait to be sent.
pub fn queued_bytes(galtea: &Galtea) -> usize {
    galtea.delivery().queued_bytes()
}

/// Retries within milliseconds.
pub fn impatient(builder: Builder) -> Builder {
    builder.backoff(Backoff { base: Duration::from_millis(5), cap: Duration::from_millis(40) })
}

/// The body of a request for the batch, as an array.
pub fn body(batch: &Batch) -> Vec<u8> {
    crate::encode::body(batch, crate::encode::Shape::Array)
}

/// Any batch that could be recorded.
#[cfg(test)]
pub(crate) fn any_batch() -> impl proptest::strategy::Strategy<Value = Batch> {
    use proptest::prelude::*;

    let text = || prop_oneof![any::<String>(), "[\\x00-\\x7f]{0,40}"];
    let object = || (text(), text()).prop_map(|(key, value)| serde_json::json!({ key: value }).to_string());
    let identity = (1..u128::MAX, any::<u128>(), "\\PC{1,20}", 0..TraceType::ALL.len());
    let times = (0_u64..u64::MAX / 1_000_000, 0_u64..1 << 50);
    let trace = (identity, times, object(), prop_oneof![Just(String::new()), object()], text(), text());
    let trace = trace.prop_map(
        |((id, parent, name, kind), (start, latency), input, metadata, error, description)| SyntheticTrace {
            parent,
            name,
            trace_type: TraceType::ALL[kind],
            start: Duration::from_micros(start),
            latency: Duration::from_micros(latency),
            input,
            metadata,
            error,
            description,
            ..SyntheticTrace::new(id)
        },
    );
    (text(), proptest::collection::vec(trace, 1..5)).prop_map(|(id, traces)| batch(&id, traces))
}
