//! The page of errors lists what the compiler and the events say, and nothing else.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../page/mod.rs"]
mod page;

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn each_error_of_the_compiler_is_on_the_page_and_each_one_there_is_met() {
    let snapshots = files(Path::new(env!("CARGO_MANIFEST_DIR")), "stderr");
    assert!(snapshots.len() > 100, "{} snapshots", snapshots.len());
    let lines: Vec<String> = snapshots.iter().flat_map(|path| errors(path)).collect();
    page::same("At compile time", &lines);
}

#[test]
fn each_event_is_on_the_page_with_its_name_its_level_and_its_text() {
    let sources = files(&root().join("galtea-runtime/src"), "rs");
    let source: String = sources.iter().map(|path| joined(&fs::read_to_string(path).unwrap())).collect();
    let rows: Vec<Vec<&str>> = page::section("In events").lines().filter_map(row).collect();
    let told: Vec<&str> = source.split("tell!(").chain(source.split("name: ")).filter_map(event).collect();
    assert!(told.len() >= 10, "{told:?}");
    for name in &told {
        assert!(rows.iter().any(|row| row[0] == *name), "docs/errors.md does not list the event {name}");
    }
    for row in &rows {
        let (name, level, text) = (row[0], row[1], row[2]);
        assert!(told.contains(&name), "nothing tells the event {name}");
        let own = |part: &&str| part.split(')').next().is_some_and(|part| part.contains(name));
        let call = source.split("tracing::").chain(source.split("tell!")).find(own);
        let level_told = call.is_some_and(|call| call.trim_start_matches(['(', ' ']).starts_with(level));
        assert!(level_told, "{name} is not told as {level}");
        let parts: Vec<&str> = text.split('…').collect();
        assert!(parts.iter().all(|part| source.contains(part)), "{name} does not say: {text}");
    }
}

/// `galtea.stopped`, where the text begins with an event's level and name, or with its name.
fn event(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let text = text.split_once(", ").filter(|(level, _)| level.len() < 6).map_or(text, |(_, rest)| rest);
    let name = text.strip_prefix('"')?.split('"').next()?;
    name.starts_with("galtea.").then_some(name)
}

/// Name, level and text of a row of the table.
fn row(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let name = cells[0].strip_prefix('`')?.strip_suffix('`')?;
    Some(vec![name, cells[1], cells[2]])
}

/// A source in which texts that go on in the next line, and calls over several lines, stand in one.
fn joined(source: &str) -> String {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    lines.join(" ").replace("\\ ", "")
}

fn errors(snapshot: &Path) -> Vec<String> {
    let text = fs::read_to_string(snapshot).unwrap();
    text.lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
    found
}
