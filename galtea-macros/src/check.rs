//! The rules that arguments must keep, among each other and towards the function.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{FnArg, PatIdent, ReturnType, Signature};

use crate::ctxt::Ctxt;
use crate::expand::shape::Shape;
use crate::item::FnItem;
use crate::key::{Word, contains, word_of};
use crate::model::{Description, Inputs, Settings};
use crate::slot::{Slot, Slots};
use crate::suggest;

/// All rules between arguments.
pub(crate) fn conflicts(slots: &Slots, ctxt: &mut Ctxt) {
    inputs_are_chosen_in_one_way(slots, ctxt);
    masked_arguments_are_recorded(slots, ctxt);
    output_is_told_in_one_way(slots, ctxt);
    description_is_told_in_one_way(slots, ctxt);
}

/// All rules between the arguments and the function they stand on.
pub(crate) fn check_against_item(settings: &Settings, item: &FnItem, ctxt: &mut Ctxt) {
    check_against_signature(settings, &item.sig, ctxt);
    docs_need_a_doc_comment(settings, item, ctxt);
}

/// The rules that the signature alone decides.
pub(crate) fn check_against_signature(settings: &Settings, sig: &Signature, ctxt: &mut Ctxt) {
    is_not_const(sig, ctxt);
    named_arguments_exist(settings, sig, ctxt);
    a_stream_is_returned(settings, sig, ctxt);
}

/// Every name that the arguments of a function bind, `self` aside.
pub(crate) fn argument_names(sig: &Signature) -> Vec<&Ident> {
    let mut bindings = Bindings(Vec::new());
    for arg in &sig.inputs {
        if let FnArg::Typed(arg) = arg {
            bindings.visit_pat(&arg.pat);
        }
    }
    bindings.0
}

struct Bindings<'a>(Vec<&'a Ident>);

impl<'a> Visit<'a> for Bindings<'a> {
    fn visit_pat_ident(&mut self, binding: &'a PatIdent) {
        self.0.push(&binding.ident);
        visit::visit_pat_ident(self, binding);
    }
}

fn inputs_are_chosen_in_one_way(slots: &Slots, ctxt: &mut Ctxt) {
    let ways = [slots.skip.word(), slots.skip_all.word(), slots.only.word(), slots.input.word()];
    exclusive(&ways, "each says what is recorded as input", ctxt);
}

fn output_is_told_in_one_way(slots: &Slots, ctxt: &mut Ctxt) {
    let ways = [slots.output.word(), slots.skip_output.word()];
    exclusive(&ways, "one says what to record as output, the other to record none", ctxt);
}

fn description_is_told_in_one_way(slots: &Slots, ctxt: &mut Ctxt) {
    let ways = [slots.description.word(), slots.docs.word()];
    exclusive(&ways, "each gives the description", ctxt);
}

/// An argument that is not recorded needs no mask, so one of the two is a slip, perhaps a dangerous one.
fn masked_arguments_are_recorded(slots: &Slots, ctxt: &mut Ctxt) {
    let mask = slots.mask.word();
    exclusive(&[mask, slots.skip_all.word()], "no argument is recorded, so none needs a mask", ctxt);
    exclusive(
        &[mask, slots.input.word()],
        "`mask` is for arguments, and `input` is recorded instead of them",
        ctxt,
    );
    let skipped = names(&slots.skip);
    let only = slots.only.value();
    for name in names(&slots.mask) {
        if contains(skipped, name) {
            ctxt.error(
                name,
                format!("`{name}` is in `skip`, so it needs no mask: name it in one of the two"),
            );
        } else if only.is_some_and(|only| !contains(only, name)) {
            ctxt.error(
                name,
                format!("`{name}` is not in `only`, so it needs no mask: name it in both or in none"),
            );
        }
    }
}

/// Of the arguments given, only one can be honoured. The later ones are the mistake.
fn exclusive(words: &[Option<&Word>], why: &str, ctxt: &mut Ctxt) {
    let mut given: Vec<&Word> = words.iter().copied().flatten().collect();
    given.sort_by_key(|word| word.order);
    let Some((first, others)) = given.split_first() else { return };
    for other in others {
        let message = format!("`{}` conflicts with `{}`: {why}; keep one", other.text(), first.text());
        ctxt.error(other, message);
    }
}

