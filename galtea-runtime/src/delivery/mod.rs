//! Delivery: takes finished batches from the program's threads and brings them to the exporter on a thread of its own.
//!
//! ```text
//! program's threads                    │ thread `galtea-delivery`
//! Delivery::submit ─ budget ─ inbox ───┼─▶ Worker: split ▶ schedule ▶ try (several at once) ▶ account
//! Delivery::linger ────────────────────┼─▶         asks for what has ended, once every linger time
//! Delivery::flush, stop ───────────────┼─▶         answers when all that came before is settled
//! ```

mod account;
mod budget;
#[cfg(feature = "testing")]
mod collect;
mod events;
mod job;
mod report;
mod retry;
mod schedule;
mod split;
mod spool;
mod trim;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ThreadId};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tracing::dispatcher;
use tracing::subscriber::NoSubscriber;

pub(crate) use account::Account;
#[cfg(feature = "testing")]
pub(crate) use collect::Collector;
pub use report::{DropReason, FlushReport, Loss, RefusedTrace, Stats};
pub(crate) use retry::Backoff;

use self::account::Mark;
use self::budget::{Budget, Charge};
use self::job::Job;
use self::worker::Worker;
use crate::clock;
use crate::config::DeliverySettings;
use crate::export::Exporter;
use crate::record::Batch;

const THREAD_NAME: &str = "galtea-delivery";
/// The worker answers at the deadline; a caller waits this much longer before it gives up on the worker itself.
const GRACE: Duration = Duration::from_millis(250);

/// A scope that has ended while traces in it are still open.
pub(crate) trait Unfinished: Send + Sync {
    /// Takes the traces that have ended; with `all`, also those whose parent is still open.
    fn take(&self, all: bool) -> Option<Batch>;
    /// Whether no trace is open any more, so that there will be nothing left to take.
    fn is_done(&self) -> bool;
}

/// The way into delivery. Everything here may be called on any thread, in a runtime or not, and in `drop`.
pub(crate) struct Delivery {
    account: Arc<Account>,
    budget: Arc<Budget>,
    closed: AtomicBool,
    /// Whether a loss after the end was told. Told once, by whoever causes it: there is no other thread left.
    told_late_loss: AtomicBool,
    /// `None` for a client that is disabled.
    link: Option<Link>,
}

struct Link {
    inbox: UnboundedSender<Message>,
    thread: ThreadId,
}

enum Message {
    Batch(Handed),
    Linger(Arc<dyn Unfinished>),
    Flush(Request),
    Stop(Request),
}

/// A batch with its place in the budget.
struct Handed {
    batch: Batch,
    charge: Charge,
}

/// Somebody waits, for `timeout` at most, until all that was handed over before is settled.
struct Request {
    timeout: Duration,
    reply: Reply,
}

/// Answers by going away: so whoever waits is answered whatever becomes of the worker.
struct Reply {
    _end: SyncSender<()>,
}

impl Delivery {
    /// Starts the delivery thread.
    pub(crate) fn start(settings: DeliverySettings, exporter: Arc<dyn Exporter>) -> std::io::Result<Self> {
        let account = Arc::new(Account::default());
        let budget = Arc::new(Budget::new(settings.max_queue_bytes));
        let (inbox, messages) = unbounded_channel();
        let worker = Worker::new(settings, exporter, Arc::clone(&account), Arc::clone(&budget), seed());
        let thread = start_thread(worker, messages)?;
        Ok(Self {
            account,
            budget,
            closed: AtomicBool::new(false),
            told_late_loss: AtomicBool::new(false),
            link: Some(Link { inbox, thread }),
        })
    }

    /// Takes nothing, and is always settled.
    pub(crate) fn disabled() -> Self {
        Self {
            account: Arc::new(Account::default()),
            budget: Arc::new(Budget::new(0)),
            closed: AtomicBool::new(true),
            told_late_loss: AtomicBool::new(true),
            link: None,
        }
    }

    /// Takes a finished batch. A few atomic operations and at most one allocation; never waits.
    pub(crate) fn submit(&self, batch: Batch) {
        let traces = batch.len();
        if traces == 0 {
            return;
        }
        self.account.enter(traces);
        if let Err(reason) = self.try_submit(batch) {
            self.account.drop_at_door(traces, reason);
            self.tell_late_loss(reason);
        }
    }

    fn tell_late_loss(&self, reason: DropReason) {
        if reason == DropReason::AfterShutDown && !self.told_late_loss.swap(true, Ordering::Relaxed) {
            self.account.tell_door();
        }
    }

    fn try_submit(&self, batch: Batch) -> Result<(), DropReason> {
        if self.closed.load(Ordering::Acquire) {
            return Err(DropReason::AfterShutDown);
        }
        let charge = self.budget.charge(batch.footprint()).ok_or(DropReason::QueueFull)?;
        let link = self.link.as_ref().ok_or(DropReason::AfterShutDown)?;
        let message = Message::Batch(Handed { batch, charge });
        link.inbox.send(message).map_err(|_| DropReason::AfterShutDown)
    }

