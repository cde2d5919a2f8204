//! `#[trace]` on a function.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::{FnArg, Pat, PatIdent, Receiver, ReceiverKind, Signature, Type};

use super::body::{nested, without_inner_attributes};
use super::calls::{Argument, Expansion, allow_use};
use super::rewrite::{Exits, rewrite};
use super::shape::{self, Shape};
use super::uses::{Use, uses};
use super::{expectations, fault, wildcards};
use crate::item::FnItem;
use crate::model::{Description, Settings};

/// Re-emits the function with a body that records.
pub(crate) fn function(item: &FnItem, settings: &Settings) -> TokenStream {
    let mut sig = item.sig.clone();
    let head = match wildcards::name(&mut sig) {
        names if names.is_empty() => item.head.clone(),
        names => wildcards::rename(item.head.clone(), &names),
    };
    let (attributes, block) = without_inner_attributes(&item.body);
    let (head, attributes) = (expectations::allowed(head), expectations::allowed(attributes));
    let body = body(item, &sig, &block, settings);
    quote_spanned!(Span::mixed_site()=> #head { #attributes #body })
}

fn body(item: &FnItem, sig: &Signature, block: &Group, settings: &Settings) -> TokenStream {
    let name = settings
        .name
        .as_ref()
        .map_or_else(|| sig.ident.unraw().to_string().to_token_stream(), ToTokens::to_token_stream);
    let description = match &settings.description {
        Description::None => "".to_token_stream(),
        Description::Text(text) => text.to_token_stream(),
        Description::Docs(_) => item.docs().unwrap_or_else(|| "".to_token_stream()),
    };
    let mut expansion = Expansion::new(settings, name, description);
    expansion.error_depends_on_lifetimes = fault::depends_on_lifetimes(sig);
    let function = Function { expansion, arguments: arguments(sig, &item.sig), sig, body: block };
    match Shape::of(&item.attrs, sig) {
        Shape::Sync => function.sync(),
        Shape::InPlace => function.in_place(),
        Shape::TracksCaller => function.tracking_caller(),
        Shape::Async => function.future(),
        Shape::Future { output, boxed } => function.made_future(output.as_ref(), boxed),
        Shape::Stream(streamed) => function.stream(&streamed),
        Shape::AsyncStream(streamed) => function.async_stream(&streamed),
        Shape::FutureStream { output, boxed, streamed } => {
            function.future_of_stream(&output, boxed, &streamed)
        }
    }
}

pub(super) struct Function<'a> {
    pub(super) expansion: Expansion<'a>,
    pub(super) arguments: Vec<Argument<'a>>,
    pub(super) sig: &'a Signature,
    body: &'a Group,
}

