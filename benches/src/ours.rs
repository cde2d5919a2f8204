//! The work of [`crate::work`], with the macros as users write them.

use std::hint::black_box;

use futures_util::Stream;
use galtea::export::{Batch, ExportFuture, Exported, Exporter};
use galtea::{Galtea, trace, trace_scope};

use crate::work::{self, Answer, LIMIT, NoSuchUser, Order, USER, answer, find};

#[inline(never)]
#[trace(type = "TOOL")]
pub fn call(user: &str, limit: u32) -> Answer {
    answer(user, limit)
}

#[inline(never)]
#[trace(type = "TOOL")]
pub async fn future(user: &str, limit: u32) -> Answer {
    answer(user, limit)
}

#[inline(never)]
#[trace(type = "GENERATION")]
pub fn stream(items: u32) -> impl Stream<Item = Answer> {
    work::items(items)
}

#[inline(never)]
#[trace(type = "TOOL")]
pub fn nested(depth: u32) -> Answer {
    if depth > 1 { nested(black_box(depth - 1)) } else { answer(USER, LIMIT) }
}

#[expect(clippy::too_many_arguments, reason = "that is what is measured")]
#[inline(never)]
#[trace(type = "TOOL")]
pub fn ten(a: u32, b: u32, c: u64, d: i64, e: bool, f: f64, g: &str, h: &str, i: &str, j: char) -> Answer {
    black_box((b, c, d, e, f, h, i, j));
    answer(g, a)
}

#[inline(never)]
#[trace(type = "GENERATION")]
pub fn prompt(prompt: &str) -> Answer {
    answer(prompt, LIMIT)
}

#[inline(never)]
#[trace(type = "TOOL")]
pub fn debug(order: &Order) -> Answer {
    answer(order.city, order.number)
}

#[inline(never)]
#[trace(type = "TOOL")]
pub fn error(user: &str) -> Result<Answer, NoSuchUser> {
    find(user)
}

#[inline(never)]
pub fn block(user: &str) -> Answer {
    trace_scope!("block", type = "TOOL", input = { "user": user }, { answer(user, LIMIT) })
}

/// Takes every batch and lets it go.
pub struct Sink;

impl Exporter for Sink {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        black_box(batch.len());
        Box::pin(async { Ok(Exported::all()) })
    }
}

/// A client whose traces go nowhere, with room for all of them.
pub fn client() -> Galtea {
    client_of(Sink)
}

pub fn client_of(exporter: impl Exporter) -> Galtea {
    let builder = Galtea::builder().exporter(exporter).max_queue_bytes(1 << 30);
    let galtea = builder.build().expect("nothing that could be missing is needed");
    // The delivery thread answers when it has found out how fast the processor's counter runs, which takes up to 200 ms.
    // Until then the clock is the system's, as for the first moment of a program.
    let _ = galtea.flush_blocking(std::time::Duration::from_secs(30));
    galtea
}
