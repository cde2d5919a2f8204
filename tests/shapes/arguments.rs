//! `only`, `mask`, `skip`, `input`, `output`, `error`, `metadata`: what they do.

use galtea::{TraceType, trace};
use serde::Serialize;
use serde_json::{Value, json};

use crate::recorded::{trace_of, trace_of_future};

#[derive(Debug, Clone, Serialize)]
struct User {
    name: String,
    age: u8,
}

fn ada() -> User {
    User { name: "Ada".to_owned(), age: 36 }
}

#[trace(skip(b))]
fn skips(a: u8, b: u8, c: u8) -> u8 {
    a + b + c
}

#[trace(only(b))]
fn only(a: u8, b: u8, c: u8) -> u8 {
    a + b + c
}

#[trace(skip_all)]
fn skips_all(a: u8, b: u8, c: u8) -> u8 {
    a + b + c
}

#[trace(mask(b))]
fn masks(a: u8, b: u8, c: u8) -> u8 {
    a + b + c
}

#[test]
fn skip_only_skip_all_and_mask_choose_the_arguments() {
    assert_eq!(trace_of(|| skips(1, 2, 3))["input"], json!({"a": 1, "c": 3}));
    assert_eq!(trace_of(|| only(1, 2, 3))["input"], json!({"b": 2}));
    assert_eq!(trace_of(|| skips_all(1, 2, 3)).get("input"), None);
    assert_eq!(trace_of(|| masks(1, 2, 3))["input"], json!({"a": 1, "b": "[masked]", "c": 3}));
}

#[trace(skip_output)]
fn silent(fails: bool) -> Result<u8, String> {
    if fails { Err("told".to_owned()) } else { Ok(1) }
}

#[test]
fn skip_output_keeps_the_output_out_and_errors_in() {
    assert_eq!(trace_of(|| silent(false).is_ok()), json!({"name": "silent", "input": {"fails": false}}));
    assert_eq!(trace_of(|| silent(true).is_err())["error"], "told");
}

#[trace(input = { "who": &user.name, "twice": user.age * 2 })]
fn entries(user: User, noise: &str) -> usize {
    user.name.len() + noise.len()
}

#[trace(input = &user)]
fn whole(user: User) -> usize {
    user.name.len()
}

#[trace(input = (count, "text"))]
async fn as_value(count: u8) -> u8 {
    count
}

#[tokio::test]
async fn input_stands_for_the_arguments() {
    assert_eq!(trace_of(|| entries(ada(), "x"))["input"], json!({"who": "Ada", "twice": 72}));
    assert_eq!(trace_of(|| whole(ada()))["input"], json!({"name": "Ada", "age": 36}));
    assert_eq!(trace_of_future(as_value(1)).await["input"], json!({"value": [1, "text"]}));
}

#[trace(output = |out| out.len())]
fn mapped(text: &str) -> String {
    text.to_uppercase()
}

#[trace(output = |user| &user.name, error = |error| format!("not found: {error}"))]
fn mapped_result(fails: bool) -> Result<User, std::num::ParseIntError> {
    if fails {
        "x".parse::<u8>()?;
    }
    Ok(ada())
}

#[trace(output = String::len, error = ToString::to_string)]
async fn by_path(fails: bool) -> Result<String, u8> {
    if fails { Err(7) } else { Ok("four".to_owned()) }
}

#[trace(output = |out| out + offset)]
async fn with_argument(offset: u8) -> u8 {
    1
}

#[tokio::test]
async fn output_and_error_are_what_the_closures_make_of_them() {
    assert_eq!(trace_of(|| mapped("abc"))["output"], json!({"value": 3}));
    assert_eq!(trace_of(|| mapped_result(false).is_ok())["output"], json!({"value": "Ada"}));
    let failed = trace_of(|| mapped_result(true).is_err());
    assert_eq!(failed["error"], "not found: invalid digit found in string");
    assert_eq!(trace_of_future(by_path(false)).await["output"], json!({"value": 4}));
    assert_eq!(trace_of_future(by_path(true)).await["error"], "7");
    assert_eq!(trace_of_future(with_argument(4)).await["output"], json!({"value": 5}));
}

#[trace(metadata(model = "gpt-4", temperature = 0.7, user = user.name, older = user.age + extra, "a.b" = [1, 2]))]
fn described(user: &User, extra: u8) -> u8 {
    user.age + extra
}

#[trace(metadata(size = text.len()), skip_all)]
async fn described_later(text: String) -> usize {
    tokio::task::yield_now().await;
    text.len()
}

#[tokio::test]
async fn metadata_are_expressions_over_the_arguments() {
    let expected = json!({"model": "gpt-4", "temperature": 0.7, "user": "Ada", "older": 38, "a.b": [1, 2]});
    assert_eq!(trace_of(|| described(&ada(), 2))["metadata"], expected);
    assert_eq!(
        trace_of_future(described_later("abc".to_owned())).await,
        json!({"name": "described_later", "metadata": {"size": 3}, "output": {"value": 3}})
    );
}

/// Looks up.
/// Twice.
#[trace(type = "RETRIEVER", name = "lookup", docs)]
fn named() {}

#[trace(type = TraceType::Guardrail, description = "Checks.")]
fn by_type_path() {}

#[test]
fn type_name_and_description_are_what_the_attribute_says() {
    assert_eq!(
        trace_of(named),
        json!({"name": "lookup", "type": "RETRIEVER", "description": "Looks up.\nTwice."})
    );
    assert_eq!(
        trace_of(by_type_path),
        json!({"name": "by_type_path", "type": "GUARDRAIL", "description": "Checks."})
    );
}

#[trace(
    input = { "ratio": 1 / divisor },
    output = |_| -> u8 { panic!("in output") },
    metadata(kept = 1, broken = [0][usize::from(divisor) + 1])
)]
fn broken_expressions(divisor: u8) -> u8 {
    divisor
}

#[test]
fn an_expression_that_panics_costs_its_own_field_and_never_the_call() {
    let told = trace_of(|| assert_eq!(broken_expressions(0), 0));
    for field in ["input", "output", "metadata"] {
        assert!(told[field].to_string().contains("[capture panicked]"), "{field}: {told:#}");
    }
    assert_eq!(told["metadata"]["kept"], 1);
    assert_eq!(told.get("error"), None);
}

#[trace(input = { "n": count(n) }, metadata(n = count(n)), output = |out| count(*out))]
fn counted(n: u8) -> u8 {
    n
}

fn count(n: u8) -> u8 {
    assert_ne!(n, 99, "an expression ran though nothing is recorded");
    n
}

#[test]
fn outside_of_a_scope_no_expression_runs() {
    assert_eq!(counted(99), 99);
    assert_eq!(trace_of(|| counted(1))["input"], Value::from_iter([("n", 1)]));
}
