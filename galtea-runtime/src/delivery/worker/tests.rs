//! The worker under paused time, with an exporter that follows a script.

mod model;
mod spooled;
mod unspooled;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Worker;
use crate::config::{DeliverySettings, SpoolSettings};
use crate::delivery::account::{Account, Mark};
use crate::delivery::budget::Budget;
use crate::delivery::report::{FlushReport, Stats};
use crate::delivery::{Handed, Message, Reply, Request, Unfinished};
use crate::export::{ExportError, ExportFuture, Exported, Exporter};
use crate::record::Batch;

const SECOND: Duration = Duration::from_secs(1);

/// What the exporter does with a batch.
#[derive(Clone, Debug)]
enum Answer {
    Take,
    TakeBut(Vec<usize>),
    Fail(ExportError),
    /// Takes the batch, and says that the connection broke.
    TakeAndBreak,
    /// Takes the batch, or says that it has a trace of it already.
    TakeOnce,
    After(Duration, Box<Answer>),
    Panic,
}

fn retry() -> Answer {
    Answer::Fail(ExportError::retry("busy"))
}

fn ask_for(after: Duration) -> Answer {
    Answer::Fail(ExportError::Retry { reason: "busy".into(), after: Some(after) })
}

fn hang() -> Answer {
    Answer::After(Duration::from_secs(86_400), Box::new(Answer::Take))
}

fn too_large() -> Answer {
    Answer::Fail(ExportError::TooLarge { reason: "too large".into() })
}

fn conflict() -> Answer {
    Answer::Fail(ExportError::Conflict { reason: "known".into() })
}

fn set_up_wrong() -> Answer {
    Answer::Fail(ExportError::Setup { reason: "wrong key".into() })
}

/// One call of the exporter.
#[derive(Clone, Debug)]
struct Try {
    /// Since the test began.
    at: Duration,
    ids: Vec<u128>,
    parents: Vec<u128>,
}

#[derive(Default)]
struct Log {
    tries: Vec<Try>,
    at_once: usize,
    most_at_once: usize,
    taken: Vec<u128>,
}

struct Scripted<F> {
    script: F,
    log: Arc<Mutex<Log>>,
    start: Instant,
}

/// Counts a call as under way until it has ended or is dropped.
struct UnderWay(Arc<Mutex<Log>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().unwrap().at_once -= 1;
    }
}

impl<F: Fn(&Batch, usize) -> Answer + Send + Sync + 'static> Exporter for Scripted<F> {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        let number = self.begin(batch);
        let under_way = UnderWay(Arc::clone(&self.log));
        let mut answer = (self.script)(batch, number);
        Box::pin(async move {
            let _under_way = under_way;
            while let Answer::After(wait, then) = answer {
                tokio::time::sleep(wait).await;
                answer = *then;
            }
            self.end(batch, answer)
        })
    }
}

impl<F> Scripted<F> {
    fn begin(&self, batch: &Batch) -> usize {
        let mut log = self.log.lock().unwrap();
        log.at_once += 1;
        log.most_at_once = log.most_at_once.max(log.at_once);
        log.tries.push(Try {
            at: self.start.elapsed(),
            ids: batch.iter().map(|trace| trace.id().0).collect(),
            parents: batch.iter().map(|trace| trace.parent_id().map_or(0, |id| id.0)).collect(),
        });
        log.tries.len()
    }

    fn knows(&self, batch: &Batch) -> bool {
        let log = self.log.lock().unwrap();
        batch.iter().all(|trace| log.taken.contains(&trace.id().0))
    }

