//! What a program sees of delivery, with an API that plays along.

use std::time::Duration;

use galtea_runtime::export::MemoryExporter;
use galtea_runtime::{Galtea, synthetic};

const TIMEOUT: Duration = Duration::from_secs(20);

#[test]
fn what_is_handed_over_is_delivered_and_told() {
    let memory = MemoryExporter::new();
    let galtea = Galtea::builder().exporter(memory.clone()).build().unwrap();
    synthetic::submit(&galtea, synthetic::tree("ir_1", 1, 3));
    let report = galtea.flush_blocking(TIMEOUT);
    assert_eq!(report.to_string(), "3 of 3 traces delivered");
    assert_eq!(memory.take().len(), 1);
}

#[test]
fn dropping_the_last_clone_sends_what_is_left() {
    let memory = MemoryExporter::new();
    let galtea = Galtea::builder().exporter(memory.clone()).build().unwrap();
    let clone = galtea.clone();
    synthetic::submit(&galtea, synthetic::tree("ir_1", 1, 3));
    drop(galtea);
    drop(clone);
    assert_eq!(memory.batches().iter().map(galtea_runtime::Batch::len).sum::<usize>(), 3);
}

#[tokio::test]
async fn after_the_shutdown_every_call_is_harmless_and_traces_are_counted_as_dropped() {
    let galtea = Galtea::builder().exporter(MemoryExporter::new()).build().unwrap();
    synthetic::submit(&galtea, synthetic::tree("ir_1", 1, 3));
    assert!(galtea.shutdown().await.is_complete());
    synthetic::submit(&galtea, synthetic::tree("ir_2", 10, 2));
    let report = galtea.shutdown().await;
    assert_eq!(
        report.to_string(),
        "0 of 2 traces delivered, 2 dropped (2 dropped: they ended after the client was shut down)"
    );
    assert!(galtea.flush().await.is_complete());
    assert_eq!(galtea.stats().traces, 5);
}
