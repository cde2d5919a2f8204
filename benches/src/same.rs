//! All contenders record the same texts, or there is nothing to compare.

use std::pin::pin;
use std::task::{Context, Waker};

use galtea::export::MemoryExporter;

use crate::tracers::{Seen, Witness};
use crate::work::{LIMIT, ORDER, USER, long};
use crate::{calls, ours, work};

const ITEMS: u32 = 3;

/// # Panics
///
/// When galtea records other texts than its peers are given.
pub fn check() {
    let memory = MemoryExporter::new();
    let galtea = ours::client_of(memory.clone());
    galtea.inference_result("ir_1").sync_scope(ours);
    let report = galtea.flush_blocking(std::time::Duration::from_secs(30));
    assert!(report.is_complete(), "{report}");
    let recorded: Vec<_> = memory.batches().iter().flat_map(seen).collect();
    peers();
    assert_eq!(recorded, Witness::take(), "galtea and its peers record the same");
}

fn ours() {
    run(calls::read(ours::stream, ITEMS));
    ours::call(USER, LIMIT);
    ours::ten(1, 2, 3, -4, true, 0.5, "g", "h", "i", 'j');
    ours::prompt(long());
    ours::debug(&ORDER);
    let _ = ours::error(USER);
    ours::block(USER);
    ours::nested(1);
}

fn peers() {
    run(work::stream::<Witness>(ITEMS));
    work::call::<Witness>(USER, LIMIT);
    work::ten::<Witness>(1, 2, 3, -4, true, 0.5, "g", "h", "i", 'j');
    work::prompt::<Witness>(long());
    work::debug::<Witness>(&ORDER);
    let _ = work::error::<Witness>(USER);
    work::block::<Witness>(USER);
    work::nested::<Witness>(1);
}

/// For futures that never wait.
fn run(future: impl Future<Output = ()>) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_ready());
}

fn seen(batch: &galtea::export::Batch) -> Vec<Seen> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let seen = |trace: galtea::export::Trace<'_>| Seen {
        input: text(trace.input()),
        ending: text(trace.output().or(trace.error())),
    };
    batch.iter().map(seen).collect()
}
