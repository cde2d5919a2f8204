//! Lists the public items without an example that runs. Takes the rustdoc JSON of `galtea` and of `galtea-runtime`.
//!
//! An example of its own have: every type, trait, alias, constant, macro and function, and every method. It runs, that
//! is, the block has no `no_run`, `ignore` or `compile_fail`. These may be covered by an example of their type or trait
//! that calls them: getters (they take `&self` alone), functions that take nothing, and the methods of traits. Variants
//! and fields belong to their type, and modules to what is in them.

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use rustdoc_types::{Crate, Function, Id, Item, ItemEnum};

/// Would need an account, so their examples need not run.
const NEED_AN_ACCOUNT: [&str; 1] = ["galtea_runtime::Galtea::from_env"];
/// What `InferenceService` gives and the server takes: programs never speak of them.
const NEVER_SPOKEN_OF: [&str; 2] =
    ["galtea_runtime::tower::ResponseFuture", "galtea_runtime::tower::ResponseBody"];
/// Words behind the fence of an example that runs.
const OF_RUNNING: [&str; 4] = ["", "rust", "should_panic", "standalone_crate"];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut survey = Survey::default();
    for path in std::env::args_os().skip(1) {
        let documented: Crate = serde_json::from_reader(BufReader::new(File::open(path)?))?;
        survey.seen.clear(); // ids are those of one crate
        survey.module(&documented, documented.root, "");
    }
    for path in &survey.without {
        eprintln!("no example that runs: {path}");
    }
    println!(
        "{} of {} public items have an example that runs",
        survey.with,
        survey.with + survey.without.len()
    );
    Ok(if survey.without.is_empty() && survey.with > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default)]
struct Survey {
    with: usize,
    without: Vec<String>,
    seen: Vec<Id>,
}

impl Survey {
    /// Hidden items are not in the JSON, nor are those of other crates.
    fn module(&mut self, documented: &Crate, id: Id, outer: &str) {
        let Some(item) = documented.index.get(&id) else { return };
        let ItemEnum::Module(module) = &item.inner else { return };
        let path = joined(outer, item);
        let mut items = module.items.clone();
        while let Some(id) = items.pop() {
            let Some(item) = documented.index.get(&id) else { continue };
            match &item.inner {
                ItemEnum::Module(_) => self.module(documented, id, &path),
                ItemEnum::Use(used) => match used.id.filter(|id| documented.index.contains_key(id)) {
                    Some(id) => items.push(id),
                    // Of another crate: what is said of a macro is said where it is handed on.
                    None if used.source.starts_with("galtea_macros") => {
                        self.note(format!("{path}::{}", used.name), !examples(item).is_empty());
                    }
                    None => {}
                },
                _ => self.item(documented, item, &path),
            }
        }
    }

    fn item(&mut self, documented: &Crate, item: &Item, outer: &str) {
        let path = joined(outer, item);
        if self.noted(item.id) || NEVER_SPOKEN_OF.contains(&path.as_str()) {
            return;
        }
        let examples = examples(item);
        self.note(path.clone(), !examples.is_empty());
        let (own, implementations): (&[Id], &[Id]) = match &item.inner {
            ItemEnum::Struct(it) => (&[], &it.impls),
            ItemEnum::Enum(it) => (&[], &it.impls),
            ItemEnum::Trait(it) => (&it.items, &[]),
            _ => return,
        };
        for &method in own {
            self.method(documented, method, &path, &examples, true);
        }
        for implementation in implementations.iter().filter_map(|id| documented.index.get(id)) {
            let ItemEnum::Impl(implementation) = &implementation.inner else { continue };
            if implementation.trait_.is_none() {
                for &method in &implementation.items {
                    self.method(documented, method, &path, &examples, false);
                }
            }
        }
    }

    fn method(&mut self, documented: &Crate, id: Id, outer: &str, of_type: &[String], of_trait: bool) {
        let Some(item) = documented.index.get(&id) else { return };
        let path = joined(outer, item);
        let Some(name) = &item.name else { return };
        let simple = match &item.inner {
            ItemEnum::Function(function) => of_trait || takes_nothing(function),
            ItemEnum::AssocConst { .. } => false,
            _ => return,
        };
        let calls = |example: &String| {
            let mut places = example.match_indices(name.as_str());
            places.any(|(at, _)| {
                example[..at].ends_with(['.', ':', ' ']) && example[at + name.len()..].starts_with(['(', '<'])
            })
        };
        let runs = !examples(item).is_empty() || (simple && of_type.iter().any(calls));
        let shown = NEED_AN_ACCOUNT.contains(&path.as_str())
            && item.docs.as_ref().is_some_and(|docs| docs.contains("```no_run"));
        self.note(path, runs || shown);
    }

    fn note(&mut self, path: String, has_example: bool) {
        if has_example { self.with += 1 } else { self.without.push(path) }
    }

    /// An item may be there by two paths.
    fn noted(&mut self, id: Id) -> bool {
        let noted = self.seen.contains(&id);
        self.seen.push(id);
        noted
    }
}

/// Nothing, or `&self` alone.
fn takes_nothing(function: &Function) -> bool {
    function.sig.inputs.iter().all(|(name, _)| name == "self")
}

fn joined(outer: &str, item: &Item) -> String {
    let name = item.name.as_deref().unwrap_or_default();
    if outer.is_empty() { name.to_owned() } else { format!("{outer}::{name}") }
}

/// The code of those examples that run.
fn examples(item: &Item) -> Vec<String> {
    let mut examples = Vec::new();
    let mut lines = item.docs.as_deref().unwrap_or_default().lines();
    while let Some(line) = lines.next() {
        let Some(words) = line.trim_start().strip_prefix("```") else { continue };
        let code = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
        let code = code.collect::<Vec<_>>().join("\n");
        if words.split(',').all(|word| OF_RUNNING.contains(&word.trim())) {
            examples.push(code);
        }
    }
    examples
}
