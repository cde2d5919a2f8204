//! A tree as text, for snapshots and messages.

use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::node::TraceNode;
use super::tree::{TraceTree, Unfinished};
use crate::encode::push_time;

/// JSON that is longer than this goes over several lines, so that a difference stands in a line of its own.
const ONE_LINE: usize = 100;
/// So many levels are indented; below that, the depth is a number.
const LEVELS: usize = 40;

/// A [`TraceTree`] as text: each trace in a line, what it recorded below it, and then its children.
///
/// Without more, nothing in it changes from run to run, unless what the program itself records does. Keys of objects are
/// sorted.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// let tree = galtea::testing::capture_sync(support_agent);
/// assert_eq!(
///     tree.display().without_values().to_string(),
///     r#"AGENT "support_agent"
///   RETRIEVER "search"
///   TOOL "fetch_user"
///     error = "no customer u-17"
/// "#
/// );
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "write it with `{}` or `to_string()`"]
pub struct TreeDisplay<'tree> {
    tree: &'tree TraceTree,
    times: bool,
    ids: bool,
    values: bool,
    redacted: Vec<String>,
}

impl<'tree> TreeDisplay<'tree> {
    pub(super) fn new(tree: &'tree TraceTree) -> Self {
        Self { tree, times: false, ids: false, values: true, redacted: Vec::new() }
    }

    /// With start time and latency of each trace.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = galtea::testing::capture_sync(support_agent);
    /// let text = tree.display().with_times().to_string();
    /// assert!(text.contains("  start = 2000-01-01T00:00:00.000000Z\n  latency = 5ms\n"));
    /// # }
    /// ```
    pub fn with_times(self) -> Self {
        Self { times: true, ..self }
    }

    /// With the id of each trace.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = galtea::testing::capture_sync(support_agent);
    /// assert!(tree.display().with_ids().to_string().contains("  id = trace_0d234ccf524300000000010000000000\n"));
    /// # }
    /// ```
    pub fn with_ids(self) -> Self {
        Self { ids: true, ..self }
    }

    /// Types, names and errors only: who called whom, and how it ended.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = galtea::testing::capture_sync(support_agent);
    /// assert!(!tree.display().without_values().to_string().contains("input"));
    /// # }
    /// ```
    pub fn without_values(self) -> Self {
        Self { values: false, ..self }
    }

    /// With `"[redacted]"` for the value of this key, wherever it stands in input, output and metadata: for what differs
    /// from run to run. May be called for several.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = galtea::testing::capture_sync(support_agent);
    /// let text = tree.display().redact("query").to_string();
    /// assert!(text.contains(r#"input = {"query":"[redacted]"}"#));
    /// # }
    /// ```
    pub fn redact(mut self, key: impl Into<String>) -> Self {
        self.redacted.push(key.into());
        self
    }

    fn write_trace(&self, out: &mut String, trace: &TraceNode<'_>) {
        indent(out, trace.depth());
        if trace.is_orphan() {
            out.push_str("⋯ ");
        }
        let _ = writeln!(out, "{} {:?}", trace.trace_type(), trace.name());
        let mut line = |key: &str, text: &str| {
            indent(out, trace.depth() + 1);
            let _ = writeln!(out, "{key} = {text}");
        };
        if self.ids {
            line("id", &trace.id().to_string());
        }
        if self.times {
            line("start", &time(trace.start_time()));
            line("latency", &format!("{:?}", trace.latency()));
        }
        let mut value = |key: &str, value: &Value| {
            if self.values && !is_nothing(value) {
                line(key, &self.json(value, trace.depth() + 1));
            }
        };
        value("input", trace.input());
        value("output", trace.output());
        if let Some(error) = trace.error() {
            indent(out, trace.depth() + 1);
            let _ = writeln!(out, "error = {error:?}");
        }
        self.write_metadata(out, trace);
    }

    fn write_metadata(&self, out: &mut String, trace: &TraceNode<'_>) {
        if self.values && !is_nothing(trace.metadata()) {
            indent(out, trace.depth() + 1);
            let _ = writeln!(out, "metadata = {}", self.json(trace.metadata(), trace.depth() + 1));
        }
    }

    fn json(&self, value: &Value, depth: usize) -> String {
        let redacted = (!self.redacted.is_empty()).then(|| {
            let mut value = value.clone();
            redact(&mut value, &self.redacted);
            value
        });
        let value = redacted.as_ref().unwrap_or(value);
        let short = value.to_string();
        if short.chars().count() <= ONE_LINE {
            return short;
        }
        let mut next_line = String::from("\n");
        indent(&mut next_line, depth);
        format!("{value:#}").replace('\n', &next_line)
    }
}

impl fmt::Display for TreeDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tree.is_empty() {
            f.write_str("(no traces)\n")?;
        }
        let mut out = String::new();
        for trace in self.tree.roots().iter().flat_map(TraceNode::subtree) {
            self.write_trace(&mut out, &trace);
            f.write_str(&out)?;
            out.clear();
        }
        match left_over(self.tree.left_over()) {
            Some(left_over) => writeln!(f, "({left_over})"),
            None => Ok(()),
        }
    }
}

/// What a capture has not waited for.
pub(super) fn left_over(unfinished: Unfinished) -> Option<String> {
    let what = match unfinished {
        Unfinished { traces: 0, carriers: 0 } => return None,
        Unfinished { traces: 0, carriers: 1 } => {
            "1 task or thread that may still call traced functions".into()
        }
        Unfinished { traces: 0, carriers } => {
            format!("{carriers} tasks or threads that may still call traced functions")
        }
        Unfinished { traces: 1, .. } => "1 trace".to_owned(),
        Unfinished { traces, .. } => format!("{traces} traces"),
    };
    Some(format!("still running when the capture ended, and not in the tree: {what}"))
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth.min(LEVELS)));
    if depth > LEVELS {
        let _ = write!(out, "⋯{depth} ");
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// As deep as what `serde_json` has read, which is not very deep.
fn redact(value: &mut Value, keys: &[String]) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                if keys.contains(key) {
                    *value = Value::from("[redacted]");
                } else {
                    redact(value, keys);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, keys)),
        _ => {}
    }
}

fn time(time: SystemTime) -> String {
    let micros = time.duration_since(SystemTime::UNIX_EPOCH).as_ref().map_or(0, Duration::as_micros);
    let mut text = Vec::new();
    push_time(&mut text, u64::try_from(micros).unwrap_or(u64::MAX));
    String::from_utf8(text).unwrap_or_default()
}
