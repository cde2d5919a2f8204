//! The guide holds together: its code is compiled, its pages are listed, and its links lead somewhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What may stand behind a fence. Rust that is not compiled, with `ignore` for one, is not among them.
const LANGUAGES: [&str; 6] = ["rust", "rust,no_run", "rust,should_panic", "toml", "console", "text"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The pages of the guide, by their names, and the README.
fn pages() -> Vec<(PathBuf, String)> {
    let files = fs::read_dir(root().join("docs")).unwrap().map(|file| file.unwrap().path());
    let mut pages: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    assert!(pages.len() > 10, "{pages:?}");
    pages.push(root().join("README.md"));
    pages.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The fenced blocks of a page: what stands behind the fence, and the lines.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let code = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
            blocks.push((language, code.collect::<Vec<_>>().join("\n")));
        }
    }
    blocks
}

/// A page without its code.
fn prose(page: &str) -> String {
    let mut fenced = false;
    let mut prose = String::new();
    for line in page.lines() {
        let is_fence = line.trim_start().starts_with("```");
        if !fenced && !is_fence {
            prose.push_str(line);
            prose.push('\n');
        }
        fenced ^= is_fence;
    }
    prose
}

/// What is in round brackets behind square ones.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let ends = prose.split("](").skip(1);
    let links = ends.filter_map(|rest| rest.split_once(')').map(|(link, _)| link.to_owned()));
    links.filter(|link| !link.contains("://")).collect()
}

/// The anchors that a page has, as GitHub makes them of headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let prose = prose(page);
    let headings =
        prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings.map(anchor).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_'].contains(letter)).collect()
}

#[test]
fn every_page_with_code_is_compiled_with_the_documentation() {
    let facade = read("src/lib.rs");
    for (path, page) in pages() {
        let has_code = blocks(&page).iter().any(|(language, _)| language.starts_with("rust"));
        let place = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let included = facade.contains(&format!("#[doc = include_str!(\"../{place}\")]"));
        assert!(
            included || !has_code,
            "{place} has code that no test compiles: add it to `mod guide` in src/lib.rs"
        );
    }
}

#[test]
fn every_block_says_its_language_and_no_rust_is_left_uncompiled() {
    for (path, page) in pages() {
        for (language, code) in blocks(&page) {
            assert!(LANGUAGES.contains(&language), "{}: ```{language}\n{code}", path.display());
            let needs_an_account = code.contains("Galtea::from_env()");
            assert!(language != "rust,no_run" || needs_an_account, "{} could run:\n{code}", path.display());
        }
    }
}

#[test]
fn every_page_is_in_the_table_of_the_readme() {
    let readme = read("README.md");
    for (path, _) in pages() {
        let name = name(&path);
        let listed = readme.contains(&format!("](docs/{name})"));
        assert!(listed || name == "README.md", "{name} is not in the README");
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    // What the README links besides the guide is not in the package.
    let in_the_repository = root().join("CONTRIBUTING.md").exists();
    for (path, page) in pages().into_iter().filter(|(path, _)| in_the_repository || name(path) != "README.md")
    {
        for link in links(&page) {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{} links to {link}, which is not there", path.display());
            if !heading.is_empty() {
                let known = anchors(&fs::read_to_string(&target).unwrap());
                assert!(known.contains(heading), "{}: {link} leads to none of {known:?}", path.display());
            }
        }
    }
}

#[test]
fn the_documentation_of_the_crate_links_to_pages_that_are_there() {
    let facade = read("src/lib.rs");
    let links: Vec<_> = facade.lines().filter_map(|line| line.split_once("/blob/main/")).collect();
    assert!(links.len() > 10, "{links:?}");
    for (_, page) in links {
        assert!(root().join(page).exists(), "src/lib.rs links to {page}, which is not there");
    }
}

#[test]
fn the_checks_see_what_they_look_for() {
    let page = "# Über `x.await`\n[a](b.md#c)\n```rust,ignore\n[no](link)\n```\n  ```\nplain\n  ```\n";
    assert_eq!(blocks(page).iter().map(|(language, _)| *language).collect::<Vec<_>>(), ["rust,ignore", ""]);
    assert_eq!(links(page), ["b.md#c"]);
    assert_eq!(anchors(page).into_iter().collect::<Vec<_>>(), ["über-xawait"]);
}