/// What records a call cannot run while the compiler evaluates a constant.
fn is_not_const(sig: &Signature, ctxt: &mut Ctxt) {
    if let Some(token) = &sig.constness {
        let message = "a `const fn` cannot be traced, it also runs in the compiler: \
                       take `const` away, or trace the function that calls it";
        ctxt.error(token, message);
    }
}

fn named_arguments_exist(settings: &Settings, sig: &Signature, ctxt: &mut Ctxt) {
    let chosen: &[Ident] = match &settings.inputs {
        Inputs::Skip(names) | Inputs::Only(names) => names,
        _ => &[],
    };
    let masked = settings.mask.iter().filter(|name| !contains(chosen, name));
    let named: Vec<&Ident> = chosen.iter().chain(masked).collect();
    if named.is_empty() {
        return;
    }
    let arguments: Vec<String> = argument_names(sig).into_iter().map(word_of).collect();
    for name in named {
        if !arguments.contains(&word_of(name)) {
            ctxt.error(name, no_such_argument(name, sig, &arguments));
        }
    }
}

fn no_such_argument(name: &Ident, sig: &Signature, arguments: &[String]) -> String {
    let near = suggest::nearest(&word_of(name), arguments.iter().map(String::as_str));
    let hint = match (near, arguments) {
        (Some(near), _) => format!(", did you mean `{near}`?"),
        (None, []) => ", it has none to record: leave this out".to_owned(),
        (None, _) => format!(", its arguments are {}", suggest::list(arguments)),
    };
    format!("`{}` has no argument `{name}`{hint}", sig.ident)
}

fn a_stream_is_returned(settings: &Settings, sig: &Signature, ctxt: &mut Ctxt) {
    let Some(span) = settings.stream else { return };
    let message = match &sig.output {
        ReturnType::Default => "returns nothing, and `stream` needs a stream: leave `stream` out",
        ReturnType::Type(..) if Shape::of(&[], sig).is_stream() => return,
        ReturnType::Type(..) => {
            "does not show in its signature that it returns a stream, which `stream` needs: write out \
             `impl Stream<Item = …>` (further bounds may be `Send`, `Sync`, `Unpin` and lifetimes), \
             `Pin<Box<dyn Stream<Item = …>>>`, `BoxStream<'_, …>`, `LocalBoxStream<'_, …>`, or a `Result` of one \
             of these; or leave `stream` out"
        }
    };
    ctxt.error_at(span, format!("`{}` {message}", sig.ident));
}

fn docs_need_a_doc_comment(settings: &Settings, item: &FnItem, ctxt: &mut Ctxt) {
    if let Description::Docs(span) = settings.description
        && item.docs().is_none()
    {
        let message = format!(
            "`{}` has no doc comment for `docs` to take: write one above it, or give the text with `description = \"…\"`",
            item.sig.ident
        );
        ctxt.error_at(span, message);
    }
}

