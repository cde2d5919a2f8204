//! Prints what the model says. Each function shows what goes in and what comes out.

mod calls;
mod function;
mod shape;
mod wildcards;

use proc_macro2::TokenStream;

use crate::args::parse_attribute;
use crate::check::check_against_item;
use crate::ctxt::Ctxt;
use crate::item::FnItem;

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
        (errors, _) => errors.into_iter().chain([item]).collect(),
    }
}
