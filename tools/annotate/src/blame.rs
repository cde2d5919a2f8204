//! Finds the functions that the compiler's errors are about.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::{Fallible, list};

struct Known {
    file: String,
    lines: (u64, u64),
    name: String,
}

/// Prints `functions kept`, names the others, and says whether there are none.
pub(crate) fn run(dir: &Path) -> Fallible<bool> {
    let known = read(&std::fs::read_to_string(list(dir))?)?;
    let mut messages = String::new();
    std::io::stdin().read_to_string(&mut messages)?;
    let mut blamed = BTreeMap::new();
    let mut elsewhere = Vec::new();
    for message in messages.lines().filter_map(error) {
        let text = message["message"].as_str().unwrap_or_default().to_owned();
        match places(&message).find_map(|(file, line)| innermost(&known, &file, line)) {
            Some(index) => drop(blamed.entry(index).or_insert(text)),
            None if text.starts_with("aborting due to") => {}
            None => elsewhere.push(text),
        }
    }
    println!("{} {}", known.len(), known.len() - blamed.len());
    for (index, text) in &blamed {
        let Known { file, lines, name } = &known[*index];
        eprintln!("{file}:{} {name}: {text}", lines.0);
    }
    elsewhere.iter().for_each(|text| eprintln!("in no function: {text}"));
    Ok(blamed.is_empty() && elsewhere.is_empty())
}

fn read(lines: &str) -> Fallible<Vec<Known>> {
    let parse = |line: &str| -> Fallible<Known> {
        let mut parts = line.split('\t').map(str::to_owned);
        let mut next = || parts.next().ok_or("the list of functions is broken");
        Ok(Known { file: next()?, lines: (next()?.parse()?, next()?.parse()?), name: next()? })
    };
    lines.lines().map(parse).collect()
}

fn error(line: &str) -> Option<Value> {
    let mut line: Value = serde_json::from_str(line).ok()?;
    let message = line["message"].take();
    (message["level"] == "error").then_some(message)
}

/// The file and line of each span, those of the macro calls that led there too.
fn places(message: &Value) -> impl Iterator<Item = (String, u64)> {
    let mut places = Vec::new();
    let children = message["children"].as_array().into_iter().flatten();
    let spans = [message].into_iter().chain(children).flat_map(|part| part["spans"].as_array()).flatten();
    for span in spans {
        let mut span = span;
        while let (Some(file), Some(line)) = (span["file_name"].as_str(), span["line_start"].as_u64()) {
            places.push((file.to_owned(), line));
            span = &span["expansion"]["span"];
        }
    }
    places.into_iter()
}

fn innermost(known: &[Known], file: &str, line: u64) -> Option<usize> {
    let holds = |known: &Known| file.ends_with(&known.file) && (known.lines.0..=known.lines.1).contains(&line);
    let around = known.iter().enumerate().filter(|(_, known)| holds(known));
    around.min_by_key(|(_, known)| known.lines.1 - known.lines.0).map(|(index, _)| index)
}
