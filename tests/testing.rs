//! `galtea::testing`, as those use it who test their agents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail that way")]

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt as _;
use galtea::testing::{
    Capture, TraceTree, assert_trace_tree, capture, capture_output, capture_output_sync, capture_sync,
};
use galtea::{InCurrentTrace, TraceContext, TraceType, trace, trace_event, trace_scope};
use serde_json::{Value, json};

#[trace(type = "RETRIEVER", metadata(index = "faq-v2"))]
fn search(query: &str) -> Vec<String> {
    vec![format!("Plans can be changed at any time ({query}).")]
}

#[trace(type = "TOOL", description = "Looks a customer up.")]
async fn fetch_user(user_id: &str) -> Result<HashMap<&'static str, String>, String> {
    tokio::task::yield_now().await;
    match user_id {
        "u-0" => Err("no customer u-0".to_owned()),
        id => {
            Ok(HashMap::from([("id", id.to_owned()), ("plan", "pro".to_owned()), ("name", "Ada".to_owned())]))
        }
    }
}

#[trace(type = "AGENT")]
async fn support_agent(user_id: &str) -> Result<String, String> {
    let pages = search("plans");
    trace_event!("cache_miss");
    let user = fetch_user(user_id).await?;
    Ok(trace_scope!("draft", type = "GENERATION", { format!("{}: {}", user["name"], pages[0]) }))
}

#[trace(type = "TOOL")]
fn step(number: u32) -> u32 {
    number
}

#[trace(type = "TOOL")]
async fn slow(number: u32) -> u32 {
    tokio::time::sleep(Duration::from_secs(60)).await;
    number
}

/// The message of an assertion that fails.
fn message(assertion: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion holds");
    payload.downcast_ref::<String>().cloned().unwrap()
}

// ---- What is captured ---------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_capture_gives_the_tree_and_the_output() {
    let (answer, tree) = capture_output(support_agent("u-17")).await;
    assert_eq!(answer.unwrap(), "Ada: Plans can be changed at any time (plans).");
    assert_eq!(tree.names(), ["support_agent", "search", "cache_miss", "fetch_user", "draft"]);
    assert_eq!(tree.names_of(TraceType::Tool), ["fetch_user"]);
    assert_eq!((tree.len(), tree.is_empty(), tree.unfinished()), (5, false, 0));

    let user = tree.only("fetch_user");
    assert_eq!(user.input(), &json!({"user_id": "u-17"}));
    assert_eq!(user.output()["plan"], "pro");
    assert_eq!(user.metadata(), &Value::Null);
    assert_eq!(user.description(), Some("Looks a customer up."));
    assert_eq!((user.error(), user.trace_type()), (None, TraceType::Tool));
    assert_eq!(user.parent().unwrap().name(), "support_agent");
    assert!(user.children().is_empty() && user.parent().unwrap().parent().is_none());
    assert!(tree.errors().is_empty());
}

#[tokio::test]
async fn errors_are_found_where_they_began_and_where_they_went() {
    let tree = capture(support_agent("u-0")).await;
    let errors: Vec<_> = tree.errors().iter().map(|trace| (trace.name(), trace.error())).collect();
    let text = Some("no customer u-0");
    assert_eq!(errors, [("support_agent", text), ("fetch_user", text)]);
}

#[test]
fn no_runtime_is_needed() {
    let (sum, tree) = capture_output_sync(|| step(1) + step(2));
    assert_eq!((sum, tree.names()), (3, vec!["step", "step"]));
    let tree = futures::executor::block_on(capture(async { step(3) }));
    assert_eq!(tree.only("step").output(), &json!({"value": 3}));
    let tree = smol::block_on(capture(async {
        smol::future::yield_now().await;
        step(4)
    }));
    assert_eq!(tree.only("step").input()["number"], 4);
}

#[tokio::test]
async fn a_blocking_capture_may_stand_in_async_code_even_when_the_tasks_budget_is_used_up() {
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    (0..1_000).for_each(|number| send.send(number).unwrap());
    while tokio::task::coop::has_budget_remaining() {
        receive.recv().await.unwrap();
    }
    let begun = Instant::now();
    assert_eq!(capture_sync(|| step(1)).names(), ["step"]);
    assert!(begun.elapsed() < Duration::from_secs(4), "it has waited for nothing");
}

