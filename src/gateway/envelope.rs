//! A refusal as the response that carries it, and back.

use serde::Serialize;

use super::refusal::Refusal;
use super::system::Format;
use crate::signing::{Digest, hex_digest};
use crate::wire::{Document, Headers, Node, RawRequest, Response, Syntax, percent};

/// Writes `refusal` as the service does, in the keys, their order and the headers of its present answers.
///
/// [JSON](https://github.com/jeessy2/ddns-go/issues/1291) and
/// [XML](https://github.com/acmesh-official/acme.sh/issues/2750), read 2026-11-24.
pub fn render(refusal: &Refusal, format: Format, asked: &RawRequest) -> Response {
    let request_id = request_id(asked);
    let envelope = Envelope {
        request_id: &request_id,
        message: &refusal.message,
        recommend: recommend(&refusal.code, &request_id),
        host_id: HOST_ID,
        code: &refusal.code,
    };
    let (content_type, body) = match format {
        Format::Json => ("application/json;charset=utf-8", json(&envelope)),
        Format::Xml => ("text/xml;charset=utf-8", xml(&envelope)),
    };
    let headers = Headers::from_iter([("Content-Type", content_type), ("x-acs-request-id", &request_id)]);
    Response { status: refusal.status, headers, body: body.into_bytes() }
}

/// Reads a refusal back, in either format and under any `Content-Type`; none where the body is not one.
///
/// The order of the keys does not matter and only `Code` must be there: answers of other years have other shapes.
pub fn read(response: &Response) -> Option<Refusal> {
    let document = Document::parse(&response.body).ok()?;
    let Node::Object(members) = &document.root else { return None };
    if matches!(&document.syntax, Syntax::Xml { root } if root != "Error") {
        return None;
    }
    let text = |name: &str| members.iter().rev().find(|(known, _)| known == name).and_then(|(_, node)| as_text(node));
    Some(Refusal::new(text("Code")?, response.status, text("Message").unwrap_or_default()))
}

/// The RequestId of an answer to `asked` that is made here: an upper-case UUID, the same for the same bytes.
pub fn request_id(asked: &RawRequest) -> String {
    let mut whole = Vec::with_capacity(asked.target.len() + asked.body.len() + 256);
    let mut part = |bytes: &[u8]| {
        whole.extend((bytes.len() as u64).to_be_bytes());
        whole.extend(bytes);
    };
    part(asked.method.as_bytes());
    part(&asked.target);
    for (name, value) in asked.headers.iter() {
        part(name.as_bytes());
        part(value);
    }
    part(&asked.body);
    uuid(&hex_digest(Digest::Sha256, &whole))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    request_id: &'a str,
    message: &'a str,
    recommend: String,
    host_id: &'static str,
    code: &'a str,
}

fn as_text(node: &Node) -> Option<&str> {
    match node {
        Node::Text(text) => Some(text),
        _ => None,
    }
}

fn recommend(code: &str, request_id: &str) -> String {
    let code = percent::encode(code.as_bytes());
    format!("https://api.aliyun.com/troubleshoot?q={code}&product=Alidns&requestId={request_id}")
}

fn json(envelope: &Envelope<'_>) -> String {
    serde_json::to_string(envelope).expect("five texts are always JSON")
}

fn xml(envelope: &Envelope<'_>) -> String {
    let Envelope { request_id, message, recommend, host_id, code } = envelope;
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>{request_id}</RequestId><HostId>{host_id}</HostId>\
         <Code>{}</Code><Message>{}</Message><Recommend><![CDATA[{recommend}]]></Recommend></Error>",
        escape(code),
        escape(message)
    )
}

/// Characters that no XML 1.0 document may hold become U+FFFD: a refusal echoes whatever was sent.
fn escape(text: &str) -> String {
    let writable = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().map(|letter| if writable(letter) { letter } else { '\u{fffd}' }).collect();
    quick_xml::escape::escape(text.as_str()).into_owned()
}

