//! The command line: arguments, progress and messages around the library.

mod args;
mod cloak;
mod evaluate;
mod judges;
mod look;
mod models;
mod motion;
mod own;
mod page;
mod pipe;
mod progress;
mod pull;
mod report;
mod search;
mod teller;
mod verify;
mod video;
mod wanted;
mod watch;
mod words;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser as _};
use clap_complete::Shell;

use self::args::{Arguments, Command};
use visard::listing::{EXCLUDED, LeftOut};
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

/// What is said to who names no command.
const WHAT_PEOPLE_DO: &str = "\
Protect a folder of photos:
    visard cloak holiday/ --output protected/

Make one photo ready to post, and hide everybody else in it:
    visard cloak photo.jpg --for social --only me.jpg --others blur --output post/

Protect whatever comes into a folder:
    visard watch to-protect/ --output protected/

`visard help` lists all commands, and `visard help cloak` the options of one.";

/// Parses the arguments, runs the command and gives the exit code.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(command) = &arguments.command else {
        eprintln!("{WHAT_PEOPLE_DO}");
        return ExitCode::from(2);
    };
    match run(&arguments, command) {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", message(&error));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments, command: &Command) -> Result<Outcome> {
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .context("cannot start threads")?;
    }
    let library = || library(arguments);
    match command {
        Command::Cloak(command) => cloak::run(command, &library()?),
        Command::Watch(command) => watch::run(command, &library()?),
        Command::Video(command) => video::run(command, &library()?),
        Command::Verify(command) => verify::run(command, &library()?),
        Command::Detect(command) => look::detect(command, &library()?),
        Command::Embed(command) => look::embed(command, &library()?),
        Command::Search(command) => search::run(command, &library()?),
        Command::Evaluate(command) => evaluate::run(command, &library()?),
        Command::Models(command) => models::run(command, &library()?),
        Command::Page(command) => page::run(command),
        Command::Completions { shell } => completions(*shell),
        Command::Manual { folder } => manual(folder),
    }
}

/// Prints a script for a shell, but not straight to standard output, where a reader that went away would be a panic.
fn completions(shell: Shell) -> Result<Outcome> {
    let mut script = vec![];
    clap_complete::generate(shell, &mut Arguments::command(), "visard", &mut script);
    std::io::stdout().lock().write_all(&script).context("cannot write to standard output")?;
    Ok(Outcome::Complete)
}

fn manual(folder: &Path) -> Result<Outcome> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .with_context(|| format!("cannot write to {}", shown(folder)))?;
    Ok(Outcome::Complete)
}

fn library(arguments: &Arguments) -> Result<Library> {
    let mut library = Library::at_hand(&arguments.models_dir)?;
    if let Some(name) = &arguments.detector {
        library.keep_detector(name)?;
    }
    Ok(library)
}

/// An error with its causes, in one line; a cause that is message in the sentence before is not message again.
fn message(error: &anyhow::Error) -> String {
    let message = error.chain().fold(String::new(), |message, cause| match cause.to_string() {
        cause if message.contains(&cause) => message,
        cause if message.is_empty() => cause,
        cause => format!("{message}: {cause}"),
    });
    printable(&message)
}

/// Names on standard error what was found in folders and is not taken.
fn name_left_out(left_out: &[LeftOut]) {
    for left in left_out.iter().filter(|left| left.picture) {
        eprintln!("{}: LEFT OUT: {}", shown(&left.path), printable(&left.reason));
    }
    let (excluded, others): (Vec<_>, Vec<_>) =
        left_out.iter().filter(|left| !left.picture).partition(|left| left.reason == EXCLUDED);
    name_some(&others, "no pictures and not taken");
    name_some(&excluded, "excluded and not taken");
}

fn name_some(left_out: &[&LeftOut], what: &str) {
    let all: Vec<String> = left_out.iter().map(|left| shown(&left.path)).collect();
    let (named, rest) = all.split_at(all.len().min(OTHERS));
    if !named.is_empty() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        eprintln!("{} {what}: {}{more}", all.len(), named.join(", "));
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
        assert_eq!(message(&anyhow::Error::from(whole).context("a.jpg")), "a.jpg: the file is empty");
        let inside = visard::Error::File { path: "b.jpg".into(), source: missing() };
        assert_eq!(message(&anyhow::Error::from(inside)), "b.jpg: no such file");
        assert_eq!(
            message(&anyhow::Error::from(missing()).context("cannot read c.jpg")),
            "cannot read c.jpg: no such file"
        );
    }
}
