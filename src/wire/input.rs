//! A request as people hand it over: a URL, a raw HTTP message, or a line of JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use thiserror::Error;

use super::message::{Headers, RawRequest, Spelling};

/// Reads the requests in `bytes`.
///
/// Where the first line begins with `{`, `http://` or `https://`, every line is a request of its own: a URL, or a
/// JSON object with `method`, `target`, `headers` and `body` or `body_base64`. Anything else is one raw HTTP
/// message, with LF or CRLF.
///
/// What was pasted is seldom exact at its end, so a raw message's body is cut at its `Content-Length`; where it
/// gives none, all of the rest is body, without the line breaks at its end.
pub fn read_requests(bytes: &[u8]) -> Vec<Result<RawRequest, InputError>> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return vec![Err(InputError::Empty)];
    }
    if !starts_line_format(bytes.trim_ascii_start()) {
        return vec![read_message(bytes)];
    }
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).zip(1..);
    lines.filter(|(line, _)| !line.is_empty()).map(|(line, number)| read_line(line, number)).collect()
}

/// Why an input is no request.
#[derive(Debug, Error)]
pub enum InputError {
    /// The body is not chunked as `Transfer-Encoding` says.
    #[error("the body is not chunked, although Transfer-Encoding says so: {0:?} is no size of a chunk")]
    Chunk(String),
    /// A transfer coding that is not read here.
    #[error("transfer coding {0:?} is not known")]
    Coding(String),
    /// Neither a URL, nor JSON, nor an HTTP message.
    #[error("the first line is no request: {0:?}")]
    FirstLine(String),
    /// White space alone, or nothing.
    #[error("the input is empty")]
    Empty,
    /// A line of a head that is no header.
    #[error("line {line} is no header: {found:?}")]
    Header {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// A line that is no JSON object of the right form.
    #[error("line {line} is no request")]
    Json {
        /// Which line, from 1.
        line: usize,
        /// What is wrong in it.
        #[source]
        cause: serde_json::Error,
    },
    /// A body of a JSON line that cannot be told.
    #[error("the body in line {line} cannot be told: {why}")]
    JsonBody {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: BodyError,
    },
    /// `Content-Length` is no number, or several.
    #[error("Content-Length {0:?} is no length")]
    Length(String),
    /// The body ends early.
    #[error("the body has {found} bytes where {claimed} are announced")]
    Short {
        /// What is there.
        found: usize,
        /// What should be.
        claimed: usize,
    },
    /// A line that should be a URL or JSON, and is neither.
    #[error("line {line} is neither a URL nor a JSON object: {found:?}")]
    StrayLine {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
}

impl InputError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Chunk(_) => "leave Transfer-Encoding out where the log shows the body already put together",
            Self::Coding(_) => "give the body without any transfer coding, and leave the header out",
            Self::Empty | Self::FirstLine(_) | Self::StrayLine { .. } => {
                "give a URL, an HTTP message that starts like \"GET /?Action=.. HTTP/1.1\", or JSON lines"
            }
            Self::Header { .. } => "give headers as \"Name: value\", and an empty line before the body",
            Self::Json { .. } => {
                "give {\"method\":..,\"target\":..,\"headers\":[[name,value]..],\"body\":.. or \"body_base64\":..}"
            }
            Self::JsonBody { .. } => "give one of body (text) and body_base64 (base64 with padding)",
            Self::Length(_) => "give one Content-Length, or leave it out: then the rest of the input is the body",
            Self::Short { .. } => "give the whole body, or leave Content-Length out",
        }
    }
}

/// Why the body of a JSON line cannot be told.
#[derive(Debug, Error)]
pub enum BodyError {
    /// `body_base64` is no base64.
    #[error("body_base64 is no base64")]
    Base64,
    /// Both fields are there.
    #[error("it has body and body_base64")]
    Both,
}

fn starts_line_format(text: &[u8]) -> bool {
    text.starts_with(b"{") || after_scheme(text).is_some()
}

