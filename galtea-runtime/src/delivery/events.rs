//! What delivery tells through `tracing`, all under the target `galtea`. The names are stable: alerts are built on them.
//!
//! | event | level | when |
//! | --- | --- | --- |
//! | `galtea.traces_delivered` | debug | the API took a batch |
//! | `galtea.try_failed` | debug | a batch will be tried again |
//! | `galtea.traces_refused` | warn | the API refused a batch |
//! | `galtea.trace_refused` | warn | the API refused one trace of a batch that it took |
//! | `galtea.traces_dropped` | warn | the client gave traces up |
//! | `galtea.nameless_scopes` | warn | scopes were opened with an empty inference result id |
//! | `galtea.malformed_ids` | warn | headers held no usable inference result id (feature `tower`) |
//! | `galtea.traces_found` | info | an earlier process left traces in the spool |
//! | `galtea.traces_left` | info | traces stay in the spool for the next start |
//! | `galtea.spool_trouble` | warn | the spool cannot be used |
//! | `galtea.spool_file_set_aside` | warn | a file in the spool was no batch |
//! | `galtea.stopped` | info | the client was shut down |
//!
//! Ids, numbers and reasons are told; what was recorded, and what a server says about it, never is.

use std::fmt::Display;
use std::time::Duration;

use super::job::Job;
use super::report::{DropReason, Stats};
use crate::export::Reason;
use crate::record::Trace;

macro_rules! tell {
    ($level:ident, $name:literal, $($field:tt)*) => {
        tracing::$level!(name: $name, target: "galtea", $($field)*)
    };
}

pub(super) fn delivered(job: &Job, traces: usize) {
    let inference_result_id = job.inference_result_id();
    tell!(
        debug,
        "galtea.traces_delivered",
        inference_result_id,
        traces,
        tries = job.tries,
        "traces delivered"
    );
}

pub(super) fn try_failed(job: &Job, reason: &Reason, wait: Duration) {
    let (inference_result_id, reason) = (job.inference_result_id(), reason.for_log());
    tell!(
        debug,
        "galtea.try_failed",
        inference_result_id,
        job.tries,
        reason,
        ?wait,
        "traces could not be sent yet, and will be sent again"
    );
}

pub(super) fn refused(job: &Job, reason: &Reason) {
    let (inference_result_id, reason) = (job.inference_result_id(), reason.for_log());
    tell!(
        warn,
        "galtea.traces_refused",
        inference_result_id,
        job.traces,
        reason,
        "the API refused the traces of an inference result, which are lost"
    );
}

pub(super) fn trace_refused(trace: &Trace<'_>, reason: &Reason) {
    let (inference_result_id, reason) = (trace.inference_result_id(), reason.for_log());
    tell!(warn, "galtea.trace_refused", trace_id = %trace.id(), inference_result_id, reason, "the API refused a trace, which is lost");
}

pub(super) fn dropped(inference_result_id: &str, traces: u64, reason: DropReason) {
    let (reason, advice) = (reason.as_str(), reason.advice());
    tell!(
        warn,
        "galtea.traces_dropped",
        inference_result_id,
        traces,
        reason,
        advice,
        "traces were given up, and are lost"
    );
}

pub(super) fn nameless_scopes(scopes: u64) {
    tell!(
        warn,
        "galtea.nameless_scopes",
        scopes,
        "scopes had an empty inference result id, and nothing was recorded in them; give `inference_result` the id that \
         Galtea has made"
    );
}

pub(super) fn malformed_ids(values: u64) {
    tell!(
        warn,
        "galtea.malformed_ids",
        values,
        "headers held no usable inference result id, and their requests are not recorded; an id is 1 to 256 visible \
         ASCII characters"
    );
}

pub(super) fn found(batches: usize, strangers: usize) {
    if batches + strangers > 0 {
        tell!(
            info,
            "galtea.traces_found",
            batches,
            strangers,
            "the spool holds batches of an earlier process, which are sent now"
        );
    }
}

pub(super) fn left(job: &Job, reason: &Reason) {
    let (inference_result_id, reason) = (job.inference_result_id(), reason.for_log());
    tell!(
        info,
        "galtea.traces_left",
        inference_result_id,
        job.traces,
        reason,
        "traces stay in the spool, and the next start sends them"
    );
}

pub(super) fn spool_trouble(trouble: &dyn Display) {
    tell!(warn, "galtea.spool_trouble", %trouble, "the spool cannot be used, so traces are sent from memory and a crash may lose them");
}

pub(super) fn set_aside(traces: usize, reason: &dyn Display) {
    tell!(warn, "galtea.spool_file_set_aside", traces, %reason, "a file in the spool could not be read as a batch, and went to its directory `set-aside`");
}

pub(super) fn stopped(stats: &Stats) {
    let Stats { delivered, refused, dropped, spooled, .. } = stats;
    tell!(info, "galtea.stopped", delivered, refused, dropped, spooled, "delivery of traces has ended");
}
