//! A JSON or XML body as a tree.

use thiserror::Error;

use super::{json, xml};

/// A body as a tree that keeps order, repeated names and the spelling of numbers.
///
/// What the body starts with tells JSON from XML; a `Content-Type` is not asked. The size is the front's to
/// bound; the depth is bounded here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Document {
    /// What the body is written in.
    pub syntax: Syntax,
    /// The value of the whole, in XML the content of the root element.
    pub root: Node,
    /// The XML elements that have attributes; the attributes themselves are left out.
    pub attributed: Vec<String>,
}

/// What a document is written in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Syntax {
    /// JSON ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)).
    Json,
    /// XML without a document type.
    Xml {
        /// The name of the root element.
        root: String,
    },
}

/// A value in a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Node {
    /// A list; XML has none.
    Array(Vec<Node>),
    /// `true` or `false`; XML has none.
    Bool(bool),
    /// `null`; XML has none.
    Null,
    /// A number as spelled; XML has none.
    Number(String),
    /// Names and values in the order of the document, repeated names kept.
    Object(Vec<(String, Node)>),
    /// A text, its escapes resolved. XML has nothing else in its leaves.
    Text(String),
}

impl Document {
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`DocumentError`] where it is neither JSON nor XML from the first byte to the last, or nested too deeply.
    ///
    /// # Example
    /// ```
    /// use alidns_contract::wire::{Document, Node};
    ///
    /// let document = Document::parse(b"{\"TaskId\":9007199254740993}").expect("JSON");
    /// let number = Node::Number("9007199254740993".into());
    /// assert_eq!(document.root, Node::Object(vec![("TaskId".into(), number)]));
    /// ```
    pub fn parse(body: &[u8]) -> Result<Self, DocumentError> {
        if body.starts_with(BYTE_ORDER_MARK) {
            return Err(DocumentError::ByteOrderMark);
        }
        let text = std::str::from_utf8(body).map_err(|error| DocumentError::NotUtf8 { at: error.valid_up_to() })?;
        match text.trim_ascii_start().bytes().next() {
            None => Err(DocumentError::Empty),
            Some(b'<') => xml::parse(text),
            Some(_) => json::parse(text),
        }
    }
}

/// Why a body is no document.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// A byte order mark, which the service does not send and most clients do not read.
    #[error("a byte order mark stands before the document")]
    ByteOrderMark,
    /// The end came too early.
    #[error("the document is cut off at byte {at}")]
    Cut {
        /// How many bytes there are.
        at: usize,
    },
    /// A document type, by which XML could define entities of its own.
    #[error("a document type declaration ends at byte {at}")]
    DocumentType {
        /// Where it ends.
        at: u64,
    },
    /// Nothing but white space.
    #[error("the body is empty")]
    Empty,
    /// An entity beyond the five of XML.
    #[error("the entity {name:?} that ends at byte {at} is not known")]
    Entity {
        /// Without `&` and `;`.
        name: String,
        /// Where it ends.
        at: u64,
    },
    /// Malformed JSON.
    #[error("malformed JSON {place}")]
    Json {
        /// Line and column, or the names and indices that lead to the value.
        place: String,
        /// What is wrong.
        #[source]
        cause: serde_json::Error,
    },
    /// Bytes that are no text.
    #[error("byte {at} is not UTF-8")]
    NotUtf8 {
        /// How many bytes stand before it.
        at: usize,
    },
    /// Text beside elements, or outside the root.
    #[error("text stands beside elements before byte {at}")]
    TextBesideElements {
        /// Where the text or its element ends.
        at: u64,
    },
    /// Too many levels.
    #[error("the document is nested more than {MOST_LEVELS} levels deep")]
    TooDeep,
    /// A second root element.
    #[error("a second root element ends its tag at byte {at}")]
    TwoRoots {
        /// Where its tag ends.
        at: u64,
    },
    /// Malformed XML.
    #[error("malformed XML at byte {at}")]
    Xml {
        /// Where it was noticed.
        at: u64,
        /// What is wrong.
        #[source]
        cause: quick_xml::Error,
    },
}

impl DocumentError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Cut { .. } | Self::Empty => "look whether the connection ended before the answer did",
            _ => "look at the body itself: a proxy or a portal may have answered in place of the service",
        }
    }
}

/// Real answers have three levels.
pub(super) const MOST_LEVELS: usize = 64;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: impl AsRef<[u8]>) -> String {
        Document::parse(body.as_ref()).expect_err("the body is no document").to_string()
    }

    #[test]
    fn an_empty_body_is_no_document() {
        assert_eq!(error(""), "the body is empty");
        assert_eq!(error(" \r\n\t"), "the body is empty");
    }

    #[test]
    fn a_byte_order_mark_is_refused_in_front_of_either_syntax() {
        assert_eq!(error("\u{feff}{}"), "a byte order mark stands before the document");
        assert_eq!(error("\u{feff}<A/>"), "a byte order mark stands before the document");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_place() {
        assert_eq!(error(b"{\"Reason\":\"\xd6\xd0\"}"), "byte 11 is not UTF-8");
        assert_eq!(error(b"\x1f\x8b\x08\x00"), "byte 1 is not UTF-8");
    }
}
