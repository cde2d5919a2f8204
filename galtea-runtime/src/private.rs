//! What the macros expand to. Not for use by hand: it changes without notice.
//!
//! ```text
//! let mut call = if is_active() { begin(site, given, metadata) } else { outside(site) };
//! sync    let value = run(&mut call, move || body);
//! async   the same with begin_future and outside_future, and
//!         let value = Traced { operation: Operation(&mut call), body: async move { body } }.await;
//! (&&Value(&value)).galtea_put_output(&mut call);
//! value
//! ```
//!
//! The compiler makes code for each closure, and for each function that takes one, in each function of the user's. So these
//! take what has the same type everywhere wherever they can, and what is left to do for each function is little.
//!
//! The capture traits are ladders: the compiler takes the first rung that fits a value's type, without the type having to
//! promise anything. It looks for a method on the receiver as written, `&&&Fault` say, then with one `&` less, and so on,
//! and at each step for an inherent method before a trait's. So a rung stands higher the more `&` it is written for, and
//! the lowest one takes `self` by value. The methods have names that no trait of the user's has: one with an `impl` for all
//! types would come between the rungs.

mod entries;
mod streams;

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;
use std::panic::resume_unwind;
use std::pin::Pin;

use serde::Serialize;

pub use self::entries::*;
pub use self::streams::*;
pub use crate::block::BlockGuard;
use crate::call::Body;
pub use crate::call::{Call, FutureCall, Receive};
use crate::capture;
pub use crate::capture::{ObjectWriter, PutValue};
use crate::context;
pub use crate::future::{Operation, Plain, Prepared, Traced, TracedLater, With};
pub use crate::handle::current_trace;
use crate::missed;
pub use crate::site::Site;
pub use crate::trace::{Given, Returned};
use crate::trace::{LocalTrace, OpenTrace, Outcome};
pub use crate::trace_type::TraceType;

