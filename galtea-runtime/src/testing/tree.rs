//! What was recorded, as a tree to ask questions of.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::display::TreeDisplay;
use crate::export::walk;
use crate::record::{Batch, Store, Trace, TraceId};
use crate::trace_type::TraceType;

/// The traces that a [`capture`](fn@super::capture) has recorded.
///
/// Traces stand in the order in which they began: roots, children, and all of them together. Branches of a `join!` begin in
/// the order in which they are polled first. Tasks begin in the order in which the runtime runs them, which on several
/// threads may differ from run to run.
///
/// `Display` writes the tree without times and ids, so that it is the same in every run: see [`display`](Self::display).
/// `Debug` writes the same.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// let tree = capture_sync(support_agent);
/// assert_eq!(
///     tree.to_string(),
///     r#"AGENT "support_agent"
///   RETRIEVER "search"
///     input = {"query":"plans"}
///     output = {"value":["Plans can be changed at any time."]}
///     metadata = {"index":"faq-v2"}
///   TOOL "fetch_user"
///     input = {"user_id":"u-17"}
///     error = "no customer u-17"
/// "#
/// );
/// # }
/// ```
#[derive(Clone, Default)]
pub struct TraceTree {
    /// Each followed by its children.
    nodes: Vec<Node>,
    /// Positions in `nodes`, in the order in which the traces began.
    by_start: Vec<usize>,
    unfinished: Unfinished,
}

#[derive(Clone)]
struct Node {
    id: TraceId,
    parent: Option<usize>,
    depth: usize,
    /// One past its last descendant.
    end: usize,
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

/// What a capture has not waited for any longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unfinished {
    pub(super) traces: u64,
    pub(super) carriers: u64,
}

impl TraceTree {
    /// The traces of batches that a [`MemoryExporter`](crate::export::MemoryExporter) holds, to ask the same questions of
    /// what a whole program records.
    ///
    /// ```
    /// use galtea_runtime::{export::MemoryExporter, testing::TraceTree};
    ///
    /// let memory = MemoryExporter::new();
    /// // … a client with this exporter records, and is flushed …
    /// assert!(TraceTree::from_batches(&memory.batches()).is_empty());
    /// ```
    pub fn from_batches(batches: &[Batch]) -> Self {
        let merged = match batches {
            [one] => one.clone(),
            several => {
                let mut store = Store::default();
                for batch in several {
                    batch.add_to(&mut store);
                }
                Batch::new("".into(), store)
            }
        };
        Self::of(&merged)
    }

    fn of(batch: &Batch) -> Self {
        let mut nodes: Vec<Node> = Vec::with_capacity(batch.len());
        let mut above: Vec<usize> = Vec::new();
        for placed in walk(batch) {
            above.truncate(placed.depth);
            let at = nodes.len();
            nodes.push(Node::new(&placed.trace, above.last().copied(), placed.depth, placed.orphan));
            above.push(at);
        }
        for at in (0..nodes.len()).rev() {
            let end = nodes[at].end.max(at + 1);
            nodes[at].end = end;
            if let Some(parent) = nodes[at].parent {
                nodes[parent].end = nodes[parent].end.max(end);
            }
        }
        let mut by_start: Vec<usize> = (0..nodes.len()).collect();
        by_start.sort_by_key(|&at| nodes[at].id);
        Self { nodes, by_start, unfinished: Unfinished::default() }
    }

    pub(super) fn set_unfinished(&mut self, unfinished: Unfinished) {
        self.unfinished = unfinished;
    }

    pub(super) fn left_over(&self) -> Unfinished {
        self.unfinished
    }

