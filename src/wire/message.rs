//! A request and a response as bytes.

/// A request as it came, before anything is decoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawRequest {
    /// As sent; methods are case-sensitive.
    pub method: String,
    /// The request target, normally path and query.
    pub target: Vec<u8>,
    /// In wire order, repeats kept.
    pub headers: Headers,
    /// Without any transfer coding.
    pub body: Vec<u8>,
    /// How far the target's spelling can be trusted.
    pub spelling: Spelling,
}

/// Whether a target is spelled as its sender spelled it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spelling {
    /// The very bytes off the socket or out of a log.
    AsSent,
    /// Put together from decoded parameters, as a cassette holds them.
    Rebuilt,
    /// Encoded again by a library on the way (wiremock does so); the decoded parameters are as sent.
    Reencoded,
}

/// A response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// Three digits.
    pub status: u16,
    /// In wire order, repeats kept.
    pub headers: Headers,
    /// Without any transfer coding.
    pub body: Vec<u8>,
}

/// Header fields in wire order, repeats and spelling of names kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one behind the others; repeats stay.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// Puts `value` where the first header of that name stands, or behind the others, and drops its repeats.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let at = self.0.iter().position(|(found, _)| found.eq_ignore_ascii_case(name)).unwrap_or(self.0.len());
        let spelled = self.0.get(at).map_or_else(|| name.to_owned(), |(found, _)| found.clone());
        self.remove(name);
        self.0.insert(at, (spelled, value.into()));
    }

    /// Drops every header of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
    }

    /// The first value under `name`, in any case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The first value under `name` where it is UTF-8, without outer white space.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok().map(str::trim)
    }

    /// Every value under `name`, in wire order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Those that belong to the message: what one connection needs is left out, for the next has its own.
    #[must_use = "the headers themselves are not changed"]
    pub fn without_those_of_a_connection(&self) -> Self {
        self.iter().filter(|(name, _)| !is_of_a_connection(name)).collect()
    }

    /// Names and values in wire order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// How many there are, repeats counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Whether a header belongs to one connection and not to the message: a stored one would contradict what is sent.
pub(crate) fn is_of_a_connection(name: &str) -> bool {
    OF_A_CONNECTION.iter().any(|known| known.eq_ignore_ascii_case(name))
}

const OF_A_CONNECTION: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> Headers {
        [("Host", "a"), ("X-Acs-Test", "1"), ("x-acs-test", "2"), ("Accept", "*/*")].into_iter().collect()
    }

    #[test]
    fn names_are_found_in_any_case_and_repeats_in_wire_order() {
        let headers = headers();

        let all: Vec<&[u8]> = headers.all("X-ACS-TEST").collect();

        assert_eq!(all, [b"1", b"2"]);
    }

    #[test]
    fn setting_keeps_place_and_spelling_and_drops_repeats() {
        let mut headers = headers();
        headers.set("x-acs-TEST", "3");

        let names: Vec<&str> = headers.iter().map(|(name, _)| name).collect();

        assert_eq!(names, ["Host", "X-Acs-Test", "Accept"]);
        assert_eq!(headers.get("x-acs-test"), Some(&b"3"[..]));
    }

    #[test]
    fn what_belongs_to_a_connection_goes_in_any_case_and_the_rest_stays() {
        let headers: Headers =
            [("Transfer-Encoding", "chunked"), ("Date", "x"), ("connection", "close"), ("Etag", "y")]
                .into_iter()
                .collect();

        let left = headers.without_those_of_a_connection();

        assert_eq!(left.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["Date", "Etag"]);
    }

    #[test]
    fn setting_a_header_that_is_not_there_adds_it_at_the_end() {
        let mut headers = headers();
        headers.set("Date", "now");

        assert_eq!(headers.iter().last(), Some(("Date", &b"now"[..])));
    }

    #[test]
    fn text_is_trimmed_and_never_guessed() {
        let headers: Headers = [("A", b" x ".to_vec()), ("B", vec![0xff])].into_iter().collect();

        assert_eq!(headers.text("a"), Some("x"));
        assert_eq!(headers.text("b"), None);
    }
}
