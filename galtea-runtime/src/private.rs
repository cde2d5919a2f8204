//! What the macros expand to. Not for use by hand: it changes without notice.
//!
//! ```text
//! sync    run(begin(site, input, metadata), move || body, |value, returned| …)
//! async   trace_future(begin_async(site, input, metadata), async move { body }, |value, returned| …).await
//! ```
//!
//! The capture traits are ladders: the compiler takes the first rung that fits a value's type, without the type having to
//! promise anything. It looks for a method on the receiver as written, `&&&Fault` say, then with one `&` less, and so on,
//! and at each step for an inherent method before a trait's. So a rung stands higher the more `&` it is written for, and
//! the lowest one takes `self` by value. The methods have names that no trait of the user's has: one with an `impl` for all
//! types would come between the rungs.

mod streams;

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

use serde::Serialize;

pub use self::streams::*;
pub use crate::block::BlockGuard;
use crate::capture;
pub use crate::capture::ObjectWriter;
use crate::context::{self, Mode};
pub use crate::future::{Plain, Prepared, Traced, TracedLater, With};
pub use crate::handle::current_trace;
use crate::missed;
use crate::panics::{self, message};
pub use crate::site::Site;
pub use crate::trace::Returned;
use crate::trace::{Given, LocalTrace, OpenTrace, Outcome};
pub use crate::trace_type::TraceType;

/// A traced call that has begun on this thread and will end on it, or nothing where nothing is recorded.
pub struct Call(Option<LocalTrace>);

/// A traced call that has begun and may end anywhere, or nothing where nothing is recorded.
pub struct AsyncCall(Option<OpenTrace>);

