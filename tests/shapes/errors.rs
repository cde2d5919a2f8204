//! `Result` under any name, and errors of any kind.

use std::error::Error;
use std::fmt;
use std::io;

use galtea::trace;
use serde_json::{Value, json};

use crate::recorded::{trace_of, trace_of_future};

#[derive(Debug, thiserror::Error)]
#[error("no answer from {host}")]
struct Unreachable {
    host: &'static str,
    #[source]
    source: io::Error,
}

fn unreachable() -> Unreachable {
    Unreachable { host: "db-1", source: io::Error::other("connection refused") }
}

const CHAIN: &str = "no answer from db-1: connection refused";

#[trace]
fn plain() -> Result<u8, Unreachable> {
    Err(unreachable())
}

#[trace]
fn anyhow() -> anyhow::Result<u8> {
    use anyhow::Context as _;
    Err(unreachable()).context("cannot look it up")
}

#[trace]
fn boxed() -> Result<u8, Box<dyn Error>> {
    Err(Box::new(unreachable()))
}

#[trace]
fn boxed_to_send() -> Result<u8, Box<dyn Error + Send + Sync>> {
    Err(unreachable().into())
}

#[trace]
fn shared() -> Result<u8, std::sync::Arc<Unreachable>> {
    Err(unreachable().into())
}

#[trace]
fn borrowed(error: &Unreachable) -> Result<u8, &Unreachable> {
    Err(error)
}

fn error(told: &Value) -> &str {
    assert!(told.get("output").is_none(), "{told:#}");
    told["error"].as_str().unwrap()
}

#[test]
fn an_errors_text_has_its_sources_behind_it() {
    assert_eq!(error(&trace_of(plain)), CHAIN);
    assert_eq!(error(&trace_of(boxed)), CHAIN);
    assert_eq!(error(&trace_of(boxed_to_send)), CHAIN);
    assert_eq!(error(&trace_of(shared)), CHAIN);
    let kept = unreachable();
    assert_eq!(error(&trace_of(|| borrowed(&kept).is_err())), CHAIN);
    assert_eq!(error(&trace_of(anyhow)), format!("cannot look it up: {CHAIN}"));
}

struct OnlyDisplay;
impl fmt::Display for OnlyDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("displayed")
    }
}

#[derive(Debug)]
struct OnlyDebug;

struct Opaque;

#[trace]
fn only_display() -> Result<u8, OnlyDisplay> {
    Err(OnlyDisplay)
}

#[trace]
fn only_debug() -> Result<u8, OnlyDebug> {
    Err(OnlyDebug)
}

#[trace]
fn opaque() -> Result<u8, Opaque> {
    Err(Opaque)
}

#[trace]
fn text() -> Result<u8, String> {
    Err("a text".to_owned())
}

#[trace]
fn empty() -> Result<u8, &'static str> {
    Err("")
}

#[trace]
fn unit() -> Result<u8, ()> {
    Err(())
}

#[test]
fn what_is_no_error_type_is_told_by_display_else_debug_else_its_types_name() {
    assert_eq!(error(&trace_of(only_display)), "displayed");
    assert_eq!(error(&trace_of(only_debug)), "OnlyDebug");
    assert_eq!(error(&trace_of(opaque)), "shapes::errors::Opaque");
    assert_eq!(error(&trace_of(text)), "a text");
    assert_eq!(error(&trace_of(unit)), "()");
    assert_ne!(error(&trace_of(empty)), "");
}

struct BrokenDisplay(bool);
impl fmt::Display for BrokenDisplay {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 { panic!("in Display") } else { Err(fmt::Error) }
    }
}

#[trace]
fn broken_display(panics: bool) -> Result<u8, BrokenDisplay> {
    Err(BrokenDisplay(panics))
}

#[test]
fn an_error_that_cannot_tell_itself_is_still_an_error() {
    for panics in [true, false] {
        assert_ne!(error(&trace_of(|| broken_display(panics).is_err())), "");
    }
}

