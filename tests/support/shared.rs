//! The public networks of `../shared`, which some tests read where they are.

use std::path::{Path, PathBuf};

pub(crate) const EMBEDDERS: [&str; 6] = [
    "edgeface-xxs",
    "espressif-mfn",
    "foamliu-mobilefacenet",
    "insightface-y1",
    "mobileface-v2",
    "xiaoccer-mobilefacenet",
];

/// The folder of networks. Tests that need it are ignored unless asked for, as `.ci/run` does where it is there.
pub(crate) fn shared_models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models")
}

/// Columns of the crop that an embedder takes.
pub(crate) fn width(name: &str) -> usize {
    if name.starts_with("xiaoccer") { 96 } else { 112 }
}
