//! A traced call outside the scope of an inference result: not recorded, but counted, and told once for each place.
//!
//! The count is that of the process, so this is one test in a binary of its own.

mod listener;
mod tree;

use galtea::{Galtea, trace};
use listener::told;
use tree::Recording;

#[trace(type = "TOOL")]
fn look_up(key: u32) -> u32 {
    key
}

#[trace(type = "TOOL")]
async fn fetch(key: u32) -> u32 {
    key
}

#[test]
fn calls_outside_any_scope_are_counted_and_each_place_is_told_once_where_a_client_records() {
    let (_, events) = told(|| {
        let _disabled = Galtea::disabled();
        look_up(0)
    });
    assert!(events.is_empty(), "without a client that records nothing is missed: {events:?}");

    let recording = Recording::new();
    assert_eq!(recording.galtea.stats().unscoped_calls, 0);
    let ((), events) = told(|| {
        for key in 0..5 {
            look_up(key);
        }
        futures::executor::block_on(fetch(1));
        galtea::trace_event!("cache_miss");
    });
    assert_eq!(events.len(), 3, "{events:?}");
    for (event, name) in events.iter().zip(["look_up", "fetch", "cache_miss"]) {
        assert!(event.contains(&format!("`{name}` at {}:", file!())), "{event}");
    }
    assert_eq!(recording.galtea.stats().unscoped_calls, 7);

    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..1_000).map(look_up).sum::<u32>());
        }
    });
    assert_eq!(recording.galtea.stats().unscoped_calls, 4_007, "threads that are gone have counted too");

    let ((), events) = told(|| {
        recording.galtea.inference_result("ir_1").sync_scope(|| look_up(1));
        Galtea::disabled().inference_result("ir_2").sync_scope(|| look_up(2));
        recording.galtea.inference_result("").sync_scope(|| look_up(3));
    });
    assert!(!events.iter().any(|event| event.contains("outside")), "{events:?}");
    assert_eq!(
        recording.galtea.stats().unscoped_calls,
        4_007,
        "a scope in which nothing is recorded is one on purpose"
    );

    let report = recording.galtea.flush_blocking(std::time::Duration::from_secs(30));
    assert!(report.is_complete());
    assert_eq!(
        report.to_string(),
        "1 of 1 traces delivered; 1 scope had an empty inference result id, and recorded nothing; \
         4007 traced calls ran outside the scope of any inference result, as the event `galtea.outside_scope` tells"
    );
    let later = recording.galtea.flush_blocking(std::time::Duration::from_secs(30));
    assert_eq!(later.stats.unscoped_calls, 0, "each report tells of what is new");
}
