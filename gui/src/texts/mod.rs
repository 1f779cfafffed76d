//! Every text of the window, in English. A translation replaces this folder.

mod verdict;

use std::path::Path;

use visard::cloak::Preset;
use visard::listing::LeftOut;
use visard::names::shown;
use visard::photo::Destination;

use crate::batch::Batch;
use crate::search::Hit;
pub(crate) use verdict::{
    answer, asked, attention, face_number, face_verdict, names, opinion, row_detail, row_label, state,
    verdict, visible,
};

pub(crate) const TITLE: &str = "visard";
pub(crate) const PROTECT: &str = "Protect photos";
pub(crate) const CHECK: &str = "Check my folder";
pub(crate) const MORE: &str = "More options";

// The start
pub(crate) const INVITATION: &str = "Drop photos or a folder here";
pub(crate) const INVITATION_DROP: &str = "Let go to add them";
pub(crate) const PROMISE: &str = "visard changes the faces in your photos slightly, so that face-search engines no longer \
    match them to you. Then it checks the saved files.";
pub(crate) const PRIVATE: &str = "Your photos stay on this computer, and your originals are never changed.";
pub(crate) const READING_FOLDER: &str = "Looking for photos…";
pub(crate) const ADD_PHOTOS: &str = "Add photos…";
pub(crate) const ADD_FOLDER: &str = "Add folder…";
pub(crate) const CONTINUE: &str = "Continue";
pub(crate) const FORGET: &str = "Forget them";

// The queue
pub(crate) const START: &str = "Protect";
pub(crate) const PAUSE: &str = "Pause";
pub(crate) const RESUME: &str = "Go on";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const RETRY: &str = "Try again";
pub(crate) const RETRY_ALL: &str = "Try all again";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const CLEAR: &str = "Clear the list";
pub(crate) const ONLY_ATTENTION: &str = "Show only these";
pub(crate) const SHOW_SUMMARY: &str = "Result";
pub(crate) const OPENING: &str = "Opening the networks…";
pub(crate) const NO_NETWORKS: &str = "No networks are open.";
pub(crate) const CHOOSE_NETWORKS: &str = "Choose a folder with networks…";
pub(crate) const PACE_UNKNOWN: &str = "Working out how long it takes…";
pub(crate) const PAUSED: &str = "Paused";
pub(crate) const HIDE: &str = "Hide this message";
pub(crate) const NOT_LOOKED: &str = "Faces not looked for yet";

// Choices
pub(crate) const STRENGTH: &str = "Strength";
pub(crate) const SAVE_TO: &str = "Save to";
pub(crate) const BESIDE: &str = "New folder beside the originals";
pub(crate) const OTHER_FOLDER: &str = "Another folder";
pub(crate) const CHOOSE: &str = "Choose…";
pub(crate) const METADATA: &str = "Place, time and camera";
pub(crate) const STRIP: &str = "Remove from the saved photos";
pub(crate) const KEEP: &str = "Keep in the saved photos";
pub(crate) const FORMAT: &str = "File format";
pub(crate) const FORMATS: [&str; 5] =
    ["As the original", "JPEG", "PNG (lossless, larger)", "WebP (lossless, larger)", "AVIF"];
pub(crate) const DESTINATION: &str = "Made for";
pub(crate) const FACES: &str = "Faces";
pub(crate) const ALL_FACES: &str = "Protect every face";
pub(crate) const LARGEST_FACE: &str = "Protect only the largest face";
pub(crate) const QUALITY: &str = "JPEG quality";
pub(crate) const QUALITY_AUTO: &str = "As the original, at least 90";
pub(crate) const QUALITY_OWN: &str = "My own";
pub(crate) const EXISTING: &str = "If a file is there already";
pub(crate) const NEW_NAME: &str = "Save under a new name";
pub(crate) const REPLACE: &str = "Replace it";
pub(crate) const FACELESS: &str = "Photos without a face";
pub(crate) const SAVE_FACELESS: &str = "Save them too, without protection";
pub(crate) const ANIMATED: &str = "Animated pictures";
pub(crate) const FIRST_PICTURE: &str = "Protect their first picture alone, and leave the others out";
pub(crate) const SEED: &str = "Random seed";
pub(crate) const THEME: &str = "Appearance";
pub(crate) const THEMES: [&str; 3] = ["As the system", "Light", "Dark"];
pub(crate) const TEXT_SIZE: &str = "Size of everything";
pub(crate) const NETWORKS: &str = "Networks";
pub(crate) const ADD_NETWORKS: &str = "Add a folder with networks…";
pub(crate) const FORGET_NETWORKS: &str = "Use only the usual ones";
pub(crate) const CLOSE: &str = "Close";

