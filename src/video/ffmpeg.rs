//! The programs ffmpeg and ffprobe: they are installed apart, found when they are needed, and run as child processes.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::error::{Error, Result};

/// So much of what a program says about its failure is passed on, in bytes.
const SAID: u64 = 4096;

const MISSING: &str = "clips need the programs ffmpeg and ffprobe, version 5.1 or newer, which are not installed or not on the \
    PATH; install them with `apt install ffmpeg`, `dnf install ffmpeg`, `brew install ffmpeg` or `winget install ffmpeg`, or \
    name them in FFMPEG and FFPROBE";

/// Whether clips can be read and written: ffmpeg and ffprobe run.
///
/// # Errors
/// Where one does not, with how to install it.
pub fn check_ffmpeg() -> Result<()> {
    [ffmpeg(), ffprobe()].into_iter().try_for_each(|program| output_of(program, ["-version"]).map(drop))
}

/// `ffmpeg`, or the program that the environment's `FFMPEG` names.
pub(super) fn ffmpeg() -> Command {
    quiet("FFMPEG", "ffmpeg", &["-nostdin", "-y"])
}

/// `ffprobe`, or the program that the environment's `FFPROBE` names.
pub(super) fn ffprobe() -> Command {
    quiet("FFPROBE", "ffprobe", &[])
}

/// A program that says nothing but what went wrong.
fn quiet(variable: &str, program: &str, options: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| program.into()));
    command.args(["-hide_banner", "-v", "error"]).args(options);
    command
}

/// A name of a file that is never taken for an option or a protocol.
pub(super) fn file(path: &std::path::Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from("file:");
    name.push(path);
    name
}

/// A program at work. Dropped, it is ended.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    said: File,
}

impl Running {
    /// Starts a program whose input and output are pipes, if they are wanted.
    pub(super) fn start(mut command: Command, [input, output]: [bool; 2]) -> Result<Self> {
        let pipe = |wanted: bool| if wanted { Stdio::piped() } else { Stdio::null() };
        let said = tempfile::tempfile().map_err(unusable)?;
        let errors = said.try_clone().map_err(unusable)?;
        command.stdin(pipe(input)).stdout(pipe(output)).stderr(errors);
        // Ctrl-C is for this program, which ends the others itself.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::Usage(MISSING.into()),
            _ => unusable(error),
        })?;
        Ok(Self { child, said })
    }

    /// Its standard input, once.
    pub(super) fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its standard output, once.
    pub(super) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Where it failed, with what it said.
    pub(super) fn end(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait().map_err(unusable)?;
        if status.success() { Ok(()) } else { Err(self.failure()) }
    }

    /// Why it failed, as it says itself.
    pub(super) fn failure(&mut self) -> Error {
        let mut said = String::new();
        let read = self.said.rewind().and_then(|()| (&self.said).take(SAID).read_to_string(&mut said));
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let why = match read {
            Ok(_) if !lines.is_empty() => lines.join("; "),
            _ => "it ended without saying why".into(),
        };
        Error::Usage(format!("ffmpeg: {why}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already is in nobody's way.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// All that a program says on its standard output.
///
/// # Errors
/// Where it is not there, or fails.
pub(super) fn output_of<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
    mut command: Command,
    arguments: I,
) -> Result<Vec<u8>> {
    command.args(arguments);
    let mut running = Running::start(command, [false, true])?;
    let mut bytes = vec![];
    if let Some(mut output) = running.output() {
        output.read_to_end(&mut bytes).map_err(unusable)?;
    }
    running.end()?;
    Ok(bytes)
}

fn unusable(error: impl std::fmt::Display) -> Error {
    Error::Usage(format!("ffmpeg cannot be run: {error}"))
}
