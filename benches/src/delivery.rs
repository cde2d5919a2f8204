//! From the call to a server on loopback, and what the caller feels when that server hangs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use galtea::Galtea;

use crate::calls::CALLS;
use crate::report::{Report, at_most, ns};
use crate::threads::{own_times, run_nanos};
use crate::work::{LIMIT, USER};
use crate::{ours, server};

const SCOPES: u32 = 2_000;

fn client(base_url: String) -> Galtea {
    let builder = Galtea::builder().api_key("gsk_benches").base_url(base_url).max_queue_bytes(1 << 30);
    builder.build().expect("the address is one of loopback")
}

fn scope(galtea: &Galtea) {
    galtea.inference_result("ir_1").sync_scope(|| {
        (0..CALLS).for_each(|_| drop(black_box(ours::call(USER, LIMIT))));
    });
}

pub fn run(report: &mut Report) {
    report.section("Delivery over HTTP to a server on loopback, 100 traces a request", &["", "", ""]);
    end_to_end(report);
    pause(report);
}

fn end_to_end(report: &mut Report) {
    let galtea = client(server::taking());
    scope(&galtea);
    drop(galtea.flush_blocking(Duration::from_secs(30)));
    let (start, ran) = (Instant::now(), run_nanos("galtea-delivery"));
    (0..SCOPES).for_each(|_| scope(&galtea));
    let stats = galtea.flush_blocking(Duration::from_secs(60)).stats;
    let (took, traces) = (start.elapsed().as_secs_f64(), f64::from(SCOPES * CALLS));
    let lost = (stats.traces - stats.delivered) as f64;
    let rate = format!("{:.0} k/s", traces / took / 1e3);
    report.row("traces recorded, sent, answered", &[rate], &[at_most("lost", lost, 0.0)]);
    let Some((before, after)) = ran.zip(run_nanos("galtea-delivery")) else { return };
    let busy = (after - before) as f64;
    let share = format!("{:.0} %", busy / took / 1e7);
    report.row("the delivery thread's CPU", &[format!("{}/trace", ns(busy / traces)), share], &[]);
}

/// The longest that a call, or a whole scope, kept its caller, less the time that the kernel gave to others meanwhile.
fn pause(report: &mut Report) {
    let galtea = client(server::hanging());
    let mut worst = [0.0_f64; 2];
    let end = Instant::now() + Duration::from_secs(3);
    while Instant::now() < end {
        let [call, scope] = pauses(&galtea);
        worst = [worst[0].max(call), worst[1].max(scope)];
    }
    let rows = ["worst call while the server hangs", "worst scope of 100 calls, the same"];
    for (name, worst) in rows.iter().zip(worst) {
        report.row(name, &[format!("{worst:.3} ms")], &[at_most("ms", worst, 1.0)]);
    }
    // Nobody waits for what a server that hangs will never take.
    std::mem::forget(galtea);
}

/// Milliseconds of the longest call of one scope, and of the scope.
fn pauses(galtea: &Galtea) -> [f64; 2] {
    let waited = || own_times().map_or(0, |(_, waited)| waited);
    let (before, start) = (waited(), Instant::now());
    let mut worst = 0.0_f64;
    galtea.inference_result("ir_1").sync_scope(|| {
        for _ in 0..CALLS {
            let start = Instant::now();
            drop(black_box(ours::call(USER, LIMIT)));
            worst = worst.max(start.elapsed().as_secs_f64() * 1e3);
        }
    });
    let whole = start.elapsed().as_secs_f64() * 1e3;
    let others = (waited() - before) as f64 / 1e6;
    [worst, whole].map(|took| (took - others).max(0.0))
}