/// Writes metadata. `None`: there is none from the beginning.
type Write<'a> = Option<&'a mut dyn FnMut(&mut ObjectWriter<'_>)>;

/// Whether a call is recorded. Outside a scope this is one thread-local read.
#[inline]
pub fn is_active() -> bool {
    context::is_active()
}

/// What becomes of a call where none is recorded: where there is a client, it is counted.
#[inline]
pub fn outside(site: &'static Site) -> Call {
    missed::note(site, context::mode());
    Call::new(None)
}

/// [`outside`] for a call that would go on from poll to poll.
#[inline]
pub fn outside_future(site: &'static Site) -> FutureCall {
    missed::note(site, context::mode());
    FutureCall::none()
}

/// Begins a traced call. Only where [`is_active`].
#[inline(never)]
pub fn begin(site: &'static Site, given: Given<'_>, metadata: Write<'_>) -> Call {
    Call::new(LocalTrace::begin(site, given, metadata))
}

/// [`begin`] for a call that goes on from poll to poll.
#[inline(never)]
pub fn begin_future(site: &'static Site, given: Given<'_>, metadata: Write<'_>) -> FutureCall {
    FutureCall::new(OpenTrace::begin(site, given, metadata))
}

/// Captures what a future is given while it is made. The call begins when the future is first polled.
pub fn prepare(site: &'static Site, given: Given<'_>, metadata: Write<'_>) -> Prepared {
    Prepared::capture(site, given, metadata)
}

/// Runs the body of a traced sync function.
///
/// # Panics
///
/// Only where the body does: its panic is recorded and goes on.
#[inline]
pub fn run<R>(call: &mut Call, body: impl FnOnce() -> R) -> R {
    if !call.is_recorded() {
        return body();
    }
    let mut body = BodyOnce { body: Some(body), value: None };
    call.run_body(&mut body);
    let Some(value) = body.value else { no_value() };
    value
}

/// A closure as a [`Body`]. As a `dyn FnMut` it would have the compiler make the methods of `FnOnce` too.
struct BodyOnce<F, R> {
    body: Option<F>,
    value: Option<R>,
}

impl<F: FnOnce() -> R, R> Body for BodyOnce<F, R> {
    fn run(&mut self) {
        if let Some(body) = self.body.take() {
            self.value = Some(body());
        }
    }
}

/// A body that did not panic has returned a value, so this is never called.
#[cold]
fn no_value() -> ! {
    resume_unwind(Box::new("a body came to its end without a value"))
}

/// The end of an operation of whose output nothing is recorded.
pub fn skip_output(to: &mut impl Receive) {
    to.receive(&mut |_| {});
}

/// Ends a call whose output or error is what the user wrote.
pub fn end_with<R: ?Sized>(call: &mut impl Receive, value: &R, output: impl FnOnce(&R, &mut Returned<'_>)) {
    let mut output = Some(output);
    call.receive(&mut |returned| {
        if let Some(output) = output.take() {
            output(value, returned);
        }
    });
}

/// Makes the future that a function returns the operation.
pub fn trace_made_future<F: Future>(
    call: Prepared,
    future: F,
    output: fn(&F::Output, &mut Returned<'_>),
) -> TracedLater<F, Plain<F>> {
    TracedLater::new(call, future, Plain(output))
}

/// [`trace_made_future`] with an output that takes something along.
pub fn trace_made_future_with<F, O>(call: Prepared, future: F, output: O) -> TracedLater<F, With<O>>
where
    F: Future,
    O: FnOnce(&F::Output, &mut Returned<'_>),
{
    TracedLater::new(call, future, With(output))
}

/// Tells the compiler what a future's output is.
pub fn expect_future<T, F: Future<Output = T>>(future: F) -> F {
    future
}

/// Runs a closure, so that a `return` in it ends there.
pub fn make<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// `Box::pin`, whatever the user's `Box` is.
pub fn boxed<F>(future: F) -> Pin<Box<F>> {
    Box::pin(future)
}

/// Makes a block the operation. What it returns is shown to [`finish`].
pub fn enter(call: Call) -> BlockGuard {
    BlockGuard::new(call.into_trace(), "")
}

/// Makes a block the operation of which only the type of its value is known.
pub fn enter_returning(call: Call, returns: &'static str) -> BlockGuard {
    BlockGuard::new(call.into_trace(), returns)
}

/// Passes a block's value on, and records it.
pub fn finish<R>(guard: &BlockGuard, value: R, output: impl FnOnce(&R, &mut Returned<'_>)) -> R {
    if guard.is_recording() {
        let mut output = Some(output);
        guard.end(&mut |returned| {
            if let Some(output) = output.take() {
                output(&value, returned);
            }
        });
    }
    value
}

/// Passes the operand of a `?` on, and records the error if it is one.
pub fn observe<T>(guard: &BlockGuard, operand: T, error: impl FnOnce(&T, &mut Returned<'_>)) -> T {
    if guard.is_recording() {
        let mut error = Some(error);
        guard.observe(&mut |returned| {
            if let Some(error) = error.take() {
                error(&operand, returned);
            }
        });
    }
    operand
}

/// Records a point in time.
pub fn event(call: Call) {
    if let Some(trace) = call.into_trace() {
        trace.end(Outcome::Event);
    }
}

/// Calls what the user wrote as `output = …` or `error = …`.
pub fn map<'a, T: ?Sized, R>(value: &'a T, mapping: impl FnOnce(&'a T) -> R) -> R {
    mapping(value)
}

/// Tells the compiler what an async block returns, in a branch that is never taken.
///
/// # Panics
///
/// Always: it is never called.
pub fn never_called<T>() -> T {
    unreachable!("only the type of this call is of interest")
}

/// An output that is not recorded; errors still are.
pub fn no_output<R>(_: &R, _: &mut Returned<'_>) {}

// ---- Result or value ----------------------------------------------------------------------------------------------------

/// What a function returned, before it is known whether that is a `Result`.
pub struct Output<'a, T: ?Sized>(pub &'a T);

impl<'a, T, E> Output<'a, Result<T, E>> {
    pub fn galtea_split(&self) -> Result<Value<'a, T>, Fault<'a, E>> {
        self.0.as_ref().map(Value).map_err(Fault)
    }
}

pub trait SplitValue<'a> {
    type Value: ?Sized;

    fn galtea_split(self) -> Result<Value<'a, Self::Value>, Fault<'a, Infallible>>;
}

impl<'a, T: ?Sized> SplitValue<'a> for Output<'a, T> {
    type Value = T;

    fn galtea_split(self) -> Result<Value<'a, T>, Fault<'a, Infallible>> {
        Ok(Value(self.0))
    }
}

// ---- The ladder for outputs ---------------------------------------------------------------------------------------------

/// A value that was returned.
pub struct Value<'a, T: ?Sized>(pub &'a T);

/// `()` says nothing, so it is not recorded.
fn is_unit<T: ?Sized>() -> bool {
    std::any::type_name::<T>() == "()"
}

impl<T: Serialize + ?Sized> Value<'_, T> {
    pub fn galtea_put_output(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            if !is_unit::<T>() {
                returned.output(|out, policy| {
                    capture::write_value(out, policy, self.0);
                });
            }
        });
    }
}

