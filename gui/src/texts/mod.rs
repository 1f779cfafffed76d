//! Every text of the window, in English. A translation replaces this folder.
//!
//! One word for one thing: a photo is *protected*, *still recognisable*, has *no face found*, or *failed*; what is written is the
//! *saved photo*; who looks at it is an *independent check*; how much is changed is the *strength*. Names of networks, similarities and
//! measures stand behind "More" only.

mod search;
mod verdict;
mod words;

pub(crate) use search::*;
pub(crate) use verdict::{
    answer, asked, attention, certainty, checked_by, face_number, face_verdict, measured, names, row_detail,
    row_label, said, seen, state, track_measured, track_verdict, tried,
};
pub(crate) use words::*;

pub(crate) const TITLE: &str = "visard";
pub(crate) const PROTECT: &str = "Photos";
pub(crate) const CHECK: &str = "Check my folder";
pub(crate) const MORE: &str = "More options";
pub(crate) const MORE_SHORT: &str = "More";
pub(crate) const KEYS: &str = "Keys";
pub(crate) const KEYS_IN_LIST: &str = "In the list: arrows, Home and End go from photo to photo, Enter opens one, Space chooses \
    it, Delete removes it, Tab goes to its buttons.";
pub(crate) const KEY_START: &str = "Protect, go on, or search";
pub(crate) const KEY_CANCEL: &str = "Cancel, or stop the search";
pub(crate) const KEY_ATTENTION: &str = "Show only what is not protected";
pub(crate) const GO_THERE: &str = "Go there";
pub(crate) const KEYS_SHORT: &str = "?";

// The start
pub(crate) const INVITATION: &str = "Drop photos or a folder here";
pub(crate) const INVITATION_DROP: &str = "Let go to add them";
pub(crate) const PROMISE: &str = "visard changes the faces in your photos slightly, so that face-search engines no longer \
    match them to you. Then it checks the saved files.";
pub(crate) const PRIVATE: &str = "Your photos stay on this computer, and your originals are never changed.";
pub(crate) const CLIPS_TOO: &str = "Short videos are protected in the same way.";
pub(crate) const READING_FOLDER: &str = "Looking for photos…";
pub(crate) const ADD_PHOTOS: &str = "Add photos…";
pub(crate) const ADD_FOLDER: &str = "Add folder…";
pub(crate) const CONTINUE: &str = "Continue";
pub(crate) const FORGET: &str = "Forget them";
pub(crate) const SHOW_LAST: &str = "Show them";

// The queue
pub(crate) const START: &str = "Protect";
pub(crate) const PAUSE: &str = "Pause";
pub(crate) const RESUME: &str = "Go on";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const RETRY: &str = "Try again";
pub(crate) const RETRY_STRONGER: &str = "Try stronger";
pub(crate) const RETRY_ALL: &str = "Try again where it may help";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const CLEAR: &str = "Clear the list";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const TICK: &str = "Choose";
pub(crate) const TICK_ALL: &str = "Choose all";
pub(crate) const TICK_NONE: &str = "Choose none";
pub(crate) const ORDER: &str = "Order";
pub(crate) const ORDERS: [&str; 4] = ["As added", "By name", "By folder", "Not protected first"];
pub(crate) const GRID: &str = "Grid";
pub(crate) const STRENGTHS_OF: &str = "Compare strengths";
pub(crate) const STRENGTHS_SHORT: &str = "Strengths";
pub(crate) const ONLY_ATTENTION: &str = "Show only these";
pub(crate) const SHOW_SUMMARY: &str = "Result";
pub(crate) const OPENING: &str = "Opening the networks…";
pub(crate) const NO_NETWORKS: &str = "No networks are open.";
pub(crate) const CHOOSE_NETWORKS: &str = "Choose a folder with networks…";
pub(crate) const PACE_UNKNOWN: &str = "How long it takes is known after the first photo";
pub(crate) const CHOICES: &str = "Choices";
pub(crate) const PAUSED: &str = "Paused";
pub(crate) const HIDE: &str = "Hide this message";
pub(crate) const NOT_LOOKED: &str = "Faces not looked for yet";
pub(crate) const CLIP_WAITS: &str = "A clip: its faces are followed when it is protected";
pub(crate) const CLIPS_TAKE_LONG: &str = "Clips take minutes";

// Choices
pub(crate) const STRENGTH: &str = "Strength";
pub(crate) const STRENGTH_OF_ALL: &str = "That of all";
pub(crate) const LOOK_FIRST: &str = "See what each looks like";
pub(crate) const UNPROTECTED: &str = "Photos that stay recognisable";
pub(crate) const APART: &str = "Save apart, in “not protected”";
pub(crate) const NOWHERE: &str = "Do not save";
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
pub(crate) const NO_CHECK: &str = "there is no check to tell people apart";
pub(crate) const OTHERS: &str = "Faces that are not ticked";
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
pub(crate) const CHANCE: &str = "Chance";
pub(crate) const SEED: &str = "Another number gives other changes";
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
pub(crate) const HOLD_SHORT: &str = "Original";
pub(crate) const FIT: &str = "Fit";
pub(crate) const FULL_SIZE: &str = "Full size";
pub(crate) const LARGER: &str = "Larger";
pub(crate) const SMALLER: &str = "Smaller";
pub(crate) const BOXES: &str = "Show faces";
pub(crate) const DETAILS: &str = "What is said of it";
pub(crate) const DELETE_FACE: &str = "Delete";
pub(crate) const DETAILS_MORE: &str = "More";
pub(crate) const DRAW: &str = "Add a missed face";
pub(crate) const PROTECT_FACE: &str = "Protect face";
pub(crate) const TO_PROTECT: &str = "will be protected";
pub(crate) const NOT_CHOSEN: &str = "left as it is";
pub(crate) const DRAWN: &str = "Added by you";
pub(crate) const DRAW_HINT: &str =
    "Draw a box around the face. Or zoom in until it fills the view, and press:";
