//! Reads `trace_scope!("name", arguments, block)` and `trace_event!("name", arguments)`.

use std::mem;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Result, Token, token};

use crate::args::Reader;
use crate::ctxt::Ctxt;
use crate::item;
use crate::key::{Key, Place, word_of};
use crate::list;
use crate::model::{Call, Name};
use crate::value;

/// The inside of a call: name, arguments, and for a scope the block, which is not understood.
pub(crate) fn parse_call(tokens: TokenStream, place: Place, ctxt: &mut Ctxt) -> Call {
    let last = tokens.clone().into_iter().last().map_or_else(Span::call_site, |tree| tree.span());
    let (head, block) = if place == Place::Scope { item::split_block(tokens) } else { (tokens, None) };
    let (mut reader, mut name, mut body) = (Reader::new(place), None, TokenStream::new());
    list::parse_with(head, ctxt, |input, ctxt| {
        let mut name_awaited = name_is_next(input, place, last, ctxt);
        let set_off = list::comma_separated(input, ctxt, block_is_next, |input, ctxt| {
            if mem::take(&mut name_awaited) {
                name = Some(one_name(input)?);
                return Ok(());
            }
            reader.argument(input, ctxt)
        });
        body = rest(input, set_off, block, ctxt)?;
        Ok(())
    });
    check_body(&body, place, last, ctxt);
    // Without a name there is a mistake, and nothing is made of the call.
    let name = name.unwrap_or_else(|| Name::Literal(LitStr::new("", Span::call_site())));
    Call { name, settings: reader.finish(ctxt), body }
}

fn name_is_next(input: ParseStream<'_>, place: Place, last: Span, ctxt: &mut Ctxt) -> bool {
    let missing = input.is_empty() || block_is_next(input) || argument_is_next(input);
    if missing {
        let span = if input.is_empty() { last } else { input.span() };
        ctxt.error_at(span, format!("the name comes first, write `{}`", place.usage()));
    }
    !missing
}

fn one_name(input: ParseStream<'_>) -> Result<Name> {
    match value::any(input, "name")? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            value::not_empty(text, "the name is empty, write what the trace is called, such as `\"search\"`")
                .map(Name::Literal)
        }
        number @ Expr::Lit(_) => Err(syn::Error::new_spanned(
            number,
            "a name is a text, write it in quotes or make one with `format!`",
        )),
        other => Ok(Name::Expr(other)),
    }
}

/// Whether an argument stands where the name should: a variable may be called `output`, but not `output = …`.
fn argument_is_next(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let key = Ident::parse_any(&ahead).ok().and_then(|word| Key::find(&word_of(&word)));
    key.is_some_and(|key| {
        (ahead.peek(Token![=]) && !ahead.peek(Token![==])) || (key.is_list() && ahead.peek(token::Paren))
    })
}

fn block_is_next(input: ParseStream<'_>) -> bool {
    let block_word = input.peek(Token![move]) || input.peek(Token![async]) || input.peek(Token![unsafe]);
    input.peek(token::Brace) || input.peek(Token![|]) || (block_word && !input.peek2(Token![=]))
}

/// Everything behind the arguments, and the block that was set aside.
fn rest(input: ParseStream<'_>, set_off: bool, block: Option<Group>, ctxt: &mut Ctxt) -> Result<TokenStream> {
    let begun = !input.is_empty();
    let mut body = if input.peek(token::Brace) {
        let block: Group = input.parse()?;
        nothing_follows(input, ctxt);
        TokenTree::from(block).into()
    } else {
        without_last_comma(input.parse()?)
    };
    if let Some(block) = block {
        if !begun && !set_off && !ctxt.has_errors() {
            ctxt.error_at(block.span_open(), "a comma is missing before the block");
        }
        body.extend([block]);
    }
    Ok(body)
}

const AWAIT_BEHIND: &str = "`.await` goes behind the macro, and `async` before the block: write `trace_scope!(\"name\", async { … }).await`";