#[test]
fn what_is_nested_may_be_asked_for_by_path_and_by_order() {
    let retrieve = |queries: &[&str]| {
        trace_scope!("retrieve", {
            for query in queries {
                search(query);
            }
        });
    };
    let tree = capture_sync(|| {
        trace_scope!("agent", type = "AGENT", {
            retrieve(&["a", "b"]);
            trace_scope!("a/b", { search("slash") });
            retrieve(&["c"]);
        });
        search("root");
    });
    let queries = |path: &str| -> Vec<String> {
        tree.path_all(path).iter().map(|trace| trace.input()["query"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(queries("agent/retrieve/search"), ["a", "b", "c"]);
    assert_eq!(queries("agent/a/b/search"), ["slash"]);
    assert_eq!(queries("search"), ["root"]);
    assert_eq!(tree.path("agent/retrieve/search").unwrap().input()["query"], "a");
    assert!(
        ["retrieve", "agent/search", "agent/", "", "age", "agent/retrieve/sea"]
            .iter()
            .all(|p| tree.path(p).is_none())
    );

    let agent = tree.find("agent").unwrap();
    let names = |traces: Vec<galtea::testing::TraceNode<'_>>| -> Vec<String> {
        traces.iter().map(|trace| trace.name().to_owned()).collect()
    };
    assert_eq!(names(tree.roots()), ["agent", "search"]);
    assert_eq!(names(agent.children()), ["retrieve", "a/b", "retrieve"]);
    assert_eq!(agent.descendants().len(), 7);
    assert_eq!(agent.path("retrieve/search").unwrap().id(), agent.find("search").unwrap().id());
    assert_eq!(tree.find_all("search").len(), 5);
    assert_eq!(tree.of_type(TraceType::Retriever).len(), 5);
}

#[test]
fn only_tells_what_there_is_when_there_is_not_exactly_one() {
    let tree = capture_sync(|| step(1) + step(2));
    let expected =
        "there are 2 traces `step` in\n\nTOOL \"step\"\n  input = {\"number\":1}\n  output = {\"value\":1}\n";
    assert!(message(|| assert!(tree.only("step").error().is_some())).starts_with(expected));
    let none = message(|| assert!(tree.only("stop").error().is_some()));
    assert!(none.starts_with("there is no trace `stop` in\n\nTOOL \"step\"\n"), "{none}");
    let empty = capture_sync(|| ());
    assert!(
        message(|| assert!(empty.only("step").error().is_some())).contains("Nothing was recorded at all.")
    );
}

#[tokio::test]
async fn branches_of_a_join_stand_in_the_order_in_which_they_are_polled_first() {
    let tree = capture(async { tokio::join!(fetch_user("u-1"), fetch_user("u-2"), async { step(3) }) }).await;
    let users: Vec<_> = tree.find_all("fetch_user").iter().map(|trace| &trace.input()["user_id"]).collect();
    assert_eq!(users, ["u-1", "u-2"]);
    assert_eq!(tree.names(), ["fetch_user", "fetch_user", "step"]);
}

#[tokio::test]
async fn what_a_program_sends_may_be_looked_at_the_same_way() {
    let memory = galtea::export::MemoryExporter::new();
    let galtea = galtea::Galtea::builder().environment(|_| None).exporter(memory.clone()).build().unwrap();
    for id in ["ir_1", "ir_2"] {
        galtea.inference_result(id).sync_scope(|| trace_scope!("turn", { step(1) }));
    }
    galtea.flush().await.into_result().unwrap();
    let tree = TraceTree::from_batches(&memory.batches());
    assert_trace_tree!(tree, { "turn" { "step" } "turn" { "step" } });
}

#[tokio::test]
async fn masks_and_limits_may_be_those_of_the_program() {
    let (_, tree) = Capture::new()
        .secret_names(["query"])
        .mask(|value| if value == json!({"value": 7}) { json!({"value": 8}) } else { value })
        .run_sync(|| {
            search("plans");
            step(7)
        });
    assert_eq!(tree.only("search").input(), &json!({"query": "[masked]"}));
    assert_eq!(tree.only("step").output(), &json!({"value": 8}));
    let (_, tree) = Capture::new().capture_limit(400).run_sync(|| search(&"x".repeat(10_000)));
    assert!(tree.only("search").input()["query"].as_str().unwrap().len() < 400);
    assert_eq!(tree.len(), 1);
}

// ---- Tasks, threads, panics ---------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_spawned_task_that_nobody_waits_for_is_waited_for() {
    let tree = capture(async {
        trace_scope!("agent", {
            galtea::spawn(fetch_user("u-1"));
            galtea::spawn_blocking(|| step(1));
        });
    })
    .await;
    assert_trace_tree!(tree, { "agent" unordered { "fetch_user", "step" } });
}

#[test]
fn a_thread_that_nobody_waits_for_is_waited_for() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let tree = capture_sync(|| {
        let work = TraceContext::current().wrap(move || {
            let _ = wait.lock().unwrap().recv();
            step(1)
        });
        std::thread::spawn(work);
        // From here on the thread runs on, beside the end of the scope.
        drop(go);
    });
    assert_eq!((tree.names(), tree.unfinished()), (vec!["step"], 0));
}

