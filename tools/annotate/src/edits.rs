//! Writes attributes and scopes into a file, without a new line.

use crate::functions::{Function, Test};

const ATTRIBUTE: &str = "#[::galtea::trace] ";
const SCOPE: &str = "::galtea::Galtea::builder().environment(|_| ::core::option::Option::None)\
    .exporter(::galtea::export::MemoryExporter::new()).build().unwrap().inference_result(\"test\")";

pub(crate) fn apply(text: &str, functions: &[Function], tests: &[Test]) -> String {
    let mut edits: Vec<(usize, String)> =
        functions.iter().map(|function| (function.at, ATTRIBUTE.to_owned())).collect();
    for test in tests {
        let (before, after) = scope(test, &text[test.returns.clone()]);
        edits.push((test.body.start, before));
        edits.push((test.body.end, after));
    }
    edits.sort_by_key(|(at, _)| *at);
    let mut edited = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for (at, insert) in edits {
        edited.push_str(&text[done..at]);
        edited.push_str(&insert);
        done = at;
    }
    edited.push_str(&text[done..]);
    edited
}

fn scope(test: &Test, returns: &str) -> (String, String) {
    let returns = if returns.is_empty() { "()" } else { returns };
    if test.is_async {
        (format!(" let __result: {returns} = {SCOPE}.scope(async move {{ "), " }).await; __result ".to_owned())
    } else {
        (format!(" {SCOPE}.sync_scope(move || -> {returns} {{ "), " }) ".to_owned())
    }
}
