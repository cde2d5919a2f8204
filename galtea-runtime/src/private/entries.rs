//! The ladder for arguments and entries; see [`super`].

use std::fmt::Debug;
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

use serde::Serialize;

use crate::capture::{self, ObjectWriter, PutValue, Stop, Writer};

/// A value that goes under a name.
///
/// ```text
/// (&&Entry(&value)).galtea_entry()    a `PutValue` of the type that the value's type gets
/// ```
///
/// So what is compiled for an entry depends on the type of its value alone; functions pass `&dyn PutValue`s.
pub struct Entry<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Entry<'_, T> {}

/// By its `Serialize`.
pub struct Serialized<'a, T: ?Sized>(&'a T);

/// By its `Debug`.
pub struct Debugged<'a, T: ?Sized>(&'a T);

/// By the name of its type.
pub struct Named<'a, T: ?Sized>(Entry<'a, T>);

/// Listed, but not shown.
pub struct Masked;

impl<T: Serialize + ?Sized> PutValue for Serialized<'_, T> {
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        self.0.serialize(writer)
    }
}

impl<T: Debug + ?Sized> PutValue for Debugged<'_, T> {
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        capture::write_debug(writer, &self.0)
    }
}

impl<T: ?Sized> PutValue for Named<'_, T> {
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        std::any::type_name::<T>().serialize(writer)
    }
}

impl PutValue for Masked {
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        writer.masked()
    }
}

/// Puts an entry whose value is an expression.
pub fn put(object: &mut ObjectWriter<'_>, name: &'static str, value: &dyn PutValue) {
    object.put(name, value);
}

impl<'a, T: Serialize + ?Sized> Entry<'a, T> {
    pub fn galtea_entry(&self) -> Serialized<'a, T> {
        Serialized(self.0)
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

pub trait LockedEntry {
    type Entry;

    fn galtea_entry(&self) -> Self::Entry;
}

impl<'a, T: Lock + Debug + ?Sized> LockedEntry for &Entry<'a, T> {
    type Entry = Debugged<'a, T>;

    fn galtea_entry(&self) -> Debugged<'a, T> {
        Debugged(self.0)
    }
}

pub trait DebugEntry {
    type Entry;

    fn galtea_entry(&self) -> Self::Entry;
}

impl<'a, T: Debug + ?Sized> DebugEntry for Entry<'a, T> {
    type Entry = Debugged<'a, T>;

    fn galtea_entry(&self) -> Debugged<'a, T> {
        Debugged(self.0)
    }
}

pub trait NamedEntry {
    type Entry;

    fn galtea_entry(self) -> Self::Entry;
}

impl<'a, T: ?Sized> NamedEntry for Entry<'a, T> {
    type Entry = Named<'a, T>;

    fn galtea_entry(self) -> Named<'a, T> {
        Named(self)
    }
}
