//! The page of errors, as tests read it.

/// The page itself.
const PAGE: &str = include_str!("../../docs/errors.md");

/// What stands under a heading of the second level, up to the next one.
pub(crate) fn section(heading: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap_or_default();
    assert!(!rest.is_empty(), "the page has no section {heading}");
    rest.split("\n## ").next().unwrap_or_default()
}

/// The texts in the `text` blocks of a section. In each, `…` stands for anything.
pub(crate) fn texts(heading: &str) -> Vec<&'static str> {
    let blocks = section(heading).split("```text\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    lines.filter(|line| !line.is_empty()).collect()
}

/// Whether a text of the page is about `met`.
pub(crate) fn is_about(text: &str, met: &str) -> bool {
    let mut parts = text.split('…');
    let Some(mut rest) = met.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The texts of the page and the texts that are met are about each other, with none left over on either side.
#[track_caller]
pub(crate) fn same(heading: &str, met: &[String]) {
    let texts = texts(heading);
    let unlisted: Vec<_> = met.iter().filter(|met| !texts.iter().any(|text| is_about(text, met))).collect();
    assert!(unlisted.is_empty(), "docs/errors.md does not list under {heading}: {unlisted:#?}");
    let unmet: Vec<_> = texts.iter().filter(|text| !met.iter().any(|met| is_about(text, met))).collect();
    assert!(unmet.is_empty(), "nothing says what docs/errors.md lists under {heading}: {unmet:#?}");
}
