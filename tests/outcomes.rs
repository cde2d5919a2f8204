//! Every way in which a traced call can end, told as what it was.

#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the functions are odd on purpose; what the attribute writes is looked at in tests/lints"
)]

mod recorded;

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt as _;
use galtea::{trace, trace_scope};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use recorded::{Recording, only, trace_of, trace_of_future, traces_of_future};

#[trace]
fn sync_way(way: u8) -> Result<u8, String> {
    match way {
        0 => return Ok(10),
        1 => return Err("returned".to_owned()),
        2 => {
            inner_fault()?;
        }
        3 => {
            let () = [1_u8, 2].into_iter().try_for_each(|_| Err("from a closure".to_owned()))?;
        }
        4 => panic!("way {way}"),
        5 => return macro_exit(),
        _ => {}
    }
    Ok(20)
}

fn inner_fault() -> Result<(), String> {
    Err("by question mark".to_owned())
}

fn macro_exit() -> Result<u8, String> {
    Err("from elsewhere".to_owned())
}

#[trace]
async fn async_way(way: u8) -> Result<u8, String> {
    tokio::task::yield_now().await;
    match way {
        0 => return Ok(10),
        1 => return Err("returned".to_owned()),
        2 => {
            async { inner_fault() }.await?;
        }
        3 => {
            let () = [1_u8, 2].into_iter().try_for_each(|_| Err("from a closure".to_owned()))?;
        }
        4 => panic!("way {way}"),
        5 => return macro_exit(),
        _ => {}
    }
    Ok(20)
}

const ENDS: [(u8, &str, &str); 6] = [
    (0, "output", "10"),
    (1, "error", "returned"),
    (2, "error", "by question mark"),
    (3, "error", "from a closure"),
    (5, "error", "from elsewhere"),
    (6, "output", "20"),
];

fn ended(name: &str, way: u8, field: &str, text: &str) -> Value {
    let told = if field == "output" { json!({"value": text.parse::<u8>().unwrap()}) } else { json!(text) };
    json!({"name": name, "input": {"way": way}, field: told})
}

#[tokio::test]
async fn a_value_an_error_an_early_return_and_a_question_mark_are_what_the_caller_gets() {
    for (way, field, text) in ENDS {
        assert_eq!(trace_of(|| sync_way(way).is_ok()), ended("sync_way", way, field, text));
        assert_eq!(trace_of_future(async_way(way)).await, ended("async_way", way, field, text));
    }
}

fn panicked(name: &str, message: &str) -> Value {
    json!({
        "name": name,
        "input": {"way": 4},
        "error": format!("panicked: {message}"),
        "metadata": {"galtea.outcome": "panicked"},
    })
}

#[tokio::test]
async fn a_panic_is_an_error_with_its_message_and_goes_on_with_its_payload() {
    let told = trace_of(|| {
        let payload = catch_unwind(|| sync_way(4)).unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "way 4");
    });
    assert_eq!(told, panicked("sync_way", "way 4"));
    let told = trace_of_future(async {
        let payload = AssertUnwindSafe(async_way(4)).catch_unwind().await.unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "way 4");
    })
    .await;
    assert_eq!(told, panicked("async_way", "way 4"));
}

#[trace]
fn panics_with(number: i32) {
    std::panic::panic_any(number)
}

#[trace]
fn parent_of_panic() {
    panics_with(7);
}

#[test]
fn a_panic_passes_through_all_calls_around_it_each_of_which_tells_it() {
    let told = trace_of(|| {
        let payload = catch_unwind(parent_of_panic).unwrap_err();
        assert_eq!(payload.downcast_ref::<i32>(), Some(&7));
    });
    let (error, metadata) = ("panicked: (a value that is no text)", json!({"galtea.outcome": "panicked"}));
    assert_eq!(
        told,
        json!({
            "name": "parent_of_panic", "error": error, "metadata": metadata,
            "children": [{"name": "panics_with", "input": {"number": 7}, "error": error, "metadata": metadata}],
        })
    );
}

#[test]
fn after_a_panic_that_was_caught_the_next_call_has_the_right_parent() {
    #[trace]
    fn root() {
        assert!(catch_unwind(parent_of_panic).is_err());
        let _ = sync_way(0);
    }
    let told = trace_of(root);
    let names: Vec<_> = told["children"].as_array().unwrap().iter().map(|child| &child["name"]).collect();
    assert_eq!(names, ["parent_of_panic", "sync_way"]);
    assert_eq!(told.get("error"), None);
}

#[trace]
async fn waits() -> u8 {
    waits_below(1).await
}

#[trace]
async fn waits_below(depth: u8) -> u8 {
    pending::<()>().await;
    depth
}

/// Returns a future by hand.
#[trace]
fn waits_boxed() -> std::pin::Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(waits_below(1))
}

fn cancelled(name: &str) -> Value {
    let (error, metadata) = ("cancelled before completion", json!({"galtea.outcome": "cancelled"}));
    json!({
        "name": name, "error": error, "metadata": metadata,
        "children": [{"name": "waits_below", "input": {"depth": 1}, "error": error, "metadata": metadata}],
    })
}

#[tokio::test(start_paused = true)]
async fn a_call_that_a_timeout_ends_is_cancelled_and_so_are_the_calls_in_it() {
    let limit = Duration::from_secs(3);
    let told = traces_of_future(async {
        assert!(tokio::time::timeout(limit, waits()).await.is_err());
        assert!(tokio::time::timeout(limit, waits_boxed()).await.is_err());
    })
    .await;
    assert_eq!(told, [cancelled("waits"), cancelled("waits_boxed")]);
}

