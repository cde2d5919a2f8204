//! Capture side by side with `serde_json` writing the same JSON: one process, one run, the ratio printed.
//!
//! `cargo bench -p galtea-runtime --features __internals --bench capture`

#![expect(clippy::print_stdout, reason = "a benchmark reports on stdout")]

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use galtea_runtime::internals::{CapturePolicy, Input, write_value};
use serde::Serialize;
use serde_json::{Value, json};

const ROUNDS: usize = 41;

#[derive(Serialize)]
struct Args<'a> {
    user_id: &'a str,
    limit: u32,
}

#[derive(Serialize)]
struct User {
    id: u64,
    name: String,
    plan: &'static str,
    active: bool,
}

/// The best of many rounds of both, taken turn by turn so that neither meets a quieter machine. Nanoseconds a call.
fn compare(name: &str, calls: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    // `cargo bench … -- <part of a name>` runs only some, as for other benchmarks.
    let wanted = std::env::args().nth(1).filter(|arg| !arg.starts_with('-'));
    if wanted.is_some_and(|part| !name.contains(&part)) {
        return;
    }
    let mut best = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        best[0] = best[0].min(time(calls, &mut ours));
        best[1] = best[1].min(time(calls, &mut theirs));
    }
    let [ours, theirs] = best;
    println!("{name:<36} ours {ours:>9.1} ns   serde_json {theirs:>9.1} ns   ratio {:.2}", ours / theirs);
}

fn time(calls: usize, call: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        call();
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are small")]
    let calls = calls as f64;
    start.elapsed().as_secs_f64() * 1e9 / calls
}

fn compare_value<T: Serialize>(name: &str, calls: usize, value: &T) {
    let policy = CapturePolicy::default();
    let (mut out, mut vec) = (String::new(), Vec::new());
    let ours = || {
        out.clear();
        write_value(black_box(&mut out), &policy, black_box(value));
    };
    let theirs = || {
        vec.clear();
        let _ = serde_json::to_writer(black_box(&mut vec), black_box(value));
    };
    compare(name, calls, ours, theirs);
}

fn compare_call() {
    let policy = CapturePolicy::default();
    let user = User { id: 17, name: "Ada Lovelace".to_owned(), plan: "pro", active: true };
    let (user_id, limit) = ("u-17", 10_u32);
    let (mut out, mut vec) = (String::new(), Vec::new());
    let ours = || {
        out.clear();
        let mut input = Input::new(black_box(&mut out), &policy);
        input.serialize("user_id", black_box(user_id));
        input.serialize("limit", &black_box(limit));
        input.finish();
        write_value(black_box(&mut out), &policy, black_box(&user));
    };
    let theirs = || {
        vec.clear();
        let args = Args { user_id: black_box(user_id), limit: black_box(limit) };
        let _ = serde_json::to_writer(black_box(&mut vec), &args);
        let _ = serde_json::to_writer(black_box(&mut vec), black_box(&user));
    };
    compare("two arguments and a struct of four", 20_000, ours, theirs);
}

fn conversation() -> Value {
    let message =
        "The customer asks whether the invoice of March can be split over two cost centres. ".repeat(12);
    let messages: Vec<_> =
        (0..20).map(|turn| json!({"role": "user", "turn": turn, "content": message})).collect();
    json!({"model": "gpt-4", "temperature": 0.7, "messages": messages})
}

fn main() {
    compare_call();
    compare_value("one struct", 20_000, &User { id: 17, name: "Ada".into(), plan: "pro", active: true });
    compare_value("a conversation of 20 KiB", 500, &conversation());
    compare_value(
        "text with escapes, 64 KiB",
        50,
        &"line one\n\t\"quoted\" line two, rather longer\n".repeat(1500),
    );
    compare_value("plain text, 100 KiB", 100, &"A sentence without anything to escape. ".repeat(2600));
    compare_value("10,000 integers", 50, &(0..10_000).collect::<Vec<u32>>());
    compare_value("1,000 embeddings", 50, &(0..1000).map(|n| f64::from(n).sqrt()).collect::<Vec<f64>>());
    let _ = std::io::stdout().flush();
}
