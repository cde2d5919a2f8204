//! Plain texts within a limit: errors and descriptions.

use std::error::Error;
use std::fmt::{self, Debug, Display, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::escape::floor_char_boundary;
use super::mask;
use super::policy::CapturePolicy;
use super::scrub::Scrubber;
use super::stop::drop_quietly;

const CUT: &str = "…[truncated]";
const CUT_SHORT: &str = "…";
/// Sources of an error that are followed; a chain can be a circle.
const MAX_SOURCES: usize = 32;

/// Appends what `write` writes, at most `limit` bytes of it; what is cut ends in `…[truncated]`. When `write` fails or
/// panics, a note of that takes the place of all it wrote. Returns whether anything was appended.
pub(crate) fn write_text(
    out: &mut String,
    limit: usize,
    write: impl FnOnce(&mut Bounded<'_>) -> fmt::Result,
) -> bool {
    let start = out.len();
    let mut text = Bounded::new(out, limit);
    text.part(write);
    out.len() > start
}

/// The text of an error and of its `source()` chain, `": "` between. Never empty as long as the limit has room: an error
/// without a message is still an error.
pub(crate) fn write_error<E: Error + ?Sized>(out: &mut String, policy: &CapturePolicy, error: &E) -> bool {
    write_error_parts(out, policy, |text| {
        text.part(|text| write!(text, "{error}"));
        text.part(|text| write_sources(text, error.source()));
    })
}

fn write_sources(text: &mut Bounded<'_>, mut source: Option<&(dyn Error + 'static)>) -> fmt::Result {
    for _ in 0..MAX_SOURCES {
        let Some(error) = source else { return Ok(()) };
        text.write_str(": ")?;
        text.part(|text| write!(text, "{error}"));
        source = error.source();
    }
    text.write_str(": …")
}

/// An error that has nothing but `Display`.
pub(crate) fn write_error_display<E: Display + ?Sized>(
    out: &mut String,
    policy: &CapturePolicy,
    error: &E,
) -> bool {
    write_error_text(out, policy, |text| write!(text, "{error}"))
}

/// An error that has nothing but `Debug`. Secrets in it are masked as [`Scrubber`] says.
pub(crate) fn write_error_debug<E: Debug + ?Sized>(
    out: &mut String,
    policy: &CapturePolicy,
    error: &E,
) -> bool {
    let (names, budget) = (policy.secret_names(), policy.field_limit());
    write_error_text(out, policy, |text| Scrubber::write(text, names, budget, format_args!("{error:?}")))
}

/// An error text of the caller's own making.
pub(crate) fn write_error_text(
    out: &mut String,
    policy: &CapturePolicy,
    write: impl FnOnce(&mut Bounded<'_>) -> fmt::Result,
) -> bool {
    write_error_parts(out, policy, |text| text.part(write))
}

fn write_error_parts(out: &mut String, policy: &CapturePolicy, write: impl FnOnce(&mut Bounded<'_>)) -> bool {
    let start = out.len();
    write(&mut Bounded::new(out, policy.field_limit()));
    if out.len() == start {
        write_text(out, policy.field_limit(), |text| text.write_str("[no message]"));
    }
    mask::mask_text(out, start, policy);
    out.len() > start
}

/// Takes text up to a limit in bytes. Once it is full it takes no more.
pub(crate) struct Bounded<'a> {
    out: &'a mut String,
    start: usize,
    end: usize,
    full: bool,
}

impl<'a> Bounded<'a> {
    fn new(out: &'a mut String, limit: usize) -> Self {
        let start = out.len();
        Self { out, start, end: start.saturating_add(limit), full: false }
    }

    /// A stretch of the text that stands or falls alone.
    fn part(&mut self, write: impl FnOnce(&mut Self) -> fmt::Result) {
        let start = self.out.len();
        match catch_unwind(AssertUnwindSafe(|| write(self))) {
            Ok(Ok(())) => {}
            Ok(Err(_)) if self.full => {}
            Ok(Err(_)) => self.replace(start, "[capture failed: formatting failed]"),
            Err(payload) => {
                drop_quietly(payload);
                self.replace(start, "[capture panicked]");
            }
        }
    }

    fn replace(&mut self, start: usize, note: &str) {
        if !self.full {
            self.out.truncate(start);
            // An error here only says that the text is full.
            let _ = self.write_str(note);
        }
    }

    /// Makes room for the mark at the end of what is there.
    fn cut(&mut self) {
        let room = self.end - self.start;
        let mark = [CUT, CUT_SHORT, ""].into_iter().find(|mark| mark.len() <= room).unwrap_or("");
        let end = self.end - mark.len();
        if self.out.len() > end {
            self.out.truncate(floor_char_boundary(self.out, end));
        }
        self.out.push_str(mark);
        self.full = true;
    }
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.full {
            return Err(fmt::Error);
        }
        let room = self.end - self.out.len();
        self.out.push_str(&text[..floor_char_boundary(text, room)]);
        if text.len() <= room {
            return Ok(());
        }
        self.cut();
        Err(fmt::Error)
    }
}
