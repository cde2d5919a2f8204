//! One trace of a tree.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::tree::{TraceTree, along};
use crate::record::{Trace, TraceId};
use crate::trace_type::TraceType;

/// What a tree keeps of a trace.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) id: TraceId,
    pub(super) parent: Option<usize>,
    depth: usize,
    /// One past its last descendant.
    pub(super) end: usize,
    /// Its parent was not recorded, or not yet.
    orphan: bool,
    name: String,
    trace_type: TraceType,
    description: Option<String>,
    input: Value,
    output: Value,
    metadata: Value,
    error: Option<String>,
    start_time: SystemTime,
    latency: Duration,
}

impl Node {
    pub(super) fn new(trace: &Trace<'_>, parent: Option<usize>, depth: usize, orphan: bool) -> Self {
        Self {
            id: trace.id(),
            parent,
            depth,
            end: 0,
            orphan,
            name: trace.name().to_owned(),
            trace_type: trace.trace_type(),
            description: trace.description().map(ToOwned::to_owned),
            input: parsed(trace.input()),
            output: parsed(trace.output()),
            metadata: parsed(trace.metadata()),
            error: trace.error().map(ToOwned::to_owned),
            start_time: trace.start_time(),
            latency: trace.latency(),
        }
    }
}

/// With sorted keys, whatever features of `serde_json` the program has. What is nested too deep for it stays a text.
fn parsed(text: Option<&str>) -> Value {
    let Some(text) = text else { return Value::Null };
    let mut value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    value.sort_all_objects();
    value
}

/// One trace of a [`TraceTree`].
///
/// Input, output and metadata are what is sent: JSON objects, in which a value that is no object stands under `"value"`.
/// What a trace does not have is `null`.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// let tree = capture_sync(support_agent);
/// let search = tree.only("search");
/// assert_eq!(search.input(), &json!({"query": "plans"}));
/// assert_eq!(search.output()["value"][0], "Plans can be changed at any time.");
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct TraceNode<'tree> {
    pub(super) tree: &'tree TraceTree,
    pub(super) at: usize,
}

impl<'tree> TraceNode<'tree> {
    fn node(&self) -> &'tree Node {
        self.tree.at(self.at)
    }

    /// What the operation is called.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.roots()[0].name(), "support_agent");
    /// # }
    /// ```
    pub fn name(&self) -> &'tree str {
        &self.node().name
    }

    /// What kind of operation it was.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").trace_type(), TraceType::Retriever);
    /// # }
    /// ```
    pub fn trace_type(&self) -> TraceType {
        self.node().trace_type
    }

    /// What the operation does, in words.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("fetch_user").description(), Some("Looks a customer up."));
    /// # }
    /// ```
    pub fn description(&self) -> Option<&'tree str> {
        self.node().description.as_deref()
    }

    /// What the operation was given: a JSON object, or `null`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").input(), &json!({"query": "plans"}));
    /// assert!(tree.only("support_agent").input()["query"].is_null());
    /// # }
    /// ```
    pub fn input(&self) -> &'tree Value {
        &self.node().input
    }

    /// What the operation returned: a JSON object, or `null`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").output(), &json!({"value": ["Plans can be changed at any time."]}));
    /// assert!(tree.only("fetch_user").output().is_null());
    /// # }
    /// ```
    pub fn output(&self) -> &'tree Value {
        &self.node().output
    }

    /// A JSON object, or `null`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").metadata()["index"], "faq-v2");
    /// # }
    /// ```
    pub fn metadata(&self) -> &'tree Value {
        &self.node().metadata
    }

    /// Why the operation failed.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("fetch_user").error(), Some("no customer u-17"));
    /// assert_eq!(tree.only("search").error(), None);
    /// # }
    /// ```
    pub fn error(&self) -> Option<&'tree str> {
        self.node().error.as_deref()
    }

    /// The trace's id, the same in every run of a [`capture`](fn@super::capture).
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("support_agent").id().to_string(), "trace_0d234ccf524300000000010000000000");
    /// # }
    /// ```
    pub fn id(&self) -> TraceId {
        self.node().id
    }

    /// When the operation began, by the clock of the capture: see [`Capture::new`](super::Capture::new).
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// let begun = |name| tree.only(name).start_time();
    /// assert!(begun("search") < begun("fetch_user"));
    /// # }
    /// ```
    pub fn start_time(&self) -> SystemTime {
        self.node().start_time
    }

    /// How long it took, by the clock of the capture.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").latency(), std::time::Duration::from_millis(1));
    /// # }
    /// ```
    pub fn latency(&self) -> Duration {
        self.node().latency
    }

    /// The trace in which this one ran; `None` for a root.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").parent().unwrap().name(), "support_agent");
    /// # }
    /// ```
    pub fn parent(&self) -> Option<Self> {
        self.node().parent.map(|at| self.tree.node(at))
    }

    /// The traces that ran directly in this one, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// let tools = tree.only("support_agent").children();
    /// assert_eq!(tools[1].name(), "fetch_user");
    /// # }
    /// ```
    pub fn children(&self) -> Vec<Self> {
        self.tree.siblings(self.at + 1, self.node().end)
    }

    /// All traces that ran in this one, at any depth, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("support_agent").descendants().len(), 2);
    /// # }
    /// ```
    pub fn descendants(&self) -> Vec<Self> {
        let inside = self.at + 1..self.node().end;
        self.tree.iter().filter(|trace| inside.contains(&trace.at)).collect()
    }

    /// The first trace of this name that ran in this one, at any depth.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert!(tree.only("support_agent").find("search").is_some());
    /// # }
    /// ```
    pub fn find(&self, name: &str) -> Option<Self> {
        self.descendants().into_iter().find(|trace| trace.name() == name)
    }

    /// The first trace at the end of this path from here: `"retrieve/search"` is the `search` of the child `retrieve`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert!(tree.only("support_agent").path("search").is_some());
    /// # }
    /// ```
    pub fn path(&self, path: &str) -> Option<Self> {
        along(self.children(), path).into_iter().next()
    }

    /// 0: a root.
    pub(super) fn depth(&self) -> usize {
        self.node().depth
    }

    pub(super) fn is_orphan(&self) -> bool {
        self.node().orphan
    }

    /// How many traces it is with all that ran in it.
    pub(super) fn size(&self) -> usize {
        self.node().end - self.at
    }

    /// This trace and all that ran in it, each followed by its children.
    pub(super) fn subtree(&self) -> impl Iterator<Item = Self> + use<'tree> {
        let tree = self.tree;
        (self.at..self.node().end).map(|at| tree.node(at))
    }
}

impl fmt::Debug for TraceNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceNode")
            .field("type", &self.trace_type())
            .field("name", &self.name())
            .field("input", self.input())
            .field("output", self.output())
            .field("metadata", self.metadata())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
