//! Lists the networks that are built in: each file that `models/catalogue.toml` names and that lies beside it.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let package =
        env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("cargo sets CARGO_MANIFEST_DIR"))?;
    let models = Path::new(&package).join("models");
    let catalogue = models.join("catalogue.toml");
    println!("cargo::rerun-if-changed={}", catalogue.display());
    let mut list = String::new();
    if env::var_os("CARGO_FEATURE_BUILT_IN_NETWORKS").is_some() {
        for file in fs::read_to_string(&catalogue)?.lines().filter_map(named).map(|name| models.join(name)) {
            if file.is_file() {
                println!("cargo::rerun-if-changed={}", file.display());
                list += &format!("include_bytes!({file:?}).as_slice(),\n");
            }
        }
    }
    let target = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&target).join("built_in.rs"), format!("[{list}]"))
}

/// The file that a line of the catalogue names.
fn named(line: &str) -> Option<&str> {
    line.strip_prefix("file = \"")?.strip_suffix('"')
}
