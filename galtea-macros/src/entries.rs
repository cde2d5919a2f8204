//! `metadata(key = value, "dotted.key" = value)` and `input = { "key": value }`.

use proc_macro2::{Ident, Punct, Span};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitStr, Result, Token, braced};

use crate::ctxt::Ctxt;
use crate::key::{Word, word_of};
use crate::list;
use crate::model::{Entry, Inputs};
use crate::value;

/// `metadata(key = value, …)`
pub(crate) fn metadata(input: ParseStream<'_>, word: &Word, ctxt: &mut Ctxt) -> Result<Vec<Entry>> {
    let content = value::parens(input, word)?;
    Ok(entries(&content, ctxt, metadata_entry))
}

/// `input = { "key": value, … }` or `input = value`
pub(crate) fn input(input: ParseStream<'_>, word: &Word, ctxt: &mut Ctxt) -> Result<Inputs> {
    let ahead = input.fork();
    if value::equals(&ahead, word).is_err() || !value::object_is_next(&ahead) {
        return value::expression(input, word).map(Inputs::Value);
    }
    value::equals(input, word)?;
    let content;
    braced!(content in input);
    Ok(Inputs::Object(entries(&content, ctxt, object_entry)))
}

fn entries(
    content: ParseStream<'_>,
    ctxt: &mut Ctxt,
    one: fn(ParseStream<'_>) -> Result<Entry>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    list::all(content, ctxt, |input, _| {
        let entry = one(input)?;
        if entries.iter().any(|known| known.key == entry.key) {
            let message = format!("the key \"{}\" is given twice, keep one", entry.key);
            return Err(syn::Error::new(entry.key_span, message));
        }
        entries.push(entry);
        Ok(())
    });
    entries
}

fn metadata_entry(input: ParseStream<'_>) -> Result<Entry> {
    let quoted = input.peek(LitStr);
    let (key, key_span) = if quoted { text_key(input)? } else { word_key(input)? };
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        let key = if quoted { format!("\"{key}\"") } else { key };
        let message = format!("an entry of `metadata` is a key and a value, write `{key} = value`");
        return Err(until_comma(input, key_span, &message));
    }
    input.parse::<Token![=]>()?;
    entry(input, key, key_span)
}

fn object_entry(input: ParseStream<'_>) -> Result<Entry> {
    if !input.peek(LitStr) {
        return Err(unquoted(input));
    }
    let (key, key_span) = text_key(input)?;
    if !input.peek(Token![:]) || input.peek(Token![::]) {
        let message = format!("an entry of `input` is a key and a value, write `\"{key}\": value`");
        return Err(until_comma(input, key_span, &message));
    }
    input.parse::<Token![:]>()?;
    entry(input, key, key_span)
}

fn entry(input: ParseStream<'_>, key: String, key_span: Span) -> Result<Entry> {
    if list::at_end(input) {
        return Err(syn::Error::new(
            key_span,
            format!("the key \"{key}\" has no value, write it behind the key or take the key away"),
        ));
    }
    if value::object_is_next(input) {
        let message = "objects do not nest here, write `serde_json::json!({ … })`";
        return Err(until_comma(input, input.span(), message));
    }
    let value = value::any(input, &key)?.into_token_stream();
    Ok(Entry { key, key_span, value })
}

fn text_key(input: ParseStream<'_>) -> Result<(String, Span)> {
    let key: LitStr = input.parse()?;
    if key.value().is_empty() {
        return Err(until_comma(
            input,
            key.span(),
            "this key is empty, write what the value is, such as `\"model\"`",
        ));
    }
    Ok((key.value(), key.span()))
}

fn word_key(input: ParseStream<'_>) -> Result<(String, Span)> {
    let Ok(key) = Ident::parse_any(input) else {
        let message =
            "an entry of `metadata` begins with its key, write `key = value` or `\"a.key\" = value`";
        return Err(syn::Error::new_spanned(list::up_to_comma(input), message));
    };
    let mut tokens = key.to_token_stream();
    let mut whole = word_of(&key);
    while input.peek(Token![.]) || input.peek(Token![-]) {
        let (joint, part) = (input.parse::<Punct>()?, Ident::parse_any(input)?);
        whole = format!("{whole}{joint}{}", word_of(&part));
        tokens.extend(quote!(#joint #part));
    }
    if whole == word_of(&key) {
        return Ok((whole, key.span()));
    }
    list::up_to_comma(input);
    let message = format!("a key with `.` or `-` is written in quotes: `\"{whole}\" = value`");
    Err(syn::Error::new_spanned(tokens, message))
}

/// `{ key: value }` instead of `{ "key": value }`
fn unquoted(input: ParseStream<'_>) -> syn::Error {
    let message = match Ident::parse_any(&input.fork()) {
        Ok(key) => format!("keys of `input` are written in quotes: `\"{}\": value`", word_of(&key)),
        Err(_) => "an entry of `input` is a key in quotes and a value, write `\"key\": value`".to_owned(),
    };
    until_comma(input, input.span(), &message)
}

/// A mistake after which the rest of the entry says nothing.
fn until_comma(input: ParseStream<'_>, span: Span, message: &str) -> syn::Error {
    list::up_to_comma(input);
    syn::Error::new(span, message)
}
