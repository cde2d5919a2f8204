//! The drawing itself.

use std::time::SystemTime;

use super::scale::{Axis, duration, since};
use super::text::{one_line, width, wrap};
use super::tree::{GUIDES, Node, walk};
use crate::record::Batch;
use crate::trace_type::TraceType;

const NARROWEST: usize = 60;
const TYPE: usize = 10;
const SHORTEST_ID: usize = 8;
const GAP: &str = "  ";
const SHORTEST_NAME_COLUMN: usize = 16;
/// A bar gets no more precise by being longer than this.
const LONGEST_BAR: usize = 72;
const SHORTEST_LATENCY_COLUMN: usize = 7;
/// Columns for a depth in numbers, so that lines of some thousand levels stand in one column.
const FOLD: usize = 5;
const ERROR_LINES: usize = 6;

/// How to draw one batch.
pub(super) struct Layout {
    /// Columns.
    pub(super) width: usize,
    pub(super) colour: bool,
    /// When the inference result began, if traces of it were shown before.
    pub(super) continues: Option<SystemTime>,
}

/// The tree of `batch`, each line ended, with a blank line behind it.
///
/// ```text
/// header   ir_7 · 3 traces · 1 error                             1.84 s
/// row      TYPE        guides name          ━━━bar━━━           latency
/// error                guides ✗ text
/// ```
pub(super) fn render(batch: &Batch, layout: &Layout) -> String {
    let nodes = walk(batch);
    let axis = Axis::around(nodes.iter().map(|node| (node.trace.start_time(), node.trace.latency())));
    let columns = Columns::fitting(&nodes, &axis, layout.width.max(NARROWEST));
    let mut drawing = Drawing { out: String::new(), pen: Pen { colour: layout.colour }, columns, axis };
    drawing.header(batch, layout.continues);
    for node in &nodes {
        drawing.row(node);
        drawing.error(node);
    }
    drawing.out.push('\n');
    drawing.out
}

/// Widths of the columns that are not fixed.
struct Columns {
    name: usize,
    bar: usize,
    latency: usize,
    /// What `name` was chosen from: prefixes are fitted to it, whatever came of it.
    most_for_name: usize,
}

impl Columns {
    /// Names get what they need, up to three fifths of the room; the bars get the rest.
    fn fitting(nodes: &[Node<'_>], axis: &Axis, width: usize) -> Self {
        let latencies = nodes.iter().map(|node| text_of_latency(node)).chain([duration(axis.span())]);
        let latency = latencies.map(|text| self::width(&text)).fold(SHORTEST_LATENCY_COLUMN, usize::max);
        let room = width - TYPE - 3 * GAP.len() - latency;
        let most = room * 3 / 5;
        let needed = nodes.iter().map(|node| Prefix::of(node, most).width() + name_width(node, most)).max();
        let name = needed.unwrap_or(0).clamp(SHORTEST_NAME_COLUMN.min(most), most);
        Self { name, bar: (room - name).min(LONGEST_BAR), latency, most_for_name: most }
    }

    fn total(&self) -> usize {
        TYPE + self.name + self.bar + self.latency + 3 * GAP.len()
    }
}

fn name_width(node: &Node<'_>, most: usize) -> usize {
    width(&one_line(node.trace.name(), most))
}

/// An event is a point in time: it has no latency to tell.
fn text_of_latency(node: &Node<'_>) -> String {
    let latency = node.trace.latency();
    if latency.is_zero() && node.trace.trace_type() == TraceType::Event {
        return String::new();
    }
    duration(latency)
}

struct Drawing {
    out: String,
    pen: Pen,
    columns: Columns,
    axis: Axis,
}

impl Drawing {
    fn header(&mut self, batch: &Batch, continues: Option<SystemTime>) {
        let total = duration(self.axis.span());
        let facts = self.facts(batch, continues);
        let failed = batch.iter().filter(|trace| trace.error().is_some()).count();
        let errors = if failed == 0 { String::new() } else { format!(" · {}", count(failed, "error")) };
        let taken = width(&facts) + width(&errors) + GAP.len() + width(&total);
        let room = self.columns.total().saturating_sub(taken);
        let id = one_line(batch.inference_result_id(), room.max(SHORTEST_ID));
        self.paint(Paint::Strong, &id);
        self.paint(Paint::Faint, &facts);
        self.paint(Paint::Error, &errors);
        if let Some(free) = room.checked_sub(width(&id)) {
            self.spaces(free + GAP.len());
            self.paint(Paint::Faint, &total);
        }
        self.end_line();
    }

    fn facts(&self, batch: &Batch, continues: Option<SystemTime>) -> String {
        let traces = count(batch.len(), "trace");
        match continues {
            None => format!(" · {traces}"),
            Some(began) => {
                format!(" · continued at +{} · {traces}", duration(since(began, self.axis.from())))
            }
        }
    }

