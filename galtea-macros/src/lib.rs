//! The macros of the `galtea` crate. Use them from there: what they expand to needs it.

mod args;
mod call;
mod check;
mod ctxt;
mod docs;
mod entries;
mod expand;
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
    expand::attribute(args.into(), item.into()).into()
}

/// Traces a block.
#[proc_macro]
pub fn trace_scope(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::scope(tokens.into()).into()
}

/// Records a point in time.
#[proc_macro]
pub fn trace_event(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::event(tokens.into()).into()
}
