//! Requests that no sound client sends, described as edits of one that it would.

use serde::Deserialize;
use thiserror::Error;

use super::names::Name;
use crate::gateway::System;
use crate::signing::{RECIPES, Recipe, Style};
use crate::wire::{Headers, Parameter, Place, RawRequest, Request, Timestamp};

/// What is done to a sound request, and how it is signed, to see what the service makes of it.
///
/// The default changes nothing: such a step is only sent past the checks that would turn a probe down.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Probe {
    /// Done before the request is signed: the signature covers them.
    pub before_signing: Vec<Edit>,
    /// The step whose nonce it repeats.
    pub nonce_of: Option<Name>,
    /// How it is signed.
    pub style: StyleName,
    /// What becomes of the token of a temporary key.
    pub token: TokenUse,
    /// Done after the request was signed, and behind the back of the signature.
    pub after_signing: Vec<Edit>,
}

/// What becomes of the token of a temporary key.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum TokenUse {
    /// It is left out, as if the key had none.
    LeftOut,
    /// It is sent and signed.
    #[default]
    Sent,
}

/// One change to a request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Adds a header behind the others.
    AddHeader(Pair),
    /// Adds a parameter to the form body, behind the others.
    AddToForm(Pair),
    /// Drops every parameter of that name.
    Drop(String),
    /// Gives a parameter a value of that many letters `x`.
    Fill {
        /// The parameter.
        name: String,
        /// How long its value becomes.
        length: usize,
    },
    /// Writes each space of the query as `+`, which means the same. A cassette does not show it.
    PlusForSpace,
    /// Gives the first parameter of a name, or a new one, this value.
    Replace(Pair),
    /// Gives the first header of a name, or a new one, this value.
    ReplaceHeader(Pair),
    /// Moves the time stamp by so many seconds.
    ShiftTime(i64),
    /// Writes the time stamp in another way, for the same moment.
    SpellTime(TimeSpelling),
}

/// Spellings of a time stamp that the service's grammar does not have.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSpelling {
    /// `2026-11-24T03:45:00.000Z`.
    Fraction,
    /// `2026-11-24T11:45:00+08:00`.
    Offset,
}

impl Edit {
    /// The request after this change; `host` is the one that it is sent to and stands in for `${host}`.
    pub fn apply(&self, request: &Request, host: &str) -> Request {
        match self {
            Self::AddHeader(pair) => with_header(request, |headers| headers.push(&pair.name, pair.value_for(host))),
            Self::AddToForm(pair) => with_parameters(request, |parameters| {
                parameters.push(Parameter::form(pair.name.as_str(), pair.value.as_str()));
            }),
            Self::Drop(name) => with_parameters(request, |parameters| parameters.retain(|one| !one.is(name))),
            Self::Fill { name, length } => set(request, name, &"x".repeat(*length)),
            Self::PlusForSpace => with_plus_for_space(request),
            Self::Replace(pair) => set(request, &pair.name, &pair.value),
            Self::ReplaceHeader(pair) => with_header(request, |headers| headers.set(&pair.name, pair.value_for(host))),
            Self::ShiftTime(seconds) => with_time(request, |time| shifted(time, *seconds).map(|time| time.to_string())),
            Self::SpellTime(spelling) => with_time(request, |time| spelling.of(time)),
        }
    }
}

impl TimeSpelling {
    fn of(self, time: Timestamp) -> Option<String> {
        match self {
            Self::Fraction => Some(time.to_string().replace('Z', ".000Z")),
            Self::Offset => shifted(time, EIGHT_HOURS).map(|time| time.to_string().replace('Z', "+08:00")),
        }
    }
}

/// `Name=value`, divided at the first equals sign.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Pair {
    /// Before the equals sign.
    pub name: String,
    /// Behind it.
    pub value: String,
}

impl Pair {
    fn value_for(&self, host: &str) -> String {
        self.value.replace("${host}", host)
    }
}

impl TryFrom<String> for Pair {
    type Error = BadPair;

