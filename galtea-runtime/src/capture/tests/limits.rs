//! A field holds its limit while it is being written, and says what it lost.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::ser::{SerializeSeq, Serializer};
use serde_json::json;

use super::*;

#[track_caller]
fn assert_cut(text: &str, limit: usize, end: &str) {
    assert!(text.len() <= limit, "{} bytes", text.len());
    assert!(text.ends_with(end), "{text}");
    assert!(parse(text).is_object());
}

#[test]
fn a_long_string_is_cut_and_says_how_long_it_was() {
    assert_cut(&output_text(200, &"é".repeat(10_000_000)), 200, "é…[truncated, 20000000 bytes]\"}");
    assert_cut(&output_text(200, &"\n".repeat(1000)), 200, "\\n…[truncated, 1000 bytes]\"}");
}

#[test]
fn a_long_array_is_cut_and_says_how_many_items_it_had() {
    assert_cut(&output_text(200, &vec![1; 1_000_000]), 200, "1,1,\"…[truncated, 1000000 items]\"]}");
}

#[test]
fn a_large_map_is_cut_and_says_how_many_entries_it_had() {
    let map: BTreeMap<u32, u32> = (0..10_000).map(|n| (n, n)).collect();
    assert_cut(&output_text(200, &map), 200, "\"…\":\"[truncated, 10000 entries]\"}");
}

#[test]
fn every_level_that_lost_something_says_so() {
    let text = output_text(200, &json!({"list": [{"text": "x".repeat(500), "z": 1}, 2], "z": 3}));
    let marks =
        "…[truncated, 500 bytes]\",\"…\":\"[truncated, 2 entries]\"},\"…[truncated, 2 items]\"],\"…\":\"…\"}";
    assert_cut(&text, 200, marks);
    let text = output_text(200, &json!({"list": [{"text": "x".repeat(500)}]}));
    assert_cut(&text, 200, "…[truncated, 500 bytes]\"}]}");
}

#[test]
fn text_that_is_formatted_bit_by_bit_is_cut() {
    let debug = appended(|out| write_value_debug(out, &policy(200), &Long(usize::MAX)));
    assert_cut(&debug, 200, "…[truncated]\"}");
}

#[test]
fn a_key_that_does_not_fit_is_not_written_in_part() {
    let long = "k".repeat(500);
    let text = output_text(200, &BTreeMap::from([("a", 1), (&long, 2)]));
    assert_eq!(text, r#"{"a":1,"…":"[truncated, 2 entries]"}"#);
    let text = output_text(200, &BTreeMap::from([([long.as_str()], 2)]));
    assert_eq!(text, r#"{"…":"[truncated, 1 entries]"}"#);
    let text = output_text(200, &BTreeMap::from([(["\"".repeat(40)], 2)]));
    assert_eq!(text, r#"{"…":"[truncated, 1 entries]"}"#);
}

#[test]
fn arguments_after_a_huge_one_are_still_there() {
    let text = input_text(2000, |object| {
        object.text("huge", &"x".repeat(1_000_000));
        object.serialize("small", &5);
    });
    assert_cut(&text, 2000, "…[truncated, 1000000 bytes]\",\"small\":5}");
}

#[test]
fn arguments_for_which_there_is_no_room_are_listed_and_then_counted() {
    let untouched = Cell::new(true);
    let text = input_text(400, |object| {
        object.text("huge", &"x".repeat(1000));
        object.debug("late", &Touch(&untouched));
        for name in ["a", "b", "c", "d", "e", "f", "password"] {
            object.serialize(name, &vec![1; 100]);
        }
        object.serialize(Dynamic(&"long name ".repeat(50)), &1);
        object.serialize(Dynamic(&"long name ".repeat(60)), &1);
    });
    assert!(untouched.get(), "{text}");
    assert_cut(
        &text,
        400,
        "…[truncated, 1000 bytes]\",\"late\":\"…[truncated]\",\"a\":\"…[truncated]\",\"…\":\"…\"}",
    );
}

struct Touch<'c>(&'c Cell<bool>);

impl Debug for Touch<'_> {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.set(false);
        Ok(())
    }
}

/// Counts the elements that it gave.
struct Endless(Cell<u64>);

impl Serialize for Endless {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        loop {
            self.0.set(self.0.get() + 1);
            seq.serialize_element(&json!({"a": [1]}))?;
        }
    }
}

#[test]
fn a_value_without_end_is_left_when_the_limit_is_met() {
    let endless = Endless(Cell::new(0));
    assert_cut(&output_text(1000, &endless), 1000, "\"…[truncated]\"]}");
    assert!(endless.0.get() <= 100, "{} elements", endless.0.get());
}

#[test]
fn an_endless_secret_in_debug_text_comes_to_an_end() {
    struct Endless;
    impl Debug for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("password: ")?;
            loop {
                f.write_str("hunter2")?;
            }
        }
    }
    let text = appended(|out| write_value_debug(out, &policy(1000), &Endless));
    assert_eq!(text, r#"{"value":"password: [masked]…[truncated]"}"#);
}

