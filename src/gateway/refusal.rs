//! What the gateway turns a request down with, and how each answer is known.

use crate::signing::{Scheme, Stages};

/// An answer by which the gateway turns a request down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The `Code` of the answer.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The `Message` of the answer.
    pub message: String,
}

impl Refusal {
    /// A refusal that is none of [`CODES`].
    pub fn new(code: impl Into<String>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into() }
    }

    /// Whether it is one of [`CODES`].
    pub fn is_of_the_gateway(&self) -> bool {
        CODES.iter().any(|known| known.text == self.code)
    }

    /// Whether it says what the account or its key may not do, whatever was asked.
    pub fn is_of_the_account(&self) -> bool {
        OF_THE_ACCOUNT.iter().any(|start| self.code.starts_with(start))
    }

    /// What a request gets whose parameters cannot be told: percent-encoding that is none, or, assumed, query and
    /// form that contradict each other.
    pub fn malformed() -> Self {
        Self::from(&REQUEST_PARAMETER_MALFORMED)
    }

    /// What a wrong signature gets: the service shows what it signed itself.
    pub(super) fn wrong_signature(scheme: Scheme, ours: &Stages) -> Self {
        let message = match scheme {
            Scheme::Acs3(_) => format!(
                "Specified signature does not match our calculation. server StringToSign is [{}] server CanonicalRequest is [{}]",
                ours.string_to_sign, ours.canonical
            ),
            Scheme::HmacSha1 => {
                format!("{} server string to sign is:{}", SIGNATURE_DOES_NOT_MATCH.message, ours.string_to_sign)
            }
        };
        Self { message, ..Self::from(&SIGNATURE_DOES_NOT_MATCH) }
    }
}

impl From<&Code> for Refusal {
    fn from(code: &Code) -> Self {
        Self::new(code.text, code.status, code.message)
    }
}

/// One code of the service, with the status and message that go with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Code {
    /// As the answer spells it.
    pub text: &'static str,
    /// The HTTP status: the observed one where it was observed, whatever a document says.
    pub status: u16,
    /// The `Message`. That of `SignatureDoesNotMatch` goes on with what the service signed.
    pub message: &'static str,
    /// How code, message and status are known.
    pub source: Source,
}

/// How an answer is known. Addresses were read on 2026-11-24.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// Formed after the documented pattern for such codes, `Missing{Name}` or `Invalid{Name}`; that this one exists
    /// is not known.
    Assumed,
    /// The vendor's page lists it.
    Documented {
        /// The page.
        address: &'static str,
    },
    /// An answer of the service was quoted in public; the status too, or else the vendor's page gives it.
    Observed {
        /// The thread.
        address: &'static str,
    },
}

/// Every code that the gateway answers with, in alphabetical order.
///
/// Alidns answers with this family; `IncompleteSignature`, `IllegalTimestamp` and `MissingParameter`, which its error
/// page lists, come from another family of hosts (ECS) and are never sent.
pub const CODES: &[&Code] = &[
    &INVALID_ACCESS_KEY_ID,
    &INVALID_ACCESS_KEY_ID_NOT_FOUND,
    &INVALID_ACTION_NOT_FOUND,
    &INVALID_PARAMETER_FORMAT,
    &INVALID_SIGNATURE,
    &INVALID_SIGNATURE_METHOD,
    &INVALID_SIGNATURE_VERSION,
    &INVALID_TIME_STAMP_EXPIRED,
    &INVALID_TIME_STAMP_FORMAT,
    &INVALID_VERSION,
    &MISSING_ACCESS_KEY_ID,
    &MISSING_ACTION,
    &MISSING_SECURITY_TOKEN,
    &MISSING_SIGNATURE,
    &MISSING_SIGNATURE_METHOD,
    &MISSING_SIGNATURE_NONCE,
    &MISSING_SIGNATURE_VERSION,
    &MISSING_SIGNED_HEADERS,
    &MISSING_TIMESTAMP,
    &REQUEST_PARAMETER_MALFORMED,
    &SIGNATURE_DOES_NOT_MATCH,
    &SIGNATURE_NONCE_USED,
    &UNSUPPORTED_HTTP_METHOD,
];

