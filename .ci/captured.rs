//! Holds the command to captured requests of real clients: `captured REQUESTS.jsonl COMMAND`.
//!
//! Each line has a `request` as `explain` takes it, a `captured_at` in Unix seconds, and the `verdict` of an
//! independent verifier. `explain` must give the same verdict; `serve` must answer `SignatureDoesNotMatch`
//! exactly where it is `invalid`, save that a time with a fraction is refused before the signature is looked at.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let [requests, command] = std::env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "two arguments")?;
    let text = std::fs::read_to_string(&requests).map_err(|error| format!("{requests}: {error}"))?;
    let rows: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut wrong = explained(&rows, &command)?;
    wrong.extend(served(&rows, &command)?);
    for line in &wrong {
        println!("{line}");
    }
    println!("{} passed, {} failed", 2 * rows.len() - wrong.len(), wrong.len());
    if rows.is_empty() || !wrong.is_empty() { Err("not as the independent verifier says".into()) } else { Ok(()) }
}

fn explained(rows: &[Value], command: &str) -> Outcome<Vec<String>> {
    let mut explain = Command::new(command)
        .args(["explain", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = explain.stdin.take().ok_or("no stdin")?;
    let lines: String = rows.iter().map(|row| format!("{}\n", row["request"])).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = explain.wait_with_output()?;
    writer.join().map_err(|_| "the writer panicked")??;

    let answers: Vec<Value> =
        output.stdout.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Outcome<_>>()?;
    if answers.len() != rows.len() {
        return Err(format!("explain gave {} answers for {} requests", answers.len(), rows.len()).into());
    }
    let differ = rows.iter().zip(&answers).enumerate().filter(|(_, (row, answer))| row["verdict"] != answer["verdict"]);
    Ok(differ.map(|(at, (row, answer))| format!("{}: explain says {}", shown(at, row), answer["verdict"])).collect())
}

fn served(rows: &[Value], command: &str) -> Outcome<Vec<String>> {
    let now = rows.iter().filter_map(|row| row["captured_at"].as_i64()).max().ok_or("no captured_at")?;
    let arguments =
        ["serve", "--now", &now.to_string(), "--max-skew", "24h", "--output", "target/captured-receipt.txt"];
    let mut serve = Command::new(command).args(arguments).stdout(Stdio::piped()).spawn()?;
    let wrong = answered(rows, &mut serve);
    serve.kill()?;
    serve.wait()?;
    wrong
}

fn answered(rows: &[Value], serve: &mut Child) -> Outcome<Vec<String>> {
    let mut url = String::new();
    BufReader::new(serve.stdout.take().ok_or("no stdout")?).read_line(&mut url)?;
    let address = url.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut wrong = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let answer = exchange(&address, &row["request"]).map_err(|error| format!("{}: {error}", shown(at, row)))?;
        let expected = if has_fraction(row) { "InvalidTimeStamp.Format" } else { "SignatureDoesNotMatch" };
        let refused_as_expected = answer.contains(expected);
        let signature_refused = answer.contains("SignatureDoesNotMatch");
        let right = match row["verdict"].as_str() {
            Some("invalid") => refused_as_expected,
            _ => !signature_refused && (!has_fraction(row) || refused_as_expected),
        };
        if !right {
            wrong.push(format!("{}: serve says {answer}", shown(at, row)));
        }
    }
    Ok(wrong)
}

/// Sends the request byte for byte, a chunked body as one chunk; the host is what was signed, and not where it goes.
fn exchange(address: &str, request: &Value) -> Outcome<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("a text is missing");
    let mut body = body(request)?;
    let mut bytes = format!("{} {} HTTP/1.1\r\n", text(&request["method"])?, text(&request["target"])?);
    let (mut has_length, mut chunked) = (false, false);
    for header in request["headers"].as_array().ok_or("no headers")? {
        let (name, value) = (text(&header[0])?, text(&header[1])?);
        has_length |= name.eq_ignore_ascii_case("content-length");
        chunked |= name.eq_ignore_ascii_case("transfer-encoding");
        bytes += &format!("{name}: {value}\r\n");
    }
    if chunked {
        body = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    } else if !has_length && !body.is_empty() {
        bytes += &format!("Content-Length: {}\r\n", body.len());
    }
    bytes += "\r\n";

    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(&[bytes.as_bytes(), &body].concat())?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn body(request: &Value) -> Outcome<Vec<u8>> {
    Ok(match request["body_base64"].as_str() {
        Some(encoded) => STANDARD.decode(encoded)?,
        None => request["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    })
}

fn has_fraction(row: &Value) -> bool {
    row["request"]["target"].as_str().is_some_and(|target| {
        let time = target.split("Timestamp=").nth(1).and_then(|rest| rest.split('&').next());
        time.is_some_and(|time| time.contains('.'))
    })
}

fn shown(at: usize, row: &Value) -> String {
    format!("line {} ({}, {})", at + 1, row["client"], row["verdict"])
}
