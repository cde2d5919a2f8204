//! What stands behind the word of an argument.

use proc_macro2::{Delimiter, Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Expr, ExprClosure, ExprLit, Lit, LitStr, Path, Result, Token, parenthesized, token};

use crate::ctxt::Ctxt;
use crate::form;
use crate::key::Word;
use crate::list;
use crate::model::{Mapping, TypeSetting};
use crate::types;

/// `skip_all` and its like: nothing may follow.
pub(crate) fn flag(input: ParseStream<'_>, word: &Word) -> Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) { Err(form::wrong(input, word)) } else { Ok(()) }
}

/// `type = "TOOL"` or `type = TraceType::Tool`
pub(crate) fn trace_type(input: ParseStream<'_>, word: &Word) -> Result<TypeSetting> {
    match expression(input, word)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => types::variant(&text).map(TypeSetting::Known),
        Expr::Path(path) if path.qself.is_none() => type_path(path.path),
        other => Err(not_a(word, &other, "a trace type in quotes, or a path to one")),
    }
}

/// A lone `TOOL` is the literal without its quotes far more often than a constant of that name.
fn type_path(path: Path) -> Result<TypeSetting> {
    let name = path.get_ident().map(ToString::to_string).unwrap_or_default();
    match types::exact(&name) {
        Some(exact) if exact == name => {
            let message = format!("`type` takes a trace type in quotes, write `type = \"{name}\"`");
            Err(syn::Error::new_spanned(path, message))
        }
        _ => Ok(TypeSetting::Path(path)),
    }
}

/// `name = "…"`
pub(crate) fn text(input: ParseStream<'_>, word: &Word) -> Result<LitStr> {
    match expression(input, word)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            not_empty(text, &format!("`{}` is empty, give it a text or leave it out", word.text()))
        }
        other => Err(not_a(word, &other, "a string literal")),
    }
}

pub(crate) fn not_empty(text: LitStr, message: &str) -> Result<LitStr> {
    if text.value().trim().is_empty() { Err(syn::Error::new(text.span(), message)) } else { Ok(text) }
}

/// `output = |out| …`
pub(crate) fn mapping(input: ParseStream<'_>, word: &Word) -> Result<Mapping> {
    match expression(input, word)? {
        Expr::Closure(closure) => one_parameter(closure, word).map(Mapping::Closure),
        other @ (Expr::Lit(_) | Expr::Macro(_) | Expr::Array(_) | Expr::Tuple(_)) => {
            Err(not_a(word, &other, "a closure or the path of a function"))
        }
        other => Ok(Mapping::Callable(other)),
    }
}

