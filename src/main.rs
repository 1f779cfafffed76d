//! The command line of visard.

fn main() {}