    fn node(&self, at: usize) -> TraceNode<'_> {
        TraceNode { tree: self, at }
    }

    /// How many traces there are.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.len(), 3);
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was recorded.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert!(!tree.is_empty());
    /// # }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many traces, and tasks or threads that may still bring some, had not ended when the capture did. What they
    /// record is not in the tree.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.unfinished(), 0);
    /// # }
    /// ```
    pub fn unfinished(&self) -> u64 {
        // An open trace in a spawned task is one thing that has not ended, not two.
        self.unfinished.traces.max(self.unfinished.carriers)
    }

    /// All traces, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// let slow = tree.iter().filter(|trace| trace.latency() > std::time::Duration::from_secs(1));
    /// assert_eq!(slow.count(), 0);
    /// # }
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TraceNode<'_>> + DoubleEndedIterator + Clone {
        self.by_start.iter().map(|&at| self.node(at))
    }

    /// The traces that have no parent, in the order in which they began.
    ///
    /// A trace whose parent had not ended when the capture did is among them.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.roots()[0].name(), "support_agent");
    /// # }
    /// ```
    pub fn roots(&self) -> Vec<TraceNode<'_>> {
        self.siblings(0, self.nodes.len())
    }

    fn siblings(&self, from: usize, to: usize) -> Vec<TraceNode<'_>> {
        let mut siblings = Vec::new();
        let mut at = from;
        while at < to {
            siblings.push(self.node(at));
            at = self.nodes[at].end;
        }
        siblings
    }

    /// The first trace of this name, in the order in which they began; [`only`](Self::only) makes sure that there is no other.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.find("search").map(|trace| trace.trace_type()), Some(TraceType::Retriever));
    /// # }
    /// ```
    pub fn find(&self, name: &str) -> Option<TraceNode<'_>> {
        self.iter().find(|trace| trace.name() == name)
    }

    /// All traces of this name, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.find_all("search").len(), 1);
    /// # }
    /// ```
    pub fn find_all(&self, name: &str) -> Vec<TraceNode<'_>> {
        self.iter().filter(|trace| trace.name() == name).collect()
    }

    /// The one trace of this name.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one; the message shows the tree.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").metadata()["index"], "faq-v2");
    /// # }
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion")]
    pub fn only(&self, name: &str) -> TraceNode<'_> {
        match self.find_all(name).as_slice() {
            [one] => *one,
            [] => panic!("there is no trace `{name}` in\n\n{self}{}", self.why_nothing()),
            several => panic!("there are {} traces `{name}` in\n\n{self}", several.len()),
        }
    }

    /// The first trace at the end of this path from a root: names with `/` between.
    ///
    /// A name that has a `/` itself is written as it is.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.path("support_agent/search").unwrap().input()["query"], "plans");
    /// assert!(tree.path("search").is_none(), "it is no root");
    /// # }
    /// ```
    pub fn path(&self, path: &str) -> Option<TraceNode<'_>> {
        self.path_all(path).into_iter().next()
    }

    /// All traces at the end of this path from a root.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.path_all("support_agent/search").len(), 1);
    /// # }
    /// ```
    pub fn path_all(&self, path: &str) -> Vec<TraceNode<'_>> {
        along(self.roots(), path)
    }

    /// The names of all traces, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.names(), ["support_agent", "search", "fetch_user"]);
    /// # }
    /// ```
    pub fn names(&self) -> Vec<&str> {
        self.iter().map(|trace| trace.name()).collect()
    }

    /// The names of the traces of one type, in the order in which they began: which tools were called, and in which order.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.names_of(TraceType::Tool), ["fetch_user"]);
    /// # }
    /// ```
    pub fn names_of(&self, trace_type: TraceType) -> Vec<&str> {
        self.of_type(trace_type).iter().map(TraceNode::name).collect()
    }

    /// The traces of one type, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.of_type(TraceType::Tool)[0].input()["user_id"], "u-17");
    /// # }
    /// ```
    pub fn of_type(&self, trace_type: TraceType) -> Vec<TraceNode<'_>> {
        self.iter().filter(|trace| trace.trace_type() == trace_type).collect()
    }

    /// The traces that failed, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.errors()[0].error(), Some("no customer u-17"));
    /// # }
    /// ```
    pub fn errors(&self) -> Vec<TraceNode<'_>> {
        self.iter().filter(|trace| trace.error().is_some()).collect()
    }

    /// The tree as text, with more or less in it than `Display` writes.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// println!("{}", tree.display().with_times());
    /// # }
    /// ```
    pub fn display(&self) -> TreeDisplay<'_> {
        TreeDisplay::new(self)
    }

    /// Why there may be no trace at all; empty when there is one.
    pub(super) fn why_nothing(&self) -> &'static str {
        if self.is_empty() { NOTHING } else { "" }
    }
}

const NOTHING: &str = "
Nothing was recorded at all. Either
  - no function with `#[galtea::trace]` and no `trace_scope!` ran inside of the capture,
  - the future that calls it was never awaited,
  - it ran in a task or thread that has lost the context: use `galtea::spawn`, or `.in_current_trace()` on the future, or
  - it ran in the scope of an inference result that the code under test opens itself.
";

/// The traces at the end of a path that begins with the name of one of these.
fn along<'tree>(first: Vec<TraceNode<'tree>>, path: &str) -> Vec<TraceNode<'tree>> {
    let mut found = Vec::new();
    let mut open: Vec<(TraceNode<'tree>, &str)> = Vec::new();
    open.extend(first.into_iter().rev().map(|trace| (trace, path)));
    while let Some((trace, path)) = open.pop() {
        let Some(rest) = path.strip_prefix(trace.name()) else { continue };
        if rest.is_empty() {
            found.push(trace);
        } else if let Some(rest) = rest.strip_prefix('/') {
            open.extend(trace.children().into_iter().rev().map(|child| (child, rest)));
        }
    }
    found
}

impl fmt::Display for TraceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.display(), f)
    }
}

impl fmt::Debug for TraceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Node {
    fn new(trace: &Trace<'_>, parent: Option<usize>, depth: usize, orphan: bool) -> Self {
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
    tree: &'tree TraceTree,
    at: usize,
}

impl<'tree> TraceNode<'tree> {
    fn node(&self) -> &'tree Node {
        &self.tree.nodes[self.at]
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
    /// assert_eq!(tree.only("support_agent").id().to_string(), "trace_00dc6acfac0000000100000000000000");
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