pub trait PutOutputLocked {
    fn galtea_put_output(&self, to: &mut impl Receive);
}

impl<T: Lock + Debug + ?Sized> PutOutputLocked for &Value<'_, T> {
    fn galtea_put_output(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.output(|out, policy| {
                capture::write_value_debug(out, policy, self.0);
            });
        });
    }
}

pub trait PutOutputDebug {
    fn galtea_put_output(&self, to: &mut impl Receive);
}

impl<T: Debug + ?Sized> PutOutputDebug for Value<'_, T> {
    fn galtea_put_output(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.output(|out, policy| {
                capture::write_value_debug(out, policy, self.0);
            });
        });
    }
}

pub trait PutOutputTypeName {
    fn galtea_put_output(self, to: &mut impl Receive);
}

impl<T: ?Sized> PutOutputTypeName for Value<'_, T> {
    fn galtea_put_output(self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.output(|out, policy| {
                capture::write_value_text(out, policy, std::any::type_name::<T>());
            });
        });
    }
}

// ---- The ladder for errors ----------------------------------------------------------------------------------------------

/// An error that was returned.
pub struct Fault<'a, E: ?Sized>(pub &'a E);

pub trait PutError {
    fn galtea_put_error(&self, to: &mut impl Receive);
}

impl<E: Error + ?Sized> PutError for &&Fault<'_, E> {
    fn galtea_put_error(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.error(|out, policy| {
                capture::write_error(out, policy, self.0);
            });
        });
    }
}

/// Boxed errors, `anyhow::Error` and its like: no errors themselves, but pointers to one.
pub trait PutErrorBehind {
    fn galtea_put_error(&self, to: &mut impl Receive);
}

impl<E: ?Sized + Deref<Target: Error>> PutErrorBehind for &Fault<'_, E> {
    fn galtea_put_error(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.error(|out, policy| {
                capture::write_error(out, policy, &**self.0);
            });
        });
    }
}

impl<E: Display + ?Sized> Fault<'_, E> {
    pub fn galtea_put_error(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.error(|out, policy| {
                capture::write_error_display(out, policy, self.0);
            });
        });
    }
}

pub trait PutErrorDebug {
    fn galtea_put_error(&self, to: &mut impl Receive);
}

impl<E: Debug + ?Sized> PutErrorDebug for Fault<'_, E> {
    fn galtea_put_error(&self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.error(|out, policy| {
                capture::write_error_debug(out, policy, self.0);
            });
        });
    }
}

pub trait PutErrorTypeName {
    fn galtea_put_error(self, to: &mut impl Receive);
}

impl<E: ?Sized> PutErrorTypeName for Fault<'_, E> {
    fn galtea_put_error(self, to: &mut impl Receive) {
        to.receive(&mut |returned| {
            returned.error(|out, policy| {
                capture::write_error_display(out, policy, std::any::type_name::<E>());
            });
        });
    }
}

// ---- The lowest rungs take `self` by value, out from under the `&`s -----------------------------------------------------

macro_rules! copy {
    ($($rung:ident),*) => {$(
        impl<T: ?Sized> Clone for $rung<'_, T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T: ?Sized> Copy for $rung<'_, T> {}
    )*};
}

copy!(Output, Value, Fault);
