//! The text of a doc comment.

use std::iter;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of all `#[doc = …]`, as an expression of type `&'static str`; `None`: there is no text.
///
/// The usual result is one literal. Parts that only the compiler can read, such as `#[doc = include_str!("…")]`, are put
/// together with the others by `concat!`.
pub(crate) fn text(attrs: &[Attribute]) -> Option<TokenStream> {
    let parts: Vec<Part> = attrs.iter().filter_map(part).collect();
    let any_unread = parts.iter().any(|part| matches!(part, Part::Unread(_)));
    if any_unread { Some(concat(parts)) } else { literal(parts) }
}

enum Part {
    Text(String),
    Unread(Expr),
}

fn part(attr: &Attribute) -> Option<Part> {
    let Meta::NameValue(meta) = &attr.meta else { return None };
    if !meta.path.is_ident("doc") {
        return None;
    }
    let mut value = &meta.value;
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    Some(match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Part::Text(clean(&text.value())),
        other => Part::Unread(other.clone()),
    })
}

fn literal(parts: Vec<Part>) -> Option<TokenStream> {
    let lines = parts.into_iter().filter_map(|part| match part {
        Part::Text(text) => Some(text),
        Part::Unread(_) => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.trim_matches('\n');
    (!text.is_empty()).then(|| text.to_token_stream())
}

fn concat(parts: Vec<Part>) -> TokenStream {
    let parts = parts.into_iter().map(|part| match part {
        Part::Text(text) => text.into_token_stream(),
        Part::Unread(expr) => expr.into_token_stream(),
    });
    let mut lines = Vec::new();
    for part in parts {
        if !lines.is_empty() {
            lines.push("\n".into_token_stream());
        }
        lines.push(part);
    }
    quote!(::core::concat!(#(#lines),*))
}

/// One comment without the blank behind `///`, or the stars and the indentation inside `/** … */`.
fn clean(comment: &str) -> String {
    let (first, others) = comment.split_once('\n').unwrap_or((comment, ""));
    let others: Vec<&str> = others.lines().map(str::trim_end).collect();
    let starred = others.iter().all(|line| matches!(line.trim_start().chars().next(), None | Some('*')));
    let unstarred = others.iter().map(|line| if starred { without_star(line) } else { line });
    let others: Vec<&str> = unstarred.collect();
    let indent = others.iter().filter(|line| !line.is_empty()).map(|line| indent(line)).min().unwrap_or(0);
    let others = others.iter().map(|line| line.get(indent..).unwrap_or_default());
    let first = first.trim_end();
    let first = first.strip_prefix(' ').unwrap_or(first);
    iter::once(first).chain(others).collect::<Vec<_>>().join("\n")
}

fn without_star(line: &str) -> &str {
    let line = line.trim_start();
    line.strip_prefix('*').unwrap_or(line)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser;

    use super::*;

    /// The literal, or the tokens of what the compiler has to put together.
    fn docs(item: &str) -> Option<String> {
        let attrs = Attribute::parse_outer.parse_str(item).unwrap();
        let tokens = text(&attrs)?;
        Some(match syn::parse2::<syn::LitStr>(tokens.clone()) {
            Ok(text) => text.value(),
            Err(_) => tokens.to_string(),
        })
    }

    #[test]
    fn lines_are_joined_without_their_first_blank() {
        assert_eq!(docs("/// Looks up a user.").unwrap(), "Looks up a user.");
        assert_eq!(docs("/// One.\n///\n///  - two\n///three").unwrap(), "One.\n\n - two\nthree");
        assert_eq!(docs("#[doc = \" One.\"] #[inline] #[doc = \" Two.\"]").unwrap(), "One.\nTwo.");
    }

    #[test]
    fn blank_lines_at_either_end_are_dropped() {
        assert_eq!(docs("///\n/// One.\n///\n///  ").unwrap(), "One.");
    }

    #[test]
    fn a_block_comment_loses_its_stars_and_its_indentation() {
        assert_eq!(docs("/** One. */").unwrap(), "One.");
        assert_eq!(docs("/**\n     * One.\n     *\n     * **Two.**\n     */").unwrap(), "One.\n\n**Two.**");
        assert_eq!(docs("/**\n    One.\n\n      - two\n*/").unwrap(), "One.\n\n  - two");
    }

    #[test]
    fn without_text_there_are_no_docs() {
        for item in ["", "#[inline]", "///", "///  \n///", "#[doc(hidden)]", "#[doc(alias = \"x\")]"] {
            assert_eq!(docs(item), None, "{item}");
        }
    }

    #[test]
    fn text_from_elsewhere_is_left_to_the_compiler() {
        let tokens = docs("/// One.\n#[doc = include_str!(\"a.md\")]").unwrap();
        assert_eq!(tokens, quote!(::core::concat!("One.", "\n", include_str!("a.md"))).to_string());
    }
}
