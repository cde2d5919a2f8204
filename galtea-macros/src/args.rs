//! Reads the arguments of the macros.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Result};

use crate::check;
use crate::ctxt::Ctxt;
use crate::entries;
use crate::key::{Key, Place, Word, word_of};
use crate::list;
use crate::model::Settings;
use crate::slot::Slots;
use crate::unknown;
use crate::value;

/// The arguments of `#[trace(…)]`. What is wrong in them goes to `ctxt`, the rest is in the settings.
pub(crate) fn parse_attribute(args: TokenStream, ctxt: &mut Ctxt) -> Settings {
    let mut reader = Reader::new(Place::Attribute);
    if !args.is_empty() {
        list::parse_with(args, ctxt, |input, ctxt| {
            list::all(input, ctxt, |input, ctxt| reader.argument(input, ctxt));
            Ok(())
        });
    }
    reader.finish(ctxt)
}

/// Reads arguments one by one.
pub(crate) struct Reader {
    place: Place,
    read: usize,
    slots: Slots,
}

impl Reader {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, read: 0, slots: Slots::default() }
    }

    pub(crate) fn argument(&mut self, input: ParseStream<'_>, ctxt: &mut Ctxt) -> Result<()> {
        let Ok(ident) = Ident::parse_any(input) else { return Err(unknown::wordless(input, self.place)) };
        let Some(key) = Key::find(&word_of(&ident)) else {
            return Err(unknown::argument(input, &ident, self.place));
        };
        if let Some(why) = self.place.refusal(key) {
            list::argument_rest(input);
            return Err(syn::Error::new(ident.span(), format!("`{}` has no place here: {why}", key.word())));
        }
        self.read += 1;
        store(input, Word { key, ident, order: self.read }, &mut self.slots, ctxt)
    }

    /// What was read, its parts checked against each other.
    pub(crate) fn finish(self, ctxt: &mut Ctxt) -> Settings {
        check::conflicts(&self.slots, ctxt);
        self.slots.into_settings()
    }
}

