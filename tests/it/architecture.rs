//! The house is as ARCHITECTURE.md draws it: rooms one way, foreign crates at home.
