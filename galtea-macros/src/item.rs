//! The function under an attribute: its signature understood, its body left alone.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Result, Signature, Token, Visibility};

use crate::ctxt::Ctxt;
use crate::docs;
use crate::list;

/// A function with a body: free, a method, or a default method of a trait.
///
/// The body is not parsed. That is most of the work saved, and a body that is still being typed does no harm.
pub(crate) struct FnItem {
    pub(crate) attrs: Vec<Attribute>,
    /// Everything before the body, attributes included, token for token as the user wrote it. To print the function, print
    /// this: it holds every qualifier and invisible group, which no signature put together again does.
    pub(crate) head: TokenStream,
    pub(crate) sig: Signature,
    /// The body in its braces, inner attributes included.
    pub(crate) body: Group,
}

impl FnItem {
    /// `None`: the item is no function with a body, and `ctxt` says so.
    pub(crate) fn parse(tokens: TokenStream, ctxt: &mut Ctxt) -> Option<Self> {
        Self::read(tokens).map_err(|error| ctxt.push(error)).ok()
    }

    fn read(tokens: TokenStream) -> Result<Self> {
        let (head, body) = split_block(tokens);
        let (attrs, sig) = parse_head.parse2(head.clone())?;
        let body = body.ok_or_else(|| syn::Error::new_spanned(&sig.ident, no_body(&sig)))?;
        Ok(Self { attrs, head, sig, body })
    }

    /// The text of the doc comment, as an expression of type `&'static str`; `None`: there is none.
    pub(crate) fn docs(&self) -> Option<TokenStream> {
        docs::text(&self.attrs)
    }
}

/// The mistakes and the item unchanged, so that what uses the item brings no mistakes of its own.
pub(crate) fn with_errors(errors: TokenStream, item: TokenStream) -> TokenStream {
    // Items and statements may stand behind each other, but where an expression stands there is room for one.
    if is_expression(&item) { quote!({ #errors #item }) } else { [errors, item].into_iter().collect() }
}

fn is_expression(tokens: &TokenStream) -> bool {
    let begins_item = |tree: TokenTree| match tree {
        TokenTree::Ident(word) => word == "fn" || kind(&word).is_some(),
        TokenTree::Group(group) => group.delimiter() == Delimiter::None && !is_expression(&group.stream()),
        _ => false,
    };
    !tokens.clone().into_iter().any(begins_item)
}

/// Takes the last block off. A block behind `=` is a value and stays.
///
/// Invisible groups around everything or around the block, which come from `macro_rules!`, are looked through.
pub(crate) fn split_block(tokens: TokenStream) -> (TokenStream, Option<Group>) {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    if let [TokenTree::Group(group)] = &trees[..]
        && group.delimiter() == Delimiter::None
    {
        return split_block(group.stream());
    }
    let is_value = matches!(&trees[..], [.., TokenTree::Punct(punct), _] if punct.as_char() == '=');
    let block = if is_value { None } else { trees.last().and_then(as_block) };
    if block.is_some() {
        trees.pop();
    }
    (trees.into_iter().collect(), block)
}

fn as_block(tree: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = tree else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let only = inside.next().filter(|_| inside.next().is_none())?;
            as_block(&only)
        }
        _ => None,
    }
}

fn parse_head(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Signature)> {
    let attrs = input.call(Attribute::parse_outer)?;
    let _: Visibility = input.parse()?;
    if !leads_to_fn(input) {
        return Err(not_a_function(list::up_to_end(input)));
    }
    // Neither belongs to a signature for syn. `safe` occurs only where there is no body.
    let _: Option<Token![default]> = input.parse()?;
    let _: Option<Token![safe]> = input.parse()?;
    let sig = input.parse()?;
    let _: Option<Token![;]> = input.parse()?;
    Ok((attrs, sig))
}

/// Whether nothing but qualifiers stand before `fn`.
fn leads_to_fn(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        let qualifier =
            Ident::parse_any(&ahead).is_ok_and(|word| QUALIFIERS.iter().any(|known| word == known));
        if !qualifier && ahead.parse::<LitStr>().is_err() {
            return false;
        }
    }
    true
}

const QUALIFIERS: [&str; 6] = ["default", "const", "async", "unsafe", "safe", "extern"];