fn read_line(line: &[u8], number: usize) -> Result<RawRequest, InputError> {
    if let Some(rest) = after_scheme(line) {
        return Ok(read_url(rest));
    }
    if !line.starts_with(b"{") {
        return Err(InputError::StrayLine { line: number, found: shown(line) });
    }
    read_json(line, number)
}

fn read_url(after_scheme: &[u8]) -> RawRequest {
    let (host, target) = split_authority(after_scheme);
    RawRequest {
        method: "GET".into(),
        target,
        headers: [("Host", host)].into_iter().collect(),
        body: Vec::new(),
        spelling: Spelling::AsSent,
    }
}

/// The host to name, and the target in origin form. A fragment is never sent, nor are name and password.
fn split_authority(after_scheme: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let url = after_scheme.split(|&byte| byte == b'#').next().unwrap_or_default();
    let end = url.iter().position(|byte| b"/?".contains(byte)).unwrap_or(url.len());
    let (authority, target) = url.split_at(end);
    let host = authority.rsplit(|&byte| byte == b'@').next().unwrap_or_default();
    let root: &[u8] = if target.starts_with(b"/") { b"" } else { b"/" };
    (host.to_vec(), [root, target].concat())
}

fn after_scheme(text: &[u8]) -> Option<&[u8]> {
    let has = |scheme: &str| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()));
    let scheme = ["http://", "https://"].into_iter().find(|scheme| has(scheme))?;
    Some(&text[scheme.len()..])
}

