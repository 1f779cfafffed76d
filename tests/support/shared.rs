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

/// The folder of networks, or `None` with a plain message where it is not at hand.
pub(crate) fn shared_models() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models");
    if !folder.is_dir() {
        println!("LEFT OUT: {} is not there, so the public networks were not checked", folder.display());
        return None;
    }
    Some(folder)
}

/// Columns of the crop that an embedder takes.
pub(crate) fn width(name: &str) -> usize {
    if name.starts_with("xiaoccer") { 96 } else { 112 }
}
