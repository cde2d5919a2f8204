//! Which operation a signature stands for, judged by its tokens alone.

use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    AngleBracketedGenericArguments, Attribute, GenericArgument, PathArguments, PathSegment, ReturnType,
    Signature, Type, TypeImplTrait, TypeParamBound, TypePath,
};

/// What is the operation, and how is its end seen?
#[expect(clippy::large_enum_variant, reason = "one is made for each use of the attribute, and soon gone")]
pub(crate) enum Shape {
    /// The body, run in a closure.
    Sync,
    /// The body stays where it is and a guard sees its end, for return types that only inference through the function's own
    /// return value can complete (`impl Fn`).
    InPlace,
    /// The body stays where it is because a closure would not know the caller's place.
    TracksCaller,
    /// The body as a future.
    Async,
    /// The future that the body makes; the type of its output, where the signature tells.
    Future { output: Option<Type>, boxed: bool },
    /// The stream that the body makes.
    Stream(Streamed),
    /// The body as a future, and then the stream that it makes.
    AsyncStream(Streamed),
    /// The future that the body makes, and then the stream that this one makes.
    FutureStream { output: Type, boxed: bool, streamed: Streamed },
}

/// How a stream is returned.
pub(crate) struct Streamed {
    /// In a `Result`.
    pub(crate) fallible: bool,
    /// Behind a `Pin<Box<dyn …>>`.
    pub(crate) boxed: bool,
    /// The type of its items, where the signature tells.
    pub(crate) item: Option<Type>,
}

impl Shape {
    pub(crate) fn of(attrs: &[Attribute], sig: &Signature) -> Self {
        let tracks_caller = attrs.iter().any(|attr| attr.path().is_ident("track_caller"));
        if sig.asyncness.is_some() {
            return return_type(sig).and_then(streamed).map_or(Self::Async, Self::AsyncStream);
        }
        let plain = if tracks_caller { Self::TracksCaller } else { Self::Sync };
        let Some(returned) = return_type(sig) else { return plain };
        if let Some(output) = impl_future(returned) {
            return Self::future(output.as_ref(), false);
        }
        if let Some(output) = boxed_future(returned) {
            return Self::future(output.as_ref(), true);
        }
        if let Some(streamed) = streamed(returned) {
            return Self::Stream(streamed);
        }
        if mentions_impl_fn(returned) { Self::InPlace } else { plain }
    }

    fn future(output: Option<&Type>, boxed: bool) -> Self {
        match output.and_then(streamed).zip(output) {
            Some((streamed, output)) => Self::FutureStream { output: without_impl(output), boxed, streamed },
            None => Self::Future { output: output.map(without_impl), boxed },
        }
    }

    /// Whether the operation is, or ends with, a stream.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_) | Self::AsyncStream(_) | Self::FutureStream { .. })
    }
}

pub(crate) fn return_type(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, returned) => Some(ungrouped(returned)),
    }
}

/// Types that a `macro_rules!` macro passed on stand in invisible groups.
pub(crate) fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            other => return other,
        };
    }
}

pub(crate) fn is_never(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Never(_))
}

pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether a value of this type surely is no `Result`, whatever aliases are around.
pub(crate) fn is_no_result(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(_) | Type::Tuple(_) | Type::Array(_) | Type::Ptr(_) | Type::FnPtr(_) => true,
        Type::Path(path) => {
            path.path.get_ident().is_some_and(|name| PRIMITIVES.iter().any(|known| name == known))
        }
        _ => false,
    }
}

/// Whether a value of this type is gone without a trace: nothing happens when it is dropped.
pub(crate) fn drops_silently(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => true,
        Type::Tuple(tuple) => tuple.elems.iter().all(drops_silently),
        Type::Array(array) => drops_silently(&array.elem),
        Type::Path(path) => {
            path.path.get_ident().is_some_and(|name| PRIMITIVES.iter().any(|known| name == known))
        }
        _ => false,
    }
}

const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64",
];

/// `Result<impl Iterator<Item = u8>, E>` → `Result<_, E>`
pub(crate) fn without_impl(ty: &Type) -> Type {
    struct Eraser;
    impl VisitMut for Eraser {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if let Type::ImplTrait(found) = ty {
                *ty = Type::Infer(syn::TypeInfer {
                    attrs: Vec::new(),
                    underscore_token: syn::Token![_](found.impl_token.span),
                });
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    let mut ty = ty.clone();
    Eraser.visit_type_mut(&mut ty);
    ty
}

fn mentions_impl_fn(ty: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
            self.0 |= ty.bounds.iter().any(|bound| {
                last_segment(bound).is_some_and(|segment| {
                    matches!(segment.arguments, PathArguments::Parenthesized(_))
                        || segment.ident.to_string().contains("Fn")
                })
            });
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    finder.0
}

fn last_segment(bound: &TypeParamBound) -> Option<&PathSegment> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    }
}

