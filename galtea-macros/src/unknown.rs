//! Words that are no argument: what was probably meant.

use syn::parse::ParseStream;
use syn::{Ident, LitStr};

use crate::form;
use crate::key::{Key, Place, word_of};
use crate::list;
use crate::suggest;
use crate::types;

/// What similar macros call an argument.
const ELSEWHERE: [(&str, Key); 24] = [
    ("kind", Key::Type),
    ("span_type", Key::Type),
    ("trace_type", Key::Type),
    ("ty", Key::Type),
    ("span_name", Key::Name),
    ("desc", Key::Description),
    ("doc", Key::Docs),
    ("doc_comment", Key::Docs),
    ("exclude", Key::Skip),
    ("ignore", Key::Skip),
    ("ignore_inputs", Key::SkipAll),
    ("skip_args", Key::SkipAll),
    ("skip_input", Key::SkipAll),
    ("skip_inputs", Key::SkipAll),
    ("include", Key::Only),
    ("redact", Key::Mask),
    ("ignore_output", Key::SkipOutput),
    ("skip_ret", Key::SkipOutput),
    ("skip_return", Key::SkipOutput),
    ("args", Key::Input),
    ("attributes", Key::Metadata),
    ("fields", Key::Metadata),
    ("properties", Key::Metadata),
    ("tags", Key::Metadata),
];

/// Words that need no argument here, and why.
const NEEDLESS: [(&str, &str); 6] = [
    ("err", "errors are always recorded, leave it out"),
    ("ret", "results are always recorded, leave it out"),
    ("level", "traces have no level, leave it out"),
    ("target", "traces have no target, leave it out"),
    ("parent", "the parent is the trace that is current, leave it out"),
    ("async", "async functions are seen as such, leave it out"),
];

/// The mistake of an argument that begins with an unknown word. Takes the rest of the argument.
pub(crate) fn argument(input: ParseStream<'_>, word: &Ident, place: Place) -> syn::Error {
    let rest = list::argument_rest(input);
    let name = word_of(word);
    match types::exact(&name).filter(|_| rest.is_empty()) {
        Some(name) => {
            syn::Error::new(word.span(), format!("a trace type needs its word, write `type = \"{name}\"`"))
        }
        None => syn::Error::new(word.span(), format!("there is no argument `{name}`{}", hint(&name, place))),
    }
}

/// The mistake of an argument that begins with no word at all. Takes all of it.
pub(crate) fn wordless(input: ParseStream<'_>, place: Place) -> syn::Error {
    let tokens = list::up_to_comma(input);
    let text = syn::parse2::<LitStr>(tokens.clone()).map(|text| text.value()).unwrap_or_default();
    let is_name = place == Place::Attribute && types::exact(&text).is_none();
    let key = if is_name && !text.is_empty() { Key::Name } else { Key::Type };
    let right = form::corrected(key, &tokens);
    syn::Error::new_spanned(tokens, format!("an argument begins with its word, write `{right}`"))
}

fn hint(name: &str, place: Place) -> String {
    if let Some((_, why)) = NEEDLESS.iter().find(|(word, _)| *word == name) {
        return format!("; {why}");
    }
    let known = ELSEWHERE.iter().find(|(word, _)| *word == name).map(|(_, key)| *key);
    let near = || suggest::nearest(name, place.keys().map(Key::word)).and_then(Key::find);
    match known.filter(|key| place.refusal(*key).is_none()).or_else(near) {
        Some(key) => format!(", did you mean `{}`?", key.usage()),
        None => format!("\nthe arguments are {}{}", suggest::list(place.keys().map(Key::word)), block(place)),
    }
}

/// A call where the block should be looks like an unknown argument.
fn block(place: Place) -> &'static str {
    if place == Place::Scope { "; what is traced comes last, in a block `{ … }`" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_other_macros_are_no_arguments_here() {
        for word in ELSEWHERE.iter().map(|(word, _)| word).chain(NEEDLESS.iter().map(|(word, _)| word)) {
            assert_eq!(Key::find(word), None, "{word}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_macro_is_not_suggested_there() {
        assert!(hint("skp", Place::Attribute).contains("did you mean `skip(a, b)`"));
        assert!(!hint("skp", Place::Scope).contains("did you mean"));
        assert!(hint("redact", Place::Attribute).contains("did you mean `mask(a, b)`"));
        assert!(!hint("redact", Place::Event).contains("did you mean"));
    }
}
