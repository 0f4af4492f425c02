//! Answers that put a reader to the test.

use crate::wire::{Headers, Response};

/// An answer that was made up to see what a client makes of it.
#[derive(Clone, Copy, Debug)]
pub struct Mutation {
    /// In kebab-case, unique.
    pub name: &'static str,
    status: u16,
    content_type: &'static str,
    body: &'static str,
}

impl Mutation {
    /// The answer.
    pub fn response(&self) -> Response {
        let headers: Headers = [("Content-Type", self.content_type)].into_iter().collect();
        Response { status: self.status, headers, body: self.body.as_bytes().to_vec() }
    }
}

const fn json(name: &'static str, body: &'static str) -> Mutation {
    Mutation { name, status: 200, content_type: JSON, body }
}

const fn with(name: &'static str, status: u16, content_type: &'static str, body: &'static str) -> Mutation {
    Mutation { name, status, content_type, body }
}

const JSON: &str = "application/json;charset=utf-8";
const XML: &str = "text/xml;charset=utf-8";
const HTML: &str = "text/html";

/// A plain answer, in JSON and in XML, for cases that are about the request.
pub const PLAIN: [Mutation; 2] = [
    json(
        "plain",
        r#"{"Status":1,"TotalCount":4,"TaskId":123456,"RequestId":"7A0A5C9D-0E2B-4C5E-9C1B-2D1F3A4B5C6D","FailedCount":1,"SuccessCount":3,"BatchType":"DOMAIN_ADD","Reason":""}"#,
    ),
    with(
        "plain-xml",
        200,
        XML,
        "<?xml version='1.0' encoding='UTF-8'?><DescribeBatchResultCountResponse><Status>1</Status><TotalCount>4</TotalCount><TaskId>123456</TaskId><RequestId>7A0A5C9D-0E2B-4C5E-9C1B-2D1F3A4B5C6D</RequestId><FailedCount>1</FailedCount><SuccessCount>3</SuccessCount><BatchType>DOMAIN_ADD</BatchType><Reason></Reason></DescribeBatchResultCountResponse>",
    ),
];