// Looking at a photo
pub(crate) const BACK: &str = "Back to the list";
pub(crate) const NEXT: &str = "Next photo";
pub(crate) const PREVIOUS: &str = "Previous photo";
pub(crate) const COMPARE: &str = "Compare";
pub(crate) const DIFFERENCE: &str = "Difference";
pub(crate) const HOLD: &str = "Hold to see the original";
pub(crate) const FIT: &str = "Fit";
pub(crate) const FULL_SIZE: &str = "Full size";
pub(crate) const LARGER: &str = "Larger";
pub(crate) const SMALLER: &str = "Smaller";
pub(crate) const DRAW: &str = "Add a missed face";
pub(crate) const PROTECT_FACE: &str = "Protect face";
pub(crate) const TO_PROTECT: &str = "will be protected";
pub(crate) const NOT_CHOSEN: &str = "left as it is";
pub(crate) const DRAWN: &str = "Added by you";
pub(crate) const DRAW_HINT: &str =
    "Draw a box around the face. Or zoom in until it fills the view, and press:";
pub(crate) const TAKE_VIEW: &str = "Take what is in view";
pub(crate) const MOVE_HINT: &str = "The arrow keys move the photo.";
pub(crate) const SLIDER: &str = "Position of the line between original and protected photo, in percent";
pub(crate) const ORIGINAL: &str = "Original";
pub(crate) const PROTECTED_PHOTO: &str = "Protected";
pub(crate) const READING: &str = "Reading the photo…";
pub(crate) const LOOKING: &str = "Looking for faces…";
pub(crate) const OTHER_SIZE: &str = "The saved photo has another size than the original.";
pub(crate) const NO_FACE_IN_BOX: &str = "No eyes, nose and mouth could be found in that box, so that face cannot be \
    protected. Try a box that is a little larger, with the whole head in it.";
pub(crate) const FACE_ADDED: &str = "The face was added. It will be protected with the others.";
pub(crate) const FACES_CHANGED: &str = "Your choice of faces counts from the next try on.";
pub(crate) const NO_FACES_CHOSEN: &str = "Choose at least one face.";

// What it means
pub(crate) const MEANING: &str = "What this means, and what it does not";
pub(crate) const LIMITS: [&str; 6] = [
    "“Protected” means: the networks named here, which were not used to change the photo, were asked about the saved \
     file, and none of them takes the face for the one in your original.",
    "It says nothing about networks that were not asked. A face-search engine may use better ones.",
    "What you publish cannot be changed any more. A later network may see through the change.",
    "Photos of you that are already public, or that others post, are not covered.",
    "It does not stop people who know you, or a search by place, clothes or context.",
    "Whoever looks for it may be able to tell that a photo was changed.",
];

// The end
pub(crate) const LOOK_AT_THEM: &str = "Show them in the list";
pub(crate) const SHOW_FOLDER: &str = "Show in folder";
pub(crate) const SAVE_REPORT: &str = "Save report…";
pub(crate) const BACK_TO_LIST: &str = "Back to the list";
pub(crate) const FILE_CHANGED: &str = "the saved file is gone or was changed since visard wrote it";
pub(crate) const FILE_GONE: &str = "the saved file is gone: somebody removed it or its folder";

pub(crate) const STRONGER: &str =
    "A higher strength protects more: choose one beside the list, then try again.";

