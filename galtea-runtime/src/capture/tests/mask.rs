//! The user's own mask has the last look.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;

fn masked_by(mask: impl Fn(Value) -> Value + Send + Sync + 'static) -> CapturePolicy {
    CapturePolicy::default().with_mask(mask)
}

#[test]
fn it_gets_each_finished_field_as_a_whole() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let policy = masked_by({
        let seen = Arc::clone(&seen);
        move |value| {
            seen.lock().unwrap().push(value.clone());
            value
        }
    });
    appended(|out| {
        let mut object = ObjectWriter::new(out, &policy);
        object.serialize("a", &1);
        object.serialize("password", &2);
        object.finish()
    });
    appended(|out| write_value(out, &policy, &5));
    appended(|out| write_error_display(out, &policy, "it broke"));
    appended(|out| {
        let mut object = ObjectWriter::new(out, &policy);
        object.serialize("piece", &1);
        object.finish_part();
        finish_merged(out, BEFORE.len(), &policy)
    });
    let expected = [
        json!({"a": 1, "password": "[masked]"}),
        json!({"value": 5}),
        json!("it broke"),
        json!({"piece": 1}),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[test]
fn what_it_returns_is_recorded() {
    let policy = masked_by(|mut value| {
        value["extra"] = json!({"password": "mine"});
        value
    });
    let text = appended(|out| write_value(out, &policy, &json!({"a": 1})));
    assert_eq!(parse(&text), json!({"a": 1, "extra": {"password": "mine"}}));
}

#[test]
fn an_answer_that_is_no_object_goes_under_value() {
    let policy = masked_by(|_| json!([1]));
    assert_eq!(appended(|out| write_value(out, &policy, &json!({"a": 1}))), r#"{"value":[1]}"#);
    assert_eq!(appended(|out| write_error_display(out, &policy, "x")), "[1]");
    let policy = masked_by(|_| json!("gone"));
    assert_eq!(appended(|out| write_error_display(out, &policy, "x")), "gone");
}

#[test]
fn its_answer_is_bounded_too() {
    let policy = masked_by(|_| json!({"a": "x".repeat(1000)})).with_field_limit(200);
    let text = appended(|out| write_value(out, &policy, &1));
    assert!(text.len() <= 200 && text.ends_with("…[truncated, 1000 bytes]\"}"), "{text}");
    let policy = masked_by(|_| json!("x".repeat(1000))).with_field_limit(200);
    let text = appended(|out| write_error_display(out, &policy, "x"));
    assert!(text.len() <= 200 && text.ends_with("x…[truncated]"), "{text}");
}

#[test]
fn a_mask_that_panics_masks_the_field() {
    let policy = masked_by(|_| std::panic::resume_unwind(Box::new("oops")));
    assert_eq!(appended(|out| write_value(out, &policy, &json!({"a": 1}))), r#"{"value":"[masked]"}"#);
    assert_eq!(appended(|out| write_error_display(out, &policy, "x")), "[masked]");
}

#[test]
fn it_is_not_asked_about_fields_that_are_absent() {
    let policy = masked_by(|_| panic!("asked"));
    assert_eq!(appended(|out| ObjectWriter::new(out, &policy).finish()), "");
    assert_eq!(appended(|out| finish_merged(out, BEFORE.len(), &policy)), "");
}
