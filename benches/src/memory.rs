//! What a trace takes while it waits in memory.

use std::hint::black_box;

use galtea::Galtea;

use crate::alloc::Counts;
use crate::ours;
use crate::report::{Report, at_most};
use crate::work::{LIMIT, USER};

/// Input and output of one call.
const JSON: &str = r#"{"user":"u-17","limit":3}{"id":4,"name":"Ada","score":0.5,"ok":true}"#;

pub fn run(report: &mut Report, galtea: &Galtea) {
    report.section(
        "Memory held for a buffered trace, free room in its chunks included",
        &["bytes", "its JSON", "more"],
    );
    for traces in [10, 100, 1_000, 100_000_u32] {
        let held = held(galtea, traces);
        let json = JSON.len() as f64;
        let budget = at_most("bytes beside the JSON", held - json, 160.0);
        // A few traces share one small chunk, whose free room is theirs alone.
        let budgets = if traces < 1_000 { vec![] } else { vec![budget] };
        let cells = [format!("{held:.0}"), format!("{json:.0}"), format!("{:.0}", held - json)];
        report.row(&format!("{traces} traces"), &cells, &budgets);
    }
}

fn held(galtea: &Galtea, traces: u32) -> f64 {
    ours::call(USER, LIMIT);
    galtea.inference_result("ir_1").sync_scope(|| {
        let before = Counts::now();
        (0..traces).for_each(|_| drop(black_box(ours::call(USER, LIMIT))));
        Counts::now().since(before).live as f64 / f64::from(traces)
    })
}
