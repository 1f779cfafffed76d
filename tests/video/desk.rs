//! A folder to make clips in, and the command line on them.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A face of an example, small, so that a test takes seconds; as long as is asked for.
const STILL: &str = "scale=300:300,pad=480:320:60:10:gray,noise=alls=2:allf=t,format=yuv420p";

pub(crate) fn example(name: &str) -> String {
    format!("{}/examples/photos/{name}", env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn ffmpeg(arguments: &[&str]) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]).args(arguments);
    assert!(command.status().unwrap().success(), "{arguments:?}");
}

fn told(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A folder to make clips in.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().into()
    }

    /// A clip of a photo that pans, with sound, a place and a time.
    pub(crate) fn clip(&self, name: &str, photo: &str, seconds: &str, more: &[&str]) {
        let photo = example(photo);
        let input =
            ["-loop", "1", "-framerate", "15", "-i", &photo, "-f", "lavfi", "-i", "sine=sample_rate=48000"];
        let told = ["-metadata", "location=+52.5+13.4/", "-metadata", "creation_time=2024-01-02T03:04:05Z"];
        let coded = ["-c:v", "libx264", "-crf", "16", "-c:a", "aac", "-t", seconds];
        let picture = ["-vf", STILL];
        ffmpeg(&[&input[..], &picture, &coded, &told, more, &[&self.name(name)]].concat());
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.visard("video", arguments)
    }

    fn visard(&self, what: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_visard"));
        command.current_dir(self.0.path()).env("VISARD_MODELS_DIR", "own").arg(what).args(arguments);
        command
    }

    /// Exit code, standard output and standard error.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        told(self.command(arguments))
    }

    /// The same of `visard cloak`.
    pub(crate) fn cloak(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        told(self.visard("cloak", arguments))
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Names in a folder.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(folder)) else { return vec![] };
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