fn nothing_follows(input: ParseStream<'_>, ctxt: &mut Ctxt) {
    let message = if input.parse::<Token![,]>().is_ok() {
        "arguments come before the block, move this there"
    } else if input.peek(Token![.]) && input.peek2(Token![await]) {
        AWAIT_BEHIND
    } else {
        "nothing may follow the block, put it behind the macro's closing parenthesis"
    };
    let rest = list::up_to_end(input);
    if !rest.is_empty() {
        ctxt.error(rest, message);
    }
}

fn without_last_comma(tokens: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    trees.pop_if(|last| matches!(last, TokenTree::Punct(punct) if punct.as_char() == ','));
    trees.into_iter().collect()
}

fn check_body(body: &TokenStream, place: Place, last: Span, ctxt: &mut Ctxt) {
    match place {
        Place::Scope if body.is_empty() && !ctxt.has_errors() => {
            ctxt.error_at(
                last,
                "the block is missing behind this, it comes last: write `trace_scope!(\"name\", { … })`",
            );
        }
        Place::Event if !body.is_empty() => {
            ctxt.error(body, "an event has no block, it is a point in time: write `trace_scope!(\"name\", { … })` for what takes time");
        }
        Place::Scope => await_goes_behind(body, ctxt),
        Place::Event | Place::Attribute => {}
    }
}

