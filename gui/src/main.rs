//! The window of visard.

fn main() {}
