use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::synthetic::{SyntheticTrace, any_batch, batch};

fn value(trace: SyntheticTrace) -> Value {
    let body = body(&batch("ir_\"1\"", [trace]), Shape::Array);
    let mut value: Value = serde_json::from_slice(&body).unwrap();
    value[0].take()
}

#[test]
fn a_trace_has_all_its_fields_under_the_names_of_the_api() {
    let trace = SyntheticTrace {
        parent: 0xab,
        metadata: r#"{"model":"gpt-4"}"#.to_owned(),
        error: "a \"quoted\"\nline\0".to_owned(),
        description: "Looks up".to_owned(),
        ..SyntheticTrace::new(0xcd)
    };
    let expected = json!({
        "inferenceResultId": "ir_\"1\"",
        "id": "trace_000000000000000000000000000000cd",
        "parentTraceId": "trace_000000000000000000000000000000ab",
        "name": "fetch_user",
        "type": "TOOL",
        "description": "Looks up",
        "error": "a \"quoted\"\nline\u{fffd}",
        "inputData": {"id": 205},
        "outputData": {"name": "Ada", "plan": "pro"},
        "metadata": {"model": "gpt-4"},
        "latencyMs": 45.5,
        "startTime": "2023-11-07T05:31:56.000001Z",
        "endTime": "2023-11-07T05:31:56.045501Z",
    });
    assert_eq!(value(trace), expected);
}

#[test]
fn absent_fields_are_left_out() {
    let trace = SyntheticTrace { input: String::new(), output: String::new(), ..SyntheticTrace::new(1) };
    let value = value(trace);
    let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["endTime", "id", "inferenceResultId", "latencyMs", "name", "startTime", "type"]);
}

#[test]
fn the_two_shapes_hold_the_same_traces() {
    let batch = crate::synthetic::tree("ir_1", 1, 3);
    let array: Value = serde_json::from_slice(&body(&batch, Shape::Array)).unwrap();
    let mut envelope: Value = serde_json::from_slice(&body(&batch, Shape::Envelope)).unwrap();
    assert_eq!(array.as_array().unwrap().len(), 3);
    assert_eq!(envelope["traces"].take(), array);
}

#[test]
fn milliseconds_are_written_to_the_microsecond_and_without_zeros_at_the_end() {
    let text = |micros| {
        let mut out = Vec::new();
        push_millis(&mut out, micros);
        String::from_utf8(out).unwrap()
    };
    let cases =
        [(0, "0"), (1, "0.001"), (10, "0.01"), (45_500, "45.5"), (1_000, "1"), (90_061_001, "90061.001")];
    for (micros, expected) in cases {
        assert_eq!(text(micros), expected);
    }
}

proptest! {
    #[test]
    fn any_batch_is_valid_json_within_its_bound(batch in any_batch()) {
        let body = body(&batch, Shape::Envelope);
        prop_assert!(body.len() <= batch.iter().map(bound).sum::<usize>() + BRACKETS);
        let value: Value = serde_json::from_slice(&body).unwrap();
        for (trace, written) in batch.iter().zip(value["traces"].as_array().unwrap()) {
            prop_assert_eq!(written["id"].as_str().unwrap(), trace.id().to_string());
            let input: Option<Value> = trace.input().map(|input| serde_json::from_str(input).unwrap());
            prop_assert_eq!(&input.unwrap(), &written["inputData"]);
        }
    }
}