/// `impl Future<Output = T> + Send + 'a` → `Some(Some(T))`. Other traits than these would not hold for our wrapper.
#[expect(clippy::option_option, reason = "no future, a future, a future whose output is told")]
fn impl_future(ty: &Type) -> Option<Option<Type>> {
    let Type::ImplTrait(ty) = ty else { return None };
    future_among(ty.bounds.iter())
}

#[expect(clippy::option_option, reason = "no future, a future, a future whose output is told")]
fn future_among<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> Option<Option<Type>> {
    let mut output = None;
    // `use<'a, T>` says which parameters the future may mention: ours mentions no others.
    for bound in bounds.filter(|bound| matches!(bound, TypeParamBound::Trait(_))) {
        let segment = last_segment(bound)?;
        match segment.ident.to_string().as_str() {
            "Future" => output = Some(associated(segment, "Output")),
            "Send" | "Sync" => {}
            _ => return None,
        }
    }
    output
}

/// `Future<Output = T>`, `Output` → `T`
fn associated(segment: &PathSegment, name: &str) -> Option<Type> {
    angle_arguments(segment)?.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == name => Some(assoc.ty.clone()),
        _ => None,
    })
}

fn angle_arguments(segment: &PathSegment) -> Option<&AngleBracketedGenericArguments> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments),
        _ => None,
    }
}

/// `Pin<Box<dyn Future<Output = T> + Send>>` or `BoxFuture<'a, T>` → `Some(Some(T))`
#[expect(clippy::option_option, reason = "no future, a future, a future whose output is told")]
fn boxed_future(ty: &Type) -> Option<Option<Type>> {
    let segment = path_segment(ty)?;
    match segment.ident.to_string().as_str() {
        "BoxFuture" | "LocalBoxFuture" => Some(Some(only_type(segment)?.clone())),
        "Pin" => {
            let boxed = path_segment(only_type(segment)?)?;
            let Type::TraitObject(object) = ungrouped((boxed.ident == "Box").then(|| only_type(boxed))??)
            else {
                return None;
            };
            future_among(object.bounds.iter())
        }
        _ => None,
    }
}

fn path_segment(ty: &Type) -> Option<&PathSegment> {
    match ungrouped(ty) {
        Type::Path(TypePath { qself: None, path, .. }) => path.segments.last(),
        _ => None,
    }
}

/// The type argument of a type that has just one.
fn only_type(segment: &PathSegment) -> Option<&Type> {
    let mut types = angle_arguments(segment)?.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let first = types.next()?;
    types.next().is_none().then_some(first)
}

/// `impl Stream`, a boxed one, or a `Result` of one.
fn streamed(ty: &Type) -> Option<Streamed> {
    if let Some(streamed) = bare_stream(ty) {
        return Some(streamed);
    }
    let result = path_segment(ty).filter(|segment| segment.ident == "Result")?;
    let streamed = bare_stream(first_type(result)?)?;
    Some(Streamed { fallible: true, ..streamed })
}

fn bare_stream(ty: &Type) -> Option<Streamed> {
    if let Type::ImplTrait(found) = ungrouped(ty) {
        let item = stream_among(found.bounds.iter())?;
        return Some(Streamed { fallible: false, boxed: false, item });
    }
    let item = boxed_stream(ty)?;
    Some(Streamed { fallible: false, boxed: true, item })
}

/// `Pin<Box<dyn Stream<Item = T> + Send>>` or `BoxStream<'a, T>` → `Some(Some(T))`
#[expect(clippy::option_option, reason = "no stream, a stream, a stream whose items are told")]
fn boxed_stream(ty: &Type) -> Option<Option<Type>> {
    let segment = path_segment(ty)?;
    match segment.ident.to_string().as_str() {
        "BoxStream" | "LocalBoxStream" => Some(Some(without_impl(only_type(segment)?))),
        "Pin" => {
            let boxed = path_segment(only_type(segment)?)?;
            let object = (boxed.ident == "Box").then(|| only_type(boxed))??;
            let Type::TraitObject(object) = ungrouped(object) else { return None };
            stream_among(object.bounds.iter())
        }
        _ => None,
    }
}

/// `impl Stream<Item = T> + Send + 'a` → `Some(Some(T))`. Other traits than these would not hold for our wrapper.
#[expect(clippy::option_option, reason = "no stream, a stream, a stream whose items are told")]
fn stream_among<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> Option<Option<Type>> {
    let mut item = None;
    for bound in bounds.filter(|bound| matches!(bound, TypeParamBound::Trait(_))) {
        let segment = last_segment(bound)?;
        match segment.ident.to_string().as_str() {
            "Stream" | "FusedStream" => {
                item = Some(associated(segment, "Item").map(|item| without_impl(&item)));
            }
            "TryStream" => item = Some(None),
            "Send" | "Sync" | "Unpin" => {}
            _ => return None,
        }
    }
    item
}

fn first_type(segment: &PathSegment) -> Option<&Type> {
    angle_arguments(segment)?.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
