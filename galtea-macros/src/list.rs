//! Lists with commas, read so that one mistake does not hide the next.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Result, Token};

use crate::ctxt::Ctxt;

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
        Ok(Ok(())) => {}
        Ok(Err(error)) => ctxt.push(error),
        // Tokens that were left over in a group, which happens only where a mistake in the group was told already.
        Err(error) if !ctxt.has_errors() => ctxt.push(error),
        Err(_) => {}
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

/// Takes everything before the next comma.
pub(crate) fn up_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut taken = TokenStream::new();
    while !at_end(input) {
        match input.parse::<TokenTree>() {
            Ok(tree) => taken.extend([tree]),
            Err(_) => break,
        }
    }
    taken
}

/// Takes everything.
pub(crate) fn up_to_end(input: ParseStream<'_>) -> TokenStream {
    input.parse().unwrap_or_default()
}

/// Whether an item ends here.
pub(crate) fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// A forgotten comma is reported and then taken as read, so that what follows is still understood.
fn comma(input: ParseStream<'_>, ctxt: &mut Ctxt) -> bool {
    if input.is_empty() {
        return false;
    }
    if !input.peek(Token![,]) {
        ctxt.push(input.error("a comma is missing here"));
        if input.peek(Ident::peek_any) {
            return true;
        }
        up_to_comma(input);
    }
    let _: Result<Token![,]> = input.parse();
    true
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn read(tokens: TokenStream) -> (Vec<String>, Vec<String>, bool) {
        let (mut ctxt, mut found, mut set_off) = (Ctxt::default(), Vec::new(), false);
        parse_with(tokens, &mut ctxt, |input, ctxt| {
            set_off = comma_separated(
                input,
                ctxt,
                |input| input.peek(Token![|]),
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
    fn a_forgotten_comma_is_one_mistake_and_hides_nothing() {
        let (found, errors, _) = read(quote!(a b, c));
        assert_eq!(found, ["a", "b", "c"]);
        assert_eq!(errors, ["a comma is missing here"]);
        let (found, errors, _) = read(quote!(a + 1, c));
        assert_eq!(found, ["a", "c"]);
        assert_eq!(errors, ["a comma is missing here"]);
    }

    #[test]
    fn a_comma_too_many_is_one_mistake() {
        let (found, errors, _) = read(quote!(a,, b));
        assert_eq!(found, ["a", "b"]);
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn reading_ends_where_the_rest_begins() {
        assert_eq!(read(quote!(a, |b| c)), (vec!["a".into()], vec![], true));
    }
}