    fn end(&self, batch: &Batch, answer: Answer) -> Result<Exported, ExportError> {
        let refused = |indices: Vec<usize>| {
            indices
                .into_iter()
                .map(|index| crate::export::Refused { index, reason: "refused".into() })
                .collect()
        };
        let taken = |but: &[usize]| {
            let ids = batch.iter().enumerate().filter(|(index, _)| !but.contains(index));
            self.log.lock().unwrap().taken.extend(ids.map(|(_, trace)| trace.id().0));
        };
        match answer {
            Answer::TakeOnce if self.knows(batch) => {
                return Err(ExportError::Conflict { reason: "known".into() });
            }
            Answer::Take | Answer::TakeOnce => taken(&[]),
            Answer::TakeBut(indices) => {
                taken(&indices);
                return Ok(Exported::except(refused(indices)));
            }
            Answer::TakeAndBreak => {
                taken(&[]);
                return Err(ExportError::retry("broke"));
            }
            Answer::Fail(error) => return Err(error),
            Answer::Panic | Answer::After(..) => panic!("as the script says"),
        }
        Ok(Exported::all())
    }
}

/// A worker that runs in the test's own runtime.
struct Bench {
    inbox: UnboundedSender<Message>,
    account: Arc<Account>,
    budget: Arc<Budget>,
    log: Arc<Mutex<Log>>,
    worker: JoinHandle<()>,
}

impl Bench {
    fn start(
        settings: DeliverySettings,
        script: impl Fn(&Batch, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let (inbox, messages) = unbounded_channel();
        let account = Arc::new(Account::default());
        let budget = Arc::new(Budget::new(settings.max_queue_bytes));
        let log = Arc::new(Mutex::new(Log::default()));
        let exporter = Scripted { script, log: Arc::clone(&log), start: Instant::now() };
        let worker = Worker::new(
            settings,
            Arc::new(exporter),
            Arc::clone(&account),
            Arc::clone(&budget),
            fastrand::u64(..),
        );
        let worker = tokio::spawn(worker.run(messages));
        Self { inbox, account, budget, log, worker }
    }

    fn submit(&self, batch: Batch) {
        self.account.enter(batch.len());
        let charge = self.budget.charge(batch.footprint()).unwrap();
        assert!(self.inbox.send(Message::Batch(Handed { batch, charge })).is_ok());
    }

    fn linger(&self, scope: Arc<dyn Unfinished>) {
        assert!(self.inbox.send(Message::Linger(scope)).is_ok());
    }

    fn ask(&self, message: fn(Request) -> Message, timeout: Duration) -> (Receiver<()>, Mark) {
        let (end, answer) = sync_channel(0);
        let reply = Reply { _end: end };
        let mark = self.account.mark();
        assert!(self.inbox.send(message(Request { timeout, reply })).is_ok());
        (answer, mark)
    }

    async fn flush(&self, timeout: Duration) -> FlushReport {
        let (answer, mark) = self.ask(Message::Flush, timeout);
        wait(answer).await;
        FlushReport::new(self.account.tell(&mark))
    }

    async fn stop(self, timeout: Duration) -> FlushReport {
        let (answer, mark) = self.ask(Message::Stop, timeout);
        wait(answer).await;
        self.worker.await.unwrap();
        FlushReport::new(self.account.tell(&mark))
    }

    fn stats(&self) -> Stats {
        Stats::new(&self.account.totals())
    }

    fn tries(&self) -> Vec<Try> {
        self.log.lock().unwrap().tries.clone()
    }

    fn tries_at(&self) -> Vec<Duration> {
        self.tries().into_iter().map(|one| one.at).collect()
    }
}

/// The worker drops its end of the reply when it answers.
async fn wait(answer: Receiver<()>) {
    while answer.try_recv() == Err(TryRecvError::Empty) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Lets the worker do all that it can do now.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn settings() -> DeliverySettings {
    DeliverySettings::default()
}

fn spooling(dir: &Path) -> DeliverySettings {
    let spool =
        SpoolSettings { dir: dir.to_owned(), max_bytes: 1 << 30, max_age: Duration::from_secs(7 * 86_400) };
    DeliverySettings { spool: Some(spool), ..settings() }
}

/// Five numbers that must add up to the first.
fn parts(stats: &Stats) -> [u64; 6] {
    [stats.traces, stats.delivered, stats.refused, stats.dropped, stats.spooled, stats.pending]
}
