//! Metadata set at several times becomes one object.

use serde_json::json;

use super::*;

fn merged(limit: usize, pieces: &[Value]) -> String {
    let policy = policy(usize::MAX);
    appended(|out| {
        for piece in pieces {
            let mut object = ObjectWriter::new(out, &policy);
            for (name, value) in piece.as_object().unwrap() {
                object.serialize(Dynamic(name), value);
            }
            object.finish_part();
        }
        finish_merged(out, BEFORE.len(), &self::policy(limit))
    })
}

#[test]
fn later_entries_win_and_no_key_is_there_twice() {
    let text = merged(
        usize::MAX,
        &[
            json!({"a": 1, "b": [{"a": 1}, "}{,:\\\""]}),
            json!({"c\"\n": null}),
            json!({"a": {"new": -1.5}, "d": true}),
        ],
    );
    assert_eq!(text, r#"{"b":[{"a":1},"}{,:\\\""],"c\"\n":null,"a":{"new":-1.5},"d":true}"#);
}

#[test]
fn one_piece_or_none_stays_as_it_is() {
    assert_eq!(merged(usize::MAX, &[]), "");
    assert_eq!(merged(usize::MAX, &[json!({"a": 1})]), r#"{"a":1}"#);
}

#[test]
fn the_merged_object_holds_the_limit() {
    let pieces: Vec<_> = (0..20).map(|n| json!({n.to_string(): "x".repeat(50)})).collect();
    for limit in 0..1500 {
        let text = merged(limit, &pieces);
        assert!(text.len() <= limit);
        assert!(text.is_empty() || parse(&text).is_object());
    }
}

#[test]
fn merging_again_and_again_keeps_what_is_set_in_a_loop_bounded() {
    let policy = policy(1000);
    let mut pieces = String::new();
    for n in 0..2000 {
        let mut object = ObjectWriter::new(&mut pieces, &policy);
        object.serialize("step", &n);
        object.serialize(Dynamic(&format!("step {}", n % 7)), &n);
        object.finish_part();
        if pieces.len() > 2 * policy.field_limit() {
            merge(&mut pieces, 0, &policy);
        }
        assert!(pieces.len() <= 3000);
    }
    finish_merged(&mut pieces, 0, &policy);
    let value = parse(&pieces);
    assert_eq!(value["step"], json!(1999));
    assert_eq!(value["step 3"], json!(1998));
    assert_eq!(value.as_object().unwrap().len(), 8);
}
