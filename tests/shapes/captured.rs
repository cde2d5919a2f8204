//! What becomes of values of all kinds: `Serialize`, else `Debug`, else the type's name.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, RwLock};

use galtea::trace;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::recorded::{trace_of, traces_of};

#[derive(Debug, Clone, Serialize)]
struct Both {
    id: u32,
}

#[derive(Debug, Clone)]
struct OnlyDebug {
    #[expect(dead_code, reason = "read by `Debug`")]
    id: u32,
}

#[derive(Clone)]
struct Neither;

#[trace]
fn three(both: Both, only_debug: &OnlyDebug, neither: &mut Neither) -> Both {
    let _ = (only_debug, neither);
    both
}

#[test]
fn serialize_is_used_where_it_exists_else_debug_else_the_types_name() {
    let told = trace_of(|| three(Both { id: 1 }, &OnlyDebug { id: 2 }, &mut Neither));
    assert_eq!(
        told,
        json!({
            "name": "three",
            "input": {"both": {"id": 1}, "only_debug": "OnlyDebug { id: 2 }", "neither": "&mut shapes::captured::Neither"},
            "output": {"id": 1},
        })
    );
}

#[trace]
fn debug_out() -> OnlyDebug {
    OnlyDebug { id: 3 }
}

#[trace]
fn neither_out() -> Neither {
    Neither
}

#[trace]
fn nothing_out() {}

#[trace]
fn unit_through_an_alias() -> Unit {}
type Unit = ();

#[test]
fn outputs_climb_the_same_ladder_and_the_unit_is_no_output() {
    let told = traces_of(|| {
        debug_out();
        neither_out();
        nothing_out();
        unit_through_an_alias();
    });
    assert_eq!(
        told,
        [
            json!({"name": "debug_out", "output": {"value": "OnlyDebug { id: 3 }"}}),
            json!({"name": "neither_out", "output": {"value": "shapes::captured::Neither"}}),
            json!({"name": "nothing_out"}),
            json!({"name": "unit_through_an_alias"}),
        ]
    );
}

#[trace]
fn by_bound<A: Serialize, B: fmt::Debug, C>(a: A, b: &B, c: &[C]) -> usize {
    let _ = (&a, b);
    c.len()
}

#[trace]
fn by_no_bound<T>(value: T) -> Option<T> {
    Some(value)
}

#[test]
fn a_generic_argument_is_recorded_by_what_its_bounds_promise() {
    let told = traces_of(|| {
        by_bound(Both { id: 1 }, &Both { id: 2 }, &[Neither]);
        by_no_bound(7_u8);
    });
    assert_eq!(
        told,
        [
            json!({
                "name": "by_bound",
                "input": {"a": {"id": 1}, "b": "Both { id: 2 }", "c": "&[shapes::captured::Neither]"},
                "output": {"value": 1},
            }),
            json!({
                "name": "by_no_bound",
                "input": {"value": "u8"},
                "output": {"value": "core::option::Option<u8>"},
            }),
        ]
    );
}

#[trace]
fn odd_values(
    floats: [f64; 3],
    numbered: BTreeMap<u8, bool>,
    bytes: &[u8],
    text: &str,
    wide: u128,
    letter: char,
    nothing: Option<u8>,
) -> HashMap<(u8, u8), Vec<f32>> {
    let _ = (floats, numbered, bytes, text, wide, letter, nothing);
    HashMap::from([((1, 2), vec![f32::INFINITY, 0.5])])
}

#[test]
fn values_that_json_does_not_know_leave_valid_json_that_keeps_the_rest() {
    let told = trace_of(|| {
        odd_values(
            [f64::NAN, 1.5, f64::NEG_INFINITY],
            BTreeMap::from([(7, true)]),
            &[0, 255],
            "a\0b\u{1b}\"\\",
            u128::MAX,
            '\u{10ffff}',
            None,
        )
    });
    let input = &told["input"];
    assert_eq!(input["floats"][1], 1.5);
    assert_eq!(input["floats"].as_array().unwrap().len(), 3);
    assert_eq!(input["numbered"], json!({"7": true}));
    assert!(!input["bytes"].is_null());
    assert_eq!(input["text"], "a\u{fffd}b\u{1b}\"\\");
    assert!(input["wide"].as_f64().unwrap() > 3.4e38);
    assert_eq!(input["letter"], "\u{10ffff}");
    assert_eq!(input.get("nothing"), Some(&Value::Null));
    assert!(told["output"].to_string().contains("0.5"), "{told:#}");
}

#[derive(Serialize)]
struct Nested(Option<Box<Nested>>);

