//! `trace_event!`, and `current_trace()` with what it can set.

mod listener;
mod tree;

use galtea::{TraceType, current_trace, trace, trace_event, trace_scope};
use listener::told;
use serde_json::json;
use tree::{Recording, on_each_runtime};

#[test]
fn an_event_is_a_point_in_time_under_the_current_trace() {
    on_each_runtime(async |recording| {
        let key = "k";
        let run = async {
            trace_scope!("turn", async {
                trace_event!("cache_miss", input = { "key": key }, metadata(shard = 3), description = "Not there.");
                trace_event!("seen", type = "GUARDRAIL");
            })
            .await;
            trace_event!("root");
        };
        recording.galtea.inference_result("ir_1").scope(run).await;
        let batch = recording.batch();
        assert_eq!(batch.tree(), ["root", "turn", "turn > cache_miss", "turn > seen"]);
        let event = batch.trace("cache_miss");
        assert_eq!(event["type"], "EVENT");
        assert_eq!(event["latencyMs"], 0.0);
        assert_eq!(event["inputData"], json!({ "key": "k" }));
        assert_eq!(event["metadata"], json!({ "shard": 3 }));
        assert_eq!(event["description"], "Not there.");
        assert!(event.get("outputData").is_none() && event.get("error").is_none());
        assert_eq!(batch.trace("seen")["type"], "GUARDRAIL");
    });
}

#[test]
fn the_current_trace_takes_everything_that_can_be_set() {
    #[trace(metadata(model = "m-1", kept = true))]
    async fn agent(question: &str) -> usize {
        let id = current_trace().id().unwrap();
        current_trace().set_input(json!({ "q": question }));
        tokio::task::yield_now().await;
        let handle = current_trace();
        assert_eq!(handle.id(), Some(id));
        handle.set_output(json!({ "a": 1 }));
        handle.set_metadata("model", "m-2");
        handle.set_metadata("tokens", 12);
        handle.set_metadata("api_key", "gsk_secret");
        handle.set_type(TraceType::Agent);
        handle.set_description("Answers.");
        handle.record_error("answered badly");
        question.len()
    }
    on_each_runtime(async |recording| {
        assert_eq!(recording.galtea.inference_result("ir_1").scope(agent("why")).await, 3);
        let batch = recording.batch();
        let trace = batch.trace("agent");
        assert_eq!(trace["inputData"], json!({ "q": "why" }));
        assert_eq!(trace["outputData"], json!({ "a": 1 }));
        let metadata = json!({ "model": "m-2", "kept": true, "tokens": 12, "api_key": "[masked]" });
        assert_eq!(trace["metadata"], metadata);
        assert_eq!((&trace["type"], &trace["description"]), (&json!("AGENT"), &json!("Answers.")));
        assert_eq!(trace["error"], "answered badly");
    });
}

#[test]
fn errors_of_every_kind_can_be_recorded_with_what_caused_them() {
    #[derive(Debug, thiserror::Error)]
    #[error("no answer")]
    struct NoAnswer(#[source] std::num::ParseIntError);

    let cause = || "x".parse::<u8>().unwrap_err();
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| {
        trace_scope!("error", |scope| scope.record_error(&NoAnswer(cause())));
        trace_scope!("boxed", |scope| scope.record_error(&(Box::new(cause()) as Box<dyn std::error::Error>)));
        trace_scope!("anyhow", |scope| scope.record_error(&anyhow::Error::from(cause()).context("asking")));
        trace_scope!("text", |scope| scope.record_error(&format!("{} words", 2)));
    });
    let batch = recording.batch();
    let digit = "invalid digit found in string";
    assert_eq!(batch.trace("error")["error"], format!("no answer: {digit}"));
    assert_eq!(batch.trace("boxed")["error"], digit);
    assert_eq!(batch.trace("anyhow")["error"], format!("asking: {digit}"));
    assert_eq!(batch.trace("text")["error"], "2 words");
}

#[test]
fn outside_a_scope_a_handle_is_inert_and_what_it_is_given_is_not_looked_at() {
    struct Unseen;
    impl serde::Serialize for Unseen {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("nobody asked")
        }
    }
    let handle = current_trace();
    handle.set_input(Unseen);
    handle.set_metadata("k", Unseen);
    assert!(handle.id().is_none());
    trace_event!("nowhere", input = Unseen);
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| current_trace().set_output(Unseen));
    assert!(recording.batches().is_empty(), "an inference result is no trace");
}

#[test]
fn a_handle_that_outlives_its_trace_does_nothing_and_says_so_once() {
    let recording = Recording::new();
    let (handle, events) = told(|| {
        recording.galtea.inference_result("ir_1").sync_scope(|| trace_scope!("short", |scope| scope.clone()))
    });
    assert_eq!(events, [""; 0]);
    let ((), events) = told(|| {
        handle.set_metadata("late", 1);
        handle.clone().set_output(2);
    });
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].starts_with("a handle was used after its trace had ended"), "{events:?}");
    let batch = recording.batch();
    assert!(batch.trace("short").get("metadata").is_none());
}

#[test]
fn a_handle_may_go_to_other_threads_while_its_trace_is_open() {
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| {
        trace_scope!("turn", |turn| {
            std::thread::scope(|threads| {
                for number in 0..4 {
                    let turn = turn.clone();
                    threads.spawn(move || turn.set_metadata(format!("thread_{number}"), number));
                }
            });
        });
    });
    let batch = recording.batch();
    let metadata = batch.trace("turn")["metadata"].as_object().unwrap();
    assert_eq!(metadata.len(), 4);
}
