//! User code that fails, panics or breaks the rules costs its own entry.

use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeTupleVariant, Serializer,
};
use serde_json::json;

use super::*;

/// Fails half way through.
struct Fails;

impl Serialize for Fails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("begun", &[1, 2])?;
        map.serialize_key("open")?;
        Err(S::Error::custom("the \"connection\" is closed"))
    }
}

/// Panics half way through, without a message on standard error.
struct Panics;

impl Serialize for Panics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(3))?;
        seq.serialize_element("begun")?;
        std::panic::resume_unwind(Box::new("oops"))
    }
}

impl Debug for Panics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("begun (")?;
        std::panic::resume_unwind(Box::new(PanicsWhenDropped))
    }
}

impl Display for Panics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Debug::fmt(self, f)
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("again"));
    }
}

impl Debug for Fails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("begun [")?;
        Err(std::fmt::Error)
    }
}

const FAILED: &str = "[capture failed: the \"connection\" is closed]";
const PANICKED: &str = "[capture panicked]";

#[test]
fn an_entry_that_fails_or_panics_says_so_and_the_others_stay() {
    let value = input(|object| {
        object.serialize("before", &1);
        object.serialize("fails", &Fails);
        object.serialize("panics", &Panics);
        object.serialize("inside", &json!([1]).as_array().map(|list| (list.clone(), [Fails])));
        object.debug("debug_fails", &Fails);
        object.debug("debug_panics", &Panics);
        object.serialize("after", &2);
    });
    assert_eq!(
        value,
        json!({
            "before": 1, "fails": FAILED, "panics": PANICKED, "inside": FAILED,
            "debug_fails": "[capture failed: formatting failed]", "debug_panics": PANICKED,
            "after": 2,
        })
    );
}

#[test]
fn an_output_that_fails_or_panics_says_so() {
    assert_eq!(output(&Fails), json!({"value": FAILED}));
    assert_eq!(output(&Panics), json!({"value": PANICKED}));
    assert_eq!(output(&json!({"a": 1}).as_object().map(|_| Some(Panics))), json!({"value": PANICKED}));
}

#[test]
fn a_long_or_broken_error_message_is_bounded() {
    struct Message<D>(D);
    impl<D: Display> Serialize for Message<D> {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom(&self.0))
        }
    }
    let text = output_text(usize::MAX, &Message(Long(usize::MAX)));
    assert!(text.len() < 600 && text.ends_with("…[truncated]]\"}"), "{text}");
    assert!(output_text(100, &Message(Long(usize::MAX))).len() <= 100);
    assert_eq!(output(&Message(Panics)), json!({"value": "[capture failed: [capture panicked]]"}));
}

#[test]
fn an_error_that_was_swallowed_on_the_way_still_takes_the_value_back() {
    struct Swallows;
    impl Serialize for Swallows {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(None)?;
            drop(seq.serialize_element(&Fails));
            drop(seq.serialize_element(&1));
            seq.end()
        }
    }
    assert_eq!(
        input(|object| object.serialize("a", &[Swallows])),
        json!({"a": "[capture failed: capture stopped]"})
    );
}

#[test]
fn an_error_of_the_limit_that_was_swallowed_leaves_valid_json() {
    struct Swallows;
    impl Serialize for Swallows {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(Some(1000))?;
            for _ in 0..1000 {
                drop(seq.serialize_element(&json!({"a": ["b"]})));
            }
            seq.end().map_err(|_| S::Error::custom("another error"))
        }
    }
    struct SwallowsInMap;
    impl Serialize for SwallowsInMap {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            for n in 0..1000 {
                drop(map.serialize_key(&[n]));
                drop(map.serialize_value(&Swallows));
            }
            map.end()
        }
    }
    for limit in 0..400 {
        for text in [output_text(limit, &(Swallows, SwallowsInMap)), output_text(limit, &(SwallowsInMap, 1))]
        {
            assert!(text.len() <= limit);
            assert!(text.is_empty() || parse(&text).is_object());
            assert!(!text.contains("[capture"), "it was cut, and nothing else: {text}");
        }
    }
}

#[test]
fn a_map_value_without_a_key_is_a_failure() {
    struct NoKey;
    impl Serialize for NoKey {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_value(&1)?;
            map.end()
        }
    }
    assert_eq!(output(&NoKey), json!({"value": "[capture failed: a map's value without a key]"}));
}

#[test]
fn lying_about_a_length_does_no_harm() {
    struct Lies(usize);
    impl Serialize for Lies {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut variant = serializer.serialize_tuple_variant("Lies", 0, "lies", self.0)?;
            for n in 0..100 {
                variant.serialize_field(&n)?;
            }
            variant.end()
        }
    }
    for limit in [50, 100, 150, 200, 1000] {
        for len in [0, 1, 99, 100, 101, usize::MAX] {
            let text = output_text(limit, &Lies(len));
            assert!(text.len() <= limit && text.is_empty() || parse(&text).is_object());
        }
    }
}

#[test]
fn text_that_is_passed_off_as_json_is_not_taken_for_it() {
    struct Raw<T>(T, usize);
    impl<T: Serialize> Serialize for Raw<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut raw = serializer.serialize_struct("$serde_json::private::RawValue", 1)?;
            for _ in 0..self.1 {
                raw.serialize_field("$serde_json::private::RawValue", &self.0)?;
            }
            raw.end()
        }
    }
    let broken = [
        "",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "nul",
        "1 2",
        "\"",
        "\"\\",
        "]",
        "[]]",
        "{\"password\":",
        "{\"password\":[}",
        "{\"password\"}",
        "{\"password\":]}",
        "[--1]",
        ",",
        "'a'",
    ];
    for text in broken {
        assert_eq!(
            output(&[Raw(text, 1)]),
            json!({"value": "[capture failed: invalid JSON text]"}),
            "{text}"
        );
    }
    assert_eq!(output(&[Raw("[1]", 1)]), json!({"value": [[1]]}));
    assert_eq!(output(&[Raw("[1]", 0)]), json!({"value": [null]}));
    let not_text = json!({"value": "[capture failed: text of JSON that is no string]"});
    assert_eq!(output(&[Raw("[1]", 2)]), not_text);
    assert_eq!(output(&[Raw([1], 1)]), not_text);
}

#[test]
fn a_panic_that_the_user_catches_leaves_valid_json() {
    struct Catches;
    impl Serialize for Catches {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(None)?;
            let element = std::panic::AssertUnwindSafe(|| seq.serialize_element(&[Panics]));
            drop(std::panic::catch_unwind(element));
            seq.serialize_element(&1)?;
            seq.end()
        }
    }
    assert_eq!(input(|object| object.serialize("a", &[Catches])), json!({"a": "[capture failed]"}));
}

#[test]
fn nothing_is_left_of_a_value_that_was_taken_back() {
    for limit in 0..300 {
        let text = input_text(limit, |object| {
            object.serialize("fails", &(1, Fails));
            object.serialize("panics", &[Panics]);
        });
        // A value that is cut before it fails is a cut value.
        assert!(!text.contains("begun") || text.contains("…[truncated]"), "{text}");
        assert!(text.len() <= limit, "{text}");
        assert!(text.is_empty() || parse(&text).is_object());
    }
}
