//! Whatever the server does, and whenever: every trace ends in exactly one place, and what the account says is what the
//! server and the disk say.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::synthetic::tree;

#[derive(Clone, Debug)]
enum Step {
    Submit { result: u8, traces: u8 },
    Wait(u16),
    Flush(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..6_u8, 1..40_u8).prop_map(|(result, traces)| Step::Submit { result, traces }),
        2 => (0..60_000_u16).prop_map(Step::Wait),
        1 => (0..20_000_u16).prop_map(Step::Flush),
    ];
    proptest::collection::vec(step, 1..25)
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let quick = prop_oneof![
        4 => Just(Answer::Take),
        3 => Just(retry()),
        2 => Just(Answer::TakeAndBreak),
        1 => Just(ask_for(7 * SECOND)),
        1 => Just(ask_for(400 * SECOND)),
        2 => Just(too_large()),
        3 => Just(Answer::TakeOnce),
        1 => Just(set_up_wrong()),
        1 => Just(Answer::Fail(ExportError::refused("no"))),
        1 => proptest::collection::vec(0..40_usize, 0..5).prop_map(Answer::TakeBut),
        1 => Just(hang()),
    ];
    let answer = (quick, 0..3_000_u64)
        .prop_map(|(answer, wait)| Answer::After(Duration::from_millis(wait), Box::new(answer)));
    proptest::collection::vec(answer, 1..30)
}

/// Runs the steps, and returns the last report, what the exporter took, and what is on disk.
async fn run(settings: DeliverySettings, steps: Vec<Step>, answers: Vec<Answer>) -> (Stats, Log, u64) {
    let bench = Bench::start(settings, move |_, number| answers[number % answers.len()].clone());
    let (mut next, mut submitted) = (1_u128, 0_u64);
    for step in steps {
        match step {
            Step::Submit { result, traces } => {
                bench.submit(tree(&format!("ir_{result}"), next, traces.into()));
                next += u128::from(traces);
                submitted += u64::from(traces);
            }
            Step::Wait(millis) => tokio::time::sleep(Duration::from_millis(millis.into())).await,
            Step::Flush(millis) => drop(bench.flush(Duration::from_millis(millis.into())).await),
        }
        balanced(&bench.stats(), submitted);
    }
    let (account, budget, log) = (bench.account.clone(), bench.budget.clone(), bench.log.clone());
    let _ = bench.stop(20 * SECOND).await;
    let stats = Stats::new(&account.totals());
    balanced(&stats, submitted);
    assert_eq!(budget.used(), 0);
    let log = std::mem::take(&mut *log.lock().unwrap());
    (stats, log, submitted)
}

fn balanced(stats: &Stats, submitted: u64) {
    let [traces, ended @ ..] = parts(stats);
    assert_eq!((traces, ended.iter().sum()), (submitted, submitted), "{stats:?}");
}

/// How many different traces the server took.
fn taken(log: &Log) -> u64 {
    u64::try_from(log.taken.iter().collect::<BTreeSet<_>>().len()).unwrap()
}

fn on_disk(dir: &Path) -> u64 {
    let mut traces = 0;
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            traces += u64::try_from(crate::decode::batch(&fs::read(path).unwrap()).unwrap().len()).unwrap();
        }
    }
    traces
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn without_a_spool_the_account_says_what_the_server_says(steps in steps(), answers in answers()) {
        let (stats, log, submitted) = paused().block_on(run(settings(), steps, answers));
        prop_assert_eq!((stats.pending, stats.spooled), (0, 0));
        let taken = taken(&log);
        prop_assert!(stats.delivered <= taken && submitted - taken <= stats.refused + stats.dropped);
        prop_assert_eq!(log.at_once, 0);
    }

    #[test]
    fn with_a_spool_nothing_is_dropped_and_what_is_spooled_is_on_disk(steps in steps(), answers in answers()) {
        let dir = tempfile::tempdir().unwrap();
        let (stats, log, submitted) = paused().block_on(run(spooling(dir.path()), steps, answers));
        prop_assert_eq!((stats.pending, stats.dropped), (0, 0));
        prop_assert_eq!(stats.spooled, on_disk(dir.path()));
        prop_assert!(stats.delivered <= taken(&log));

        let again = spooling(dir.path());
        let (after, later) = paused().block_on(async {
            let bench = Bench::start(again, |_, _| Answer::Take);
            let log = bench.log.clone();
            (bench.stop(60 * SECOND).await.stats, std::mem::take(&mut *log.lock().unwrap()))
        });
        prop_assert_eq!(parts(&after), [stats.spooled, stats.spooled, 0, 0, 0, 0]);
        prop_assert_eq!(on_disk(dir.path()), 0);
        let both = Log { taken: [log.taken, later.taken].concat(), ..Log::default() };
        prop_assert!(taken(&both) + stats.refused >= submitted);
    }
}
