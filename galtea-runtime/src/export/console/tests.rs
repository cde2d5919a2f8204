use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::record::{Record, Store, Texts};
use crate::trace_type::TraceType;

const MS: u64 = 1_000_000;

/// A trace that began `start` milliseconds after the scope did and took `took`.
#[derive(Clone, Copy)]
struct Made<'text> {
    id: u128,
    parent: u128,
    kind: TraceType,
    name: &'text str,
    start: u64,
    took: u64,
    error: &'text str,
}

fn made(id: u128, parent: u128, kind: TraceType, name: &str, start: u64, took: u64) -> Made<'_> {
    Made { id, parent, kind, name, start, took, error: "" }
}

fn batch_of(id: &str, traces: impl IntoIterator<Item = Made<'static>>) -> Batch {
    let mut store = Store::default();
    for trace in traces {
        let texts = Texts { error: trace.error, name: trace.name, ..Texts::default() };
        let record = Record {
            id: trace.id,
            parent: trace.parent,
            start: (10_000 + trace.start) * MS,
            duration: trace.took * MS,
            trace_type: trace.kind,
            ..Record::EMPTY
        };
        store.push_texts(record, &texts);
    }
    Batch::new(id.into(), store)
}

fn drawn(batch: &Batch) -> String {
    render(batch, &Layout { width: 80, colour: false, continues: None })
}

fn support_agent() -> Vec<Made<'static>> {
    use TraceType::{Agent, Event, Generation, Guardrail, Retriever, Tool};
    vec![
        made(1, 0, Agent, "support_agent", 0, 1_840),
        made(2, 1, Guardrail, "check_question", 2, 61),
        made(3, 1, Retriever, "vector_search", 70, 212),
        made(4, 3, Event, "cache_miss", 75, 0),
        made(5, 1, Tool, "fetch_user", 290, 103),
        Made { error: "no customer u-17", ..made(6, 5, Tool, "query", 300, 90) },
        made(7, 1, Generation, "draft", 400, 1_430),
    ]
}

#[test]
fn an_inference_result_is_drawn_as_a_tree_on_its_time_axis() {
    let expected = "\
ir_123 · 7 traces · 1 error                                               1.84 s
AGENT       support_agent     ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   1.84 s
GUARDRAIL   ├ check_question  ━╸                                         61.0 ms
RETRIEVER   ├ vector_search    ╺━━━━╸                                     212 ms
EVENT       │ └ cache_miss     •
TOOL        ├ fetch_user            ━━━                                   103 ms
TOOL        │ └ query               ╺━━                                  90.0 ms
            │   ✗ no customer u-17
GENERATION  └ draft                   ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   1.43 s

";
    assert_eq!(drawn(&batch_of("ir_123", support_agent())), expected);
}

#[test]
fn the_bars_and_names_take_the_room_of_a_wider_terminal() {
    let text =
        render(&batch_of("ir_123", support_agent()), &Layout { width: 100, colour: false, continues: None });
    assert_eq!(text.lines().next().map(text::width), Some(100));
    let very_wide = render(
        &batch_of("ir_123", support_agent()),
        &Layout { width: 1_000, colour: false, continues: None },
    );
    assert_eq!(very_wide.lines().next().map(text::width), Some(111));
}

