//! What `assert_trace_tree!` expects. Made by the macro only.

use std::fmt::Write as _;

use serde_json::Value;

use super::node::TraceNode;
use crate::trace_type::TraceType;

/// What of a trace is compared as JSON, as it is written.
pub mod fields {
    use serde_json::Value;

    use super::{ExpectedTrace, Field};

    pub fn input(trace: &mut ExpectedTrace, value: Value) {
        trace.fields.push((Field::Input, value));
    }

    pub fn output(trace: &mut ExpectedTrace, value: Value) {
        trace.fields.push((Field::Output, value));
    }

    pub fn metadata(trace: &mut ExpectedTrace, value: Value) {
        trace.fields.push((Field::Metadata, value));
    }

    pub fn description(trace: &mut ExpectedTrace, value: Value) {
        trace.fields.push((Field::Description, value));
    }
}

/// Siblings.
#[derive(Clone, Debug, Default)]
pub struct Siblings {
    pub(super) items: Vec<Item>,
    pub(super) unordered: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Trace(ExpectedTrace),
    /// `..`: any traces, or none.
    Rest,
}

impl Item {
    pub(super) fn trace(&self) -> Option<&ExpectedTrace> {
        match self {
            Self::Trace(trace) => Some(trace),
            Self::Rest => None,
        }
    }
}

/// One trace.
#[derive(Clone, Debug, Default)]
pub struct ExpectedTrace {
    /// `None`: any.
    trace_type: Option<TraceType>,
    /// `None`: any.
    name: Option<&'static str>,
    error: Failure,
    fields: Vec<(Field, Value)>,
    pub(super) children: Siblings,
}

#[derive(Clone, Debug, Default)]
enum Failure {
    #[default]
    None,
    Any,
    /// Part of the error's text.
    Holds(String),
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Input,
    Output,
    Metadata,
    Description,
}

impl Siblings {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn unordered(self) -> Self {
        Self { unordered: true, ..self }
    }

    pub fn trace(&mut self, trace: ExpectedTrace) {
        self.items.push(Item::Trace(trace));
    }

    pub fn rest(&mut self) {
        self.items.push(Item::Rest);
    }

    pub(super) fn has_rest(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Rest))
    }

    fn size(&self) -> usize {
        let sizes = self.items.iter().map(|item| match item {
            Item::Trace(trace) => trace.size(),
            Item::Rest => 0,
        });
        sizes.sum()
    }
}

impl ExpectedTrace {
    pub fn with(children: Siblings) -> Self {
        Self { children, ..Self::default() }
    }

    pub fn of_type(&mut self, trace_type: TraceType) {
        self.trace_type = Some(trace_type);
    }

    pub fn named(&mut self, name: &'static str) {
        self.name = Some(name);
    }

    pub fn any_error(&mut self) {
        self.error = Failure::Any;
    }

    pub fn error(&mut self, text: &(impl ToString + ?Sized)) {
        self.error = Failure::Holds(text.to_string());
    }

    /// How many traces it is with all below it.
    pub(super) fn size(&self) -> usize {
        1 + self.children.size()
    }

    pub(super) fn may_be(&self, trace: &TraceNode<'_>) -> bool {
        self.name.is_none_or(|name| name == trace.name())
    }

    /// Whether the first line of it is right; the name is taken to be.
    pub(super) fn has_type_of(&self, trace: &TraceNode<'_>) -> bool {
        self.trace_type.is_none_or(|expected| expected == trace.trace_type())
    }

    /// As the macro has it.
    pub(super) fn header(&self) -> String {
        let name = self.name.map_or_else(|| "_".to_owned(), |name| format!("{name:?}"));
        match self.trace_type {
            Some(expected) => format!("{expected} {name}"),
            None => name,
        }
    }

    /// All that is expected of the trace alone, as the macro has it.
    pub(super) fn lines(&self) -> Vec<String> {
        let fields = self.fields.iter().map(|(field, value)| format!("{} = {}", field.name(), short(value)));
        fields.chain(self.error.line()).collect()
    }

