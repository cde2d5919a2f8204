//! What one call costs: active, off, and against the peers.

use std::hint::black_box;
use std::pin::pin;

use futures_util::{Stream, StreamExt as _};
use galtea::Galtea;
use tokio::runtime::Runtime;

use crate::alloc::Counts;
use crate::measure::{Times, minima, times};
use crate::report::{Report, at_most, ns, ratio};
use crate::tracers::{Bare, Fastrace, OpenTelemetry, Tracer};
use crate::work::{LIMIT, ORDER, USER, long};
use crate::{ours, work};

/// Calls under one root.
pub const CALLS: u32 = 100;
const ROUNDS: u32 = 1_500;
/// Traces that one run of [`Work::nested`] makes.
const DEEP: u32 = 5;

/// One kind of work, recorded by `T` or by galtea.
struct Work {
    name: &'static str,
    ours: fn(),
    bare: fn(),
    fast: fn(),
    open_telemetry: fn(),
    /// Traces that one run makes.
    traces: u32,
}

macro_rules! work {
    ($title:literal, $traces:expr, $name:ident($($argument:expr),*)) => {
        Work {
            name: $title,
            ours: || drop(black_box(ours::$name($($argument),*))),
            bare: || drop(black_box(work::$name::<Bare>($($argument),*))),
            fast: || drop(black_box(work::$name::<Fastrace>($($argument),*))),
            open_telemetry: || drop(black_box(work::$name::<OpenTelemetry>($($argument),*))),
            traces: $traces,
        }
    };
}

fn works() -> Vec<Work> {
    vec![
        work!("call", 1, call(USER, LIMIT)),
        work!("nested, 5 deep", DEEP, nested(DEEP)),
        work!("10 arguments", 1, ten(1, 2, 3, -4, true, 0.5, "g", "h", "i", 'j')),
        work!("4 KiB argument", 1, prompt(long())),
        work!("argument with only `Debug`", 1, debug(&ORDER)),
        work!("error result", 1, error(USER)),
        work!("trace_scope!", 1, block(USER)),
    ]
}

pub fn run(report: &mut Report) {
    report.section("Time of a traced call with no inference result in scope", &["ours", "bare", "more"]);
    off(report, "in a program without a client");
    let galtea = ours::client();
    off(report, "in a program with a client");
    report.section(
        "Time of a traced call, inputs and outputs recorded as the same JSON; 100 calls under one root",
        &["ours", "bare", "fastrace", "tracing+otel", "/ fastrace", "/ otel", "median", "/ fastrace"],
    );
    for work in &works() {
        time(report, &galtea, work);
    }
    futures(report, &galtea);
    streams(report, &galtea);
    lost_nothing(report, &galtea);
    allocations(report, &galtea);
    spawn(report, &galtea);
}

fn many(call: fn()) -> impl FnMut() {
    move || (0..CALLS).for_each(|_| call())
}

fn under<T: Tracer>(call: fn()) -> impl FnMut() {
    move || T::root(&mut many(call))
}

fn time(report: &mut Report, galtea: &Galtea, work: &Work) {
    let times = times(
        ROUNDS,
        CALLS * work.traces,
        [
            &mut || galtea.inference_result("ir_1").sync_scope(many(work.ours)),
            &mut many(work.bare),
            &mut under::<Fastrace>(work.fast),
            &mut under::<OpenTelemetry>(work.open_telemetry),
        ],
    );
    compared(report, work.name, &times);
}

fn compared(report: &mut Report, name: &str, times: &Times<4>) {
    let [ours, bare, fast, otel] = times.best;
    let [our_median, _, fast_median, _] = times.median;
    let mut cells: Vec<_> = [ours, bare, fast, otel].map(ns).into();
    cells.extend([ratio(ours / fast), ratio(ours / otel), ns(our_median), ratio(our_median / fast_median)]);
    let budgets = [at_most("of fastrace", ours / fast, 0.7), at_most("of tracing+otel", ours / otel, 0.15)];
    // The other rows are there to be seen.
    let has_budget = name == "call";
    report.row(name, &cells, if has_budget { &budgets } else { &[] });
}

fn futures(report: &mut Report, galtea: &Galtea) {
    let runtime = runtime();
    let times = times(
        ROUNDS,
        CALLS,
        [
            &mut || runtime.block_on(galtea.inference_result("ir_1").scope(many_futures(ours::future))),
            &mut || runtime.block_on(many_futures(work::future::<Bare>)),
            &mut || runtime.block_on(Fastrace::root_future(many_futures(work::future::<Fastrace>))),
            &mut || runtime.block_on(OpenTelemetry::root_future(many_futures(work::future::<OpenTelemetry>))),
        ],
    );
    compared(report, "async call", &times);
}

