//! Over TLS, with the certificates that the system trusts and no others.
#![cfg(all(target_os = "linux", feature = "http"))]
#![expect(clippy::unwrap_used, reason = "tests")]

mod child;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use galtea_runtime::synthetic;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// For `localhost` and `127.0.0.1`, signed by itself, and valid until 2126.
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/certificate.pem");
/// For the same names, and not the server's.
const SOMEBODY_ELSE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/other.pem");
const KEY: &[u8] = include_bytes!("certificates/key.der");

/// Answers every request with an empty array, and sends the heads of the requests here.
fn server() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let (address, config) = (listener.local_addr().unwrap(), config());
    let (heads, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (heads, config) = (heads.clone(), Arc::clone(&config));
            thread::spawn(move || stream.and_then(|stream| serve(stream, config, &heads)));
        }
    });
    (address, received)
}

fn config() -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, heads: &Sender<String>) -> io::Result<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(config).map_err(io::Error::other)?, stream);
    let head = {
        let mut reader = BufReader::with_capacity(1, &mut stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head)?;
        }
        head
    };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    stream.read_exact(&mut vec![0; length.unwrap_or(0)])?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]")?;
    let _ = heads.send(head);
    Ok(())
}

fn run(host: &str, port: u16, trusted: &str) -> String {
    let mut command = child::command("child", &format!("https://{host}:{port}"), Path::new(""), 1);
    let output = command.env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().find_map(|line| line.strip_prefix("report: ")).unwrap().to_owned()
}

#[test]
fn a_certificate_that_the_system_trusts_is_good_for_its_host() {
    let (address, heads) = server();
    assert_eq!(run("127.0.0.1", address.port(), CERTIFICATE), "3 of 3 traces delivered");
    assert!(heads.try_recv().unwrap().contains("Bearer gsk_hunter2"));
}

#[test]
fn a_certificate_that_the_system_does_not_trust_gets_neither_key_nor_traces() {
    let (address, heads) = server();
    let report = run("127.0.0.1", address.port(), SOMEBODY_ELSE);
    assert_eq!(report, "0 of 3 traces delivered, 3 still to be sent");
    assert!(heads.try_recv().is_err());
}

#[test]
fn a_certificate_for_another_host_gets_neither_key_nor_traces() {
    let (address, heads) = server();
    let report = run("127.0.0.2", address.port(), CERTIFICATE);
    assert_eq!(report, "0 of 3 traces delivered, 3 still to be sent");
    assert!(heads.try_recv().is_err());
}

/// Records one tree, and tells what became of it in a second.
#[test]
#[ignore = "a program that the other tests run"]
fn child() {
    let Some((galtea, first)) = child::client() else { return };
    synthetic::submit(&galtea, synthetic::tree("ir_1", first, 3));
    let report = galtea.flush_blocking(Duration::from_secs(1));
    writeln!(io::stdout(), "\nreport: {report}").unwrap();
    // A drop would wait for longer.
    std::mem::forget(galtea);
}
