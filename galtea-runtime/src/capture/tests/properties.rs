//! What holds for any value whatever.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::capture::model::{Model, NAMES, PLANT, SECRETS, check};

/// Values that `serde_json` can write too, and to which none of our own rules applies.
fn tame() -> impl Strategy<Value = Model> {
    tame_scalar().prop_recursive(6, 40, 6, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let fields = vec((select(&NAMES[..6]), inner.clone()), 0..6);
        prop_oneof![
            boxed.clone().prop_map(Model::Some),
            vec(inner.clone(), 0..6).prop_map(|list| Model::Seq(list, None)),
            vec(inner.clone(), 0..6).prop_map(Model::Tuple),
            (select(&NAMES[..6]), boxed.clone()).prop_map(|(name, value)| Model::Newtype(name, value)),
            (select(&NAMES[..6]), boxed).prop_map(|(name, value)| Model::NewtypeVariant(name, value)),
            (select(&NAMES[..6]), vec(inner.clone(), 0..6))
                .prop_map(|(name, list)| Model::TupleVariant(name, list)),
            (select(&NAMES[..6]), vec(inner.clone(), 0..6))
                .prop_map(|(name, list)| Model::TupleStruct(name, list)),
            (select(&NAMES[..6]), fields.clone()).prop_map(|(name, fields)| Model::Struct(name, fields)),
            (select(&NAMES[..6]), fields).prop_map(|(name, fields)| Model::StructVariant(name, fields)),
            vec((tame_key(), inner), 0..6).prop_map(|entries| Model::Map(entries, None)),
        ]
    })
}

fn tame_scalar() -> impl Strategy<Value = Model> {
    prop_oneof![
        Just(Model::Unit),
        Just(Model::None),
        any::<bool>().prop_map(Model::Bool),
        any::<i8>().prop_map(Model::I8),
        any::<i64>().prop_map(Model::I64),
        any::<u64>().prop_map(Model::U64),
        prop::num::f64::NORMAL.prop_map(Model::F64),
        prop::num::f32::NORMAL.prop_map(Model::F32),
        "[^\0]".prop_map(|text| Model::Char(text.chars().next().unwrap_or('x'))),
        tame_text().prop_map(Model::Text),
        tame_text().prop_map(Model::Displayed),
        vec(any::<u8>(), 0..9).prop_map(Model::Bytes),
        select(&NAMES[..6]).prop_map(Model::UnitVariant),
    ]
}

fn tame_text() -> impl Strategy<Value = String> {
    prop_oneof!["[^\0]{0,40}", "[ -~]{0,40}", "[\u{1}-\u{1f}\"\\\\]{0,20}", "ab{0,200}"]
}

fn tame_key() -> impl Strategy<Value = Model> {
    prop_oneof![
        "[a-m_]{0,8}".prop_map(Model::Text),
        any::<i64>().prop_map(Model::I64),
        any::<bool>().prop_map(Model::Bool),
        "[^\0]".prop_map(|text| Model::Char(text.chars().next().unwrap_or('x'))),
    ]
}

/// Anything at all, with secrets planted where they must not be seen.
fn wild() -> impl Strategy<Value = Model> {
    prop_oneof![4 => tame_scalar(), 1 => hostile(), 1 => secret()].prop_recursive(8, 60, 6, |inner| {
        let name = || prop_oneof![select(&NAMES[..]), select(&SECRETS[..])];
        let boxed = inner.clone().prop_map(Box::new);
        let list = vec(inner.clone(), 0..6);
        let fields = vec((name(), inner.clone()), 0..6);
        let len = || prop_oneof![Just(None), (0..9_usize).prop_map(Some)];
        prop_oneof![
            boxed.clone().prop_map(Model::Some),
            (list.clone(), len()).prop_map(|(list, len)| Model::Seq(list, len)),
            list.clone().prop_map(Model::Tuple),
            (name(), boxed.clone()).prop_map(|(name, value)| Model::Newtype(name, value)),
            (name(), boxed).prop_map(|(name, value)| Model::NewtypeVariant(name, value)),
            (name(), list.clone()).prop_map(|(name, list)| Model::TupleStruct(name, list)),
            (name(), list).prop_map(|(name, list)| Model::TupleVariant(name, list)),
            (name(), fields.clone()).prop_map(|(name, fields)| Model::Struct(name, fields)),
            (name(), fields).prop_map(|(name, fields)| Model::StructVariant(name, fields)),
            (vec((inner.clone(), inner), 0..6), len()).prop_map(|(entries, len)| Model::Map(entries, len)),
        ]
    })
}

