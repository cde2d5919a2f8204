//! Every argument in every form that the macros take: it compiles, and the function does what it did without.

#![deny(warnings)]

use galtea::trace;

/// Another way to the crate, as a crate that re-exports it has.
pub mod elsewhere {
    pub use galtea;
}

#[trace]
fn plain(query: &str) -> usize {
    query.len()
}

/// Searches.
#[trace(r#type = "RETRIEVER", name = "lookup", docs, skip(index), mask(key), skip_output)]
fn all_words(index: &[u8], key: &str, r#type: usize) -> usize {
    index.len() + key.len() + r#type
}

#[trace(type = galtea::TraceType::Tool, description = "By path.", only(query, type), mask(r#type))]
fn by_path(query: &str, r#type: usize) -> usize {
    query.len() + r#type
}

#[trace(input = { "pair": (x, y) }, output = |out| out + 1, metadata(model = "m", "a.b" = Vec::<u8>::new(), type = x))]
fn told((x, y): (usize, usize)) -> usize {
    x + y
}

#[trace(skip_all, error = ToString::to_string, crate = elsewhere::galtea,)]
fn fallible(limit: usize) -> Result<usize, std::num::ParseIntError> {
    limit.to_string().parse()
}

/// Counts.
#[doc = concat!("With", " care.")]
#[doc = include_str!("../LICENSE-MIT")]
#[trace(docs)]
fn documented_elsewhere(query: &str) -> usize {
    query.len()
}

macro_rules! made {
    ($kind:literal, $name:expr, $krate:path, $value:expr, $vis:vis fn $f:ident($arg:ident: $ty:ty) -> $out:ty $body:block) => {
        #[trace(type = $kind, name = $name, crate = $krate, metadata(value = $value), skip($arg))]
        $vis fn $f($arg: $ty) -> $out $body
    };
    ($item:item) => {
        #[trace(type = "TOOL", crate = $crate::elsewhere::galtea)]
        $item
    };
}

made!(
    "TOOL",
    "made",
    ::galtea,
    1 + 1,
    pub(crate) fn from_parts(query: &str) -> usize {
        query.len()
    }
);
made! {
    fn from_item(query: &str) -> usize { query.len() }
}

#[test]
fn every_accepted_form_compiles_and_changes_nothing() {
    assert_eq!(plain("abc"), 3);
    assert_eq!(all_words(&[1], "k", 1), 3);
    assert_eq!(by_path("ab", 1), 3);
    assert_eq!(told((1, 2)), 3);
    assert_eq!(fallible(3), Ok(3));
    assert_eq!(documented_elsewhere("abc"), 3);
    assert_eq!(from_parts("abc"), 3);
    assert_eq!(from_item("abc"), 3);
}
