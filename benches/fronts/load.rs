//! A load of requests over kept connections, on a thread of its own.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use alidns_contract::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::task::JoinSet;

use crate::support;

/// Requests as they go over the wire, spelled and signed before the time is taken.
pub struct Load(Vec<Vec<Vec<u8>>>);

impl Load {
    /// `count` requests over `connections`, spread over the tasks below `tasks`; their nonces are numbered from
    /// `first` on.
    pub fn new(connections: usize, tasks: usize, first: usize, count: usize) -> Self {
        let mut requests = vec![Vec::new(); connections];
        for number in 0..count {
            let request = support::request(number * STRIDE % tasks, first + number);
            requests[number % connections].push(on_the_wire(&request));
        }
        Self(requests)
    }

    /// Sends all of it to `address`, and says how many requests were answered in a second, and how long each took.
    ///
    /// # Panics
    /// Where an answer is not the stored one: the figures would be of something else.
    pub fn send(self, address: SocketAddr) -> (f64, Vec<Duration>) {
        let requests: usize = self.0.iter().map(Vec::len).sum();
        let sending = thread::spawn(move || {
            let client = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
            client.block_on(send_all(self.0, address))
        });
        let (took, times) = sending.join().expect("every request is answered");
        (requests as f64 / took.as_secs_f64(), times)
    }
}

async fn send_all(connections: Vec<Vec<Vec<u8>>>, address: SocketAddr) -> (Duration, Vec<Duration>) {
    let mut opened = Vec::new();
    for requests in connections {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("the socket is open");
        opened.push((stream, requests));
    }
    let start = Instant::now();
    let sending: JoinSet<_> = opened.into_iter().map(|(stream, requests)| send_in_turn(stream, requests)).collect();
    let times = sending.join_all().await.concat();
    (start.elapsed(), times)
}

async fn send_in_turn(mut stream: TcpStream, requests: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut times = Vec::with_capacity(requests.len());
    let wanted = support::answer().body;
    let mut answer = Vec::with_capacity(4096);
    for request in requests {
        let start = Instant::now();
        stream.write_all(&request).await.expect("the server reads");
        read_answer(&mut stream, &mut answer).await.expect("the server answers");
        times.push(start.elapsed());
        let right = answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(&wanted);
        assert!(right, "{}", String::from_utf8_lossy(&answer));
    }
    times
}

async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<()> {
    answer.clear();
    while missing(answer) > 0 {
        if stream.read_buf(answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// How many bytes an answer lacks at the least; all answers have a `Content-Length`.
fn missing(answer: &[u8]) -> usize {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return 1 };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").expect("the answer says its length");
    let length: usize = length.lines().next().and_then(|digits| digits.parse().ok()).expect("a length is a number");
    (end + 4 + length).saturating_sub(answer.len())
}

fn on_the_wire(request: &Request) -> Vec<u8> {
    let raw = request.raw();
    let line = [raw.method.as_bytes(), b" ", &raw.target, b" HTTP/1.1\r\n"].concat();
    let headers = raw.headers.iter().flat_map(|(name, value)| [name.as_bytes(), b": ", value, b"\r\n"].concat());
    line.into_iter().chain(headers).chain(*b"\r\n").collect()
}

/// As many as the figures of throughput are for.
pub const CONNECTIONS: usize = 16;

/// A prime that divides no size, so that neighbours do not ask for neighbouring tasks.
const STRIDE: usize = 7919;
