//! Turns values of the traced program into text: bounded, scrubbed, and always valid JSON.
//!
//! ```text
//! ObjectWriter, write_value   one field of a trace: entries, limits, roll-back of what fails, the user's mask
//!        │ per entry
//! Writer (serializer, compound)   bytes: escapes, keys, levels, the mark where the limit cuts
//!        ├── keys, secrets        which keys are never followed by their value
//!        ├── scrub                the same for `Debug` text
//!        └── verbatim, transcode  JSON text read back: raw values, merging
//! text                        errors and descriptions, which are no JSON
//! ```
//!
//! Rules that hold for all of it: the limit is kept while writing, never by cutting afterwards; a secret is never
//! written, not even to be taken back; user code (`Serialize`, `Debug`, `Display`, the mask) may fail, panic or never
//! end, and costs its own entry at most. A panic is caught here; what the program's panic hook says of it, it says.
//! Strings are not parsed: a secret inside one is the user's mask's business.

mod compound;
mod decimal;
mod escape;
mod items;
mod keys;
mod mask;
mod merge;
#[cfg(any(test, feature = "__internals"))]
pub(crate) mod model;
mod object;
mod policy;
mod scrub;
mod secrets;
mod serializer;
mod stop;
#[cfg(test)]
mod tests;
mod text;
mod transcode;
mod value;
mod verbatim;
mod writer;

#[allow(unreachable_pub, reason = "public only where `__internals` is on")]
pub use policy::CapturePolicy;
pub use secrets::SecretNames;

pub(crate) use items::ItemsText;
pub(crate) use merge::finish_merged;
#[cfg(any(test, feature = "__internals"))]
pub(crate) use merge::merge;
pub(crate) use object::Dynamic;
pub(crate) use object::write_debug;
pub use object::{ObjectWriter, PutValue};
pub(crate) use stop::Stop;
pub(crate) use text::{write_error, write_error_debug, write_error_display, write_text};
pub(crate) use value::{write_value, write_value_debug, write_value_text};
pub(crate) use writer::Writer;
