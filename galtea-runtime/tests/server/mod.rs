//! An API on loopback that keeps traces by id and misbehaves as a script says, down to the bytes on the wire.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use socket2::{Domain, SockRef, Socket, Type};

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Keeps the traces and says so.
    Keep,
    /// Keeps the traces, and gives this answer.
    KeepAnd(Answer),
    /// Keeps nothing, and gives this answer.
    Say(Answer),
    /// Keeps the traces but those at these positions, and says so.
    KeepBut(Vec<usize>),
    /// Keeps the traces, or says 409 when it has one of them.
    KeepOnce,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Whole {
        status: u16,
        headers: String,
        body: String,
    },
    /// These bytes, whatever they are, and then the end of the connection.
    Raw(String),
    /// A whole answer, a few bytes at a time.
    Slow(Duration),
    /// The connection is reset without a word.
    Reset,
    /// The connection is reset in the middle of the answer.
    ResetMidway,
    /// Never.
    Hang,
}

pub(crate) fn status(status: u16) -> Answer {
    Answer::Whole { status, headers: String::new(), body: r#"{"message":"as the script says"}"#.to_owned() }
}

pub(crate) fn status_with(status: u16, headers: &str) -> Answer {
    Answer::Whole { status, headers: format!("{headers}\r\n"), body: String::new() }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// From 1, over all connections.
    pub(crate) number: usize,
    pub(crate) head: String,
    pub(crate) is_array: bool,
    pub(crate) traces: Vec<Value>,
}

impl Request {
    fn ids(&self) -> impl Iterator<Item = String> {
        self.traces.iter().map(|trace| trace["id"].as_str().unwrap().to_owned())
    }
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

#[derive(Default)]
struct Book {
    /// How often each trace came in a request that was kept.
    kept: BTreeMap<String, u32>,
    requests: Vec<Request>,
}

pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    book: Mutex<Book>,
    keep_requests: bool,
    number: AtomicUsize,
    is_closed: AtomicBool,
}

impl Server {
    pub(crate) fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::closed(script, true).open()
    }

    /// Does not remember the requests themselves, of which there may be many.
    pub(crate) fn forgetful(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::closed(script, false).open()
    }

    /// Has an address, at which connections are refused until it is opened.
    pub(crate) fn closed(
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
        keep_requests: bool,
    ) -> Closed {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        let shared = Shared {
            script: Box::new(script),
            book: Mutex::default(),
            keep_requests,
            number: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
        };
        Closed { socket, shared: Arc::new(shared) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often each trace was kept.
    pub(crate) fn kept(&self) -> BTreeMap<String, u32> {
        self.shared.book.lock().unwrap().kept.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.book.lock().unwrap().requests.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

pub(crate) struct Closed {
    socket: Socket,
    shared: Arc<Shared>,
}

impl Closed {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.socket.local_addr().unwrap().as_socket().unwrap())
    }

    pub(crate) fn open(self) -> Server {
        self.socket.listen(128).unwrap();
        let listener = TcpListener::from(self.socket);
        let (address, shared) = (listener.local_addr().unwrap(), Arc::clone(&self.shared));
        thread::spawn(move || accept(&listener, &shared));
        Server { address, shared: self.shared }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_closed.load(Ordering::Relaxed) {
            return;
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || stream.and_then(|stream| serve(stream, &shared)));
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read(&mut reader, shared)? {
        if shared.keep_requests {
            shared.book.lock().unwrap().requests.push(request.clone());
        }
        let answer = shared.act(&request, (shared.script)(&request));
        if !write(&mut stream, &answer, shared)? {
            return Ok(());
        }
    }
    Ok(())
}

impl Shared {
    fn act(&self, request: &Request, reply: Reply) -> Answer {
        match reply {
            Reply::KeepBut(positions) => self.keep(request, &positions),
            Reply::KeepAnd(answer) => {
                self.keep(request, &[]);
                answer
            }
            Reply::KeepOnce if self.knows(request) => status(409),
            Reply::Keep | Reply::KeepOnce => self.keep(request, &[]),
            Reply::Say(answer) => answer,
        }
    }

    fn knows(&self, request: &Request) -> bool {
        let book = self.book.lock().unwrap();
        request.ids().any(|id| book.kept.contains_key(&id))
    }

    fn keep(&self, request: &Request, but: &[usize]) -> Answer {
        let mut book = self.book.lock().unwrap();
        for (index, id) in request.ids().enumerate() {
            if !but.contains(&index) {
                *book.kept.entry(id).or_default() += 1;
            }
        }
        let errors = but.iter().map(|index| format!(r#"{{"index":{index},"reason":"not this one"}}"#));
        let errors = errors.collect::<Vec<_>>().join(",");
        let rejected = but.len();
        let body =
            format!(r#"{{"spans":[],"partialSuccess":{{"rejectedSpans":{rejected},"errors":[{errors}]}}}}"#);
        Answer::Whole { status: 200, headers: String::new(), body }
    }
}

fn read(reader: &mut BufReader<TcpStream>, shared: &Shared) -> io::Result<Option<Request>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let value: Value = serde_json::from_slice(&body).unwrap();
    let is_array = value.is_array();
    let traces = if is_array { value } else { value["traces"].clone() };
    let Value::Array(traces) = traces else { panic!("no traces: {head}") };
    let number = shared.number.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(Some(Request { number, head, is_array, traces }))
}

/// Returns whether the connection goes on.
fn write(stream: &mut TcpStream, answer: &Answer, shared: &Shared) -> io::Result<bool> {
    let whole = |status: u16, headers: &str, body: &str| {
        format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
    };
    match answer {
        Answer::Whole { status, headers, body } => {
            stream.write_all(whole(*status, headers, body).as_bytes())?;
            Ok(true)
        }
        Answer::Raw(bytes) => {
            stream.write_all(bytes.as_bytes())?;
            stream.shutdown(Shutdown::Both)?;
            Ok(false)
        }
        Answer::Slow(pause) => {
            for piece in whole(200, "", "[]").as_bytes().chunks(8) {
                stream.write_all(piece)?;
                thread::sleep(*pause);
            }
            Ok(true)
        }
        Answer::Reset => reset(stream),
        Answer::ResetMidway => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"spans\":[")?;
            reset(stream)
        }
        Answer::Hang => {
            while !shared.is_closed.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
            Ok(false)
        }
    }
}

/// Closing with no time to linger resets the connection.
fn reset(stream: &TcpStream) -> io::Result<bool> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
    Ok(false)
}
