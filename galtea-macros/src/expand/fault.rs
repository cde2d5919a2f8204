//! Which errors must not be asked whether they are `std::error::Error`s.

use proc_macro2::Ident;
use syn::visit::Visit;
use syn::{
    GenericArgument, GenericParam, Generics, PathArguments, PathSegment, Signature, Type, TypeImplTrait,
};

use super::shape::ungrouped;

/// Whether the error that the signature shows may be an `Error` for some lifetimes only, like that of
/// `fn reunite(self) -> Result<S, Split<S>>` with `impl<S: 'static> Error for Split<S>`.
///
/// The compiler chooses a method without a look at lifetimes, and complains about them afterwards.
pub(crate) fn depends_on_lifetimes(sig: &Signature) -> bool {
    struct Finder<'a>(&'a Generics, bool);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
            if segment.ident == "Result"
                && let Some(error) = second_type(segment)
            {
                self.1 |= is_risky(error, self.0);
            }
            syn::visit::visit_path_segment(self, segment);
        }
    }
    let mut finder = Finder(&sig.generics, false);
    finder.visit_return_type(&sig.output);
    finder.1
}

fn second_type(segment: &PathSegment) -> Option<&Type> {
    types(segment).nth(1)
}

fn types(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// A parameter alone, and what is associated with one, are known by their bounds, and bounds name their lifetimes. What has a
/// parameter inside is known by an `impl` that may want more.
fn is_risky(error: &Type, generics: &Generics) -> bool {
    match ungrouped(error) {
        Type::Reference(reference) => is_risky(&reference.elem, generics),
        Type::Path(path) if path.path.is_ident("Self") => true,
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.iter().any(|segment| match &segment.ident {
                pointer if POINTERS.iter().any(|known| pointer == known) => {
                    types(segment).any(|ty| is_risky(ty, generics))
                }
                _ => types(segment).any(|ty| mentions_parameter(ty, generics)),
            })
        }
        _ => false,
    }
}

/// These are `Error`s where what they point to is one.
const POINTERS: [&str; 3] = ["Box", "Rc", "Arc"];

fn mentions_parameter(ty: &Type, generics: &Generics) -> bool {
    struct Finder<'a>(&'a Generics, bool);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
            self.1 |= is_parameter(&segment.ident, self.0);
            syn::visit::visit_path_segment(self, segment);
        }

        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.1 = true;
        }
    }
    let mut finder = Finder(generics, false);
    finder.visit_type(ty);
    finder.1
}

/// The parameters of a surrounding `impl` are not in sight; by custom they are short and in capitals.
fn is_parameter(ident: &Ident, generics: &Generics) -> bool {
    let declared = generics
        .params
        .iter()
        .any(|parameter| matches!(parameter, GenericParam::Type(parameter) if parameter.ident == *ident));
    declared || ident == "Self" || looks_like_parameter(&ident.to_string())
}

fn looks_like_parameter(name: &str) -> bool {
    name.len() <= 2 && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "`quote!` gives the tokens away")]
    fn depends(output: proc_macro2::TokenStream) -> bool {
        depends_on_lifetimes(&syn::parse2(quote!(fn f<Item, E>(self) -> #output)).unwrap())
    }

    #[test]
    fn an_error_with_a_parameter_inside_may_be_one_for_some_lifetimes_only() {
        for output in [
            quote!(Result<S, Split<S>>),
            quote!(std::result::Result<(), mpsc::SendError<Vec<T>>>),
            quote!(Result<u8, Rejected<Item>>),
            quote!(Result<u8, Box<Split<T1>>>),
            quote!(Result<u8, &Split<S>>),
            quote!(Result<u8, Split<impl Debug>>),
            quote!(Result<Self, Self>),
            quote!(Pin<Box<dyn Future<Output = Result<S, Split<S>>>>>),
            quote!(impl Future<Output = Result<S, Split<S>>>),
        ] {
            assert!(depends(output.clone()), "{output}");
        }
    }

    #[test]
    fn an_error_that_bounds_or_a_plain_name_tell_of_keeps_its_sources() {
        for output in [
            quote!(Result<S, E>),
            quote!(Result<S, Box<E>>),
            quote!(Result<S, S::Error>),
            quote!(Result<S, Self::Error>),
            quote!(Result<S, <S as Service>::Error>),
            quote!(Result<Vec<S>, Failure>),
            quote!(Result<S, Box<dyn Error>>),
            quote!(Result<S, Failure<Request>>),
            quote!(io::Result<S>),
            quote!(Split<S>),
        ] {
            assert!(!depends(output.clone()), "{output}");
        }
    }
}