fn store(input: ParseStream<'_>, word: Word, slots: &mut Slots, ctxt: &mut Ctxt) -> Result<()> {
    match word.key {
        Key::Type => slots.trace_type.set(value::trace_type(input, &word)?, word, ctxt),
        Key::Name => slots.name.set(value::text(input, &word)?, word, ctxt),
        Key::Description => slots.description.set(value::text(input, &word)?, word, ctxt),
        Key::Docs => slots.docs.set(value::flag(input, &word)?, word, ctxt),
        Key::Skip => slots.skip.set(value::names(input, &word, ctxt)?, word, ctxt),
        Key::SkipAll => slots.skip_all.set(value::flag(input, &word)?, word, ctxt),
        Key::Only => slots.only.set(value::names(input, &word, ctxt)?, word, ctxt),
        Key::Mask => slots.mask.set(value::names(input, &word, ctxt)?, word, ctxt),
        Key::SkipOutput => slots.skip_output.set(value::flag(input, &word)?, word, ctxt),
        Key::Input => slots.input.set(entries::input(input, &word, ctxt)?, word, ctxt),
        Key::Output => slots.output.set(value::mapping(input, &word)?, word, ctxt),
        Key::Error => slots.error.set(value::mapping(input, &word)?, word, ctxt),
        Key::Metadata => slots.metadata.set(entries::metadata(input, &word, ctxt)?, word, ctxt),
        Key::Stream => slots.stream.set(value::flag(input, &word)?, word, ctxt),
        Key::Crate => slots.krate.set(value::path(input, &word)?, word, ctxt),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::*;
    use crate::model::{Description, Entry, Inputs, Mapping, Output, TypeSetting};
    use crate::slips;

    fn settings(args: TokenStream) -> Settings {
        let mut ctxt = Ctxt::default();
        let settings = parse_attribute(args, &mut ctxt);
        assert_eq!(ctxt.into_messages(), [""; 0]);
        settings
    }

    fn mistakes(args: TokenStream) -> Vec<String> {
        let mut ctxt = Ctxt::default();
        parse_attribute(args, &mut ctxt);
        ctxt.into_messages()
    }

    fn mistake(args: TokenStream) -> String {
        let text = args.to_string();
        let messages = mistakes(args);
        assert_eq!(messages.len(), 1, "{text}: {messages:?}");
        messages.into_iter().next().unwrap()
    }

    fn entries(entries: &[Entry]) -> Vec<(&str, String)> {
        entries.iter().map(|entry| (entry.key.as_str(), entry.value.to_string())).collect()
    }

    #[test]
    fn without_arguments_everything_is_as_by_default() {
        let settings = settings(quote!());
        assert!(settings.krate.is_none() && settings.trace_type.is_none() && settings.name.is_none());
        assert!(matches!(settings.description, Description::None));
        assert!(matches!(settings.inputs, Inputs::All));
        assert!(matches!(settings.output, Output::Returned));
        assert!(settings.mask.is_empty() && settings.metadata.is_empty());
        assert!(settings.error.is_none() && settings.stream.is_none());
    }

    #[test]
    fn every_argument_arrives() {
        let settings = settings(quote!(
            type = "TOOL", name = "search", description = "Searches.", skip(db, r#type), mask(key),
            output = |out| out.len(), error = describe, metadata(model = "m", "a.b" = x::<A, B>(|c, d| c), r#type = 1,),
            stream, crate = ::a::b,
        ));
        assert!(matches!(settings.trace_type, Some(TypeSetting::Known(variant)) if variant == "Tool"));
        assert_eq!(settings.name.unwrap().value(), "search");
        assert!(matches!(settings.description, Description::Text(text) if text.value() == "Searches."));
        assert!(matches!(&settings.inputs, Inputs::Skip(names) if names[0] == "db" && names[1] == "r#type"));
        assert_eq!(settings.mask, ["key"]);
        assert!(matches!(settings.output, Output::Mapped(Mapping::Closure(_))));
        assert!(matches!(settings.error, Some(Mapping::Callable(_))));
        let values = [
            ("model", "\"m\"".into()),
            ("a.b", quote!(x::<A, B>(|c, d| c)).to_string()),
            ("type", "1".into()),
        ];
        assert_eq!(entries(&settings.metadata), values);
        assert!(settings.stream.is_some());
        assert_eq!(settings.krate.to_token_stream().to_string(), quote!(::a::b).to_string());
    }

    #[test]
    fn inputs_are_chosen_by_flag_list_object_or_expression() {
        assert!(matches!(settings(quote!(skip_all)).inputs, Inputs::None));
        assert!(matches!(settings(quote!(only(a))).inputs, Inputs::Only(names) if names == ["a"]));
        assert!(matches!(settings(quote!(skip())).inputs, Inputs::Skip(names) if names.is_empty()));
        for args in [
            quote!(input = query),
            quote!(
                input = {
                    let a = 1;
                    a
                }
            ),
            quote!(input = { query }),
            quote!(input = { a::b }),
        ] {
            assert!(matches!(settings(args).inputs, Inputs::Value(_)));
        }
        for args in
            [quote!(input = { "a": 1, "b c": x.y(1, 2) }), quote!(input = { "a": 1, "b c": x.y(1, 2), },)]
        {
            let Inputs::Object(object) = settings(args).inputs else { panic!("an object") };
            assert_eq!(entries(&object), [("a", "1".into()), ("b c", quote!(x.y(1, 2)).to_string())]);
        }
        assert!(matches!(settings(quote!(input = {})).inputs, Inputs::Object(object) if object.is_empty()));
    }

    #[test]
    fn a_raw_word_and_a_path_are_understood() {
        let path = settings(quote!(r#type = galtea::TraceType::Tool)).trace_type;
        assert!(matches!(path, Some(TypeSetting::Path(_))));
        assert!(matches!(settings(quote!(type = MY_TYPE)).trace_type, Some(TypeSetting::Path(_))));
        assert!(matches!(settings(quote!(docs, skip_output)).output, Output::None));
        assert!(matches!(settings(quote!(docs)).description, Description::Docs(_)));
    }

    #[test]
    fn what_macro_rules_hands_over_is_read_through_its_invisible_groups() {
        let group = |tokens| proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens);
        let (kind, name, path) = (group(quote!("TOOL")), group(quote!("n")), group(quote!(::a)));
        let (value, arg) = (group(quote!(1 + 1)), group(quote!(db)));
        let settings =
            settings(quote!(type = #kind, name = #name, crate = #path, metadata(a = #value), skip(#arg)));
        assert!(matches!(settings.trace_type, Some(TypeSetting::Known(_))));
        assert_eq!(settings.name.unwrap().value(), "n");
        assert_eq!(entries(&settings.metadata), [("a", quote!(1 + 1).to_string())]);
        assert!(matches!(settings.inputs, Inputs::Skip(names) if names == ["db"]));
    }

    #[test]
    fn the_wrong_form_is_one_mistake_that_shows_the_right_one() {
        for (args, right) in [
            (quote!(type(TOOL)), r#"`type` takes its value after `=`, write `type = "TOOL"`"#),
            (quote!(type), r#"`type` needs a value, write `type = "TOOL"`"#),
            (quote!(type =), r#"`type` needs a value, write `type = "TOOL"`"#),
            (quote!(skip = Map::<A, B>::new()), "`skip` takes a list in parentheses, write `skip(a, b)`"),
            (quote!(type: "TOOL"), r#"write `type = "TOOL"`"#),
            (quote!(type = TOOL), r#"`type` takes a trace type in quotes, write `type = "TOOL"`"#),
            (
                quote!(type = 1),
                r#"`type` takes a trace type in quotes, or a path to one, write `type = "TOOL"`"#,
            ),
            (quote!(name), r#"`name` needs a value, write `name = "…"`"#),
            (quote!(name("a")), r#"`name` takes its value after `=`, write `name = "a"`"#),
            (quote!(name = search), r#"`name` takes a string literal, write `name = "search"`"#),
            (quote!(name = "a".to_string()), "`name` takes a string literal"),
            (quote!(name = ""), "`name` is empty, give it a text or leave it out"),
            (quote!(description = " "), "`description` is empty"),
            (quote!(skip = db), "`skip` takes a list in parentheses, write `skip(db)`"),
            (quote!(skip = [a, b]), "`skip` takes a list in parentheses, write `skip(a, b)`"),
            (quote!(skip), "`skip` needs a list in parentheses, write `skip(a, b)`"),
            (quote!(skip("db")), "arguments are named without quotes, write `skip(db)`"),
            (quote!(only(self)), "`self` is never recorded, leave it out"),
            (quote!(mask(user.key)), "`mask` takes names of arguments only, write `mask(a, b)`"),
            (quote!(skip(&db)), "`skip` takes names of arguments only"),
            (quote!(skip_all = true), "`skip_all` stands alone, write `skip_all`"),
            (quote!(stream()), "`stream` stands alone, write `stream`"),
            (quote!(docs = "Looks up."), r#"to give another text, write `description = "Looks up."`"#),
            (quote!(metadata), "`metadata` needs a list in parentheses, write `metadata(key = value)`"),
            (quote!(metadata = { a: 1 }), "`metadata` takes a list in parentheses"),
            (quote!(metadata(user)), "write `user = value`"),
            (quote!(metadata(user: 1)), "write `user = value`"),
            (quote!(metadata(a =)), r#"the key "a" has no value"#),
            (quote!(metadata(gen_ai.model = 1)), r#"is written in quotes: `"gen_ai.model" = value`"#),
            (quote!(metadata("" = 1)), "this key is empty"),
            (quote!(metadata(1 = 1)), "an entry of `metadata` begins with its key"),
            (quote!(metadata(a = { "b": 1 })), "objects do not nest here, write `serde_json::json!({ … })`"),
            (quote!(input), r#"`input` needs a value, write `input = { "key": value }`"#),
            (quote!(input({ "a": 1 })), "`input` takes its value after `=`"),
            (quote!(input = { a: 1 }), r#"keys of `input` are written in quotes: `"a": value`"#),
            (quote!(input = { "a": 1, "b" }), r#"write `"b": value`"#),
            (
                quote!(output = "text"),
                "`output` takes a closure or the path of a function, write `output = |out| …`",
            ),
            (quote!(output = || 1), "`output` is called with one value"),
            (quote!(error = |a, b| a), "`error` is called with one value, write `error = |e| …`"),
            (quote!(crate = "a::b"), "`crate` takes a path without quotes, write `crate = a::b`"),
            (quote!(crate = 1), "in the value of `crate`: expected identifier"),
            (quote!(crate = a::), "the value of `crate` breaks off here"),
            (quote!(input = a +), "the value of `input` breaks off here, expected an expression"),
            (quote!(input = @), "in the value of `input`: "),
            (quote!(metadata(model = a.b(c +))), "the value of `model` breaks off here"),
            (quote!(metadata("a.b")), "write `\"a.b\" = value`"),
        ] {
            let text = args.to_string();
            let message = mistake(args);
            assert!(message.starts_with(right) || message.ends_with(right), "{text}: {message}");
        }
    }

    #[test]
    fn an_unknown_argument_is_answered_with_the_one_that_was_meant() {
        for (args, right) in [
            (quote!(typ = "TOOL"), r#"there is no argument `typ`, did you mean `type = "TOOL"`?"#),
            (quote!(skipp(a)), "did you mean `skip(a, b)`?"),
            (quote!(kind = "TOOL"), r#"did you mean `type = "TOOL"`?"#),
            (quote!(fields(a = 1)), "did you mean `metadata(key = value)`?"),
            (quote!(err), "there is no argument `err`; errors are always recorded, leave it out"),
            (quote!(zebra = a::<B, C>()), "there is no argument `zebra`\nthe arguments are `type`, `name`"),
            (quote!(TOOL), r#"a trace type needs its word, write `type = "TOOL"`"#),
            (quote!("TOOL"), r#"an argument begins with its word, write `type = "TOOL"`"#),
            (quote!("search"), r#"an argument begins with its word, write `name = "search"`"#),
        ] {
            let message = mistake(args);
            assert!(message.contains(right), "{message}");
        }
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let messages = mistakes(quote!(
            type = "TOLL", nam = "x", skip = db, metadata(a = , b = 1, b = 2, c.d = 3), only(self, "x"), docs = true
        ));
        let expected =
            ["TOLL", "`nam`", "`skip(db)`", "\"a\" has", "\"b\" is", "c.d", "`self`", "`only(x)`", "`docs`"];
        for (message, part) in messages.iter().zip(expected) {
            assert!(message.contains(part), "{message} has no {part}");
        }
        assert_eq!(messages.len(), expected.len(), "{messages:#?}");
    }

    #[test]
    fn a_mistake_does_not_cost_the_arguments_beside_it() {
        let mut ctxt = Ctxt::default();
        let settings =
            parse_attribute(quote!(name = "a", type = "TOLL", skip_output, only(a, 1, b)), &mut ctxt);
        assert_eq!(ctxt.into_messages().len(), 2);
        assert!(settings.name.is_some() && settings.trace_type.is_none());
        assert!(matches!(settings.output, Output::None));
        assert!(matches!(settings.inputs, Inputs::Only(names) if names == ["a", "b"]));
    }

    #[test]
    fn a_repeated_argument_name_or_key_is_a_mistake() {
        assert_eq!(mistake(quote!(type = "TOOL", type = "SPAN")), "`type` is given twice, keep one");
        assert_eq!(mistake(quote!(stream, r#stream)), "`stream` is given twice, keep one");
        assert_eq!(mistake(quote!(skip(a, b, a))), "`a` is in `skip` twice, name it once");
        assert_eq!(mistake(quote!(metadata(a = 1, "a" = 2))), "the key \"a\" is given twice, keep one");
        assert_eq!(mistake(quote!(input = { "a": 1, "a": 2 })), "the key \"a\" is given twice, keep one");
    }

    #[test]
    fn one_slip_anywhere_is_at_most_two_messages() {
        let args = quote!(
            type = "TOOL", name = "search", docs, skip(db, key), mask(query), skip_output, error = a::b,
            metadata(model = "m", "a.b" = x::<A, B>(1), t = |c| 0.7), stream, crate = ::a::b
        );
        for slipped in slips::of(&args) {
            let messages = mistakes(slipped.clone());
            assert!(messages.len() <= 2, "{slipped}: {messages:#?}");
        }
    }
}
