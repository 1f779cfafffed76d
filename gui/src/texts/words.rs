//! Sentences that are put together from what the window knows.

use std::path::Path;

use visard::cloak::Preset;
use visard::listing::LeftOut;
use visard::names::shown;
use visard::photo::Destination;
use visard::pipeline::Others;

use super::{MORE, RESUME, TITLE};
use crate::memory::Session;
use crate::queue::{Progress, Queue, Row, State};

/// `1 photo`, `2 photos`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

pub(crate) fn photos(n: usize) -> String {
    count(n, "photo", "photos")
}

/// `2 photos`, `1 clip`, `3 photos and clips`.
pub(crate) fn these<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let (clips, still): (Vec<&Row>, Vec<&Row>) = rows.into_iter().partition(|row| row.is_clip());
    match (still.len(), clips.len()) {
        (n, 0) => photos(n),
        (0, n) => count(n, "clip", "clips"),
        (n, m) => format!("{} photos and clips", n + m),
    }
}

pub(crate) fn faces(n: usize) -> String {
    count(n, "face", "faces")
}

pub(crate) fn no_photos_in(path: &Path) -> String {
    format!(
        "There are no photos (JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP) in {}.",
        path.display()
    )
}

/// What is said of pictures that are not taken, if there are any: the first is named.
pub(crate) fn left_out(pictures: &[LeftOut]) -> Option<String> {
    let first = pictures.first()?;
    let (name, reason) = (shown(&first.path), &first.reason);
    Some(match pictures.len() {
        1 => format!("Left out, and not protected: {name} ({reason})."),
        n => format!("{n} pictures are left out, and not protected. The first: {name} ({reason})."),
    })
}

/// What is said of networks at hand that make no cloaks, if there are any.
pub(crate) fn no_part(left_out: &[String]) -> Option<String> {
    let names = left_out.join(", ");
    (!left_out.is_empty()).then(|| {
        format!(
            "Not used to change photos: {names}. The judges learned from the same source, so none would be left that can \
             tell independently whether a photo is protected."
        )
    })
}

pub(crate) fn continue_offer(session: &Session) -> String {
    let all = these(&session.rows);
    match session.left() {
        0 => format!("Last time {} of {all} were protected.", session.protected()),
        left => format!("Last time {left} of {all} were left to do."),
    }
}

/// The name of the window, which the desktop shows where the window is not seen.
pub(crate) fn window_name(queue: &Queue) -> String {
    if queue.running() {
        return format!("{:.0} % – {TITLE}", (queue.share() * 100.).floor());
    }
    let done = || queue.rows.iter().filter(|row| row.progress == Progress::Done);
    match done().count() {
        0 => TITLE.into(),
        _ => format!("{} of {} protected – {TITLE}", queue.count(State::Protected), these(done())),
    }
}

/// What was taken from the list.
pub(crate) fn removed(gone: &[(usize, Row)]) -> String {
    format!("{} removed from the list.", these(gone.iter().map(|(_, row)| row)))
}

/// What the user ticked.
pub(crate) fn ticked<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    format!("{} chosen:", these(rows))
}

pub(crate) fn cannot_save(folder: &Path, error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    let folder = folder.display();
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => {
            format!(
                "The disk is full, so nothing can be saved in {folder}. Make room, then press “{RESUME}”."
            )
        }
        Kind::NotFound => format!(
            "The folder {folder} has disappeared. Bring it back or choose another one, then press “{RESUME}”: visard \
             makes the folder again."
        ),
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
            format!("visard may not write in {folder}. Choose another folder, then press “{RESUME}”.")
        }
        _ => format!(
            "Nothing can be saved in {folder}: {}. Mend it or choose another folder, then press “{RESUME}”.",
            plain(&error.to_string())
        ),
    }
}

pub(crate) fn no_networks(error: &str) -> String {
    format!("visard cannot work without its networks: {}.", plain(error))
}

/// An error without the number that the system gives it, which says nothing to a person, and with the window's names of
/// choices.
pub(crate) fn plain(error: &str) -> String {
    let error = error.split(" (os error ").next().unwrap_or_default();
    error
        .replace("--first-picture", MORE)
        .replace("choose a part with --from and --to, or raise --longest", "make it shorter first")
}

/// A place, and how large it shows photos.
pub(crate) fn destination(place: Destination) -> String {
    let name = match place {
        Destination::Original => "Wherever the file goes, as it is",
        Destination::Messenger => "A messenger",
        Destination::Social => "A social network",
        Destination::Web => "A web page",
    };
    let longest = place.treatment().map(|treatment| format!(" ({} pixels)", treatment.max_side));
    name.to_string() + &longest.unwrap_or_default()
}

/// What becomes of faces that are not protected.
pub(crate) fn others(others: Others) -> &'static str {
    match others {
        Others::Leave => "Leave them as they are",
        Others::Cloak => "Protect them, too",
        Others::Blur => "Blur them, for good",
        Others::Pixelate => "Turn them into a few squares",
        Others::Cover => "Cover them with grey",
    }
}

pub(crate) fn strength(strength: Preset) -> &'static str {
    match strength {
        Preset::Auto => "As little as needed",
        Preset::Subtle => "Subtle",
        Preset::Standard => "Standard",
        Preset::Strong => "Strong",
    }
}

/// What a strength costs in visibility.
pub(crate) fn visibility(strength: Preset) -> &'static str {
    match strength {
        Preset::Auto => "For each face as little as the checks accept, with some to spare. Takes longer.",
        Preset::Subtle => "Looks natural. Seen beside the original. Protects less.",
        Preset::Standard => "May be seen on smooth skin.",
        Preset::Strong => "Seen on smooth skin. Protects most.",
    }
}

/// What a strength costs in time.
pub(crate) fn pace(seconds: Option<f64>) -> String {
    match seconds {
        Some(seconds) => format!("About {} a face on this computer.", duration(seconds)),
        None => "A few seconds a face, more where one try is not enough.".into(),
    }
}

/// `40 seconds`, `3 minutes`, `2 hours`.
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.max(1.).round() as usize;
    match seconds {
        0..=89 => count(seconds, "second", "seconds"),
        90..=5399 => count((seconds + 30) / 60, "minute", "minutes"),
        _ => count((seconds + 1800) / 3600, "hour", "hours"),
    }
}

pub(crate) fn remaining(seconds: f64) -> String {
    format!("About {} left", duration(seconds))
}

pub(crate) fn progress(queue: &Queue) -> String {
    match queue.looking {
        Some((done, all)) if all > 0 => {
            format!("Looking who is in the photos: {} of {all}", (done + 1).min(all))
        }
        _ => format!("{} of {} done", queue.done(), these(&queue.rows)),
    }
}

/// How far looking for people is.
pub(crate) fn looking_for_people(done: usize, all: usize) -> String {
    format!("Looking who is in the photos: {done} of {all}")
}

pub(crate) fn person(number: usize) -> String {
    format!("Person {}", number + 1)
}

pub(crate) fn networks_change(names: &[String]) -> String {
    format!("These change the photos: {}.", names.join(", "))
}

pub(crate) fn networks_check(names: &[String]) -> String {
    format!("These check them: {}.", names.join(", "))
}

pub(crate) fn and_more(n: usize) -> String {
    format!("and {n} more")
}

pub(crate) fn difference_hint(amplification: f32) -> String {
    format!("What was changed, {amplification:.0} times as strong. Grey: nothing.")
}