impl Drop for Nested {
    fn drop(&mut self) {
        let mut inner = self.0.take();
        while let Some(mut one) = inner {
            inner = one.0.take();
        }
    }
}

#[trace]
fn deep(list: &Nested, after: u8) -> u8 {
    let _ = list;
    after
}

#[test]
fn a_value_nested_without_end_costs_its_own_field_and_no_stack() {
    let mut list = Nested(None);
    for _ in 0..100_000 {
        list = Nested(Some(Box::new(list)));
    }
    let told = trace_of(|| deep(&list, 1));
    assert_eq!(told["input"]["after"], 1);
    assert!(told["input"]["list"].to_string().len() < 10_000);
}

struct Fails;
impl Serialize for Fails {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("this value has no JSON"))
    }
}

struct Panics;
impl Serialize for Panics {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("in Serialize")
    }
}

struct PanicsInDebug;
impl fmt::Debug for PanicsInDebug {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in Debug")
    }
}

struct FailsInDebug;
impl fmt::Debug for FailsInDebug {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

struct Endless;
impl Serialize for Endless {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(std::iter::repeat("again"))
    }
}

struct EndlessDebug;
impl fmt::Debug for EndlessDebug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        loop {
            f.write_str("again")?;
        }
    }
}

#[trace]
fn troubled(
    fails: Fails,
    panics: Panics,
    panics_in_debug: PanicsInDebug,
    fails_in_debug: FailsInDebug,
    last: u8,
) -> Panics {
    let _ = (fails, panics_in_debug, fails_in_debug, last);
    panics
}

#[test]
fn a_value_that_fails_or_panics_while_it_is_captured_costs_its_own_field_and_not_the_call() {
    let told = trace_of(|| troubled(Fails, Panics, PanicsInDebug, FailsInDebug, 9));
    assert_eq!(told["input"]["last"], 9);
    for field in ["fails", "panics", "panics_in_debug", "fails_in_debug"] {
        assert!(told["input"][field].is_string(), "{field}: {told:#}");
    }
    assert!(told["output"]["value"].is_string(), "{told:#}");
    assert!(told.get("error").is_none(), "{told:#}");
}

#[trace]
fn endless(first: u8, endless: Endless) -> EndlessDebug {
    let _ = (first, endless);
    EndlessDebug
}

#[test]
fn a_value_that_never_ends_is_cut_while_it_is_written() {
    let told = trace_of(|| endless(1, Endless));
    assert_eq!(told["input"]["first"], 1);
    assert!(told["input"].to_string().len() <= 128 * 1024);
    assert!(told["output"].to_string().len() <= 128 * 1024);
}

#[trace]
fn locks(plain: &Mutex<u8>, shared: Arc<RwLock<u8>>) -> Arc<Mutex<u8>> {
    let _ = (plain, shared);
    Arc::new(Mutex::new(3))
}

#[test]
fn a_lock_that_is_held_is_not_waited_for() {
    let (plain, shared) = (Mutex::new(1), Arc::new(RwLock::new(2)));
    let (_held, _written) = (plain.lock().unwrap(), shared.write().unwrap());
    let told = trace_of(|| locks(&plain, Arc::clone(&shared)));
    assert!(told["input"]["plain"].as_str().unwrap().contains("<locked>"));
    assert!(told["input"]["shared"].as_str().unwrap().contains("<locked>"));
    assert!(told["output"]["value"].as_str().unwrap().contains("3"));
}

#[trace]
fn borrowed<'a>(dynamic: &'a dyn fmt::Debug, text: &'a mut str, slice: &'a [Both]) -> &'a dyn fmt::Debug {
    let _ = (text, slice);
    dynamic
}

#[test]
fn unsized_and_borrowed_values_are_captured_like_others() {
    let told = trace_of(|| {
        borrowed(&Both { id: 1 }, &mut String::from("text"), &[Both { id: 2 }]);
    });
    assert_eq!(
        told,
        json!({
            "name": "borrowed",
            "input": {"dynamic": "Both { id: 1 }", "text": "text", "slice": [{"id": 2}]},
            "output": {"value": "Both { id: 1 }"},
        })
    );
}

#[trace]
fn of_traced(value: TracedSerialize) -> u8 {
    let _ = value;
    1
}

struct TracedSerialize;
impl Serialize for TracedSerialize {
    #[trace]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(5)
    }
}

#[test]
fn what_capture_runs_is_not_recorded_itself() {
    let told = trace_of(|| of_traced(TracedSerialize));
    assert_eq!(told, json!({"name": "of_traced", "input": {"value": 5}, "output": {"value": 1}}));
}
