//! The command line: arguments, progress and messages around the library.

mod args;
mod cloak;
mod evaluate;
mod judges;
mod look;
mod models;
mod own;
mod pipe;
mod progress;
mod pull;
mod report;
mod search;
mod told;
mod verify;
mod wanted;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser as _};

use self::args::{Arguments, Command};
use visard::listing::LeftOut;
use visard::models::Library;
use visard::names::{printable, shown};
use visard::photo::Limits;

/// So many files that are no pictures are named; the report names all.
const OTHERS: usize = 8;

/// How a command ended; the exit code of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Every photo is protected and verified.
    Complete,
    /// At least one is not.
    Incomplete,
}

/// Parses the arguments, runs the command and gives the exit code.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .context("cannot start threads")?;
    }
    let library = || library(arguments);
    match &arguments.command {
        Command::Cloak(command) => cloak::run(command, &library()?),
        Command::Verify(command) => verify::run(command, &library()?),
        Command::Detect(command) => look::detect(command, &library()?),
        Command::Embed(command) => look::embed(command, &library()?),
        Command::Search(command) => search::run(command, &library()?),
        Command::Evaluate(command) => evaluate::run(command, &library()?),
        Command::Models(command) => models::run(command, &library()?),
        Command::Completions { shell } => {
            // Not straight to standard output, where a reader that went away would be a panic.
            let mut script = vec![];
            clap_complete::generate(*shell, &mut Arguments::command(), "visard", &mut script);
            std::io::stdout().lock().write_all(&script).context("cannot write to standard output")?;
            Ok(Outcome::Complete)
        }
    }
}

fn library(arguments: &Arguments) -> Result<Library> {
    let mut library = Library::at_hand(&arguments.models_dir)?;
    if let Some(name) = &arguments.detector {
        library.keep_detector(name)?;
    }
    Ok(library)
}

/// An error with its causes, in one line; a cause that is told in the sentence before is not told again.
fn told(error: &anyhow::Error) -> String {
    let told = error.chain().fold(String::new(), |told, cause| match cause.to_string() {
        cause if told.contains(&cause) => told,
        cause if told.is_empty() => cause,
        cause => format!("{told}: {cause}"),
    });
    printable(&told)
}

/// Names on standard error what was found in folders and is not taken.
fn name_left_out(left_out: &[LeftOut]) {
    for left in left_out.iter().filter(|left| left.picture) {
        eprintln!("{}: LEFT OUT: {}", shown(&left.path), printable(&left.reason));
    }
    let others: Vec<String> = left_out.iter().filter(|left| !left.picture).map(|l| shown(&l.path)).collect();
    let (named, rest) = others.split_at(others.len().min(OTHERS));
    if !named.is_empty() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        eprintln!("{} no pictures and not taken: {}{more}", others.len(), named.join(", "));
    }
}

/// Prints one line of results on standard output.
fn print(line: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{line}").context("cannot write to standard output")
}

fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    limits.read(path).with_context(|| format!("cannot read {}", shown(path)))
}

/// Whether the reader of our output went away, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let missing = || std::io::Error::other("no such file");
        let whole = visard::photo::Error::Empty;
        assert_eq!(told(&anyhow::Error::from(whole).context("a.jpg")), "a.jpg: the file is empty");
        let inside = visard::Error::File { path: "b.jpg".into(), source: missing() };
        assert_eq!(told(&anyhow::Error::from(inside)), "b.jpg: no such file");
        assert_eq!(
            told(&anyhow::Error::from(missing()).context("cannot read c.jpg")),
            "cannot read c.jpg: no such file"
        );
    }
}
