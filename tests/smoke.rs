#![deny(warnings)]
#![allow(missing_docs, dead_code)]
use galtea::trace;
#[derive(Debug)]
struct NoSer(u32);
#[derive(serde::Serialize)]
struct User { id: u32 }
#[trace(type = "TOOL", docs, metadata(model = "gpt", n = id + 1))]
/// Looks up.
fn lookup(id: u32, name: &str, x: NoSer, c: impl Fn()) -> Result<User, std::num::ParseIntError> { c(); let _ = &x; let _y: u32 = name.parse()?; Ok(User { id }) }
#[trace]
async fn agent(q: String, _: NoSer) -> Result<String, Box<dyn std::error::Error + Send + Sync>> { tokio::task::yield_now().await; lookup(1, "2", NoSer(3), || ())?; let _ = lookup(1, "x", NoSer(3), || ()); let r: Result<u32, anyhow::Error> = any(1).map_err(|e| e.context("outer")); r.ok(); fut(&q).await; boxed(2).await; clo(1)(2); Ok(q) }
#[trace(error = |e| format!("E:{e}"), output = |o| *o as usize + 1)]
fn any(n: u32) -> anyhow::Result<u32> { if n > 0 { return Err(anyhow::anyhow!("inner").context("ctx")) } Ok(n) }
#[trace]
fn fut(q: &str) -> impl Future<Output = usize> + Send + use<'_> { async move { q.len() } }
#[trace]
fn boxed(q: u32) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> { let q = q + 1; Box::pin(async move { q }) }
#[trace]
fn clo(k: u32) -> impl Fn(u32) -> u32 { move |x| x + k }
#[tokio::test]
async fn smoke() {
    let g = galtea::Galtea::default();
    tokio::spawn(g.inference_result("ir_1").scope(agent("hi".into(), NoSer(1)))).await.unwrap().unwrap();
    for b in g.delivery.0.lock().unwrap().iter() { for t in b.iter() { println!("{:?} {:?} {:?} {:?} {:?} {:?}", t, t.input(), t.output(), t.metadata(), t.error(), t.description()); } }
}
