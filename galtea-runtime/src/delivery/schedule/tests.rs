use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq)]
struct Job {
    lane: u64,
    ticket: u64,
    is_safe: bool,
}

impl Scheduled for Job {
    fn lane(&self) -> u64 {
        self.lane
    }

    fn ticket(&self) -> u64 {
        self.ticket
    }

    fn set_ticket(&mut self, ticket: u64) {
        self.ticket = ticket;
    }

    fn is_safe(&self) -> bool {
        self.is_safe
    }
}

fn job(lane: u64, ticket: u64) -> Job {
    Job { lane, ticket, is_safe: true }
}

#[test]
fn jobs_of_one_lane_go_one_after_the_other_and_others_go_past_them() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.add(job(1, 1));
    schedule.add(job(1, 2));
    schedule.add(job(2, 3));
    assert_eq!(
        [schedule.next(now), schedule.next(now), schedule.next(now)],
        [Some(job(1, 1)), Some(job(2, 3)), None]
    );
    schedule.finish(1, 1);
    assert_eq!(schedule.next(now), Some(job(1, 2)));
}

#[test]
fn parts_take_the_place_of_the_whole() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.add(job(1, 1));
    schedule.add(job(1, 9));
    schedule.next(now).unwrap();
    let parts = [1, 2].map(|ticket| job(1, ticket));
    schedule.replace(1, 1, parts.into_iter());
    for ticket in [1, 2, 9] {
        assert!(!schedule.is_settled(ticket));
        assert_eq!(schedule.next(now), Some(job(1, ticket)));
        schedule.finish(1, ticket);
    }
    assert!(schedule.is_settled(BACKGROUND) && schedule.lanes.is_empty());
}

#[test]
fn what_is_new_goes_before_what_is_in_the_background_even_when_that_is_due() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    for lane in 1..=3 {
        schedule.add(job(lane, BACKGROUND));
    }
    let first = schedule.next(now).unwrap();
    schedule.put_off(first, now);
    schedule.add(job(7, 1));
    assert_eq!(schedule.next(now), Some(job(7, 1)));
}

#[test]
fn a_job_that_nobody_waits_for_takes_those_behind_it_along_where_they_are_safe() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    let unsafe_one = Job { is_safe: false, ..job(1, 3) };
    for job in [job(1, 1), job(1, 2), unsafe_one.clone()] {
        schedule.add(job);
    }
    let mut first = schedule.next(now).unwrap();
    schedule.demote(&mut first);
    schedule.add(job(1, 4));
    assert!(schedule.is_settled(2) && !schedule.is_settled(3));
    schedule.finish(1, BACKGROUND);
    assert_eq!(schedule.next(now), Some(job(1, BACKGROUND)));
    schedule.finish(1, BACKGROUND);
    assert_eq!(schedule.next(now), Some(unsafe_one));
    schedule.finish(1, 3);
    assert!(schedule.is_settled(4) && !schedule.is_settled(BACKGROUND));
}

#[test]
fn a_pause_holds_everything_back_and_tells_when_it_ends() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    let until = now + Duration::from_secs(5);
    schedule.pause(until);
    schedule.pause(now);
    schedule.add(job(1, 1));
    assert_eq!((schedule.next(now), schedule.next_due()), (None, Some(until)));
    schedule.hurry();
    assert_eq!((schedule.next(now), schedule.next(until)), (None, Some(job(1, 1))));
}

#[derive(Clone, Debug)]
enum Step {
    Add(u64, bool),
    Next,
    Finish(usize),
    PutOff(usize, u64),
    Demote(usize),
    Replace(usize, usize),
    Pause(u64),
    Hurry,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..5_u64, any::<bool>()).prop_map(|(lane, is_safe)| Step::Add(lane, is_safe)),
        4 => Just(Step::Next),
        2 => any::<usize>().prop_map(Step::Finish),
        2 => (any::<usize>(), 0..20_u64).prop_map(|(which, wait)| Step::PutOff(which, wait)),
        1 => any::<usize>().prop_map(Step::Demote),
        1 => (any::<usize>(), 1..4_usize).prop_map(|(which, parts)| Step::Replace(which, parts)),
        1 => (0..20_u64).prop_map(Step::Pause),
        1 => Just(Step::Hurry),
        2 => (0..20_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// The model is a plain list of how many jobs there should be.
    #[test]
    fn no_job_is_lost_or_doubled_and_no_lane_has_two_out(steps in proptest::collection::vec(step(), 1..120)) {
        let (mut schedule, mut now) = (Schedule::<Job>::default(), Instant::now());
        let (mut out, mut all, mut ticket) = (Vec::<Job>::new(), 0_usize, 0);
        for step in steps {
            let pick = |which: usize, out: &mut Vec<Job>| (!out.is_empty()).then(|| out.swap_remove(which % out.len()));
            match step {
                Step::Add(lane, is_safe) => {
                    ticket += 1;
                    all += 1;
                    schedule.add(Job { lane, ticket, is_safe });
                }
                Step::Next => out.extend(schedule.next(now)),
                Step::Finish(which) => if let Some(job) = pick(which, &mut out) {
                    all -= 1;
                    schedule.finish(job.lane, job.ticket);
                },
                Step::PutOff(which, wait) => if let Some(job) = pick(which, &mut out) {
                    schedule.put_off(job, now + Duration::from_secs(wait));
                },
                Step::Demote(which) => if let Some(mut job) = pick(which, &mut out) {
                    schedule.demote(&mut job);
                    prop_assert_eq!(job.ticket == BACKGROUND, job.is_safe || job.ticket == BACKGROUND);
                    out.push(job);
                },
                Step::Replace(which, parts) => if let Some(job) = pick(which, &mut out) {
                    all += parts - 1;
                    schedule.replace(job.lane, job.ticket, vec![job; parts].into_iter());
                },
                Step::Pause(wait) => schedule.pause(now + Duration::from_secs(wait)),
                Step::Hurry => schedule.hurry(),
                Step::Pass(wait) => now += Duration::from_secs(wait),
            }
            let lanes: HashSet<_> = out.iter().map(|job| job.lane).collect();
            prop_assert_eq!(lanes.len(), out.len());
            prop_assert_eq!(schedule.unsettled.values().sum::<usize>(), all);
        }
        // Whatever happened, all of it can be sent in the end.
        now += Duration::from_secs(10_000);
        while all > 0 {
            let job = out.pop().or_else(|| schedule.next(now));
            prop_assert!(job.is_some(), "{all} jobs are stuck");
            let job = job.unwrap();
            schedule.finish(job.lane, job.ticket);
            all -= 1;
        }
        prop_assert!(schedule.is_settled(BACKGROUND) && schedule.lanes.is_empty());
    }
}
