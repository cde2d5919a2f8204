//! Arguments in the wrong form: what is wrong, and the same thing in the right form.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;
use syn::parse::ParseStream;

use crate::key::{Key, Word};
use crate::list;
use crate::types;

/// The mistake of an argument whose word is followed by the wrong thing. Takes the rest of the argument.
pub(crate) fn wrong(input: ParseStream<'_>, word: &Word) -> syn::Error {
    let rest = list::argument_rest(input);
    let rule = rule(word.key, rest.is_empty());
    let right = corrected(word.key, &rest);
    syn::Error::new_spanned(quote!(#word #rest), format!("`{}` {rule}, write `{right}`", word.text()))
}

fn rule(key: Key, alone: bool) -> &'static str {
    match key {
        Key::Docs => "takes the text of the doc comment; to give another text",
        Key::SkipAll | Key::SkipOutput | Key::Stream => "stands alone",
        _ if key.is_list() && alone => "needs a list in parentheses",
        _ if key.is_list() => "takes a list in parentheses",
        _ if alone => "needs a value",
        _ => "takes its value after `=`",
    }
}

/// The argument as it should be written, with the user's own words where they can be told.
pub(crate) fn corrected(key: Key, rest: &TokenStream) -> String {
    let words = words(rest);
    let one = || match &words[..] {
        [word] => Some(word.as_str()),
        _ => None,
    };
    let right = match key {
        Key::Type => one().and_then(types::meant).map(|name| format!("type = \"{name}\"")),
        Key::Docs => {
            one().map(|text| format!("description = \"{text}\"")).or(Some(Key::Description.usage().into()))
        }
        Key::Name | Key::Description => one().map(|text| format!("{} = \"{text}\"", key.word())),
        Key::Skip | Key::Only | Key::Mask if !words.is_empty() => {
            Some(format!("{}({})", key.word(), words.join(", ")))
        }
        _ => None,
    };
    right.unwrap_or_else(|| key.usage().to_owned())
}

/// The names and texts in `= a`, `("a")`, `= [a, b]` and the like; none if there is anything else.
fn words(rest: &TokenStream) -> Vec<String> {
    let mut trees: Vec<TokenTree> = rest.clone().into_iter().filter(|tree| !is_punct(tree, '=')).collect();
    if let [TokenTree::Group(group)] = &trees[..] {
        trees = group.stream().into_iter().filter(|tree| !is_punct(tree, ',')).collect();
    }
    trees.iter().map(word).collect::<Option<_>>().unwrap_or_default()
}

fn word(tree: &TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        TokenTree::Literal(literal) => {
            let text: LitStr = syn::parse2(quote!(#literal)).ok()?;
            Some(text.value()).filter(|text| !text.is_empty() && !text.contains(['"', '\n', '\\']))
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            word(&group.stream().into_iter().next()?)
        }
        _ => None,
    }
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_words_come_back_in_the_right_form() {
        for (key, rest, right) in [
            (Key::Type, quote!((TOOL)), r#"type = "TOOL""#),
            (Key::Type, quote!(("tool")), r#"type = "TOOL""#),
            (Key::Type, quote!((LLM_CALL)), r#"type = "GENERATION""#),
            (Key::Name, quote!(("search")), r#"name = "search""#),
            (Key::Name, quote!(= search), r#"name = "search""#),
            (Key::Docs, quote!(= "Looks up"), r#"description = "Looks up""#),
            (Key::Skip, quote!(= db), "skip(db)"),
            (Key::Skip, quote!(= "db"), "skip(db)"),
            (Key::Only, quote!(= [a, b]), "only(a, b)"),
            (Key::Mask, quote!(["a"]), "mask(a)"),
        ] {
            assert_eq!(corrected(key, &rest), right);
        }
    }

    #[test]
    fn where_they_cannot_be_told_an_example_is_shown() {
        for (key, rest) in [
            (Key::Type, quote!((ZEBRA))),
            (Key::Type, quote!()),
            (Key::Name, quote!(= a + b)),
            (Key::Name, quote!(= "a \" b")),
            (Key::Skip, quote!(= a.b)),
            (Key::Metadata, quote!(= { a: 1 })),
        ] {
            assert_eq!(corrected(key, &rest), key.usage());
        }
        assert_eq!(corrected(Key::Docs, &quote!(= true && false)), Key::Description.usage());
    }
}
