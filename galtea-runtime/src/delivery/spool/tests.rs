use super::*;
use crate::synthetic::{body, tree};
use tempfile::TempDir;

const LANE: u64 = 5;

fn settings(dir: &TempDir) -> SpoolSettings {
    SpoolSettings { dir: dir.path().join("spool"), max_bytes: 1 << 20, max_age: Duration::from_secs(3_600) }
}

fn open(dir: &TempDir, id: u64) -> (Spool, Found) {
    Spool::open(settings(dir), || id, SystemTime::now()).unwrap()
}

fn store(spool: &mut Spool, first: u128, traces: u128) -> Entry {
    spool.store(&tree("ir_1", first, traces), LANE, SystemTime::now()).unwrap()
}

fn files(dir: &TempDir) -> Vec<String> {
    let files = fs::read_dir(dir.path().join("spool")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_batch_is_read_back_as_it_was_and_its_file_is_the_body_of_a_request() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(&dir, 1);
    let batch = tree("ir_1", 1, 3);
    let entry = spool.store(&batch, LANE, SystemTime::now()).unwrap();
    assert_eq!(fs::read(spool.path(&entry.name)).unwrap(), body(&batch));
    assert_eq!(body(&spool.load(&entry).unwrap()), body(&batch));
    assert_eq!((entry.traces(), entry.lane()), (3, LANE));
}

#[test]
fn what_a_process_leaves_is_found_by_the_next_oldest_first_and_by_one_only() {
    let dir = tempfile::tempdir().unwrap();
    let (mut gone, _) = open(&dir, 1);
    for age in [1, 3, 2] {
        let made = SystemTime::now() - Duration::from_secs(age);
        gone.store(&tree("ir_1", 10 * u128::from(age), 2), LANE, made).unwrap();
    }
    drop(gone);
    let (heir, found) = open(&dir, 2);
    let ids: Vec<_> =
        found.entries.iter().map(|entry| heir.load(entry).unwrap().iter().next().unwrap().id()).collect();
    assert_eq!(ids, [30, 20, 10].map(crate::record::TraceId));
    let (_, none) = open(&dir, 3);
    assert!(none.entries.is_empty());
}

#[test]
fn a_process_that_lives_keeps_its_files_to_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (mut alive, _) = open(&dir, 1);
    store(&mut alive, 1, 2);
    let (_, found) = open(&dir, 2);
    assert!(found.entries.is_empty());
}

#[test]
fn nothing_is_left_when_all_is_delivered() {
    let dir = tempfile::tempdir().unwrap();
    let (mut gone, _) = open(&dir, 1);
    store(&mut gone, 1, 2);
    drop(gone);
    let (mut heir, found) = open(&dir, 2);
    let own = store(&mut heir, 10, 2);
    assert_eq!(files(&dir).len(), 4);
    heir.remove(&found.entries[0]).unwrap();
    heir.remove(&own).unwrap();
    heir.close();
    assert_eq!(files(&dir), [""; 0]);
}

#[test]
fn an_unfinished_file_of_a_process_that_is_gone_is_swept_and_one_of_a_living_process_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (gone, _) = open(&dir, 1);
    let (_alive, _) = open(&dir, 2);
    for owner in [1, 2] {
        let name = Name::new(SystemTime::now(), owner, 1, 1, LANE);
        fs::write(gone.path(&name).with_extension(UNFINISHED), "[{").unwrap();
    }
    drop(gone);
    let (_heir, found) = open(&dir, 3);
    assert!(found.entries.is_empty());
    let unfinished: Vec<_> = files(&dir).into_iter().filter(|name| name.contains(".tmp")).collect();
    assert!(unfinished.len() == 1 && unfinished[0].contains("-0000000000000002-"), "{unfinished:?}");
}

#[test]
fn damaged_files_are_told_apart_from_those_that_cannot_be_read_now() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(&dir, 1);
    let entry = store(&mut spool, 1, 3);
    let path = spool.path(&entry.name);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(spool.load(&entry), Err(LoadError::Damaged(_))));
    fs::write(&path, [&whole[..], b"and more"].concat()).unwrap();
    assert!(matches!(spool.load(&entry), Err(LoadError::Damaged(_))));
    fs::write(&path, body(&tree("ir_1", 1, 2))).unwrap();
    assert!(matches!(spool.load(&entry), Err(LoadError::Count(3))));
    fs::remove_file(&path).unwrap();
    assert!(matches!(spool.load(&entry), Err(LoadError::Gone)));
    fs::create_dir(&path).unwrap();
    assert!(matches!(spool.load(&entry), Err(LoadError::Io(_))));
}

#[test]
fn what_is_set_aside_is_kept_until_it_is_too_old() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(&dir, 1);
    let entry = store(&mut spool, 1, 3);
    spool.set_aside(&entry).unwrap();
    spool.close();
    assert_eq!(files(&dir), [SET_ASIDE]);
    let aside = || fs::read_dir(dir.path().join("spool").join(SET_ASIDE)).unwrap().count();
    let (spool, _) = Spool::open(settings(&dir), || 2, SystemTime::now()).unwrap();
    assert_eq!((aside(), spool.bytes), (1, entry.bytes));
    let later = SystemTime::now() + Duration::from_secs(7_200);
    let (spool, _) = Spool::open(settings(&dir), || 3, later).unwrap();
    assert_eq!((aside(), spool.bytes), (0, 0));
}

#[test]
fn a_full_spool_takes_no_more_until_something_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let size = u64::try_from(body(&tree("ir_1", 1, 1)).len()).unwrap();
    let settings = SpoolSettings { max_bytes: 2 * size, ..settings(&dir) };
    let (mut spool, _) = Spool::open(settings, || 1, SystemTime::now()).unwrap();
    let first = store(&mut spool, 1, 1);
    store(&mut spool, 2, 1);
    let third = spool.store(&tree("ir_1", 3, 1), LANE, SystemTime::now());
    assert!(matches!(third, Err(StoreError::Full)));
    spool.remove(&first).unwrap();
    store(&mut spool, 3, 1);
}

#[test]
fn strangers_are_counted_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(&dir, 1);
    let path = dir.path().join("spool").join("package.json");
    fs::write(&path, "{}").unwrap();
    spool.close();
    let (_, found) = open(&dir, 2);
    assert_eq!((found.strangers, found.entries.len()), (1, 0));
    assert!(path.exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(&dir, 1);
    let entry = store(&mut spool, 1, 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&spool.path(&entry.name)), 0o600);
    assert_eq!(mode(&spool.settings.dir), 0o700);
}

#[test]
fn many_who_start_at_once_share_the_directory_and_what_was_left_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut gone, _) = open(&dir, 1_000);
    for first in 0..40 {
        store(&mut gone, first * 10 + 1, 2);
    }
    drop(gone);
    let next = std::sync::atomic::AtomicU64::new(1);
    let start = std::sync::Barrier::new(8);
    let open_all = || {
        start.wait();
        let ids = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Spool::open(settings(&dir), ids, SystemTime::now()).unwrap()
    };
    let opened: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open_all)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let found: Vec<_> =
        opened.iter().flat_map(|(_, found)| found.entries.iter().map(|entry| entry.name)).collect();
    assert_eq!((found.len(), found.iter().map(Name::to_string).collect::<HashSet<_>>().len()), (40, 40));
}
