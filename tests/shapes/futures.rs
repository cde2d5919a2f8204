//! Async functions, and functions that return a future: the future is the operation.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use async_recursion::async_recursion;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use galtea::trace;
use serde_json::json;
use tokio::task::yield_now;

use crate::recorded::{trace_of_future, traces_of, traces_of_future};

#[trace]
async fn shout(text: &str, times: usize) -> String {
    yield_now().await;
    text.to_uppercase().repeat(times)
}

#[trace]
async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    yield_now().await;
    let number: u32 = text.parse()?;
    if number == 0 {
        return Ok(1);
    }
    Ok(number)
}

#[trace]
async fn generic<'a, T, const N: usize>(items: &'a mut [T; N], value: impl Into<T> + Send) -> &'a mut T {
    items[0] = value.into();
    yield_now().await;
    &mut items[0]
}

#[trace]
async fn not_send(text: &str) -> std::rc::Rc<str> {
    let held: std::rc::Rc<str> = text.into();
    yield_now().await;
    held
}

#[trace]
async unsafe fn unsafe_one(value: u8) -> u8 {
    value
}

#[trace]
async fn impl_out(count: u8) -> impl Iterator<Item = u8> {
    yield_now().await;
    0..count
}

#[trace]
async fn patterns((a, _): (u8, String), [b, ..]: [u8; 2], _: Vec<u8>) -> u8 {
    yield_now().await;
    a + b
}

#[trace]
async fn into_closure(step: u8) -> impl Fn(u8) -> u8 {
    move |value| value + step
}

#[tokio::test]
async fn async_functions_of_every_signature_are_traced() {
    let told = traces_of_future(async {
        assert_eq!(shout("a", 2).await, "AA");
        assert_eq!(parse("7").await, Ok(7));
        assert_eq!(parse("0").await, Ok(1));
        assert!(parse("x").await.is_err());
        *generic(&mut [1_u64, 2], 3_u8).await += 1;
        assert_eq!(&*not_send("local").await, "local");
        assert_eq!(impl_out(3).await.count(), 3);
        assert_eq!(patterns((1, String::new()), [2, 3], vec![4]).await, 3);
        assert_eq!(into_closure(1).await(1), 2);
    })
    .await;
    let names = told.iter().map(|trace| trace["name"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(
        names,
        ["shout", "parse", "parse", "parse", "generic", "not_send", "impl_out", "patterns", "into_closure"]
    );
    assert_eq!(told[0]["input"], json!({"text": "a", "times": 2}));
    assert_eq!(told[0]["output"], json!({"value": "AA"}));
    assert_eq!(told[2]["output"], json!({"value": 1}));
    assert_eq!(told[3]["error"], "invalid digit found in string");
    assert_eq!(told[5]["output"], json!({"value": "\"local\""}));
    assert_eq!(told[7]["input"], json!({"a": 1, "b": 2}));
}

#[test]
fn an_async_unsafe_function_stays_unsafe() {
    fn takes<F: Future<Output = u8>>(_: unsafe fn(u8) -> F) {}
    takes(unsafe_one);
}

#[test]
fn a_future_that_is_never_polled_records_nothing() {
    let told = traces_of(|| {
        drop(shout("a", 2));
        drop(returned("a".to_owned()));
        drop(boxed("a"));
        drop(sole_block("a".to_owned()));
    });
    assert_eq!(told, [json!(null); 0]);
}

#[trace]
fn returned(text: String) -> impl Future<Output = usize> + Send {
    let length = text.len();
    async move {
        yield_now().await;
        length
    }
}

#[trace]
fn sole_block(text: String) -> impl Future<Output = usize> + Send + 'static {
    async move {
        yield_now().await;
        text.len()
    }
}

#[trace]
fn named_future(value: u8) -> Ready<u8> {
    ready(value)
}

#[trace]
fn unnamed_output(value: u8) -> impl Future {
    ready(value)
}

#[trace]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + 'a>> {
    Box::pin(async move {
        yield_now().await;
        if text.is_empty() { Err("no text".to_owned()) } else { Ok(text.len()) }
    })
}

#[trace]
fn boxed_alias<'a>(text: &'a str) -> BoxFuture<'a, usize> {
    let length = text.len();
    ready(length).boxed()
}

#[trace]
fn boxed_local(text: String) -> LocalBoxFuture<'static, Result<usize, String>> {
    if text.is_empty() {
        return ready(Err("no text".to_owned())).boxed_local();
    }
    async move { Ok(text.len()) }.boxed_local()
}

