//! The user's statements inside of ours.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// The user's block, to be put inside of one of ours.
///
/// Its braces stay the user's, for the rules of the user's edition. The constant keeps the compiler from calling them
/// unnecessary.
pub(crate) fn nested(body: &Group) -> Group {
    let (inner_attributes, rest) = split_inner_attributes(body.stream());
    let stream = quote_spanned!(Span::mixed_site()=> #inner_attributes const _: () = (); #rest);
    let mut group = Group::new(body.delimiter(), stream);
    group.set_span(body.span());
    group
}

/// `#![allow(…)]` at the head of a function's body, which must stay there, and the body without.
pub(crate) fn without_inner_attributes(body: &Group) -> (TokenStream, Group) {
    let (attributes, rest) = split_inner_attributes(body.stream());
    if attributes.is_empty() {
        return (attributes, body.clone());
    }
    let mut group = Group::new(body.delimiter(), rest);
    group.set_span(body.span());
    (attributes, group)
}

fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [TokenTree::Punct(pound), TokenTree::Punct(bang), TokenTree::Group(_), after @ ..] = rest
        && pound.as_char() == '#'
        && bang.as_char() == '!'
    {
        rest = after;
    }
    let head = tokens.len() - rest.len();
    (tokens[..head].iter().cloned().collect(), tokens[head..].iter().cloned().collect())
}
