//! A server on the loopback interface that answers as it is told and keeps what it was asked.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it; helpers of tests fail as tests do"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;

/// What a client asked. Header names are in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: serde_json::Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A status and a JSON body.
pub(crate) type Reply = (u16, serde_json::Value);

/// Answers one connection after the other, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    asked: mpsc::Receiver<Request>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn answering(answer: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming() {
                // A connection without a request is the one that `drop` makes.
                let Some(request) = read(connection.as_ref().unwrap()) else { return };
                let answer = answer(&request);
                // Told first: whoever has the answer may ask what was asked.
                tell.send(request).unwrap();
                reply(&connection.unwrap(), &answer);
            }
        });
        Self { address, asked, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.asked.try_iter().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the scripted server panicked");
        }
    }
}

fn read(connection: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(connection);
    let mut first = String::new();
    lines.read_line(&mut first).ok().filter(|bytes| *bytes > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request {
        method: first.split(' ').next()?.to_owned(),
        target: first.split(' ').nth(1)?.to_owned(),
        headers,
        body: serde_json::Value::Null,
    };
    let mut body = vec![0; request.header("content-length").map_or(0, |length| length.parse().unwrap())];
    lines.read_exact(&mut body).unwrap();
    request.body = serde_json::from_slice(&body).unwrap_or_default();
    Some(request)
}

fn reply(mut connection: &TcpStream, (status, body): &Reply) {
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
}
