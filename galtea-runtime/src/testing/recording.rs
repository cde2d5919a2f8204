//! A capture under way: waits for what is still running, and takes what was recorded.
//!
//! ```text
//! scope ends ── all ended and taken? ── yes ─────────────────────────▶ tree
//!                     │ no                                               ▲
//!                     └─▶ a thread keeps the time ── each batch: again? ─┤
//!                                                 └─ time is up ─────────┘ with what is missing
//! ```

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::sync::oneshot;

use super::tree::{TraceTree, Unfinished};
use crate::context;
use crate::delivery::{Collector, Unfinished as _};
use crate::record::Batch;
use crate::recorder::Recorder;

/// Held by the capture. Dropped by a panic of the code under test, it shows what was recorded until then.
pub(super) struct Recording {
    collector: Collector,
    watched: Watched,
    batches: Vec<Batch>,
    wait: Duration,
}

/// The recorder, once the scope has begun. Not kept alive: that it is gone is the surest sign that all has ended.
#[derive(Clone, Default)]
pub(super) struct Watched(Arc<OnceLock<Weak<Recorder>>>);

impl Watched {
    /// Called in the scope.
    pub(super) fn notice(&self) {
        if let Some((recorder, _)) = context::current() {
            let _ = self.0.set(Arc::downgrade(&recorder));
        }
    }

    fn recorder(&self) -> Option<Arc<Recorder>> {
        self.0.get().and_then(Weak::upgrade)
    }
}

impl Recording {
    pub(super) fn new(collector: Collector, wait: Duration) -> Self {
        Self { collector, watched: Watched::default(), batches: Vec::new(), wait }
    }

    pub(super) fn watch(&mut self) -> Watched {
        self.watched.clone()
    }

    /// Waits for what is still running.
    pub(super) async fn finish(mut self) -> TraceTree {
        let mut alarm = None;
        poll_fn(|cx| self.poll_settled(cx, &mut alarm)).await;
        self.take()
    }

    /// Ready when all that has begun has ended and is here, or when the time is up.
    fn poll_settled(&mut self, cx: &mut Context<'_>, alarm: &mut Option<Alarm>) -> Poll<()> {
        while let Poll::Ready(batch) = self.collector.poll_batch(cx) {
            match batch {
                Some(batch) => self.batches.push(batch),
                None => return Poll::Ready(()),
            }
        }
        // Looked at after the waker is in place, so that the last trace does not end in between.
        if self.is_whole() {
            return Poll::Ready(());
        }
        alarm.get_or_insert_with(|| Alarm::after(self.wait)).poll(cx)
    }

    /// A batch is on its way from the moment in which its last trace has ended, so they are counted.
    fn is_whole(&self) -> bool {
        let Some(recorder) = self.watched.recorder() else { return false };
        let standing = recorder.standing();
        let taken: usize = self.batches.iter().map(Batch::len).sum();
        standing.scope_ended
            && standing.carriers == 0
            && standing.open == 0
            && u64::try_from(taken).is_ok_and(|taken| taken == standing.ended)
    }

    /// Takes all that has ended.
    fn take(&mut self) -> TraceTree {
        let recorder = self.watched.recorder();
        let rest = recorder.as_ref().and_then(|recorder| recorder.take(true));
        let standing = recorder.map(|recorder| recorder.standing());
        while let Some(batch) = self.collector.try_batch() {
            self.batches.push(batch);
        }
        self.batches.extend(rest);
        let mut tree = TraceTree::from_batches(&std::mem::take(&mut self.batches));
        if let Some(standing) = standing {
            // What ended since it was taken is not in the tree either.
            let begun = standing.open + standing.ended;
            let traces = begun.saturating_sub(u64::try_from(tree.len()).unwrap_or(u64::MAX));
            tree.set_unfinished(Unfinished { traces, carriers: standing.carriers });
        }
        tree
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if thread::panicking() {
            let tree = self.take();
            let _ = catch_unwind(AssertUnwindSafe(|| show(&tree)));
        }
    }
}

#[expect(clippy::print_stderr, reason = "beside the message of the panic, where test runners show both")]
fn show(tree: &TraceTree) {
    if !tree.is_empty() {
        eprintln!("recorded until the panic:\n\n{tree}");
    }
}

/// Goes off after a time, in any runtime and in none. Where no thread can be had, it goes off at once.
struct Alarm {
    rings: oneshot::Receiver<()>,
    /// Its going away ends the thread.
    _cancel: Option<SyncSender<()>>,
}

impl Alarm {
    fn after(time: Duration) -> Self {
        let (ring, rings) = oneshot::channel();
        if time.is_zero() {
            return Self { rings, _cancel: None };
        }
        let (cancel, cancelled) = sync_channel::<()>(0);
        let keep_time = move || {
            let _ = cancelled.recv_timeout(time);
            drop(ring);
        };
        let _ = thread::Builder::new().name("galtea-testing".to_owned()).spawn(keep_time);
        Self { rings, _cancel: Some(cancel) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.rings).poll(cx).map(|_| ())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks the thread, which may be one of a runtime.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    // A runtime's budget for the task that is held up here would never be filled up again.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carry::TraceContext;
    use crate::clock::Anchor;
    use crate::private::{self, Site};
    use crate::scope::InferenceResult;
    use crate::trace_type::TraceType;

    static STEP: Site = Site::new("step", TraceType::Tool, "");

    #[test]
    fn a_batch_that_is_still_on_its_way_is_waited_for() {
        let (delivery, mut on_its_way) = Collector::new();
        let (_open, collector) = Collector::new();
        let recorder = Recorder::with("ir_1".into(), delivery, Arc::default(), Anchor::now(), 0);
        let mut recording = Recording::new(collector, Duration::from_secs(3_600));
        let watched = recording.watch();
        let _alive = InferenceResult::recorded_by(recorder).sync_scope(|| {
            watched.notice();
            let mut call = private::begin(&STEP, private::Given::Arguments(&[]), None);
            private::skip_output(&mut call);
            TraceContext::current()
        });

        let (mut cx, mut alarm) = (Context::from_waker(Waker::noop()), None);
        assert!(recording.poll_settled(&mut cx, &mut alarm).is_pending(), "all has ended, nothing has come");
        recording.batches.extend(on_its_way.try_batch());
        assert!(recording.poll_settled(&mut cx, &mut alarm).is_ready());
        let tree = recording.take();
        assert_eq!((tree.names(), tree.unfinished()), (vec!["step"], 0));
    }

    #[test]
    fn an_alarm_goes_off_where_there_is_no_runtime() {
        let mut alarm = Alarm::after(Duration::from_millis(1));
        block_on(poll_fn(|cx| alarm.poll(cx)));
        assert!(Alarm::after(Duration::ZERO).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
}
