//! XML as a document.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::document::{Document, DocumentError, MOST_LEVELS, Node, Syntax};

/// Reads an XML text from the first byte to the last.
///
/// Only the five entities of XML and character references are resolved. Comments and processing instructions
/// are passed over.
pub(super) fn parse(text: &str) -> Result<Document, DocumentError> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event().map_err(|cause| outer_error(cause, reader.error_position(), text))?;
        let at = reader.buffer_position();
        match event {
            Event::CData(part) => tree.text(&part.xml10_content().map_err(|cause| malformed(cause, at))?, at)?,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::DocType(_) => return Err(DocumentError::DocumentType { at }),
            Event::Empty(tag) => {
                tree.open(&tag, at)?;
                tree.close(at)?;
            }
            Event::End(_) => tree.close(at)?,
            Event::Eof => return tree.finish(text),
            Event::GeneralRef(reference) => tree.text(&resolve(&reference, at)?, at)?,
            Event::Start(tag) => tree.open(&tag, at)?,
            Event::Text(part) => tree.text(&part.xml10_content().map_err(|cause| malformed(cause, at))?, at)?,
        }
    }
}

/// The elements that are open, and the root once it is closed.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<(String, Node)>,
    attributed: Vec<String>,
}

struct Element {
    name: String,
    members: Vec<(String, Node)>,
    text: String,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), DocumentError> {
        if self.root.is_some() {
            return Err(DocumentError::TwoRoots { at });
        }
        if self.open.len() == MOST_LEVELS {
            return Err(DocumentError::TooDeep);
        }
        let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
        if has_attributes(tag, at)? {
            self.attributed.push(name.clone());
        }
        self.open.push(Element { name, members: Vec::new(), text: String::new() });
        Ok(())
    }

    fn text(&mut self, part: &str, at: u64) -> Result<(), DocumentError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None if part.trim_ascii().is_empty() => {}
            None => return Err(DocumentError::TextBesideElements { at }),
        }
        Ok(())
    }

    fn close(&mut self, at: u64) -> Result<(), DocumentError> {
        let Some(element) = self.open.pop() else { return Ok(()) };
        let node = if element.members.is_empty() {
            Node::Text(element.text)
        } else if element.text.trim_ascii().is_empty() {
            Node::Object(element.members)
        } else {
            return Err(DocumentError::TextBesideElements { at });
        };
        match self.open.last_mut() {
            Some(parent) => parent.members.push((element.name, node)),
            None => self.root = Some((element.name, node)),
        }
        Ok(())
    }

    fn finish(self, text: &str) -> Result<Document, DocumentError> {
        match self.root {
            Some((root, node)) => {
                Ok(Document { syntax: Syntax::Xml { root }, root: node, attributed: self.attributed })
            }
            None => Err(DocumentError::Cut { at: text.len() }),
        }
    }
}

/// Looks at every attribute; that none repeats is not asked, as the check takes quadratic time.
fn has_attributes(tag: &BytesStart<'_>, at: u64) -> Result<bool, DocumentError> {
    let mut any = false;
    for attribute in tag.attributes().with_checks(false) {
        attribute.map_err(|cause| malformed(cause, at))?;
        any = true;
    }
    Ok(any)
}

fn resolve(reference: &BytesRef<'_>, at: u64) -> Result<String, DocumentError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|cause| malformed(cause, at))? {
        return Ok(character.to_string());
    }
    let name = reference.decode().map_err(|cause| malformed(cause, at))?;
    let entity = resolve_predefined_entity(&name).map(str::to_owned);
    entity.ok_or_else(|| DocumentError::Entity { name: name.into_owned(), at })
}

fn malformed(cause: impl Into<quick_xml::Error>, at: u64) -> DocumentError {
    DocumentError::Xml { at, cause: cause.into() }
}