type Write<'a> = Option<&'a mut dyn FnMut(&mut ObjectWriter<'_>)>;
type WriteValue<'a> = &'a mut dyn FnMut(&mut Returned<'_>);

/// No entries.
#[inline]
pub fn nothing<'a>() -> Write<'a> {
    None
}

/// Begins a traced call. Outside a scope this is one thread-local read and, where there is a client, a count; the
/// closures do not run.
#[inline(always)]
#[expect(clippy::inline_always, reason = "this is all that a call outside a scope costs")]
pub fn begin(site: &'static Site, input: Write<'_>, metadata: Write<'_>) -> Call {
    let mode = context::mode();
    if mode != Mode::Active {
        missed::note(site, mode);
        return Call(None);
    }
    begin_active(site, Given::Entries(input), metadata)
}

/// [`begin`] where one value stands for the arguments.
#[inline(always)]
#[expect(clippy::inline_always, reason = "this is all that a call outside a scope costs")]
pub fn begin_value(site: &'static Site, input: WriteValue<'_>, metadata: Write<'_>) -> Call {
    let mode = context::mode();
    if mode != Mode::Active {
        missed::note(site, mode);
        return Call(None);
    }
    begin_active(site, Given::Value(input), metadata)
}

#[inline(never)]
fn begin_active(site: &'static Site, given: Given<'_>, metadata: Write<'_>) -> Call {
    Call(LocalTrace::begin(site, given, metadata))
}

/// [`begin`] for a future that records itself.
pub fn begin_async(site: &'static Site, input: Write<'_>, metadata: Write<'_>) -> AsyncCall {
    begin_open(site, Given::Entries(input), metadata)
}

/// [`begin_async`] where one value stands for the arguments.
pub fn begin_async_value(site: &'static Site, input: WriteValue<'_>, metadata: Write<'_>) -> AsyncCall {
    begin_open(site, Given::Value(input), metadata)
}

fn begin_open(site: &'static Site, given: Given<'_>, metadata: Write<'_>) -> AsyncCall {
    let mode = context::mode();
    if mode != Mode::Active {
        missed::note(site, mode);
        return AsyncCall(None);
    }
    AsyncCall(OpenTrace::begin(site, given, metadata))
}

/// Captures what a future is given while it is made. The call begins when the future is first polled.
pub fn prepare(site: &'static Site, input: Write<'_>, metadata: Write<'_>) -> Prepared {
    Prepared::capture(site, Given::Entries(input), metadata)
}

/// [`prepare`] where one value stands for the arguments.
pub fn prepare_value(site: &'static Site, input: WriteValue<'_>, metadata: Write<'_>) -> Prepared {
    Prepared::capture(site, Given::Value(input), metadata)
}

/// Runs the body of a traced sync function.
///
/// # Panics
///
/// Only where the body does: its panic is recorded and goes on.
#[inline]
pub fn run<R>(mut call: Call, body: impl FnOnce() -> R, output: impl FnOnce(&R, &mut Returned<'_>)) -> R {
    if call.0.is_none() {
        return body();
    }
    let (mut body, mut output, mut returns) = (Some(body), Some(output), None);
    call.run(&mut || {
        if let Some(body) = body.take() {
            returns = Some(body());
        }
    });
    let Some(value) = returns else { no_value() };
    call.end(&mut |returned| {
        if let Some(output) = output.take() {
            output(&value, returned);
        }
    });
    value
}

/// What of [`run`] is the same for all functions.
impl Call {
    /// A panic is recorded and goes on.
    fn run(&mut self, body: &mut dyn FnMut()) {
        if let Err(payload) = panics::watch_dyn(body) {
            if let Some(trace) = self.0.take() {
                trace.end(Outcome::Panicked(Some(message(&*payload))));
            }
            resume_unwind(payload)
        }
    }

    fn end(&mut self, write: WriteValue<'_>) {
        if let Some(trace) = self.0.take() {
            trace.end_returned(write);
        }
    }
}

/// A body that did not panic has returned a value, so this is never called.
#[cold]
fn no_value() -> ! {
    resume_unwind(Box::new("a body came to its end without a value"))
}

/// Makes the body of a traced async function the operation.
pub fn trace_future<F: Future>(
    call: AsyncCall,
    body: F,
    output: fn(&F::Output, &mut Returned<'_>),
) -> Traced<F, Plain<F>> {
    Traced::new(call.0, body, Plain(output))
}

/// [`trace_future`] with an output that takes something along.
pub fn trace_future_with<F, O>(call: AsyncCall, body: F, output: O) -> Traced<F, With<O>>
where
    F: Future,
    O: FnOnce(&F::Output, &mut Returned<'_>),
{
    Traced::new(call.0, body, With(output))
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
    BlockGuard::new(call.0, "")
}

/// Makes a block the operation of which only the type of its value is known.
pub fn enter_returning(call: Call, returns: &'static str) -> BlockGuard {
    BlockGuard::new(call.0, returns)
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
    if let Some(trace) = call.0 {
        trace.end(Outcome::Event);
    }
}

macro_rules! named {
    ($($call:ident),*) => {$(
        impl $call {
            /// Gives the trace a name that only the running program knows. Outside a scope the name is not made.
            #[must_use]
            pub fn named(mut self, name: &mut dyn FnMut() -> String) -> Self {
                if let Some(trace) = &mut self.0 {
                    trace.rename(name);
                }
                self
            }
        }
    )*};
}

named!(Call, AsyncCall);

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

// ---- The ladder for arguments and entries -------------------------------------------------------------------------------

/// A value that goes under a name.
pub struct Entry<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> Entry<'_, T> {
    pub fn galtea_put(&self, object: &mut ObjectWriter<'_>, name: &'static str) {
        object.serialize(name, self.0);
    }
}

/// Serde's `Serialize` for a lock waits for it, perhaps for ever; `Debug` does not.
pub trait Lock {}

impl<T: ?Sized> Lock for Mutex<T> {}
impl<T: ?Sized> Lock for RwLock<T> {}
impl<L: Lock + ?Sized> Lock for &L {}
impl<L: Lock + ?Sized> Lock for &mut L {}
impl<L: Lock + ?Sized> Lock for Box<L> {}
impl<L: Lock + ?Sized> Lock for Rc<L> {}
impl<L: Lock + ?Sized> Lock for Arc<L> {}

pub trait PutLocked {
    fn galtea_put(&self, object: &mut ObjectWriter<'_>, name: &'static str);
}

impl<T: Lock + Debug + ?Sized> PutLocked for &Entry<'_, T> {
    fn galtea_put(&self, object: &mut ObjectWriter<'_>, name: &'static str) {
        object.debug(name, self.0);
    }
}

pub trait PutDebug {
    fn galtea_put(&self, object: &mut ObjectWriter<'_>, name: &'static str);
}

impl<T: Debug + ?Sized> PutDebug for Entry<'_, T> {
    fn galtea_put(&self, object: &mut ObjectWriter<'_>, name: &'static str) {
        object.debug(name, self.0);
    }
}

pub trait PutTypeName {
    fn galtea_put(self, object: &mut ObjectWriter<'_>, name: &'static str);
}

impl<T: ?Sized> PutTypeName for Entry<'_, T> {
    fn galtea_put(self, object: &mut ObjectWriter<'_>, name: &'static str) {
        object.text(name, std::any::type_name::<T>());
    }
}

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
    pub fn galtea_put_output(&self, returned: &mut Returned<'_>) {
        if !is_unit::<T>() {
            returned.output(|out, policy| {
                capture::write_value(out, policy, self.0);
            });
        }
    }
}

