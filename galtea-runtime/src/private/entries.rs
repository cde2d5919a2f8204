//! The ladder for arguments and entries; see [`super`].

use std::fmt::Debug;
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

use serde::Serialize;

use crate::capture::{ObjectWriter, PutEntry};

/// A value that goes under a name.
///
/// ```text
/// (&&Entry(&value, "name")).galtea_entry()    a `PutEntry` of the type that the value's type gets
/// ```
///
/// So what is compiled for an entry depends on the type of its value alone; functions pass `&dyn PutEntry`s.
pub struct Entry<'a, T: ?Sized>(pub &'a T, pub &'static str);

impl<T: ?Sized> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Entry<'_, T> {}

/// By its `Serialize`.
pub struct Serialized<'a, T: ?Sized>(Entry<'a, T>);

/// By its `Debug`.
pub struct Debugged<'a, T: ?Sized>(Entry<'a, T>);

/// By the name of its type.
pub struct Named<'a, T: ?Sized>(Entry<'a, T>);

/// Listed, but not shown.
pub struct Masked(pub &'static str);

impl<T: Serialize + ?Sized> PutEntry for Serialized<'_, T> {
    fn put(&self, object: &mut ObjectWriter<'_>) {
        let Entry(value, name) = self.0;
        object.serialize(name, value);
    }
}

impl<T: Debug + ?Sized> PutEntry for Debugged<'_, T> {
    fn put(&self, object: &mut ObjectWriter<'_>) {
        let Entry(value, name) = self.0;
        object.debug(name, value);
    }
}

impl<T: ?Sized> PutEntry for Named<'_, T> {
    fn put(&self, object: &mut ObjectWriter<'_>) {
        object.text(self.0.1, std::any::type_name::<T>());
    }
}

impl PutEntry for Masked {
    fn put(&self, object: &mut ObjectWriter<'_>) {
        object.masked(self.0);
    }
}

/// Puts an entry whose value is an expression.
pub fn put(object: &mut ObjectWriter<'_>, entry: &dyn PutEntry) {
    entry.put(object);
}

impl<'a, T: Serialize + ?Sized> Entry<'a, T> {
    pub fn galtea_entry(&self) -> Serialized<'a, T> {
        Serialized(*self)
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
        Debugged(**self)
    }
}

pub trait DebugEntry {
    type Entry;

    fn galtea_entry(&self) -> Self::Entry;
}

impl<'a, T: Debug + ?Sized> DebugEntry for Entry<'a, T> {
    type Entry = Debugged<'a, T>;

    fn galtea_entry(&self) -> Debugged<'a, T> {
        Debugged(*self)
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
