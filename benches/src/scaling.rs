//! Whether a trace costs the same with many threads, and with many traces, under one inference result.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use galtea::{Galtea, TraceContext};

use crate::measure::least;
use crate::ours;
use crate::report::{Report, at_most, ns, ratio};
use crate::work::{LIMIT, USER};

pub fn run(report: &mut Report, galtea: &Galtea) {
    traces(report, galtea);
    threads(report, galtea);
}

fn calls(calls: u32) {
    (0..calls).for_each(|_| drop(black_box(ours::call(USER, LIMIT))));
}

fn traces(report: &mut Report, galtea: &Galtea) {
    report.section(
        "Time of a trace by the number under one inference result, scope included",
        &["ours", "/ 1,000"],
    );
    let time = |traces: u32| {
        least(2_000_000 / traces.max(20_000), || {
            let start = Instant::now();
            galtea.inference_result("ir_1").sync_scope(|| calls(traces));
            start.elapsed().as_secs_f64() * 1e9 / f64::from(traces)
        })
    };
    let thousand = time(1_000);
    for traces in [10, 100, 1_000, 10_000, 100_000] {
        let nanos = time(traces);
        let budgets = [at_most("of the cost among 1,000", nanos / thousand, 1.5)];
        // Ten traces share the cost of their scope.
        let budgets = if traces < 100 { &[][..] } else { &budgets };
        report.row(&format!("{traces} traces"), &[ns(nanos), ratio(nanos / thousand)], budgets);
        drop(galtea.flush_blocking(std::time::Duration::from_secs(30)));
    }
}

fn threads(report: &mut Report, galtea: &Galtea) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    report.section(
        &format!("Time of a trace by the number of threads under one inference result, {cores} cores"),
        &["a trace", "traces/s"],
    );
    let mut count = 1;
    while count <= cores.max(4) {
        let nanos = least(20, || in_threads(galtea, count));
        report.row(&format!("{count} threads"), &[ns(nanos), format!("{:.2} M", 1e3 / nanos)], &[]);
        count *= 2;
    }
}

/// Nanoseconds that pass for each trace while `count` threads make them.
fn in_threads(galtea: &Galtea, count: usize) -> f64 {
    const EACH: u32 = 5_000;
    galtea.inference_result("ir_1").sync_scope(|| {
        let start = Barrier::new(count + 1);
        let context = TraceContext::current();
        thread::scope(|scope| {
            let work = || {
                context.sync_scope(|| {
                    start.wait();
                    calls(EACH);
                })
            };
            let threads: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
            // On a busy machine the threads may be done before this one runs again.
            let begun = Instant::now();
            start.wait();
            threads.into_iter().for_each(|thread| drop(thread.join()));
            begun.elapsed().as_secs_f64() * 1e9 / (f64::from(EACH) * count as f64)
        })
    })
}
