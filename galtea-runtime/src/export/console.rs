//! Batches drawn for people: the tree of an inference result, as text.
//!
//! ```text
//! tree    in which order, how deep, with which guides        (no text)
//! text    the user's words made safe, cut, wrapped           (no layout)
//! scale   durations and bars                                 (no text, no layout)
//! render  puts the three into columns: Batch → String        (no I/O)
//! here    remembers what was shown and writes                (no layout)
//! ```

mod render;
mod scale;
mod terminal;
mod text;
mod tree;

use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use self::render::{Layout, render};
#[cfg(feature = "testing")]
pub(crate) use self::tree::walk;
use super::{ExportFuture, Exported, Exporter};
use crate::config;
use crate::record::Batch;

/// So many inference results are remembered, to tell the rest of one from the start of another.
const REMEMBERED: usize = 64;

/// Draws each batch as a tree, for the person at the terminal. Needs no account and no network.
///
/// Every trace is a line: type, name, a bar on the time axis, latency. The error of a failed one stands below it. What
/// cannot be written, to a closed pipe for one, is left out in silence: every batch counts as taken.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::export::{ConsoleExporter, ConsoleStyle};
///
/// use galtea::{Galtea, trace_scope};
///
/// let narrow = ConsoleExporter::new(std::io::stdout(), ConsoleStyle::plain().width(60));
/// let galtea = Galtea::builder().exporter(narrow).build().unwrap_or_else(|_| Galtea::disabled());
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
/// # }
/// ```
pub struct ConsoleExporter {
    style: Box<dyn Fn() -> ConsoleStyle + Send + Sync>,
    state: Mutex<State>,
    hasher: RandomState,
}

struct State {
    out: Box<dyn Write + Send>,
    seen: VecDeque<Seen>,
}

/// An inference result that was shown before. Its id is kept as a hash: ids may be of any length.
#[derive(Clone, Copy)]
struct Seen {
    id: u64,
    began: SystemTime,
}

/// How wide, and whether in colour, a [`ConsoleExporter`] draws.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::Galtea;
/// use galtea::export::{ConsoleExporter, ConsoleStyle};
///
/// // A log viewer that understands ANSI colours, 120 columns wide.
/// let style = ConsoleStyle::plain().width(120).colour(true);
/// let galtea = Galtea::builder().exporter(ConsoleExporter::new(std::io::stdout(), style)).build()?;
/// assert!(!galtea.is_disabled());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsoleStyle {
    width: u16,
    colour: bool,
}

impl ConsoleStyle {
    /// 80 columns without colour: what goes into a pipe or a file.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// assert_eq!(galtea::export::ConsoleStyle::plain(), galtea::export::ConsoleStyle::default());
    /// # }
    /// ```
    pub const fn plain() -> Self {
        Self { width: 80, colour: false }
    }

    /// Draws in at most this many columns; below 60 a tree cannot be read, and is drawn in 60.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::export::{ConsoleExporter, ConsoleStyle};
    ///
    /// let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(80);
    /// let exporter = ConsoleExporter::new(std::io::stdout(), ConsoleStyle::plain().width(columns));
    /// println!("{exporter:?}");
    /// # }
    /// ```
    #[must_use]
    pub const fn width(self, columns: u16) -> Self {
        Self { width: columns, ..self }
    }

    /// Whether to colour with ANSI escape codes.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use std::io::IsTerminal;
    /// use galtea::export::{ConsoleExporter, ConsoleStyle};
    ///
    /// let style = ConsoleStyle::plain().colour(std::io::stdout().is_terminal());
    /// let exporter = ConsoleExporter::new(std::io::stdout(), style);
    /// println!("{exporter:?}");
    /// # }
    /// ```
    #[must_use]
    pub const fn colour(self, colour: bool) -> Self {
        Self { colour, ..self }
    }
}

impl Default for ConsoleStyle {
    fn default() -> Self {
        Self::plain()
    }
}

impl ConsoleExporter {
    /// Draws on standard error.
    ///
    /// On a terminal the drawing is as wide as the terminal, and coloured unless `NO_COLOR` is set or `TERM` is `dumb`.
    /// Anywhere else it has 80 columns and no escape codes, unless `CLICOLOR_FORCE` asks for colour.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::ConsoleExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// // As `Galtea::local()`, with settings.
    /// let galtea = Galtea::builder().exporter(ConsoleExporter::stderr()).capture_limit(1_000).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stderr() -> Self {
        let colours = terminal::Colours::wanted(config::variable);
        Self::with(Box::new(io::stderr()), move || terminal::style_of_stderr(colours))
    }

    /// Draws on `out`, which is flushed after each batch.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("traces.txt");
    /// use galtea::export::{ConsoleExporter, ConsoleStyle};
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let file = std::fs::File::create(&path)?;
    /// let galtea = Galtea::builder().exporter(ConsoleExporter::new(file, ConsoleStyle::plain())).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// assert!(std::fs::read_to_string(&path)?.starts_with("ir_1 · 1 trace "));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(out: impl Write + Send + 'static, style: ConsoleStyle) -> Self {
        Self::with(Box::new(out), move || style)
    }

    fn with(out: Box<dyn Write + Send>, style: impl Fn() -> ConsoleStyle + Send + Sync + 'static) -> Self {
        Self {
            style: Box::new(style),
            state: Mutex::new(State { out, seen: VecDeque::new() }),
            hasher: RandomState::new(),
        }
    }

    fn show(&self, batch: &Batch) {
        let Some(began) = batch.iter().map(|trace| trace.start_time()).min() else { return };
        let id = self.hasher.hash_one(batch.inference_result_id());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let continues = state.remember(Seen { id, began });
        let ConsoleStyle { width, colour } = (self.style)();
        let drawing = render(batch, &Layout { width: width.into(), colour, continues });
        // In one write, so that the program's own lines do not come in between. Nobody is left to tell of a failure.
        let _ = state.out.write_all(drawing.as_bytes()).and_then(|()| state.out.flush());
    }
}

impl State {
    /// When the inference result began, had it been shown before.
    fn remember(&mut self, new: Seen) -> Option<SystemTime> {
        if let Some(old) = self.seen.iter().find(|old| old.id == new.id) {
            return Some(old.began);
        }
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(new);
        None
    }
}

impl Exporter for ConsoleExporter {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async move {
            self.show(batch);
            Ok(Exported::all())
        })
    }
}

impl fmt::Debug for ConsoleExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleExporter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
