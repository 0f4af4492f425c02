//! The hyper front against raw sockets: exact targets, limits, and clients that behave badly.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alidns_contract::front::{Front, Handler, Limits, Unreadable};
use alidns_contract::wire::{Headers, RawRequest, Response, Spelling};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Answers every request with its target, and keeps all that it got.
#[derive(Default)]
struct Echo {
    requests: Mutex<Vec<RawRequest>>,
    unreadable: Mutex<Vec<Unreadable>>,
}

impl Handler for Echo {
    async fn answer(&self, request: RawRequest) -> Response {
        let body = request.target.clone();
        self.requests.lock().expect("no test panics with the lock").push(request);
        Response { status: 200, headers: Headers::new(), body }
    }

    fn note(&self, unreadable: Unreadable) {
        self.unreadable.lock().expect("no test panics with the lock").push(unreadable);
    }
}

impl Echo {
    fn targets(&self) -> Vec<Vec<u8>> {
        self.requests
            .lock()
            .expect("no test panics with the lock")
            .iter()
            .map(|request| request.target.clone())
            .collect()
    }

    fn bodies(&self) -> Vec<Vec<u8>> {
        self.requests.lock().expect("no test panics with the lock").iter().map(|request| request.body.clone()).collect()
    }

    fn unreadable(&self) -> Vec<Unreadable> {
        self.unreadable.lock().expect("no test panics with the lock").clone()
    }
}

async fn open(limits: Limits) -> (Front, Arc<Echo>) {
    let echo = Arc::new(Echo::default());
    let front = Front::open_within(limits, ANY_PORT, echo.clone()).await.expect("loopback has a free port");
    (front, echo)
}

/// Limits short enough to be waited for.
fn short() -> Limits {
    let moment = Duration::from_millis(200);
    Limits { head_time: moment, body_time: moment, write_time: moment, close_time: moment, ..Limits::default() }
}

fn connect(front: &Front) -> TcpStream {
    let socket = TcpStream::connect(front.address()).expect("the front listens");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("the socket is open");
    socket
}

/// Sends `bytes`, says that nothing follows, and reads until the front hangs up.
fn exchange(front: &Front, bytes: impl AsRef<[u8]>) -> String {
    let mut socket = connect(front);
    socket.write_all(bytes.as_ref()).expect("the socket is open");
    socket.shutdown(Shutdown::Write).expect("the socket is open");
    rest(socket)
}