/// One stream under one root; the time is that of an item.
fn streams(report: &mut Report, galtea: &Galtea) {
    let runtime = runtime();
    let times = times(
        ROUNDS,
        CALLS,
        [
            &mut || runtime.block_on(galtea.inference_result("ir_1").scope(read(ours::stream, CALLS))),
            &mut || runtime.block_on(work::stream::<Bare>(CALLS)),
            &mut || runtime.block_on(Fastrace::root_future(work::stream::<Fastrace>(CALLS))),
            &mut || runtime.block_on(OpenTelemetry::root_future(work::stream::<OpenTelemetry>(CALLS))),
        ],
    );
    compared(report, "an item of a stream", &times);
}

pub async fn read<S: Stream>(stream: fn(u32) -> S, items: u32) {
    let mut items = pin!(stream(items));
    while let Some(item) = items.next().await {
        black_box(item);
    }
}

async fn many_futures<F: Future>(call: fn(&'static str, u32) -> F) {
    for _ in 0..CALLS {
        black_box(call(USER, LIMIT).await);
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs no more than memory")
}

/// Times say nothing when what they were spent on was thrown away.
fn lost_nothing(report: &mut Report, galtea: &Galtea) {
    let stats = galtea.flush_blocking(std::time::Duration::from_secs(30)).stats;
    let lost = stats.traces - stats.delivered;
    let cells = [stats.delivered.to_string(), format!("of {}", stats.traces)];
    report.row("traces delivered by galtea", &cells, &[at_most("lost", lost as f64, 0.0)]);
    let traces: u32 = works().iter().map(|work| CALLS * work.traces + 1).sum();
    // The future of each round has a root too, and so has the stream.
    let made = ROUNDS * (traces + CALLS + 1 + 2);
    report.row("spans reported by fastrace", &[Fastrace::reported().to_string(), format!("of {made}")], &[]);
}

/// Outside a scope. A program with a client is told of such calls, which takes a look more.
fn off(report: &mut Report, name: &str) {
    let calls = 10_000;
    let [ours, bare] = minima(
        300,
        calls,
        [&mut || (0..calls).for_each(|_| drop(black_box(ours::call(USER, LIMIT)))), &mut || {
            (0..calls).for_each(|_| drop(black_box(work::call::<Bare>(USER, LIMIT))))
        }],
    );
    let budget = at_most("ns over the bare call", ours - bare, 2.0);
    report.row(name, &[ns(ours), ns(bare), ns(ours - bare)], &[budget]);
}

fn allocations(report: &mut Report, galtea: &Galtea) {
    report.section(
        "Allocations on the caller's thread, a trace, with the root's share",
        &["ours", "fastrace", "tracing+otel", "ours", "fastrace", "tracing+otel"],
    );
    for work in &works() {
        let counts = [
            counted(work, || galtea.inference_result("ir_1").sync_scope(many(work.ours))),
            counted(work, under::<Fastrace>(work.fast)),
            counted(work, under::<OpenTelemetry>(work.open_telemetry)),
        ];
        let mut cells: Vec<_> = counts.map(|(allocations, _)| format!("{allocations:.2}")).into();
        cells.extend(counts.map(|(_, bytes)| format!("{bytes:.0} B")));
        report.row(work.name, &cells, &[at_most("allocations", counts[0].0, 2.0)]);
    }
}

/// Allocations and bytes a trace.
fn counted(work: &Work, mut round: impl FnMut()) -> (f64, f64) {
    const ROUNDS: u32 = 50;
    round();
    let before = Counts::now();
    (0..ROUNDS).for_each(|_| round());
    let counts = Counts::now().since(before);
    let traces = f64::from(ROUNDS * CALLS * work.traces);
    let [allocations, bytes] = [counts.allocations, counts.bytes].map(|count| count as f64 / traces);
    (allocations, bytes)
}

fn spawn(report: &mut Report, galtea: &Galtea) {
    report.section("Time of a spawned task that does nothing, joined", &["galtea", "tokio", "more"]);
    let runtime = runtime();
    let [ours, tokio, off] = minima(
        ROUNDS,
        CALLS,
        [
            &mut || {
                runtime.block_on(galtea.inference_result("ir_1").scope(async {
                    for _ in 0..CALLS {
                        let _ = galtea::spawn(async {}).await;
                    }
                }));
            },
            &mut || {
                runtime.block_on(async {
                    for _ in 0..CALLS {
                        let _ = tokio::spawn(async {}).await;
                    }
                });
            },
            &mut || {
                runtime.block_on(async {
                    for _ in 0..CALLS {
                        let _ = galtea::spawn(async {}).await;
                    }
                });
            },
        ],
    );
    report.row("spawn in a scope", &[ns(ours), ns(tokio), ns(ours - tokio)], &[]);
    report.row("spawn with no scope", &[ns(off), ns(tokio), ns(off - tokio)], &[]);
}