// Breaking off work
pub(crate) const QUIT_TITLE: &str = "Quit while photos are being protected?";
pub(crate) const QUIT_TEXT: &str = "Finished photos stay saved. You can continue with the others next time.";
pub(crate) const QUIT: &str = "Quit";
pub(crate) const CLEAR_TITLE: &str = "Clear the list while photos are being protected?";
pub(crate) const CLEAR_TEXT: &str = "Finished photos stay saved. The others will not be protected.";
pub(crate) const CLEAR_SURE: &str = "Stop and clear";
pub(crate) const STAY: &str = "Keep working";

// Check my folder
pub(crate) const CHECK_INTRO: &str = "See what a face search finds: take a folder with other photos of the same people as \
    if it were the search engine’s collection, and search it for the faces in your photos, once with the originals and \
    once with the protected ones.";
pub(crate) const GALLERY: &str = "Search in";
pub(crate) const NO_GALLERY: &str = "No folder chosen yet";
pub(crate) const SEARCHING: &str = "Searching…";
pub(crate) const SEARCH_WAITS: &str = "Waiting for the photo in work…";
pub(crate) const NOBODY: &str = "There is no face to compare with.";
pub(crate) const FOUND: &str = "Found";
pub(crate) const NOT_FOUND: &str = "Not found";
pub(crate) const SEARCH: &str = "Search";
pub(crate) const SEARCH_STOPPED: &str = "The search was stopped.";
pub(crate) const NOTHING_TO_CHECK: &str = "Protect some photos first: then there is something to search for.";
pub(crate) const BEFORE: &str = "With the original";
pub(crate) const AFTER: &str = "With the protected photo";
pub(crate) const CHECK_MEANING: &str = "“Found” means: a network takes the two faces for one person. This searches only \
    this folder, and only with the networks named above.";

/// `1 photo`, `2 photos`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

pub(crate) fn photos(n: usize) -> String {
    count(n, "photo", "photos")
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

pub(crate) fn continue_offer(left: usize, all: usize) -> String {
    format!("Last time {left} of {} were left to do.", photos(all))
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

/// An error without the number that the system gives it, which says nothing to a person, and with the window's name of a
/// choice.
pub(crate) fn plain(error: &str) -> String {
    error.split(" (os error ").next().unwrap_or_default().replace("--first-picture", MORE)
}

/// A place, and how large it shows photos.
pub(crate) fn destination(place: Destination) -> String {
    let name = match place {
        Destination::Original => "Wherever the file goes, as it is",
        Destination::Messenger => "A messenger",
        Destination::Social => "A social network",
        Destination::Web => "A web page",
    };
    let longest = place.treatment().map(|treatment| format!(" ({} pixels)", treatment.longest));
    name.to_string() + &longest.unwrap_or_default()
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
        Preset::Auto => "For each face as little as the check accepts, with some to spare. Takes longer.",
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

pub(crate) fn progress(batch: &Batch) -> String {
    format!("{} of {} done", batch.done(), photos(batch.rows.len()))
}

/// What a search found, in one sentence.
pub(crate) fn search_answer(before: usize, after: usize, all: usize, in_gallery: usize) -> String {
    format!(
        "Of {} in your photos, the search finds {before} with the originals and {after} with the protected photos. It \
         looked through {}.",
        faces(all),
        faces(in_gallery)
    )
}

pub(crate) fn searched_with(networks: &[String]) -> String {
    format!("Searched with {}, not used to change the photos.", networks.join(" and "))
}

pub(crate) fn to_check(n: usize) -> String {
    format!("Searches for the faces in {} of your list that have been saved.", photos(n))
}

pub(crate) fn face_of(name: &str, face: usize) -> String {
    format!("{name}, face {face}")
}

/// The most similar face of a folder.
pub(crate) fn hit(hit: &Hit) -> String {
    let name = hit.photo.file_name().unwrap_or_default().to_string_lossy();
    let sign = if hit.found() { "above" } else { "below" };
    format!(
        "Most similar: {name}. {} says {:.2}, {sign} its threshold of {:.2}.",
        hit.network, hit.similarity, hit.threshold
    )
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
