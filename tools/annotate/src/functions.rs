//! Finds what can be traced, and the tests.

use std::path::Path;

use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    Attribute, Block, ImplItemFn, ItemFn, ItemMod, Macro, Meta, ReturnType, Signature, TraitItemFn, Visibility,
};

/// A function that can be traced.
pub(crate) struct Function {
    pub(crate) name: String,
    /// Where the attribute goes: behind the other attributes.
    pub(crate) at: usize,
    pub(crate) lines: (usize, usize),
}

impl Function {
    /// `src/a.rs⇥3⇥9⇥name`
    pub(crate) fn line(&self, file: &Path) -> String {
        format!("{}\t{}\t{}\t{}\n", file.display(), self.lines.0, self.lines.1, self.name)
    }
}

/// A test, with the bytes between its braces.
pub(crate) struct Test {
    pub(crate) is_async: bool,
    pub(crate) returns: std::ops::Range<usize>,
    pub(crate) body: std::ops::Range<usize>,
}

#[derive(Default)]
pub(crate) struct Found {
    pub(crate) traced: Vec<Function>,
    pub(crate) tests: Vec<Test>,
    in_tests: bool,
}

pub(crate) fn find(file: &syn::File) -> Found {
    let mut found = Found::default();
    found.visit_file(file);
    found
}

/// With these a function is something else than it looks, or must not call into another crate.
const UNFIT: [&str; 14] = [
    "bench",
    "derive",
    "export_name",
    "global_allocator",
    "instrument",
    "main",
    "naked",
    "no_mangle",
    "panic_handler",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "test_case",
    "trace",
];

impl Found {
    fn function(&mut self, attrs: &[Attribute], start: Span, sig: &Signature, block: &Block) {
        if is_test(attrs) {
            self.test(sig, block);
            return;
        }
        let unfit = attrs.iter().any(|attr| UNFIT.iter().any(|known| last_name(attr) == *known));
        if unfit || self.in_tests || sig.constness.is_some() {
            return;
        }
        let line = |place: LineColumn| place.line;
        self.traced.push(Function {
            name: sig.ident.to_string(),
            at: start.byte_range().start,
            lines: (line(start.start()), line(block.brace_token.span.close().end())),
        });
    }

    fn test(&mut self, sig: &Signature, block: &Block) {
        let braces = &block.brace_token.span;
        let returns = match &sig.output {
            ReturnType::Default => 0..0,
            ReturnType::Type(_, ty) => ty.span().byte_range(),
        };
        let body = braces.open().byte_range().end..braces.close().byte_range().start;
        self.tests.push(Test { is_async: sig.asyncness.is_some(), returns, body });
    }
}

fn last_name(attr: &Attribute) -> String {
    attr.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn is_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| last_name(attr) == "test")
}

fn is_for_tests(attr: &Attribute) -> bool {
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.tokens.clone().into_iter().any(|token| token.to_string() == "test")
        }
        _ => false,
    }
}

fn start(vis: &Visibility, sig: &Signature) -> Span {
    match vis {
        Visibility::Inherited => sig.span(),
        vis => vis.span(),
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.attrs, start(&item.vis, &item.sig), &item.sig, &item.block);
        if item.sig.constness.is_none() && !is_test(&item.attrs) {
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if item.modifiers.defaultness.is_none() {
            self.function(&item.attrs, start(&item.vis, &item.sig), &item.sig, &item.block);
        }
        if item.sig.constness.is_none() {
            syn::visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.attrs, item.sig.span(), &item.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let outer = self.in_tests;
        self.in_tests |= item.attrs.iter().any(is_for_tests);
        syn::visit::visit_item_mod(self, item);
        self.in_tests = outer;
    }

    /// What stands in a macro call is the macro's.
    fn visit_macro(&mut self, _: &'ast Macro) {}
}
