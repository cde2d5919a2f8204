//! What capture promises, seen from its callers.

mod debug;
mod hostile;
mod limits;
mod mask;
mod merge;
mod properties;
mod secrets;
mod shape;
mod text;

use std::fmt::{Debug, Display};

use serde::Serialize;
use serde_json::Value;

use super::*;

/// Stands before what is captured: capture appends, and never touches what is there.
const BEFORE: &str = "before";

fn policy(limit: usize) -> CapturePolicy {
    CapturePolicy::default().with_field_limit(limit)
}

/// What `write` appends.
fn appended(write: impl FnOnce(&mut String) -> bool) -> String {
    let mut out = BEFORE.to_owned();
    let written = write(&mut out);
    assert!(out.starts_with(BEFORE));
    let text = out.split_off(BEFORE.len());
    assert_eq!(written, !text.is_empty());
    text
}

fn output_text<T: Serialize + ?Sized>(limit: usize, value: &T) -> String {
    appended(|out| write_value(out, &policy(limit), value))
}

/// What is recorded of an output.
fn output<T: Serialize + ?Sized>(value: &T) -> Value {
    parse(&output_text(usize::MAX, value))
}

fn debug_text<T: Debug + ?Sized>(value: &T) -> String {
    let text = appended(|out| write_value_debug(out, &policy(usize::MAX), value));
    match &parse(&text)["value"] {
        Value::String(text) => text.clone(),
        other => panic!("no text: {other}"),
    }
}

fn input_text(limit: usize, write: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    let policy = policy(limit);
    appended(|out| {
        let mut object = ObjectWriter::new(out, &policy);
        write(&mut object);
        object.finish()
    })
}

fn input(write: impl FnOnce(&mut ObjectWriter<'_>)) -> Value {
    parse(&input_text(usize::MAX, write))
}

#[track_caller]
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Its text is as long as the number says, in pieces.
struct Long(usize);

impl Display for Long {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (0..self.0 / 10).try_for_each(|_| f.write_str("0123456789"))
    }
}

impl Debug for Long {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}
