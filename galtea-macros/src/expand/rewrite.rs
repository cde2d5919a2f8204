//! Looks into a body that must stay where it is, for the places at which it can be left.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, Item, Macro, Token};

/// What is put around what leaves the body. Each takes the tokens of an expression.
pub(crate) struct Exits<'a> {
    /// Around the operand of `?`.
    pub(crate) on_try: &'a dyn Fn(TokenStream) -> TokenStream,
    /// Around the operand of `return`; `None`: it is left alone.
    pub(crate) on_return: Option<&'a dyn Fn(TokenStream) -> TokenStream>,
}

/// The body with its exits rewritten, and the first `.await` in it that belongs to the surrounding function.
///
/// Closures, async blocks and items inside the body have exits of their own and stay as they are. A body that is no valid
/// block, half typed perhaps, stays as it is too: the compiler will say why.
pub(crate) fn rewrite(body: &Group, exits: &Exits<'_>) -> (TokenTree, Option<Span>) {
    let unchanged = TokenTree::Group(body.clone());
    if !has_exit(body.stream(), exits) {
        return (unchanged, None);
    }
    let Ok(statements) = Block::parse_within.parse2(body.stream()) else { return (unchanged, None) };
    let mut rewriter = Rewriter { exits, awaits: None };
    let statements: TokenStream = statements
        .into_iter()
        .map(|mut statement| {
            rewriter.visit_stmt_mut(&mut statement);
            statement.into_token_stream()
        })
        .collect();
    let mut group = Group::new(body.delimiter(), statements);
    group.set_span(body.span());
    (TokenTree::Group(group), rewriter.awaits)
}

/// Spares most bodies the parsing.
fn has_exit(tokens: TokenStream, exits: &Exits<'_>) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(ident) => ident == "await" || (exits.on_return.is_some() && ident == "return"),
        TokenTree::Group(group) => has_exit(group.stream(), exits),
        TokenTree::Literal(_) => false,
    })
}

struct Rewriter<'a> {
    exits: &'a Exits<'a>,
    awaits: Option<Span>,
}

impl VisitMut for Rewriter<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_) => return,
            Expr::Await(found) => {
                self.awaits.get_or_insert(found.await_token.span);
            }
            _ => {}
        }
        syn::visit_mut::visit_expr_mut(self, expr);
        let (operand, wrap) = match expr {
            Expr::Try(found) => (&mut found.expr, self.exits.on_try),
            Expr::Return(found) => match (&mut found.expr, self.exits.on_return) {
                (Some(operand), Some(wrap)) => (operand, wrap),
                _ => return,
            },
            _ => return,
        };
        let wrapped = wrap(operand.to_token_stream());
        **operand = Expr::Verbatim(wrapped);
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}

    /// Many macros take expressions: `vec![a?, b?]`, `format!("{}", name?)`. Where the tokens read as such, the exits in them
    /// are seen too.
    fn visit_macro_mut(&mut self, called: &mut Macro) {
        if !has_exit(called.tokens.clone(), self.exits) {
            return;
        }
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut operands) = parser.parse2(called.tokens.clone()) {
            operands.iter_mut().for_each(|operand| self.visit_expr_mut(operand));
            called.tokens = operands.into_token_stream();
        }
    }
}

/// `compile_error!` at the place of the `.await`.
pub(crate) fn await_error(place: Span, name: &str) -> TokenStream {
    let message = format!(
        "a plain block cannot wait: write `trace_scope!({name}, async {{ … }}).await`, \
         with `async move` where the block should own what it uses"
    );
    quote_spanned!(place=> ::core::compile_error!(#message))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn rewritten(body: TokenStream) -> (String, bool) {
        let group: Group = syn::parse2(body).unwrap();
        let (body, awaits) = rewrite(
            &group,
            &Exits {
                on_try: &|operand| quote!(seen(#operand)),
                on_return: Some(&|operand| quote!(left(#operand))),
            },
        );
        (body.to_string(), awaits.is_some())
    }

    #[test]
    fn every_exit_of_the_body_itself_is_wrapped_and_no_other() {
        let (body, awaits) = rewritten(quote!({
            let a = f(x?)?;
            let g = |u: u8| {
                y?;
                return 1;
            };
            let h = async { z?.await };
            fn inner() -> R {
                return w?;
            }
            let v = vec![b?, 2];
            return a;
        }));
        let expected = quote!({
            let a = seen(f(seen(x)?))?;
            let g = |u: u8| {
                y?;
                return 1;
            };
            let h = async { z?.await };
            fn inner() -> R {
                return w?;
            }
            let v = vec![seen(b)?, 2];
            return left(a);
        });
        assert_eq!(body, expected.to_string());
        assert!(!awaits);
    }

    #[test]
    fn an_await_of_the_surrounding_function_is_found() {
        assert!(
            rewritten(quote!({
                let a = f().await;
                a?
            }))
            .1
        );
    }

    #[test]
    fn a_half_typed_body_stays_as_it_is() {
        let body = quote!({ let a = b?; c. });
        assert_eq!(rewritten(body.clone()).0, body.to_string());
    }
}