type Renamed<T> = Result<T, Unreachable>;
type Deeper = Renamed<u8>;
trait Answers {
    type Answer;
    fn answer(&self) -> Self::Answer;
}
impl Answers for () {
    type Answer = Deeper;
    #[trace]
    fn answer(&self) -> Self::Answer {
        Err(unreachable())
    }
}

#[trace]
fn of_io(fails: bool) -> io::Result<u8> {
    if fails { Err(io::Error::other("refused")) } else { Ok(1) }
}

#[trace]
fn of_format() -> fmt::Result {
    Err(fmt::Error)
}

#[trace]
async fn renamed() -> Deeper {
    Err(unreachable())
}

#[tokio::test]
async fn a_result_is_seen_through_any_alias() {
    assert_eq!(error(&trace_of(|| of_io(true).is_err())), "refused");
    assert_eq!(trace_of(|| of_io(false).is_ok())["output"], json!({"value": 1}));
    assert_eq!(error(&trace_of(of_format)), fmt::Error.to_string());
    assert_eq!(error(&trace_of(|| ().answer().is_err())), CHAIN);
    assert_eq!(error(&trace_of_future(renamed()).await), CHAIN);
}

/// A type that is an error, or a pointer to one, only where its parameter lives long enough.
#[derive(Debug)]
struct Split<S>(S);
impl<S> fmt::Display for Split<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these are no halves of one whole")
    }
}
impl<S: fmt::Debug + 'static> Error for Split<S> {}

struct Half<S>(S);
impl<S: fmt::Debug> Half<S> {
    #[trace]
    fn reunite(self, same: bool) -> Result<S, Split<S>> {
        if same { Ok(self.0) } else { Err(Split(self.0)) }
    }

    #[trace]
    fn boxed(self) -> Result<S, Box<Split<S>>> {
        Err(Box::new(Split(self.0)))
    }

    #[trace]
    async fn later(self) -> Result<S, Split<S>> {
        Err(Split(self.0))
    }
}

impl<S: fmt::Debug> Split<S> {
    #[trace]
    fn again(self) -> Result<S, Self> {
        Err(self)
    }
}

#[trace]
fn divide<S: fmt::Debug, const N: usize>(whole: [S; N]) -> Result<(), Split<[S; N]>> {
    Err(Split(whole))
}

#[trace]
fn divide_any(whole: impl fmt::Debug) -> Result<(), Split<impl fmt::Debug>> {
    Err(Split(whole))
}

const NO_HALVES: &str = "these are no halves of one whole";

#[tokio::test]
async fn an_error_that_is_one_only_for_types_that_live_long_is_told_by_its_display() {
    let short = String::from("short");
    let part = short.as_str();
    assert_eq!(error(&trace_of(|| Half(part).reunite(false).is_err())), NO_HALVES);
    assert_eq!(trace_of(|| Half(part).reunite(true).is_ok())["output"], json!({"value": "\"short\""}));
    assert_eq!(error(&trace_of(|| Half(part).boxed().is_err())), NO_HALVES);
    assert_eq!(error(&trace_of(|| Split(part).again().is_err())), NO_HALVES);
    assert_eq!(error(&trace_of(|| divide([part]).is_err())), NO_HALVES);
    assert_eq!(error(&trace_of(|| divide_any(part).is_err())), NO_HALVES);
    assert_eq!(error(&trace_of_future(Half(part).later()).await), NO_HALVES);
}

/// Errors that carry a parameter and are errors whatever it is keep their sources where the signature gives the bound.
#[trace]
fn passes_on<E: Error>(error: E) -> Result<u8, E> {
    Err(error)
}

#[test]
fn an_error_that_is_a_bounded_parameter_keeps_its_sources() {
    assert_eq!(error(&trace_of(|| passes_on(unreachable()).is_err())), CHAIN);
}
