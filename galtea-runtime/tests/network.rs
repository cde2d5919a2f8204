//! Where requests go, with which credentials, and that nothing is printed.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod child;
mod server;

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use galtea_runtime::synthetic;
use server::{Reply, Request, Server, status};

const TRACES: usize = 3;

/// Runs a client in a process with these variables, and returns what that process printed.
fn run(url: &str, spool: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = child::command("child", url, spool, 1);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn variables(proxy: &Server) -> [(&'static str, String); 2] {
    [("HTTP_PROXY", proxy.url()), ("ALL_PROXY", proxy.url())]
}

fn heads(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|request| request.head).collect()
}

#[test]
fn loopback_is_never_sent_through_a_proxy() {
    let (server, proxy) = (Server::start(|_| Reply::Keep), Server::start(|_| Reply::Keep));
    let variables = variables(&proxy);
    run(&server.url(), Path::new(""), &variables.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!((server.kept().len(), proxy.requests().len()), (TRACES, 0));
}

#[test]
fn another_host_is_reached_through_the_proxy_that_the_environment_names() {
    let proxy = Server::start(|_| Reply::Keep);
    let variables = variables(&proxy);
    let url = format!("http://{}", child::NAMED_HOST);
    run(&url, Path::new(""), &variables.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert!(heads(&proxy)[0].starts_with("POST http://galtea.test/traces/batch?includeRejected=true "));
}

#[test]
fn the_key_is_sent_and_no_password_that_a_netrc_file_has() {
    let (server, home) = (Server::start(|_| Reply::Keep), tempfile::tempdir().unwrap());
    let netrc = home.path().join(".netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login ada password hunter3\n").unwrap();
    run(
        &server.url(),
        Path::new(""),
        &[("HOME", home.path().to_str().unwrap()), ("NETRC", netrc.to_str().unwrap())],
    );
    let head = heads(&server)[0].to_ascii_lowercase();
    let credentials: Vec<_> = head.lines().filter(|line| line.contains("authorization")).collect();
    assert_eq!(credentials, ["authorization: bearer gsk_hunter2"]);
}

#[test]
fn nothing_is_printed_whatever_happens() {
    let script = |request: &Request| match request.number {
        1 => Reply::Say(status(503)),
        2 => Reply::Say(status(413)),
        _ => Reply::KeepBut(vec![0]),
    };
    let (server, file) = (Server::start(script), tempfile::NamedTempFile::new().unwrap());
    // A spool that cannot be used either.
    let output = run(&server.url(), &file.path().join("spool"), &[]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = printed.lines().filter(|line| !line.is_empty()).collect();
    let of_the_harness = |line: &&str| line.starts_with("running 1 test") || line.starts_with("test ");
    assert!(lines.iter().all(of_the_harness), "{printed}");
}

#[test]
fn the_key_is_in_no_file() {
    let (server, dir) = (Server::start(|_| Reply::Say(status(503))), tempfile::tempdir().unwrap());
    run(&server.url(), dir.path(), &[]);
    let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path());
    let (mut batches, mut text) = (0, Vec::new());
    for file in files {
        batches += usize::from(file.extension().is_some_and(|extension| extension == "json"));
        text.extend(std::fs::read(file).unwrap());
    }
    assert_eq!(batches, 1);
    assert!(!String::from_utf8(text).unwrap().contains("hunter2"));
}

#[test]
fn over_https_not_a_byte_goes_out_in_the_clear() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let galtea = child::builder(&url).retry_for(Duration::from_millis(1)).build().unwrap();
    synthetic::submit(&galtea, synthetic::tree("ir_1", 1, 3));
    let (mut stream, _) = listener.accept().unwrap();
    let mut hello = vec![0; 4_096];
    let length = stream.read(&mut hello).unwrap();
    drop((stream, listener));
    let report = galtea.flush_blocking(Duration::from_secs(20));
    assert_eq!(report.stats.dropped, 3);
    // The first byte of a TLS handshake.
    assert_eq!(hello[0], 0x16);
    let text = String::from_utf8_lossy(&hello[..length]).into_owned();
    assert!(!text.contains("hunter2") && !text.contains("ir_1"));
}

/// Records one tree and ends.
#[test]
#[ignore = "a program that the other tests run"]
fn child() {
    let Some((galtea, first)) = child::client() else { return };
    synthetic::submit(&galtea, synthetic::tree("ir_1", first, u128::try_from(TRACES).unwrap()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _ = runtime.block_on(galtea.shutdown());
}