/// Every syntax error of the reader but one is a part that does not end.
fn outer_error(cause: quick_xml::Error, at: u64, text: &str) -> DocumentError {
    use quick_xml::errors::SyntaxError;
    match cause {
        quick_xml::Error::Syntax(error) if !matches!(error, SyntaxError::InvalidBangMarkup) => {
            DocumentError::Cut { at: text.len() }
        }
        cause => malformed(cause, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(text.as_bytes()).expect("the text is XML")
    }

    fn error(text: &str) -> String {
        Document::parse(text.as_bytes()).expect_err("the text is not XML").to_string()
    }

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[test]
    fn a_published_document_is_read_without_its_layout() {
        let found = document(
            "<DescribeBatchResultCountResponse>\n   <RequestId>7544</RequestId>\n   <Status>0</Status>\n</DescribeBatchResultCountResponse>",
        );

        assert_eq!(found.syntax, Syntax::Xml { root: "DescribeBatchResultCountResponse".into() });
        assert_eq!(found.root, Node::Object(vec![("RequestId".into(), text("7544")), ("Status".into(), text("0"))]));
    }

    #[test]
    fn declaration_comments_and_cdata_are_understood() {
        let found = document(
            "<?xml version='1.0' encoding='UTF-8'?>\n<!-- a --><Error><R><![CDATA[a?b&c]]></R><R/></Error>\n<!-- b -->",
        );

        assert_eq!(found.root, Node::Object(vec![("R".into(), text("a?b&c")), ("R".into(), text(""))]));
        assert_eq!(found.attributed, Vec::<String>::new());
    }

    #[test]
    fn the_five_entities_and_character_references_are_resolved_and_white_space_is_kept() {
        let found = document("<E><M> &lt;&gt;&amp;&quot;&apos;&#233;&#x1F600; </M></E>");

        assert_eq!(found.root, Node::Object(vec![("M".into(), text(" <>&\"'é😀 "))]));
    }

    #[test]
    fn elements_with_attributes_are_named() {
        let found = document("<R xmlns='a'><S t='int' u='v'>0</S><T/></R>");

        assert_eq!(found.attributed, ["R", "S"]);
        assert_eq!(found.root, Node::Object(vec![("S".into(), text("0")), ("T".into(), text(""))]));
    }

    #[test]
    fn an_entity_that_is_not_one_of_the_five_is_refused() {
        assert_eq!(error("<E>&nbsp;</E>"), "the entity \"nbsp\" that ends at byte 9 is not known");
        assert_eq!(error("<!DOCTYPE E [<!ENTITY a \"b\">]><E>&a;</E>"), "a document type declaration ends at byte 30");
    }

    #[test]
    fn a_document_that_ends_too_early_is_cut() {
        for cut in ["<E><M>a</M>", "<E><M>a</", "<E", "<?xml version='1.0'", "<E><![CDATA[a</E>", "<!-- a"] {
            let expected = format!("the document is cut off at byte {}", cut.len());

            assert_eq!(error(cut), expected, "{cut}");
        }
    }

    #[test]
    fn what_does_not_nest_is_malformed() {
        assert_eq!(error("<E><M>a</E></M>"), "malformed XML at byte 7");
        assert_eq!(error("<E></E></E>"), "malformed XML at byte 7");
        assert_eq!(error("<E a=></E>"), "malformed XML at byte 6");
    }

    #[test]
    fn one_root_stands_alone() {
        assert_eq!(error("<E/><E/>"), "a second root element ends its tag at byte 8");
        assert_eq!(error("<E/>and more"), "text stands beside elements before byte 12");
        assert_eq!(error("<E>a<M/></E>"), "text stands beside elements before byte 12");
    }

    #[test]
    fn nesting_ends_at_its_bound() {
        let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));

        assert!(Document::parse(nested(64).as_bytes()).is_ok());
        assert_eq!(error(&nested(65)), "the document is nested more than 64 levels deep");
        assert_eq!(error(&nested(100_000)), "the document is nested more than 64 levels deep");
    }
}
