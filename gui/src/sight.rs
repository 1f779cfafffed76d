//! What can be seen of photos, and is asked for before it is drawn.

use std::path::{Path, PathBuf};

use visard::face::Rectangle;
use visard::photo::Region;

/// What is seen of the open photo.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sight {
    Photo(PathBuf),
    /// The amplified difference between an original and a protected photo.
    Difference(PathBuf, PathBuf),
}

/// A part of a sight as it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) region: Region,
    /// Squares of this many pixels become one.
    pub(crate) factor: usize,
}

/// What a small picture shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Small {
    pub(crate) path: PathBuf,
    /// A face with what is around it; left, top, width and height in pixels. None: the whole photo.
    pub(crate) face: Option<[i32; 4]>,
}

impl Small {
    pub(crate) fn photo(path: &Path) -> Self {
        Self { path: path.into(), face: None }
    }

    pub(crate) fn face(path: &Path, face: &Rectangle) -> Self {
        let side = face.width.max(face.height) * 1.5;
        let [x, y] = [face.x + face.width / 2. - side / 2., face.y + face.height / 2. - side / 2.];
        Self { path: path.into(), face: Some([x, y, side, side].map(|value| value as i32)) }
    }
}

/// A picture that the window lacks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    Thumbnail(Small),
    /// All of a sight, with at most so many pixels a side as the screen may have.
    Whole(Sight),
    /// A part of a sight, as sharp as the screen shows it.
    Part(Sight, Part),
}
