//! The words that arguments begin with, and where each may stand.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

/// One argument of the macros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Type,
    Name,
    Description,
    Docs,
    Skip,
    SkipAll,
    Only,
    Mask,
    SkipOutput,
    Input,
    Output,
    Error,
    Metadata,
    Stream,
    Crate,
}

/// Each argument, its word, and how it is written.
const KEYS: [(Key, &str, &str); 15] = [
    (Key::Type, "type", r#"type = "TOOL""#),
    (Key::Name, "name", r#"name = "…""#),
    (Key::Description, "description", r#"description = "…""#),
    (Key::Docs, "docs", "docs"),
    (Key::Skip, "skip", "skip(a, b)"),
    (Key::SkipAll, "skip_all", "skip_all"),
    (Key::Only, "only", "only(a, b)"),
    (Key::Mask, "mask", "mask(a, b)"),
    (Key::SkipOutput, "skip_output", "skip_output"),
    (Key::Input, "input", r#"input = { "key": value }"#),
    (Key::Output, "output", "output = |out| …"),
    (Key::Error, "error", "error = |e| …"),
    (Key::Metadata, "metadata", "metadata(key = value)"),
    (Key::Stream, "stream", "stream"),
    (Key::Crate, "crate", "crate = ::path"),
];

impl Key {
    pub(crate) fn find(word: &str) -> Option<Self> {
        KEYS.iter().find(|(_, known, _)| *known == word).map(|(key, ..)| *key)
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        KEYS.iter().map(|(key, ..)| *key)
    }

    pub(crate) fn word(self) -> &'static str {
        KEYS.iter().find(|(key, ..)| *key == self).map_or("", |(_, word, _)| word)
    }

    /// An example of the argument, for messages.
    pub(crate) fn usage(self) -> &'static str {
        KEYS.iter().find(|(key, ..)| *key == self).map_or("", |(.., usage)| usage)
    }

    /// Whether the argument has a list in parentheses.
    pub(crate) fn is_list(self) -> bool {
        self.usage().ends_with(')')
    }
}

/// The word of an argument as the user wrote it.
pub(crate) struct Word {
    pub(crate) key: Key,
    pub(crate) ident: Ident,
    /// How many arguments stand before it. Of two that conflict the later one is the mistake.
    pub(crate) order: usize,
}

impl Word {
    pub(crate) fn text(&self) -> &'static str {
        self.key.word()
    }
}

impl ToTokens for Word {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.ident.to_tokens(tokens);
    }
}

/// The macro that the arguments belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `#[trace(…)]`
    Attribute,
    /// `trace_scope!("name", …, { … })`
    Scope,
    /// `trace_event!("name", …)`
    Event,
}

impl Place {
    /// Why the argument has no place here, and what to write instead; `None`: it may stand here.
    pub(crate) fn refusal(self, key: Key) -> Option<&'static str> {
        match self {
            Self::Attribute => None,
            Self::Scope => in_scope(key),
            Self::Event => in_event(key),
        }
    }

    pub(crate) fn keys(self) -> impl Iterator<Item = Key> {
        Key::all().filter(move |key| self.refusal(*key).is_none())
    }

    /// How the macro is used, for messages.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Self::Attribute => r#"#[trace(type = "TOOL")]"#,
            Self::Scope => r#"trace_scope!("name", { … })"#,
            Self::Event => r#"trace_event!("name")"#,
        }
    }
}

fn in_scope(key: Key) -> Option<&'static str> {
    match key {
        Key::Skip | Key::SkipAll | Key::Only | Key::Mask => Some(
            r#"a block has no arguments to choose from, say what to record with `input = { "key": value }`"#,
        ),
        Key::Docs => Some(r#"a block has no doc comment, write `description = "…"`"#),
        Key::Stream => {
            Some("a block returns no stream of its own, put it on the function that makes the stream")
        }
        Key::Name => Some(r#"the name comes first, write `trace_scope!("name", { … })`"#),
        _ => None,
    }
}

fn in_event(key: Key) -> Option<&'static str> {
    match key {
        Key::Skip | Key::SkipAll | Key::Only | Key::Mask => Some(
            r#"an event has no arguments to choose from, say what to record with `input = { "key": value }`"#,
        ),
        Key::Docs => Some(r#"an event has no doc comment, write `description = "…"`"#),
        Key::Output | Key::SkipOutput | Key::Error | Key::Stream => {
            Some("an event is a point in time and has no result, use `trace_scope!` for what has one")
        }
        Key::Name => Some(r#"the name comes first, write `trace_event!("name")`"#),
        _ => None,
    }
}

/// `r#type` is the same word as `type`.
pub(crate) fn word_of(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether a name is in a list. `skip(type)` names the argument `r#type` as well as `skip(r#type)` does.
pub(crate) fn contains(names: &[Ident], name: &Ident) -> bool {
    names.iter().any(|other| other == name || word_of(other) == word_of(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_is_found_by_its_word_and_has_a_usage_that_begins_with_it() {
        for key in Key::all() {
            assert_eq!(Key::find(key.word()), Some(key));
            assert!(key.usage().starts_with(key.word()));
        }
        assert_eq!(Key::find("kind"), None);
    }

    #[test]
    fn exactly_the_arguments_that_take_a_list_are_lists() {
        let lists: Vec<_> = Key::all().filter(|key| key.is_list()).collect();
        assert_eq!(lists, [Key::Skip, Key::Only, Key::Mask, Key::Metadata]);
    }

    #[test]
    fn a_block_and_an_event_take_what_they_can_honour() {
        use Key::{Crate, Description, Error, Input, Metadata, Output, SkipOutput, Type};
        let all = Place::Attribute.keys().count();
        assert_eq!(all, KEYS.len());
        let scope: Vec<_> = Place::Scope.keys().collect();
        assert_eq!(scope, [Type, Description, SkipOutput, Input, Output, Error, Metadata, Crate]);
        let event: Vec<_> = Place::Event.keys().collect();
        assert_eq!(event, [Type, Description, Input, Metadata, Crate]);
    }
}
