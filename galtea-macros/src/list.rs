//! Lists with commas, read so that one mistake does not hide the next.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Result, Token, token};

use crate::ctxt::Ctxt;
use crate::key::{Key, word_of};

/// Runs a parser that reports to `ctxt` itself and leaves what it found elsewhere.
pub(crate) fn parse_with(
    tokens: TokenStream,
    ctxt: &mut Ctxt,
    parse: impl FnOnce(ParseStream<'_>, &mut Ctxt) -> Result<()>,
) {
    let run = |input: ParseStream<'_>| {
        let result = parse(input, ctxt);
        up_to_end(input);
        Ok(result)
    };
    match run.parse2(tokens) {
        Ok(Err(error)) => ctxt.push(error),
        // Tokens that were left over in a group, which happens only where a mistake in the group was told already.
        Err(error) if !ctxt.has_errors() => ctxt.push(error),
        Ok(Ok(())) | Err(_) => {}
    }
}

/// Reads `item, item, …` until the end or until `stop`. After a mistake it goes on behind the next comma.
///
/// Returns whether the next thing is set off from the list: nothing was read, or a comma came last.
pub(crate) fn comma_separated(
    input: ParseStream<'_>,
    ctxt: &mut Ctxt,
    stop: fn(ParseStream<'_>) -> bool,
    mut item: impl FnMut(ParseStream<'_>, &mut Ctxt) -> Result<()>,
) -> bool {
    let mut set_off = true;
    while !input.is_empty() && !stop(input) {
        if let Err(error) = item(input, ctxt) {
            ctxt.push(error);
            up_to_comma(input);
        }
        set_off = comma(input, ctxt);
    }
    set_off
}

/// As [`comma_separated`], for what stands in a group.
pub(crate) fn all(
    input: ParseStream<'_>,
    ctxt: &mut Ctxt,
    item: impl FnMut(ParseStream<'_>, &mut Ctxt) -> Result<()>,
) {
    comma_separated(input, ctxt, |_| false, item);
}

/// Takes everything before the next comma, save commas between the angle brackets of `::<A, B>`.
pub(crate) fn up_to_comma(input: ParseStream<'_>) -> TokenStream {
    let (mut taken, mut angles, mut before) = (TokenStream::new(), 0_usize, ' ');
    while !input.is_empty() && (angles > 0 || !input.peek(Token![,])) {
        let Ok(tree) = input.parse::<TokenTree>() else { break };
        let now = as_char(&tree);
        match now {
            '<' if before == ':' || angles > 0 => angles += 1,
            '>' if before != '-' => angles = angles.saturating_sub(1),
            _ => {}
        }
        before = now;
        taken.extend([tree]);
    }
    taken
}

fn as_char(tree: &TokenTree) -> char {
    match tree {
        TokenTree::Punct(punct) => punct.as_char(),
        _ => ' ',
    }
}

/// Takes what stands behind the word of an argument that is of no use. Its value may hold commas of its own.
pub(crate) fn argument_rest(input: ParseStream<'_>) -> TokenStream {
    let ahead = input.fork();
    let value = (ahead.parse::<Token![=]>(), ahead.parse::<Expr>());
    if let (Ok(equals), Ok(expr)) = value
        && at_end(&ahead)
    {
        input.advance_to(&ahead);
        return quote!(#equals #expr);
    }
    up_to_comma(input)
}

/// Takes everything.
pub(crate) fn up_to_end(input: ParseStream<'_>) -> TokenStream {
    input.parse().unwrap_or_default()
}

/// Whether an item ends here.
pub(crate) fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// A forgotten comma is reported and, before what is surely the next item, taken as read.
fn comma(input: ParseStream<'_>, ctxt: &mut Ctxt) -> bool {
    if input.is_empty() {
        return false;
    }
    if !input.peek(Token![,]) {
        ctxt.push(input.error("a comma is missing before this: arguments are set off by commas"));
        if item_is_next(input) {
            return true;
        }
        up_to_comma(input);
    }
    let _: Result<Token![,]> = input.parse();
    true
}

fn item_is_next(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(word) = Ident::parse_any(&ahead) else { return false };
    let has_value = ahead.peek(Token![=]) && !ahead.peek(Token![==]);
    has_value || (Key::find(&word_of(&word)).is_some() && (at_end(&ahead) || ahead.peek(token::Paren)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tokens: TokenStream) -> (Vec<String>, Vec<String>, bool) {
        let (mut ctxt, mut found, mut set_off) = (Ctxt::default(), Vec::new(), false);
        parse_with(tokens, &mut ctxt, |input, ctxt| {
            set_off = comma_separated(
                input,
                ctxt,
                |input| input.peek(Token![@]),
                |input, _| {
                    found.push(input.parse::<Ident>()?.to_string());
                    Ok(())
                },
            );
            Ok(())
        });
        (found, ctxt.into_messages(), set_off)
    }

    #[test]
    fn a_list_may_be_empty_or_end_in_a_comma() {
        assert_eq!(read(quote!()), (vec![], vec![], true));
        assert_eq!(read(quote!(a, b)), (vec!["a".into(), "b".into()], vec![], false));
        assert_eq!(read(quote!(a, b,)), (vec!["a".into(), "b".into()], vec![], true));
    }

    #[test]
    fn reading_goes_on_behind_the_comma_after_a_mistake() {
        let (found, errors, _) = read(quote!(a, 1 + 2, b, "x", c));
        assert_eq!(found, ["a", "b", "c"]);
        assert_eq!(errors.len(), 2);
    }

    #[test]
    fn a_forgotten_comma_is_one_mistake() {
        for tokens in
            [quote!(a b, c), quote!(a + 1, c), quote!(a b::<C, D>(), c), quote!(a |b| -> C { c }, c)]
        {
            let (found, errors, _) = read(tokens);
            assert_eq!(found, ["a", "c"]);
            assert_eq!(errors, ["a comma is missing before this: arguments are set off by commas"]);
        }
    }

    #[test]
    fn a_forgotten_comma_does_not_hide_the_next_item() {
        let (found, errors, _) = read(quote!(a docs, c));
        assert_eq!(found, ["a", "docs", "c"]);
        assert_eq!(errors, ["a comma is missing before this: arguments are set off by commas"]);
    }

    #[test]
    fn a_comma_too_many_is_one_mistake() {
        let (found, errors, _) = read(quote!(a,, b));
        assert_eq!(found, ["a", "b"]);
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn reading_ends_where_the_rest_begins() {
        assert_eq!(read(quote!(a, @ b c)), (vec!["a".into()], vec![], true));
    }
}
