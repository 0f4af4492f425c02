//! What is kept: the files, what they must hold to, and what of a request a stored answer is found by.

mod asked;
mod base64_run;
mod body;
mod cassette;
mod coding;
mod decoders;
mod error;
mod file;
mod layout;
mod library;
mod line;
mod lint;
mod match_key;
mod needle;
mod pattern;
mod provenance;
mod redaction;
mod scan;
#[cfg(feature = "cli")]
mod scrub;
mod sealed;
#[cfg(feature = "cli")]
mod shape;
#[cfg(feature = "cli")]
mod steady;
#[cfg(feature = "cli")]
mod store;

pub use asked::{Asked, Signed};
pub use cassette::{Answers, Cassette, Interaction};
pub use error::{CassetteError, FileError, Problem, Spot};
pub use file::FORMAT_VERSION;
pub use library::Cassettes;
pub use lint::{Lint, LintRule, lint};
pub use match_key::MatchKey;
pub(crate) use match_key::semantic_parts;
pub use provenance::Provenance;
pub use redaction::{REDACTION_RULES, Redaction, RedactionRule, StandIn};
pub use scan::{Leak, SCAN_RULES, ScanRule};
#[cfg(feature = "cli")]
pub use scrub::{Scrubbed, scrub};
pub use sealed::Sealed;
#[cfg(feature = "cli")]
pub use shape::{Change, ChangeKind, ShapeDiff};
#[cfg(feature = "cli")]
pub use steady::{Enumerations, same_but_volatile};
#[cfg(feature = "cli")]
pub(crate) use store::replace;
#[cfg(feature = "cli")]
pub use store::{Folder, StoreError, Stored};
