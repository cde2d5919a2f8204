//! What is recorded is given back: a hundred thousand inference results take no more memory than a thousand.
//!
//! What is measured is the process, so this is one test in a binary of its own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::Duration;

use futures::StreamExt as _;
use galtea::export::{Batch, ExportFuture, Exported, Exporter};
use galtea::{Galtea, TraceContext, trace, trace_scope};

struct Nowhere;

impl Exporter for Nowhere {
    fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async { Ok(Exported::all()) })
    }
}

#[trace]
fn numbers(upto: u32) -> impl futures::Stream<Item = u32> + Unpin {
    futures::stream::iter(0..upto)
}

#[trace]
fn leaf(text: &str) -> usize {
    galtea::current_trace().set_metadata("length", text.len());
    text.len()
}

fn turn(galtea: &Galtea, number: u32) {
    galtea.inference_result(format!("ir_{number}")).sync_scope(|| {
        leaf("plain");
        if !number.is_multiple_of(10) {
            return;
        }
        trace_scope!("turn", {
            leaf("a question");
            let work = TraceContext::current().wrap(|| leaf("work"));
            drop(numbers(2));
            futures::executor::block_on(async {
                let mut stream = numbers(3);
                stream.next().await;
            });
            work();
        });
    });
}

/// Kilobytes held when all that was recorded is delivered.
fn held_after(galtea: &Galtea, turns: std::ops::Range<u32>) -> u64 {
    for lot in turns.step_by(100) {
        (lot..lot + 100).for_each(|number| turn(galtea, number));
        assert!(galtea.flush_blocking(Duration::from_secs(60)).is_complete());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    held.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_hundred_thousand_inference_results_hold_no_more_memory_than_a_thousand() {
    let galtea = Galtea::builder().environment(|_| None).exporter(Nowhere).build().unwrap();
    let early = held_after(&galtea, 0..1_000);
    let late = held_after(&galtea, 1_000..100_000);
    // 64 bytes that stay behind for each would make six thousand.
    assert!(late < early + 4_096, "{early} kB were held after 1,000, {late} kB after 100,000");
    assert_eq!(galtea.stats().delivered, 140_000);
}
