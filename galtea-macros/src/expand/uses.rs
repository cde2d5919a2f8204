//! Which variables a block speaks of, judged by its tokens alone.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A variable in a block.
pub(crate) struct Use {
    pub(crate) ident: Ident,
    /// Not just a field of it.
    pub(crate) whole: bool,
}

/// All names in the tokens that may be variables, in order. Fields and methods are none.
pub(crate) fn uses(tokens: &TokenStream) -> Vec<Use> {
    let mut found = Vec::new();
    collect(tokens.clone(), &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Use>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Ident(ident) if !is_member(&trees[..index]) => {
                found.push(Use { ident: ident.clone(), whole: !has_field(&trees[index + 1..]) });
            }
            _ => {}
        }
    }
}

/// Whether a single dot stands before: two are a range.
fn is_member(before: &[TokenTree]) -> bool {
    matches!(before, [.., last] if is_dot(last)) && !matches!(before, [.., other, _] if is_dot(other))
}

/// `.field` or `.0` follows, and no call or `.await`.
fn has_field(after: &[TokenTree]) -> bool {
    match after {
        [dot, TokenTree::Ident(name), call, ..] if is_dot(dot) => name != "await" && !is_call(call),
        [dot, TokenTree::Ident(name)] if is_dot(dot) => name != "await",
        [dot, TokenTree::Literal(_), ..] => is_dot(dot),
        _ => false,
    }
}

/// `(…)` or `::<…>(…)`
fn is_call(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    }
}

fn is_dot(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '.')
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn variables_are_told_from_fields_and_whole_uses_from_partial_ones() {
        let block = quote!(async move {
            a.go(b.left, (c.0, d)).await;
            0..e;
            f.await;
            g.h;
            i.go::<u8>()
        });
        let told: Vec<String> = uses(&block)
            .into_iter()
            .filter(|used| used.ident != "async" && used.ident != "move" && used.ident != "u8")
            .map(|used| format!("{}{}", used.ident, if used.whole { "" } else { ".…" }))
            .collect();
        assert_eq!(told, ["a", "b.…", "c.…", "d", "e", "f", "g.…", "i"]);
    }
}