impl Function<'_> {
    /// ```text
    /// let mut call = begin(…);
    /// let value = run(&mut call, move || -> R { let _ = &b; let _ = &a; { body } });
    /// end(&value, &mut call);
    /// value
    /// ```
    fn sync(&self) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let returned = shape::return_type(self.sig);
        let (begin, closure) = (self.expansion.begin("begin", &self.arguments), self.closure());
        let run = quote_spanned!(mixed=> #private::run(&mut call, #closure));
        let ended = if returned.is_some_and(shape::is_never) { run } else { self.ended(&run, returned) };
        quote_spanned!(mixed=> let mut call = #begin; #ended)
    }

    /// `let value = operation; end(&value, &mut call); value`
    fn ended(&self, operation: &TokenStream, returned: Option<&Type>) -> TokenStream {
        let end = self.expansion.end(returned);
        quote_spanned!(Span::mixed_site()=> let value = #operation; #end value)
    }

    /// `move || -> R { body }`, so that `return` and `?` end in our hands.
    pub(super) fn closure(&self) -> TokenStream {
        let mixed = Span::mixed_site();
        let returned = self.annotation();
        let keep = self.keep();
        if keep.is_empty() {
            let body = self.body;
            return quote_spanned!(mixed=> move || -> #returned #body);
        }
        let body = self.inner_body();
        quote_spanned!(mixed=> move || -> #returned { #keep #body })
    }

    fn annotation(&self) -> TokenStream {
        match shape::return_type(self.sig) {
            None => quote_spanned!(Span::mixed_site()=> ()),
            Some(ty) => shape::without_impl(ty).into_token_stream(),
        }
    }

    /// Has the closure own all arguments, whole, in the order in which a function drops its own: last one first.
    pub(super) fn keep(&self) -> TokenStream {
        let mut keep = TokenStream::new();
        for Argument { ident, cfgs, ty, .. } in self.arguments.iter().rev() {
            if !ty.is_some_and(shape::drops_silently) {
                let allow = allow_use(ident);
                keep.extend(quote_spanned!(Span::mixed_site()=> #(#cfgs)* #allow let _ = &#ident;));
            }
        }
        if let Some(receiver) = self.sig.receiver().filter(|receiver| owns(receiver)) {
            let this = receiver.self_token;
            keep.extend(quote_spanned!(Span::mixed_site()=> let _ = &#this;));
        }
        keep
    }

    pub(super) fn inner_body(&self) -> Group {
        nested(self.body)
    }

    /// ```text
    /// let mut call = begin_future(…);
    /// let value = Traced {
    ///     operation: Operation(&mut call),
    ///     body: async move { if false { return never_called::<R>(); } let _ = &a; { body } },
    /// }.await;
    /// end(&value, &mut call);
    /// value
    /// ```
    fn future(&self) -> TokenStream {
        let returned = shape::return_type(self.sig);
        let (hint, keep, body) = (self.hint(returned), self.keep(), self.inner_body());
        let block = quote_spanned!(Span::mixed_site()=> async move { #hint #keep #body });
        self.traced_block(&block, returned)
    }

    /// `let mut call = begin_future(…); let value = Traced { … }.await; end(&value, &mut call); value`
    fn traced_block(&self, block: &TokenStream, returned: Option<&Type>) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let begin = self.expansion.begin("begin_future", &self.arguments);
        let traced = quote_spanned!(mixed=>
            #private::Traced { operation: #private::Operation(&mut call), body: #block }.await
        );
        let ended = if returned.is_some_and(shape::is_never) {
            quote_spanned!(mixed=> let never = #traced; match never {})
        } else {
            self.ended(&traced, returned)
        };
        quote_spanned!(mixed=> let mut call = #begin; #ended)
    }

    /// Tells an async block what it returns, as the signature would have.
    pub(super) fn hint(&self, returned: Option<&Type>) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let annotation = match returned {
            Some(Type::ImplTrait(_)) => return TokenStream::new(),
            // A type for what never is, which a future may be said to have as its output.
            Some(ty) if shape::is_never(ty) => quote_spanned!(mixed=> ::core::convert::Infallible),
            _ => self.annotation(),
        };
        quote_spanned!(mixed=> if false { return #private::never_called::<#annotation>(); })
    }

    /// A function that returns a future, which is the operation.
    ///
    /// ```text
    /// let call = prepare(…);
    /// trace_made_future(call, expect_future::<T, _>(make(move || { body })), |value, returned| …)
    /// ```
    fn made_future(&self, returned: Option<&Type>, boxed: bool) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let record = self.expansion.output(returned);
        let output = returned.map_or_else(|| quote_spanned!(mixed=> _), ToTokens::to_token_stream);
        if let Some(block) = self.sole_async_block() {
            let take_along = self.take_along(&block);
            let block = quote_spanned!(mixed=> #private::expect_future::<#output, _>(#block));
            let traced = self.traced_block(&block, returned);
            let traced = quote_spanned!(mixed=> async move { #take_along #traced });
            return if boxed { quote_spanned!(mixed=> #private::boxed(#traced)) } else { traced };
        }
        let prepare = self.expansion.prepare("prepare", &self.arguments);
        let closure = self.sole_pinned().map_or_else(|| self.closure(), |inner| self.unannotated(&inner));
        let trace_made_future = self.expansion.tracer("trace_made_future");
        let made = quote_spanned!(mixed=>
            #trace_made_future(call, #private::expect_future::<#output, _>(#private::make(#closure)), #record)
        );
        let made = if boxed { quote_spanned!(mixed=> #private::boxed(#made)) } else { made };
        quote_spanned!(mixed=> let call = #prepare; #made)
    }

    /// The `async move { … }` of a body that is nothing but that, or that in a `Box::pin`, when it takes along all that is
    /// to be recorded: then the arguments can wait for the first poll, like those of an async function.
    fn sole_async_block(&self) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = self.body.stream().into_iter().collect();
        let block = match self.sole_pinned() {
            Some(pinned) => async_block(&pinned.into_iter().collect::<Vec<_>>())?,
            None => async_block(&tokens)?,
        };
        let used = uses(&block);
        let is_taken = |name: &Ident| used.iter().any(|used| used.whole && used.ident == *name);
        self.expansion.recorded(&self.arguments).all(is_taken).then_some(block)
    }

    /// Has an async block around this one take along the arguments in the order in which this one does.
    fn take_along(&self, block: &TokenStream) -> TokenStream {
        let mut taken: Vec<Ident> = Vec::new();
        for Use { ident, whole } in uses(block) {
            let ours = ident == "self" || self.arguments.iter().any(|argument| *argument.ident == ident);
            if whole && ours && !taken.contains(&ident) {
                taken.push(ident);
            }
        }
        let allows = taken.iter().map(allow_use);
        quote_spanned!(Span::mixed_site()=> #(#allows let _ = &#taken;)*)
    }

    /// What a body that is nothing but `Box::pin(…)` has in the parenthesis. It is boxed after it is traced, not before: that
    /// saves a box, and a `dyn Future<Output = T>` would want `T` to outlive it.
    pub(super) fn sole_pinned(&self) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = self.body.stream().into_iter().collect();
        match tokens.as_slice() {
            [path @ .., TokenTree::Ident(pin), TokenTree::Group(group)] if pin == "pin" && is_box(path) => {
                Some(group.stream())
            }
            _ => None,
        }
    }

    /// `move || { … }`
    pub(super) fn unannotated(&self, body: &TokenStream) -> TokenStream {
        let keep = self.keep();
        quote_spanned!(Span::mixed_site()=> move || { #keep #body })
    }

    /// ```text
    /// let guard = enter_named(begin(…), "impl Fn(u32) -> u32");
    /// { body, its `?` observed }
    /// ```
    fn in_place(&self) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let begin = self.expansion.begin("begin", &self.arguments);
        let ty = shape::return_type(self.sig).map(|ty| ty.to_token_stream().to_string()).unwrap_or_default();
        let error = self.expansion.error_only();
        let on_try =
            |operand: TokenStream| quote_spanned!(mixed=> #private::observe(&guard, #operand, #error));
        let (body, _) = rewrite(&self.inner_body(), &Exits { on_try: &on_try, on_return: None });
        quote_spanned!(mixed=>
            let guard = #private::enter_returning(#begin, #ty);
            #body
        )
    }

    /// For `#[track_caller]`: in a closure, the caller's place would be ours.
    ///
    /// ```text
    /// let guard = enter(begin(…));
    /// finish(&guard, { body, its `?` and `return` observed }, |value, returned| …)
    /// ```
    fn tracking_caller(&self) -> TokenStream {
        let mixed = Span::mixed_site();
        let private = &self.expansion.private;
        let begin = self.expansion.begin("begin", &self.arguments);
        let (error, output) =
            (self.expansion.error_only(), self.expansion.output(shape::return_type(self.sig)));
        let on_try =
            |operand: TokenStream| quote_spanned!(mixed=> #private::observe(&guard, #operand, #error));
        let on_return =
            |operand: TokenStream| quote_spanned!(mixed=> #private::finish(&guard, #operand, #output));
        let exits = Exits { on_try: &on_try, on_return: Some(&on_return) };
        let (body, _) = rewrite(&self.inner_body(), &exits);
        quote_spanned!(mixed=>
            let guard = #private::enter(#begin);
            #private::finish(&guard, #body, #output)
        )
    }
}

/// The bindings of all parameters but `self`, in order.
///
/// `written` is the signature as the user wrote it, where wildcards have no names.
fn arguments<'a>(sig: &'a Signature, written: &Signature) -> Vec<Argument<'a>> {
    let mut arguments = Vec::new();
    for (input, written) in sig.inputs.iter().zip(&written.inputs) {
        let FnArg::Typed(input) = input else { continue };
        let cfgs: Vec<_> = input.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
        let whole = matches!(&*input.pat, Pat::Ident(_));
        let unnamed = matches!(written, FnArg::Typed(written) if matches!(*written.pat, Pat::Wild(_)));
        let mut bindings = Bindings(Vec::new());
        bindings.visit_pat(&input.pat);
        arguments.extend(bindings.0.into_iter().map(|ident| Argument {
            ident,
            cfgs: cfgs.clone(),
            ty: whole.then_some(&*input.ty),
            unnamed,
        }));
    }
    arguments
}

struct Bindings<'a>(Vec<&'a Ident>);

impl<'a> Visit<'a> for Bindings<'a> {
    fn visit_pat_ident(&mut self, binding: &'a PatIdent) {
        self.0.push(&binding.ident);
        syn::visit::visit_pat_ident(self, binding);
    }
}

/// Whether the method has `self` by value, so that it is dropped at its end.
fn owns(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => false,
        ReceiverKind::Typed(_, ty) => !shape::drops_silently(ty),
        _ => true,
    }
}

/// `Box::`, `::std::boxed::Box::` …
fn is_box(path: &[TokenTree]) -> bool {
    let mut idents = path.iter().filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    });
    let only_path = path.iter().all(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == ':',
        token => matches!(token, TokenTree::Ident(_)),
    });
    only_path && idents.next_back().is_some_and(|last| last == "Box")
}

fn async_block(tokens: &[TokenTree]) -> Option<TokenStream> {
    match tokens {
        [TokenTree::Ident(first), TokenTree::Ident(second), TokenTree::Group(_)]
            if first == "async" && second == "move" =>
        {
            Some(tokens.iter().cloned().collect())
        }
        _ => None,
    }
}