/// The version digit is that of the service's ids since 2021.
fn uuid(hex: &str) -> String {
    let hex = hex.to_ascii_uppercase();
    format!("{}-{}-5{}-A{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

const HOST_ID: &str = "alidns.aliyuncs.com";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Spelling;

    fn asked(target: &str) -> RawRequest {
        RawRequest {
            method: "GET".into(),
            target: target.into(),
            headers: Headers::new(),
            body: Vec::new(),
            spelling: Spelling::AsSent,
        }
    }

    fn text(refusal: &Refusal, format: Format) -> String {
        String::from_utf8(render(refusal, format, &asked("/")).body).expect("an envelope is UTF-8")
    }

    #[test]
    fn json_has_the_keys_of_the_service_in_its_order() {
        let refusal = Refusal::new("A.B", 400, "say \"x\"");

        let id = request_id(&asked("/"));
        let expected = format!(
            "{{\"RequestId\":\"{id}\",\"Message\":\"say \\\"x\\\"\",\"Recommend\":\"https://api.aliyun.com/troubleshoot?q=A.B\
             &product=Alidns&requestId={id}\",\"HostId\":\"alidns.aliyuncs.com\",\"Code\":\"A.B\"}}"
        );
        assert_eq!(text(&refusal, Format::Json), expected);
    }

    #[test]
    fn xml_has_the_elements_of_the_service_in_its_order() {
        let refusal = Refusal::new("A.B", 400, "m");

        let id = request_id(&asked("/"));
        let expected = format!(
            "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>{id}</RequestId>\
             <HostId>alidns.aliyuncs.com</HostId><Code>A.B</Code><Message>m</Message>\
             <Recommend><![CDATA[https://api.aliyun.com/troubleshoot?q=A.B&product=Alidns&requestId={id}]]></Recommend></Error>"
        );
        assert_eq!(text(&refusal, Format::Xml), expected);
    }

    #[test]
    fn xml_escapes_what_was_sent_and_replaces_what_xml_cannot_hold() {
        let refusal = Refusal::new("A]]>", 400, "GET&%2F&<'\u{1}\u{ffff}😀");

        let body = text(&refusal, Format::Xml);

        assert!(body.contains("<Message>GET&amp;%2F&amp;&lt;&apos;\u{fffd}\u{fffd}😀</Message>"), "{body}");
        assert!(body.contains("<![CDATA[https://api.aliyun.com/troubleshoot?q=A%5D%5D%3E&"), "{body}");
    }

    #[test]
    fn status_and_content_type_go_with_the_format_and_the_id_stands_in_a_header() {
        let id = request_id(&asked("/"));

        for (format, content_type) in
            [(Format::Json, "application/json;charset=utf-8"), (Format::Xml, "text/xml;charset=utf-8")]
        {
            let response = render(&Refusal::new("A", 404, "m"), format, &asked("/"));

            assert_eq!(response.status, 404);
            assert_eq!(response.headers.text("content-type"), Some(content_type));
            assert_eq!(response.headers.text("x-acs-request-id"), Some(id.as_str()));
        }
    }

    #[test]
    fn a_request_id_is_an_upper_case_uuid_made_of_every_part_of_the_request() {
        let mut others = vec![asked("/"), asked("/a"), RawRequest { method: "POST".into(), ..asked("/") }];
        others.push(RawRequest { body: b"/".to_vec(), ..asked("") });
        others.push(RawRequest { headers: [("a", "b")].into_iter().collect(), ..asked("/") });
        others.push(RawRequest { headers: [("ab", "")].into_iter().collect(), ..asked("/") });

        let ids: std::collections::BTreeSet<String> = others.iter().map(request_id).collect();

        assert_eq!(ids.len(), others.len());
        for id in &ids {
            let groups: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
            assert!(id.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'A'..=b'F')), "{id}");
            assert_eq!((&id[14..15], &id[19..20]), ("5", "A"), "{id}");
        }
    }

    #[test]
    fn what_is_rendered_reads_back_in_both_formats() {
        let refusal = Refusal::new("SignatureDoesNotMatch", 400, "GET&%2F&<a>\n\"b\" 中");

        for format in [Format::Json, Format::Xml] {
            assert_eq!(read(&render(&refusal, format, &asked("/"))).as_ref(), Some(&refusal));
        }
    }

    fn answer(body: &str) -> Response {
        Response { status: 404, headers: Headers::new(), body: body.into() }
    }

    #[test]
    fn a_refusal_is_read_with_its_keys_in_any_order_some_missing_and_the_last_of_equal_ones() {
        let json = r#"{"Code":"A.B","RequestId":"x","HostId":"dns.aliyuncs.com","Message":"m","Recommend":null}"#;
        let xml = "<Error><RequestId>x</RequestId><Code>A.B</Code><Message>m</Message></Error>";

        for body in [json, xml] {
            assert_eq!(read(&answer(body)), Some(Refusal::new("A.B", 404, "m")), "{body}");
        }
        assert_eq!(read(&answer(r#"{"Code":"A"}"#)), Some(Refusal::new("A", 404, "")));
        assert_eq!(read(&answer(r#"{"Code":"A","Code":"B"}"#)), Some(Refusal::new("B", 404, "")));
    }

    #[test]
    fn a_body_that_is_no_refusal_is_none() {
        for body in ["", "<html></html>", "{}", "[]", r#"{"Code":7}"#, r#"{"Status":0}"#, "<A><Code>B</Code></A>"] {
            assert_eq!(read(&answer(body)), None, "{body}");
        }
    }
}