pub trait PutOutputLocked {
    fn galtea_put_output(&self, returned: &mut Returned<'_>);
}

impl<T: Lock + Debug + ?Sized> PutOutputLocked for &Value<'_, T> {
    fn galtea_put_output(&self, returned: &mut Returned<'_>) {
        returned.output(|out, policy| {
            capture::write_value_debug(out, policy, self.0);
        });
    }
}

pub trait PutOutputDebug {
    fn galtea_put_output(&self, returned: &mut Returned<'_>);
}

impl<T: Debug + ?Sized> PutOutputDebug for Value<'_, T> {
    fn galtea_put_output(&self, returned: &mut Returned<'_>) {
        returned.output(|out, policy| {
            capture::write_value_debug(out, policy, self.0);
        });
    }
}

pub trait PutOutputTypeName {
    fn galtea_put_output(self, returned: &mut Returned<'_>);
}

impl<T: ?Sized> PutOutputTypeName for Value<'_, T> {
    fn galtea_put_output(self, returned: &mut Returned<'_>) {
        returned.output(|out, policy| {
            capture::write_value_text(out, policy, std::any::type_name::<T>());
        });
    }
}

// ---- The ladder for errors ----------------------------------------------------------------------------------------------

/// An error that was returned.
pub struct Fault<'a, E: ?Sized>(pub &'a E);

pub trait PutError {
    fn galtea_put_error(&self, returned: &mut Returned<'_>);
}

impl<E: Error + ?Sized> PutError for &&Fault<'_, E> {
    fn galtea_put_error(&self, returned: &mut Returned<'_>) {
        returned.error(|out, policy| {
            capture::write_error(out, policy, self.0);
        });
    }
}

/// Boxed errors, `anyhow::Error` and its like: no errors themselves, but pointers to one.
pub trait PutErrorBehind {
    fn galtea_put_error(&self, returned: &mut Returned<'_>);
}

impl<E: ?Sized + Deref<Target: Error>> PutErrorBehind for &Fault<'_, E> {
    fn galtea_put_error(&self, returned: &mut Returned<'_>) {
        returned.error(|out, policy| {
            capture::write_error(out, policy, &**self.0);
        });
    }
}

impl<E: Display + ?Sized> Fault<'_, E> {
    pub fn galtea_put_error(&self, returned: &mut Returned<'_>) {
        returned.error(|out, policy| {
            capture::write_error_display(out, policy, self.0);
        });
    }
}

pub trait PutErrorDebug {
    fn galtea_put_error(&self, returned: &mut Returned<'_>);
}

impl<E: Debug + ?Sized> PutErrorDebug for Fault<'_, E> {
    fn galtea_put_error(&self, returned: &mut Returned<'_>) {
        returned.error(|out, policy| {
            capture::write_error_debug(out, policy, self.0);
        });
    }
}

pub trait PutErrorTypeName {
    fn galtea_put_error(self, returned: &mut Returned<'_>);
}

impl<E: ?Sized> PutErrorTypeName for Fault<'_, E> {
    fn galtea_put_error(self, returned: &mut Returned<'_>) {
        returned.error(|out, policy| {
            capture::write_error_display(out, policy, std::any::type_name::<E>());
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

copy!(Entry, Output, Value, Fault);
