//! What traced streams expand to; see [`crate::stream`].

use std::fmt::Debug;
use std::future::Future;

use futures_core::Stream;
use serde::Serialize;
use serde_json::Value as Json;

use super::{FutureCall, Lock, Value, Write};
use crate::future::Prepared;
use crate::site::Site;
pub use crate::stream::{AllItems, Items, MappedItems, NoItems, StreamCall, StreamOutput, TracedStream};
use crate::stream::{Each, EachWith, MakesStream};
use crate::trace::{Given, Outcome, Returned};

/// Captures what a stream is made of. The call begins when the stream is first polled.
pub fn prepare_stream(site: &'static Site, given: Given<'_>, metadata: Write<'_>) -> StreamCall {
    StreamCall::prepared(Prepared::capture(site, given, metadata))
}

/// Runs the body of a function that returns a stream of `T`s.
///
/// # Panics
///
/// Only where the body does: its panic is recorded and goes on.
pub fn make_stream<T, S>(call: StreamCall, body: impl FnOnce() -> S) -> (S, StreamCall)
where
    S: Stream<Item = T>,
{
    call.make(body)
}

/// [`make_stream`] where the body may fail.
///
/// # Errors
///
/// Only where the body does.
///
/// # Panics
///
/// Only where the body does: its panic is recorded and goes on.
pub fn try_make_stream<T, S, E>(
    call: StreamCall,
    body: impl FnOnce() -> Result<S, E>,
) -> (Result<S, E>, StreamCall)
where
    S: Stream<Item = T>,
{
    call.make(body)
}

/// Makes the body of an async function that returns a stream the first part of the operation.
pub fn trace_stream_future<F: Future>(call: FutureCall, body: F) -> MakesStream<F> {
    MakesStream::begun(call.into_open(), body)
}

/// Makes a future that is to give a stream the first part of the operation.
pub fn trace_made_stream_future<F: Future>(call: Prepared, future: F) -> MakesStream<F> {
    MakesStream::prepared(call, future)
}

/// Tells the compiler what a stream's items are.
pub fn expect_stream<T, S: Stream<Item = T>>(stream: S) -> S {
    stream
}

/// Makes a stream the operation.
pub fn trace_stream<S: Stream, O: StreamOutput>(
    call: StreamCall,
    stream: S,
    each: fn(&S::Item, &mut Items),
    output: O,
) -> TracedStream<S, Each<S>, O> {
    TracedStream::new(call, stream, Each(each), output)
}

/// [`trace_stream`] with closures that take something along.
pub fn trace_stream_with<S, E, O>(
    call: StreamCall,
    stream: S,
    each: E,
    output: O,
) -> TracedStream<S, EachWith<E>, O>
where
    S: Stream,
    E: FnMut(&S::Item, &mut Items),
    O: StreamOutput,
{
    TracedStream::new(call, stream, EachWith(each), output)
}

/// Passes on the error that came instead of a stream, and records it.
pub fn failed<E>(call: StreamCall, error: E, record: impl FnOnce(&E, &mut Returned<'_>)) -> E {
    let mut record = Some(record);
    call.end_without_stream(Outcome::Returned(&mut |returned| {
        if let Some(record) = record.take() {
            record(&error, returned);
        }
    }));
    error
}

/// What is recorded of all items, by the user's own closure.
pub fn mapped_items<O: FnOnce(&[Json], &mut Returned<'_>)>(output: O) -> MappedItems<O> {
    MappedItems(output)
}

/// Calls what the user wrote as `output = …`.
pub fn map_items<R>(items: &[Json], mapping: impl FnOnce(&[Json]) -> R) -> R {
    mapping(items)
}

// ---- The ladder for items ---------------------------------------------------------------------------------------------

impl<T: Serialize + ?Sized> Value<'_, T> {
    pub fn galtea_put_item(&self, items: &mut Items) {
        items.serialize(self.0);
    }
}

pub trait PutItemLocked {
    fn galtea_put_item(&self, items: &mut Items);
}

impl<T: Lock + Debug + ?Sized> PutItemLocked for &Value<'_, T> {
    fn galtea_put_item(&self, items: &mut Items) {
        items.debug(self.0);
    }
}

pub trait PutItemDebug {
    fn galtea_put_item(&self, items: &mut Items);
}

impl<T: Debug + ?Sized> PutItemDebug for Value<'_, T> {
    fn galtea_put_item(&self, items: &mut Items) {
        items.debug(self.0);
    }
}

pub trait PutItemTypeName {
    fn galtea_put_item(self, items: &mut Items);
}

impl<T: ?Sized> PutItemTypeName for Value<'_, T> {
    fn galtea_put_item(self, items: &mut Items) {
        items.text(std::any::type_name::<T>());
    }
}
