//! Arguments, functions and generic parameters that are called like what the expansion uses.

use galtea::trace;
use serde_json::json;

use crate::recorded::{trace_of, trace_of_future};

fn run(call: u8) -> u8 {
    call + 1
}

fn begin() -> u8 {
    1
}

const fn nothing() -> u8 {
    0
}

#[trace(metadata(object = object, returned = call), output = |value| value + guard)]
fn ours(
    call: u8,
    object: u8,
    returned: u8,
    value: u8,
    guard: u8,
    scope: u8,
    error: u8,
    name: u8,
    galtea: u8,
) -> u8 {
    run(call) + begin() + nothing() + object + returned + value + guard + scope + error + name + galtea
}

#[trace]
async fn ours_later(call: u8, object: u8, returned: u8, value: u8, guard: u8, future: u8) -> Result<u8, u8> {
    let error = run(call) + object + returned + value + guard + future;
    if error > 9 { Err(error) } else { Ok(error) }
}

#[trace]
#[track_caller]
fn ours_in_place(call: u8, guard: u8, value: u8, returned: u8) -> Result<u8, u8> {
    Ok(Err(call + guard + value + returned)
        .or_else(|error: u8| if error > 9 { Err(error) } else { Ok(error) })?)
}

#[trace]
fn ours_returned(guard: u8, call: u8) -> impl Fn(u8) -> u8 {
    move |value| value + guard + call
}

#[trace]
fn ours_made(call: u8, object: u8) -> impl Future<Output = u8> {
    let value = call + object;
    async move { value }
}

#[tokio::test]
async fn arguments_and_functions_called_like_ours_stay_the_users() {
    let told = trace_of(|| assert_eq!(ours(1, 1, 1, 1, 1, 1, 1, 1, 1), 11));
    assert_eq!(told["input"].as_object().unwrap().len(), 9);
    assert_eq!(told["metadata"], json!({"object": 1, "returned": 1}));
    assert_eq!(told["output"], json!({"value": 12}));
    let told = trace_of_future(ours_later(1, 1, 1, 1, 1, 1)).await;
    assert_eq!(told["output"], json!({"value": 7}));
    assert_eq!(trace_of(|| ours_in_place(1, 1, 1, 1).unwrap())["output"], json!({"value": 4}));
    assert_eq!(trace_of(|| ours_in_place(9, 1, 1, 1).unwrap_err())["error"], "12");
    assert_eq!(trace_of(|| ours_returned(1, 1)(1))["input"], json!({"guard": 1, "call": 1}));
    assert_eq!(trace_of_future(ours_made(1, 1)).await["output"], json!({"value": 2}));
}

#[trace]
fn parameters<R, T, E, F>(result: T, error: E, body: F) -> R
where
    F: FnOnce(T, E) -> R,
{
    body(result, error)
}

#[test]
fn generic_parameters_called_like_ours_stay_the_users() {
    assert_eq!(trace_of(|| parameters(1_u8, 2_u8, |one, two| one + two))["name"], "parameters");
}

struct Entry(u8);

/// Has methods called like those of the ladders, by value and by reference.
impl Entry {
    fn put(&self, more: u8) -> u8 {
        self.0 + more
    }

    fn split(&self) -> u8 {
        self.0
    }

    fn put_output(self) -> u8 {
        self.0
    }
}

#[trace]
fn with_methods(entry: Entry) -> Entry {
    Entry(entry.put(1) + entry.split() + Entry(1).put_output())
}

use blanket::with_trait;

mod blanket {
    use galtea::trace;

    /// For all types, with methods called like ours.
    trait PutDebug: Sized {
        fn put(&self) -> u8 {
            3
        }

        fn masked(self) -> u8 {
            drop(self);
            4
        }

        fn split(self) -> u8 {
            self.masked()
        }

        fn named(self) -> u8 {
            self.split()
        }
    }
    impl<T> PutDebug for T {}

    #[trace(mask(hidden))]
    pub(super) fn with_trait(value: &str, hidden: u8) -> Result<u8, u8> {
        Ok(value.put() + hidden.named())
    }
}

#[test]
fn methods_and_traits_called_like_ours_do_not_get_in_the_way() {
    assert_eq!(trace_of(|| with_methods(Entry(1)).0)["output"], json!({"value": "hygiene::names::Entry"}));
    assert_eq!(
        trace_of(|| with_trait("text", 1).is_ok()),
        json!({
            "name": "with_trait",
            "input": {"value": "text", "hidden": "[masked]"},
            "output": {"value": 7},
        })
    );
}