/// The word that an item begins with, what it is, and where the attribute goes instead.
const KINDS: [(&str, &str, &str); 13] = [
    ("struct", "a struct", "put it on the functions that work with it"),
    ("enum", "an enum", "put it on the functions that work with it"),
    ("union", "a union", "put it on the functions that work with it"),
    ("type", "a type alias", "put it on the functions that work with it"),
    ("impl", "an impl block", "put it on the methods in it"),
    ("trait", "a trait", "put it on the methods of its implementations"),
    ("mod", "a module", "put it on the functions in it"),
    ("extern", "an extern block", "put it on the functions that call into it"),
    ("use", "an import", "put it where the function is defined"),
    ("let", "a statement", "use `trace_scope!(\"name\", { … })` for a part of a function"),
    ("static", "a static", "put it on the functions that use it"),
    ("const", "a constant", "put it on the functions that use it"),
    ("macro_rules", "a macro", "put it on the functions that the macro makes"),
];

/// What an item that begins with this word is, and where the attribute goes instead.
fn kind(word: &Ident) -> Option<(&'static str, &'static str)> {
    KINDS.iter().find(|(known, ..)| word == known).map(|(_, what, instead)| (*what, *instead))
}

/// Underlines the word that tells what the item is, or all of it.
fn not_a_function(tokens: TokenStream) -> syn::Error {
    let telling = |tree| match tree {
        TokenTree::Ident(word) => kind(&word).map(|kind| (word, kind)),
        _ => None,
    };
    if let Some((word, (what, instead))) = tokens.clone().into_iter().find_map(telling) {
        return syn::Error::new(
            word.span(),
            format!("`trace` goes on a function, and this is {what}: {instead}"),
        );
    }
    let instead = "use `trace_scope!(\"name\", { … })` for a part of a function";
    syn::Error::new_spanned(tokens, format!("`trace` goes on a function, and this is none: {instead}"))
}