/// `async { … }.await` waits inside of the macro, which then has no future to trace.
fn await_goes_behind(body: &TokenStream, ctxt: &mut Ctxt) {
    let trees: Vec<TokenTree> = body.clone().into_iter().collect();
    if let [.., TokenTree::Group(_), TokenTree::Punct(dot), TokenTree::Ident(word)] = &trees[..]
        && dot.as_char() == '.'
        && word == "await"
    {
        ctxt.error(quote!(#dot #word), AWAIT_BEHIND);
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::*;
    use crate::model::Inputs;
    use crate::slips;

    fn scope(tokens: TokenStream) -> Call {
        let mut ctxt = Ctxt::default();
        let call = parse_call(tokens, Place::Scope, &mut ctxt);
        assert_eq!(ctxt.into_messages(), [""; 0]);
        call
    }

    fn mistake(tokens: TokenStream, place: Place) -> String {
        let (text, mut ctxt) = (tokens.to_string(), Ctxt::default());
        parse_call(tokens, place, &mut ctxt);
        let messages = ctxt.into_messages();
        assert_eq!(messages.len(), 1, "{text}: {messages:?}");
        messages.into_iter().next().unwrap()
    }

    #[test]
    fn every_form_of_block_is_handed_on_as_written() {
        for body in [
            quote!({
                a;
                b?
            }),
            quote!({}),
            quote!(|scope| {
                scope.id();
            }),
            quote!(|scope| scope.id()),
            quote!(|scope: &Scope| async move { 1 }),
            quote!(|_| if a { b } else { c }),
            quote!(|| a),
            quote!(move |scope| { 1 }),
            quote!(async { a.await }),
            quote!(async move { a, b; half typed. }),
        ] {
            for head in [quote!("name",), quote!("name", type = "TOOL", input = { "a": |x| { x } },)] {
                assert_eq!(scope(quote!(#head #body)).body.to_string(), body.to_string());
                assert_eq!(scope(quote!(#head #body,)).body.to_string(), body.to_string());
            }
        }
    }

    #[test]
    fn the_name_is_a_literal_or_any_expression() {
        let name = |tokens| scope(tokens).name;
        assert!(matches!(name(quote!("a", {})), Name::Literal(text) if text.value() == "a"));
        assert!(matches!(name(quote!(output, {})), Name::Expr(_)));
        let call = name(quote!(tool.name::<A, B>(), type = "TOOL", {}));
        assert_eq!(call.to_token_stream().to_string(), quote!(tool.name::<A, B>()).to_string());
    }

    #[test]
    fn arguments_stand_between_name_and_block() {
        let call = scope(quote!("a", input = { "k": 1 }, metadata(b = 2), skip_output, { 1 }));
        assert!(matches!(call.settings.inputs, Inputs::Object(entries) if entries.len() == 1));
        assert_eq!(call.settings.metadata.len(), 1);
        assert_eq!(call.body.to_string(), "{ 1 }");
    }

    #[test]
    fn an_event_is_a_name_and_arguments() {
        for tokens in [quote!("a"), quote!("a",), quote!("a", input = { "k": 1 }, type = "GUARDRAIL")] {
            let mut ctxt = Ctxt::default();
            assert!(parse_call(tokens, Place::Event, &mut ctxt).body.is_empty());
            assert_eq!(ctxt.into_messages(), [""; 0]);
        }
    }

    #[test]
    fn each_mistake_in_a_scope_is_one_message() {
        for (tokens, part) in [
            (quote!(), "the name comes first, write `trace_scope!(\"name\", { … })`"),
            (quote!({ 1 }), "the name comes first"),
            (quote!(|scope| 1), "the name comes first"),
            (quote!(type = "TOOL", { 1 }), "the name comes first"),
            (quote!(metadata(a = 1), { 1 }), "the name comes first"),
            (quote!("", { 1 }), "the name is empty"),
            (quote!(1, { 1 }), "a name is a text"),
            (quote!("a"), "the block is missing"),
            (quote!("a", type = "TOOL"), "the block is missing"),
            (quote!("a", input = { "k": 1 }), "the block is missing"),
            (quote!("a", compute()), "what is traced comes last, in a block"),
            (quote!("a" { 1 }), "a comma is missing before the block"),
            (quote!("a", skip_output { 1 }), "a comma is missing before the block"),
            (quote!("a", skip_output | scope | 1), "a comma is missing before this"),
            (quote!("a", { 1 }, type = "TOOL"), "arguments come before the block"),
            (quote!("a", { 1 }.await), "`.await` goes behind the macro"),
            (quote!("a", async { 1 }.await), "`.await` goes behind the macro"),
            (quote!("a", { 1 } + 1), "nothing may follow the block"),
            (quote!("a", skip(b), { 1 }), "`skip` has no place here: a block has no arguments"),
            (quote!("a", skip_all, { 1 }), "a block has no arguments"),
            (quote!("a", only(b), { 1 }), "a block has no arguments"),
            (quote!("a", mask(b), { 1 }), "a block has no arguments"),
            (quote!("a", docs, { 1 }), "a block has no doc comment"),
            (quote!("a", stream, { 1 }), "a block returns no stream"),
            (quote!("a", name = "b", { 1 }), "the name comes first"),
            (quote!("a", type = "TOLL", { 1 }), "did you mean \"TOOL\""),
            (quote!("a", typ = "TOOL", { 1 }), "did you mean `type = \"TOOL\"`"),
        ] {
            let text = tokens.to_string();
            let message = mistake(tokens, Place::Scope);
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn each_mistake_in_an_event_is_one_message() {
        for (tokens, part) in [
            (quote!(), "the name comes first, write `trace_event!(\"name\")`"),
            (quote!("a", { 1 }), "an event has no block, it is a point in time: write `trace_scope!"),
            (quote!("a", async { 1 }), "an event has no block"),
            (quote!("a", output = f), "an event is a point in time and has no result"),
            (quote!("a", skip(b)), "an event has no arguments"),
            (quote!("a", docs), "an event has no doc comment"),
        ] {
            let message = mistake(tokens, Place::Event);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_mistake_in_the_arguments_does_not_cost_the_block() {
        let mut ctxt = Ctxt::default();
        let call = parse_call(quote!("a", type(TOOL), docs, { 1 }), Place::Scope, &mut ctxt);
        assert_eq!(ctxt.into_messages().len(), 2);
        assert_eq!(call.body.to_string(), "{ 1 }");
    }

    #[test]
    fn one_slip_anywhere_is_at_most_two_messages() {
        let call = quote!("a", type = "TOOL", input = { "k": 1, "l": x::<A, B>() }, output = |out| out, |scope| { 1 });
        for slipped in slips::of(&call) {
            for place in [Place::Scope, Place::Event] {
                let mut ctxt = Ctxt::default();
                parse_call(slipped.clone(), place, &mut ctxt);
                let (most, messages) = (if place == Place::Scope { 2 } else { 4 }, ctxt.into_messages());
                assert!(messages.len() <= most, "{slipped}: {messages:#?}");
            }
        }
    }
}
