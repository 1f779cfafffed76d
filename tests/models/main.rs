//! Where networks come from: catalogues, folders, downloads.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

mod add;
mod library;
mod mirror;
mod pull;
#[path = "../support/server.rs"]
mod server;
#[expect(dead_code, reason = "these tests choose their networks themselves")]
#[path = "../support/shared.rs"]
mod shared;

use sha2::{Digest as _, Sha256};

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
