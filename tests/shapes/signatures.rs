//! Free functions of every signature.

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::rc::Rc;

use galtea::trace;
use serde::Serialize;
use serde_json::json;

use crate::recorded::{only, trace_of, trace_of_future, traces_of};

#[trace]
fn generic<T, I, const N: usize>(items: I, pad: [T; N]) -> [usize; N]
where
    I: IntoIterator<Item = T>,
    T: Clone + Debug,
{
    let _ = pad;
    [items.into_iter().count(); N]
}

#[trace]
fn with_impl(shown: impl Display + Serialize, shape: &impl Debug) -> impl Iterator<Item = char> + Clone {
    let _ = shape;
    shown.to_string().chars().collect::<Vec<_>>().into_iter()
}

#[trace]
fn nested_impl(count: u8) -> Result<impl Iterator<Item = u8>, Box<dyn std::error::Error>> {
    let limit: u8 = "3".parse()?;
    Ok((0..count).take(limit.into()))
}

#[trace]
fn pair_of_impls(count: u8) -> (impl Debug, Option<impl Fn(u8) -> u8>) {
    (count, Some(move |more| more + count))
}

#[test]
fn generic_arguments_const_generics_and_impl_trait_are_recorded_by_what_they_promise() {
    let told = traces_of(|| {
        assert_eq!(generic(vec!['a', 'b'], ['x'; 3]), [2; 3]);
        assert_eq!(with_impl("hé", &Some(1)).count(), 2);
        assert_eq!(nested_impl(9).unwrap().count(), 3);
        assert_eq!(pair_of_impls(2).1.unwrap()(3), 5);
    });
    assert_eq!(told[0]["input"], json!({"items": "alloc::vec::Vec<char>", "pad": "['x', 'x', 'x']"}));
    assert_eq!(told[0]["output"], json!({"value": "[2, 2, 2]"}));
    assert_eq!(told[1]["input"], json!({"shown": "hé", "shape": "Some(1)"}));
    assert!(told[1]["output"]["value"].is_string());
    assert!(told[2]["output"]["value"].is_string() && told[2].get("error").is_none());
    assert_eq!(told[3]["input"], json!({"count": 2}));
    assert_eq!(told.len(), 4);
}

#[trace]
fn adder(step: i32) -> impl Fn(i32) -> i32 {
    move |value| value + step
}

#[trace]
fn checked_adder(text: &str) -> Result<impl Fn(i32) -> i32 + use<>, std::num::ParseIntError> {
    let step: i32 = text.parse()?;
    Ok(move |value| value + step)
}

#[trace]
fn boxed_adder(step: i32) -> Box<dyn FnMut(i32) -> i32> {
    Box::new(move |value| value + step)
}

#[trace]
fn applied(mapping: impl FnOnce(i32) -> i32, twice: &mut dyn FnMut() -> i32, plain: fn(i32) -> i32) -> i32 {
    mapping(twice()) + plain(twice())
}

#[test]
fn closures_go_in_and_out() {
    let told = traces_of(|| {
        assert_eq!(adder(1)(2), 3);
        assert_eq!(checked_adder("4").unwrap()(1), 5);
        assert!(checked_adder("x").is_err());
        assert_eq!(boxed_adder(1)(2), 3);
        let mut count = 0;
        let mut next = || {
            count += 1;
            count
        };
        assert_eq!(applied(|value| value * 10, &mut next, |value| value), 12);
    });
    assert_eq!(told[0]["input"], json!({"step": 1}));
    assert_eq!(told[1]["input"], json!({"text": "4"}));
    assert_eq!(told[2]["error"], "invalid digit found in string");
    assert!(told[3]["output"]["value"].as_str().unwrap().contains("dyn"));
    assert_eq!(told[4]["output"], json!({"value": 12}));
}

struct Point {
    x: u8,
    y: u8,
}

#[trace]
fn patterns(
    (a, mut b): (u8, u8),
    Point { x, y: upright }: Point,
    [first, .., last]: [u8; 4],
    &by_ref: &u8,
    ref kept: Vec<u8>,
    all @ (_, inner): (u8, u8),
    _: String,
    _unused: u8,
) -> u8 {
    b += 1;
    a + b + x + upright + first + last + by_ref + kept[0] + all.0 + inner
}

