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
    function.iter().for_each(|function| check::check_against_item(&settings, function, &mut ctxt));
    let errors = ctxt.into_compile_errors();
    quote::quote!(#errors #item).into()
}
