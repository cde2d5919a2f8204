//! The user's own `Result`, `Option`, `Some`, `String`, `Box`, `std`, `core` and `galtea`.

#![expect(dead_code, unused_macros, reason = "what shadows needs no use")]

use ::galtea::trace;
use ::serde_json::json;

use crate::recorded::{trace_of, trace_of_future};

mod std {}
mod core {}
mod alloc {}
mod serde {}
mod galtea {
    pub(super) mod __private {}
}

#[derive(Debug, Clone, Copy)]
struct Result(u8);
#[derive(Debug)]
struct Option<T>(T);
#[derive(Debug)]
struct Some;
#[derive(Debug)]
struct None;
#[derive(Debug, Clone)]
struct Ok(u8);
#[derive(Debug, Clone)]
struct Err(u8);
#[derive(Debug)]
struct String;
#[derive(Debug)]
struct Vec<T>(T);
#[derive(Debug)]
struct Box<T>(T);
struct Pin;
struct Future;
trait Debug {}
trait Serialize {}
trait Fn {}
trait FnOnce {}
trait Send {}
trait Sized {}
trait Drop {}
macro_rules! panic {
    () => {
        compile_error!("the user's panic!")
    };
}
macro_rules! format {
    () => {
        compile_error!("the user's format!")
    };
}
macro_rules! vec {
    () => {
        compile_error!("the user's vec!")
    };
}

#[trace(type = "TOOL", name = "shadowed", metadata(result = number.0))]
fn sync(number: Result, ok: Ok, text: String) -> Result {
    let _ = (ok, text);
    number
}

#[trace]
async fn later(number: Result, boxed: Box<Vec<u8>>) -> Option<Err> {
    let _ = boxed;
    Option(Err(number.0))
}

#[trace]
fn in_place(number: Result) -> impl ::core::ops::Fn(u8) -> Ok {
    move |more| Ok(number.0 + more)
}

#[trace]
fn future(
    number: u8,
) -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = Ok> + 'static>> {
    ::std::boxed::Box::pin(async move { Ok(number) })
}

#[trace]
fn fallible(number: u8) -> ::core::result::Result<Some, ::std::string::String> {
    ::core::result::Result::Err(::std::string::ToString::to_string(&number))
}

#[tokio::test]
async fn types_modules_and_macros_of_the_standard_librarys_names_stay_the_users() {
    let told = trace_of(|| sync(Result(1), Ok(2), String));
    assert_eq!(
        told,
        json!({
            "name": "shadowed",
            "type": "TOOL",
            "input": {"number": "Result(1)", "ok": "Ok(2)", "text": "String"},
            "metadata": {"result": 1},
            "output": {"value": "Result(1)"},
        })
    );
    assert_eq!(
        trace_of_future(later(Result(1), Box(Vec(2)))).await["output"],
        json!({"value": "Option(Err(1))"})
    );
    assert_eq!(trace_of(|| in_place(Result(1))(2).0)["input"], json!({"number": "Result(1)"}));
    assert_eq!(trace_of_future(future(3)).await["output"], json!({"value": "Ok(3)"}));
    assert_eq!(trace_of(|| fallible(4).is_err())["error"], "4");
}
