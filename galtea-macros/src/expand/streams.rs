//! `#[trace]` on a function that returns a stream: the stream is the operation.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;

use super::calls::{Expansion, mapping_tokens};
use super::function::Function;
use super::shape::{self, Streamed};
use crate::model::Output;

impl Function<'_> {
    /// ```text
    /// let call = prepare_stream(…);
    /// let (made, call) = make_stream::<T, _>(call, move || { body });
    /// trace_stream(call, made, |item, items| …, AllItems)
    /// ```
    pub(super) fn stream(&self, streamed: &Streamed) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let prepare = self.expansion.prepare("prepare_stream", &self.arguments);
        let pinned = (streamed.boxed && !streamed.fallible).then(|| self.sole_pinned()).flatten();
        let closure = pinned.map_or_else(|| self.closure(), |inner| self.unannotated(&inner));
        let item = item(streamed);
        let make = if streamed.fallible {
            quote_spanned!(mixed=> #private::try_make_stream::<#item, _, _>)
        } else {
            quote_spanned!(mixed=> #private::make_stream::<#item, _>)
        };
        let traced = self.traced(streamed);
        quote_spanned!(mixed=>
            let call = #prepare;
            let (made, call) = #make(call, #closure);
            #traced
        )
    }

    /// ```text
    /// let call = begin_future(…);
    /// let (made, call) = trace_stream_future(call, async move { body }).await;
    /// trace_stream(call, made, |item, items| …, AllItems)
    /// ```
    pub(super) fn async_stream(&self, streamed: &Streamed) -> TokenStream {
        let private = &self.expansion.private;
        let begin = self.expansion.begin("begin_future", &self.arguments);
        let hint = self.hint(shape::return_type(self.sig));
        let (keep, body) = (self.keep(), self.inner_body());
        let traced = self.traced(streamed);
        quote_spanned!(Span::mixed_site()=>
            let call = #begin;
            let (made, call) = #private::trace_stream_future(call, async move { #hint #keep #body }).await;
            #traced
        )
    }

    /// ```text
    /// let call = prepare(…);
    /// let future = expect_future::<R, _>(make(move || { body }));
    /// async move {
    ///     let (made, call) = trace_made_stream_future(call, future).await;
    ///     trace_stream(call, made, |item, items| …, AllItems)
    /// }
    /// ```
    pub(super) fn future_of_stream(&self, output: &Type, boxed: bool, streamed: &Streamed) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let prepare = self.expansion.prepare("prepare", &self.arguments);
        let closure = self.sole_pinned().map_or_else(|| self.closure(), |inner| self.unannotated(&inner));
        let traced = self.traced(streamed);
        let hint = if streamed.boxed || streamed.fallible {
            quote_spanned!(mixed=> if false { return #private::never_called::<#output>(); })
        } else {
            TokenStream::new()
        };
        let future = quote_spanned!(mixed=> async move {
            #hint
            let (made, call) = #private::trace_made_stream_future(call, future).await;
            #traced
        });
        let future = if boxed { quote_spanned!(mixed=> #private::boxed(#future)) } else { future };
        quote_spanned!(mixed=>
            let call = #prepare;
            let future = #private::expect_future::<#output, _>(#private::make(#closure));
            #future
        )
    }

    /// What was made, `made`, as a stream that records.
    ///
    /// ```text
    /// match made {
    ///     Ok(made) => Ok(boxed(trace_stream(call, expect_stream::<T, _>(made), |item, items| …, AllItems))),
    ///     Err(error) => Err(failed(call, error, |error, returned| …)),
    /// }
    /// ```
    fn traced(&self, streamed: &Streamed) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let (item, each, output) = (item(streamed), self.expansion.each_item(), self.expansion.all_items());
        let trace_stream = self.expansion.tracer("trace_stream");
        let mut traced = quote_spanned!(mixed=>
            #trace_stream(call, #private::expect_stream::<#item, _>(made), #each, #output)
        );
        if streamed.boxed {
            traced = quote_spanned!(mixed=> #private::boxed(#traced));
        }
        if !streamed.fallible {
            return traced;
        }
        let fault = self.expansion.fault();
        quote_spanned!(mixed=> match made {
            ::core::result::Result::Ok(made) => ::core::result::Result::Ok(#traced),
            ::core::result::Result::Err(error) => {
                ::core::result::Result::Err(#private::failed(call, error, #fault))
            }
        })
    }
}

fn item(streamed: &Streamed) -> TokenStream {
    let mixed = Span::mixed_site();
    streamed.item.as_ref().map_or_else(|| quote_spanned!(mixed=> _), |item| quote_spanned!(mixed=> #item))
}

impl Expansion<'_> {
    /// ```text
    /// |item, items| { use …; match (&Output(item)).galtea_split() {
    ///     Ok(value) => (&&Value(value.0)).galtea_put_item(items),
    ///     Err(error) => items.error(&mut |returned| (&&&Fault(error)).galtea_put_error(returned)),
    /// } }
    /// ```
    fn each_item(&self) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let put_error = self.put_error(&quote_spanned!(mixed=> returned));
        let galtea_put_item = match self.settings.output {
            Output::None => quote_spanned!(mixed=> let _ = value; items.skip();),
            Output::Returned | Output::Mapped(_) => quote_spanned!(mixed=>
                use #private::{PutItemDebug as _, PutItemLocked as _, PutItemTypeName as _};
                (&&#private::Value(value.0)).galtea_put_item(items);
            ),
        };
        quote_spanned!(mixed=> |item, items| {
            use #private::SplitValue as _;
            match (&#private::Output(item)).galtea_split() {
                ::core::result::Result::Ok(value) => { #galtea_put_item }
                ::core::result::Result::Err(error) => items.error(&mut |returned| { #put_error }),
            }
        })
    }

    /// What is recorded of all items together.
    fn all_items(&self) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        match &self.settings.output {
            Output::Returned => quote_spanned!(mixed=> #private::AllItems),
            Output::None => quote_spanned!(mixed=> #private::NoItems),
            Output::Mapped(mapping) => {
                let mapping = mapping_tokens(mapping);
                let put = self.value_closure(quote_spanned!(mixed=> #private::map_items(items, #mapping)));
                quote_spanned!(mixed=> #private::mapped_items(|items, returned| (#put)(returned)))
            }
        }
    }

    /// `|error, returned| { … (&&&Fault(error)).galtea_put_error(returned); }`
    fn fault(&self) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let put_error = self.put_error(&quote_spanned!(mixed=> returned));
        quote_spanned!(mixed=> |error, returned| {
            let error = #private::Fault(error);
            #put_error
        })
    }
}
