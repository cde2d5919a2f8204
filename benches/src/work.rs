//! The work that is traced, written once for all who record it by hand. `ours` has the same with the macros.

use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::pin::pin;

use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use serde_json::json;

use crate::tracers::{Ending, Tracer};

#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    id: u32,
    name: &'static str,
    score: f64,
    ok: bool,
}

pub fn answer(user: &str, limit: u32) -> Answer {
    let (user, limit) = (black_box(user), black_box(limit));
    black_box(Answer { id: limit + u32::from(!user.is_empty()), name: "Ada", score: 0.5, ok: true })
}

/// Has no `Serialize`.
#[derive(Debug)]
pub struct Order {
    pub number: u32,
    pub city: &'static str,
}

pub const ORDER: Order = Order { number: 1240, city: "Madrid" };

#[derive(Debug)]
pub struct NoSuchUser;

impl fmt::Display for NoSuchUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such user")
    }
}

impl std::error::Error for NoSuchUser {}

pub fn find(user: &str) -> Result<Answer, NoSuchUser> {
    black_box(user);
    black_box(Err(NoSuchUser))
}

pub const USER: &str = "u-17";
pub const LIMIT: u32 = 3;
/// Plain letters, as most of a prompt is.
pub static LONG: [u8; 4096] = [b'x'; 4096];

pub fn long() -> &'static str {
    std::str::from_utf8(&LONG).unwrap_or_default()
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn output(answer: &Answer) -> Ending {
    Ending::Output(text(answer))
}

#[derive(Serialize)]
struct Args<'a> {
    user: &'a str,
    limit: u32,
}

#[inline(never)]
pub fn call<T: Tracer>(user: &str, limit: u32) -> Answer {
    T::call("call", || text(&Args { user, limit }), || answer(user, limit), output)
}

#[inline(never)]
pub async fn future<T: Tracer>(user: &str, limit: u32) -> Answer {
    T::future("future", || text(&Args { user, limit }), async move { answer(user, limit) }, output).await
}

/// A stream that is always ready, so that only what is done with it takes time.
pub fn items(items: u32) -> impl Stream<Item = Answer> {
    stream::iter((0..items).map(|number| answer(USER, number)))
}

#[derive(Serialize)]
struct Items {
    items: u32,
}

/// Nobody records what a stream gives by itself, so a peer's text is written item by item, and is there at the end.
#[inline(never)]
pub async fn stream<T: Tracer>(number: u32) {
    let read = async move {
        let mut written = String::new();
        let mut items = pin!(items(number));
        while let Some(item) = items.next().await {
            if T::RECORDS {
                written.push_str(if written.is_empty() { "{\"value\":[" } else { "," });
                written.push_str(&text(&item));
            }
            black_box(item);
        }
        written.push_str("]}");
        Cell::new(written)
    };
    let ending = |written: &Cell<String>| Ending::Output(written.take());
    black_box(T::future("stream", || text(&Items { items: number }), read, ending).await);
}

#[derive(Serialize)]
struct Depth {
    depth: u32,
}

#[inline(never)]
pub fn nested<T: Tracer>(depth: u32) -> Answer {
    let body = || if depth > 1 { nested::<T>(black_box(depth - 1)) } else { answer(USER, LIMIT) };
    T::call("nested", || text(&Depth { depth }), body, output)
}

#[derive(Serialize)]
struct Ten<'a> {
    a: u32,
    b: u32,
    c: u64,
    d: i64,
    e: bool,
    f: f64,
    g: &'a str,
    h: &'a str,
    i: &'a str,
    j: char,
}

#[expect(clippy::many_single_char_names, clippy::too_many_arguments, reason = "that is what is measured")]
#[inline(never)]
pub fn ten<T: Tracer>(
    a: u32,
    b: u32,
    c: u64,
    d: i64,
    e: bool,
    f: f64,
    g: &str,
    h: &str,
    i: &str,
    j: char,
) -> Answer {
    T::call("ten", || text(&Ten { a, b, c, d, e, f, g, h, i, j }), || answer(g, a), output)
}

#[derive(Serialize)]
struct Prompt<'a> {
    prompt: &'a str,
}

#[inline(never)]
pub fn prompt<T: Tracer>(prompt: &str) -> Answer {
    T::call("prompt", || text(&Prompt { prompt }), || answer(prompt, LIMIT), output)
}

#[inline(never)]
pub fn debug<T: Tracer>(order: &Order) -> Answer {
    let input = || json!({ "order": format!("{order:?}") }).to_string();
    T::call("debug", input, || answer(order.city, order.number), output)
}

#[inline(never)]
pub fn error<T: Tracer>(user: &str) -> Result<Answer, NoSuchUser> {
    let ending = |result: &Result<Answer, NoSuchUser>| match result {
        Ok(answer) => output(answer),
        Err(error) => Ending::Error(error.to_string()),
    };
    T::call("error", || json!({ "user": user }).to_string(), || find(user), ending)
}

#[inline(never)]
pub fn block<T: Tracer>(user: &str) -> Answer {
    T::call("block", || json!({ "user": user }).to_string(), || answer(user, LIMIT), output)
}
