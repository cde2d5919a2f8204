//! The test binary as another process: it runs itself, with one of its ignored tests as the program.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::path::Path;
use std::process::{Child, Command, Stdio};

use galtea_runtime::{Builder, Galtea, synthetic};

const URL: &str = "TEST_URL";
const SPOOL: &str = "TEST_SPOOL";
const NUMBER: &str = "TEST_NUMBER";
/// A host that no name server knows.
pub(crate) const NAMED_HOST: &str = "galtea.test";

/// Starts the ignored test of this name in a process of its own. An empty path is no spool.
pub(crate) fn start(test: &str, url: &str, spool: &Path, number: u128) -> Child {
    command(test, url, spool, number).spawn().unwrap()
}

pub(crate) fn command(test: &str, url: &str, spool: &Path, number: u128) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(URL, url)
        .env(SPOOL, spool)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// In the child: the client that the parent wants, and a number. `None` when there is no parent.
pub(crate) fn client() -> Option<(Galtea, u128)> {
    let url = std::env::var(URL).ok()?;
    let spool = std::env::var_os(SPOOL)?;
    let number = std::env::var(NUMBER).ok()?.parse().ok()?;
    let builder = builder(&url).allow_http(NAMED_HOST);
    let builder = if spool.is_empty() { builder } else { builder.spool_dir(spool) };
    Some((builder.build().unwrap(), number))
}

pub(crate) fn builder(url: &str) -> Builder {
    let builder = Galtea::builder().environment(|_| None).api_key("gsk_hunter2").base_url(url);
    synthetic::impatient(builder)
}