fn hostile() -> impl Strategy<Value = Model> {
    let json = prop_oneof![
        Just("{\"password\": [1, {}], \"b\": \"\\u00e9\\n\"}".to_owned()),
        Just("[[[1e400]], -0, \"\\ud800\"]".to_owned()),
        "[\\[\\]{}:,\"\\\\0-9a-z ]{0,20}",
    ];
    prop_oneof![
        any::<f64>().prop_map(Model::F64),
        any::<f32>().prop_map(Model::F32),
        any::<i128>().prop_map(Model::I128),
        any::<u128>().prop_map(Model::U128),
        any::<char>().prop_map(Model::Char),
        any::<String>().prop_map(Model::Text),
        "[\0-\u{ff}]{0,400}".prop_map(Model::Displayed),
        vec(any::<u8>(), 0..400).prop_map(Model::Bytes),
        (select(&["$serde_json::private::RawValue", "$serde_json::private::Number"][..]), json)
            .prop_map(|(token, text)| Model::Verbatim(token, text)),
        any::<String>().prop_map(Model::Fails),
        Just(Model::Panics),
        (0..200_u32).prop_map(Model::Deep),
    ]
}

/// A secret in one of the places by whose name it is known.
fn secret() -> impl Strategy<Value = Model> {
    let planted = prop_oneof![
        Just(Model::Text(PLANT.to_owned())),
        Just(Model::Some(Box::new(Model::Displayed(format!("\"}}),'{PLANT}"))))),
        Just(Model::Seq(vec![Model::Char('"'), Model::Char('\''), Model::Text(PLANT.to_owned())], None)),
        Just(Model::Struct("a", vec![("b", Model::Text(PLANT.to_owned())), ("c", Model::Unit)])),
        Just(Model::Map(vec![(Model::Text(PLANT.to_owned()), Model::Text(format!(", {PLANT}")))], None)),
    ];
    (select(&SECRETS[..]), planted, 0..8).prop_map(|(name, planted, place)| {
        let one = || Box::new(planted.clone());
        match place {
            0 => Model::Struct("a", vec![("b", Model::Unit), (name, planted), ("c", Model::Unit)]),
            1 => Model::StructVariant("a", vec![(name, planted)]),
            2 => Model::Map(vec![(Model::Text(name.to_owned()), planted)], None),
            3 => Model::Map(vec![(Model::Some(Box::new(Model::Text(name.to_owned()))), planted)], Some(9)),
            4 => Model::Newtype(name, one()),
            5 => Model::NewtypeVariant(name, one()),
            6 => Model::TupleVariant(name, vec![Model::Unit, planted]),
            _ => Model::StructVariant(name, vec![("a", planted)]),
        }
    })
}

proptest! {
    #[test]
    fn whatever_is_captured_is_an_object_within_its_limit_and_without_secrets(
        model in wild(),
        limit in prop_oneof![0..200_usize, 200..2000_usize, Just(usize::MAX)],
    ) {
        check(&model, limit);
    }

    #[test]
    fn a_small_value_is_what_serde_json_makes_of_it(model in tame()) {
        let Ok(text) = serde_json::to_string(&model) else { return Ok(()) };
        let expected = match parse(&text) {
            object @ Value::Object(_) => object,
            other => serde_json::json!({ "value": other }),
        };
        prop_assert_eq!(output(&model), expected);
    }

    #[test]
    fn any_string_reads_back_as_itself(text in any::<String>()) {
        prop_assert_eq!(&output(&text)["value"], &Value::String(text.replace('\0', "\u{fffd}")));
    }

    #[test]
    fn a_cut_string_is_a_prefix_of_itself_and_a_mark(text in any::<String>(), limit in 80..200_usize) {
        let captured = parse(&output_text(limit, &text.repeat(20)));
        let Value::String(captured) = &captured["value"] else { panic!("{captured}") };
        let whole = text.repeat(20).replace('\0', "\u{fffd}");
        let kept = captured.rsplit_once("…[truncated").map_or(captured.as_str(), |(kept, _)| kept);
        prop_assert!(whole.starts_with(kept));
        let mark = format!("…[truncated, {} bytes]", text.len() * 20);
        prop_assert!(captured == &whole || captured.ends_with(&mark));
    }

    #[test]
    fn whether_a_name_is_secret_does_not_depend_on_how_it_is_spelled(
        before in "[bdfghlmnq]{3,6}", secret in select(&["api key", "password", "client secret"][..]), after in "[bdfghlmnq]{3,6}",
    ) {
        let words: Vec<&str> = [before.as_str()].into_iter().chain(secret.split(' ')).chain([after.as_str()]).collect();
        let camel: String = words.iter().map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        for name in [words.join("_"), words.join("-"), words.join("_").to_uppercase(), words.join("."), camel] {
            prop_assert!(SecretNames::default().is_secret(&name), "{}", name);
        }
        let glued = words.concat();
        prop_assert!(!SecretNames::default().is_secret(&glued), "{}", glued);
    }

    #[test]
    fn debug_text_without_secret_names_is_passed_on_as_it_is(text in "[a-m \"'\\\\(){}\\[\\]:=,.éß\u{1f600}]{0,60}") {
        prop_assert_eq!(debug_text(&format_args!("{text}")), text);
    }
}
