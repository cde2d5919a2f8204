use std::hint::black_box;
use std::time::Instant;
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct Answer { id: u32, name: &'static str, score: f64, ok: bool }

fn work(user: &str, limit: u32) -> Answer { Answer { id: limit + user.len() as u32, name: "Ada", score: 0.5, ok: true } }

#[inline(never)] fn bare(user: &str, limit: u32) -> Answer { black_box(work(black_box(user), black_box(limit))) }
#[inline(never)] #[galtea::trace(type = "TOOL")] fn ours(user: &str, limit: u32) -> Answer { black_box(work(black_box(user), black_box(limit))) }
#[inline(never)] fn fast(user: &str, limit: u32) -> Answer {
    let span = fastrace::local::LocalSpan::enter_with_local_parent("ours");
    let input = json2(user, limit);
    let answer = black_box(work(black_box(user), black_box(limit)));
    let output = serde_json::to_string(&answer).unwrap_or_default();
    span.with_properties(|| [("input", input), ("output", output)]);
    answer
}
#[derive(Serialize)] struct In<'a> { user: &'a str, limit: u32 }
fn json2(user: &str, limit: u32) -> String { serde_json::to_string(&In { user, limit }).unwrap_or_default() }

fn time(rounds: u32, mut f: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..30 { let t = Instant::now(); for _ in 0..rounds { f() } best = best.min(t.elapsed().as_nanos() as f64 / f64::from(rounds)); }
    best
}
struct Null;
impl fastrace::collector::Reporter for Null { fn report(&mut self, s: Vec<fastrace::collector::SpanRecord>) { black_box(s); } }
struct Sink;
impl galtea::export::Exporter for Sink { fn export<'a>(&'a self, b: &'a galtea::export::Batch) -> galtea::export::ExportFuture<'a> { black_box(b.len()); Box::pin(async { Ok(galtea::export::Exported::all()) }) } }
fn main() {
    fastrace::set_reporter(Null, fastrace::collector::Config::default());
    let g = galtea::Galtea::builder().exporter(Sink).build().unwrap();
    let n = 100.0;
    let b = time(200, || { for _ in 0..100 { black_box(bare("u-17", 3)); } }) / n;
    let off = time(200, || { for _ in 0..100 { black_box(ours("u-17", 3)); } }) / n;
    let ours_ = time(200, || { g.inference_result("ir_1").sync_scope(|| { for _ in 0..100 { black_box(ours("u-17", 3)); } }) }) / n;
    let fast_ = time(200, || { let root = fastrace::Span::root("root", fastrace::prelude::SpanContext::random()); let _g = root.set_local_parent(); for _ in 0..100 { black_box(fast("u-17", 3)); } }) / n;
    let js = time(200, || { for _ in 0..100 { black_box(json2("u-17", 3)); black_box(serde_json::to_string(&work("u-17", 3)).unwrap()); } }) / n;
    let now = time(20000, || { black_box(Instant::now()); });
    println!("bare {b:.1}  off {off:.1}  ours {ours_:.1}  fastrace {fast_:.1}  serde_json {js:.1} now {now:.1}  ratio {:.2}", ours_ / fast_);
    println!("{}", g.flush_blocking(std::time::Duration::from_secs(5)));
}
