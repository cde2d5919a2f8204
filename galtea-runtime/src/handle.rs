//! Speaking to a trace from inside of it.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::capture::{self, CapturePolicy, Dynamic, ObjectWriter};
use crate::context::{self, Active};
use crate::error_text::ErrorText;
use crate::record::TraceId;
use crate::recorder::Recorder;
use crate::trace_type::TraceType;

/// Gives a handle to the trace that is current here: the innermost traced call or scope around this line.
///
/// With no trace in scope the handle is inert: all its methods do nothing, at the cost of a thread-local read.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[cfg(feature = "testing")]
/// # fn main() {
/// use galtea::{current_trace, testing::capture_sync, trace_scope};
///
/// // Far from the annotated function, and without an argument for it.
/// fn count_tokens(text: &str) -> usize {
///     let tokens = text.split_whitespace().count();
///     current_trace().set_metadata("tokens", tokens);
///     tokens
/// }
///
/// let tree = capture_sync(|| trace_scope!("complete", type = "GENERATION", { count_tokens("one two three") }));
/// assert_eq!(tree.only("complete").metadata()["tokens"], 3);
/// assert_eq!(count_tokens("no trace is current here"), 5);
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
pub fn current_trace() -> TraceHandle {
    if !context::is_active() {
        return TraceHandle { shared: None };
    }
    TraceHandle { shared: current_shared() }
}

/// What handles and tasks share with the current trace; made at the first call.
pub(crate) fn current_shared() -> Option<Arc<Shared>> {
    context::with(|Active { recorder, trace, .. }| {
        let id = trace.id;
        if id == 0 {
            return None;
        }
        let shared = trace.shared.get_or_insert_with(|| Arc::new(Shared::new(id, Arc::clone(recorder))));
        Some(Arc::clone(shared))
    })
    .flatten()
}

/// A handle to a trace that is being recorded. Cheap to clone, and usable from any thread or task.
///
/// What is set wins over what the macro recorded by itself; metadata is merged, key by key. Once the trace has ended a
/// handle does nothing any more, which is told once with a `tracing` warning.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[cfg(feature = "testing")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use galtea::testing::capture;
/// use galtea::trace_scope;
///
/// let tree = capture(trace_scope!("transcribe", type = "GENERATION", async {
///     let trace = galtea::current_trace();
///     let counted = std::thread::spawn(move || trace.set_metadata("seconds", 12)); // from any thread
///     counted.join().is_ok()
/// }))
/// .await;
/// assert_eq!(tree.only("transcribe").metadata()["seconds"], 12);
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct TraceHandle {
    shared: Option<Arc<Shared>>,
}

