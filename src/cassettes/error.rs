//! Why cassettes cannot be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::asked::Signed;
use super::file::FORMAT_VERSION;
use crate::wire::Malformed;
use crate::wire::percent::BadPercent;

/// Why a folder of cassettes cannot be used: every damaged file of it, in the order of their paths.
#[derive(Debug)]
pub struct CassetteError {
    files: Vec<FileError>,
}

impl CassetteError {
    /// Reports all of `files` together.
    pub(super) fn new(mut files: Vec<FileError>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Self { files }
    }

    /// One error for each damaged file.
    pub fn files(&self) -> &[FileError] {
        &self.files
    }
}

impl fmt::Display for CassetteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.files.iter().map(FileError::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for CassetteError {}

/// What is wrong with one file or folder, and where.
#[derive(Debug)]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// Where in it; none where it cannot be read at all.
    pub spot: Option<Spot>,
    /// What is wrong.
    pub problem: Box<Problem>,
}

impl FileError {
    pub(super) fn new(path: &Path, spot: Option<Spot>, problem: Problem) -> Self {
        Self { path: path.to_owned(), spot, problem: Box::new(problem) }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        self.problem.help()
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(spot) = &self.spot {
            write!(f, "{spot}: ")?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}

/// A place in a cassette.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Spot {
    /// A part of what it says.
    Field {
        /// The id of the interaction, where it is part of one.
        interaction: Option<String>,
        /// The part, as a [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901).
        pointer: String,
    },
    /// A place in its text, both counted from one.
    Text {
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
    },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { interaction: Some(id), pointer } => write!(f, "interaction {id}, {pointer}"),
            Self::Field { interaction: None, pointer } => f.write_str(pointer),
            Self::Text { line, column } => write!(f, "line {line}, column {column}"),
        }
    }
}

