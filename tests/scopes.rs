//! `trace_scope!`: a block that is recorded, and that means what it means without the macro.

mod tree;

use galtea::{TraceType, current_trace, trace, trace_scope};
use serde_json::json;
use tree::{Recorded, Recording, caught, on_each_runtime};

fn recorded<R>(run: impl FnOnce() -> R) -> (R, Recorded) {
    let recording = Recording::new();
    let result = recording.galtea.inference_result("ir_1").sync_scope(run);
    (result, recording.batch())
}

#[trace]
fn leaf(number: u32) -> u32 {
    number
}

fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[test]
fn the_value_of_the_block_is_its_own_and_the_output() {
    let (value, batch) = recorded(|| {
        trace_scope!("search", type = "RETRIEVER", description = "Looks.", input = { "query": "q" }, metadata(index = 2), {
            let hits = vec![leaf(1), leaf(2)];
            hits
        })
    });
    assert_eq!(value, [1, 2]);
    assert_eq!(batch.tree(), ["search", "search > leaf", "search > leaf"]);
    let trace = batch.trace("search");
    assert_eq!((&trace["type"], &trace["description"]), (&json!("RETRIEVER"), &json!("Looks.")));
    assert_eq!(trace["inputData"], json!({ "query": "q" }));
    assert_eq!(trace["metadata"], json!({ "index": 2 }));
    assert_eq!(trace["outputData"], json!({ "value": [1, 2] }));
}

#[test]
fn a_handle_speaks_to_the_scope_and_wins_over_what_the_macro_recorded() {
    let (value, batch) = recorded(|| {
        trace_scope!("search", input = 1, metadata(kept = true, index = 1), |scope| {
            scope.set_metadata("index", 2);
            scope.set_metadata("hits", [3]);
            scope.set_type(TraceType::Tool);
            scope.set_input(json!({ "q": 1 }));
            scope.set_description("By hand.");
            trace_scope!("inner", |inner| inner.set_output("other"));
            scope.set_output("told");
            7
        })
    });
    assert_eq!(value, 7);
    let trace = batch.trace("search");
    assert_eq!(trace["metadata"], json!({ "kept": true, "index": 2, "hits": [3] }));
    assert_eq!((&trace["type"], &trace["description"]), (&json!("TOOL"), &json!("By hand.")));
    assert_eq!(trace["inputData"], json!({ "q": 1 }));
    assert_eq!(trace["outputData"], json!({ "value": "told" }));
    assert_eq!(batch.trace("inner")["outputData"], json!({ "value": "other" }));
}

#[test]
fn a_question_mark_leaves_the_function_and_the_scope_records_the_error() {
    fn total(prices: &[&str]) -> Result<u32, std::num::ParseIntError> {
        let sum = trace_scope!("sum", {
            let mut sum = 0;
            for price in prices {
                sum += parse(price)?;
            }
            sum
        });
        Ok(sum * 2)
    }
    let (result, batch) = recorded(|| total(&["1", "x"]));
    assert!(result.is_err());
    let trace = batch.trace("sum");
    assert_eq!(trace["error"], "invalid digit found in string");
    assert!(trace.get("metadata").is_none() && trace.get("outputData").is_none());
    let (result, batch) = recorded(|| total(&["1", "2"]));
    assert_eq!(result.unwrap(), 6);
    assert_eq!(batch.trace("sum")["outputData"], json!({ "value": 3 }));
}