/// Every such answer.
#[rustfmt::skip]
pub const MUTATIONS: &[Mutation] = &[
    // The four states, and states that are none of them.
    json("state-absent", r#"{"Status":-1,"RequestId":"R"}"#),
    json("state-processing", r#"{"Status":0,"TotalCount":4,"TaskId":123456,"RequestId":"R","FailedCount":0,"SuccessCount":1,"BatchType":"RR_ADD"}"#),
    json("state-completed", r#"{"Status":1,"TotalCount":4,"TaskId":123456,"RequestId":"R","FailedCount":1,"SuccessCount":3,"BatchType":"RR_ADD"}"#),
    json("state-failed", r#"{"Status":2,"TotalCount":4,"TaskId":123456,"RequestId":"R","FailedCount":4,"SuccessCount":0,"BatchType":"RR_ADD","Reason":"failed_reason"}"#),
    json("status-unknown", r#"{"Status":3,"TotalCount":4,"TaskId":123456,"RequestId":"R","FailedCount":1,"SuccessCount":3,"BatchType":"RR_ADD"}"#),
    json("status-far-unknown", r#"{"Status":99,"RequestId":"R"}"#),
    json("status-as-text", r#"{"Status":"0","RequestId":"R"}"#),
    json("status-left-out", r#"{"TotalCount":4,"TaskId":123456,"RequestId":"R","FailedCount":1,"SuccessCount":3}"#),
    json("status-null", r#"{"Status":null,"TaskId":123456,"RequestId":"R"}"#),

    // Fields that are missing, null, unknown, repeated, moved.
    json("request-id-alone", r#"{"RequestId":"R"}"#),
    json("reason-null", r#"{"Status":1,"TaskId":123456,"RequestId":"R","Reason":null}"#),
    json("reason-empty", r#"{"Status":1,"TaskId":123456,"RequestId":"R","Reason":""}"#),
    json("all-else-null", r#"{"Status":1,"TotalCount":null,"TaskId":null,"RequestId":"R","FailedCount":null,"SuccessCount":null,"BatchType":null,"Reason":null}"#),
    json("field-unknown", r#"{"Status":1,"TaskId":123456,"RequestId":"R","SkippedCount":7,"Extra":"x"}"#),
    json("field-unknown-and-nested", r#"{"Status":1,"TaskId":123456,"RequestId":"R","Details":{"Detail":[{"Domain":"example.com","Status":true}]}}"#),
    json("batch-type-unknown", r#"{"Status":1,"TaskId":123456,"RequestId":"R","BatchType":"RR_MODIFY"}"#),
    json("task-id-repeated", r#"{"Status":1,"TaskId":1,"RequestId":"R","TaskId":123456}"#),
    json("status-repeated", r#"{"Status":0,"TaskId":123456,"RequestId":"R","Status":1}"#),
    json("order-and-layout", "\r\n{ \"RequestId\" : \"R\",\n\t\"Reason\":\"\\u89e3\\u6790 \\ud83d\\ude00\", \"TaskId\":123456 ,\"Status\": 2 }\n"),
    json("names-in-lower-case", r#"{"status":1,"taskId":123456,"requestId":"R"}"#),

    // Integers at the edges of types.
    json("task-id-as-text", r#"{"Status":1,"TaskId":"9007199254740993","RequestId":"R"}"#),
    json("task-id-2^31", r#"{"Status":1,"TaskId":2147483648,"RequestId":"R"}"#),
    json("task-id-2^32", r#"{"Status":1,"TaskId":4294967296,"RequestId":"R"}"#),
    json("task-id-2^53+1", r#"{"Status":1,"TaskId":9007199254740993,"RequestId":"R"}"#),
    json("task-id-2^63-1", r#"{"Status":1,"TaskId":9223372036854775807,"RequestId":"R"}"#),
    json("count-2^31", r#"{"Status":1,"TotalCount":2147483648,"TaskId":123456,"RequestId":"R","FailedCount":0,"SuccessCount":2147483648}"#),
    json("count-as-fraction", r#"{"Status":1,"TotalCount":4,"TaskId":123456,"RequestId":"R","FailedCount":1.0,"SuccessCount":3}"#),

    // Bodies that are no answer.
    json("empty", ""),
    json("cut", r#"{"Status":1,"TotalCount":4,"TaskId":1234"#),
    json("nothing-but-an-object", "{}"),
    json("a-list", "[]"),
    json("the-word-null", "null"),
    json("byte-order-mark", "\u{feff}{\"Status\":1,\"TaskId\":123456,\"RequestId\":\"R\"}"),
    json("text-behind-the-object", r#"{"Status":1,"TaskId":123456,"RequestId":"R"} ok"#),
    with("html", 200, HTML, "<!DOCTYPE html><html><body>Sign in to the network</body></html>"),

    // Refusals, and errors that nobody meant as such.
    json("code-under-200", r#"{"RequestId":"R","HostId":"alidns.aliyuncs.com","Code":"Throttling.User","Message":"Request was denied due to user flow control."}"#),
    with("throttled", 400, JSON, r#"{"RequestId":"R","Message":"Request was denied due to user flow control.","Recommend":"https://api.aliyun.com/troubleshoot?q=Throttling.User&product=Alidns&requestId=R","HostId":"alidns.aliyuncs.com","Code":"Throttling.User"}"#),
    with("unavailable", 503, JSON, r#"{"RequestId":"R","Message":"The request has failed due to a temporary failure of the server.","HostId":"alidns.aliyuncs.com","Code":"ServiceUnavailable"}"#),
    with("refused-in-xml", 400, XML, "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>R</RequestId><HostId>alidns.aliyuncs.com</HostId><Code>InvalidVersion</Code><Message>Specified parameter Version is not valid.</Message></Error>"),
    with("refused-without-code", 400, JSON, r#"{"RequestId":"R","Message":"no"}"#),
    with("html-503", 503, HTML, "<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>"),
    with("empty-502", 502, HTML, ""),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::contract::{Operation, Reading, decode};

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = MUTATIONS.iter().map(|mutation| mutation.name).collect();

        assert_eq!(names.len(), MUTATIONS.len());
    }

    #[test]
    fn every_kind_of_reading_is_called_for() {
        let kind = |mutation: &Mutation| match decode(&mutation.response(), &Operation::all()[0]).reading {
            Reading::Answer(_) => "answer",
            Reading::Refused { .. } => "refused",
            Reading::Unreadable { .. } => "unreadable",
        };
        let count = |wanted| MUTATIONS.iter().filter(|mutation| kind(mutation) == wanted).count();

        assert_eq!((count("answer"), count("refused"), count("unreadable")), (26, 5, 11));
        assert!(PLAIN.iter().all(|plain| kind(plain) == "answer"));
    }
}
