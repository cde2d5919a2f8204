use super::*;

fn stats() -> Stats {
    Stats {
        traces: 20,
        delivered: 12,
        refused: 3,
        dropped: 2,
        spooled: 1,
        pending: 2,
        losses: vec![
            Loss::Refused { traces: 3, reason: "400 Bad Request".to_owned() },
            Loss::Dropped { traces: 2, reason: DropReason::QueueFull },
        ],
        ..Stats::default()
    }
}

#[test]
fn a_report_says_in_plain_words_what_became_of_the_traces() {
    let report =
        FlushReport { stats: stats(), spool_trouble: Some("No space left".to_owned()), ..Default::default() };
    assert_eq!(
        report.to_string(),
        "12 of 20 traces delivered, 3 refused, 2 dropped, 1 in the spool, 2 still to be sent \
         (3 refused: 400 Bad Request; 2 dropped: the queue was full); \
         the spool could not be used, so a crash may lose traces: No space left"
    );
}

#[test]
fn what_is_lost_or_pending_is_an_error_that_says_so_and_what_is_spooled_is_none() {
    let report = |change: fn(&mut Stats)| {
        let mut report = FlushReport::default();
        change(&mut report.stats);
        report.into_result()
    };
    assert!(report(|stats| stats.delivered = 5).is_ok());
    assert!(report(|stats| stats.spooled = 5).is_ok());
    assert!(report(|stats| stats.refused = 1).is_err());
    assert!(report(|stats| stats.dropped = 1).is_err());
    assert!(report(|stats| stats.pending = 1).is_err());
    let error = FlushReport { stats: stats(), ..Default::default() }.into_result().unwrap_err();
    assert!(error.to_string().starts_with("not all traces reached Galtea: 12 of 20"), "{error}");
    let advice = "; raise `max_queue_bytes`, or give a `spool_dir`; flush again, or raise `flush_timeout`";
    assert!(error.to_string().ends_with(advice), "{error}");
    assert_eq!(error.report().stats, stats());
}

#[test]
fn every_drop_reason_is_counted_in_a_place_of_its_own() {
    for (index, reason) in DropReason::ALL.into_iter().enumerate() {
        assert_eq!(reason as usize, index);
    }
}
