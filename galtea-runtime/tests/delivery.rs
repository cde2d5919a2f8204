//! What a program sees of delivery, with an API that plays along.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use galtea_runtime::export::{ExportFuture, Exported, Exporter, MemoryExporter};
use galtea_runtime::{Batch, Galtea, synthetic};

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

/// Holds its own client, and flushes it while it is asked to export: on the very thread that the flush would wait for.
#[derive(Clone, Default)]
struct Entangled {
    client: Arc<Mutex<Option<Galtea>>>,
    drops_it: bool,
}

impl Exporter for Entangled {
    fn export<'a>(&'a self, _batch: &'a Batch) -> ExportFuture<'a> {
        let client = self.client.lock().unwrap().clone();
        if let Some(client) = &client {
            let _ = client.flush_blocking(Duration::from_secs(600));
        }
        if self.drops_it {
            self.client.lock().unwrap().take();
        }
        drop(client);
        Box::pin(async { Ok(Exported::all()) })
    }
}

#[test]
fn the_delivery_thread_never_waits_for_itself() {
    for drops_it in [false, true] {
        let exporter = Entangled { client: Arc::default(), drops_it };
        let galtea = Galtea::builder().exporter(exporter.clone()).build().unwrap();
        let account = synthetic::account(&galtea);
        *exporter.client.lock().unwrap() = Some(galtea.clone());
        synthetic::submit(&galtea, synthetic::tree("ir_1", 1, 3));
        drop(galtea);
        let start = Instant::now();
        while account().delivered < 3 {
            assert!(start.elapsed() < TIMEOUT, "{}", account());
            std::thread::yield_now();
        }
    }
}
