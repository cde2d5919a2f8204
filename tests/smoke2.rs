#![deny(warnings)]
#![allow(missing_docs, dead_code)]
use galtea::{trace, trace_scope, trace_event};
fn pick(n: u32) -> Result<u32, std::num::ParseIntError> {
    let mut all = vec![];
    let r = 'out: loop {
        for i in 0..n {
            let s: String = trace_scope!("step", type = "TOOL", input = { "i": &i }, {
                if i == 1 { continue }
                if i == 3 { break 'out 7 }
                all.push(i);
                format!("s{i}")
            });
            trace_event!("ev", input = { "s": &s });
        }
        break 0;
    };
    trace_scope!(format!("dyn{n}"), |scope| {
        scope.set_metadata("k", all.len());
        let n: u32 = "x".parse()?;
        Ok(n + r)
    })
}
#[trace]
#[track_caller]
fn tc(n: u32) -> Result<&'static std::panic::Location<'static>, std::num::ParseIntError> { if n == 1 { return Ok(std::panic::Location::caller()) } let _: u32 = "".parse()?; Ok(std::panic::Location::caller()) }
#[trace]
async fn agent() -> u32 {
    let x = trace_scope!("fut", async move { trace_scope!("inner", { 1 }) }).await;
    let y = trace_scope!("fut2", |scope| async { scope.set_output("hello"); 2 }).await;
    pick(5).unwrap_err();
    assert_eq!(tc(1).unwrap().line(), line!());
    tc(2).unwrap_err();
    let _ = std::panic::catch_unwind(|| trace_scope!("boom", { if x == 1 { panic!("no") } }));
    x + y
}
#[tokio::test]
async fn smoke() {
    let g = galtea::Galtea::default();
    tokio::spawn(g.inference_result("ir_1").scope(agent())).await.unwrap();
    for b in g.delivery.0.lock().unwrap().iter() { for t in b.iter() { println!("{} {:?} {:?} in={:?} out={:?} meta={:?} err={:?}", t.name(), t.id(), t.parent_id(), t.input(), t.output(), t.metadata(), t.error()); } }
}
