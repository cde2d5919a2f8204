//! Code that has no prelude. `#![no_std]` crates see the same, and what the expansion needs of `std` is galtea's own.

#[no_implicit_prelude]
mod no_prelude {
    use ::galtea::trace;

    #[trace(type = "TOOL", metadata(size = text), output = |out| *out)]
    pub(super) fn sync(text: &str) -> usize {
        text.len()
    }

    #[trace]
    pub(super) fn fallible(number: u8) -> ::core::result::Result<u8, ::core::num::TryFromIntError> {
        let number: i8 = ::core::convert::TryFrom::try_from(number)?;
        ::core::result::Result::Ok(::core::convert::TryFrom::try_from(number)?)
    }

    #[trace(input = { "number": number }, error = |error| *error)]
    pub(super) async fn later(number: u8, _: ::std::string::String) -> ::core::result::Result<u8, u8> {
        if number > 1 {
            return ::core::result::Result::Err(number);
        }
        ::core::result::Result::Ok(number)
    }

    #[trace]
    pub(super) fn in_place(number: u8) -> impl ::core::ops::Fn(u8) -> u8 {
        move |more| number + more
    }

    #[trace]
    #[track_caller]
    pub(super) fn placed(number: ::core::option::Option<u8>) -> ::core::option::Option<u8> {
        ::core::option::Option::Some(number? + 1)
    }

    #[trace]
    pub(super) fn future(number: u8) -> impl ::core::future::Future<Output = u8> + ::core::marker::Send {
        async move { number }
    }

    #[trace]
    pub(super) fn made_future(number: u8) -> impl ::core::future::Future<Output = u8> {
        let made = ::core::future::ready(number);
        made
    }

    #[trace]
    pub(super) fn boxed(
        number: u8,
    ) -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = u8> + ::core::marker::Send>>
    {
        ::std::boxed::Box::pin(future(number))
    }

    #[trace]
    pub(super) async fn never() -> ! {
        ::core::future::pending().await
    }
}

use galtea::trace;
use serde_json::json;

use crate::recorded::{trace_of, trace_of_future};

#[tokio::test]
async fn the_expansion_needs_no_prelude() {
    assert_eq!(trace_of(|| no_prelude::sync("abc"))["output"], json!({"value": 3}));
    assert!(trace_of(|| no_prelude::fallible(200).is_err())["error"].is_string());
    assert_eq!(trace_of_future(no_prelude::later(3, String::new())).await["error"], "3");
    assert_eq!(trace_of(|| no_prelude::in_place(1)(1))["input"], json!({"number": 1}));
    assert_eq!(trace_of(|| no_prelude::placed(Some(1)))["output"], json!({"value": 2}));
    assert_eq!(trace_of_future(no_prelude::future(1)).await["output"], json!({"value": 1}));
    assert_eq!(trace_of_future(no_prelude::made_future(1)).await["output"], json!({"value": 1}));
    assert_eq!(trace_of_future(no_prelude::boxed(1)).await["children"][0]["output"], json!({"value": 1}));
    drop(no_prelude::never());
}

/// Without `std` in sight but for what it names itself.
#[trace]
fn core_only(bytes: &[u8]) -> core::result::Result<u8, core::str::Utf8Error> {
    core::str::from_utf8(bytes)?;
    Ok(1)
}

#[test]
fn code_that_only_knows_core_is_traced() {
    assert!(trace_of(|| core_only(&[255]).is_err())["error"].as_str().unwrap().contains("invalid utf-8"));
}
