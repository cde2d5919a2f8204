//! `trace_scope!` and `trace_event!`.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use super::body::nested;
use super::calls::Expansion;
use super::rewrite::{Exits, await_error, rewrite};
use crate::model::{Call, Description, Name};

/// ```text
/// trace_event!("cache_miss", input = { "key": &key })   →   event(begin(…), None)
/// ```
pub(crate) fn event(call: &Call) -> TokenStream {
    let expansion = Expansion { default_type: "Event", ..expansion(call) };
    let (begin, private) = (named(call, &expansion.begin("begin", &[])), &expansion.private);
    quote_spanned!(Span::mixed_site()=> #private::event(#begin))
}

pub(crate) fn scope(call: &Call) -> TokenStream {
    let expansion = expansion(call);
    let Body { handle, block } = Body::read(call.body.clone());
    if is_async(&block) {
        future(call, &expansion, &handle, &block)
    } else {
        plain(call, &expansion, &handle, &block)
    }
}

/// The block of a `trace_scope!`, without the `|scope|` before it.
struct Body {
    /// What stands between the bars; empty: there are none.
    handle: TokenStream,
    block: TokenStream,
}

impl Body {
    fn read(tokens: TokenStream) -> Self {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let is_bar = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '|');
        let first = trees
            .iter()
            .position(|tree| !matches!(tree, TokenTree::Ident(ident) if ident == "move"))
            .unwrap_or(0);
        if !trees.get(first).is_some_and(is_bar) {
            return Self { handle: TokenStream::new(), block: trees.into_iter().collect() };
        }
        let inside = &trees[first + 1..];
        let end = inside.iter().position(is_bar).unwrap_or(inside.len());
        let block = inside.get(end + 1..).unwrap_or_default();
        Self { handle: inside[..end].iter().cloned().collect(), block: block.iter().cloned().collect() }
    }
}

fn is_async(block: &TokenStream) -> bool {
    matches!(block.clone().into_iter().next(), Some(TokenTree::Ident(word)) if word == "async")
}

/// ```text
/// { let guard = enter(begin(…)); finish(&guard, { let scope = handle(&guard); { body } }, |value, returned| …) }
/// ```
fn plain(call: &Call, expansion: &Expansion<'_>, handle: &TokenStream, block: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let private = &expansion.private;
    let begin = named(call, &expansion.begin("begin", &[]));
    let error = expansion.error_only();
    let on_try = |operand: TokenStream| quote_spanned!(mixed=> #private::observe(&guard, #operand, #error));
    let (body, awaits) = rewrite(&nested(&braced(block)), &Exits { on_try: &on_try, on_return: None });
    if let Some(place) = awaits {
        return await_error(place, &call.name.to_token_stream().to_string());
    }
    let handle = bind_handle(private, handle);
    let end = End::of(braced(block).stream());
    if end == End::Leaves {
        // The guard sees that; code behind it would be unreachable, and would have no type to record the value by.
        return quote_spanned!(mixed=> { let guard = #private::enter(#begin); { #handle #body } });
    }
    let output = if end == End::Unit && expansion.records_what_is_returned() {
        quote_spanned!(mixed=> #private::no_output)
    } else {
        expansion.any_output()
    };
    quote_spanned!(mixed=> {
        let guard = #private::enter(#begin);
        #private::finish(&guard, { #handle #body }, #output)
    })
}

/// ```text
/// trace_made_future(prepare(…), async move { body }, |value, returned| …)
/// ```
fn future(call: &Call, expansion: &Expansion<'_>, handle: &TokenStream, block: &TokenStream) -> TokenStream {
    let mixed = Span::mixed_site();
    let private = &expansion.private;
    let prepare = named(call, &expansion.prepare("prepare", &[]));
    let trace_made_future = expansion.tracer("trace_made_future");
    let output = expansion.any_output();
    let body = if handle.is_empty() { block.clone() } else { with_handle(private, handle, block) };
    quote_spanned!(mixed=> {
        let call = #prepare;
        #trace_made_future(call, #body, #output)
    })
}

/// `async move { body }` → `async move { let scope = current_trace(); { body } }`
fn with_handle(private: &TokenStream, handle: &TokenStream, block: &TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = block.clone().into_iter().collect();
    if let Some(TokenTree::Group(body)) = trees.last_mut() {
        let inner = nested(body);
        let stream = quote_spanned!(Span::mixed_site()=> let #handle = #private::current_trace(); #inner);
        let mut with = Group::new(Delimiter::Brace, stream);
        with.set_span(body.span());
        *body = with;
    }
    trees.into_iter().collect()
}

fn bind_handle(private: &TokenStream, handle: &TokenStream) -> TokenStream {
    if handle.is_empty() {
        return TokenStream::new();
    }
    quote_spanned!(Span::mixed_site()=> let #handle = #private::current_trace();)
}

/// How a block ends, as far as its tokens tell.
#[derive(PartialEq, Eq)]
enum End {
    /// With a value.
    Value,
    /// With a semicolon.
    Unit,
    /// With `return`, `break`, `continue` or a panic.
    Leaves,
}

impl End {
    fn of(block: TokenStream) -> Self {
        let trees: Vec<TokenTree> = block.into_iter().collect();
        let is_semicolon =
            |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ';');
        let mut statements = trees.rsplit(is_semicolon);
        let last = statements.next().unwrap_or_default();
        let has_value = !last.is_empty();
        let last = if has_value { last } else { statements.next().unwrap_or_default() };
        match last {
            last if leaves(last) => Self::Leaves,
            _ if has_value => Self::Value,
            _ => Self::Unit,
        }
    }
}

fn leaves(statement: &[TokenTree]) -> bool {
    match statement {
        [TokenTree::Ident(word), TokenTree::Punct(bang), TokenTree::Group(_)] if bang.as_char() == '!' => {
            ["panic", "todo", "unreachable", "unimplemented"].iter().any(|leaves| word == leaves)
        }
        [TokenTree::Ident(word), ..] => ["return", "break", "continue"].iter().any(|leaves| word == leaves),
        _ => false,
    }
}

/// A body that is an expression without braces gets some.
fn braced(block: &TokenStream) -> Group {
    let mut trees = block.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => group,
        _ => Group::new(Delimiter::Brace, block.clone()),
    }
}

fn expansion(call: &Call) -> Expansion<'_> {
    let name = match &call.name {
        Name::Literal(name) => name.to_token_stream(),
        Name::Expr(_) => "unnamed".to_token_stream(),
    };
    let description = match &call.settings.description {
        Description::Text(text) => text.to_token_stream(),
        _ => "".to_token_stream(),
    };
    Expansion::new(&call.settings, name, description)
}

/// The call that begins the trace, with its name where only the running program knows it.
fn named(call: &Call, begin: &TokenStream) -> TokenStream {
    match &call.name {
        Name::Literal(_) => begin.clone(),
        Name::Expr(name) => quote_spanned!(Span::mixed_site()=> (#begin).named(|| (#name).into())),
    }
}
