//! A parameter `_: T` stays with the function that has it. With a name, the closure that the body moves into can take it
//! along and drop it in turn.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::format_ident;
use syn::{FnArg, Pat, PatIdent, Signature};

use super::shape;

/// Gives each `_` whose drop could be seen a name. What comes back says which parameter has which.
pub(crate) fn name(sig: &mut Signature) -> Vec<(usize, Ident)> {
    let mut names = Vec::new();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(argument) = input
            && let Pat::Wild(wild) = &*argument.pat
            && !shape::drops_silently(&argument.ty)
        {
            let span = Span::mixed_site().located_at(wild.underscore_token.span);
            let ident = format_ident!("_argument{index}", span = span);
            names.push((index, ident.clone()));
            let pat = PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident, subpat: None };
            *argument.pat = Pat::Ident(pat);
        }
    }
    names
}

/// Writes the names into the tokens of the function's head, and changes nothing else.
pub(crate) fn rename(head: TokenStream, names: &[(usize, Ident)]) -> TokenStream {
    let mut trees: Vec<TokenTree> = head.into_iter().collect();
    if let Some(TokenTree::Group(group)) = parameters(&mut trees) {
        let mut renamed = Group::new(group.delimiter(), rename_in(group.stream(), names));
        renamed.set_span(group.span());
        *group = renamed;
    }
    trees.into_iter().collect()
}

/// The parenthesis behind `fn name<…>`.
fn parameters(trees: &mut [TokenTree]) -> Option<&mut TokenTree> {
    let name = trees.iter().position(|tree| matches!(tree, TokenTree::Ident(ident) if ident == "fn"))? + 1;
    let mut depth = 0_i32;
    let mut after_dash = false;
    trees.iter_mut().skip(name + 1).find(|tree| {
        if let TokenTree::Punct(punct) = &**tree {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !after_dash => depth -= 1,
                _ => {}
            }
            after_dash = punct.as_char() == '-';
        }
        depth == 0
            && matches!(&**tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
    })
}

fn rename_in(parameters: TokenStream, names: &[(usize, Ident)]) -> TokenStream {
    let mut index = 0;
    let mut depth = 0_i32;
    let mut after_dash = false;
    let mut in_pattern = true;
    let rename = |tree: TokenTree| {
        match &tree {
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => depth += 1,
                    '>' if !after_dash => depth -= 1,
                    ':' => in_pattern = false,
                    ',' if depth == 0 => (index, in_pattern) = (index + 1, true),
                    _ => {}
                }
                after_dash = punct.as_char() == '-';
            }
            TokenTree::Ident(ident) if in_pattern && ident == "_" => {
                if let Some((_, name)) = names.iter().find(|(known, _)| *known == index) {
                    return TokenTree::Ident(name.clone());
                }
            }
            _ => {}
        }
        tree
    };
    parameters.into_iter().map(rename).collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn only_the_patterns_get_names_and_the_rest_of_the_head_stays() {
        let head = quote!(pub fn f<F: Fn(_) -> u8>(&self, _: Vec<_, (_, _)>, a: fn(_) -> _, #[x(_)] _: Guard, _: u32) -> _);
        let mut sig: Signature = syn::parse2(
            quote!(fn f<F: Fn(u8) -> u8>(&self, _: Vec<A>, a: fn(B) -> C, #[x(_)] _: Guard, _: u32) -> R),
        )
        .unwrap();
        let names = name(&mut sig);
        assert_eq!(names.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(
            rename(head, &names).to_string(),
            quote!(pub fn f<F: Fn(_) -> u8>(&self, _argument1: Vec<_, (_, _)>, a: fn(_) -> _, #[x(_)] _argument3: Guard, _: u32) -> _)
                .to_string()
        );
    }
}