#[tokio::test]
async fn the_loser_of_a_select_is_cancelled_and_the_winner_is_not() {
    let told = traces_of_future(async {
        tokio::select! {
            biased;
            _ = waits() => unreachable!("it waits for ever"),
            answer = async_way(0) => assert_eq!(answer, Ok(10)),
        }
    })
    .await;
    assert_eq!(told, [cancelled("waits"), ended("async_way", 0, "output", "10")]);
}

#[tokio::test]
async fn an_aborted_task_leaves_a_cancelled_call() {
    let recording = Recording::new();
    let (started, running) = oneshot::channel();
    recording
        .scope(async {
            let task = galtea::spawn(async {
                let call = waits();
                let mut call = std::pin::pin!(call);
                assert!(call.as_mut().now_or_never().is_none());
                started.send(()).unwrap();
                call.await
            });
            running.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        })
        .await;
    assert_eq!(only(recording.traces()), cancelled("waits"));
}

#[test]
fn a_runtime_that_shuts_down_leaves_cancelled_calls() {
    let recording = Recording::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let task = recording.scope(waits());
    runtime.block_on(async {
        tokio::spawn(task);
        tokio::task::yield_now().await;
    });
    drop(runtime);
    assert_eq!(only(recording.traces()), cancelled("waits"));
}

#[test]
fn a_call_that_is_dropped_by_hand_after_its_first_poll_is_cancelled_and_before_it_never_was() {
    let recording = Recording::new();
    recording.run(|| {
        drop(waits());
        let mut polled = Box::pin(waits());
        assert!(polled.as_mut().now_or_never().is_none());
        drop(polled);
    });
    assert_eq!(recording.traces(), [cancelled("waits")]);
}

struct CallsInDrop;
impl Drop for CallsInDrop {
    fn drop(&mut self) {
        let _ = sync_way(0);
    }
}

#[trace]
async fn cleans_up(guard: CallsInDrop) {
    pending::<()>().await;
    drop(guard);
}

#[test]
fn what_the_drop_of_a_cancelled_call_calls_is_still_a_part_of_it() {
    let recording = Recording::new();
    recording.run(|| {
        let mut polled = Box::pin(cleans_up(CallsInDrop));
        assert!(polled.as_mut().now_or_never().is_none());
    });
    let told = only(recording.traces());
    assert_eq!(told["metadata"]["galtea.outcome"], "cancelled");
    assert_eq!(told["children"], json!([ended("sync_way", 0, "output", "10")]));
}

struct PanicsInDrop;
impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        let _ = sync_way(0);
        trace_scope!("clean_up", { panic!("no room left") })
    }
}

#[trace]
async fn fails_to_clean_up(guard: PanicsInDrop) {
    pending::<()>().await;
    drop(guard);
}

#[test]
fn a_panic_in_the_drop_of_a_cancelled_call_goes_on_and_what_comes_after_is_no_part_of_it() {
    let recording = Recording::new();
    recording.run(|| {
        let mut polled = Box::pin(fails_to_clean_up(PanicsInDrop));
        assert!(polled.as_mut().now_or_never().is_none());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(polled))).is_err());
        let _ = sync_way(0);
    });
    let mut traces = recording.traces();
    assert_eq!(traces.pop(), Some(ended("sync_way", 0, "output", "10")));
    let told = only(traces);
    assert_eq!(told["metadata"]["galtea.outcome"], "cancelled");
    assert_eq!(told["children"][0], ended("sync_way", 0, "output", "10"));
    assert_eq!(told["children"][1]["metadata"]["galtea.outcome"], "panicked");
}

#[test]
fn a_panic_in_the_drop_of_a_scope_is_told_with_its_message() {
    let recording = Recording::new();
    let mut polled = Box::pin(recording.scope(fails_to_clean_up(PanicsInDrop)));
    assert!(polled.as_mut().now_or_never().is_none());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(polled))).is_err());
    let told = only(recording.traces());
    assert_eq!(told["metadata"]["galtea.outcome"], "cancelled");
    assert_eq!(told["children"][1]["error"], "panicked: no room left");
}

#[trace]
async fn lends(text: &str) -> Result<usize, String> {
    tokio::task::yield_now().await;
    text.len().checked_sub(5).ok_or_else(|| format!("{text} is too short"))
}

#[trace]
async fn both(texts: [String; 2]) -> Vec<Result<usize, String>> {
    let (left, right) = tokio::join!(lends(&texts[0]), lends(&texts[1]));
    vec![left, right]
}

#[tokio::test]
async fn calls_that_run_side_by_side_are_children_of_the_one_that_joins_them() {
    let told = trace_of_future(both(["abcdef".to_owned(), "abc".to_owned()])).await;
    assert_eq!(
        told["children"],
        json!([
            {"name": "lends", "input": {"text": "abcdef"}, "output": {"value": 1}},
            {"name": "lends", "input": {"text": "abc"}, "error": "abc is too short"},
        ])
    );
    assert_eq!(told["output"], json!({"value": [{"Ok": 1}, {"Err": "abc is too short"}]}));
}

#[test]
fn with_no_inference_result_in_scope_nothing_is_recorded_and_all_ends_as_it_does() {
    assert_eq!(sync_way(0), Ok(10));
    assert_eq!(sync_way(2), inner_fault().map(|()| 0));
    assert!(catch_unwind(|| sync_way(4)).is_err());
    assert_eq!(async_way(6).now_or_never(), None);
    assert_eq!(Recording::new().traces(), [json!(null); 0]);
}
