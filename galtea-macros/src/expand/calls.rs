//! The calls into `__private` that record what goes in and what comes out.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, Type};

use super::shape::{is_never, is_no_result, is_unit};
use crate::model::{Entry, Inputs, Mapping, Output, Settings, TypeSetting};

/// An argument that can be recorded: a binding of the function's parameters.
pub(crate) struct Argument<'a> {
    pub(crate) ident: &'a Ident,
    /// `#[cfg]`s that decide whether the argument is there at all.
    pub(crate) cfgs: Vec<&'a Attribute>,
    /// Known where the binding is the whole parameter.
    pub(crate) ty: Option<&'a Type>,
    /// `_` has a name only for us.
    pub(crate) unnamed: bool,
}

/// What all expansions of one use of a macro share.
pub(crate) struct Expansion<'a> {
    pub(crate) settings: &'a Settings,
    /// `::galtea::__private`
    pub(crate) private: TokenStream,
    pub(crate) name: TokenStream,
    pub(crate) description: TokenStream,
    /// The variant of `TraceType` where none is given.
    pub(crate) default_type: &'static str,
    /// See [`super::fault`].
    pub(crate) error_depends_on_lifetimes: bool,
}

impl<'a> Expansion<'a> {
    pub(crate) fn new(settings: &'a Settings, name: impl ToTokens, description: impl ToTokens) -> Self {
        let site = Span::mixed_site();
        let krate = settings
            .krate
            .as_ref()
            .map_or_else(|| quote_spanned!(site=> ::galtea), ToTokens::to_token_stream);
        Self {
            settings,
            private: quote_spanned!(site=> #krate::__private),
            name: name.into_token_stream(),
            description: description.into_token_stream(),
            default_type: "Span",
            error_depends_on_lifetimes: false,
        }
    }

    /// ```text
    /// {
    ///     let site = const { &::galtea::__private::Site::new("search", TraceType::Tool, "") };
    ///     if is_active() {
    ///         use …;
    ///         begin(site, Given::Arguments(&[("query", &(&&Entry(&query)).galtea_entry())]), None)
    ///     } else {
    ///         outside(site)
    ///     }
    /// }
    /// ```
    ///
    /// `begin` is that or `begin_future`.
    pub(crate) fn begin(&self, begin: &str, arguments: &[Argument<'_>]) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let outside = Ident::new(if begin == "begin" { "outside" } else { "outside_future" }, mixed);
        let begin = Ident::new(begin, mixed);
        let (site, ladder, given) = (self.site(), self.entry_ladder(), self.given(arguments));
        let metadata = self.metadata();
        quote_spanned!(mixed=> {
            let site = #site;
            if #private::is_active() {
                #ladder
                #private::#begin(site, #given, #metadata)
            } else {
                #private::#outside(site)
            }
        })
    }

    /// `{ use …; prepare(const { &Site::new(…) }, Given::Arguments(&[…]), None) }`, or a function of the same shape.
    pub(crate) fn prepare(&self, prepare: &str, arguments: &[Argument<'_>]) -> TokenStream {
        let private = &self.private;
        let prepare = Ident::new(prepare, Span::mixed_site());
        let (site, ladder, given) = (self.site(), self.entry_ladder(), self.given(arguments));
        let metadata = self.metadata();
        quote_spanned!(Span::mixed_site()=> { #ladder #private::#prepare(#site, #given, #metadata) })
    }

    /// `None`, or `Some(&mut |object| …)`
    fn metadata(&self) -> TokenStream {
        let mixed = Span::mixed_site();
        if self.settings.metadata.is_empty() {
            return quote_spanned!(mixed=> ::core::option::Option::None);
        }
        let entries = self.entries(&self.settings.metadata);
        quote_spanned!(mixed=> ::core::option::Option::Some(&mut #entries))
    }

    fn entry_ladder(&self) -> TokenStream {
        let private = &self.private;
        quote_spanned!(Span::mixed_site()=> use #private::{DebugEntry as _, LockedEntry as _, NamedEntry as _};)
    }

    fn given(&self, arguments: &[Argument<'_>]) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        match &self.settings.inputs {
            Inputs::Value(expr) => {
                let value = self.value_closure(expr);
                quote_spanned!(mixed=> #private::Given::Value(&mut #value))
            }
            Inputs::Object(entries) if !entries.is_empty() => {
                let entries = self.entries(entries);
                quote_spanned!(mixed=> #private::Given::Entries(&mut #entries))
            }
            _ => {
                let arguments = self.arguments(arguments);
                quote_spanned!(mixed=> #private::Given::Arguments(#arguments))
            }
        }
    }

    fn site(&self) -> TokenStream {
        let Self { private, name, description, .. } = self;
        let mixed = Span::mixed_site();
        let trace_type = match &self.settings.trace_type {
            None => {
                let default = Ident::new(self.default_type, mixed);
                quote_spanned!(mixed=> #private::TraceType::#default)
            }
            Some(TypeSetting::Known(variant)) => quote_spanned!(mixed=> #private::TraceType::#variant),
            Some(TypeSetting::Path(path)) => path.to_token_stream(),
        };
        quote_spanned!(mixed=> const { &#private::Site::new(#name, #trace_type, #description) })
    }

    /// `&[("a", &(&&Entry(&a)).galtea_entry()), …]`
    fn arguments(&self, arguments: &[Argument<'_>]) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let recorded = arguments.iter().filter(|argument| self.is_recorded(argument));
        let entries = recorded.map(|Argument { ident, cfgs, .. }| {
            let name = syn::ext::IdentExt::unraw(*ident).to_string();
            if self.settings.mask.iter().any(|masked| same(masked, ident)) {
                return quote_spanned!(mixed=> #(#cfgs)* (#name, &#private::Masked));
            }
            let allow = allow_use(ident);
            quote_spanned!(mixed=> #(#cfgs)* #allow (#name, &(&&#private::Entry(&#ident)).galtea_entry()))
        });
        quote_spanned!(mixed=> &[#(#entries),*])
    }

    fn is_recorded(&self, argument: &Argument<'_>) -> bool {
        let named = |idents: &[Ident]| idents.iter().any(|ident| same(ident, argument.ident));
        match &self.settings.inputs {
            Inputs::All => !argument.unnamed,
            Inputs::Skip(skipped) => !argument.unnamed && !named(skipped),
            Inputs::Only(only) => named(only),
            Inputs::None | Inputs::Object(_) | Inputs::Value(_) => false,
        }
    }

    /// The arguments among these that are recorded as they are.
    pub(crate) fn recorded<'b>(&'b self, arguments: &'b [Argument<'b>]) -> impl Iterator<Item = &'b Ident> {
        arguments.iter().filter(|argument| self.is_recorded(argument)).map(|argument| argument.ident)
    }

    fn entries(&self, entries: &[Entry]) -> TokenStream {
        let private = &self.private;
        let entries = entries.iter().map(|Entry { key, value, .. }| {
            quote_spanned!(Span::mixed_site()=> #private::put(object, #key, &(&&#private::Entry(&(#value))).galtea_entry());)
        });
        let ladder = self.entry_ladder();
        quote_spanned!(Span::mixed_site()=> |object| { #ladder #(#entries)* })
    }

    /// `|returned| { use …; (&Value(&(expr))).galtea_put_output(returned); }`
    pub(super) fn value_closure(&self, expr: impl ToTokens) -> TokenStream {
        let private = &self.private;
        quote_spanned!(Span::mixed_site()=> |returned| {
            use #private::{PutOutputDebug as _, PutOutputLocked as _, PutOutputTypeName as _};
            (&&#private::Value(&(#expr))).galtea_put_output(returned);
        })
    }

    /// The function that makes a future or a stream the operation. A closure of the user's may take something along.
    pub(crate) fn tracer(&self, how: &str) -> TokenStream {
        let private = &self.private;
        let how = if self.is_mapped() { format!("{how}_with") } else { how.to_owned() };
        let how = Ident::new(&how, Span::mixed_site());
        quote_spanned!(Span::mixed_site()=> #private::#how)
    }

    /// Whether closures of the user's say what the output or the error is.
    fn is_mapped(&self) -> bool {
        matches!(self.settings.output, Output::Mapped(_)) || self.settings.error.is_some()
    }

    /// Ends `call` with what the operation returned, which is in `value`.
    ///
    /// ```text
    /// { use …; match (&Output(&value)).galtea_split() {
    ///     Ok(value) => (&&value).galtea_put_output(&mut call),
    ///     Err(error) => (&&&error).galtea_put_error(&mut call),
    /// } }
    /// ```
    pub(crate) fn end(&self, returned: Option<&Type>) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        match self.what_is_recorded(returned) {
            Recorded::Nothing => quote_spanned!(mixed=> #private::skip_output(&mut call);),
            _ if self.is_mapped() => {
                let output = self.output(returned);
                quote_spanned!(mixed=> #private::end_with(&mut call, &value, #output);)
            }
            Recorded::Value => {
                let put =
                    self.put_output(&quote_spanned!(mixed=> &value), &quote_spanned!(mixed=> &mut call));
                quote_spanned!(mixed=> { #put })
            }
            Recorded::ValueOrError => {
                let split = self.split(&quote_spanned!(mixed=> &value), &quote_spanned!(mixed=> &mut call));
                quote_spanned!(mixed=> { #split })
            }
        }
    }

    /// What is done with the value that the operation ended with, as a function.
    ///
    /// ```text
    /// |value, returned| { use …; match (&Output(value)).galtea_split() {
    ///     Ok(value) => (&Value(value)).galtea_put_output(returned),
    ///     Err(error) => (&&&Fault(error)).galtea_put_error(returned),
    /// } }
    /// ```
    pub(crate) fn output(&self, returned: Option<&Type>) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        match self.what_is_recorded(returned) {
            Recorded::Nothing => quote_spanned!(mixed=> #private::no_output),
            Recorded::Value => {
                let put = self.put_output(&quote_spanned!(mixed=> value), &quote_spanned!(mixed=> returned));
                quote_spanned!(mixed=> |value, returned| { #put })
            }
            Recorded::ValueOrError => self.any_output(),
        }
    }

    fn what_is_recorded(&self, returned: Option<&Type>) -> Recorded {
        let skipped = matches!(self.settings.output, Output::None);
        match returned {
            None => Recorded::Nothing,
            Some(ty) if is_never(ty) || is_unit(ty) || (skipped && is_no_result(ty)) => Recorded::Nothing,
            Some(ty) if is_no_result(ty) => Recorded::Value,
            Some(_) => Recorded::ValueOrError,
        }
    }

    /// Whether no closure of the user's says what the output is.
    pub(crate) fn records_what_is_returned(&self) -> bool {
        !matches!(self.settings.output, Output::Mapped(_))
    }

    /// [`Expansion::output`] where the type is not known.
    pub(crate) fn any_output(&self) -> TokenStream {
        let mixed = Span::mixed_site();
        let split = self.split(&quote_spanned!(mixed=> value), &quote_spanned!(mixed=> returned));
        quote_spanned!(mixed=> |value, returned| { #split })
    }

    /// `|value, returned| { … if let Err(error) = … { (&&&Fault(error)).galtea_put_error(returned) } }`
    pub(crate) fn error_only(&self) -> TokenStream {
        let private = &self.private;
        let put_error = self.put_error(&quote_spanned!(Span::mixed_site()=> returned));
        quote_spanned!(Span::mixed_site()=> |value, returned| {
            use #private::SplitValue as _;
            if let ::core::result::Result::Err(error) = (&#private::Output(value)).galtea_split() { #put_error }
        })
    }

    /// `value` is a reference to what was returned, `to` takes the output or the error of it.
    fn split(&self, value: &TokenStream, to: &TokenStream) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let on_value = self.put_output(&quote_spanned!(mixed=> value.0), to);
        let on_error = self.put_error(to);
        quote_spanned!(mixed=>
            use #private::SplitValue as _;
            match (&#private::Output(#value)).galtea_split() {
                ::core::result::Result::Ok(value) => { #on_value }
                ::core::result::Result::Err(error) => { #on_error }
            }
        )
    }

    /// `value` is a reference to what was returned.
    fn put_output(&self, value: &TokenStream, to: &TokenStream) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let value = match &self.settings.output {
            Output::None => return quote_spanned!(mixed=> let _ = value; #private::skip_output(#to);),
            Output::Returned => value.clone(),
            Output::Mapped(mapping) => {
                let mapping = mapping_tokens(mapping);
                quote_spanned!(mixed=> &#private::map(#value, #mapping))
            }
        };
        quote_spanned!(mixed=>
            use #private::{PutOutputDebug as _, PutOutputLocked as _, PutOutputTypeName as _};
            (&&#private::Value(#value)).galtea_put_output(#to);
        )
    }

    pub(super) fn put_error(&self, to: &TokenStream) -> TokenStream {
        let private = &self.private;
        let mixed = Span::mixed_site();
        let error = match &self.settings.error {
            None => quote_spanned!(mixed=> error),
            Some(mapping) => {
                let mapping = mapping_tokens(mapping);
                quote_spanned!(mixed=> #private::Fault(&#private::map(error.0, #mapping)))
            }
        };
        let as_error = self.settings.error.is_some() || !self.error_depends_on_lifetimes;
        let highest = as_error.then(|| quote_spanned!(mixed=> PutError as _, PutErrorBehind as _,));
        quote_spanned!(mixed=>
            use #private::{#highest PutErrorDebug as _, PutErrorTypeName as _};
            (&&&#error).galtea_put_error(#to);
        )
    }
}

/// What the type in the signature says of a returned value.
enum Recorded {
    Nothing,
    Value,
    ValueOrError,
}

pub(super) fn mapping_tokens(mapping: &Mapping) -> TokenStream {
    match mapping {
        Mapping::Closure(closure) => closure.to_token_stream(),
        Mapping::Callable(expr) => expr.to_token_stream(),
    }
}

/// `_name` says that the user does not use it, which is not about us.
pub(crate) fn allow_use(ident: &Ident) -> Option<TokenStream> {
    let says_unused = ident.to_string().starts_with('_');
    says_unused.then(|| quote_spanned!(Span::mixed_site()=> #[allow(clippy::used_underscore_binding)]))
}

/// `r#type` and `type` name the same argument.
pub(crate) fn same(left: &Ident, right: &Ident) -> bool {
    use syn::ext::IdentExt;
    left.unraw() == right.unraw()
}
