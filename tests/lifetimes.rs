//! From the beginning of an inference result's scope to its last batch.

mod tree;

use std::time::Duration;

use galtea::{InCurrentTrace as _, TraceContext, trace, trace_scope};
use tokio::sync::oneshot;
use tree::{Recorded, Recording, caught, on_each_runtime};

#[trace]
async fn step(name: &str) -> String {
    tokio::task::yield_now().await;
    name.to_owned()
}

#[trace]
fn leaf() {}

fn give_up(why: &str) {
    assert!(why.is_empty(), "{why}");
}

fn by_id(mut batches: Vec<Recorded>) -> Vec<Recorded> {
    batches.sort_by(|a, b| a.inference_result.cmp(&b.inference_result));
    batches
}

#[test]
fn a_scope_in_a_scope_stands_for_itself_and_leaves_the_outer_one_as_it_was() {
    on_each_runtime(async |recording| {
        let galtea = &recording.galtea;
        let outer = async {
            trace_scope!("outer", async {
                let inner = async { trace_scope!("inner", async { step("inner").await }).await };
                galtea.inference_result("ir_inner").scope(inner).await;
                galtea.inference_result("ir_sync").sync_scope(leaf);
                leaf();
            })
            .await;
        };
        galtea.inference_result("ir_outer").scope(outer).await;
        let batches = by_id(recording.batches());
        assert_eq!(batches[0].tree(), ["inner", "inner > step"]);
        assert_eq!(batches[1].tree(), ["outer", "outer > leaf"]);
        assert_eq!(batches[2].tree(), ["leaf"], "a root, not a child across inference results");
    });
}

#[tokio::test]
async fn the_same_id_twice_is_two_batches_with_different_traces() {
    let recording = Recording::new();
    for _ in 0..2 {
        recording.galtea.inference_result("ir_1").sync_scope(leaf);
    }
    let batches = recording.batches();
    assert_eq!(batches.len(), 2);
    assert_ne!(batches[0].traces[0]["id"], batches[1].traces[0]["id"]);
}

#[test]
fn two_inference_results_interleaved_in_one_task_keep_their_traces_apart() {
    on_each_runtime(async |recording| {
        let run = |id: &'static str| {
            recording.galtea.inference_result(id).scope(async move {
                trace_scope!("turn", async {
                    for _ in 0..5 {
                        step(id).await;
                    }
                })
                .await;
            })
        };
        tokio::join!(run("ir_1"), run("ir_2"));
        for batch in recording.batches() {
            let steps: Vec<_> = batch.traces.iter().filter(|trace| trace["name"] == "step").collect();
            assert_eq!(steps.len(), 5);
            assert!(steps.iter().all(|step| step["outputData"]["value"] == batch.inference_result.as_str()));
            assert!(batch.tree().iter().all(|edge| edge == "turn" || edge == "turn > step"));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_at_once_are_one_batch_each() {
    let recording = Recording::new();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..2_000 {
        let scope = recording.galtea.inference_result(format!("ir_{number:04}"));
        tasks.spawn(scope.scope(async move {
            trace_scope!("turn", async { galtea::spawn(step("a").in_current_trace()).await }).await
        }));
    }
    tasks.join_all().await;
    let batches = by_id(recording.batches());
    assert_eq!(batches.len(), 2_000);
    for (number, batch) in batches.iter().enumerate() {
        assert_eq!(batch.inference_result, format!("ir_{number:04}"));
        assert_eq!(batch.tree(), ["turn", "turn > step"]);
    }
}

#[test]
#[expect(clippy::async_yields_async, reason = "the task is to outlive the scope")]
fn traces_still_open_when_the_scope_ends_are_waited_for_and_make_one_batch() {
    on_each_runtime(async |recording| {
        let (finish, finished) = oneshot::channel::<()>();
        let task = recording
            .galtea
            .inference_result("ir_1")
            .scope(async {
                leaf();
                galtea::spawn(async { trace_scope!("late", async { finished.await.is_ok() }).await })
            })
            .await;
        tokio::task::yield_now().await;
        assert!(recording.sent().is_empty());
        finish.send(()).unwrap();
        assert!(task.await.unwrap());
        assert_eq!(recording.batch().tree(), ["late", "leaf"]);
    });
}

#[test]
fn what_ends_after_the_linger_time_follows_in_a_second_batch_with_the_ids_of_the_first() {
    let recording = Recording::with_linger(Duration::from_millis(10));
    let (release, released) = std::sync::mpsc::channel::<()>();
    let late = recording.galtea.inference_result("ir_1").sync_scope(|| {
        trace_scope!("turn", {
            let context = TraceContext::current();
            std::thread::spawn(move || {
                context.sync_scope(|| {
                    trace_scope!("late", { released.recv().is_ok() });
                });
            })
        })
    });
    // The batch comes by itself, when the time is up.
    let first = std::iter::repeat_with(|| recording.sent()).find(|sent| !sent.is_empty()).unwrap();
    assert_eq!((first.len(), first[0].names()), (1, vec!["turn"]));
    release.send(()).unwrap();
    late.join().unwrap();
    let second = recording.batch();
    assert_eq!((second.inference_result.as_str(), second.names()), ("ir_1", vec!["late"]));
    assert_eq!(second.traces[0]["parentTraceId"], first[0].traces[0]["id"]);
}

#[test]
fn a_scope_that_is_dropped_or_that_panics_sends_what_it_has() {
    on_each_runtime(async |recording| {
        let mut scope = Box::pin(recording.galtea.inference_result("ir_1").scope(async {
            leaf();
            trace_scope!("stuck", async { std::future::pending::<()>().await }).await;
        }));
        assert!(futures::poll!(scope.as_mut()).is_pending());
        drop(scope);
        let batch = recording.batch();
        assert_eq!(batch.tree(), ["leaf", "stuck"]);
        assert_eq!(batch.trace("stuck")["metadata"]["galtea.outcome"], "cancelled");

        let galtea = recording.galtea.clone();
        let task = tokio::spawn(galtea.inference_result("ir_2").scope(async {
            leaf();
            trace_scope!("broken", { give_up("out of order") });
        }));
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(recording.batch().trace("broken")["error"], "panicked: out of order");

        let scope = galtea.inference_result("ir_3");
        caught(|| scope.sync_scope(|| trace_scope!("sync", { give_up("sync") })));
        assert_eq!(recording.batch().trace("sync")["error"], "panicked: sync");
    });
}

#[test]
fn a_scope_without_traces_sends_nothing() {
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| ());
    drop(recording.galtea.inference_result("ir_2"));
    drop(recording.galtea.inference_result("ir_3").scope(async { leaf() }));
    assert!(recording.batches().is_empty());
}

#[test]
fn a_scope_outlives_the_client_that_it_was_made_with() {
    let recording = Recording::new();
    let clone = recording.galtea.clone();
    let scope = clone.inference_result("ir_1");
    drop(clone);
    scope.sync_scope(leaf);
    assert_eq!(recording.batch().tree(), ["leaf"]);
}
