//! Prints what the model says. Each function shows what goes in and what comes out.

mod body;
mod call;
mod calls;
#[cfg(test)]
mod expansions;
mod expectations;
mod fault;
mod function;
mod rewrite;
pub(crate) mod shape;
mod streams;
mod uses;
mod wildcards;

use proc_macro2::TokenStream;

use crate::args::parse_attribute;
use crate::call::parse_call;
use crate::check::check_against_item;
use crate::ctxt::Ctxt;
use crate::item::{FnItem, with_errors};
use crate::key::Place;
use crate::model::Call;

/// `#[trace(args)] item`. On a mistake the item stays as it is, so that no second error follows from the first.
pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let settings = parse_attribute(args, &mut ctxt);
    let function = FnItem::parse(item.clone(), &mut ctxt);
    if let Some(function) = &function {
        check_against_item(&settings, function, &mut ctxt);
    }
    match (ctxt.into_compile_errors(), function) {
        (None, Some(function)) => function::function(&function, &settings),
        (errors, _) => with_errors(errors.unwrap_or_default(), item),
    }
}

/// `trace_scope!(tokens)`
pub(crate) fn scope(tokens: TokenStream) -> TokenStream {
    call(tokens, Place::Scope, call::scope)
}

/// `trace_event!(tokens)`
pub(crate) fn event(tokens: TokenStream) -> TokenStream {
    call(tokens, Place::Event, call::event)
}

fn call(tokens: TokenStream, place: Place, expand: fn(&Call) -> TokenStream) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let call = parse_call(tokens, place, &mut ctxt);
    match ctxt.into_compile_errors() {
        // A macro in expression position must give one expression.
        Some(errors) => quote::quote!({ #errors }),
        None => expand(&call),
    }
}