    /// Watches over a scope that has ended with traces still open in it.
    pub(crate) fn linger(&self, scope: Arc<dyn Unfinished>) {
        let unsent = match &self.link {
            Some(link) => link.inbox.send(Message::Linger(scope)).err().map(|unsent| unsent.0),
            None => None,
        };
        if let Some(Message::Linger(scope)) = unsent
            && let Some(batch) = scope.take(true)
        {
            self.submit(batch);
        }
    }

    /// Counts a scope that was opened with an empty inference result id.
    pub(crate) fn nameless_scope(&self) {
        self.account.nameless_scope();
    }

    /// Counts values of headers that should hold an inference result's id and cannot.
    #[cfg(feature = "tower")]
    pub(crate) fn malformed_ids(&self, values: u64) {
        self.account.malformed_ids(values);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats::new(&self.account.totals())
    }

    pub(crate) fn queued_bytes(&self) -> usize {
        self.budget.used()
    }

    /// Waits on this thread until all that was handed over before is settled.
    pub(crate) fn flush_blocking(&self, timeout: Duration) -> FlushReport {
        let mark = self.account.mark();
        if let Some(reply) = self.request(timeout, Message::Flush) {
            wait(&reply, timeout);
        }
        self.report(&mark)
    }

    pub(crate) async fn flush(&self, timeout: Duration) -> FlushReport {
        let mark = self.account.mark();
        if let Some(reply) = self.request(timeout, Message::Flush) {
            wait_elsewhere(reply, timeout).await;
        }
        self.report(&mark)
    }

    /// As [`flush_blocking`](Self::flush_blocking), and takes nothing any more.
    pub(crate) fn stop_blocking(&self, timeout: Duration) -> FlushReport {
        let mark = self.account.mark();
        self.closed.store(true, Ordering::Release);
        if let Some(reply) = self.request(timeout, Message::Stop) {
            wait(&reply, timeout);
        }
        self.report(&mark)
    }

    pub(crate) async fn stop(&self, timeout: Duration) -> FlushReport {
        let mark = self.account.mark();
        self.closed.store(true, Ordering::Release);
        if let Some(reply) = self.request(timeout, Message::Stop) {
            wait_elsewhere(reply, timeout).await;
        }
        self.report(&mark)
    }

    /// Whether [`stop`](Self::stop) was called, or nothing was ever taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn report(&self, mark: &Mark) -> FlushReport {
        FlushReport::new(self.account.tell(mark))
    }

    /// `None` when there is nobody to wait for, and on the delivery thread, which must not wait for itself.
    fn request(&self, timeout: Duration, message: fn(Request) -> Message) -> Option<Receiver<()>> {
        let link = self.link.as_ref()?;
        let (end, receiver) = sync_channel(0);
        let reply = Reply { _end: end };
        link.inbox.send(message(Request { timeout, reply })).ok()?;
        (thread::current().id() != link.thread).then_some(receiver)
    }
}

fn start_thread(worker: Worker, messages: UnboundedReceiver<Message>) -> std::io::Result<ThreadId> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let scoped = dispatcher::get_default(Clone::clone);
    let run = move || {
        // Where the program has no subscriber for all of it, events go to the one in whose scope the client is built.
        let _scope = (!has_subscriber()).then(|| dispatcher::set_default(&scoped));
        clock::calibrate();
        runtime.block_on(worker.run(messages));
        // Look-ups of host names may still be running on a thread of the runtime: nobody waits for them.
        runtime.shutdown_background();
    };
    let thread = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(run)?;
    Ok(thread.thread().id())
}

/// Differs in processes that were forked from one, whose generators are in the same state.
fn seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let moment = u64::from(now.subsec_nanos()) << 32 | u64::from(std::process::id());
    fastrand::u64(..) ^ moment
}

/// Whether events of this thread go anywhere.
fn has_subscriber() -> bool {
    dispatcher::get_default(|current| !current.is::<NoSubscriber>())
}

/// Returns when the [`Reply`] is gone, or when the time is up.
fn wait(reply: &Receiver<()>, timeout: Duration) {
    let _ = reply.recv_timeout(timeout.saturating_add(GRACE));
}

/// Waits on a thread of its own: the caller may be in any runtime or in none, so there is no timer to borrow, and the
/// delivery thread cannot be trusted with a wait that must end even when that thread is stuck.
async fn wait_elsewhere(reply: Receiver<()>, timeout: Duration) {
    let (done, ended) = oneshot::channel::<()>();
    let waiter = thread::Builder::new().name("galtea-flush".to_owned()).spawn(move || {
        wait(&reply, timeout);
        drop(done);
    });
    if waiter.is_ok() {
        let _ = ended.await;
    }
}
