//! The current trace comes along over the borders of tasks, threads and runtimes.

mod tree;

use futures::stream::{FuturesUnordered, StreamExt as _};
use galtea::{InCurrentTrace as _, TraceContext, trace, trace_scope};
use rayon::prelude::*;
use tokio::task::JoinSet;
use tree::{Recording, on_each_runtime};

#[trace(type = "TOOL")]
async fn fetch(page: u32) -> u32 {
    tokio::task::yield_now().await;
    page
}

#[trace(type = "TOOL")]
fn count(text: &str) -> usize {
    text.len()
}

/// A tree in which everything but the root is `parent > child`, so many times.
fn under(parent: &str, child: &str, times: usize) -> Vec<String> {
    std::iter::once(parent.to_owned())
        .chain(std::iter::repeat_n(format!("{parent} > {child}"), times))
        .collect()
}

#[test]
fn spawned_tasks_and_blocking_closures_belong_to_the_trace_that_spawned_them() {
    #[trace(type = "AGENT")]
    async fn agent() {
        let task = galtea::spawn(fetch(1));
        let blocking = galtea::spawn_blocking(|| count("abc"));
        assert_eq!((task.await.unwrap(), blocking.await.unwrap()), (1, 3));
    }
    on_each_runtime(async |recording| {
        recording.galtea.inference_result("ir_1").scope(agent()).await;
        assert_eq!(recording.batch().tree(), ["agent", "agent > count", "agent > fetch"]);
    });
}

#[test]
fn a_join_set_of_futures_that_take_the_trace_along_has_one_parent() {
    #[trace(type = "AGENT")]
    async fn agent() {
        let mut tasks = JoinSet::new();
        for page in 0..3 {
            tasks.spawn(fetch(page).in_current_trace());
        }
        tasks.join_all().await;
    }
    on_each_runtime(async |recording| {
        recording.galtea.inference_result("ir_1").scope(agent()).await;
        assert_eq!(recording.batch().tree(), under("agent", "fetch", 3));
    });
}

#[test]
fn what_is_polled_together_in_one_task_has_one_parent_and_no_sibling_as_a_parent() {
    #[trace(type = "AGENT")]
    async fn agent() {
        let mut pages: FuturesUnordered<_> = (0..3).map(fetch).collect();
        while pages.next().await.is_some() {}
        tokio::join!(fetch(4), fetch(5));
        tokio::select! { biased; _ = fetch(6) => {}, _ = fetch(7) => {} }
    }
    on_each_runtime(async |recording| {
        recording.galtea.inference_result("ir_1").scope(agent()).await;
        let batch = recording.batch();
        assert_eq!(batch.tree(), under("agent", "fetch", 7));
        let cancelled =
            batch.traces.iter().filter(|trace| trace["metadata"]["galtea.outcome"] == "cancelled");
        assert_eq!(cancelled.count(), 1, "the branch that lost");
    });
}

#[test]
fn a_select_in_one_task_leaves_no_context_behind() {
    on_each_runtime(async |recording| {
        let scope = recording.galtea.inference_result("ir_1").scope(fetch(1));
        tokio::select! { biased; () = std::future::ready(()) => {}, _ = scope => unreachable!() }
        assert!(galtea::current_trace().id().is_none());
        assert!(!TraceContext::current().is_recording());
    });
}

#[tokio::test]
async fn threads_find_their_parent_in_the_context_that_they_were_given() {
    #[trace]
    fn agent() {
        let context = TraceContext::current();
        let work = context.wrap(|| count("own thread"));
        assert_eq!(std::thread::spawn(work).join().unwrap(), 10);
        let text = String::from("borrowed");
        std::thread::scope(|threads| {
            threads.spawn(|| context.sync_scope(|| count(&text)));
            threads.spawn(|| context.sync_scope(|| count(&text)));
        });
    }
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(agent);
    assert_eq!(recording.batch().tree(), under("agent", "count", 3));
}

#[test]
fn rayon_finds_the_parent_in_the_context() {
    #[trace]
    fn agent() -> usize {
        let context = TraceContext::current();
        let all: usize = ["a", "bc", "def"].par_iter().map(|text| context.sync_scope(|| count(text))).sum();
        let (left, right) = rayon::join(context.wrap(|| count("gh")), context.wrap(|| count("i")));
        all + left + right
    }
    let recording = Recording::new();
    assert_eq!(recording.galtea.inference_result("ir_1").sync_scope(agent), 9);
    assert_eq!(recording.batch().tree(), under("agent", "count", 5));
}

#[test]
fn a_wrapped_closure_that_never_runs_and_a_task_that_never_starts_hold_nothing_up() {
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| {
        count("a");
        let context = TraceContext::current();
        drop(context.wrap(|| count("never")));
        drop(context.scope(fetch(1)));
    });
    let sent: Vec<_> = recording.batch().traces;
    assert_eq!(sent.len(), 1);
}