fn read_json(line: &[u8], number: usize) -> Result<RawRequest, InputError> {
    let line_read: JsonLine = serde_json::from_slice(line).map_err(|cause| InputError::Json { line: number, cause })?;
    let body = match (line_read.body, line_read.body_base64) {
        (None, None) => Ok(Vec::new()),
        (Some(text), None) => Ok(text.into_bytes()),
        (None, Some(base64)) => STANDARD.decode(base64).map_err(|_| BodyError::Base64),
        (Some(_), Some(_)) => Err(BodyError::Both),
    };
    Ok(RawRequest {
        method: line_read.method,
        target: line_read.target.into_bytes(),
        headers: line_read.headers.into_iter().collect(),
        body: body.map_err(|why| InputError::JsonBody { line: number, why })?,
        spelling: Spelling::AsSent,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLine {
    method: String,
    target: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
}

fn read_message(text: &[u8]) -> Result<RawRequest, InputError> {
    let mut rest = text;
    let mut line_number = 1;
    let mut first = next_line(&mut rest);
    while first.trim_ascii().is_empty() {
        first = next_line(&mut rest);
        line_number += 1;
    }
    let (method, target) = read_first_line(first).ok_or_else(|| InputError::FirstLine(shown(first)))?;
    let mut headers = read_headers(&mut rest, line_number + 1)?;
    let target = match after_scheme(&target) {
        Some(absolute) => {
            let (host, target) = split_authority(absolute);
            headers.set("Host", host);
            target
        }
        None => target,
    };
    let body = read_body(&headers, rest)?;
    Ok(RawRequest { method, target, headers, body, spelling: Spelling::AsSent })
}

/// Method and target. The version may be left out, as some logs do; it starts behind the last space, because a
/// faulty client may have left a raw space in its target.
fn read_first_line(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let space = line.iter().position(|&byte| byte == b' ')?;
    let (method, rest) = line.split_at(space);
    let rest = rest.trim_ascii();
    let target = match rest.iter().rposition(|&byte| byte == b' ') {
        Some(at) if rest[at + 1..].starts_with(b"HTTP/") => rest[..at].trim_ascii_end(),
        _ => rest,
    };
    let is_method = !method.is_empty() && method.iter().all(|&byte| is_token(byte));
    let is_target = target.starts_with(b"/") || after_scheme(target).is_some();
    let method = String::from_utf8(method.to_vec()).ok().filter(|_| is_method && is_target)?;
    Some((method, target.to_vec()))
}

fn read_headers(rest: &mut &[u8], first_line: usize) -> Result<Headers, InputError> {
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    for number in first_line.. {
        let line = next_line(rest);
        if line.is_empty() {
            break;
        }
        if let (b' ' | b'\t', Some((_, value))) = (line[0], headers.last_mut()) {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
            continue;
        }
        headers.push(read_header(line).ok_or_else(|| InputError::Header { line: number, found: shown(line) })?);
    }
    Ok(headers.into_iter().collect())
}

fn read_header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    let is_name = !name.is_empty() && name.iter().all(|&byte| is_token(byte));
    let name = String::from_utf8(name.to_vec()).ok().filter(|_| is_name)?;
    Some((name, value.to_vec()))
}

fn read_body(headers: &Headers, rest: &[u8]) -> Result<Vec<u8>, InputError> {
    if let Some(coding) = headers.get("Transfer-Encoding") {
        if !coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Err(InputError::Coding(shown(coding)));
        }
        return read_chunks(rest);
    }
    let mut lengths: Vec<&[u8]> = headers.all("Content-Length").collect();
    lengths.dedup();
    match lengths[..] {
        [] => Ok(without_line_breaks(rest).to_vec()),
        [one] => cut(rest, one),
        _ => Err(InputError::Length(shown(&lengths.join(&b", "[..])))),
    }
}

fn cut(rest: &[u8], length: &[u8]) -> Result<Vec<u8>, InputError> {
    let number = std::str::from_utf8(length).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let claimed = number.and_then(|text| text.parse().ok()).ok_or_else(|| InputError::Length(shown(length)))?;
    let body = rest.get(..claimed).ok_or(InputError::Short { found: rest.len(), claimed })?;
    Ok(body.to_vec())
}

/// Trailers are read over: they take no part in either scheme.
fn read_chunks(mut rest: &[u8]) -> Result<Vec<u8>, InputError> {
    let mut body = Vec::new();
    loop {
        let line = next_line(&mut rest);
        let digits = line.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        let size = chunk_size(digits).ok_or_else(|| InputError::Chunk(shown(line)))?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(..size).ok_or(InputError::Short { found: rest.len(), claimed: size })?;
        body.extend_from_slice(chunk);
        rest = &rest[size..];
        next_line(&mut rest);
    }
}

fn chunk_size(digits: &[u8]) -> Option<usize> {
    let hexadecimal = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| hexadecimal)?;
    usize::from_str_radix(text, 16).ok()
}

