//! The macros of the `galtea` crate. Use them from there: what they expand to needs it.

mod args;
mod call;
mod check;
mod ctxt;
mod docs;
mod entries;
mod form;
mod item;
mod key;
mod list;
mod model;
#[cfg(test)]
mod slips;
mod slot;
mod suggest;
mod types;
mod unknown;
mod value;

/// Traces a function.
#[proc_macro_attribute]
pub fn trace(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let (mut ctxt, item) = (ctxt::Ctxt::default(), proc_macro2::TokenStream::from(item));
    let settings = args::parse_attribute(args.into(), &mut ctxt);
    let function = item::FnItem::parse(item.clone(), &mut ctxt);
    if let Some(function) = &function {
        check::check_against_item(&settings, function, &mut ctxt);
    }
    let errors = ctxt.into_compile_errors().unwrap_or_default();
    item::with_errors(&errors, &item).into()
}

/// Traces a block.
#[proc_macro]
pub fn trace_scope(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut ctxt = ctxt::Ctxt::default();
    let call = call::parse_call(tokens.into(), key::Place::Scope, &mut ctxt);
    let (errors, body) = (ctxt.into_compile_errors(), call.body);
    errors.map_or(body, |errors| quote::quote!({ #errors })).into()
}

/// Traces an event.
#[proc_macro]
pub fn trace_event(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut ctxt = ctxt::Ctxt::default();
    call::parse_call(tokens.into(), key::Place::Event, &mut ctxt);
    let errors = ctxt.into_compile_errors();
    quote::quote!({ #errors }).into()
}
