//! Whatever a trace is told on its way, and wherever it runs: each field is the one that was meant.
//!
//! The texts of a trace lie in two places, and in others again once they are replaced; these tests go through all of it.

#[expect(
    clippy::unwrap_used,
    clippy::redundant_closure_for_method_calls,
    reason = "a helper of tests of any edition, which clippy does not take for one"
)]
mod recorded;

use std::panic::{AssertUnwindSafe, catch_unwind};

use galtea::{TraceContext, TraceType, current_trace, trace, trace_scope};
use recorded::Recording;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What one trace is told.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "all of their combinations are tried")]
struct Told {
    metadata_at_first: bool,
    name_at_run_time: bool,
    input: bool,
    metadata: bool,
    output: bool,
    error: bool,
    description: bool,
    children: bool,
    /// So large that texts go to another chunk.
    large: bool,
}

impl Told {
    const COUNT: u32 = 1 << 9;

    fn of(bits: u32) -> Self {
        let bit = |at: u32| bits & (1 << at) != 0;
        Self {
            metadata_at_first: bit(0),
            name_at_run_time: bit(1),
            input: bit(2),
            metadata: bit(3),
            output: bit(4),
            error: bit(5),
            description: bit(6),
            children: bit(7),
            large: bit(8),
        }
    }

    fn text(self, what: &str) -> String {
        if self.large { format!("{what} {}", "x".repeat(1_500)) } else { what.to_owned() }
    }

    fn tell(self) -> String {
        let scope = current_trace();
        if self.children {
            for number in 0..3 {
                child(number);
            }
        }
        if self.input {
            scope.set_input(json!({ "told": self.text("input") }));
        }
        if self.metadata {
            scope.set_metadata("told", self.text("metadata"));
        }
        if self.output {
            scope.set_output(json!({ "told": self.text("output") }));
        }
        if self.description {
            scope.set_description(self.text("description"));
        }
        if self.error {
            scope.record_error("told error");
        }
        self.text("returned")
    }

    fn run(self) {
        let given = self.text("given");
        let name = if self.name_at_run_time { "made" } else { "other" }.to_owned();
        match (self.metadata_at_first, self.name_at_run_time) {
            (false, false) => drop(trace_scope!("written", input = { "given": &given }, { self.tell() })),
            (true, false) => {
                drop(
                    trace_scope!("written", input = { "given": &given }, metadata(first = 1), { self.tell() }),
                );
            }
            (false, true) => drop(trace_scope!(name, input = { "given": &given }, { self.tell() })),
            (true, true) => {
                drop(trace_scope!(name, input = { "given": &given }, metadata(first = 1), { self.tell() }));
            }
        }
    }

    fn expected(self) -> Value {
        let mut trace = Map::new();
        let name = if self.name_at_run_time { "made" } else { "written" };
        trace.insert("name".into(), json!(name));
        let input = if self.input { ("told", "input") } else { ("given", "given") };
        trace.insert("input".into(), json!({ input.0: self.text(input.1) }));
        let output = if self.output { ("told", "output") } else { ("value", "returned") };
        trace.insert("output".into(), json!({ output.0: self.text(output.1) }));
        let mut metadata = Map::new();
        if self.metadata_at_first {
            metadata.insert("first".into(), json!(1));
        }
        if self.metadata {
            metadata.insert("told".into(), json!(self.text("metadata")));
        }
        if !metadata.is_empty() {
            trace.insert("metadata".into(), metadata.into());
        }
        if self.error {
            trace.insert("error".into(), json!("told error"));
        }
        if self.description {
            trace.insert("description".into(), json!(self.text("description")));
        }
        if self.children {
            let child = |number| json!({ "name": "child", "input": { "number": number }, "output": { "value": number } });
            trace.insert("children".into(), (0..3).map(child).collect());
        }
        trace.into()
    }
}

#[trace]
fn child(number: u32) -> u32 {
    number
}

fn all() -> impl Iterator<Item = Told> {
    (0..Told::COUNT).map(Told::of)
}

#[track_caller]
fn assert_told(recording: &Recording) {
    let recorded = recording.traces();
    assert_eq!(recorded.len(), all().count());
    for (told, recorded) in all().zip(recorded) {
        assert_eq!(recorded, told.expected(), "{told:?}");
    }
}

#[test]
fn in_the_scope_itself() {
    let recording = Recording::new();
    recording.run(|| all().for_each(Told::run));
    assert_told(&recording);
}

#[test]
fn on_another_thread() {
    let recording = Recording::new();
    recording.run(|| {
        let context = TraceContext::current();
        std::thread::scope(|threads| {
            threads.spawn(|| context.sync_scope(|| all().for_each(Told::run)));
        });
    });
    assert_told(&recording);
}

#[tokio::test]
async fn in_a_task_and_across_polls() {
    let recording = Recording::new();
    let in_turn = async {
        for told in all() {
            if told.large {
                galtea::spawn(async move { told.run() }).await.unwrap();
            } else {
                tokio::task::yield_now().await;
                told.run();
            }
        }
    };
    recording.scope(in_turn).await;
    assert_told(&recording);
}

/// Opens a scope of its own where it is recorded: a thing that no value should do, and that one may.
struct Meddles<'a>(&'a Recording);

impl Serialize for Meddles<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.run(|| child(7));
        child(8);
        serializer.serialize_str("meddled")
    }
}

#[trace]
fn takes(_meddles: &Meddles<'_>) -> u32 {
    child(0)
}

#[test]
fn a_scope_that_a_value_opens_while_it_is_recorded_stands_for_itself() {
    let (outer, inner) = (Recording::new(), Recording::new());
    outer.run(|| takes(&Meddles(&inner)));
    let child =
        |number| json!({ "name": "child", "input": { "number": number }, "output": { "value": number } });
    assert_eq!(inner.traces(), [child(7)]);
    let takes = json!({
        "name": "takes", "input": { "_meddles": "meddled" }, "output": { "value": 0 }, "children": [child(0)],
    });
    assert_eq!(outer.traces(), [takes], "what runs while a value is recorded is not recorded itself");
}

#[expect(clippy::panic, reason = "it is what is tested")]
fn gone() -> u32 {
    panic!("gone")
}

#[test]
fn a_block_that_a_panic_leaves_keeps_what_it_was_told() {
    for on_a_thread in [false, true] {
        let recording = Recording::new();
        let run = || {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                trace_scope!("outer", input = 1, {
                    trace_scope!("inner", input = { "given": 2 }, metadata(first = 1), |scope| {
                        child(1);
                        scope.set_metadata("told", true);
                        scope.set_type(TraceType::Tool);
                        gone()
                    })
                })
            }));
            assert!(caught.is_err());
            child(2);
        };
        recording.run(|| {
            let context = TraceContext::current();
            if on_a_thread {
                std::thread::scope(|threads| threads.spawn(|| context.sync_scope(run)).join().unwrap());
            } else {
                run();
            }
        });
        let traces = recording.traces();
        let (outer, inner) = (&traces[0], &traces[0]["children"][0]);
        assert_eq!((&outer["name"], &outer["input"]), (&json!("outer"), &json!({ "value": 1 })));
        assert_eq!((&inner["type"], &inner["input"]), (&json!("TOOL"), &json!({ "given": 2 })));
        let told = json!({ "first": 1, "told": true, "galtea.outcome": "panicked" });
        assert_eq!(inner["metadata"], told);
        assert_eq!(traces[1]["name"], "child");
    }
}
