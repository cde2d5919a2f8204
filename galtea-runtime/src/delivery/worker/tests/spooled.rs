use std::fs;

use super::*;
use crate::delivery::report::{DropReason, Loss};
use crate::synthetic::tree;
use tempfile::{TempDir, tempdir};

fn batches(dir: &TempDir) -> Vec<String> {
    let names =
        fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains(".json")).collect();
    names.sort();
    names
}

/// Leaves batches in the spool, as a process does that cannot reach the API.
async fn leave(dir: &TempDir, batches: impl IntoIterator<Item = Batch>) {
    let bench = Bench::start(spooling(dir.path()), |_, _| retry());
    batches.into_iter().for_each(|batch| bench.submit(batch));
    let report = bench.stop(60 * SECOND).await;
    assert_eq!(report.stats.traces, report.stats.spooled);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_on_disk_when_it_is_first_sent_and_gone_when_it_is_taken() {
    let dir = tempdir().unwrap();
    let path = dir.path().to_owned();
    let bench = Bench::start(spooling(dir.path()), move |batch, _| {
        let files = fs::read_dir(&path).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        let on_disk = files.into_iter().any(|file| file == crate::synthetic::body(batch));
        if on_disk { Answer::Take } else { Answer::Panic }
    });
    bench.submit(tree("ir_1", 1, 3));
    let report = bench.flush(60 * SECOND).await;
    assert_eq!((parts(&report.stats), batches(&dir).len()), ([3, 3, 0, 0, 0, 0], 0));
    bench.stop(SECOND).await.into_result().unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_day_offline_loses_nothing() {
    let dir = tempdir().unwrap();
    let bench =
        Bench::start(spooling(dir.path()), |_, number| if number < 500 { retry() } else { Answer::Take });
    bench.submit(tree("ir_1", 1, 3));
    tokio::time::sleep(600 * SECOND).await;
    assert_eq!(parts(&bench.stats()), [3, 0, 0, 0, 3, 0]);
    tokio::time::sleep(86_400 * SECOND).await;
    assert_eq!((parts(&bench.stats()), batches(&dir).len()), ([3, 3, 0, 0, 0, 0], 0));
}

#[tokio::test(start_paused = true)]
async fn the_next_start_sends_what_it_finds_the_oldest_first() {
    let dir = tempdir().unwrap();
    leave(&dir, [tree("ir_1", 1, 2)]).await;
    std::thread::sleep(Duration::from_millis(2));
    leave(&dir, [tree("ir_2", 10, 3)]).await;
    let bench = Bench::start(spooling(dir.path()), |_, _| Answer::Take);
    settle().await;
    assert_eq!(parts(&bench.stats()), [5, 5, 0, 0, 0, 0]);
    assert_eq!(bench.tries().into_iter().map(|one| one.ids[0]).collect::<Vec<_>>(), [1, 10]);
    bench.stop(SECOND).await.into_result().unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_new_goes_before_what_was_found() {
    let dir = tempdir().unwrap();
    leave(&dir, (1..=20).map(|id| tree(&format!("ir_{id}"), id, 1))).await;
    let bench = Bench::start(spooling(dir.path()), |_, _| Answer::After(SECOND, Box::new(Answer::Take)));
    settle().await;
    bench.submit(tree("new", 100, 1));
    let start = Instant::now();
    assert!(bench.flush(60 * SECOND).await.stats.spooled > 0);
    assert!(start.elapsed() < 3 * SECOND);
    assert_eq!(bench.stop(60 * SECOND).await.stats.spooled, 0);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_on_what_an_earlier_process_left_means_that_it_had_been_delivered() {
    let dir = tempdir().unwrap();
    leave(&dir, [tree("ir_1", 1, 2)]).await;
    let bench = Bench::start(spooling(dir.path()), |_, _| conflict());
    let report = bench.stop(SECOND).await;
    assert_eq!((parts(&report.stats), batches(&dir).len()), ([2, 2, 0, 0, 0, 0], 0));
}

#[tokio::test(start_paused = true)]
async fn offline_a_flush_and_a_shutdown_do_not_wait_for_what_is_safe_on_disk() {
    let dir = tempdir().unwrap();
    let bench = Bench::start(spooling(dir.path()), |_, _| retry());
    bench.submit(tree("ir_1", 1, 2));
    let start = Instant::now();
    let report = bench.flush(600 * SECOND).await;
    assert_eq!(parts(&report.stats), [2, 0, 0, 0, 2, 0]);
    let report = bench.stop(600 * SECOND).await;
    assert_eq!(report.into_result().unwrap().spooled, 2);
    assert!(start.elapsed() < 10 * SECOND, "{:?}", start.elapsed());
    assert_eq!(batches(&dir).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_leaves_traces_in_the_spool_and_is_not_tried_with_every_file() {
    let dir = tempdir().unwrap();
    leave(&dir, (1..=50).map(|id| tree(&format!("ir_{id}"), id, 1))).await;
    let bench = Bench::start(spooling(dir.path()), |_, _| set_up_wrong());
    settle().await;
    let tried = bench.tries().len();
    assert!((1..=8).contains(&tried), "{tried}");
    let report = bench.stop(SECOND).await;
    assert_eq!((parts(&report.stats), batches(&dir).len()), ([50, 0, 0, 0, 50, 0], 50));
}

#[tokio::test(start_paused = true)]
async fn without_a_spool_a_wrong_key_is_a_refusal() {
    let bench = Bench::start(settings(), |_, _| set_up_wrong());
    bench.submit(tree("ir_1", 1, 2));
    let lost = Loss::Refused { traces: 2, reason: "wrong key".to_owned() };
    assert_eq!(bench.flush(SECOND).await.stats.losses, [lost]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_leaves_the_spool() {
    let dir = tempdir().unwrap();
    let bench = Bench::start(spooling(dir.path()), |_, _| Answer::Fail(ExportError::refused("no")));
    bench.submit(tree("ir_1", 1, 2));
    let report = bench.flush(SECOND).await;
    assert_eq!((parts(&report.stats), batches(&dir).len()), ([2, 0, 2, 0, 0, 0], 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_dropped_and_counted() {
    let dir = tempdir().unwrap();
    leave(&dir, [tree("ir_1", 1, 2)]).await;
    std::thread::sleep(Duration::from_millis(3));
    let mut settings = spooling(dir.path());
    settings.spool.as_mut().unwrap().max_age = Duration::from_millis(1);
    let bench = Bench::start(settings, |_, _| Answer::Take);
    let report = bench.stop(SECOND).await;
    let lost = Loss::Dropped { traces: 2, reason: DropReason::SpoolExpired };
    assert_eq!((report.stats.losses, batches(&dir).len()), (vec![lost], 0));
}

#[tokio::test(start_paused = true)]
async fn damaged_files_are_set_aside_and_counted_and_the_others_are_sent() {
    let dir = tempdir().unwrap();
    leave(&dir, (1..=3).map(|id| tree(&format!("ir_{id}"), id * 10, 2))).await;
    let damaged = dir.path().join(&batches(&dir)[1]);
    let whole = fs::read(&damaged).unwrap();
    fs::write(&damaged, &whole[..100]).unwrap();
    fs::write(dir.path().join("README"), "not yours").unwrap();
    let bench = Bench::start(spooling(dir.path()), |_, _| Answer::Take);
    let report = bench.stop(SECOND).await;
    assert_eq!((parts(&report.stats), report.stats.set_aside_files), ([6, 4, 0, 2, 0, 0], 2));
    assert_eq!(fs::read_dir(dir.path().join("set-aside")).unwrap().count(), 1);
    assert!(dir.path().join("README").exists());
}

#[tokio::test(start_paused = true)]
async fn without_a_usable_directory_delivery_goes_on_from_memory_and_says_so() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let bench = Bench::start(spooling(&file.join("spool")), |_, _| Answer::Take);
    bench.submit(tree("ir_1", 1, 2));
    let report = bench.flush(SECOND).await;
    assert_eq!(parts(&report.stats), [2, 2, 0, 0, 0, 0]);
    assert!(
        report.to_string().contains("the spool could not be used, so a crash may lose traces: "),
        "{report}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_becomes_usable_is_used() {
    let dir = tempdir().unwrap();
    let spool = dir.path().join("spool");
    fs::write(&spool, "").unwrap();
    let bench = Bench::start(spooling(&spool), |_, _| retry());
    bench.submit(tree("ir_1", 1, 2));
    settle().await;
    assert_eq!(parts(&bench.stats()), [2, 0, 0, 0, 0, 2]);
    fs::remove_file(&spool).unwrap();
    tokio::time::sleep(31 * SECOND).await;
    bench.submit(tree("ir_2", 10, 3));
    settle().await;
    assert_eq!(parts(&bench.stats()), [5, 0, 0, 0, 3, 2]);
    assert_eq!(bench.flush(Duration::ZERO).await.spool_trouble, None);
}

#[tokio::test(start_paused = true)]
async fn a_full_spool_is_no_loss_as_long_as_the_api_takes_traces() {
    let dir = tempdir().unwrap();
    let mut settings = spooling(dir.path());
    settings.spool.as_mut().unwrap().max_bytes = 10;
    let bench = Bench::start(settings, |_, _| Answer::Take);
    bench.submit(tree("ir_1", 1, 2));
    let report = bench.flush(SECOND).await;
    assert_eq!(parts(&report.stats), [2, 2, 0, 0, 0, 0]);
    assert!(report.spool_trouble.unwrap().contains("spool_max_bytes"));
}

#[tokio::test(start_paused = true)]
async fn what_waits_on_disk_takes_no_memory() {
    let dir = tempdir().unwrap();
    let settings = DeliverySettings { max_queue_bytes: 1 << 20, ..spooling(dir.path()) };
    let bench = Bench::start(settings, |_, number| if number < 400 { retry() } else { Answer::Take });
    for id in 1..=300 {
        bench.submit(tree(&format!("ir_{id}"), id * 100, 50));
        settle().await;
    }
    assert!(bench.budget.used() < 1 << 19, "{}", bench.budget.used());
    tokio::time::sleep(600 * SECOND).await;
    assert_eq!((parts(&bench.stats()), bench.budget.used()), ([15_000, 15_000, 0, 0, 0, 0], 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_too_large_for_the_server_is_split_on_disk_too() {
    let dir = tempdir().unwrap();
    let bench =
        Bench::start(spooling(dir.path()), |batch, _| if batch.len() > 3 { too_large() } else { retry() });
    bench.submit(tree("ir_1", 1, 10));
    let report = bench.stop(600 * SECOND).await;
    assert_eq!(parts(&report.stats), [10, 0, 0, 0, 10, 0]);
    let mut ids = Vec::new();
    for name in batches(&dir) {
        let batch = crate::decode::batch(&fs::read(dir.path().join(name)).unwrap()).unwrap();
        ids.extend(batch.iter().map(|trace| trace.id().0));
    }
    ids.sort_unstable();
    assert_eq!(ids, (1..=10).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_file_that_somebody_removed_is_a_loss_that_is_told() {
    let dir = tempdir().unwrap();
    let bench = Bench::start(spooling(dir.path()), |_, _| retry());
    bench.submit(tree("ir_1", 1, 2));
    settle().await;
    fs::remove_file(dir.path().join(&batches(&dir)[0])).unwrap();
    tokio::time::sleep(10 * SECOND).await;
    let stats = bench.stats();
    assert_eq!(stats.losses, [Loss::Dropped { traces: 2, reason: DropReason::SpoolDamaged }]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_removed_is_told_and_is_not_sent_again() {
    let dir = tempdir().unwrap();
    let path = dir.path().to_owned();
    let bench = Bench::start(spooling(dir.path()), move |_, _| {
        for file in fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "json") {
                fs::remove_file(&file).unwrap();
                fs::create_dir(&file).unwrap();
            }
        }
        Answer::Take
    });
    bench.submit(tree("ir_1", 1, 2));
    let report = bench.flush(SECOND).await;
    assert_eq!((parts(&report.stats), bench.tries().len()), ([2, 2, 0, 0, 0, 0], 1));
    assert!(report.to_string().contains("the spool could not be used"), "{report}");
}