/// What codes begin with that depend on the account. Some are among [`CODES`].
const OF_THE_ACCOUNT: &[&str] =
    &["Forbidden", "InvalidAccessKeyId", "InvalidSecurityToken", "NoPermission", "Throttling"];

pub(super) const INVALID_ACCESS_KEY_ID: Code = Code {
    text: "InvalidAccessKeyId",
    status: 404,
    message: "Specified access key is not found or invalid.",
    source: Source::Observed { address: "https://github.com/jeessy2/ddns-go/issues/207" },
};
pub(super) const INVALID_ACCESS_KEY_ID_NOT_FOUND: Code = Code {
    text: "InvalidAccessKeyId.NotFound",
    status: 404,
    message: "Specified access key is not found.",
    source: Source::Observed { address: "https://github.com/honwen/aliyun-ddns-cli/issues/24" },
};
pub(super) const INVALID_ACTION_NOT_FOUND: Code = Code {
    text: "InvalidAction.NotFound",
    status: 404,
    message: "Specified api is not found, please check your url and method.",
    source: Source::Observed { address: "https://github.com/aliyun/openapi-sdk-php-client/issues/230" },
};
pub(super) const INVALID_PARAMETER_FORMAT: Code = Code {
    text: "InvalidParameter.Format",
    status: 400,
    message: "Specified parameter format is not valid.",
    source: Source::Documented { address: COPIED_CODES },
};
pub(super) const INVALID_SIGNATURE: Code = Code {
    text: "InvalidSignature",
    status: 400,
    message: "Specified parameter Signature is not valid.",
    source: Source::Assumed,
};
pub(super) const INVALID_SIGNATURE_METHOD: Code = Code {
    text: "InvalidSignatureMethod",
    status: 400,
    message: "Specified signature method is not valid.",
    source: Source::Documented { address: COPIED_CODES },
};
pub(super) const INVALID_SIGNATURE_VERSION: Code = Code {
    text: "InvalidSignatureVersion",
    status: 400,
    message: "Specified parameter SignatureVersion is not valid.",
    source: Source::Assumed,
};
pub(super) const INVALID_TIME_STAMP_EXPIRED: Code = Code {
    text: "InvalidTimeStamp.Expired",
    status: 400,
    message: "Specified time stamp or date value is expired.",
    source: Source::Observed { address: "https://github.com/jeessy2/ddns-go/issues/1291" },
};
pub(super) const INVALID_TIME_STAMP_FORMAT: Code = Code {
    text: "InvalidTimeStamp.Format",
    status: 400,
    message: "Specified time stamp or date value is not well formatted.",
    source: Source::Documented { address: GATEWAY_CODES },
};
pub(super) const INVALID_VERSION: Code = Code {
    text: "InvalidVersion",
    status: 400,
    message: "Specified parameter Version is not valid.",
    source: Source::Observed { address: "https://github.com/risfeng/aliyun-ddns-shell/issues/36" },
};
pub(super) const MISSING_ACCESS_KEY_ID: Code = Code {
    text: "MissingAccessKeyId",
    status: 400,
    message: "AccessKeyId is mandatory for this action.",
    source: Source::Observed { address: "https://github.com/aliyun/alibabacloud-csharp-sdk/issues/40" },
};
pub(super) const MISSING_ACTION: Code = Code {
    text: "MissingAction",
    status: 400,
    message: "Action is mandatory for this action.",
    source: Source::Assumed,
};
pub(super) const MISSING_SECURITY_TOKEN: Code = Code {
    text: "MissingSecurityToken",
    status: 400,
    message: "SecurityToken is mandatory for this action.",
    source: Source::Observed { address: "https://github.com/denverdino/aliyungo/issues/204" },
};
pub(super) const MISSING_SIGNATURE: Code = Code {
    text: "MissingSignature",
    status: 400,
    message: "Signature is mandatory for this action.",
    source: Source::Observed { address: "https://github.com/starsunyzl/ddns-scripts-alibabacloud/issues/3" },
};
pub(super) const MISSING_SIGNATURE_METHOD: Code = Code {
    text: "MissingSignatureMethod",
    status: 400,
    message: "SignatureMethod is mandatory for this action.",
    source: Source::Assumed,
};
pub(super) const MISSING_SIGNATURE_NONCE: Code = Code {
    text: "MissingSignatureNonce",
    status: 400,
    message: "SignatureNonce is mandatory for this action.",
    source: Source::Assumed,
};
pub(super) const MISSING_SIGNATURE_VERSION: Code = Code {
    text: "MissingSignatureVersion",
    status: 400,
    message: "SignatureVersion is mandatory for this action.",
    source: Source::Assumed,
};
pub(super) const MISSING_SIGNED_HEADERS: Code = Code {
    text: "MissingSignedHeaders",
    status: 400,
    message: "SignedHeaders is mandatory for this action.",
    source: Source::Assumed,
};
pub(super) const MISSING_TIMESTAMP: Code = Code {
    text: "MissingTimestamp",
    status: 400,
    message: "Timestamp is mandatory for this action.",
    source: Source::Observed { address: "https://github.com/rfancn/aliyun-ddns-client/issues/12" },
};
pub(super) const REQUEST_PARAMETER_MALFORMED: Code = Code {
    text: "RequestParameterMalformed",
    status: 400,
    message: "Request parameters has malformed encoded characters.",
    source: Source::Observed { address: "https://github.com/sadoneli/merlin380-acme/issues/25" },
};
pub(super) const SIGNATURE_DOES_NOT_MATCH: Code = Code {
    text: "SignatureDoesNotMatch",
    status: 400,
    message: "Specified signature is not matched with our calculation.",
    source: Source::Observed { address: "https://github.com/jeessy2/ddns-go/issues/936" },
};
pub(super) const SIGNATURE_NONCE_USED: Code = Code {
    text: "SignatureNonceUsed",
    status: 400,
    message: "Specified signature nonce was used already.",
    source: Source::Observed { address: "https://github.com/acmesh-official/acme.sh/issues/1639" },
};
pub(super) const UNSUPPORTED_HTTP_METHOD: Code = Code {
    text: "UnsupportedHTTPMethod",
    status: 400,
    message: "This http method is not supported.",
    source: Source::Documented { address: COPIED_CODES },
};