    fn try_from(text: String) -> Result<Self, BadPair> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self { name: name.to_owned(), value: value.to_owned() }),
            _ => Err(BadPair(text)),
        }
    }
}

/// A text that is no `Name=value`.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0:?} is no Name=value")]
pub struct BadPair(String);

/// The name of a recipe, or `service` for the right way to sign.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct StyleName(Option<&'static Recipe>);

impl StyleName {
    /// The name.
    pub fn name(self) -> &'static str {
        self.0.map_or(SERVICE, |recipe| recipe.name)
    }

    /// The style that it names.
    pub fn style(self) -> Style {
        self.0.map_or(Style::SERVICE, |recipe| recipe.style)
    }
}

impl PartialEq for StyleName {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl TryFrom<String> for StyleName {
    type Error = UnknownStyle;

    fn try_from(name: String) -> Result<Self, UnknownStyle> {
        if name == SERVICE {
            return Ok(Self::default());
        }
        let recipe = RECIPES.iter().find(|recipe| recipe.name == name);
        recipe.map(|recipe| Self(Some(recipe))).ok_or(UnknownStyle(name))
    }
}

/// A style that no recipe has.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("no recipe is named {0:?}")]
pub struct UnknownStyle(String);

fn with_header(request: &Request, change: impl FnOnce(&mut Headers)) -> Request {
    let mut headers = request.headers().clone();
    change(&mut headers);
    request.with_headers(headers)
}

fn with_parameters(request: &Request, change: impl FnOnce(&mut Vec<Parameter>)) -> Request {
    let mut parameters = request.parameters().to_vec();
    change(&mut parameters);
    Request::compose(request.method(), parameters, request.headers().clone())
}

fn set(request: &Request, name: &str, value: &str) -> Request {
    with_parameters(request, |parameters| match parameters.iter_mut().find(|one| one.is(name)) {
        Some(found) => found.value = value.into(),
        None => {
            let place = parameters.last().map_or(Place::Query, |last| last.place);
            parameters.push(Parameter { name: name.into(), value: value.into(), place });
        }
    })
}

fn with_plus_for_space(request: &Request) -> Request {
    let target = String::from_utf8_lossy(&request.raw().target).replace("%20", "+").into_bytes();
    Request::parse(RawRequest { target, ..request.raw().clone() }).unwrap_or_else(|_| request.clone())
}

/// A request without a time that can be read stays as it is.
fn with_time(request: &Request, write: impl FnOnce(Timestamp) -> Option<String>) -> Request {
    let system = System::of(request);
    let time = system.timestamp().and_then(|time| Timestamp::parse(&time).ok());
    match time.and_then(write) {
        Some(written) if system.in_headers() => with_header(request, |headers| headers.set("x-acs-date", written)),
        Some(written) => set(request, "Timestamp", &written),
        None => request.clone(),
    }
}

fn shifted(time: Timestamp, seconds: i64) -> Option<Timestamp> {
    Timestamp::from_unix(time.unix_seconds().checked_add(seconds)?).ok()
}

const SERVICE: &str = "service";
const EIGHT_HOURS: i64 = 8 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let parameters = vec![
            Parameter::query("Action", "DescribeBatchResultCount"),
            Parameter::query("Timestamp", "2026-11-24T23:59:00Z"),
            Parameter::query("Lang", "en"),
        ];
        Request::compose("GET", parameters, Headers::from_iter([("Host", "alidns.aliyuncs.com")]))
    }

    fn edit(text: &str) -> Edit {
        #[derive(Deserialize)]
        struct Line {
            edit: Edit,
        }
        toml::from_str::<Line>(&format!("edit = {{ {text} }}")).expect("the text describes an edit").edit
    }

    fn target_after(text: &str) -> String {
        let edited = edit(text).apply(&request(), "localhost:1");
        String::from_utf8_lossy(&edited.raw().target).into_owned()
    }

    #[test]
    fn parameters_are_dropped_replaced_added_and_filled() {
        let time = "Timestamp=2026-11-24T23%3A59%3A00Z";

        assert_eq!(target_after("drop = 'Lang'"), format!("/?Action=DescribeBatchResultCount&{time}"));
        assert_eq!(
            target_after("replace = 'Lang=a=b'"),
            format!("/?Action=DescribeBatchResultCount&{time}&Lang=a%3Db")
        );
        assert_eq!(target_after("replace = 'X=1'"), format!("/?Action=DescribeBatchResultCount&{time}&Lang=en&X=1"));
        assert_eq!(
            target_after("fill = { name = 'Lang', length = 3 }"),
            format!("/?Action=DescribeBatchResultCount&{time}&Lang=xxx")
        );
    }

    #[test]
    fn a_parameter_added_to_the_form_makes_a_body() {
        let edited = edit("add_to_form = 'Lang=zh'").apply(&request(), "localhost:1");

        assert_eq!(edited.raw().body, b"Lang=zh");
        assert_eq!(edited.raw().target, request().raw().target);
    }

    #[test]
    fn a_plus_sign_for_a_space_changes_the_wire_alone() {
        let request = Request::compose("GET", vec![Parameter::query("B", "1 +%20")], Headers::new());

        let edited = Edit::PlusForSpace.apply(&request, "localhost:1");

        assert_eq!(edited.raw().target, b"/?B=1+%2B%2520");
        assert_eq!(edited.parameters(), request.parameters());
    }

    #[test]
    fn time_stamps_move_over_midnight_and_are_spelled_as_told() {
        let after = |text: &str| edit(text).apply(&request(), "localhost:1").text("Timestamp");

        assert_eq!(after("shift_time = 60").as_deref(), Some("2026-11-25T00:00:00Z"));
        assert_eq!(after("shift_time = -960").as_deref(), Some("2026-11-24T23:43:00Z"));
        assert_eq!(after("spell_time = 'fraction'").as_deref(), Some("2026-11-24T23:59:00.000Z"));
        assert_eq!(after("spell_time = 'offset'").as_deref(), Some("2026-11-25T07:59:00+08:00"));
    }

    #[test]
    fn the_time_of_acs3_is_a_header() {
        let headers = Headers::from_iter([("x-acs-action", "A"), ("x-acs-date", "2026-11-24T00:00:00Z")]);
        let request = Request::compose("GET", Vec::new(), headers);

        let edited = edit("shift_time = -1").apply(&request, "localhost:1");

        assert_eq!(edited.headers().text("x-acs-date"), Some("2026-11-23T23:59:59Z"));
        assert_eq!(edited.parameters(), []);
    }

    #[test]
    fn a_header_may_name_the_host_that_is_talked_to() {
        let after = |text: &str, name: &str| {
            let edited = edit(text).apply(&request(), "localhost:1");
            edited.headers().all(name).map(<[u8]>::to_vec).collect::<Vec<_>>()
        };

        assert_eq!(after("replace_header = 'Host=${host}'", "Host"), [b"localhost:1".to_vec()]);
        assert_eq!(after("add_header = 'x-acs-extra=${host}/'", "x-acs-extra"), [b"localhost:1/".to_vec()]);
        assert_eq!(after("add_header = 'Host=a'", "Host"), [b"alidns.aliyuncs.com".to_vec(), b"a".to_vec()]);
    }

    #[test]
    fn a_style_is_the_service_s_or_a_recipe_s() {
        let style = |name: &str| StyleName::try_from(name.to_owned()).map(StyleName::name);

        assert_eq!(style("service"), Ok("service"));
        assert_eq!(style("lower-case-hex"), Ok("lower-case-hex"));
        assert_eq!(style("no-such-recipe"), Err(UnknownStyle("no-such-recipe".into())));
    }

    #[test]
    fn an_edit_that_nobody_knows_is_refused() {
        assert!(toml::from_str::<Probe>("before_signing = [{ rename = 'A=B' }]").is_err());
        assert!(toml::from_str::<Probe>("before_signing = [{ replace = 'A' }]").is_err());
    }
}
