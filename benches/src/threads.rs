//! What the kernel says of threads. On systems without `/proc` it says nothing.

use std::fs;

/// Nanoseconds that all threads of this name have run.
pub fn run_nanos(name: &str) -> Option<u64> {
    let tasks = fs::read_dir("/proc/self/task").ok()?.flatten().map(|task| task.path());
    let named =
        tasks.filter(|task| fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim_end() == name));
    Some(named.filter_map(|task| times(&task.join("schedstat").to_string_lossy())).map(|(run, _)| run).sum())
}

/// Nanoseconds that this thread has run, and that it was ready to run while others did.
pub fn own_times() -> Option<(u64, u64)> {
    times("/proc/thread-self/schedstat")
}

fn times(path: &str) -> Option<(u64, u64)> {
    let text = fs::read_to_string(path).ok()?;
    let mut numbers = text.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