/// What is wrong with a cassette.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A body's base64 is none.
    #[error("the body is no base64")]
    Base64(#[source] base64::DecodeError),
    /// A character that stands for no byte.
    #[error("{0:?} is beyond Latin-1")]
    BeyondLatin1(char),
    /// Not one form of body but none or several.
    #[error("the body needs one of json, text and base64")]
    BodyForm,
    /// A mark before the text.
    #[error("the file begins with a byte order mark")]
    ByteOrderMark,
    /// Line ends of another system.
    #[error("the file has carriage returns")]
    CarriageReturn,
    /// A header that only the connection can know.
    #[error("the answer holds the connection's own header {0:?}")]
    ConnectionHeader(String),
    /// The file ends in the middle.
    #[error("the file is cut short")]
    CutShort(#[source] serde_json::Error),
    /// A query or form that cannot be read as one.
    #[error("the parameters of the request cannot be told")]
    Ambiguous(#[source] Malformed),
    /// No cassette in a folder.
    #[error("the folder holds no cassette")]
    EmptyFolder,
    /// Two interactions that one request would find.
    #[error("asks the same as interaction {first:?}")]
    EqualKeys {
        /// The id of the earlier one.
        first: String,
    },
    /// The hash of a body is another.
    #[error("sha256 says {says}, the body has {is}")]
    Hash {
        /// In the file.
        says: String,
        /// Of the bytes.
        is: String,
    },
    /// No name and value.
    #[error("the header is no \"Name: value\"")]
    HeaderLine,
    /// No name that HTTP can carry.
    #[error("the header's name has a character that HTTP does not allow")]
    HeaderName,
    /// No value that HTTP can carry.
    #[error("the header's value has outer white space or a control character")]
    HeaderValue,
    /// A JSON body that is neither object nor array.
    #[error("the JSON body is neither object nor array")]
    JsonScalar,
    /// The length of a body is another.
    #[error("length says {says}, the body has {is} bytes")]
    Length {
        /// In the file.
        says: usize,
        /// Of the bytes.
        is: usize,
    },
    /// A `%` that begins no escape.
    #[error("the parameter is not escaped as a cassette escapes")]
    LineEncoding(#[source] BadPercent),
    /// No name and value.
    #[error("the parameter is no \"Name=value\"")]
    LineWithoutEquals,
    /// Not a token as HTTP knows it.
    #[error("{0:?} is no method")]
    Method(String),
    /// Nothing is there.
    #[error("there is no such file or folder")]
    Missing,
    /// No answer at all.
    #[error("an interaction needs an answer")]
    NoAnswer,
    /// The first key is not there.
    #[error("the file does not say its format")]
    NoFormat,
    /// A folder, a pipe or a device where a file should be.
    #[error("is no regular file")]
    NoRegularFile,
    /// A request that is not valid, and would be replayed.
    #[error("the request's signature is {0}, so it cannot be replayed")]
    NotAnExhibit(Signed),
    /// JSON, but not a cassette.
    #[error("the text does not follow the format of a cassette")]
    NotInFormat(#[source] serde_json::Error),
    /// Not JSON.
    #[error("the text is no JSON")]
    NotJson(#[source] serde_json::Error),
    /// Not text.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// Two interactions of one name.
    #[error("the id {0:?} stands twice")]
    RepeatedId(String),
    /// A request that says its parameters in a way that is not one.
    #[error("the request needs either target, or query and form, and either form or body")]
    RequestForm,
    /// The signature is another than the file says.
    #[error("signature says {says}, but it is {}", is.map_or("one that cannot be verified", Signed::name))]
    Signature {
        /// In the file.
        says: Signed,
        /// As verified with the public test key; none where it cannot be.
        is: Option<Signed>,
    },
    /// A status that no answer has.
    #[error("{0} is no status of an answer")]
    Status(u16),
    /// A target that need not be one.
    #[error("the target can be decoded")]
    TargetDecodes,
    /// A JSON body beyond the bound.
    #[error("the JSON body nests too deep")]
    TooDeep,
    /// A file beyond the bound.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: u64,
    },
    /// One parameter in two places.
    #[error("a parameter stands in query and form")]
    TwoPlaces,
    /// A format of the future, or none of this program.
    #[error("has format {0:?}, the newest known is \"alidns-cassette/{FORMAT_VERSION}\"")]
    UnknownFormat(String),
    /// The system does not let it be read.
    #[error("cannot be read")]
    Unreadable(#[source] io::Error),
    /// A link that leads to a folder that was read already.
    #[error("is the folder {} again, through a link", first.display())]
    VisitedTwice {
        /// The path it was read under.
        first: PathBuf,
    },
}

impl Problem {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Base64(_) | Self::BodyForm | Self::JsonScalar => {
                "write the body as json (an object or array), text (lines) or base64, with length and sha256"
            }
            Self::BeyondLatin1(_) => "write each byte as the character of Latin-1 with its number",
            Self::ByteOrderMark | Self::NotUtf8 => "save the file as UTF-8 without a byte order mark",
            Self::CarriageReturn => "save with newlines alone; in git: *.json text eol=lf",
            Self::ConnectionHeader(_) => "take the header out: it is made anew for each connection",
            Self::CutShort(_) => "restore the file from version control",
            Self::Ambiguous(_) | Self::TwoPlaces => "write each parameter in one place, query or form",
            Self::EmptyFolder => "name a folder that holds cassettes (*.json, in subfolders too)",
            Self::EqualKeys { .. } => "move one to a file of its own, or make them answers of one interaction",
            Self::Hash { .. } | Self::Length { .. } => {
                "restore the body; if the change is meant, correct length and sha256"
            }
            Self::HeaderLine | Self::HeaderName | Self::HeaderValue => {
                "write the header as it stands in HTTP, Name: value"
            }
            Self::LineEncoding(_) => "write % as %25",
            Self::LineWithoutEquals => "write Name= where the value is empty",
            Self::Method(_) => "write the method as it is sent, such as GET or POST",
            Self::Missing => "check the path",
            Self::NoAnswer => "give the interaction at least one answer",
            Self::NoFormat => "begin the file with \"format\": \"alidns-cassette/1\", if it is a cassette",
            Self::NoRegularFile => "move it out of the folder of cassettes",
            Self::NotAnExhibit(_) => "set \"exhibit\": true, or sign the request with the public test key",
            Self::NotInFormat(_) => "correct the field; docs/cassette.schema.json describes all of them",
            Self::NotJson(_) => "correct the text at that place",
            Self::RepeatedId(_) => "give one of them another id",
            Self::RequestForm => {
                "write query and form, or body for what is no form; target only where nothing can be decoded"
            }
            Self::Signature { .. } => "sign the request with testid / testsecret, or correct the signature's word",
            Self::Status(_) => "write the status that was answered, 200 to 599",
            Self::TargetDecodes => "write the parameters under query",
            Self::TooDeep => "write the body as text",
            Self::TooLarge { .. } => "split the cassette",
            Self::UnknownFormat(_) => "update alidns-contract, or take the cassette from an earlier version",
            Self::Unreadable(_) => "check the permissions",
            Self::VisitedTwice { .. } => "remove the link",
        }
    }
}

/// A problem with its place, on the way up from the part that has it.
#[derive(Debug)]
pub(super) struct Flaw {
    interaction: Option<String>,
    pointer: String,
    problem: Box<Problem>,
}

impl Flaw {
    /// The same, seen from the part that holds this one under `step`.
    pub(super) fn under(mut self, step: impl fmt::Display) -> Self {
        self.pointer = format!("/{step}{}", self.pointer);
        self
    }

    /// The same, in the interaction `id`.
    pub(super) fn of_interaction(self, id: &str) -> Self {
        Self { interaction: Some(id.to_owned()), ..self }
    }

    /// The error of the file at `path`.
    pub(super) fn in_file(self, path: &Path) -> FileError {
        let spot = Spot::Field { interaction: self.interaction, pointer: self.pointer };
        FileError { path: path.to_owned(), spot: Some(spot), problem: self.problem }
    }
}

impl From<Problem> for Flaw {
    fn from(problem: Problem) -> Self {
        Self { interaction: None, pointer: String::new(), problem: Box::new(problem) }
    }
}
