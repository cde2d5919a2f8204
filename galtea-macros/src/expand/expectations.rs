//! `#[expect(…)]` on a traced function becomes `#[allow(…)]`.
//!
//! Some lints look away from a function that a macro has had in its hands. What the user expected of them would not come, and
//! the compiler would say so.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// Rewrites the attributes among these tokens, and those of parameters.
pub(super) fn allowed(tokens: TokenStream) -> TokenStream {
    if !mentions_expect(tokens.clone()) {
        return tokens;
    }
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    for at in 0..trees.len() {
        let Some(TokenTree::Group(group)) = trees.get(at) else { continue };
        let rewritten = match group.delimiter() {
            Delimiter::Bracket if follows_hash(&trees[..at]) => in_attribute(group),
            Delimiter::Parenthesis | Delimiter::None => Some(with(group, allowed(group.stream()))),
            _ => None,
        };
        if let Some(group) = rewritten {
            trees[at] = group.into();
        }
    }
    trees.into_iter().collect()
}

fn mentions_expect(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == "expect",
        TokenTree::Group(group) => mentions_expect(group.stream()),
        _ => false,
    })
}

/// `#` or `#!`
fn follows_hash(before: &[TokenTree]) -> bool {
    let is = |tree: Option<&TokenTree>, sign| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    let last = before.len().checked_sub(1);
    let behind_mark = last.is_some_and(|last| is(before.get(last), '!') && is(before[..last].last(), '#'));
    is(before.last(), '#') || behind_mark
}

/// `[expect(…)]` → `[allow(…)]`, also as one of those that a `cfg_attr` has. `None`: it is something else.
fn in_attribute(attribute: &Group) -> Option<Group> {
    let mut trees: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Ident(word), TokenTree::Group(_)] if word == "expect" => trees[0] = allow(word),
        [TokenTree::Ident(word), TokenTree::Group(list)] if word == "cfg_attr" => {
            trees[1] = with(list, in_list(list.stream())).into();
        }
        _ => return None,
    }
    Some(with(attribute, trees.into_iter().collect()))
}

/// The condition of a `cfg_attr` holds no `expect(…)`, so it may be among these.
fn in_list(list: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = list.into_iter().collect();
    for at in 1..trees.len() {
        if let (TokenTree::Ident(word), TokenTree::Group(_)) = (&trees[at - 1], &trees[at])
            && word == "expect"
        {
            trees[at - 1] = allow(word);
        }
    }
    trees.into_iter().collect()
}

/// A word of the macro's: nobody is to be told that `expect` would be better.
fn allow(word: &Ident) -> TokenTree {
    Ident::new("allow", Span::mixed_site().located_at(word.span())).into()
}

fn with(group: &Group, stream: TokenStream) -> Group {
    let mut with = Group::new(group.delimiter(), stream);
    with.set_span(group.span());
    with
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[track_caller]
    fn check(given: TokenStream, expected: &TokenStream) {
        assert_eq!(allowed(given).to_string(), expected.to_string());
    }

    #[test]
    fn what_is_expected_is_allowed_wherever_it_stands_on_a_function() {
        check(
            quote!(#[inline] #[expect(clippy::a, reason = "b")] pub fn f(#[expect(unused)] a: u8) -> [u8; 2]),
            &quote!(#[inline] #[allow(clippy::a, reason = "b")] pub fn f(#[allow(unused)] a: u8) -> [u8; 2]),
        );
        check(quote!(#![expect(unused)]), &quote!(#![allow(unused)]));
        check(
            quote!(#[cfg_attr(not(test), expect(a), must_use, expect(b))] fn f()),
            &quote!(#[cfg_attr(not(test), allow(a), must_use, allow(b))] fn f()),
        );
    }

    #[test]
    fn all_else_stays() {
        for tokens in [
            quote!(#[doc = "expect(a)"] fn expect(expect: u8)),
            quote!(#[other::expect(a)] #[should_panic(expected = "b")] fn f()),
            quote!(#[tokio::test] async fn f(a: [u8; expect(1)])),
        ] {
            check(tokens.clone(), &tokens);
        }
    }
}