#[test]
fn a_thread_that_records_nothing_and_a_context_that_is_kept_cost_no_time() {
    let begun = Instant::now();
    let (kept, tree) =
        capture_output_sync(|| trace_scope!("agent", { (TraceContext::current(), galtea::current_trace()) }));
    assert_eq!((tree.names(), tree.unfinished()), (vec!["agent"], 0));
    assert!(kept.0.is_recording() && begun.elapsed() < Duration::from_secs(4));
    let tree = capture_sync(|| drop(std::thread::spawn(TraceContext::current().wrap(|| ()))));
    assert!(tree.is_empty() && tree.unfinished() == 0 && begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_is_no_obstacle_and_may_be_the_clock_of_the_capture() {
    let tree = capture(async { drop(galtea::spawn(slow(1))) }).await;
    assert_eq!((tree.names(), tree.unfinished()), (vec!["slow"], 0));
    let begun = tokio::time::Instant::now();
    let (_, tree) = Capture::new().clock(move || begun.elapsed()).run(slow(1)).await;
    assert_eq!(tree.only("slow").latency(), Duration::from_secs(60));
}

#[tokio::test]
async fn what_does_not_end_is_told_and_fails_an_assertion() {
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let (task, tree) = Capture::new()
        .wait(Duration::from_millis(20))
        .run(async {
            step(1);
            let task = galtea::spawn(trace_scope!("endless", async {
                step(2);
                let _ = wait.await;
            }));
            tokio::task::yield_now().await;
            Some(task)
        })
        .await;
    assert_eq!((tree.names(), tree.unfinished()), (vec!["step", "step"], 1));
    insta::assert_snapshot!(tree, @r#"
    TOOL "step"
      input = {"number":1}
      output = {"value":1}
    ⋯ TOOL "step"
      input = {"number":2}
      output = {"value":2}
    (still running when the capture ended, and not in the tree: 1 trace)
    "#);
    insta::assert_snapshot!(message(|| assert_trace_tree!(tree, { "step", "step" })), @r#"
    the traces are not the expected ones (- expected, + recorded):

      TOOL "step"
      TOOL "step"

    still running when the capture ended, and not in the tree: 1 trace
    "#);
    assert_trace_tree!(tree, { "step", .. });
    drop(go);
    task.unwrap().await.unwrap();
}

#[tokio::test]
async fn a_task_that_has_not_begun_to_record_is_told_too() {
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let (task, tree) = Capture::new()
        .wait(Duration::ZERO)
        .run(async { Some(galtea::spawn(async { wait.await.map(|()| step(1)) })) })
        .await;
    assert_eq!(
        tree.to_string(),
        "(no traces)\n(still running when the capture ended, and not in the tree: \
         1 task or thread that may still call traced functions)\n"
    );
    go.send(()).unwrap();
    assert_eq!(task.unwrap().await.unwrap(), Ok(1), "the program is not disturbed");
}

#[trace(type = "TOOL")]
fn panics() {
    panic!("out of tokens");
}

#[tokio::test]
async fn a_panic_that_is_caught_inside_can_be_asserted_on() {
    let tree = capture_sync(|| drop(catch_unwind(|| trace_scope!("agent", { panics() }))));
    assert_trace_tree!(tree, {
        "agent" (error = "panicked") {
            TOOL "panics" (error = "panicked: out of tokens", metadata = { "galtea.outcome": "panicked" })
        }
    });
    let tree = capture(AssertUnwindSafe(async { panics() }).catch_unwind()).await;
    assert_eq!(tree.only("panics").error(), Some("panicked: out of tokens"));
    let tree =
        capture(async { assert!(galtea::spawn(async { panics() }).await.unwrap_err().is_panic()) }).await;
    assert_eq!(tree.only("panics").error(), Some("panicked: out of tokens"));
}

#[tokio::test]
async fn a_panic_that_is_not_caught_goes_on_as_it_is() {
    let outcome = catch_unwind(|| capture_sync(panics));
    assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"out of tokens"));
    let outcome = AssertUnwindSafe(capture(async { panics() })).catch_unwind().await;
    assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"out of tokens"));
}

