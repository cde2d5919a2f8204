//! Disks that are full or cannot be written. Needs the right to mount: `scripts/delivery-long.sh` runs it in a namespace
//! where everybody has it.
#![cfg(all(target_os = "linux", feature = "http"))]
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod child;
mod server;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use galtea_runtime::{Galtea, Stats, synthetic};
use server::{Reply, Server, status};

const TIMEOUT: Duration = Duration::from_secs(60);

/// A file system in memory, as long as the value lives.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(size: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], dir.path());
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

fn mount(arguments: &[&str], path: &Path) {
    assert!(Command::new("mount").args(arguments).arg(path).status().unwrap().success());
}

/// A server that is busy until it is told to be well.
fn server() -> (Server, Arc<AtomicBool>) {
    let is_well = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_well);
    let script =
        move |_: &_| if seen.load(Ordering::Relaxed) { Reply::Keep } else { Reply::Say(status(503)) };
    (Server::forgetful(script), is_well)
}

fn client(server: &Server, spool: &Path) -> Galtea {
    child::builder(&server.url()).spool_dir(spool).flush_timeout(TIMEOUT).build().unwrap()
}

fn wait_for(galtea: &Galtea, what: impl Fn(&Stats) -> bool) -> Stats {
    for _ in 0..60_000 {
        let stats = galtea.stats();
        if what(&stats) {
            return stats;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("{}", galtea.stats());
}

#[test]
#[ignore = "needs the right to mount: scripts/delivery-long.sh"]
fn on_a_full_disk_what_does_not_fit_is_sent_from_memory_and_nothing_is_lost() {
    let (disk, (server, is_well)) = (Disk::of("256k"), server());
    let galtea = client(&server, disk.path());
    for result in 0..400 {
        synthetic::submit(&galtea, synthetic::tree(&format!("ir_{result}"), result * 10 + 1, 5));
    }
    let stats = wait_for(&galtea, |stats| stats.spooled > 0 && stats.spooled + stats.pending == 2_000);
    assert!(stats.pending > 500, "the disk was not full: {stats}");
    let trouble = galtea.flush_blocking(Duration::ZERO).spool_trouble.unwrap();
    assert!(trouble.contains("No space left"), "{trouble}");
    is_well.store(true, Ordering::Relaxed);
    assert_eq!(wait_for(&galtea, |stats| stats.delivered == 2_000).traces, 2_000);
    drop(galtea);
    assert_eq!(std::fs::read_dir(disk.path()).unwrap().count(), 0);
    assert!(server.kept().values().all(|times| *times == 1));
}

#[test]
#[ignore = "needs the right to mount: scripts/delivery-long.sh"]
fn a_directory_that_cannot_be_written_is_left_as_it_is_and_delivery_goes_on_from_memory() {
    let (disk, (server, is_well)) = (Disk::of("1m"), server());
    let galtea = client(&server, disk.path());
    synthetic::submit(&galtea, synthetic::tree("left", 1, 5));
    wait_for(&galtea, |stats| stats.spooled == 5);
    drop(galtea);
    mount(&["-o", "remount,ro"], disk.path());
    is_well.store(true, Ordering::Relaxed);
    let galtea = client(&server, disk.path());
    synthetic::submit(&galtea, synthetic::tree("new", 10, 3));
    let report = galtea.flush_blocking(TIMEOUT);
    assert_eq!((report.stats.traces, report.stats.delivered), (3, 3));
    assert!(report.spool_trouble.unwrap().contains("Read-only file system"));
    drop(galtea);
    mount(&["-o", "remount,rw"], disk.path());
    let galtea = client(&server, disk.path());
    wait_for(&galtea, |stats| stats.delivered == 5);
    assert!(server.kept().len() == 8 && server.kept().values().all(|times| *times == 1));
}
