//! Random trees of tasks, joins, cancelled futures, panics, threads and streams: what is recorded is the tree that ran.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod tree;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;

use futures::future::join_all;
use futures::{FutureExt as _, Stream, StreamExt as _, stream};
use galtea::{Galtea, InCurrentTrace as _, TraceContext, trace, trace_scope};
use tokio::sync::oneshot;
use tree::{Recorded, Recording};

const SEEDS: [u64; 4] = [1, 2, 3, 4];
const TREES: u64 = 500;
const LARGEST: u32 = 24;

/// One operation of a tree, and what its children are.
struct Plan {
    id: u32,
    how: How,
    children: Vec<Plan>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    OneByOne,
    Joined,
    Spawned,
    InThreads,
    Block,
    Sync,
    /// Dropped when its children are done.
    Cancelled,
    /// Panics when its children are done.
    Panics,
    /// The panic leaves a block.
    BlockPanics,
    /// Each item brings one child.
    Stream,
    /// Dropped after its last item.
    StreamCut,
}

const ALL: [How; 11] = [
    How::OneByOne,
    How::Joined,
    How::Spawned,
    How::InThreads,
    How::Block,
    How::Sync,
    How::Cancelled,
    How::Panics,
    How::BlockPanics,
    How::Stream,
    How::StreamCut,
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

impl Plan {
    fn random(random: &mut Random, next: &mut u32, depth: u32) -> Self {
        let id = *next;
        *next += 1;
        let how = ALL[usize::try_from(random.below(ALL.len() as u64)).unwrap()];
        let mut children = Vec::new();
        while depth < 5 && *next < LARGEST && random.below(3) > 0 {
            children.push(Self::random(random, next, depth + 1));
        }
        Self { id, how, children }
    }

    /// What is to be recorded: each id with its parent and how it ended.
    fn expect(&self, parent: Option<u32>, expected: &mut Tree) {
        let outcome = match self.how {
            How::Cancelled | How::StreamCut => "cancelled",
            How::Panics | How::BlockPanics => "panicked",
            _ => "returned",
        };
        let error = match self.how {
            How::Cancelled | How::StreamCut => "cancelled before completion".to_owned(),
            How::Panics | How::BlockPanics => format!("panicked: {} fell", self.id),
            _ => String::new(),
        };
        expected.insert(self.id, (parent, outcome.to_owned(), error));
        self.children.iter().for_each(|child| child.expect(Some(self.id), expected));
    }
}

type Tree = BTreeMap<u32, (Option<u32>, String, String)>;
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// As a panic, without its report.
fn fall(id: u32) -> ! {
    resume_unwind(Box::new(format!("{id} fell")))
}

/// Runs one operation, whatever becomes of it.
fn run(plan: Arc<Plan>) -> Task {
    Box::pin(async move {
        match plan.how {
            How::Cancelled => {
                let (done, is_done) = oneshot::channel();
                tokio::select! { biased; () = stuck(plan.id, plan, done) => {}, _ = is_done => {} }
            }
            How::Panics => assert!(AssertUnwindSafe(falling(plan.id, plan)).catch_unwind().await.is_err()),
            How::BlockPanics => {
                let fall = async { one_by_one_sync(&plan.children, Some(plan.id)) };
                assert!(AssertUnwindSafe(fall.in_current_trace()).catch_unwind().await.is_err());
            }
            How::Stream => drop(items(plan.id, plan).collect::<Vec<_>>().await),
            How::StreamCut => {
                let count = plan.children.len();
                let mut stream = Box::pin(items(plan.id, plan));
                for _ in 0..count {
                    stream.next().await;
                }
                // A stream begins at its first poll.
                assert!(futures::poll!(stream.next()).is_pending());
            }
            How::Block => {
                trace_scope!("block", input = { "id": plan.id }, async { one_by_one(&plan).await }).await;
            }
            How::Sync => operation_sync(plan.id, &plan.children),
            _ => operation(plan.id, plan).await,
        }
    })
}

fn shared(plan: &Arc<Plan>) -> impl Iterator<Item = Task> {
    (0..plan.children.len()).map(|index| run(Arc::new(copy(&plan.children[index]))))
}

fn copy(plan: &Plan) -> Plan {
    Plan { id: plan.id, how: plan.how, children: plan.children.iter().map(copy).collect() }
}

async fn one_by_one(plan: &Arc<Plan>) {
    for child in shared(plan) {
        child.await;
    }
}

#[trace(only(id))]
async fn operation(id: u32, plan: Arc<Plan>) {
    match plan.how {
        How::Joined => drop(join_all(shared(&plan)).await),
        How::Spawned => {
            for task in shared(&plan).map(galtea::spawn).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
        How::InThreads => {
            let runtime = tokio::runtime::Handle::current();
            for child in shared(&plan) {
                let runtime = runtime.clone();
                galtea::spawn_blocking(move || runtime.block_on(child)).await.unwrap();
            }
        }
        _ => one_by_one(&plan).await,
    }
}

/// Like the rest of the tree, without a runtime.
#[trace(only(id))]
fn operation_sync(id: u32, children: &[Plan]) {
    let context = TraceContext::current();
    std::thread::scope(|threads| {
        let work = || context.sync_scope(|| one_by_one_sync(children, None));
        threads.spawn(work).join().unwrap();
    });
}

/// With `falls`, inside a block of this id that is left by a panic.
fn one_by_one_sync(children: &[Plan], falls: Option<u32>) {
    let run_all = || {
        for child in children {
            futures::executor::block_on(in_sync(child));
        }
    };
    match falls {
        None => run_all(),
        Some(id) => trace_scope!("block", input = { "id": id }, {
            run_all();
            if id < u32::MAX {
                fall(id);
            }
        }),
    }
}

/// The kinds that need a runtime get one.
fn in_sync(plan: &Plan) -> impl Future<Output = ()> + use<> {
    let plan = Arc::new(copy(plan));
    async move {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let work = TraceContext::current().wrap(move || runtime.block_on(run(plan)));
        std::thread::scope(|threads| threads.spawn(work).join().unwrap());
    }
}

#[trace(only(id))]
async fn stuck(id: u32, plan: Arc<Plan>, done: oneshot::Sender<()>) {
    one_by_one(&plan).await;
    drop(done);
    std::future::pending::<()>().await;
}

#[trace(only(id))]
async fn falling(id: u32, plan: Arc<Plan>) {
    one_by_one(&plan).await;
    fall(id)
}

#[trace(only(id))]
fn items(id: u32, plan: Arc<Plan>) -> impl Stream<Item = ()> + Send {
    let tasks: Vec<Task> = shared(&plan).collect();
    let children = stream::iter(tasks).then(|child| child);
    // What is to be cut does not end by itself.
    if plan.how == How::StreamCut {
        children.chain(stream::pending()).left_stream()
    } else {
        children.right_stream()
    }
}

fn recorded(batches: &[Recorded]) -> Tree {
    let mut ids = BTreeMap::new();
    for trace in batches.iter().flat_map(|batch| &batch.traces) {
        let id = u32::try_from(trace["inputData"]["id"].as_u64().unwrap()).unwrap();
        assert!(ids.insert(trace["id"].as_str().unwrap(), (id, trace)).is_none(), "twice: {trace}");
    }
    let text = |value: &serde_json::Value, none: &str| value.as_str().unwrap_or(none).to_owned();
    let tree = ids.values().map(|(id, trace)| {
        let parent = trace["parentTraceId"].as_str().map(|parent| ids[parent].0);
        let outcome = text(&trace["metadata"]["galtea.outcome"], "returned");
        (*id, (parent, outcome, text(&trace["error"], "")))
    });
    tree.collect()
}

async fn run_trees(galtea: &Galtea, seed: u64) -> BTreeMap<String, Tree> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut expected = BTreeMap::new();
    let mut scopes = Vec::new();
    for number in 0..TREES {
        let plan = Plan::random(&mut random, &mut 0, 0);
        let id = format!("ir_{number}");
        let mut tree = Tree::new();
        plan.expect(None, &mut tree);
        expected.insert(id.clone(), tree);
        scopes.push(galtea.inference_result(id).scope(run(Arc::new(plan))));
    }
    // Some share a task, the others have one each.
    let alone = scopes.split_off(scopes.len() / 2);
    let tasks: Vec<_> = alone.into_iter().map(tokio::spawn).collect();
    join_all(scopes).await;
    for task in tasks {
        task.await.unwrap();
    }
    expected
}

#[test]
fn whatever_a_tree_does_what_is_recorded_is_the_tree() {
    for seed in SEEDS {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
        let recording = Recording::new();
        let expected = runtime.block_on(run_trees(&recording.galtea, seed));
        let mut batches: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
        for batch in recording.batches() {
            batches.entry(batch.inference_result.clone()).or_default().push(batch);
        }
        assert_eq!(batches.len(), expected.len());
        for (id, tree) in expected {
            assert_eq!(batches[&id].len(), 1, "one inference result is one batch");
            assert_eq!(recorded(&batches[&id]), tree, "seed {seed}, {id}");
        }
        let stats = recording.galtea.stats();
        assert_eq!((stats.traces, stats.pending, stats.dropped), (stats.delivered, 0, 0));
        runtime.shutdown_background();
    }
}

#[test]
fn panics_on_many_threads_keep_their_messages_apart() {
    let recording = Recording::new();
    std::thread::scope(|threads| {
        for thread in 0..4_u32 {
            let galtea = &recording.galtea;
            threads.spawn(move || {
                for number in 0..200 {
                    let id = thread * 1_000 + number;
                    galtea.inference_result("ir").sync_scope(|| {
                        let around = || one_by_one_sync(&[], Some(id));
                        let context = TraceContext::current();
                        assert!(catch_unwind(AssertUnwindSafe(|| context.sync_scope(around))).is_err());
                    });
                }
            });
        }
    });
    for batch in recording.batches() {
        let trace = batch.trace("block");
        assert_eq!(trace["error"], format!("panicked: {} fell", trace["inputData"]["id"]));
    }
}
