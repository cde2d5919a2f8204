//! Turns 10,000 small traces into request bodies, by this crate and by `serde_json` with the same fields, in one run.
//!
//! `cargo bench -p galtea-runtime --bench encode`
#![expect(clippy::print_stdout, reason = "that is what a benchmark is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use galtea_runtime::{Batch, Trace, synthetic};
use serde::Serialize;
use serde_json::value::RawValue;

const BATCHES: u128 = 100;
const TRACES: u128 = 100;
const ROUNDS: usize = 30;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plain<'t> {
    inference_result_id: &'t str,
    id: String,
    parent_trace_id: Option<String>,
    name: &'t str,
    #[serde(rename = "type")]
    trace_type: &'t str,
    input_data: Option<&'t RawValue>,
    output_data: Option<&'t RawValue>,
    latency_ms: f64,
    /// Texts of their final length: how they are made is left out of the comparison.
    start_time: &'t str,
    end_time: &'t str,
}

impl<'t> Plain<'t> {
    fn new(trace: Trace<'t>) -> Self {
        let raw = |json: Option<&'t str>| json.and_then(|json| serde_json::from_str(json).ok());
        Self {
            inference_result_id: trace.inference_result_id(),
            id: trace.id().to_string(),
            parent_trace_id: trace.parent_id().map(|id| id.to_string()),
            name: trace.name(),
            trace_type: trace.trace_type().as_str(),
            input_data: raw(trace.input()),
            output_data: raw(trace.output()),
            latency_ms: trace.latency().as_secs_f64() * 1e3,
            start_time: "2023-11-07T05:31:56.000001Z",
            end_time: "2023-11-07T05:31:56.045501Z",
        }
    }
}

fn main() {
    let batches: Vec<Batch> = (0..BATCHES)
        .map(|batch| synthetic::tree(&format!("ir_{batch}"), batch * TRACES + 1, TRACES))
        .collect();
    let plain: Vec<Vec<Plain<'_>>> =
        batches.iter().map(|batch| batch.iter().map(Plain::new).collect()).collect();
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        best[0] = best[0].min(time(&batches, synthetic::body));
        best[1] = best[1].min(time(&plain, |traces| serde_json::to_vec(traces).unwrap_or_default()));
    }
    let rate = best.map(|time| 1e4 / time.as_secs_f64() / 1e6);
    println!("this crate: {:.2} M traces/s; serde_json on one core: {:.2} M traces/s", rate[0], rate[1]);
    println!("ratio of the times: {:.2}", best[0].as_secs_f64() / best[1].as_secs_f64());
}

fn time<T>(batches: &[T], encode: impl Fn(&T) -> Vec<u8>) -> Duration {
    let start = Instant::now();
    for batch in batches {
        black_box(encode(black_box(batch)));
    }
    start.elapsed()
}