    /// Where the trace itself is not as expected, its type aside.
    pub(super) fn mismatches(&self, trace: &TraceNode<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for (field, expected) in &self.fields {
            field.compare(expected, trace, &mut found);
        }
        found.extend(self.error.compare(trace.error()));
        found
    }
}

impl Failure {
    fn line(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Any => Some("error".to_owned()),
            Self::Holds(text) => Some(format!("error = {text:?}")),
        }
    }

    fn compare(&self, error: Option<&str>) -> Option<Mismatch> {
        let right = match (self, error) {
            (Self::None, error) => error.is_none(),
            (Self::Any, error) => error.is_some(),
            (Self::Holds(part), error) => error.is_some_and(|error| error.contains(part.as_str())),
        };
        let recorded = error.map(error_line);
        (!right).then(|| Mismatch { expected: self.line(), recorded })
    }
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Metadata => "metadata",
            Self::Description => "description",
        }
    }

    fn compare(self, expected: &Value, trace: &TraceNode<'_>, found: &mut Vec<Mismatch>) {
        let description;
        let recorded = match self {
            Self::Input => trace.input(),
            Self::Output => trace.output(),
            Self::Metadata => trace.metadata(),
            Self::Description => {
                description = trace.description().map_or(Value::Null, Value::from);
                &description
            }
        };
        compare(&mut self.name().to_owned(), expected, unwrapped(expected, recorded), found);
    }
}

/// A value that is no object is recorded under `"value"`.
fn unwrapped<'v>(expected: &Value, recorded: &'v Value) -> &'v Value {
    match recorded.as_object() {
        Some(entries) if entries.len() == 1 && !expected.is_object() => {
            entries.get("value").unwrap_or(recorded)
        }
        _ => recorded,
    }
}

/// A line that is expected and one that was recorded; `None`: there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub(super) expected: Option<String>,
    pub(super) recorded: Option<String>,
}

/// What `expected` has must be in `recorded`; objects may have more entries than that.
fn compare(path: &mut String, expected: &Value, recorded: &Value, found: &mut Vec<Mismatch>) {
    let length = path.len();
    match (expected, recorded) {
        (Value::Object(expected), Value::Object(recorded)) => {
            for (key, expected) in expected {
                push_key(path, key);
                match recorded.get(key) {
                    Some(recorded) => compare(path, expected, recorded, found),
                    None => found.push(missing(path, expected)),
                }
                path.truncate(length);
            }
        }
        (Value::Array(expected), Value::Array(recorded)) if expected.len() == recorded.len() => {
            for (index, (expected, recorded)) in expected.iter().zip(recorded).enumerate() {
                let _ = write!(path, "[{index}]");
                compare(path, expected, recorded, found);
                path.truncate(length);
            }
        }
        (expected, Value::Null) if !expected.is_null() => found.push(missing(path, expected)),
        (expected, recorded) if !is_equal(expected, recorded) => found.push(Mismatch {
            expected: Some(format!("{path} = {}", short(expected))),
            recorded: Some(format!("{path} = {}", short(recorded))),
        }),
        _ => {}
    }
}

fn missing(path: &str, expected: &Value) -> Mismatch {
    Mismatch {
        expected: Some(format!("{path} = {}", short(expected))),
        recorded: Some(format!("{path} is missing")),
    }
}

fn push_key(path: &mut String, key: &str) {
    if !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        path.push('.');
        path.push_str(key);
    } else {
        let _ = write!(path, "[{key:?}]");
    }
}

/// 1 is 1.0.
fn is_equal(expected: &Value, recorded: &Value) -> bool {
    expected == recorded
        || matches!((expected, recorded), (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64())
}

/// In a message, a value of this many letters says enough.
const LONGEST: usize = 200;

fn short(value: &Value) -> String {
    cut(value.to_string())
}

pub(super) fn error_line(error: &str) -> String {
    format!("error = {}", cut(format!("{error:?}")))
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}
