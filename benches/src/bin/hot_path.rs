//! Runs one kind of work under callgrind, which counts the instructions of [`counted`]; see `scripts/instructions`.

use std::fmt;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use galtea::export::{Batch, ExportFuture, Exported, Exporter};
use galtea::{Galtea, trace};
use galtea_runtime::synthetic;
use serde::Serialize;

const CALLS: u32 = 1_000;

#[derive(Serialize)]
struct Answer {
    id: u32,
    name: &'static str,
    score: f64,
    ok: bool,
}

#[derive(Debug)]
struct NoSuchUser;

impl fmt::Display for NoSuchUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such user")
    }
}

impl std::error::Error for NoSuchUser {}

fn answer(user: &str, limit: u32) -> Answer {
    Answer { id: limit + u32::from(!user.is_empty()), name: "Ada", score: 0.5, ok: true }
}

#[inline(never)]
#[trace(type = "TOOL")]
fn call(user: &str, limit: u32) -> Answer {
    answer(user, limit)
}

#[inline(never)]
#[trace(type = "TOOL")]
async fn future(user: &str, limit: u32) -> Answer {
    answer(user, limit)
}

#[inline(never)]
#[trace(type = "TOOL")]
fn fails(_user: &str) -> Result<Answer, NoSuchUser> {
    Err(NoSuchUser)
}

struct Sink;

impl Exporter for Sink {
    fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async { Ok(Exported::all()) })
    }
}

/// Callgrind counts what happens in here, on this thread alone.
#[inline(never)]
fn counted(run: impl FnOnce()) {
    run();
}

fn calls(call: impl Fn()) {
    (0..CALLS).for_each(|_| call());
}

fn sync_scope(galtea: &Galtea, call: impl Fn()) {
    galtea.inference_result("ir_1").sync_scope(|| {
        calls(&call);
        counted(|| calls(call));
    });
}

fn futures(galtea: &Galtea) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(galtea.inference_result("ir_1").scope(async {
        calls(|| drop(black_box(futures_ready(future("u-17", 3)))));
        counted(|| calls(|| drop(black_box(futures_ready(future("u-17", 3))))));
    }));
}

/// The value of a future that is ready at once.
fn futures_ready<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

fn run(work: &str, galtea: &Galtea) -> bool {
    match work {
        "call" => sync_scope(galtea, || drop(black_box(call(black_box("u-17"), 3)))),
        "off" => counted(|| calls(|| drop(black_box(call(black_box("u-17"), 3))))),
        "error" => sync_scope(galtea, || drop(black_box(fails(black_box("u-17"))))),
        "async" => futures(galtea),
        "encode" => {
            let batch = synthetic::tree("ir_1", 1, CALLS.into());
            counted(|| drop(black_box(synthetic::body(&batch))));
        }
        _ => return false,
    }
    true
}

fn main() -> ExitCode {
    let galtea = match Galtea::builder().exporter(Sink).build() {
        Ok(galtea) => galtea,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    // The delivery thread answers when it has found out how fast the processor's counter runs. Before that, the clock is the
    // system's, and takes other instructions.
    let _ = galtea.flush_blocking(Duration::from_secs(30));
    let work = std::env::args().nth(1).unwrap_or_default();
    if run(&work, &galtea) {
        return ExitCode::SUCCESS;
    }
    eprintln!("which work: call, off, error, async or encode?");
    ExitCode::FAILURE
}
