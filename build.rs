//! Compiles the cassettes in.

fn main() {}
