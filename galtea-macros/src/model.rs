//! What one use of a macro asks for, freed from how it was spelled.
//!
//! Every word that the user wrote keeps its span, so that a later error can still underline it.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, ExprClosure, Ident, LitStr, Path};

/// The arguments of one `#[trace(…)]`, `trace_scope!(…)` or `trace_event!(…)`, checked against each other.
#[derive(Default)]
pub(crate) struct Settings {
    /// Where the galtea crate is found; `None`: `::galtea`.
    pub(crate) krate: Option<Path>,
    pub(crate) trace_type: Option<TypeSetting>,
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Description,
    pub(crate) inputs: Inputs,
    /// Arguments that are listed as `"[masked]"`; compare as [`Inputs`].
    pub(crate) mask: Vec<Ident>,
    pub(crate) output: Output,
    pub(crate) error: Option<Mapping>,
    pub(crate) metadata: Vec<Entry>,
    /// The span of the word `stream`, where it was given.
    pub(crate) stream: Option<Span>,
}

/// `type = …`
pub(crate) enum TypeSetting {
    /// A checked literal, as the variant of `TraceType` that it means, spanned as the literal.
    Known(Ident),
    /// `type = TraceType::Tool`, or any path: the compiler checks it.
    Path(Path),
}

#[derive(Default)]
pub(crate) enum Description {
    #[default]
    None,
    /// `description = "…"`
    Text(LitStr),
    /// `docs`: taken from the doc comment. The span of the word.
    Docs(Span),
}

/// Names are compared with [`crate::key::contains`]: raw or not, they are the same.
#[derive(Default)]
pub(crate) enum Inputs {
    /// Every argument but `self`.
    #[default]
    All,
    /// `skip(a, b)`
    Skip(Vec<Ident>),
    /// `only(a, b)`
    Only(Vec<Ident>),
    /// `skip_all`
    None,
    /// `input = { "k": expr, … }`
    Object(Vec<Entry>),
    /// `input = expr`
    Value(Expr),
}

#[derive(Default)]
pub(crate) enum Output {
    /// What the function returns.
    #[default]
    Returned,
    /// `skip_output`
    None,
    /// `output = |out| expr`
    Mapped(Mapping),
}

/// `output = …` or `error = …`: a closure written in place, or any other expression that can be called.
pub(crate) enum Mapping {
    Closure(ExprClosure),
    Callable(Expr),
}

/// One entry of `metadata(key = expr)` or `input = { "key": expr }`.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    /// An expression. Kept as tokens: only the compiler needs to understand it.
    pub(crate) value: TokenStream,
}

/// The first argument of `trace_scope!` and `trace_event!`.
pub(crate) enum Name {
    Literal(LitStr),
    /// A name that is only known when the program runs, such as that of the tool that a model chose.
    Expr(Expr),
}

impl ToTokens for Name {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(text) => text.to_tokens(tokens),
            Self::Expr(expr) => expr.to_tokens(tokens),
        }
    }
}

/// One `trace_scope!(…)` or `trace_event!(…)`.
pub(crate) struct Call {
    pub(crate) name: Name,
    pub(crate) settings: Settings,
    /// The block form at the end, not understood: `{ … }`, `|scope| …`, `async { … }`, `async move { … }`. Empty for an event.
    pub(crate) body: TokenStream,
}