impl TraceHandle {
    /// The trace's id; `None` when the handle is inert.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::{current_trace, testing::capture_sync, trace_scope};
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("answer", type = "AGENT", {
    ///         let id = current_trace().id().map(|id| id.to_string()).unwrap_or_default();
    ///         assert!(id.starts_with("trace_"), "for the logs, to find the trace by: {id}");
    ///     });
    /// });
    /// assert_eq!(tree.len(), 1);
    /// assert_eq!(current_trace().id(), None);
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn id(&self) -> Option<TraceId> {
        self.shared.as_ref().map(|shared| TraceId(shared.id))
    }

    /// Records `value` as what the operation was given, in place of its arguments.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::testing::capture_sync;
    /// use galtea::trace_scope;
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("search", type = "RETRIEVER", |scope| {
    ///         scope.set_input("what is asked after it was rewritten");
    ///         vec!["plans"]
    ///     })
    /// });
    /// assert_eq!(tree.only("search").input()["value"], "what is asked after it was rewritten");
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn set_input(&self, value: impl Serialize) {
        self.change(|policy| object_of(policy, &value), |patches, json| patches.input = Some(json));
    }

    /// Records `value` as what the operation returned, in place of what it returns.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::testing::capture_sync;
    /// use galtea::trace_scope;
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("search", type = "RETRIEVER", |scope| {
    ///         let pages = ["plans", "prices"];
    ///         scope.set_output(pages);
    ///         pages.len()
    ///     })
    /// });
    /// assert_eq!(tree.only("search").output()["value"][1], "prices");
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn set_output(&self, value: impl Serialize) {
        self.change(|policy| object_of(policy, &value), |patches, json| patches.output = Some(json));
    }

    /// Adds an entry to the metadata, or replaces the one of this key.
    ///
    /// A key that means a secret is recorded with the value `"[masked]"`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::testing::capture_sync;
    /// use galtea::trace_scope;
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("complete", type = "GENERATION", |scope| {
    ///         scope.set_metadata("model", "gpt-4");
    ///         scope.set_metadata("usage", [("prompt", 48), ("completion", 65)]);
    ///         scope.set_metadata("api_key", "sk-0123");
    ///     });
    /// });
    /// let metadata = tree.only("complete").metadata();
    /// assert_eq!((&metadata["model"], &metadata["usage"][1][1]), (&"gpt-4".into(), &65.into()));
    /// assert_eq!(metadata["api_key"], "[masked]");
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn set_metadata(&self, key: impl Into<String>, value: impl Serialize) {
        let key = key.into();
        self.change(
            |policy| object_with(policy, |object| object.serialize(Dynamic(&key), &value)),
            |patches, object| patches.add_metadata(key.clone(), object),
        );
    }

    /// Changes the trace's type.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::testing::capture_sync;
    /// use galtea::{TraceType, trace_scope};
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("call", |scope| {
    ///         let runs_a_tool = true; // what the model has decided
    ///         scope.set_type(if runs_a_tool { TraceType::Tool } else { TraceType::Generation });
    ///     });
    /// });
    /// assert_eq!(tree.only("call").trace_type(), TraceType::Tool);
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn set_type(&self, trace_type: TraceType) {
        self.change(|_| (), |patches, ()| patches.trace_type = Some(trace_type));
    }

    /// Describes the operation in words.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::testing::capture_sync;
    /// use galtea::trace_scope;
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("call", type = "TOOL", |scope| {
    ///         scope.set_description(format!("Calls {}, which the server at {} offers", "search", "docs.example"));
    ///     });
    /// });
    /// assert_eq!(tree.only("call").description(), Some("Calls search, which the server at docs.example offers"));
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn set_description(&self, description: impl Into<String>) {
        let description = description.into();
        self.change(
            |policy| text_of(policy.description_limit(), &description),
            |patches, text| patches.description = Some(text),
        );
    }

    /// Records that the operation failed, although its result may not say so.
    ///
    /// Takes any error, boxed or not, `anyhow::Error` and the like, or a text. The `source()` chain is recorded too.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[cfg(feature = "testing")]
    /// # fn main() {
    /// use galtea::testing::capture_sync;
    /// use galtea::trace_scope;
    ///
    /// let tree = capture_sync(|| {
    ///     trace_scope!("search", type = "RETRIEVER", |scope| {
    ///         // An error that the agent lives with: the block still has a value.
    ///         "12 pages".parse::<usize>().unwrap_or_else(|error| {
    ///             scope.record_error(&error);
    ///             0
    ///         })
    ///     })
    /// });
    /// assert_eq!(tree.only("search").error(), Some("invalid digit found in string"));
    /// assert_eq!(tree.only("search").output()["value"], 0);
    /// # }
    /// # #[cfg(not(feature = "testing"))]
    /// # fn main() {}
    /// ```
    pub fn record_error<Kind, E: ErrorText<Kind> + ?Sized>(&self, error: &E) {
        self.change(
            |policy| {
                let mut text = String::new();
                error.write_error_text(&mut text, policy);
                text
            },
            |patches, text| patches.error = Some(text),
        );
    }

    /// `make` runs the user's code and so runs before the lock is taken.
    fn change<T>(&self, make: impl FnOnce(&CapturePolicy) -> T, apply: impl FnOnce(&mut Patches, T)) {
        let Some(shared) = &self.shared else { return };
        if shared.has_ended() {
            return;
        }
        let muted = context::mute();
        let patch = make(shared.recorder.policy());
        drop(muted);
        if let Phase::Open(patches) = &mut *shared.phase() {
            apply(patches, patch);
        }
    }
}

fn object_of(policy: &CapturePolicy, value: &impl Serialize) -> String {
    let mut object = String::new();
    capture::write_value(&mut object, policy, value);
    object
}

/// A JSON object that is only part of a field.
pub(crate) fn object_with(policy: &CapturePolicy, write: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    let mut text = String::new();
    let mut object = ObjectWriter::new(&mut text, policy);
    write(&mut object);
    object.finish_part();
    text
}

pub(crate) fn text_of(limit: usize, text: &str) -> String {
    let mut out = String::new();
    capture::write_text(&mut out, limit, |out| out.write_str(text));
    out
}

impl fmt::Debug for TraceHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceHandle").field(&self.id()).finish()
    }
}

/// What a trace and the handles to it share.
pub(crate) struct Shared {
    pub(crate) id: u128,
    pub(crate) recorder: Arc<Recorder>,
    phase: Mutex<Phase>,
}

enum Phase {
    Open(Box<Patches>),
    Ended { told: bool },
}

/// What handles have set so far.
#[derive(Default)]
pub(crate) struct Patches {
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) trace_type: Option<TraceType>,
    /// Keys, each with a JSON object that has it as its only entry.
    pub(crate) metadata: Vec<(String, String)>,
}

/// Entries that one trace's handles may set; the field's limit in bytes comes on top when the trace ends.
const METADATA_ENTRIES: usize = 1_024;

impl Patches {
    pub(crate) fn add_metadata(&mut self, key: String, object: String) {
        if let Some(entry) = self.metadata.iter_mut().find(|(known, _)| *known == key) {
            entry.1 = object;
        } else if self.metadata.len() < METADATA_ENTRIES {
            self.metadata.push((key, object));
        }
    }
}

impl Shared {
    fn new(id: u128, recorder: Arc<Recorder>) -> Self {
        Self { id, recorder, phase: Mutex::new(Phase::Open(Box::default())) }
    }

    /// The trace ends: from here on handles do nothing.
    pub(crate) fn end(&self) -> Patches {
        match std::mem::replace(&mut *self.phase(), Phase::Ended { told: false }) {
            Phase::Open(patches) => *patches,
            Phase::Ended { .. } => Patches::default(),
        }
    }

    /// Whether it is too late to set anything; told once.
    fn has_ended(&self) -> bool {
        let mut phase = self.phase();
        let Phase::Ended { told } = &mut *phase else { return false };
        let first = !std::mem::replace(told, true);
        drop(phase);
        if first {
            tracing::warn!(
                name: "galtea.late_handle",
                target: "galtea",
                trace = %TraceId(self.id),
                "a handle was used after its trace had ended, so what it set is not recorded; set it before the traced call or \
                 block ends"
            );
        }
        true
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