const COPIED_CODES: &str = "https://developer.aliyun.com/ask/278265";
const GATEWAY_CODES: &str = "https://help.aliyun.com/en/document_detail/434846.html";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_alphabetical_order_and_stand_once() {
        let texts: Vec<&str> = CODES.iter().map(|code| code.text).collect();

        assert!(texts.is_sorted_by(|left, right| left < right), "{texts:?}");
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let page = include_str!("../../docs/gateway.md");
        let (_, table) = page.split_once("| known from |\n|---|---|---|\n").expect("the page has the table");

        let rows: Vec<String> = CODES.iter().map(|code| row(code)).collect();

        assert_eq!(table.lines().collect::<Vec<_>>(), rows);
    }

    fn row(code: &Code) -> String {
        let source = match code.source {
            Source::Assumed => "assumed".to_owned(),
            Source::Documented { address } => format!("documented: {address}"),
            Source::Observed { address } => format!("observed: {address}"),
        };
        format!("| {} | {} | {source} |", code.text, code.status)
    }

    #[test]
    fn a_request_that_cannot_be_decoded_gets_the_message_of_the_service() {
        let refusal = Refusal::malformed();

        assert_eq!((refusal.code.as_str(), refusal.status), ("RequestParameterMalformed", 400));
        assert_eq!(refusal.message, "Request parameters has malformed encoded characters.");
    }
}