fn rest(mut socket: TcpStream) -> String {
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("the socket is open");
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(target: &[u8]) -> Vec<u8> {
    [b"GET ", target, b" HTTP/1.1\r\nHost: h\r\n\r\n"].concat()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_is_exactly_as_sent() {
    let (front, echo) = open(Limits::default()).await;
    let targets: [&[u8]; 9] = [
        b"/",
        b"/?",
        b"/?Domain='(a)!*~'&B=%2a%2A+%20",
        b"/?Fragment=a#b?c=d",
        "/?Text=é测试😀".as_bytes(),
        b"/a/../b/./c//d?e",
        b"http://alidns.aliyuncs.com/?Action=Describe'#x",
        b"*",
        b"/?a=[]{}|\\^`",
    ];

    for target in targets {
        let answer = exchange(&front, get(target));
        assert_eq!(status(&answer), "200", "{} {answer}", target.escape_ascii());
    }

    assert_eq!(echo.targets(), targets);
    assert!(echo.requests.lock().unwrap().iter().all(|request| request.spelling == Spelling::AsSent));
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_keep_their_spelling_order_and_repeats() {
    let (front, echo) = open(Limits::default()).await;

    exchange(&front, "GET / HTTP/1.1\r\nhOST: h\r\nX-Acs-B: 2 \r\nx-acs-a:\r\nX-ACS-B: 1\r\n\r\n");

    let requests = echo.requests.lock().unwrap();
    let headers: Vec<_> = requests[0].headers.iter().collect();
    assert_eq!(headers, [("hOST", &b"h"[..]), ("X-Acs-B", b"2"), ("x-acs-a", b""), ("X-ACS-B", b"1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_reaches_the_handler() {
    let (front, echo) = open(Limits::default()).await;
    let methods = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "get", "PURGE-X"];

    for method in methods {
        exchange(&front, format!("{method} /?a=1 HTTP/1.1\r\nHost: h\r\n\r\n"));
    }

    let requests = echo.requests.lock().unwrap();
    assert_eq!(requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), methods);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_head_has_a_length_and_no_body() {
    let (front, _echo) = open(Limits::default()).await;

    let answer = exchange(&front, "HEAD /12345 HTTP/1.1\r\nHost: h\r\n\r\n");

    assert_eq!(answer, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_http_cannot_parse_is_answered_400_and_noted_with_its_bytes() {
    let (front, echo) = open(Limits::default()).await;
    let heads: [&[u8]; 8] = [
        &get(b"/?a=\""),
        &get(b"/?a=<b>"),
        &get(b"/?a=\x01"),
        &get(b"/?a=\xff"),
        b"GET /?a=b c HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
    ];

    for head in heads {
        let answer = exchange(&front, head);
        assert_eq!(status(&answer), "400", "{} {answer}", head.escape_ascii());
    }

    let noted = echo.unreadable();
    assert_eq!(noted.iter().map(|noted| noted.head.as_slice()).collect::<Vec<_>>(), heads);
    assert!(noted.iter().all(|noted| !noted.why.is_empty()), "{noted:?}");
    assert_eq!(echo.targets(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_bad_head_of_a_connection_is_noted() {
    let (front, echo) = open(Limits::default()).await;

    let answer = exchange(&front, [get(b"/1"), get(b"/?\"")].concat());

    assert!(answer.contains("/1HTTP/1.1 400"), "{answer}");
    assert_eq!(echo.unreadable()[0].head, get(b"/?\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_come_in_one_piece_are_told_apart() {
    let (front, echo) = open(Limits::default()).await;
    let post = b"POST /2# HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n\r\n\r\nGET /";

    let answer = exchange(&front, [get(b"/1#"), post.to_vec(), get(b"/3#")].concat());

    assert_eq!(answer.matches("HTTP/1.1 200").count(), 3, "{answer}");
    assert_eq!(echo.targets(), [b"/1#", b"/2#", b"/3#"]);
    assert_eq!(echo.bodies()[1], b"\r\n\r\nGET /");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_one_request_after_the_other() {
    let (front, echo) = open(Limits::default()).await;
    let mut socket = connect(&front);

    for target in [&b"/1#a"[..], b"/2#b", b"/3#c"] {
        socket.write_all(&get(target)).unwrap();
        let mut answer = [0; 64];
        let length = socket.read(&mut answer).unwrap();
        assert!(answer[..length].ends_with(target), "{}", answer.escape_ascii());
    }

    assert_eq!(echo.targets(), [b"/1#a", b"/2#b", b"/3#c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_comes_byte_by_byte_is_read_whole() {
    let (front, echo) = open(Limits::default()).await;
    let mut socket = connect(&front);
    socket.set_nodelay(true).unwrap();

    for byte in get(b"/?a='#b") {
        socket.write_all(&[byte]).unwrap();
    }
    socket.shutdown(Shutdown::Write).unwrap();

    assert_eq!(status(&rest(socket)), "200");
    assert_eq!(echo.targets(), [b"/?a='#b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_is_put_together_and_ends_the_connection() {
    let (front, echo) = open(Limits::default()).await;
    let chunked =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nA=1\r\n4;x=y\r\n&B=2\r\n0\r\n\r\n";

    let answer = exchange(&front, chunked);

    assert_eq!(status(&answer), "200");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(echo.bodies(), [b"A=1&B=2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_chunk_is_answered_400_and_noted() {
    let (front, echo) = open(Limits::default()).await;

    let answer = exchange(&front, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");

    assert_eq!(status(&answer), "400", "{answer}");
    assert!(echo.unreadable()[0].head.starts_with(b"POST /x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_length_has_no_body() {
    let (front, echo) = open(Limits::default()).await;

    exchange(&front, "POST / HTTP/1.0\r\n\r\n");

    assert_eq!(echo.bodies(), [b""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_for_100_continue_gets_it() {
    let (front, echo) = open(Limits::default()).await;
    let mut socket = connect(&front);
    socket.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n").unwrap();

    let mut go_on = [0; 25];
    socket.read_exact(&mut go_on).unwrap();
    socket.write_all(b"A=1").unwrap();
    socket.shutdown(Shutdown::Write).unwrap();

    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(status(&rest(socket)), "200");
    assert_eq!(echo.bodies(), [b"A=1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_a_mebibyte_is_answered_413() {
    let (front, echo) = open(Limits::default()).await;
    let size = 1024 * 1024 + 1;
    let body = vec![b'a'; size];
    let sized = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n");
    let chunked = format!("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n");

    for head in [sized, chunked] {
        let answer = exchange(&front, [head.as_bytes(), &body].concat());
        assert_eq!(status(&answer), "413", "{head}");
        assert!(answer.contains("connection: close"), "{answer}");
    }

    assert_eq!(echo.targets(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_a_mebibyte_is_taken() {
    let (front, echo) = open(Limits::default()).await;
    let body = vec![b'a'; 1024 * 1024];
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());

    let answer = exchange(&front, [head.as_bytes(), &body].concat());

    assert_eq!(status(&answer), "200");
    assert_eq!(echo.bodies(), [body]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_over_the_limits_is_answered_431() {
    let (front, echo) = open(Limits::default()).await;
    let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
    let endless = format!("GET /{}", "a".repeat(200_000));

    for head in [long, many, endless] {
        assert_eq!(status(&exchange(&front, &head)), "431", "{}", &head[..20]);
    }

    assert!(echo.unreadable().iter().all(|noted| noted.head.len() <= 64 * 1024));
    assert_eq!(echo.unreadable().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_hung_up_on() {
    let (front, echo) = open(short()).await;
    let silent = connect(&front);
    let mut half_a_head = connect(&front);
    half_a_head.write_all(b"GET /?a=").unwrap();
    let mut half_a_body = connect(&front);
    half_a_body.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc").unwrap();
    let mut idle = connect(&front);
    idle.write_all(&get(b"/idle")).unwrap();

    let since = Instant::now();

    assert_eq!(rest(silent), "");
    assert_eq!(rest(half_a_head), "");
    assert_eq!(status(&rest(half_a_body)), "408");
    assert!(rest(idle).ends_with("/idle"));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert_eq!(echo.targets(), [b"/idle"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_hung_up_on() {
    let big = |_request| async { Response { status: 200, headers: Headers::new(), body: vec![b'a'; 32 << 20] } };
    let limits = Limits { connections: 1, ..short() };
    let front = Front::open_within(limits, ANY_PORT, Arc::new(big)).await.unwrap();
    let mut deaf = connect(&front);
    deaf.write_all(&get(b"/")).unwrap();

    let next = exchange(&front, get(b"/"));

    assert_eq!(status(&next), "200");
    drop(deaf);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_vanish_leave_the_front_serving() {
    let (front, _echo) = open(Limits::default()).await;
    let beginnings: [&[u8]; 4] = [b"", b"GET /?a", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", &get(b"/")];

    for beginning in beginnings.iter().cycle().take(200) {
        connect(&front).write_all(beginning).unwrap();
    }

    assert_eq!(status(&exchange(&front, get(b"/"))), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_connections_are_all_served() {
    let limits = Limits { head_time: Duration::from_secs(1), ..Limits::default() };
    let (front, echo) = open(limits).await;
    let address = front.address();

    let half: Vec<TcpStream> = (0..1_000).map(|_| connect(&front)).collect();
    let served = std::thread::spawn(move || {
        (0..1_000)
            .filter(|_| {
                let mut socket = TcpStream::connect(address).unwrap();
                socket.write_all(&get(b"/")).unwrap();
                socket.shutdown(Shutdown::Write).unwrap();
                status(&rest(socket)) == "200"
            })
            .count()
    });

    assert_eq!(served.join().unwrap(), 1_000);
    assert_eq!(echo.targets().len(), 1_000);
    drop(half);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_over_the_limit_wait_for_their_turn() {
    let (front, echo) = open(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = connect(&front);
    first.write_all(&get(b"/first")).unwrap();
    first.read_exact(&mut [0; 40]).unwrap();
    let mut second = connect(&front);
    second.write_all(&get(b"/second")).unwrap();

    std::thread::sleep(Duration::from_millis(100));
    let while_full = echo.targets();
    drop(first);
    second.shutdown(Shutdown::Write).unwrap();

    assert_eq!(while_full, [b"/first"]);
    assert!(rest(second).ends_with("/second"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_sent_as_stored_without_the_headers_of_another_connection() {
    let stored = |_request| async {
        let headers = [
            ("Content-Type", "text/xml"),
            ("Content-Length", "999"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
            ("Keep-Alive", "timeout=25"),
            ("x-acs-request-id", "1"),
            ("x-acs-request-id", "2"),
        ];
        Response { status: 404, headers: headers.into_iter().collect(), body: b"\xff<a/>".to_vec() }
    };
    let front = Front::open(ANY_PORT, Arc::new(stored)).await.unwrap();

    let answer = exchange(&front, get(b"/"));

    assert_eq!(
        answer,
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/xml\r\nx-acs-request-id: 1\r\nx-acs-request-id: 2\r\n\
         content-length: 5\r\n\r\n\u{fffd}<a/>"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_http_cannot_carry_is_a_500_that_says_so() {
    let unsendable: [(u16, &str, &str); 5] =
        [(0, "A", "b"), (101, "A", "b"), (1000, "A", "b"), (200, "A", "b\r\nC: d"), (200, "A b", "c")];

    for (status_code, name, value) in unsendable {
        let stored = move |_request| async move {
            Response { status: status_code, headers: [(name, value)].into_iter().collect(), body: Vec::new() }
        };
        let front = Front::open(ANY_PORT, Arc::new(stored)).await.unwrap();

        let answer = exchange(&front, get(b"/"));

        assert_eq!(status(&answer), "500", "{answer}");
        assert!(answer.ends_with("HTTP cannot carry\n"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_may_have_no_body_is_sent_without_it() {
    for code in [204, 304] {
        let stored = move |_request| async move {
            Response { status: code, headers: Headers::new(), body: b"left over".to_vec() }
        };
        let front = Front::open(ANY_PORT, Arc::new(stored)).await.unwrap();

        let answer = exchange(&front, get(b"/"));

        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_an_error_with_a_way_out() {
    let (front, _echo) = open(Limits::default()).await;

    let error = Front::open(front.address(), Arc::new(Echo::default())).await.expect_err("the port is taken");

    assert_eq!(error.to_string(), format!("cannot listen on {}", front.address()));
    assert!(error.help().contains("take another port"), "{}", error.help());
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_lets_a_request_end_and_hangs_up_on_the_idle() {
    let slow = |_request| async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Response { status: 200, headers: Headers::new(), body: b"done".to_vec() }
    };
    let front = Front::open(ANY_PORT, Arc::new(slow)).await.unwrap();
    let address = front.address();
    let idle = connect(&front);
    let mut busy = connect(&front);
    busy.write_all(&get(b"/")).unwrap();
    std::thread::sleep(Duration::from_millis(100));

    let since = Instant::now();
    let closed = tokio::spawn(front.close());

    assert!(rest(busy).ends_with("done"));
    assert_eq!(rest(idle), "");
    closed.await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_does_not_wait_for_ever() {
    let (front, _echo) = open(short()).await;
    let mut stuck = connect(&front);
    stuck.write_all(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").unwrap();
    std::thread::sleep(Duration::from_millis(50));

    let since = Instant::now();
    front.close().await;

    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_is_that_of_the_address() {
    let (front, _echo) = open(Limits::default()).await;

    assert_eq!(front.url(), format!("http://127.0.0.1:{}", front.address().port()));
    assert_ne!(front.address().port(), 0);
}