    fn row(&mut self, node: &Node<'_>) {
        let trace = &node.trace;
        let failed = trace.error().is_some();
        let prefix = Prefix::of(node, self.columns.most_for_name);
        let name = one_line(trace.name(), self.columns.name.saturating_sub(prefix.width()));
        let used = prefix.width() + width(&name);
        let latency = text_of_latency(node);
        let bar = self.axis.bar(trace.start_time(), trace.latency(), self.columns.bar);
        let kind = Paint::Type(trace.trace_type());
        self.paint(kind, &format!("{:TYPE$}", trace.trace_type()));
        self.out.push_str(GAP);
        self.paint(Paint::Faint, &prefix.own);
        self.paint(if failed { Paint::Error } else { Paint::Plain }, &name);
        self.spaces(self.columns.name.saturating_sub(used));
        self.out.push_str(GAP);
        self.paint(if failed { Paint::Error } else { kind }, &bar);
        self.out.push_str(GAP);
        self.spaces(self.columns.latency.saturating_sub(width(&latency)));
        self.out.push_str(&latency);
        self.end_line();
    }

    fn error(&mut self, node: &Node<'_>) {
        let Some(error) = node.trace.error() else { return };
        let prefix = Prefix::of(node, self.columns.most_for_name);
        let before = TYPE + GAP.len() + width(&prefix.below);
        let lines = wrap(error, self.columns.total().saturating_sub(before + 2), ERROR_LINES);
        for (number, line) in lines.iter().enumerate() {
            self.spaces(TYPE + GAP.len());
            self.paint(Paint::Faint, &prefix.below);
            self.paint(Paint::Error, if number == 0 { "✗ " } else { "  " });
            self.paint(Paint::Error, line);
            self.end_line();
        }
    }

    fn paint(&mut self, paint: Paint, text: &str) {
        self.pen.paint(&mut self.out, paint, text);
    }

    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }

    fn end_line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }
}

fn count(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

/// What stands before a name, and before the lines below it.
struct Prefix {
    own: String,
    below: String,
}

impl Prefix {
    /// Guides take at most half of the name column. Deeper down, the depth in numbers stands for the guides that are far
    /// to the left:
    ///
    /// ```text
    /// │ │ ├ name        ⋯27   ├ name
    /// ```
    fn of(node: &Node<'_>, column: usize) -> Self {
        let most = (column / 4).min(GUIDES);
        let fold = if node.depth > most { format!("⋯{:<FOLD$}", node.depth) } else { String::new() };
        let levels = node.depth.min(most.saturating_sub(width(&fold).div_ceil(2)).max(1));
        let ancestors: String = (1..levels).rev().map(|level| guide(node.guides.continues(level))).collect();
        let more = node.guides.continues(0);
        let below = if node.has_children { "│ " } else { "" };
        let (mark, mark_below) = match node.depth {
            0 if node.orphan => ("⋯ ", ""),
            0 => ("", ""),
            _ => (if more { "├ " } else { "└ " }, guide(more)),
        };
        Self {
            own: format!("{fold}{ancestors}{mark}"),
            below: format!("{:2$}{ancestors}{mark_below}{}", "", below, width(&fold)),
        }
    }

    fn width(&self) -> usize {
        width(&self.own)
    }
}

fn guide(continues: bool) -> &'static str {
    if continues { "│ " } else { "  " }
}

#[derive(Clone, Copy)]
enum Paint {
    Plain,
    Strong,
    Faint,
    Error,
    Type(TraceType),
}

impl Paint {
    /// The parameters of the ANSI sequence that begins it.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Error => "31",
            Self::Type(kind) => match kind {
                TraceType::Agent | TraceType::Chain => "35",
                TraceType::Generation => "34",
                TraceType::Tool => "33",
                TraceType::Retriever | TraceType::Embedding => "36",
                TraceType::Guardrail | TraceType::Evaluator => "32",
                TraceType::Span | TraceType::Event => "",
            },
        }
    }
}

#[derive(Clone, Copy)]
struct Pen {
    colour: bool,
}

impl Pen {
    /// Blanks are never painted: they look the same, and ends of lines can be trimmed.
    fn paint(self, out: &mut String, paint: Paint, text: &str) {
        let code = paint.code();
        let inked = text.trim_matches(' ');
        if !self.colour || code.is_empty() || inked.is_empty() {
            out.push_str(text);
            return;
        }
        let (before, after) = text.split_once(inked).unwrap_or_default();
        for part in [before, "\x1b[", code, "m", inked, "\x1b[0m", after] {
            out.push_str(part);
        }
    }
}