#[test]
fn the_batch_waits_for_what_was_taken_along_and_not_for_a_context_that_is_only_kept() {
    let recording = Recording::new();
    let (context, work) = recording.galtea.inference_result("ir_1").sync_scope(|| {
        count("first");
        let context = TraceContext::current();
        let work = context.wrap(|| count("second"));
        (context, work)
    });
    recording.galtea.inference_result("ir_2").sync_scope(|| ());
    work();
    let batch = recording.batch();
    assert_eq!(batch.names(), ["count", "count"]);
    // What is done with a kept context later is a batch of its own.
    context.sync_scope(|| count("third"));
    assert_eq!(recording.batch().names(), ["count"]);
}

#[test]
fn a_future_is_recorded_where_it_is_polled_unless_it_takes_the_context_along() {
    on_each_runtime(async |recording| {
        let (plain, carried) = recording
            .galtea
            .inference_result("ir_1")
            .scope(async { (fetch(1), fetch(2).in_current_trace()) })
            .await;
        plain.await;
        carried.await;
        let batch = recording.batch();
        assert_eq!(batch.trace("fetch")["inputData"]["page"], 2);
    });
}

#[test]
fn any_runtime_will_do() {
    let recording = Recording::new();
    let scope = recording.galtea.inference_result("ir_1").scope(async {
        trace_scope!("agent", async {
            let page = smol::spawn(async { count("spawned") }.in_current_trace());
            let blocking = smol::unblock(TraceContext::current().wrap(|| count("blocking")));
            assert_eq!((page.await, blocking.await), (7, 8));
        })
        .await;
    });
    smol::block_on(scope);
    assert_eq!(recording.batch().tree(), under("agent", "count", 2));
}

#[tokio::test]
async fn tasks_of_a_local_set_need_not_be_send() {
    let recording = Recording::new();
    let local = tokio::task::LocalSet::new();
    let scope = recording.galtea.inference_result("ir_1").scope(async {
        let text = std::rc::Rc::new(String::from("abc"));
        let task = async move {
            tokio::task::yield_now().await;
            count(&text)
        };
        tokio::task::spawn_local(task.in_current_trace()).await.unwrap()
    });
    assert_eq!(local.run_until(scope).await, 3);
    assert_eq!(recording.batch().tree(), ["count"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn block_in_place_stays_in_the_trace_and_the_runtime_s_other_tasks_stay_out() {
    #[trace(type = "AGENT")]
    async fn agent() -> usize {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(fetch(1));
            count("abc")
        })
    }
    let recording = Recording::new();
    let outside = tokio::spawn(async { TraceContext::current().is_recording() });
    let scoped = recording.galtea.inference_result("ir_1").scope(agent());
    assert_eq!(scoped.await, 3);
    assert!(!outside.await.unwrap());
    assert_eq!(recording.batch().tree(), ["agent", "agent > count", "agent > fetch"]);
}

#[test]
fn a_runtime_inside_of_a_scope_is_inside_of_the_trace() {
    #[trace(type = "AGENT")]
    fn agent() -> u32 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { fetch(1).await + galtea::spawn(fetch(2)).await.unwrap() })
    }
    let recording = Recording::new();
    assert_eq!(recording.galtea.inference_result("ir_1").sync_scope(agent), 3);
    assert_eq!(recording.batch().tree(), under("agent", "fetch", 2));
}

#[test]
fn a_bare_spawn_is_not_recorded_and_does_not_disturb_what_is() {
    on_each_runtime(async |recording| {
        recording
            .galtea
            .inference_result("ir_1")
            .scope(async {
                tokio::spawn(fetch(1)).await.unwrap();
                fetch(2).await;
            })
            .await;
        assert_eq!(recording.batch().trace("fetch")["inputData"]["page"], 2);
    });
}

#[tokio::test]
async fn an_aborted_task_is_recorded_as_cancelled_and_a_panicking_one_with_its_message() {
    #[trace]
    async fn stuck() {
        std::future::pending::<()>().await;
    }
    #[trace]
    async fn broken() {
        trace_scope!("inner", { assert_eq!(1, 2, "no luck") });
    }
    let recording = Recording::new();
    recording
        .galtea
        .inference_result("ir_1")
        .scope(async {
            let task = galtea::spawn(stuck());
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            assert!(galtea::spawn(broken()).await.unwrap_err().is_panic());
            let bare = async { trace_scope!("bare", { assert_eq!(1, 2, "in a task") }) };
            assert!(galtea::spawn(bare).await.is_err());
        })
        .await;
    let batch = recording.batch();
    assert_eq!(batch.trace("stuck")["error"], "cancelled before completion");
    assert!(batch.trace("broken")["error"].as_str().unwrap().contains("no luck"));
    assert_eq!(batch.trace("inner")["error"], batch.trace("broken")["error"]);
    assert!(batch.trace("bare")["error"].as_str().unwrap().contains("in a task"));
}