/// Takes the next line off `rest`, without its LF or CRLF.
fn next_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|&byte| byte == b'\n');
    let line = &rest[..end.unwrap_or(rest.len())];
    *rest = end.map_or(&[], |end| &rest[end + 1..]);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn without_line_breaks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |last| last + 1);
    &text[..end]
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The start of `bytes` as text, for an error.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
    if bytes.len() > SHOWN { text + ".." } else { text }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const SHOWN: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn one(input: impl AsRef<[u8]>) -> RawRequest {
        let mut read = read_requests(input.as_ref());
        assert_eq!(read.len(), 1, "{read:?}");
        read.remove(0).expect("the input is a request")
    }

    fn error(input: impl AsRef<[u8]>) -> String {
        let mut read = read_requests(input.as_ref());
        assert_eq!(read.len(), 1, "{read:?}");
        read.remove(0).expect_err("the input is no request").to_string()
    }

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().copied().collect()
    }

    #[test]
    fn a_url_is_a_get_with_its_bytes_kept() {
        for scheme in ["http", "https", "HTTPS"] {
            let request = one(format!("  {scheme}://alidns.aliyuncs.com/?Lang=a+b%2a*'&B=é \r\n"));

            assert_eq!(request.method, "GET", "{scheme}");
            assert_eq!(request.target, "/?Lang=a+b%2a*'&B=é".as_bytes(), "{scheme}");
            assert_eq!(request.headers, headers(&[("Host", "alidns.aliyuncs.com")]), "{scheme}");
        }
    }

    #[test]
    fn a_url_without_a_path_gets_one() {
        assert_eq!(one("http://h:81?a=1").target, b"/?a=1");
        assert_eq!(one("http://h:81").target, b"/");
        assert_eq!(one("http://h:81").headers, headers(&[("Host", "h:81")]));
    }

    #[test]
    fn fragment_name_and_password_of_a_url_are_not_sent() {
        let request = one("http://me:pw@h/?a=1#top");

        assert_eq!(request.target, b"/?a=1");
        assert_eq!(request.headers, headers(&[("Host", "h")]));
    }

    #[test]
    fn every_line_of_a_line_format_is_a_request() {
        let read = read_requests(b"http://h/?a=1\n\n{\"method\":\"PUT\",\"target\":\"/\"}\nnonsense\n");

        assert_eq!(read.len(), 3);
        assert_eq!(read[0].as_ref().map(|request| request.target.as_slice()).ok(), Some(&b"/?a=1"[..]));
        assert_eq!(read[1].as_ref().map(|request| request.method.as_str()).ok(), Some("PUT"));
        let stray = read[2].as_ref().expect_err("a word is no request").to_string();
        assert_eq!(stray, "line 4 is neither a URL nor a JSON object: \"nonsense\"");
    }

    #[test]
    fn a_json_line_has_text_or_base64_and_repeated_headers() {
        let text = one(r#"{"method":"POST","target":"/?a","headers":[["X","1"],["x","2"]],"body":"é"}"#);
        let base64 = one(r#"{"method":"POST","target":"/","headers":[],"body_base64":"/w=="}"#);

        assert_eq!(text.headers, headers(&[("X", "1"), ("x", "2")]));
        assert_eq!(text.body, "é".as_bytes());
        assert_eq!(base64.body, [0xff]);
    }

    #[test]
    fn a_json_line_of_another_form_is_an_error_with_its_line() {
        for line in [
            "{",
            "{}",
            r#"{"method":"GET","target":"/","headers":{}}"#,
            r#"{"method":"GET","target":"/","method":"GET"}"#,
            r#"{"request":{"method":"GET","target":"/"}}"#,
        ] {
            assert_eq!(error(format!("\n{line}")), "line 2 is no request", "{line}");
        }
    }

    #[test]
    fn a_json_line_with_two_bodies_or_bad_base64_is_an_error() {
        let both = error(r#"{"method":"GET","target":"/","body":"","body_base64":""}"#);
        let bad = error(r#"{"method":"GET","target":"/","body_base64":"_"}"#);

        assert_eq!(both, "the body in line 1 cannot be told: it has body and body_base64");
        assert_eq!(bad, "the body in line 1 cannot be told: body_base64 is no base64");
    }

    #[test]
    fn a_message_is_read_with_either_line_break() {
        for line_break in ["\n", "\r\n"] {
            let text = ["", "POST /?a=%2A HTTP/1.1", "Host: h", "x-A:  1 ", "x-a: 2", "", "b=1"].join(line_break);

            let request = one(&text);

            assert_eq!(request.method, "POST", "{text:?}");
            assert_eq!(request.target, b"/?a=%2A", "{text:?}");
            assert_eq!(request.headers, headers(&[("Host", "h"), ("x-A", "1"), ("x-a", "2")]), "{text:?}");
            assert_eq!(request.body, b"b=1", "{text:?}");
        }
    }

    #[test]
    fn a_first_line_may_lack_its_version_and_hold_a_raw_space() {
        assert_eq!(one("GET /?a=1").target, b"/?a=1");
        assert_eq!(one("GET /?a=x y HTTP/1.1\n\n").target, b"/?a=x y");
    }

    #[test]
    fn an_absolute_target_becomes_target_and_host() {
        let request = one("GET http://real/?a=1 HTTP/1.1\nHost: proxy\n");

        assert_eq!(request.target, b"/?a=1");
        assert_eq!(request.headers, headers(&[("Host", "real")]));
    }

    #[test]
    fn a_folded_header_is_one_value() {
        assert_eq!(one("GET / HTTP/1.1\nA: b\n  c\n").headers, headers(&[("A", "b c")]));
    }

    #[test]
    fn a_body_is_cut_at_its_length() {
        assert_eq!(one("POST / HTTP/1.1\nContent-Length: 3\n\nb=1\n\n").body, b"b=1");
        assert_eq!(one("POST / HTTP/1.1\nContent-Length: 4\n\nb=1\n\n").body, b"b=1\n");
    }

    #[test]
    fn a_body_without_length_is_the_rest_without_its_last_line_breaks() {
        assert_eq!(one("POST / HTTP/1.1\n\nb=1\nc\r\n\n").body, b"b=1\nc");
        assert_eq!(one("GET / HTTP/1.1\n\n\n\n").body, b"");
    }

    #[test]
    fn a_body_that_ends_early_is_an_error() {
        assert_eq!(error("POST / HTTP/1.1\nContent-Length: 9\n\nb=1"), "the body has 3 bytes where 9 are announced");
    }

    #[test]
    fn a_length_that_is_none_is_an_error() {
        for (head, found) in [
            ("Content-Length: +3", "+3"),
            ("Content-Length: ", ""),
            ("Content-Length: 99999999999999999999", "99999999999999999999"),
        ] {
            let expected = format!("Content-Length {found:?} is no length");
            assert_eq!(error(format!("POST / HTTP/1.1\n{head}\n\nb=1")), expected, "{head}");
        }
        let twice = error("POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\nb=1");
        assert_eq!(twice, "Content-Length \"1, 2\" is no length");
    }

    #[test]
    fn chunks_are_put_together() {
        let chunked =
            one("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nb=1\r\nA;x=y\r\n&c=1234567\r\n0\r\n\r\n");

        assert_eq!(chunked.body, b"b=1&c=1234567");
    }

    #[test]
    fn chunks_that_are_none_are_an_error() {
        let head = "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n";

        assert_eq!(
            error(format!("{head}b=1")),
            "the body is not chunked, although Transfer-Encoding says so: \"b=1\" is no size of a chunk"
        );
        assert_eq!(error(format!("{head}5\nb=1")), "the body has 3 bytes where 5 are announced");
        assert!(error(format!("{head}3\nb=1\n")).ends_with("\"\" is no size of a chunk"));
    }

    #[test]
    fn another_transfer_coding_is_an_error() {
        let text = "POST / HTTP/1.1\nTransfer-Encoding: gzip, chunked\n\n";

        assert_eq!(error(text), "transfer coding \"gzip, chunked\" is not known");
    }

    #[test]
    fn a_line_that_is_no_header_is_an_error_with_its_number() {
        assert_eq!(error("\nGET / HTTP/1.1\nHost: h\nno header\n"), "line 4 is no header: \"no header\"");
        assert_eq!(error("GET / HTTP/1.1\n folded: too early\n"), "line 2 is no header: \" folded: too early\"");
    }

    #[test]
    fn bytes_that_are_no_request_are_an_error() {
        assert_eq!(error(""), "the input is empty");
        assert_eq!(error(" \r\n\t"), "the input is empty");
        for text in
            [&b"\xff\xfe\x00"[..], b"hello", b"GET", b"GET x HTTP/1.1", b"G(T / HTTP/1.1", b" / HTTP/1.1", b"[]"]
        {
            assert!(error(text).starts_with("the first line is no request: "), "{text:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_read_over() {
        assert_eq!(one("\u{feff}http://h/?a=1").target, b"/?a=1");
    }
}