fn no_body(sig: &Signature) -> String {
    let name = &sig.ident;
    match sig.receiver() {
        Some(_) => format!("`{name}` has no body to trace, put the attribute on the method in each `impl`"),
        None => format!(
            "`{name}` has no body to trace, put the attribute on the function in each `impl`, \
             or for a foreign function on the one that calls it"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slips;

    fn parse(tokens: TokenStream) -> FnItem {
        let mut ctxt = Ctxt::default();
        let item = FnItem::parse(tokens, &mut ctxt);
        assert_eq!(ctxt.into_messages(), [""; 0]);
        item.unwrap()
    }

    fn mistake(tokens: TokenStream) -> String {
        let mut ctxt = Ctxt::default();
        assert!(FnItem::parse(tokens, &mut ctxt).is_none());
        let messages = ctxt.into_messages();
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages.into_iter().next().unwrap()
    }

    fn invisible(tokens: TokenStream) -> TokenStream {
        TokenTree::from(Group::new(Delimiter::None, tokens)).into()
    }

    #[test]
    fn head_and_body_put_together_are_the_item_token_for_token() {
        for item in [
            quote!(
                fn f() {}
            ),
            quote!(
                #[inline]
                pub(in crate::a) async fn f<'a, T: A + 'a>(x: &'a T) -> impl B + use<'a, T>
                where
                    T: C,
                {
                    x
                }
            ),
            quote!(
                const unsafe extern "C" fn f() -> u8 {
                    1
                }
            ),
            quote!(
                async unsafe fn f(self: Box<Self>, (a, b): (u8, u8)) {}
            ),
            quote!(default fn f(&mut self) {}),
            quote!(
                pub default async fn f(&'a mut self) {}
            ),
            quote!(
                extern "C" fn f(x: [u8; { 1 + 1 }]) -> A<{ B }> {
                    A
                }
            ),
            quote!(
                fn r#type(r#fn: u8) {
                    #![allow(unused)]
                }
            ),
            quote!(
                fn f(#[cfg(x)] _: impl Fn(u8) -> u8, mut x: dyn A) -> ! {
                    loop {}
                }
            ),
        ] {
            let FnItem { head, body, .. } = parse(item.clone());
            assert_eq!(quote!(#head #body).to_string(), item.to_string());
        }
    }

    #[test]
    fn the_body_may_be_half_typed() {
        let item = parse(quote!(fn f() { let user = db.; if }));
        assert_eq!(item.body.to_string(), quote!({ let user = db.; if }).to_string());
    }

    #[test]
    fn invisible_groups_of_macros_are_looked_through() {
        let body = invisible(quote!({ 1 }));
        let vis = invisible(quote!());
        let ty = invisible(quote!(u8));
        let item = parse(invisible(quote!(#vis fn f(x: #ty) -> #ty #body)));
        assert_eq!(item.sig.ident, "f");
        assert_eq!(item.body.to_string(), "{ 1 }");
        assert_eq!(item.head.to_string(), quote!(#vis fn f(x: #ty) -> #ty).to_string());
    }

    #[test]
    fn a_value_in_braces_is_not_the_block() {
        let (head, block) = split_block(quote!("name", input = { "a": 1 }));
        assert!(block.is_none());
        assert_eq!(head.to_string(), quote!("name", input = { "a": 1 }).to_string());
        assert!(split_block(quote!("name", input = { "a": 1 }, {})).1.is_some());
        assert!(split_block(quote!()).1.is_none());
    }

    #[test]
    fn what_is_no_function_is_named() {
        for (item, what) in [
            ("pub struct A { a: u8 }", "a struct"),
            ("pub(crate) struct A;", "a struct"),
            ("enum A {}", "an enum"),
            ("union A { a: u8 }", "a union"),
            ("type A = fn();", "a type alias"),
            ("impl A for fn() {}", "an impl block"),
            ("unsafe impl A for B {}", "an impl block"),
            ("pub unsafe trait A { fn f() {} }", "a trait"),
            ("mod a;", "a module"),
            ("unsafe extern \"C\" { fn f(); }", "an extern block"),
            ("pub use a::f;", "an import"),
            ("const A: fn() = f;", "a constant"),
            ("static A: u8 = 1;", "a static"),
            ("let f = || {};", "a statement"),
            ("macro_rules! f { () => {} }", "a macro"),
        ] {
            let message = mistake(item.parse().unwrap());
            let expected = format!("`trace` goes on a function, and this is {what}: ");
            assert!(message.starts_with(&expected), "{item}: {message}");
        }
    }

    #[test]
    fn an_expression_is_no_function_and_is_told_of_the_scope() {
        for item in [
            quote!(|fn_name| 1),
            quote!(call()),
            quote!(
                #[inline]
                {
                    1
                }
            ),
            quote!(),
        ] {
            let message = mistake(item);
            assert!(
                message
                    .ends_with("this is none: use `trace_scope!(\"name\", { … })` for a part of a function")
            );
        }
    }

    #[test]
    fn one_slip_anywhere_in_a_signature_is_at_most_one_message() {
        let item = quote!(
            #[doc = " Docs."]
            pub(crate) async unsafe extern "C" fn f<'a, T: A<B>>(
                &self,
                (a, b): (u8, [T; { 1 }]),
            ) -> impl C + 'a
            where
                T: D,
            {
            }
        );
        for slipped in slips::of(&item) {
            let mut ctxt = Ctxt::default();
            let item = FnItem::parse(slipped.clone(), &mut ctxt);
            assert_eq!(ctxt.into_messages().len(), usize::from(item.is_none()), "{slipped}");
        }
    }

    #[test]
    fn mistakes_stand_before_an_item_and_share_a_block_with_an_expression() {
        let errors = quote!(error! {});
        let given = |item: TokenStream| with_errors(errors.clone(), item).to_string();
        for item in [
            quote!(
                pub fn f() {}
            ),
            quote!(
                struct A;
            ),
            quote!(let a = 1;),
            invisible(quote!(
                fn f() {}
            )),
        ] {
            assert_eq!(given(item.clone()), quote!(error! {} #item).to_string());
        }
        assert_eq!(
            given(quote!(|a| a)),
            quote!({
                error! {}
                |a| a
            })
            .to_string()
        );
    }

    #[test]
    fn a_function_without_a_body_is_told_where_the_attribute_goes() {
        for item in [
            quote!(
                fn f(&self);
            ),
            quote!(async fn f(self: Box<Self>) -> [u8; { 1 }]),
        ] {
            assert_eq!(
                mistake(item),
                "`f` has no body to trace, put the attribute on the method in each `impl`"
            );
        }
        for item in [
            quote!(
                pub fn f();
            ),
            quote!(safe fn f(x: u8);),
            quote!(
                unsafe fn f() -> A<{ 1 }>;
            ),
        ] {
            assert!(mistake(item).contains("for a foreign function"));
        }
    }

    #[test]
    fn a_broken_signature_is_one_mistake() {
        mistake(quote!(fn () {}));
        mistake(quote!(fn f(x) {}));
        mistake(quote!(fn f() -> {}));
        mistake(quote!(fn f() {}, {}));
    }
}
