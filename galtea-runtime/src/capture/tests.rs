//! What capture promises, seen from its callers.

use std::fmt;

use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde::{Serialize, ser};
use serde_json::{Value, json};

use super::*;

fn policy(limit: usize) -> CapturePolicy {
    CapturePolicy::default().with_field_limit(limit)
}

/// What is recorded of an output.
fn output<T: Serialize + ?Sized>(value: &T) -> Value {
    parse(&output_within(usize::MAX, value))
}

fn output_within<T: Serialize + ?Sized>(limit: usize, value: &T) -> String {
    let mut out = "before".to_owned();
    write_value(&mut out, &policy(limit), value);
    out.split_off("before".len())
}

fn debug_text<T: fmt::Debug + ?Sized>(value: &T) -> String {
    let mut out = String::new();
    write_value_debug(&mut out, &policy(usize::MAX), value);
    match &parse(&out)["value"] {
        Value::String(text) => text.clone(),
        other => panic!("no text: {other}"),
    }
}

fn input(limit: usize, write: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    let mut out = "before".to_owned();
    let policy = policy(limit);
    let mut object = ObjectWriter::new(&mut out, &policy);
    write(&mut object);
    assert_eq!(object.finish(), out.len() > "before".len());
    out.split_off("before".len())
}

#[track_caller]
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[derive(Serialize, Debug, Clone)]
struct User {
    id: u32,
    name: &'static str,
    password: Option<&'static str>,
}

const ADA: User = User { id: 7, name: "Ada", password: Some("hunter2") };

mod shape {
    use super::*;

    #[test]
    fn arguments_stand_under_their_names() {
        let text = input(usize::MAX, |object| {
            object.serialize("user_id", "u-17");
            object.debug("range", &(1..3));
            object.display("at", &std::net::Ipv4Addr::LOCALHOST);
            object.text("raw", "a\nb");
            object.json("given", "[1]");
            object.masked("db");
        });
        assert_eq!(
            text,
            r#"{"user_id":"u-17","range":"1..3","at":"127.0.0.1","raw":"a\nb","given":[1],"db":"[masked]"}"#
        );
    }

    #[test]
    fn an_object_without_entries_is_absent() {
        assert_eq!(input(usize::MAX, |_| {}), "");
    }

    #[test]
    fn an_object_stands_as_it_is_and_any_other_value_under_value() {
        assert_eq!(output_within(1000, &json!({"a": 1})), r#"{"a":1}"#);
        assert_eq!(output_within(1000, &json!([1, 2])), r#"{"value":[1,2]}"#);
        assert_eq!(output_within(1000, "{"), r#"{"value":"{"}"#);
        assert_eq!(output_within(1000, &None::<u8>), r#"{"value":null}"#);
        assert_eq!(output_within(1000, &()), r#"{"value":null}"#);
    }
}

mod secrets {
    use super::*;

    #[test]
    fn a_secret_field_is_masked_at_any_depth() {
        let value = output(&json!({"users": [{"deep": {"apiKey": {"nested": 1}}, "max_tokens": 5}]}));
        assert_eq!(value, json!({"users": [{"deep": {"apiKey": "[masked]"}, "max_tokens": 5}]}));
        assert_eq!(output(&ADA), json!({"id": 7, "name": "Ada", "password": "[masked]"}));
    }

    #[test]
    fn a_secret_argument_is_never_touched() {
        struct Untouchable;
        impl Serialize for Untouchable {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                panic!("serialized")
            }
        }
        let text = input(usize::MAX, |object| {
            object.serialize("access_token", &Untouchable);
            object.text("password", "x");
        });
        assert_eq!(text, r#"{"access_token":"[masked]","password":"[masked]"}"#);
    }

    #[test]
    fn debug_text_is_scrubbed() {
        assert_eq!(debug_text(&ADA), r#"User { id: 7, name: "Ada", password: [masked]}"#);
    }
}

mod limits {
    use super::*;

    #[test]
    fn a_long_string_is_cut_and_says_how_long_it_was() {
        let text = output_within(200, &"é".repeat(10_000_000));
        assert!(text.len() <= 200, "{}", text.len());
        assert!(text.ends_with("é…[truncated, 20000000 bytes]\"}"), "{text}");
        parse(&text);
    }

    #[test]
    fn a_long_array_is_cut_and_says_how_many_items_it_had() {
        let text = output_within(200, &vec![1; 1_000_000]);
        assert!(text.len() <= 200, "{}", text.len());
        assert!(text.ends_with("1,1,\"…[truncated, 1000000 items]\"]}"), "{text}");
        parse(&text);
    }

    #[test]
    fn arguments_after_a_huge_one_are_still_there() {
        let text = input(2000, |object| {
            object.text("huge", &"x".repeat(1_000_000));
            object.serialize("small", &5);
        });
        assert!(text.len() <= 2000);
        assert!(text.ends_with("…[truncated, 1000000 bytes]\",\"small\":5}"), "{text}");
    }
}