pub(crate) const TAKE_VIEW: &str = "Take what is in view";
pub(crate) const SLIDER: &str = "Position of the line between original and protected photo, in percent";
pub(crate) const ORIGINAL: &str = "Original";
pub(crate) const SAVED_PHOTO: &str = "Saved photo";
pub(crate) const READING: &str = "Reading the photo…";
pub(crate) const LOOKING: &str = "Looking for faces…";
pub(crate) const OTHER_SIZE: &str = "The saved photo has another size than the original.";
pub(crate) const NO_FACE_IN_BOX: &str = "No eyes, nose and mouth could be found in that box, so that face cannot be \
    protected. Try a box that is a little larger, with the whole head in it.";
pub(crate) const FACE_ADDED: &str = "The face was added. It will be protected with the others.";
pub(crate) const FACES_CHANGED: &str = "Your choice of faces counts from the next try on.";
pub(crate) const NO_FACES_CHOSEN: &str = "Choose at least one face.";
pub(crate) const FIRST_FRAME: &str = "The first frame of the clip is shown.";
pub(crate) const CLIP_FACES: &str = "Single faces of a clip cannot be chosen or added: each is followed as long as it is seen. Under “More options” \
    you can protect only the largest, and hide the others.";

// What it means
pub(crate) const MEANING: &str = "What this means, and what it does not";
pub(crate) const LIMITS: [&str; 6] = [
    "“Protected” means: independent checks, networks that were not used to change the photo, looked at the saved file, \
     and none of them takes the face for the one in your original.",
    "It says nothing about networks that were not asked. A face-search engine may use better ones.",
    "What you publish cannot be changed any more. A later network may see through the change.",
    "Photos of you that are already public, or that others post, are not covered.",
    "It does not stop people who know you, or a search by place, clothes or context.",
    "Whoever looks for it may be able to tell that a photo was changed.",
];

// The end
pub(crate) const LOOK_AT_THEM: &str = "Show them in the list";
pub(crate) const SHOW_FOLDER: &str = "Show in folder";
pub(crate) const SAVE_PAGE: &str = "Save as a page…";
pub(crate) const SAVE_REPORT: &str = "Save for programs…";
pub(crate) const PAGE_TITLE: &str = "visard: what became of the photos";
pub(crate) const NOT_SAVED: &str = "Not saved";
pub(crate) const BACK_TO_LIST: &str = "Back to the list";
pub(crate) const FILE_CHANGED: &str = "the saved file is gone or was changed since visard wrote it";
pub(crate) const FILE_GONE: &str = "the saved file is gone: somebody removed it or its folder";

pub(crate) const STRONGER: &str = "A higher strength protects more. It is tried on these photos alone.";
pub(crate) const STRONGEST: &str =
    "The strongest was tried. What is left is not to post the photo, or to leave the face out of it.";

// People
pub(crate) const PEOPLE: &str = "People";
pub(crate) const PEOPLE_HINT: &str = "Choose who is to be protected on all photos. A face that is put to the wrong person is taken out \
    by pressing it.";
pub(crate) const PROTECT_PERSON: &str = "Protect";
pub(crate) const SAME_AS: &str = "The same as…";
pub(crate) const SOMEBODY_ELSE: &str = "Somebody else";
pub(crate) const CLIPS_NOT_GROUPED: &str = "The people in clips are not told apart here.";
pub(crate) const NOBODY_CHOSEN: &str = "no face of it is to be protected";

// Strengths side by side
pub(crate) const TRYING: &str = "Being made…";
pub(crate) const TRYING_LATER: &str = "Made when nothing else is to be done…";
pub(crate) const TAKE_FOR_PHOTO: &str = "Take for this photo";
pub(crate) const TAKE_FOR_ALL: &str = "Take for all photos";
pub(crate) const TRIED_ALONE: &str = "Each is made of this photo alone. With other photos of the same people in the list, \
    photos are protected better.";

// Breaking off work
pub(crate) const QUIT_TITLE: &str = "Quit while photos are being protected?";
pub(crate) const QUIT_TEXT: &str = "Finished photos stay saved. You can continue with the others next time.";
pub(crate) const QUIT: &str = "Quit";
pub(crate) const CLEAR_TITLE: &str = "Clear the list while photos are being protected?";
pub(crate) const CLEAR_TEXT: &str = "Finished photos stay saved. The others will not be protected.";
pub(crate) const CLEAR_SURE: &str = "Stop and clear";
pub(crate) const STAY: &str = "Keep working";
