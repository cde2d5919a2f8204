//! What is recorded is bounded, and secrets stay out of it.

use std::collections::BTreeMap;

use galtea::trace;
use serde::Serialize;
use serde_json::{Value, json};

use crate::recorded::{Recording, only, trace_of, trace_of_future};

const LIMIT: usize = 128 * 1024;

#[trace(metadata(text = text))]
fn echo(before: u8, text: String, after: u8) -> String {
    let _ = (before, after);
    text
}

#[trace]
async fn fails(rows: Vec<u64>) -> Result<(), String> {
    let _ = rows;
    Err("x".repeat(20_000_000))
}

#[test]
fn twenty_megabytes_become_128_kib_of_valid_json_that_says_so() {
    let told = trace_of(|| echo(1, "x".repeat(20_000_000), 2));
    for field in ["input", "output", "metadata"] {
        let written = told[field].to_string();
        assert!(written.len() <= LIMIT && written.len() > LIMIT / 2, "{field}: {}", written.len());
        assert!(written.contains("truncated"), "{field}");
    }
    assert_eq!(told["input"]["before"], 1);
}

#[tokio::test]
async fn many_elements_and_long_errors_are_cut_as_well() {
    let told = trace_of_future(fails(vec![1; 5_000_000])).await;
    assert!(told["input"].to_string().len() <= LIMIT);
    assert!(told["input"]["rows"].as_array().unwrap().len() > 1_000);
    assert!(told["error"].as_str().unwrap().len() <= LIMIT);
}

#[derive(Clone, Debug, Serialize)]
struct Login {
    user: &'static str,
    password: &'static str,
    max_tokens: u32,
}

#[trace]
#[allow(clippy::needless_pass_by_value, reason = "as in a program")]
fn login(api_key: &str, max_tokens: u32, headers: BTreeMap<&str, Value>, logins: Vec<Login>) -> Login {
    let _ = (api_key, max_tokens, headers);
    logins[0].clone()
}

fn logged_in() -> Login {
    let login_of_ada = Login { user: "ada", password: "hunter2", max_tokens: 5 };
    let headers = BTreeMap::from([("x", json!({"y": [{"Authorization": "Bearer hunter2"}]}))]);
    login("hunter2", 7, headers, vec![login_of_ada])
}

#[test]
fn secrets_are_masked_by_the_names_of_arguments_and_keys_at_any_depth_and_tokens_to_count_are_not() {
    let told = trace_of(logged_in);
    let login = json!({"user": "ada", "password": "[masked]", "max_tokens": 5});
    assert_eq!(
        told,
        json!({
            "name": "login",
            "input": {
                "api_key": "[masked]",
                "max_tokens": 7,
                "headers": {"x": {"y": [{"Authorization": "[masked]"}]}},
                "logins": [login],
            },
            "output": login,
        })
    );
    assert!(!told.to_string().contains("hunter2"));
}

#[test]
fn the_users_mask_comes_last_and_sees_what_would_be_sent() {
    let recording = Recording::with(|builder| {
        builder.mask(|mut value| {
            assert!(!value.to_string().contains("hunter2"));
            if let Some(fields) = value.as_object_mut() {
                fields.insert("seen".to_owned(), json!(true));
            }
            value
        })
    });
    recording.run(logged_in);
    let told = only(recording.traces());
    assert_eq!(told["input"]["seen"], true);
    assert_eq!(told["output"]["seen"], true);
    assert_eq!(told["output"]["password"], "[masked]");
}

#[test]
fn a_mask_that_panics_masks_the_field_and_the_call_goes_on() {
    let recording = Recording::with(|builder| builder.mask(|_| panic!("in the mask")));
    assert_eq!(recording.run(logged_in).user, "ada");
    let told = only(recording.traces());
    for field in ["input", "output"] {
        assert!(!told[field].to_string().contains("ada"), "{told:#}");
    }
    assert_eq!(told.get("error"), None);
}

#[trace]
fn one_field(text: &str) -> usize {
    text.len()
}

#[test]
fn the_limit_can_be_set() {
    let recording = Recording::with(|builder| builder.capture_limit(200));
    recording.run(|| one_field(&"x".repeat(1_000)));
    let told = only(recording.traces());
    assert!(told["input"].to_string().len() <= 200, "{told:#}");
    assert_eq!(told["output"], json!({"value": 1_000}));
}