fn one_parameter(closure: ExprClosure, word: &Word) -> Result<ExprClosure> {
    if closure.inputs.len() == 1 {
        return Ok(closure);
    }
    let (begin, inputs, end) = (&closure.inputs_begin, &closure.inputs, &closure.inputs_end);
    let message = format!("`{}` is called with one value, write `{}`", word.text(), word.key.usage());
    Err(syn::Error::new_spanned(quote!(#begin #inputs #end), message))
}

/// `crate = ::path`
pub(crate) fn path(input: ParseStream<'_>, word: &Word) -> Result<Path> {
    equals(input, word)?;
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let message = format!("`crate` takes a path without quotes, write `crate = {}`", text.value());
        return Err(syn::Error::new(text.span(), message));
    }
    let ahead = input.fork();
    let path = ahead.call(Path::parse_mod_style).map_err(|error| broken(&error, input, word.text()))?;
    input.advance_to(&ahead);
    Ok(path)
}

/// `skip(a, b)`
pub(crate) fn names(input: ParseStream<'_>, word: &Word, ctxt: &mut Ctxt) -> Result<Vec<Ident>> {
    let content = parens(input, word)?;
    let mut names: Vec<Ident> = Vec::new();
    list::all(&content, ctxt, |input, _| {
        let name = one_name(input, word)?;
        if names.contains(&name) {
            return Err(syn::Error::new(
                name.span(),
                format!("`{name}` is in `{}` twice, name it once", word.text()),
            ));
        }
        names.push(name);
        Ok(())
    });
    Ok(names)
}

fn one_name(input: ParseStream<'_>, word: &Word) -> Result<Ident> {
    if let Ok(name) = Ident::parse_any(&input.fork())
        && name != "self"
    {
        Ident::parse_any(input)?;
        let rest = list::up_to_comma(input);
        return if rest.is_empty() { Ok(name) } else { Err(not_a_name(quote!(#name #rest), word)) };
    }
    Err(not_a_name(list::up_to_comma(input), word))
}

fn not_a_name(tokens: TokenStream, word: &Word) -> syn::Error {
    let text = syn::parse2::<LitStr>(tokens.clone());
    let own_word = word.text();
    let message = match text {
        Ok(text) => format!("arguments are named without quotes, write `{own_word}({})`", text.value()),
        Err(_) if is_self(&tokens) => "`self` is never recorded, leave it out".to_owned(),
        Err(_) => format!("`{own_word}` takes names of arguments only, write `{}`", word.key.usage()),
    };
    syn::Error::new_spanned(tokens, message)
}

fn is_self(tokens: &TokenStream) -> bool {
    syn::parse2::<Token![self]>(tokens.clone()).is_ok()
}

/// The inside of `word(…)`.
pub(crate) fn parens<'a>(input: ParseStream<'a>, word: &Word) -> Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(token::Paren) {
        return Err(form::wrong(input, word));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

/// `= expression`
pub(crate) fn expression(input: ParseStream<'_>, word: &Word) -> Result<Expr> {
    equals(input, word)?;
    any(input, word.text())
}

/// An expression with the invisible groups of `macro_rules!` taken off.
pub(crate) fn any(input: ParseStream<'_>, what: &str) -> Result<Expr> {
    let ahead = input.fork();
    let mut expr = ahead.parse().map_err(|error| broken(&error, input, what))?;
    input.advance_to(&ahead);
    while let Expr::Group(group) = expr {
        expr = *group.expr;
    }
    Ok(expr)
}

/// Takes the `=`, behind which there is something.
pub(crate) fn equals(input: ParseStream<'_>, word: &Word) -> Result<()> {
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        return Err(form::wrong(input, word));
    }
    let equals: Token![=] = input.parse()?;
    if list::at_end(input) {
        let message = format!("`{}` needs a value, write `{}`", word.text(), word.key.usage());
        return Err(syn::Error::new_spanned(quote!(#word #equals), message));
    }
    Ok(())
}

/// Whether a brace is here that holds `"key": …` rather than statements.
pub(crate) fn object_is_next(input: ParseStream<'_>) -> bool {
    let Some((inside, ..)) = input.cursor().group(Delimiter::Brace) else { return false };
    let key = inside.literal().map(|(_, rest)| rest).or_else(|| inside.ident().map(|(_, rest)| rest));
    let colon = key.and_then(syn::buffer::Cursor::punct);
    match colon {
        Some((punct, _)) => punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Alone,
        None => inside.eof(),
    }
}

fn not_a(word: &Word, value: &Expr, rule: &str) -> syn::Error {
    let right = form::corrected(word.key, &value.to_token_stream());
    syn::Error::new_spanned(value, format!("`{}` takes {rule}, write `{right}`", word.text()))
}

/// What the parser found. Takes the value. Where a value breaks off its last token is underlined, for the end of all arguments is no token.
fn broken(error: &syn::Error, input: ParseStream<'_>, what: &str) -> syn::Error {
    let message = error.to_string();
    let value = list::up_to_comma(input);
    match (message.strip_prefix("unexpected end of input, "), value.into_iter().last()) {
        (Some(expected), Some(last)) => {
            syn::Error::new(last.span(), format!("the value of `{what}` breaks off here, {expected}"))
        }
        _ => syn::Error::new(error.span(), format!("in the value of `{what}`: {message}")),
    }
}
