//! The operation, and what is believed of it.

mod call;
mod decode;
mod evidence;
mod operation;
mod reading;
#[cfg(feature = "cli")]
mod world;

pub use call::Call;
pub use decode::{Decoded, Leniency, decode};
pub use evidence::{CheckId, Evidence, EvidenceError, EvidenceKind, Reason};
pub use operation::{
    Constraint, ContractError, DeclaredField, DeclaredParameter, DeclaredValue, Factor, Level, Operation, State,
    ValueType, VerifierOnly,
};
pub use reading::{Fields, Reading, Value};
#[cfg(feature = "cli")]
pub use world::{BatchType, KeyState, PastTask, World};