#[test]
fn an_error_that_is_converted_on_its_way_out_is_recorded_as_it_was() {
    #[derive(Debug, thiserror::Error)]
    #[error("reading the price")]
    struct Unreadable(#[from] std::num::ParseIntError);

    fn price(text: &str) -> Result<u32, Unreadable> {
        Ok(trace_scope!("parse", { parse(text)? }))
    }
    fn boxed(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
        Ok(trace_scope!("parse", { parse(text).map_err(Unreadable)? }))
    }
    let (_, batch) = recorded(|| price("x").unwrap_err());
    assert_eq!(batch.trace("parse")["error"], "invalid digit found in string");
    let (_, batch) = recorded(|| boxed("x").unwrap_err());
    assert_eq!(batch.trace("parse")["error"], "reading the price: invalid digit found in string");
}

#[test]
fn an_error_that_the_block_itself_catches_is_not_the_scope_s() {
    let (value, batch) = recorded(|| {
        trace_scope!("tolerant", {
            let attempt = || -> Result<u32, std::num::ParseIntError> { Ok(parse("x")? + 1) };
            attempt().unwrap_or(5)
        })
    });
    assert_eq!(value, 5);
    assert!(batch.trace("tolerant").get("error").is_none());
    assert_eq!(batch.trace("tolerant")["outputData"], json!({ "value": 5 }));
}

#[test]
fn a_none_that_leaves_by_a_question_mark_leaves_the_scope_without_an_error() {
    fn first(words: &[&'static str]) -> Option<&'static str> {
        trace_scope!("first", { Some(*words.first()?) })
    }
    let (value, batch) = recorded(|| first(&[]));
    assert_eq!(value, None);
    assert_eq!(batch.trace("first")["metadata"]["galtea.outcome"], "left");
    let (value, batch) = recorded(|| first(&["a"]));
    assert_eq!((value, &batch.trace("first")["outputData"]), (Some("a"), &json!({ "value": "a" })));
}

#[test]
#[expect(clippy::never_loop, reason = "each way out of a loop is one case")]
fn return_break_and_continue_leave_the_block_for_where_they_always_lead() {
    fn early(flag: bool) -> &'static str {
        trace_scope!("returns", {
            if flag {
                return "early";
            }
        });
        "late"
    }
    let (value, batch) = recorded(|| early(true));
    assert_eq!(value, "early");
    assert_eq!(batch.trace("returns")["metadata"], json!({ "galtea.outcome": "left" }));
    assert!(batch.trace("returns").get("outputData").is_none());
    assert_eq!(recorded(|| early(false)).0, "late");

    let (seen, batch) = recorded(|| {
        let mut seen = Vec::new();
        'outer: for outer in 0..3 {
            for inner in 0..3 {
                trace_scope!("loops", {
                    match (outer, inner) {
                        (0, 1) => continue 'outer,
                        (1, 0) => continue,
                        (2, _) => break 'outer,
                        _ => seen.push((outer, inner)),
                    }
                });
            }
        }
        let found = loop {
            trace_scope!("value", { break 42 });
        };
        seen.push((found, 0));
        seen
    });
    assert_eq!(seen, [(0, 0), (1, 1), (1, 2), (42, 0)]);
    let left = batch.traces.iter().filter(|trace| trace["metadata"]["galtea.outcome"] == "left").count();
    assert_eq!((batch.traces.len(), left), (7, 4));
}

#[test]
fn the_block_borrows_moves_and_assigns_as_without_the_macro() {
    let (text, _) = recorded(|| {
        let mut text = String::from("a");
        let once = String::from("b");
        let borrowed = &mut text;
        let late;
        trace_scope!("works", {
            borrowed.push_str(&once);
            drop(once);
            late = 3;
        });
        text.push_str(&late.to_string());
        text
    });
    assert_eq!(text, "ab3");
    caught(|| trace_scope!("leaves", { panic!("at once") }));
    let empty: Vec<u8> = recorded(|| trace_scope!("inferred", { Vec::new() })).0;
    assert!(empty.is_empty());
}

#[test]
fn a_panic_that_leaves_a_block_is_recorded_with_its_message_where_something_around_it_catches_it() {
    #[trace]
    fn around() {
        trace_scope!("outer", {
            leaf(1);
            trace_scope!("inner", { assert_eq!(leaf(2), 3, "no such page") });
        });
    }
    let (text, batch) = recorded(|| caught(around));
    assert!(text.contains("no such page"));
    for name in ["around", "outer", "inner"] {
        let trace = batch.trace(name);
        assert_eq!(trace["error"], format!("panicked: {text}"), "{name}");
        assert_eq!(trace["metadata"]["galtea.outcome"], "panicked");
    }
    assert_eq!(batch.tree(), ["around", "around > outer", "inner > leaf", "outer > inner", "outer > leaf"]);
}

#[test]
fn a_panic_that_the_program_itself_catches_is_recorded_without_a_message_and_gets_none_of_a_later_one() {
    let ((), batch) = recorded(|| {
        caught(|| trace_scope!("first", { assert!(leaf(1) > 1, "one") }));
        leaf(2);
        caught(|| {
            futures::executor::block_on(trace_scope!("future", async {
                trace_scope!("third", { assert!(leaf(4) > 4, "three") });
            }));
        });
    });
    assert_eq!(batch.trace("first")["error"], "panicked");
    assert_eq!(batch.trace("third")["error"], "panicked: three");
    assert_eq!(batch.trace("future")["error"], "panicked: three");
}

#[test]
fn traced_destructors_that_run_while_a_panic_goes_by_do_not_take_its_message() {
    struct Traced;
    impl Drop for Traced {
        fn drop(&mut self) {
            trace_scope!("cleanup", { leaf(9) });
        }
    }
    #[trace]
    fn around() {
        let _traced = Traced;
        trace_scope!("broken", { assert!(leaf(1) > 1, "torn") });
    }
    let (_, batch) = recorded(|| caught(around));
    assert_eq!(batch.trace("broken")["error"], "panicked: torn");
    assert!(batch.trace("cleanup").get("error").is_none());
    assert_eq!(batch.trace("cleanup")["outputData"], json!({ "value": 9 }));
}

#[test]
fn the_async_forms_are_futures_that_are_recorded_from_their_first_poll() {
    on_each_runtime(async |recording| {
        let owned = String::from("owned");
        let borrowed = String::from("borrowed");
        let run = async {
            let one = trace_scope!("borrows", async { borrowed.len() + leaf(0) as usize }).await;
            let two = trace_scope!("moves", async move { owned.len() }).await;
            let three = trace_scope!("handle", input = 1, |scope| async {
                scope.set_metadata("a", 1);
                tokio::task::yield_now().await;
                current_trace().set_metadata("b", 2);
                leaf(1)
            })
            .await;
            let never = trace_scope!("never polled", async { leaf(7) });
            drop(never);
            let failed =
                trace_scope!("fails", async { Ok::<_, std::num::ParseIntError>(parse("x")? + 1) }).await;
            (one, two, three, failed.is_err())
        };
        assert_eq!(recording.galtea.inference_result("ir_1").scope(run).await, (8, 5, 1, true));
        let batch = recording.batch();
        assert_eq!(batch.tree(), ["borrows", "borrows > leaf", "fails", "handle", "handle > leaf", "moves"]);
        assert_eq!(batch.trace("handle")["metadata"], json!({ "a": 1, "b": 2 }));
        assert_eq!(batch.trace("handle")["inputData"], json!({ "value": 1 }));
        assert_eq!(batch.trace("fails")["error"], "invalid digit found in string");
        assert_eq!(batch.trace("moves")["outputData"], json!({ "value": 5 }));
    });
}

#[test]
fn a_scope_outside_any_inference_result_does_just_what_the_block_does() {
    fn run() -> Result<u32, std::num::ParseIntError> {
        let one = trace_scope!("plain", |scope| {
            scope.set_metadata("a", 1);
            assert!(scope.id().is_none());
            parse("1")?
        });
        Ok(one + futures::executor::block_on(trace_scope!("later", async { 2 })))
    }
    assert_eq!(run().unwrap(), 3);
}

#[test]
fn a_name_that_only_the_running_program_knows_is_the_trace_s() {
    let tool = String::from("calculator");
    let (_, batch) = recorded(|| trace_scope!(tool.as_str(), type = "TOOL", { leaf(1) }));
    assert_eq!(batch.tree(), ["calculator", "calculator > leaf"]);
}
