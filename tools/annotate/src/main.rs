//! Traces every function of a crate.
//!
//! ```text
//! annotate trace DIR                       writes `#[galtea::trace]` into DIR/src, and a scope around each test in DIR
//! cargo check --message-format=json | annotate blame DIR     says how many functions compile, and which do not
//! ```
//!
//! Lines stay where they are, so that a message of the compiler leads to the function that it is about.

mod blame;
mod edits;
mod functions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::functions::Function;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["trace", dir] => trace(Path::new(dir)).map(|()| true),
        ["blame", dir] => blame::run(Path::new(dir)),
        _ => Err("usage: annotate trace|blame DIR".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("annotate: {error}");
            ExitCode::FAILURE
        }
    }
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Where the list of annotated functions is kept between the two steps.
fn list(dir: &Path) -> PathBuf {
    dir.join("annotated-functions.txt")
}

fn trace(dir: &Path) -> Fallible<()> {
    let mut lines = String::new();
    for file in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let file = file?.into_path();
        let relative = file.strip_prefix(dir)?;
        let (in_src, in_tests) = (relative.starts_with("src"), relative.starts_with("tests"));
        if (in_src || in_tests) && file.extension().is_some_and(|extension| extension == "rs") {
            for function in annotate(&file, in_src)? {
                lines.push_str(&function.line(relative));
            }
        }
    }
    std::fs::write(list(dir), lines)?;
    Ok(())
}

/// Files that are no Rust by themselves, templates for instance, stay as they are.
fn annotate(file: &Path, with_functions: bool) -> Fallible<Vec<Function>> {
    let text = std::fs::read_to_string(file)?;
    let Ok(parsed) = syn::parse_file(&text) else { return Ok(Vec::new()) };
    let found = functions::find(&parsed);
    let traced = if with_functions { found.traced } else { Vec::new() };
    std::fs::write(file, edits::apply(&text, &traced, &found.tests))?;
    Ok(traced)
}