#[tokio::test]
async fn a_time_limit_inside_shows_what_it_has_cut_off() {
    let tree = capture(tokio::time::timeout(Duration::ZERO, slow(1))).await;
    assert_trace_tree!(tree, { TOOL "slow" (error = "cancelled before completion") });
}

#[test]
fn captures_at_the_same_time_do_not_see_each_other() {
    const THREADS: u32 = 8;
    let barrier = Arc::new(Barrier::new(THREADS as usize));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let barrier = Arc::clone(&barrier);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
                runtime.block_on(async {
                    for _ in 0..20 {
                        barrier.wait();
                        let tree = capture(async {
                            step(number);
                            galtea::spawn(async move { step(number) });
                            let inner = capture(async { step(number + 100) }).await;
                            assert_eq!(inner.only("step").input()["number"], number + 100);
                        })
                        .await;
                        assert_eq!(tree.len(), 2);
                        assert!(tree.iter().all(|trace| trace.input()["number"] == number));
                    }
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_spawned_is_missing_however_the_ends_meet() {
    for _ in 0..500 {
        let tree = capture(async {
            for number in 0..4 {
                galtea::spawn(async move { step(number) });
            }
        })
        .await;
        assert_eq!((tree.len(), tree.unfinished()), (4, 0));
    }
}

// ---- Clock, ids, text ---------------------------------------------------------------------------------------------------

#[tokio::test]
async fn times_and_ids_are_the_same_in_every_run() {
    let text = |tree: TraceTree| tree.display().with_times().with_ids().to_string();
    let first = text(capture(support_agent("u-17")).await);
    tokio::task::yield_now().await;
    assert_eq!(first, text(capture(support_agent("u-17")).await));
    insta::assert_snapshot!(first, @r#"
    AGENT "support_agent"
      id = trace_0d234ccf524300000000010000000000
      start = 2000-01-01T00:00:00.000000Z
      latency = 8ms
      input = {"user_id":"u-17"}
      output = {"value":"Ada: Plans can be changed at any time (plans)."}
      RETRIEVER "search"
        id = trace_0d234ccf525242400000020000000000
        start = 2000-01-01T00:00:00.001000Z
        latency = 1ms
        input = {"query":"plans"}
        output = {"value":["Plans can be changed at any time (plans)."]}
        metadata = {"index":"faq-v2"}
      EVENT "cache_miss"
        id = trace_0d234ccf5270c6c00000030000000000
        start = 2000-01-01T00:00:00.003000Z
        latency = 0ns
      TOOL "fetch_user"
        id = trace_0d234ccf528009000000040000000000
        start = 2000-01-01T00:00:00.004000Z
        latency = 1ms
        input = {"user_id":"u-17"}
        output = {"id":"u-17","name":"Ada","plan":"pro"}
      GENERATION "draft"
        id = trace_0d234ccf529e8d800000050000000000
        start = 2000-01-01T00:00:00.006000Z
        latency = 1ms
        output = {"value":"Ada: Plans can be changed at any time (plans)."}
    "#);
}

#[test]
fn the_clock_may_be_set() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let (_, tree) = Capture::new().start_time(start).step(Duration::from_secs(2)).run_sync(|| step(1));
    let step_trace = tree.only("step");
    assert_eq!((step_trace.start_time(), step_trace.latency()), (start, Duration::from_secs(2)));
    let (_, tree) = Capture::new().clock(|| Duration::MAX).run_sync(|| step(1));
    assert_eq!(tree.only("step").latency(), Duration::ZERO);
    let (id, _) = Capture::new()
        .inference_result_id("ir_9")
        .run_sync(|| trace_scope!("agent", { galtea::current_trace().id().unwrap().to_string() }));
    assert!(id.starts_with("trace_0d234ccf524300"), "{id}");
}

#[tokio::test]
async fn a_snapshot_of_the_tree_holds_nothing_that_changes() {
    insta::assert_snapshot!(capture(support_agent("u-0")).await);
}

#[test]
fn what_changes_from_run_to_run_can_be_kept_out_of_a_snapshot() {
    let tree = capture_sync(|| {
        trace_scope!("order", input = { "order": json!({ "id": Instant::now().elapsed().as_nanos(), "items": [1, 2] }) }, {
            galtea::current_trace().set_metadata("note", "a text that is so long that it would not be read in one line, ".repeat(2));
        });
    });
    insta::assert_snapshot!(tree.display().redact("id"), @r#"
    SPAN "order"
      input = {"order":{"id":"[redacted]","items":[1,2]}}
      metadata = {
        "note": "a text that is so long that it would not be read in one line, a text that is so long that it would not be read in one line, "
      }
    "#);
}

#[test]
fn a_very_deep_tree_is_no_danger_to_the_stack() {
    fn below(depth: u32, context: &TraceContext) -> TraceContext {
        let _ = depth;
        context.sync_scope(|| trace_scope!("level", { TraceContext::current() }))
    }
    let tree = capture_sync(|| {
        let mut context = TraceContext::current();
        for depth in 0..20_000 {
            context = below(depth, &context);
        }
    });
    assert_eq!(tree.len(), 20_000);
    assert!(tree.to_string().contains("⋯19999 SPAN \"level\""));
    let failure = message(|| assert_trace_tree!(tree, { "other" }));
    assert!(failure.lines().count() < 500);
    assert!(tree.path(&vec!["level"; 20_000].join("/")).is_some());
}

// ---- assert_trace_tree! -------------------------------------------------------------------------------------------------

#[tokio::test]
async fn an_assertion_says_what_ran_in_which_order_and_with_what() {
    let tree = capture(support_agent("u-17")).await;
    let plan = "pro";
    assert_trace_tree!(tree, {
        AGENT "support_agent" (output = "Ada: Plans can be changed at any time (plans).") {
            RETRIEVER "search" (input = { "query": "plans" }, metadata = { "index": "faq-v2" }),
            EVENT "cache_miss",
            TOOL "fetch_user" (output = { "plan": plan }, description = "Looks a customer up."),
            GENERATION "draft",
        },
    });
    assert_trace_tree!(&tree, {
        "support_agent" {
            .. TOOL "fetch_user" ..
        }
    });
    assert_trace_tree!(tree, { _ { RETRIEVER _ (output = ["Plans can be changed at any time (plans)."]) .. } },);
    assert_trace_tree!(tree, unordered { .., AGENT _ unordered { GENERATION "draft" EVENT _ .. } });
}

#[tokio::test]
async fn a_failed_assertion_shows_the_difference() {
    let tree = capture(support_agent("u-0")).await;
    let failure = message(|| {
        assert_trace_tree!(tree, {
            AGENT "support_agent" (error) {
                CHAIN "search" (input = { "query": "prices", "limit": 5 }, output = ["a", "b"])
                TOOL "fetch_user" (error = "no customer u-1")
                GENERATION "draft" (output = "…") { TOOL "complete" .. }
            }
        });
    });
    assert_eq!(
        failure,
        r#"the traces are not the expected ones (- expected, + recorded):

  AGENT "support_agent"
-   CHAIN "search"
+   RETRIEVER "search"
-     input.limit = 5
+     input.limit is missing
-     input.query = "prices"
+     input.query = "plans"
-     output = ["a","b"]
+     output = ["Plans can be changed at any time (plans)."]
+   EVENT "cache_miss"
    TOOL "fetch_user"
-     error = "no customer u-1"
+     error = "no customer u-0"
-   GENERATION "draft"
-     output = "…"
-     TOOL "complete"
-     ..
"#
    );
}

/// Runs one of the tests below, which fail, and gives what whoever runs it sees.
fn output_of(test: &str) -> String {
    let this = std::env::current_exe().unwrap();
    let run = std::process::Command::new(this).args(["--exact", test, "--ignored"]).output().unwrap();
    assert!(!run.status.success());
    String::from_utf8(run.stdout).unwrap()
}

#[test]
#[ignore = "fails on purpose, for the test below"]
fn fails() {
    assert_trace_tree!(capture_sync(|| step(1)), { "stop" }); // here
}

#[test]
#[ignore = "fails on purpose, for the test below"]
fn fails_in_the_code_under_test() {
    let tree = capture_sync(|| {
        search("plans");
        panics();
    });
    drop(tree);
}

#[test]
fn a_failure_is_told_at_the_line_of_the_assertion() {
    let line = 1 + include_str!("testing.rs").lines().position(|line| line.ends_with("// here")).unwrap();
    let output = output_of("fails");
    assert!(output.contains(&format!("tests/testing.rs:{line}:")), "{output}");
    assert!(output.contains("\n- \"stop\"\n+ TOOL \"step\"\n"), "{output}");
}

#[test]
fn a_panic_of_the_code_under_test_comes_with_what_was_recorded_until_then() {
    let output = output_of("fails_in_the_code_under_test");
    let shown = "\nrecorded until the panic:\n\nRETRIEVER \"search\"\n  input = {\"query\":\"plans\"}\n";
    assert!(output.contains("out of tokens") && output.contains(shown), "{output}");
    assert!(output.contains("TOOL \"panics\"\n  error = \"panicked: out of tokens\"\n"), "{output}");
}

#[tokio::test]
async fn an_error_that_is_not_expected_is_a_difference() {
    let tree = capture(fetch_user("u-0")).await;
    insta::assert_snapshot!(message(|| assert_trace_tree!(tree, { TOOL "fetch_user" })), @r#"
    the traces are not the expected ones (- expected, + recorded):

      TOOL "fetch_user"
    +   error = "no customer u-0"
    "#);
    let tree = capture_sync(|| step(1));
    insta::assert_snapshot!(message(|| assert_trace_tree!(tree, { "step" (error = "late") })), @r#"
    the traces are not the expected ones (- expected, + recorded):

      TOOL "step"
    -   error = "late"
    "#);
}

#[test]
fn order_counts_unless_it_is_said_not_to() {
    let tree = capture_sync(|| trace_scope!("agent", { (step(1), search("x"), step(2)) }));
    insta::assert_snapshot!(
        message(|| assert_trace_tree!(tree, { "agent" { "step" "step" "search" } })),
        @r#"
    the traces are not the expected ones (- expected, + recorded):

      SPAN "agent"
        TOOL "step"
    -   "step"
        RETRIEVER "search"
    +   TOOL "step"
    "#
    );
    assert_trace_tree!(tree, { "agent" unordered { "search" "step" (input = { "number": 2 }) "step" } });
    assert_trace_tree!(tree, { "agent" unordered { _ "step" (input = { "number": 1 }) .. } });
    insta::assert_snapshot!(
        message(|| assert_trace_tree!(tree, { "agent" unordered { "step" (input = { "number": 3 }) .. "draft" } })),
        @r#"
    the traces are not the expected ones (- expected, + recorded):

      SPAN "agent"
        TOOL "step"
    -     input.number = 3
    +     input.number = 1
    -   "draft"
        .. (2 traces)
    "#
    );
}

#[test]
fn an_equal_trace_is_found_for_each_that_is_expected_in_any_order() {
    let tree = capture_sync(|| (step(1), step(2), step(3)));
    // The first would take any of them, and must leave 3 to the second, which leaves 2 to the third.
    assert_trace_tree!(tree, unordered {
        "step"
        _ (input = { "number": 3 })
        _ (input = { "number": 1 })
    });
    assert!(
        message(|| assert_trace_tree!(tree, unordered { "step" "step" })).contains("\n+ TOOL \"step\"\n")
    );
}

#[test]
fn rest_stands_for_any_number_of_traces() {
    let tree = capture_sync(|| (step(1), step(2), search("x"), step(3)));
    assert_trace_tree!(tree, { .. });
    assert_trace_tree!(tree, { .., "search", .., "step" });
    assert_trace_tree!(tree, { "step".."step" });
    assert_trace_tree!(tree, { .., "step" (input = { "number": 3 }), .. });
    insta::assert_snapshot!(message(|| assert_trace_tree!(tree, { "step" .. "search" })), @r#"
    the traces are not the expected ones (- expected, + recorded):

      TOOL "step"
      .. (1 trace)
      RETRIEVER "search"
    + TOOL "step"
    "#);
    let none = capture_sync(|| ());
    assert_trace_tree!(none, {});
    assert_trace_tree!(none, { .. });
}

#[test]
fn an_empty_tree_comes_with_the_usual_reasons() {
    let tree = capture_sync(|| ());
    insta::assert_snapshot!(message(|| assert_trace_tree!(tree, { AGENT "support_agent" { .. } })), @r#"
    the traces are not the expected ones (- expected, + recorded):

    - AGENT "support_agent"
    -   ..

    Nothing was recorded at all. Either
      - no function with `#[galtea::trace]` and no `trace_scope!` ran inside of the capture,
      - the future that calls it was never awaited,
      - it ran in a task or thread that has lost the context: use `galtea::spawn`, or `.in_current_trace()` on the future, or
      - it ran in the scope of an inference result that the code under test opens itself.
    "#);
}

#[test]
fn values_are_compared_as_far_as_they_are_written() {
    let tree = capture_sync(|| {
        trace_scope!("call", input = { "user": json!({ "id": 7, "tags": ["a", "b"] }), "ratio": 1.0 }, { 12.5 });
    });
    let tags = vec!["a", "b"];
    assert_trace_tree!(tree, { "call" (input = { "user": { "tags": tags } }, input = { "ratio": 1 }, output = 12.5) });
    assert_trace_tree!(tree, { "call" (output = { "value": 12.5 },) });
    let failure = message(|| {
        assert_trace_tree!(tree, {
            "call" (input = { "user": { "tags": ["a"], "a b": null } }, metadata = { "k": 1 }, output = null)
        });
    });
    insta::assert_snapshot!(failure, @r#"
    the traces are not the expected ones (- expected, + recorded):

      SPAN "call"
    -   input.user["a b"] = null
    +   input.user["a b"] is missing
    -   input.user.tags = ["a"]
    +   input.user.tags = ["a","b"]
    -   metadata = {"k":1}
    +   metadata is missing
    -   output = null
    +   output = 12.5
    "#);
}

#[tokio::test]
async fn a_future_that_took_its_context_along_is_where_it_was_made() {
    let tree = capture(async {
        let made = trace_scope!("maker", { async { step(1) }.in_current_trace() });
        made.await;
    })
    .await;
    assert_trace_tree!(tree, { "maker" { "step" } });
}

#[test]
fn a_capture_may_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    fn is_free<T: Send + Sync + 'static>() {}
    is_send(&capture(support_agent("u-1")));
    is_send(&Capture::new().run(support_agent("u-1")));
    is_free::<TraceTree>();
}

/// Names that the macro uses too, and methods that all types have.
mod adversarial {
    use galtea::testing::{assert_trace_tree, capture_sync};

    trait Everything: Sized {
        fn trace(self) {
            unreachable!()
        }
        fn rest(self) {
            unreachable!()
        }
        fn input(self) {
            unreachable!()
        }
    }

    impl<T> Everything for T {}

    #[test]
    fn names_of_the_users_own_do_not_come_between() {
        let tree = capture_sync(|| super::step(1));
        let (siblings, trace, to) = (1, 1, 1);
        assert_trace_tree!(tree, {
            TOOL "step" (input = { "number": siblings }, output = trace, input = { "number": to }) unordered { .. }
        });
        let methods: [fn(()); 3] = [Everything::trace, Everything::rest, Everything::input];
        assert_eq!(methods.len(), 3, "they are there");
    }
}

#[test]
#[rustfmt::skip]
fn a_list_may_be_long() {
    let tree = capture_sync(|| trace_scope!("agent", { (0..50).map(step).sum::<u32>() }));
    assert_trace_tree!(tree, {
        "agent" {
            "step" "step" "step" "step" "step" "step" "step" "step" "step" "step"
            "step", "step", "step", "step", "step", "step", "step", "step", "step", "step",
            "step" "step" "step" "step" "step" "step" "step" "step" "step" "step"
            "step" {} "step" {} "step" {}, "step" {}, "step" {} "step" {} "step" {} "step" {} "step" {} "step" {}
            "step" () "step" () "step" (), "step" (), "step" () "step" () "step" () "step" () "step" () "step" () {}
        }
    });
}