#[tokio::test]
async fn a_returned_future_is_the_operation_whatever_way_it_is_made() {
    let told = traces_of_future(async {
        assert_eq!(returned("ab".to_owned()).await, 2);
        assert_eq!(sole_block("ab".to_owned()).await, 2);
        assert_eq!(boxed("ab").await, Ok(2));
        assert!(boxed("").await.is_err());
        assert_eq!(boxed_alias("ab").await, 2);
        assert!(boxed_local(String::new()).await.is_err());
        assert_eq!(boxed_local("ab".to_owned()).await, Ok(2));
        unnamed_output(1).await;
    })
    .await;
    let (input, output) = (json!({"text": "ab"}), json!({"value": 2}));
    assert_eq!(
        told,
        [
            json!({"name": "returned", "input": input, "output": output}),
            json!({"name": "sole_block", "input": input, "output": output}),
            json!({"name": "boxed", "input": input, "output": output}),
            json!({"name": "boxed", "input": {"text": ""}, "error": "no text"}),
            json!({"name": "boxed_alias", "input": input, "output": output}),
            json!({"name": "boxed_local", "input": {"text": ""}, "error": "no text"}),
            json!({"name": "boxed_local", "input": input, "output": output}),
            json!({"name": "unnamed_output", "input": {"value": 1}}),
        ]
    );
}

#[tokio::test]
async fn a_future_type_with_a_name_of_its_own_is_a_value_like_any_other() {
    let told = traces_of_future(async { assert_eq!(named_future(3).await, 3) }).await;
    assert_eq!(told[0]["input"], json!({"value": 3}));
    assert_eq!(told[0]["output"], json!({"value": "Ready(Some(3))"}));
}

#[trace]
fn depth(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { if n == 0 { 0 } else { depth(n - 1).await + 1 } })
}

#[trace]
async fn depth_async(n: u32) -> u32 {
    if n == 0 { 0 } else { Box::pin(depth_async(n - 1)).await + 1 }
}

#[async_recursion]
#[trace]
async fn macro_outside(n: u32) -> u32 {
    if n == 0 { 0 } else { macro_outside(n - 1).await + 1 }
}

#[trace]
#[async_recursion]
async fn macro_inside(n: u32) -> u32 {
    if n == 0 { 0 } else { macro_inside(n - 1).await + 1 }
}

#[tokio::test]
async fn recursion_through_boxed_futures_is_a_tree() {
    let told = traces_of_future(async {
        assert_eq!(depth(1).await, 1);
        assert_eq!(depth_async(1).await, 1);
        assert_eq!(macro_outside(1).await, 1);
        assert_eq!(macro_inside(1).await, 1);
    })
    .await;
    let tree = |name| {
        json!({
            "name": name, "input": {"n": 1}, "output": {"value": 1},
            "children": [{"name": name, "input": {"n": 0}, "output": {"value": 0}}],
        })
    };
    assert_eq!(told, ["depth", "depth_async", "macro_outside", "macro_inside"].map(tree));
}

#[trace]
async fn forever(calls: u8) -> ! {
    loop {
        yield_now().await;
        assert!(calls > 3, "too few calls");
    }
}

#[tokio::test]
async fn an_async_function_that_never_returns_may_panic() {
    let told = trace_of_future(std::panic::AssertUnwindSafe(forever(1)).catch_unwind()).await;
    assert_eq!(told["error"], "panicked: too few calls");
}

struct Mixed {
    id: u8,
    #[expect(dead_code, reason = "it is only dropped")]
    local: Rc<u8>,
}

/// The future takes along only the part that may be sent.
#[trace]
fn of_a_part(mixed: Mixed) -> impl Future<Output = u8> + Send {
    async move { mixed.id }
}

#[tokio::test]
async fn a_future_that_takes_a_part_of_an_argument_along_takes_no_more() {
    let local = Rc::new(2);
    let future = of_a_part(Mixed { id: 1, local: Rc::clone(&local) });
    assert_eq!(Rc::strong_count(&local), 1);
    assert_eq!(future.await, 1);
}

#[test]
fn a_traced_future_is_send_exactly_where_the_plain_one_is() {
    trait MaybeSend {
        fn is_send(&self) -> bool {
            false
        }
    }
    struct Asked<T>(T);
    impl<T: Send> Asked<T> {
        fn is_send(&self) -> bool {
            let _ = &self.0;
            true
        }
    }
    impl<T> MaybeSend for &Asked<T> {}
    assert!(Asked(shout("a", 1)).is_send());
    assert!(Asked(returned("a".to_owned())).is_send());
    assert!(Asked(sole_block("a".to_owned())).is_send());
    assert!(Asked(of_a_part(Mixed { id: 1, local: Rc::new(2) })).is_send());
    assert!(!(&Asked(not_send("a"))).is_send());
}

#[tokio::test]
async fn a_traced_future_may_be_spawned_and_moved_between_threads() {
    let told = traces_of_future(async {
        galtea::spawn(async { shout("a", 1).await }).await.unwrap();
    })
    .await;
    assert_eq!(told[0]["output"], json!({"value": "A"}));
}
