#![no_main]
//! What shows motion in the file of a photo: all pictures of an animation, and the place of a film.

use libfuzzer_sys::fuzz_target;
use visard::photo::{Animation, Limits, film};

/// Small pictures only: the fuzzer looks for layouts, and large ones only take time.
const LIMITS: Limits =
    Limits { file: 1 << 24, pixels: 1 << 16, side: 1 << 12, memory: 1 << 20, first_picture: false };

fuzz_target!(|bytes: &[u8]| {
    if let Some(place) = film(bytes) {
        assert!(place.start < place.end && place.end <= bytes.len());
    }
    let Ok(Some(animation)) = Animation::of(bytes.to_vec(), &LIMITS) else { return };
    let Ok(pictures) = animation.pictures() else { return };
    for picture in pictures.take(64).flatten() {
        assert!(!picture.shown.is_zero());
    }
});
