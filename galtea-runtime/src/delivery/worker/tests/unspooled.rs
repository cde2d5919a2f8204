use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::super::outcome::EXPORTER_PANICKED;
use super::*;
use crate::delivery::report::{DropReason, Loss};
use crate::synthetic::{SyntheticTrace, batch, tree};

#[tokio::test(start_paused = true)]
async fn a_batch_is_tried_until_it_is_taken() {
    let bench = Bench::start(settings(), |_, number| if number < 4 { retry() } else { Answer::Take });
    bench.submit(tree("ir_1", 1, 3));
    let report = bench.flush(60 * SECOND).await;
    assert_eq!(parts(&report.stats), [3, 3, 0, 0, 0, 0]);
    let waits: Vec<_> = bench.tries_at().windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    let ceilings = [500, 1_000, 2_000].map(|wait| Duration::from_millis(wait + 2));
    assert!(waits.len() == 3 && waits.iter().zip(ceilings).all(|(wait, most)| *wait <= most), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_never_taken_is_dropped_when_its_time_is_up() {
    let bench = Bench::start(settings(), |_, _| retry());
    bench.submit(tree("ir_1", 1, 3));
    let report = bench.flush(3_600 * SECOND).await;
    let lost = Loss::Dropped { traces: 3, reason: DropReason::RetriesExhausted };
    assert_eq!((parts(&report.stats), report.stats.losses), ([3, 0, 0, 3, 0, 0], vec![lost]));
    let final_try = *bench.tries_at().last().unwrap();
    assert!(final_try > 299 * SECOND && final_try < 301 * SECOND, "{final_try:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_at_all_is_sent_while_the_server_wants_to_be_left_alone() {
    let bench =
        Bench::start(settings(), |_, number| if number == 1 { ask_for(20 * SECOND) } else { Answer::Take });
    bench.submit(tree("ir_1", 1, 1));
    settle().await;
    for id in 2..20 {
        bench.submit(tree(&format!("ir_{id}"), id, 1));
    }
    let report = bench.flush(60 * SECOND).await;
    assert_eq!(report.stats.delivered, 19);
    assert!(bench.tries_at()[1..].iter().all(|at| *at >= 20 * SECOND), "{:?}", bench.tries_at());
}

#[tokio::test(start_paused = true)]
async fn a_pause_longer_than_the_retries_loses_the_batch_at_once_and_says_so() {
    let bench = Bench::start(settings(), |_, _| ask_for(301 * SECOND));
    bench.submit(tree("ir_1", 1, 1));
    let report = bench.flush(60 * SECOND).await;
    assert_eq!((report.stats.dropped, bench.tries().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs_holds_nobody_up_and_ends_by_its_timeout() {
    let bench = Bench::start(settings(), |batch, number| {
        if batch.inference_result_id() == "slow" && number == 1 { hang() } else { Answer::Take }
    });
    bench.submit(tree("slow", 1, 1));
    settle().await;
    for id in 2..50 {
        bench.submit(tree(&format!("ir_{id}"), id, 1));
    }
    settle().await;
    assert_eq!(parts(&bench.stats()), [49, 48, 0, 0, 0, 1]);
    let report = bench.flush(60 * SECOND).await;
    assert!(report.is_complete() && bench.tries_at().last().unwrap() >= &(30 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_eight_requests_are_under_way() {
    let bench = Bench::start(settings(), |_, _| Answer::After(SECOND, Box::new(Answer::Take)));
    for id in 1..=100 {
        bench.submit(tree(&format!("ir_{id}"), id, 1));
    }
    let report = bench.flush(60 * SECOND).await;
    assert_eq!((report.stats.delivered, bench.log.lock().unwrap().most_at_once), (100, 8));
}

#[tokio::test(start_paused = true)]
async fn parts_of_one_inference_result_go_one_after_the_other_parents_first() {
    let limits = DeliverySettings { max_batch_traces: 10, ..settings() };
    let bench = Bench::start(limits, |_, number| {
        let then = if number % 3 == 0 { retry() } else { Answer::Take };
        Answer::After(SECOND, Box::new(then))
    });
    let chain = (1..=95).map(|id| SyntheticTrace::new(id).under(id - 1));
    bench.submit(batch("ir_1", chain));
    bench.submit(tree("ir_1", 200, 5));
    let report = bench.flush(600 * SECOND).await;
    assert_eq!((report.stats.delivered, bench.log.lock().unwrap().most_at_once), (100, 1));
    let mut known = BTreeSet::from([0]);
    for one in bench.tries() {
        for (id, parent) in one.ids.iter().zip(one.parents) {
            assert!(known.contains(&parent), "{id} came before its parent {parent}");
            known.insert(*id);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_too_large_for_the_server_is_halved_until_it_fits() {
    let bench =
        Bench::start(settings(), |batch, _| if batch.len() > 30 { too_large() } else { Answer::Take });
    bench.submit(tree("ir_1", 1, 100));
    let report = bench.flush(60 * SECOND).await;
    assert_eq!(parts(&report.stats), [100, 100, 0, 0, 0, 0]);
    let taken: Vec<_> =
        bench.tries().into_iter().filter(|one| one.ids.len() <= 30).flat_map(|one| one.ids).collect();
    assert_eq!(taken, (1..=100).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_single_trace_too_large_for_the_server_is_cut_and_not_lost() {
    let bench = Bench::start(settings(), |batch, _| {
        let size = crate::encode::body(batch, crate::encode::Shape::Array).len();
        if size > 5_000 { too_large() } else { Answer::Take }
    });
    let large = SyntheticTrace {
        input: format!(r#"{{"text":"{}"}}"#, "x".repeat(100_000)),
        ..SyntheticTrace::new(1)
    };
    bench.submit(batch("ir_1", [large]));
    let report = bench.flush(60 * SECOND).await;
    assert_eq!((report.stats.delivered, bench.tries().len()), (1, 6));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_cut_any_further_is_refused() {
    let bench = Bench::start(settings(), |_, _| too_large());
    bench.submit(tree("ir_1", 1, 4));
    let report = bench.flush(60 * SECOND).await;
    let lost = Loss::Refused { traces: 4, reason: "too large".to_owned() };
    assert_eq!((parts(&report.stats), report.stats.losses), ([4, 0, 4, 0, 0, 0], vec![lost]));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_means_delivered_on_a_repeat_and_refused_on_a_first_try() {
    let bench = Bench::start(settings(), |batch, number| match (batch.inference_result_id(), number) {
        ("repeated", 1) => Answer::TakeAndBreak,
        _ => conflict(),
    });
    bench.submit(tree("repeated", 1, 2));
    assert_eq!(parts(&bench.flush(60 * SECOND).await.stats), [2, 2, 0, 0, 0, 0]);
    bench.submit(tree("fresh", 10, 3));
    assert_eq!(parts(&bench.flush(60 * SECOND).await.stats), [3, 0, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn traces_refused_one_by_one_are_told_one_by_one() {
    let bench = Bench::start(settings(), |_, _| Answer::TakeBut(vec![2, 0, 2, 99]));
    bench.submit(tree("ir_1", 1, 4));
    let report = bench.flush(60 * SECOND).await;
    assert_eq!(parts(&report.stats), [4, 2, 2, 0, 0, 0]);
    let told: Vec<_> =
        report.refusals.iter().map(|refusal| (refusal.id.0, refusal.reason.as_str())).collect();
    assert_eq!(told, [(1, "refused"), (3, "refused")]);
    bench.submit(tree("ir_2", 10, 4));
    let next = bench.flush(60 * SECOND).await;
    assert_eq!(next.refusals.iter().map(|refusal| refusal.id.0).collect::<Vec<_>>(), [10, 12]);
}

#[tokio::test(start_paused = true)]
async fn an_exporter_that_panics_loses_its_batch_and_nothing_else() {
    let bench = Bench::start(settings(), |_, number| if number == 1 { Answer::Panic } else { Answer::Take });
    bench.submit(tree("ir_1", 1, 2));
    bench.submit(tree("ir_2", 10, 3));
    let report = bench.flush(60 * SECOND).await;
    let lost = Loss::Refused { traces: 2, reason: EXPORTER_PANICKED.to_owned() };
    assert_eq!((parts(&report.stats), report.stats.losses), ([5, 3, 2, 0, 0, 0], vec![lost]));
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_came_before_it_and_not_for_what_comes_after() {
    let bench = Bench::start(settings(), |batch, _| {
        if batch.inference_result_id() == "late" {
            hang()
        } else {
            Answer::After(SECOND, Box::new(Answer::Take))
        }
    });
    bench.submit(tree("ir_1", 1, 2));
    let (answer, mark) = bench.ask(Message::Flush, 60 * SECOND);
    bench.submit(tree("late", 10, 1));
    wait(answer).await;
    let report = FlushReport::new(bench.account.tell(&mark));
    assert_eq!(parts(&report.stats), [3, 2, 0, 0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_flush_returns_at_its_deadline_and_tells_what_is_pending() {
    let bench = Bench::start(settings(), |_, _| hang());
    bench.submit(tree("ir_1", 1, 2));
    let start = Instant::now();
    let report = bench.flush(5 * SECOND).await;
    assert!(start.elapsed() < 5 * SECOND + Duration::from_millis(20));
    assert_eq!(parts(&report.stats), [2, 0, 0, 0, 0, 2]);
    assert!(report.into_result().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_told_in_one_report_and_in_every_report_that_overlaps() {
    let bench = Bench::start(settings(), |_, _| Answer::Fail(ExportError::refused("no")));
    bench.submit(tree("ir_1", 1, 2));
    let ((first, mark), (second, other_mark)) =
        (bench.ask(Message::Flush, SECOND), bench.ask(Message::Flush, SECOND));
    wait(first).await;
    assert_eq!(FlushReport::new(bench.account.tell(&mark)).stats.refused, 2);
    wait(second).await;
    assert_eq!(FlushReport::new(bench.account.tell(&other_mark)).stats.refused, 2);
    assert_eq!(bench.flush(SECOND).await.stats.refused, 0);
    assert_eq!(bench.stats().refused, 2);
}

#[tokio::test(start_paused = true)]
async fn stopping_gives_waiting_batches_a_last_try_at_once() {
    let is_up = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_up);
    let bench = Bench::start(
        settings(),
        move |_, _| if seen.load(Ordering::Relaxed) { Answer::Take } else { retry() },
    );
    for id in 1..=20 {
        bench.submit(tree(&format!("ir_{id}"), id, 1));
    }
    tokio::time::sleep(100 * SECOND).await;
    is_up.store(true, Ordering::Relaxed);
    let start = Instant::now();
    assert_eq!(bench.stop(120 * SECOND).await.stats.delivered, 20);
    assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_sent_at_the_deadline_of_the_shutdown_is_dropped_and_counted() {
    let bench =
        Bench::start(
            settings(),
            |batch, _| {
                if batch.inference_result_id() == "good" { Answer::Take } else { hang() }
            },
        );
    for id in 1..=20 {
        bench.submit(tree(&format!("ir_{id}"), id * 10, 2));
    }
    bench.submit(tree("good", 1, 1));
    let start = Instant::now();
    let report = bench.stop(3 * SECOND).await;
    assert!(start.elapsed() < 4 * SECOND);
    assert_eq!(parts(&report.stats), [41, 0, 0, 41, 0, 0]);
    assert_eq!(report.stats.losses, [Loss::Dropped { traces: 41, reason: DropReason::ShutDown }]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_sit_out_a_pause_that_outlasts_it() {
    let bench = Bench::start(settings(), |_, _| ask_for(100 * SECOND));
    bench.submit(tree("ir_1", 1, 2));
    settle().await;
    let start = Instant::now();
    assert_eq!(bench.stop(30 * SECOND).await.stats.dropped, 2);
    assert!(start.elapsed() < SECOND);
}

/// A scope of which one trace ends each time it is asked.
struct Scope {
    next: AtomicUsize,
    traces: usize,
}

impl Unfinished for Scope {
    fn take(&self, all: bool) -> Option<Batch> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let id = u128::try_from(next).unwrap() + 1;
        (next < self.traces).then(|| tree("ir_1", if all { 100 + id } else { id }, 1))
    }

    fn is_done(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.traces
    }
}

fn scope(traces: usize) -> Arc<dyn Unfinished> {
    Arc::new(Scope { next: AtomicUsize::new(0), traces })
}

#[tokio::test(start_paused = true)]
async fn a_scope_is_asked_for_what_has_ended_once_every_linger_time() {
    let bench = Bench::start(settings(), |_, _| Answer::Take);
    let scope = scope(3);
    bench.linger(Arc::clone(&scope));
    tokio::time::sleep(20 * SECOND).await;
    let tried: Vec<_> = bench.tries().into_iter().map(|one| (one.at.as_secs(), one.ids)).collect();
    assert_eq!(tried, [(2, vec![1]), (4, vec![2]), (6, vec![3])]);
    assert_eq!((parts(&bench.stats()), Arc::strong_count(&scope)), ([3, 3, 0, 0, 0, 0], 1));
}

#[tokio::test(start_paused = true)]
async fn a_flush_asks_every_scope_for_all_that_has_ended() {
    let bench = Bench::start(settings(), |_, _| Answer::Take);
    let scope = scope(5);
    bench.linger(Arc::clone(&scope));
    let report = bench.flush(SECOND).await;
    assert_eq!((report.stats.delivered, bench.tries()[0].ids.as_slice()), (1, &[101][..]));
    // Once when the shutdown begins, in time to be sent, and once when it ends.
    assert_eq!(parts(&bench.stop(SECOND).await.stats), [2, 1, 0, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_nobody_can_end_any_more_is_let_go() {
    let bench = Bench::start(settings(), |_, _| Answer::Take);
    let scope = scope(1_000);
    let weak = Arc::downgrade(&scope);
    bench.linger(scope);
    tokio::time::sleep(3 * SECOND).await;
    assert_eq!(weak.strong_count(), 0);
    assert_eq!(bench.stats().delivered, 2);
}
