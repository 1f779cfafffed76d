//! A folder to run commands in.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::models::{Judge, models};
use crate::support::{black, file, png, portrait};

/// The strength that takes the least time, with this folder's networks alone.
pub(crate) const FAST: [&str; 6] = ["--strength", "subtle", "--models", "surrogate", "--judges", "judge"];

/// A folder with networks, photos in `in`, and nothing in `out` nor, as the user's own networks, in `own` yet.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new(judge: Judge, photos: &[(&str, Vec<u8>)]) -> Self {
        let desk = Self { folder: models(judge) };
        std::fs::create_dir(desk.path("in")).unwrap();
        for (name, bytes) in photos {
            std::fs::write(desk.path("in").join(name), bytes).unwrap();
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_visard"));
        ended(command.current_dir(self.folder.path()).env("VISARD_MODELS_DIR", "own").args(arguments))
    }

    /// Runs with this folder's networks.
    pub(crate) fn with_models(&self, arguments: &[&str]) -> Ended {
        self.run(&[&["--models-dir", "."], arguments].concat())
    }

    /// `cloak in --output out`, at the strength that takes the least time.
    pub(crate) fn cloak(&self, more: &[&str]) -> Ended {
        self.with_models(&[&["cloak", "in", "--output", "out"], &FAST[..], more].concat())
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        std::process::Command::new(env!("CARGO_BIN_EXE_visard"))
            .current_dir(self.folder.path())
            .env("VISARD_MODELS_DIR", "own")
            .args(["--models-dir", "."])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Names of the outputs, sorted; hidden ones only if asked for.
    pub(crate) fn outputs(&self, hidden: bool) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path("out")) else { return vec![] };
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.starts_with('.') == hidden);
        names.sort();
        names
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap()
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.read(path)).unwrap()
    }
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn good() -> Vec<u8> {
    png(&portrait(160, 160))
}

/// Two good photos, one without a face, one broken.
pub(crate) fn mixed(judge: Judge) -> Desk {
    let jpeg = file(&portrait(170, 160), image::ImageFormat::Jpeg);
    let photos =
        [("a.png", good()), ("b.jpg", jpeg), ("c.png", png(&black())), ("d.png", b"no photo".to_vec())];
    Desk::new(judge, &photos)
}
