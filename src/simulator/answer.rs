//! What the batch service answers, as JSON and as XML.

use super::asked::Language;
use super::tasks::{Progress, State};
use crate::gateway::{Format, request_id};
use crate::signing::{Digest, hex_digest};
use crate::wire::{RawRequest, Response};

/// An answer of one of the two actions, but for its RequestId.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Answer {
    root: &'static str,
    fields: Vec<(&'static str, Value)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Value {
    Number(i64),
    Text(String),
}

impl Answer {
    /// How far a task has come, in the order of the published example but for the RequestId, which goes before; none is
    /// `Status` -1 alone.
    pub(super) fn progress(progress: Option<Progress>, language: Language) -> Self {
        let Some(progress) = progress else {
            return Self { root: PROGRESS, fields: vec![("Status", Value::Number(NOTHING_SUBMITTED))] };
        };
        let mut fields = vec![
            ("Status", Value::Number(progress.state.code())),
            ("TotalCount", Value::Number(progress.total.into())),
            ("TaskId", Value::Number(progress.id)),
            ("FailedCount", Value::Number(progress.failed.into())),
            ("SuccessCount", Value::Number(progress.succeeded.into())),
            ("BatchType", Value::Text(progress.batch.name().to_owned())),
        ];
        if progress.state == State::Failed {
            fields.push(("Reason", Value::Text(reason(language).to_owned())));
        }
        Self { root: PROGRESS, fields }
    }

    /// A task was submitted under that id.
    pub(super) fn submitted(id: i64) -> Self {
        Self { root: SUBMISSION, fields: vec![("TaskId", Value::Number(id))] }
    }

    /// Writes it under the headers that [answers had in 2025](https://github.com/aliyun/alibabacloud-go-sdk/issues/79),
    /// read 2026-11-24; `etag` and trace id are made of the answer, so that the same request gets the same ones.
    pub(super) fn render(&self, format: Format, asked: &RawRequest) -> Response {
        let request_id = request_id(asked);
        let (content_type, body) = match format {
            Format::Json => ("application/json;charset=utf-8", self.json(&request_id)),
            Format::Xml => ("text/xml;charset=utf-8", self.xml(&request_id)),
        };
        let digest = hex_digest(Digest::Sha256, body.as_bytes());
        let headers = [
            ("content-type", content_type),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "*"),
            ("etag", &digest[..24]),
            ("x-acs-request-id", &request_id),
            ("x-acs-trace-id", &digest[32..]),
        ];
        Response { status: 200, headers: headers.into_iter().collect(), body: body.into_bytes() }
    }

    fn json(&self, request_id: &str) -> String {
        let write = |(name, value): &(&str, Value)| match value {
            Value::Number(number) => format!(",\"{name}\":{number}"),
            Value::Text(text) => format!(",\"{name}\":{}", serde_json::Value::from(text.as_str())),
        };
        let fields: String = self.fields.iter().map(write).collect();
        format!("{{\"RequestId\":\"{request_id}\"{fields}}}")
    }

    fn xml(&self, request_id: &str) -> String {
        let write = |(name, value): &(&str, Value)| match value {
            Value::Number(number) => format!("<{name}>{number}</{name}>"),
            Value::Text(text) => format!("<{name}>{}</{name}>", quick_xml::escape::escape(text.as_str())),
        };
        let fields: String = self.fields.iter().map(write).collect();
        let root = self.root;
        format!("{DECLARATION}<{root}><RequestId>{request_id}</RequestId>{fields}</{root}>")
    }
}

/// The English text is the published example's; what the service says in Chinese is not known.
fn reason(language: Language) -> &'static str {
    match language {
        Language::Chinese => "未找到文件中指定的域名。",
        Language::English => "No match is found for the domain name specified in the file.",
    }
}

const NOTHING_SUBMITTED: i64 = -1;
const PROGRESS: &str = "DescribeBatchResultCountResponse";
const SUBMISSION: &str = "OperateBatchDomainResponse";

/// As the service's refusals have it; no answer in XML has been published with one.
const DECLARATION: &str = "<?xml version='1.0' encoding='UTF-8'?>";