fn names(slot: &Slot<Vec<Ident>>) -> &[Ident] {
    slot.value().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;
    use crate::args::parse_attribute;

    fn mistakes(args: TokenStream, item: TokenStream) -> Vec<String> {
        let mut ctxt = Ctxt::default();
        let settings = parse_attribute(args, &mut ctxt);
        if let Some(item) = FnItem::parse(item, &mut ctxt) {
            check_against_item(&settings, &item, &mut ctxt);
        }
        ctxt.into_messages()
    }

    fn function() -> TokenStream {
        quote!(
            /// Looks up.
            fn look(
                &self,
                db: Db,
                (a, [b, .., c @ d]): T,
                Point { x, y: z, .. }: Point,
                r#type: u8,
                mut e: u8,
            ) -> u8 {
                1
            }
        )
    }

    #[test]
    fn every_binding_of_every_pattern_is_an_argument() {
        let item: Signature =
            syn::parse2(quote!(fn f(&self, a: A, &(b, ref c): B, D { e, f: (g, _) }: D, h @ i: I))).unwrap();
        assert_eq!(argument_names(&item), ["a", "b", "c", "e", "g", "h", "i"]);
    }

    #[test]
    fn arguments_that_go_together_are_no_mistake() {
        for args in [
            quote!(skip(db, a, d), mask(z, e)),
            quote!(only(db, r#type, x), mask(x)),
            quote!(skip(type), docs),
            quote!(input = { "a": a }, output = f, error = g),
            quote!(skip_all, skip_output, description = "d"),
        ] {
            assert_eq!(mistakes(args, function()), [""; 0]);
        }
    }

    #[test]
    fn of_two_arguments_that_conflict_the_later_is_the_mistake() {
        for (args, part) in [
            (
                quote!(skip(db), only(a)),
                "`only` conflicts with `skip`: each says what is recorded as input; keep one",
            ),
            (quote!(only(a), skip(db)), "`skip` conflicts with `only`"),
            (quote!(skip_all, skip(db)), "`skip` conflicts with `skip_all`"),
            (quote!(only(a), skip_all), "`skip_all` conflicts with `only`"),
            (quote!(skip_all, mask(a)), "`mask` conflicts with `skip_all`: no argument is recorded"),
            (quote!(input = a, skip(db)), "`skip` conflicts with `input`"),
            (quote!(only(a), input = { "a": 1 }), "`input` conflicts with `only`"),
            (quote!(skip_all, input = a), "`input` conflicts with `skip_all`"),
            (quote!(mask(a), input = a), "`input` conflicts with `mask`"),
            (quote!(output = f, skip_output), "`skip_output` conflicts with `output`"),
            (quote!(description = "d", docs), "`docs` conflicts with `description`"),
            (quote!(skip(a), mask(a)), "`a` is in `skip`, so it needs no mask"),
            (quote!(only(a), mask(x)), "`x` is not in `only`, so it needs no mask"),
        ] {
            let messages = mistakes(args, function());
            assert!(messages.len() == 1 && messages[0].starts_with(part), "{part}: {messages:?}");
        }
    }

    #[test]
    fn a_name_that_is_no_argument_is_answered_with_the_nearest() {
        for (args, part) in [
            (quote!(skip(bd)), "`look` has no argument `bd`, did you mean `db`?"),
            (quote!(only(point)), "`look` has no argument `point`, its arguments are `db`, `a`"),
            (quote!(mask(Db)), "`look` has no argument `Db`, did you mean `db`?"),
            (quote!(skip(y)), "`look` has no argument `y`"),
        ] {
            let messages = mistakes(args, function());
            assert!(messages.len() == 1 && messages[0].starts_with(part), "{part}: {messages:?}");
        }
        let messages = mistakes(
            quote!(skip(a)),
            quote!(
                fn f(&self) {}
            ),
        );
        assert_eq!(messages, ["`f` has no argument `a`, it has none to record: leave this out"]);
        assert_eq!(mistakes(quote!(only(q), mask(q)), function()).len(), 1);
    }

    #[test]
    fn a_const_function_is_refused_with_the_reason() {
        let messages = mistakes(
            quote!(),
            quote!(
                const fn f() {}
            ),
        );
        assert!(
            messages.len() == 1 && messages[0].starts_with("a `const fn` cannot be traced"),
            "{messages:?}"
        );
    }

    #[test]
    fn docs_and_stream_need_something_to_take() {
        let messages = mistakes(
            quote!(docs, stream),
            quote!(
                fn f() {}
            ),
        );
        assert_eq!(messages.len(), 2);
        assert!(messages[0].starts_with("`f` returns nothing"));
        assert!(messages[1].starts_with("`f` has no doc comment"));
    }

    #[test]
    fn mistakes_in_arguments_and_item_come_together() {
        assert_eq!(
            mistakes(
                quote!(type = "TOLL", skip(q)),
                quote!(
                    const fn f(a: u8) {}
                )
            )
            .len(),
            3
        );
        assert_eq!(
            mistakes(
                quote!(type = "TOLL"),
                quote!(
                    struct A;
                )
            )
            .len(),
            2
        );
    }
}
