// Included by the examples of the documentation. People read them as those of `galtea`, so this is what they have of it:
// all of this crate under that name, and the macro for blocks.

#[allow(unused_imports, unused_macros)]
mod galtea {
    pub use galtea_runtime::private as __private;
    pub use galtea_runtime::*;

    macro_rules! trace_scope {
        ($name:literal, $($rest:tt)*) => { galtea_macros::trace_scope!($name, crate = galtea, $($rest)*) };
    }
    pub(crate) use trace_scope;
}
