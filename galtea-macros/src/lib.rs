//! The macros of the `galtea` crate. Use them from there: what they expand to needs it.
