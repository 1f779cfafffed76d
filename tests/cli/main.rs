//! The command line: exit codes, messages, JSON, reports, and what is left when it is stopped.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

#[path = "../support/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;

mod cloak;
mod desk;
mod disk;
mod evaluate;
mod files;
mod journal;
mod lists;
mod look;
mod memory;
mod networks;
mod others;
mod pipe;
mod search;
mod stop;
mod watch;
