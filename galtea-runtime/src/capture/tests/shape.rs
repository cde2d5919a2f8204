//! The same JSON as `serde_json` where that has some, and sensible JSON where it has none.

use std::collections::{BTreeMap, HashMap};

use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use serde_json::json;
use serde_json::value::RawValue;

use super::*;

#[derive(Serialize)]
struct Unit;
#[derive(Serialize)]
struct Newtype<T>(T);
#[derive(Serialize)]
struct Pair(u8, &'static str);
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { a: u8, b: Option<u8> },
}
#[derive(Serialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: BTreeMap<&'static str, u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<u8>,
}
#[derive(Serialize)]
#[serde(tag = "type")]
enum Tagged {
    Text { content: &'static str },
}

#[test]
fn arguments_stand_under_their_names() {
    let text = input_text(usize::MAX, |object| {
        object.serialize("user_id", "u-17");
        object.debug("range", &(1..3));
        object.text("raw", "a\nb");
        object.json("given", "[1]");
        object.masked("db");
        object.serialize(Dynamic("made \"up\""), &1);
    });
    assert_eq!(
        text,
        r#"{"user_id":"u-17","range":"1..3","raw":"a\nb","given":[1],"db":"[masked]","made \"up\"":1}"#
    );
}

#[test]
fn an_object_without_entries_is_absent() {
    assert_eq!(input_text(usize::MAX, |_| {}), "");
}

#[test]
fn an_object_stands_as_it_is_and_any_other_value_under_value() {
    for (value, text) in [
        (json!({"a": 1}), r#"{"a":1}"#),
        (json!({}), "{}"),
        (json!([1, {}]), r#"{"value":[1,{}]}"#),
        (json!("{"), r#"{"value":"{"}"#),
        (json!(null), r#"{"value":null}"#),
        (json!(1.5), r#"{"value":1.5}"#),
    ] {
        assert_eq!(output_text(usize::MAX, &value), text);
    }
    assert_eq!(appended(|out| write_value_text(out, &policy(1000), "x")), r#"{"value":"x"}"#);
    assert_eq!(appended(|out| write_value_debug(out, &policy(1000), &"x")), r#"{"value":"\"x\""}"#);
}

#[test]
fn every_kind_of_value_is_written_as_serde_json_writes_it() {
    fn same(value: &impl Serialize) {
        let text = serde_json::to_string(&[value]).unwrap();
        assert_eq!(output_text(usize::MAX, &[value]), format!(r#"{{"value":{text}}}"#));
    }
    same(&(true, false, 'x', '"', "", "ü\u{1f600}"));
    same(&(u8::MAX, i8::MIN, i16::MIN, u16::MAX, i32::MIN, u32::MAX, i64::MIN, u64::MAX));
    same(&(0.0, -0.0, 1.0e300, f64::MIN_POSITIVE, 0.1_f32, f32::MAX, 1e21, 1e-7));
    same(&((), None::<u8>, Some(1), Some(Some(None::<u8>)), Unit));
    same(&(Newtype(1), Pair(1, "x"), [1, 2], Vec::<u8>::new(), BTreeMap::<u8, u8>::new()));
    same(&[Shape::Unit, Shape::Newtype(1), Shape::Tuple(1, 2), Shape::Struct { a: 1, b: None }]);
    same(&Flat { id: 1, rest: [("x", 2), ("y", 3)].into(), none: None });
    same(&Tagged::Text { content: "x" });
    same(&std::time::Duration::from_millis(1500));
    same(&std::net::Ipv4Addr::LOCALHOST);
    same(&BTreeMap::from([(1, 'a'), (2, 'b')]));
    same(&HashMap::from([(1_u8, [Newtype("x")])]));
}

#[test]
fn integers_of_128_bits_are_whole() {
    let text = output_text(usize::MAX, &(u128::MAX, i128::MIN));
    assert_eq!(
        text,
        r#"{"value":[340282366920938463463374607431768211455,-170141183460469231731687303715884105728]}"#
    );
}

#[test]
fn floats_that_are_no_numbers_are_strings() {
    let floats = (f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
    let names = ["NaN", "Infinity", "-Infinity"];
    assert_eq!(output(&floats), json!({"value": ([names, names].concat())}));
}

#[test]
fn bytes_are_an_array_of_numbers() {
    struct Bytes;
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&[0, 255])
        }
    }
    assert_eq!(output(&Bytes), json!({"value": [0, 255]}));
}

#[test]
fn keys_of_every_kind_become_strings() {
    struct Map<K>(Vec<K>);
    impl<K: Serialize> Serialize for Map<K> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|key| (key, 1)))
        }
    }
    fn keys<K: Serialize>(keys: Vec<K>) -> Vec<String> {
        output(&Map(keys)).as_object().unwrap().keys().cloned().collect()
    }
    assert_eq!(keys(vec![1_u8, 2]), ["1", "2"]);
    assert_eq!(keys(vec![i128::MIN]), ["-170141183460469231731687303715884105728"]);
    assert_eq!(keys(vec![1.5, f64::NAN]), ["1.5", "NaN"]);
    assert_eq!(keys(vec![true]), ["true"]);
    assert_eq!(keys(vec!['"']), ["\""]);
    assert_eq!(keys(vec![()]), ["null"]);
    assert_eq!(keys(vec![Some("a"), None]), ["a", "null"]);
    assert_eq!(keys(vec![Shape::Unit]), ["Unit"]);
    assert_eq!(keys(vec![Shape::Newtype(1)]), [r#"{"Newtype":1}"#]);
    assert_eq!(keys(vec![Shape::Struct { a: 1, b: None }]), [r#"{"Struct":{"a":1,"b":null}}"#]);
    assert_eq!(keys(vec![(1, "x\n")]), ["[1,\"x\\n\"]"]);
    assert_eq!(keys(vec![BTreeMap::from([("k", [1])])]), [r#"{"k":[1]}"#]);
    assert_eq!(keys(vec![std::net::Ipv4Addr::LOCALHOST]), ["127.0.0.1"]);
    assert_eq!(keys(vec![Map(vec![Map(vec![1])])]), [r#"{"{\"1\":1}":1}"#]);
}

#[test]
fn a_nul_becomes_the_replacement_character_in_keys_too() {
    assert_eq!(output(&BTreeMap::from([("a\0b", "c\0")])), json!({"a\u{fffd}b": "c\u{fffd}"}));
}

#[test]
fn raw_json_is_written_as_json_and_scrubbed() {
    let raw = RawValue::from_string(
        r#" { "a" : [1e400, -0.10, "xA\ud83d\ude00\ud800\u0000\n"], "password": {"x": 1}, "b": {} , "c":[ ],"t":true} "#.to_owned(),
    )
    .unwrap();
    assert_eq!(
        output_text(usize::MAX, &raw),
        "{\"a\":[\"1e400\",-0.10,\"xA\u{1f600}\u{fffd}\u{fffd}\\n\"],\"password\":\"[masked]\",\"b\":{},\"c\":[],\"t\":true}"
    );
    assert_eq!(output(&BTreeMap::from([("raw", raw)]))["raw"]["b"], json!({}));
}

#[test]
fn numbers_of_arbitrary_precision_are_whole_and_text_that_is_no_number_stays_text() {
    struct Number(&'static str);
    impl Serialize for Number {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut number = serializer.serialize_struct("$serde_json::private::Number", 1)?;
            number.serialize_field("$serde_json::private::Number", self.0)?;
            number.end()
        }
    }
    for number in ["0", "-0.5", "12345678901234567890123456789.5", "1e5", "1E-5", "0e+1", "10"] {
        assert_eq!(output_text(usize::MAX, &[Number(number)]), format!(r#"{{"value":[{number}]}}"#));
    }
    for text in ["", "01", "1.", ".5", "1e", "-", "+1", "NaN", "1 2", "1e400", "0x1", "1],[", "--1", "1e5.5"]
    {
        assert_eq!(output(&[Number(text)]), json!({"value": [text]}));
    }
}

#[test]
fn a_map_written_key_by_key_is_complete_whatever_its_author_left_out() {
    struct Careless;
    impl Serialize for Careless {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_key("a")?;
            map.serialize_key("b")?;
            map.serialize_value(&1)?;
            map.serialize_key("c")?;
            map.end()
        }
    }
    assert_eq!(output(&Careless), json!({"a": null, "b": 1, "c": null}));
}
