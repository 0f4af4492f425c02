//! From a request to the stored answer, or to a word on what is closest. No socket, no clock.

mod cursors;
mod index;
mod near_miss;
mod player;
mod script;

pub use near_miss::{Difference, Miss, NearMiss};
pub use player::{Decision, Player, Shadowed, SharedStem, Stored, UnknownScenario};
pub use script::Script;
