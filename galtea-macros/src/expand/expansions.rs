//! What the attribute makes of typical functions, kept in `tests/expansions`.
//!
//! After a deliberate change: `UPDATE_EXPANSIONS=1 cargo test -p galtea-macros`, and read what changed.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

fn check(name: &str, args: TokenStream, item: TokenStream) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expansions").join(name).with_extension("rs");
    let expansion = super::attribute(args, item);
    let pretty = prettyplease::unparse(&syn::parse2(expansion).unwrap());
    if std::env::var_os("UPDATE_EXPANSIONS").is_some() {
        std::fs::write(&file, &pretty).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(pretty, kept, "{name} expands to something else than {} says", file.display());
}

#[test]
fn a_sync_function() {
    check(
        "sync",
        quote!(type = "TOOL", mask(key)),
        quote!(
            pub fn fetch(id: &str, key: String, _: Guard) -> Result<User, Error> {
                find(id)?.ok_or(Error::Missing)
            }
        ),
    );
}

#[test]
fn an_async_method() {
    check(
        "async_method",
        quote!(skip_all, output = |answer| &answer.text),
        quote!(
            async fn ask(&self, question: String) -> Answer {
                self.model.complete(question).await
            }
        ),
    );
}

#[test]
fn a_boxed_future() {
    check(
        "boxed_future",
        quote!(),
        quote!(
            fn call(&self, text: String) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + '_>> {
                Box::pin(async move { self.send(text).await })
            }
        ),
    );
}

#[test]
fn a_future_made_with_care() {
    check(
        "made_future",
        quote!(),
        quote!(
            fn later(count: u8) -> impl Future<Output = u8> {
                ready(count)
            }
        ),
    );
}

#[test]
fn a_function_that_knows_its_caller() {
    check(
        "track_caller",
        quote!(metadata(index = index)),
        quote!(
            #[track_caller]
            fn at(&mut self, index: usize) -> Result<u8, Missing> {
                let found = self.find(index)?;
                return Ok(found);
            }
        ),
    );
}

#[test]
fn a_function_that_returns_a_closure() {
    check(
        "closure",
        quote!(),
        quote!(
            fn adder(step: u8) -> impl Fn(u8) -> u8 {
                move |value| value + step
            }
        ),
    );
}

#[test]
fn an_error_that_may_be_one_for_some_lifetimes_only() {
    check(
        "error_with_parameter",
        quote!(),
        quote!(
            fn reunite(self) -> Result<S, Split<S>> {
                Err(Split(self))
            }
        ),
    );
}