#[test]
fn every_name_that_a_pattern_binds_is_an_argument() {
    let told = trace_of(|| {
        patterns((1, 2), Point { x: 3, y: 4 }, [5, 0, 0, 6], &7, vec![8], (9, 10), String::new(), 11)
    });
    let input = json!({
        "a": 1, "b": 2, "x": 3, "upright": 4, "first": 5, "last": 6, "by_ref": 7, "kept": [8], "all": [9, 10],
        "inner": 10, "_unused": 11,
    });
    assert_eq!(told, json!({"name": "patterns", "input": input, "output": {"value": 56}}));
}

#[trace(skip(r#type, gone))]
fn r#match(r#type: u8, r#fn: u8, #[cfg(any())] gone: NoSuchType, #[cfg(not(any()))] here: u8) -> u8 {
    r#type + r#fn + here
}

#[trace(only(r#in))]
fn raw_only(r#in: u8, out: u8) -> u8 {
    r#in + out
}

#[test]
fn raw_identifiers_lose_their_mark_and_arguments_that_are_configured_out_are_not_there() {
    assert_eq!(
        trace_of(|| r#match(1, 2, 3)),
        json!({"name": "match", "input": {"fn": 2, "here": 3}, "output": {"value": 6}})
    );
    assert_eq!(
        trace_of(|| raw_only(1, 2)),
        json!({"name": "raw_only", "input": {"in": 1}, "output": {"value": 3}})
    );
}

#[trace]
fn shortest<'a, 'b: 'a>(left: &'a str, right: &'b str) -> &'a str {
    if left.len() < right.len() { left } else { right }
}

#[trace]
fn slot<'m>(map: &'m mut HashMap<u8, Vec<u8>>, key: u8) -> &'m mut Vec<u8> {
    map.entry(key).or_default()
}

#[trace]
fn found(items: &mut [u8], wanted: u8) -> Option<&mut u8> {
    for item in items {
        if *item == wanted {
            return Some(item);
        }
    }
    None
}

#[trace]
fn dynamic<'a>(shape: &'a mut (dyn Debug + 'a), cow: std::borrow::Cow<'a, str>) -> Box<dyn Debug + 'a> {
    Box::new((shape, cow))
}

#[test]
fn what_is_borrowed_may_come_back() {
    let told = traces_of(|| {
        assert_eq!(shortest("abc", "de"), "de");
        slot(&mut HashMap::new(), 1).push(2);
        *found(&mut [1, 2, 3], 2).unwrap() = 9;
        assert!(found(&mut [1], 2).is_none());
        dynamic(&mut 1, "cow".into());
    });
    let outputs: Vec<_> = told.iter().map(|trace| &trace["output"]).collect();
    assert_eq!(
        outputs,
        [
            &json!({"value": "de"}),
            &json!({"value": []}),
            &json!({"value": 2}),
            &json!({"value": null}),
            &json!({"value": "(1, \"cow\")"}),
        ]
    );
}

#[trace]
extern "C" fn foreign_abi(value: i32) -> i32 {
    value + 1
}

#[trace]
unsafe extern "C" fn unsafe_foreign_abi(value: i32) -> i32 {
    value + 1
}

#[test]
fn other_calling_conventions_stay_and_the_function_is_still_one_to_point_to() {
    let pointer: extern "C" fn(i32) -> i32 = foreign_abi;
    let _: unsafe extern "C" fn(i32) -> i32 = unsafe_foreign_abi;
    assert_eq!(
        trace_of(|| pointer(1)),
        json!({"name": "foreign_abi", "input": {"value": 1}, "output": {"value": 2}})
    );
}

#[trace]
fn never(message: &str) -> ! {
    panic!("{message}")
}

#[test]
fn a_function_that_never_returns_may_panic() {
    let told = trace_of(|| std::panic::catch_unwind(|| never("the end")).is_err());
    assert_eq!(
        told,
        json!({
            "name": "never",
            "input": {"message": "the end"},
            "error": "panicked: the end",
            "metadata": {"galtea.outcome": "panicked"},
        })
    );
}

#[trace]
fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

#[test]
fn a_recursive_call_is_a_child() {
    assert_eq!(
        trace_of(|| factorial(2)),
        json!({
            "name": "factorial", "input": {"n": 2}, "output": {"value": 2},
            "children": [{
                "name": "factorial", "input": {"n": 1}, "output": {"value": 1},
                "children": [{"name": "factorial", "input": {"n": 0}, "output": {"value": 1}}],
            }],
        })
    );
}

#[trace]
async fn with_inner_attribute(value: String) -> usize {
    #![allow(unused_variables, reason = "an inner attribute must stay at the head")]
    let unused = 1;
    value.len()
}