#[test]
fn what_is_deeper_than_64_levels_is_left_out_and_the_rest_stays() {
    let mut value = json!({"inner": 1});
    for _ in 0..70 {
        value = json!([value, "after"]);
    }
    let text = output_text(usize::MAX, &value);
    assert_eq!(text.matches("nested too deep").count(), 1);
    assert_eq!(text.matches("after").count(), 64);
    parse(&text);
}

/// A value 100,000 levels deep, made while it is looked at.
#[derive(Clone, Copy)]
enum Deep {
    Array(u32),
    Map(u32),
    Variant(u32),
    Wrapped(u32),
    Key(u32),
}

impl Deep {
    fn inner(self) -> Option<Self> {
        let less = |depth: u32| depth.checked_sub(1);
        Some(match self {
            Self::Array(depth) => Self::Array(less(depth)?),
            Self::Map(depth) => Self::Map(less(depth)?),
            Self::Variant(depth) => Self::Variant(less(depth)?),
            Self::Wrapped(depth) => Self::Wrapped(less(depth)?),
            Self::Key(depth) => Self::Key(less(depth)?),
        })
    }
}

impl Serialize for Deep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(inner) = self.inner() else { return serializer.serialize_unit() };
        match self {
            Self::Array(_) => serializer.collect_seq([inner]),
            Self::Map(_) => serializer.collect_map([("inner", inner)]),
            Self::Variant(depth) if depth % 2 == 0 => {
                serializer.serialize_newtype_variant("D", 0, "v", &inner)
            }
            Self::Variant(_) => {
                let mut variant = serializer.serialize_tuple_variant("D", 0, "v", 1)?;
                serde::ser::SerializeTupleVariant::serialize_field(&mut variant, &inner)?;
                serde::ser::SerializeTupleVariant::end(variant)
            }
            Self::Wrapped(depth) if depth % 2 == 0 => serializer.serialize_some(&inner),
            Self::Wrapped(_) => serializer.serialize_newtype_struct("D", &inner),
            Self::Key(_) => serializer.collect_map([(inner, 1)]),
        }
    }
}

impl Debug for Deep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.inner() {
            Some(inner) if f.alternate() => f.debug_list().entry(&inner).finish(),
            Some(inner) => f.debug_tuple("Deep").field(&inner).finish(),
            None => f.write_char('.'),
        }
    }
}

#[test]
fn a_value_of_100_000_levels_does_not_overflow_the_stack() {
    for deep in [Deep::Array, Deep::Map, Deep::Variant, Deep::Wrapped, Deep::Key] {
        // The deepest level is met at another place each time.
        let value = deep(100_000);
        let texts =
            [output_text(usize::MAX, &value), output_text(9000, &[value]), output_text(9000, &[[value]])];
        for text in texts {
            assert!(text.contains("nested too deep"), "{text}");
            parse(&text);
        }
        parse(&output_text(1000, &value));
    }
    for text in [debug_text(&Deep::Array(100_000)), debug_text(&format_args!("{:#?}", Deep::Array(100_000)))]
    {
        assert!(text.ends_with("…[nested too deep]"), "{text}");
    }
}

#[test]
fn a_deep_secret_in_debug_text_does_not_overflow_the_stack() {
    let text = debug_text(&BTreeMap::from([("password", Deep::Array(100_000))]));
    assert_eq!(text, r#"{"password": [masked]…[nested too deep]"#);
}

#[test]
fn a_value_under_an_oversized_raw_text_is_cut_as_any_other() {
    let json = format!("[{}]", vec!["{\"a\": \"\\u0041\"}"; 1000].join(" , "));
    let text = input_text(200, |object| object.json("raw", &json));
    assert_cut(&text, 200, "{\"a\":\"A\"},\"…[truncated]\"]}");
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = input_text(10_000, |object| object.json("raw", &deep));
    assert!(text.contains("nested too deep"), "{text}");
    parse(&text);
}

#[test]
fn where_not_even_a_mark_fits_the_field_is_absent() {
    let value = json!({"a": "b".repeat(100)});
    for limit in 0..13 {
        assert_eq!(output_text(limit, &value), "");
        assert_eq!(input_text(limit, |object| object.serialize("a", &value)), "");
    }
    for limit in 13..21 {
        assert_eq!(output_text(limit, &value), r#"{"…":"…"}"#);
        assert_eq!(input_text(limit, |object| object.serialize("a", &value)), r#"{"…":"…"}"#);
    }
}

#[test]
fn each_limit_holds_to_the_byte() {
    let value = json!({"list": [{"key": "vä\"lue", "n": 1.25}, [[], [[1, 2]], {}], null], "password": [1], "z": "ü".repeat(40)});
    for limit in 0..600 {
        let text = output_text(limit, &value);
        assert!(text.len() <= limit);
        assert!(text.is_empty() || parse(&text).is_object());
        let text = input_text(limit, |object| {
            object.serialize("first", &value);
            object.debug("second", &value);
        });
        assert!(text.len() <= limit);
        assert!(text.is_empty() || parse(&text).is_object());
    }
}

#[test]
fn a_limit_with_room_to_spare_changes_nothing() {
    let value = json!({"a": [1, {"b": "c"}], "d": "e"});
    let whole = output_text(usize::MAX, &value);
    assert_eq!(output_text(whole.len() + 150, &value), whole);
}
