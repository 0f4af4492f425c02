//! The operation, and what is believed of it.

mod call;
mod decode;
mod evidence;
#[cfg(feature = "cli")]
mod names;
mod operation;
#[cfg(feature = "cli")]
mod probe;
mod reading;
#[cfg(feature = "cli")]
mod scenario;
#[cfg(feature = "cli")]
mod scenario_file;
#[cfg(feature = "cli")]
mod world;

pub use call::Call;
pub(crate) use decode::is_html;
pub use decode::{Decoded, Leniency, decode};
pub use evidence::{CheckId, Evidence, EvidenceError, EvidenceKind, Reason};
#[cfg(feature = "cli")]
pub use names::{BadName, Name};
pub use operation::{
    Constraint, ContractError, DeclaredField, DeclaredParameter, DeclaredValue, Factor, Level, Operation, State,
    ValueType, VerifierOnly,
};
#[cfg(feature = "cli")]
pub use probe::{BadPair, Edit, Pair, Probe, StyleName, TimeSpelling, TokenUse, UnknownStyle};
pub use reading::{Fields, Reading, Value};
#[cfg(feature = "cli")]
pub use scenario::{KeyKind, Method, Order, Poll, Scenario, Scenarios, Step};
#[cfg(feature = "cli")]
pub use scenario_file::{Fault, ScenarioError};
#[cfg(feature = "cli")]
pub use world::{BatchType, KeyState, PastTask, World};
