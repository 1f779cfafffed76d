//! `visard models pull`

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::judges::left_out;
use super::{Outcome, print};
use visard::models::{Entry, Kind, Library, Role, Tie, own_folder, pull};
use visard::names::shown;

/// A server that is silent for longer is given up.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn run(names: &[String], library: &Library) -> Result<Outcome> {
    let mut entries = vec![];
    for name in names {
        if name == "recommended" {
            entries.extend(library.known.iter().filter(|e| e.is_recommended()));
        } else {
            entries.push(library.describes(name)?);
        }
    }
    let stored = library.stored.iter().map(|s| &s.entry);
    let judges: Vec<&Entry> = stored.chain(entries.iter().copied()).filter(|e| is_judge(e)).collect();
    let mut outcome = Outcome::Complete;
    for entry in &entries {
        match one(entry) {
            Ok(()) => not_taken(entry, &judges),
            Err(error) => {
                eprintln!("{error}");
                outcome = Outcome::Incomplete;
            }
        }
    }
    Ok(outcome)
}

fn is_judge(entry: &Entry) -> bool {
    entry.role == Some(Role::Judge) && entry.thresholds.is_some()
}

/// Says of a network that runs do not take by themselves how it is taken.
fn not_taken(entry: &Entry, judges: &[&Entry]) {
    if entry.kind == Kind::Detector {
        eprintln!("note: runs keep the detector that is built in; --detector {} takes this one", entry.name);
    } else if entry.role == Some(Role::Surrogate) && Tie::leaves_no_judge(entry, judges) {
        eprintln!("note: {}", left_out(&entry.name));
    }
}

fn one(entry: &Entry) -> Result<()> {
    print(&format!("{}: licence {}; from {}", entry.name, entry.licence, entry.source))?;
    let bar = bar(entry);
    let pulled = pull(entry, &own_folder()?, TIMEOUT, &mut |bytes| {
        bar.set_position(bytes);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let path = pulled?;
    // A file of which nothing but the sum is known to be right may still be beyond this version of visard.
    match super::models::check_file(entry, &path) {
        Ok(text) => print(&format!("{}: {text}; {}", entry.name, shown(&path))),
        Err(error) => bail!("{} cannot be used, remove it: {error:#}", shown(&path)),
    }
}

fn bar(entry: &Entry) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(entry.bytes, ProgressDrawTarget::hidden());
    if std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    let style = "{wide_bar} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.with_message(entry.name.clone())
}
