use std::sync::atomic::AtomicBool;
use std::thread;

use proptest::prelude::*;

use super::*;
use crate::record::TraceId;

fn refusal(id: u128) -> RefusedTrace {
    RefusedTrace {
        id: TraceId(id),
        name: "name".to_owned(),
        inference_result_id: "ir_1".to_owned(),
        reason: "no".to_owned(),
    }
}

fn ended(totals: &Totals) -> u64 {
    let Totals { delivered, spooled, pending, .. } = totals;
    delivered + spooled + pending + totals.refused_traces() + totals.dropped_traces()
}

#[test]
fn whoever_looks_while_it_changes_sees_it_balanced() {
    const ROUNDS: usize = 20_000;
    let (account, is_over) = (Account::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        let door = scope.spawn(|| {
            for _ in 0..ROUNDS {
                account.enter(3);
                account.drop_at_door(3, DropReason::QueueFull);
            }
        });
        let worker = scope.spawn(|| {
            for _ in 0..ROUNDS {
                account.enter(10);
                account.moved(10, Held::Pending, Held::Spooled);
                account.delivered(4, Held::Spooled);
                account.refused(3, "no", Held::Spooled);
                account.dropped(3, DropReason::SpoolExpired, Held::Spooled);
            }
        });
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let totals = account.totals();
                assert_eq!(ended(&totals), totals.entered, "{totals:?}");
            }
        });
        door.join().unwrap();
        worker.join().unwrap();
        is_over.store(true, Ordering::Relaxed);
    });
    let totals = account.totals();
    assert_eq!((totals.entered, totals.pending, totals.spooled), (ROUNDS as u64 * 13, 0, 0));
}

#[test]
fn reasons_beyond_the_limit_are_counted_together() {
    let account = Account::default();
    account.enter(100);
    for reason in 0..50 {
        account.refused(2, &format!("reason {reason}"), Held::Pending);
    }
    account.refused(1, "reason 7", Held::Pending);
    let refused = account.totals().refused;
    assert_eq!(refused.len(), REASONS_KEPT);
    assert_eq!(refused[7], ("reason 7".to_owned(), 3));
    assert_eq!(refused[REASONS_KEPT - 1], (OTHER_REASONS.to_owned(), 2 * (50 - 31)));
}

#[test]
fn of_many_refused_traces_a_report_names_the_last_and_the_next_report_none_of_them() {
    let account = Account::default();
    let mark = account.mark();
    let kept = u128::try_from(REFUSALS_KEPT).unwrap();
    (0..kept + 10).for_each(|id| account.note_refusal(refusal(id)));
    let told = account.tell(&mark);
    assert_eq!((told.refusals.len(), told.refusals[0].id), (REFUSALS_KEPT, TraceId(10)));
    let mark = account.mark();
    account.note_refusal(refusal(1_000));
    assert_eq!(account.tell(&mark).refusals, [refusal(1_000)]);
}

#[derive(Clone, Debug)]
enum Step {
    Enter(usize),
    Found(usize),
    Spool(usize),
    Deliver(usize, bool),
    Refuse(usize, bool, u8),
    Drop(usize, bool),
    Report,
}

fn step() -> impl Strategy<Value = Step> {
    let some = 0..20_usize;
    prop_oneof![
        some.clone().prop_map(Step::Enter),
        some.clone().prop_map(Step::Found),
        some.clone().prop_map(Step::Spool),
        (some.clone(), any::<bool>()).prop_map(|(traces, spooled)| Step::Deliver(traces, spooled)),
        (some.clone(), any::<bool>(), 0..4_u8)
            .prop_map(|(traces, spooled, reason)| Step::Refuse(traces, spooled, reason)),
        (some, any::<bool>()).prop_map(|(traces, spooled)| Step::Drop(traces, spooled)),
        Just(Step::Report),
    ]
}

/// Where traces are, by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Model {
    pending: usize,
    spooled: usize,
    delivered: usize,
    refused: usize,
    dropped: usize,
}

impl Model {
    /// As many as there are, up to `traces`, leave the one place or the other.
    fn leave(&mut self, traces: usize, is_spooled: bool) -> (usize, Held) {
        let (place, held) =
            if is_spooled { (&mut self.spooled, Held::Spooled) } else { (&mut self.pending, Held::Pending) };
        let traces = traces.min(*place);
        *place -= traces;
        (traces, held)
    }
}

proptest! {
    #[test]
    fn the_account_is_what_a_model_says_and_reports_add_up_to_it(steps in proptest::collection::vec(step(), 0..60)) {
        let (account, mut model) = (Account::default(), Model::default());
        let mut told = [0_u64; 3];
        for step in steps.into_iter().chain([Step::Report]) {
            match step {
                Step::Enter(traces) => {
                    account.enter(traces);
                    model.pending += traces;
                }
                Step::Found(traces) => {
                    account.found(traces);
                    model.spooled += traces;
                }
                Step::Spool(traces) => {
                    let (traces, from) = model.leave(traces, false);
                    account.moved(traces, from, Held::Spooled);
                    model.spooled += traces;
                }
                Step::Deliver(traces, is_spooled) => {
                    let (traces, held) = model.leave(traces, is_spooled);
                    account.delivered(traces, held);
                    model.delivered += traces;
                }
                Step::Refuse(traces, is_spooled, reason) => {
                    let (traces, held) = model.leave(traces, is_spooled);
                    account.refused(traces, &reason.to_string(), held);
                    model.refused += traces;
                }
                Step::Drop(traces, is_spooled) => {
                    let (traces, held) = model.leave(traces, is_spooled);
                    account.dropped(traces, DropReason::ShutDown, held);
                    model.dropped += traces;
                }
                Step::Report => {
                    let report = account.tell(&account.mark()).totals;
                    prop_assert_eq!(ended(&report), report.entered);
                    let news = [report.delivered, report.refused_traces(), report.dropped_traces()];
                    told.iter_mut().zip(news).for_each(|(told, news)| *told += news);
                }
            }
            let totals = account.totals();
            let number = |traces: u64| usize::try_from(traces).unwrap();
            prop_assert_eq!(model, Model {
                pending: number(totals.pending),
                spooled: number(totals.spooled),
                delivered: number(totals.delivered),
                refused: number(totals.refused_traces()),
                dropped: number(totals.dropped_traces()),
            });
        }
        prop_assert_eq!(told.map(|traces| usize::try_from(traces).unwrap()), [model.delivered, model.refused, model.dropped]);
    }
}
