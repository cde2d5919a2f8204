//! Collects every mistake of one use of a macro, so that one compile shows them all.

use std::fmt::Display;
use std::thread;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far.
///
/// They must be asked for with [`Ctxt::into_compile_errors`]: a mistake that is found and never shown would let wrong
/// code through, so dropping a `Ctxt` without asking is a bug in this crate and panics in debug builds.
#[derive(Default)]
pub(crate) struct Ctxt {
    errors: Vec<syn::Error>,
    asked: bool,
}

impl Ctxt {
    /// Adds a mistake and underlines all of `tokens`.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.errors.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake at a place for which there are no tokens at hand.
    pub(crate) fn error_at(&mut self, span: Span, message: impl Display) {
        self.errors.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// One `compile_error!` for each mistake, in the order they were found; `None`: there are none.
    pub(crate) fn into_compile_errors(mut self) -> Option<TokenStream> {
        self.take().into_iter().map(syn::Error::into_compile_error).reduce(|mut all, next| {
            all.extend(next);
            all
        })
    }

    fn take(&mut self) -> Vec<syn::Error> {
        self.asked = true;
        std::mem::take(&mut self.errors)
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        debug_assert!(self.asked || thread::panicking(), "mistakes were collected and never reported");
    }
}

#[cfg(test)]
impl Ctxt {
    /// The text of each mistake.
    pub(crate) fn into_messages(mut self) -> Vec<String> {
        self.take().iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn no_mistake_gives_no_tokens() {
        assert!(Ctxt::default().into_compile_errors().is_none());
    }

    #[test]
    fn every_mistake_becomes_one_compile_error_in_the_order_found() {
        let mut ctxt = Ctxt::default();
        ctxt.error(quote!(a b), "first");
        ctxt.error_at(Span::call_site(), "second");
        ctxt.push(syn::Error::new(Span::call_site(), "third"));
        let text = ctxt.into_compile_errors().unwrap().to_string();
        let at = |word: &str| text.find(word).unwrap();
        assert_eq!(text.matches("compile_error").count(), 3);
        assert!(at("first") < at("second") && at("second") < at("third"));
    }

    #[test]
    #[should_panic(expected = "never reported")]
    #[cfg(debug_assertions)]
    fn forgetting_to_ask_for_the_mistakes_is_a_panic() {
        drop(Ctxt::default());
    }
}