#[tokio::test]
async fn an_inner_attribute_of_an_async_function_stays() {
    assert_eq!(trace_of_future(with_inner_attribute("a".to_owned())).await["output"], json!({"value": 1}));
}

#[trace]
fn with_items(n: u8) -> u8 {
    #![allow(non_upper_case_globals, reason = "an inner attribute must stay at the head")]
    const one: u8 = 1;
    use std::cmp::max as larger;
    #[trace]
    fn inner(n: u8) -> u8 {
        larger(n, one)
    }
    macro_rules! call {
        ($e:expr) => {
            inner($e)
        };
    }
    call!(n) + one
}

#[test]
fn items_macros_and_attributes_inside_the_body_stay() {
    assert_eq!(
        trace_of(|| with_items(4)),
        json!({
            "name": "with_items", "input": {"n": 4}, "output": {"value": 5},
            "children": [{"name": "inner", "input": {"n": 4}, "output": {"value": 4}}],
        })
    );
}

#[trace]
#[track_caller]
fn caller_line(fails: bool) -> Result<u32, String> {
    if fails {
        return Err("early".to_owned());
    }
    Ok(std::panic::Location::caller().line())
}

#[track_caller]
#[trace]
fn caller_line_below(by: Option<u32>) -> Option<u32> {
    Some(by? + std::panic::Location::caller().line())
}

#[test]
fn track_caller_still_gives_the_callers_place() {
    let told = traces_of(|| {
        assert_eq!(caller_line(false).unwrap(), line!());
        assert!(caller_line(true).is_err());
        assert_eq!(caller_line_below(Some(0)).unwrap(), line!());
        assert!(caller_line_below(None).is_none());
    });
    assert!(told[0]["output"]["value"].is_u64(), "{told:#?}");
    assert_eq!(told[1]["error"], "early");
    assert!(told[2]["output"]["value"].is_u64(), "{told:#?}");
    // Its body stays where it is, and of what leaves one early only errors and `return` are seen.
    assert_eq!(told[3]["metadata"], json!({"galtea.outcome": "left"}));
}

macro_rules! tools {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block)*) => {$(
        $(#[$meta])*
        #[trace(type = "TOOL")]
        $vis fn $name($($arg: $ty),*) -> $out $body
    )*};
}

tools! {
    /// Has a doc comment.
    pub(crate) fn made_sum(left: u8, right: u8) -> u8 { left + right }
    #[inline]
    fn made_fallible(text: &str) -> Result<u8, std::num::ParseIntError> { Ok(text.parse::<u8>()? + 1) }
}

macro_rules! hygienic {
    ($name:ident, $from_user:ident) => {
        #[trace]
        fn $name($from_user: u8, hidden: u8) -> u8 {
            $from_user + hidden
        }
    };
}
hygienic!(mixed, hidden);

#[test]
fn functions_that_macros_make_are_traced_and_keep_their_hygiene() {
    let told = traces_of(|| {
        made_sum(1, 2);
        assert!(made_fallible("x").is_err());
        assert_eq!(mixed(1, 2), 3);
    });
    assert_eq!(told[0]["input"], json!({"left": 1, "right": 2}));
    assert_eq!(told[1]["error"], "invalid digit found in string");
    assert_eq!(told[1]["type"], "TOOL");
    assert_eq!(told[2]["output"], json!({"value": 3}));
}

#[trace]
fn shares(value: Rc<u8>) -> Rc<u8> {
    value
}

#[test]
fn an_argument_is_moved_and_never_copied_or_kept() {
    let kept = Rc::new(1);
    let back = only(traces_of(|| assert_eq!(Rc::strong_count(&shares(Rc::clone(&kept))), 2)));
    assert_eq!(Rc::strong_count(&kept), 1);
    assert_eq!(back["name"], "shares");
}

#[trace]
fn thirteen(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l + m
}

#[test]
fn there_is_no_limit_to_the_number_of_arguments() {
    let told = trace_of(|| thirteen(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    assert_eq!(told["input"].as_object().unwrap().len(), 13);
}

#[trace]
fn dereferenced<T: ?Sized + Debug>(value: &T) -> Box<str> {
    format!("{value:?}").into()
}

#[test]
fn unsized_parameters_are_taken_behind_a_reference() {
    assert_eq!(
        trace_of(|| dereferenced("text")),
        json!({"name": "dereferenced", "input": {"value": "\"text\""}, "output": {"value": "\"text\""}})
    );
}