#[test]
fn colours_tell_the_type_and_what_failed() {
    let failed = Made { error: "no such customer", ..made(1, 0, TraceType::Tool, "fetch_user", 0, 5) };
    let batch = batch_of("ir_1", [failed, made(2, 1, TraceType::Event, "miss", 1, 0)]);
    let text = render(&batch, &Layout { width: 60, colour: true, continues: None });
    let expected = "\
\x1b[1mir_1\x1b[0m \x1b[2m· 2 traces\x1b[0m \x1b[31m· 1 error\x1b[0m                            \x1b[2m5.00 ms\x1b[0m
\x1b[33mTOOL\x1b[0m        \x1b[31mfetch_user\x1b[0m        \x1b[31m━━━━━━━━━━━━━━━━━━━━━\x1b[0m  5.00 ms
            \x1b[2m│\x1b[0m \x1b[31m✗\x1b[0m \x1b[31mno such customer\x1b[0m
EVENT       \x1b[2m└\x1b[0m miss                •

";
    assert_eq!(text, expected);
}

#[test]
fn without_colour_there_are_no_escape_codes_even_in_the_users_words() {
    let failed =
        Made { error: "\x1b[31mred\x1b[0m\x07", ..made(1, 0, TraceType::Tool, "\x1b[2Jclear", 0, 5) };
    let expected = "\
ir_␛[1m · 1 trace · 1 error                                              5.00 ms
TOOL        ␛[2Jclear         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  5.00 ms
            ✗ ␛[31mred␛[0m␇

";
    assert_eq!(drawn(&batch_of("ir_\x1b[1m", [failed])), expected);
}

#[test]
fn columns_hold_for_wide_joined_and_very_long_names() {
    let names = [
        "検索する🔎",
        "a\u{301}e\u{301}",
        "line\nbreak",
        "日本語日本語日本語日本語日本語日本語日本語日本語",
        "a_function_whose_name_tells_all_that_it_does_and_more",
    ];
    let traces = (1..).zip(names).map(|(id, name)| made(id, 0, TraceType::Tool, name, 0, 10));
    let expected = "\
ir_1 · 5 traces                                                          10.0 ms
TOOL        検索する🔎                          ━━━━━━━━━━━━━━━━━━━━━━━  10.0 ms
TOOL        áé                                  ━━━━━━━━━━━━━━━━━━━━━━━  10.0 ms
TOOL        line break                          ━━━━━━━━━━━━━━━━━━━━━━━  10.0 ms
TOOL        日本語日本語日本語日本語日本語日…   ━━━━━━━━━━━━━━━━━━━━━━━  10.0 ms
TOOL        a_function_whose_name_tells_all_t…  ━━━━━━━━━━━━━━━━━━━━━━━  10.0 ms

"
    .replace("áé", "a\u{301}e\u{301}");
    assert_eq!(drawn(&batch_of("ir_1", traces)), expected);
}

#[test]
fn an_error_of_many_lines_stands_wrapped_below_its_trace_and_is_cut_after_six() {
    let error = "thread panicked at src/main.rs:12:5:\r\n\r\ncalled `Option::unwrap()` on a `None` value while \
                 the customer was looked up\n  one\n  two\n  three\n  four\n  five";
    let traces = [
        made(1, 0, TraceType::Agent, "agent", 0, 10),
        Made { error, ..made(2, 1, TraceType::Tool, "look_up", 0, 5) },
        made(3, 1, TraceType::Tool, "next", 5, 5),
    ];
    let expected = "\
ir_1 · 3 traces · 1 error                                                10.0 ms
AGENT       agent             ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  10.0 ms
TOOL        ├ look_up         ━━━━━━━━━━━━━━━━━━━━╸                      5.00 ms
            │ ✗ thread panicked at src/main.rs:12:5:
            │   called `Option::unwrap()` on a `None` value while the customer
            │   was looked up
            │     one
            │     two
            │     three …
TOOL        └ next                                ╺━━━━━━━━━━━━━━━━━━━━  5.00 ms

";
    assert_eq!(drawn(&batch_of("ir_1", traces)), expected);
}

#[test]
fn deep_down_the_depth_stands_in_numbers_for_the_guides() {
    let traces = (1..=5_000)
        .map(|id| made(id, id - 1, TraceType::Chain, "step", 0, 10_000 - u64::try_from(id).unwrap()));
    let text = drawn(&batch_of("ir_1", traces));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 5_002);
    assert_eq!(lines[8], "CHAIN                   └ step    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   9.99 s");
    assert_eq!(
        lines[5_000],
        "CHAIN       ⋯4999         └ step  ━━━━━━━━━━━━━━━━━━━                     5.00 s"
    );
}

#[test]
fn what_runs_under_a_trace_of_an_earlier_batch_is_marked_and_the_batch_says_that_it_continues() {
    let out = Shared::default();
    let exporter = ConsoleExporter::new(out.clone(), ConsoleStyle::plain());
    exporter.show(&batch_of("ir_1", [made(1, 0, TraceType::Agent, "agent", 0, 500)]));
    exporter.show(&batch_of("ir_2", [made(2, 0, TraceType::Agent, "another", 100, 500)]));
    let late = [
        Made { error: "too late", ..made(3, 1, TraceType::Tool, "spawned", 1_900, 300) },
        made(4, 3, TraceType::Tool, "query", 1_950, 100),
    ];
    exporter.show(&batch_of("ir_1", late));
    let expected = "\
ir_1 · 1 trace                                                            500 ms
AGENT       agent             ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   500 ms

ir_2 · 1 trace                                                            500 ms
AGENT       another           ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   500 ms

ir_1 · continued at +1.90 s · 2 traces · 1 error                          300 ms
TOOL        ⋯ spawned         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   300 ms
            │ ✗ too late
TOOL        └ query                 ╺━━━━━━━━━━━━━╸                       100 ms

";
    assert_eq!(out.text(), expected);
}

#[test]
fn only_so_many_inference_results_are_remembered() {
    let exporter = ConsoleExporter::new(io::sink(), ConsoleStyle::plain());
    for number in 0..1_000 {
        exporter.show(&batch_of(&format!("ir_{number}"), [made(1, 0, TraceType::Agent, "agent", 0, 5)]));
    }
    assert_eq!(exporter.state.lock().unwrap().seen.len(), REMEMBERED);
}

#[test]
fn a_trace_that_names_itself_or_a_later_one_as_its_parent_is_still_drawn() {
    let traces = [
        made(1, 1, TraceType::Tool, "own_parent", 0, 5),
        made(2, 3, TraceType::Tool, "child_of_later", 0, 5),
        made(3, 2, TraceType::Tool, "later", 0, 5),
    ];
    let text = drawn(&batch_of("ir_1", traces));
    let names: Vec<_> = text.lines().skip(1).filter_map(|line| line.get(10..)).map(str::trim).collect();
    assert!(names[0].starts_with("⋯ own_parent"), "{text}");
    assert!(names[1].starts_with("⋯ child_of_later"), "{text}");
    assert!(names[2].starts_with("└ later"), "{text}");
}

#[test]
fn a_closed_pipe_is_no_reason_to_fail() {
    struct ClosedPipe;
    impl Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let exporter = ConsoleExporter::new(ClosedPipe, ConsoleStyle::plain());
    let batch = batch_of("ir_1", support_agent());
    for _ in 0..2 {
        let export = pin!(exporter.export(&batch));
        let done = export.poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(done, Poll::Ready(Ok(Exported::all())));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_words_no_line_is_too_wide_and_nothing_moves_the_cursor(
        words in proptest::collection::vec((".{1,60}", "(?s).{0,300}", 0_u128..12, 0_u64..50), 1..12),
        width in 60_u16..160,
    ) {
        let traces = (1..).zip(&words).map(|(id, (name, error, parent, took))| Made {
            error: error.clone().leak(),
            ..made(id, *parent, TraceType::Embedding, name.clone().leak(), 0, *took)
        });
        let batch = batch_of("ir_1", traces.collect::<Vec<_>>());
        let text = render(&batch, &Layout { width: width.into(), colour: false, continues: None });
        for line in text.lines() {
            proptest::prop_assert!(text::width(line) <= width.into(), "{line:?}");
        }
        proptest::prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}

/// A writer whose text can be read afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
