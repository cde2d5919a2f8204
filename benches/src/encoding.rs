//! Finished traces into bodies of requests.

use std::hint::black_box;

use galtea_runtime::synthetic;

use crate::measure::minima;
use crate::report::{Report, at_least};

const TRACES: u32 = 10_000;

pub fn run(report: &mut Report) {
    report.section("Encoding of 10,000 traces into bodies of requests, one core", &["traces/s", "MB/s"]);
    let batch = synthetic::tree("ir_1", 1, TRACES.into());
    let bytes = synthetic::body(&batch).len();
    let [nanos] = minima(200, TRACES, [&mut || drop(black_box(synthetic::body(black_box(&batch))))]);
    let (each, size) = (1e9 / nanos, bytes as f64 / f64::from(TRACES));
    let cells = [format!("{:.2} M", each / 1e6), format!("{:.0}", each * size / 1e6)];
    report.row("one body", &cells, &[at_least("M traces/s", each / 1e6, 1.5)]);
}
