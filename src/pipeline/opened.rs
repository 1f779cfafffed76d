//! A photo at the size at which it is published.

use super::FaceReport;
use super::settings::{Faces, Settings};
use crate::error::Result;
use crate::face::Face;
use crate::photo::{Photo, decode};

/// A decoded photo, reduced where it is made for a smaller place.
pub(super) struct Opened {
    pub(super) photo: Photo,
    /// The settings, with the places that they name in pixels of this photo.
    pub(super) settings: Settings,
    /// Width and height of this photo in those of the file's, where it was reduced.
    scale: Option<[f32; 2]>,
}

impl Opened {
    pub(super) fn of(bytes: &[u8], settings: &Settings) -> Result<Self> {
        let whole = decode(bytes, &settings.limits)?;
        let [width, height] = [whole.width(), whole.height()];
        let photo = match settings.longest_side() {
            Some(max_side) => whole.reduced(max_side),
            None => whole,
        };
        let scale = [photo.width() as f32 / width as f32, photo.height() as f32 / height as f32];
        let scale = (photo.width() < width || photo.height() < height).then_some(scale);
        let mut opened = Self { photo, settings: settings.clone(), scale };
        if let Some(scale) = scale {
            opened.settings.boxes.iter_mut().for_each(|bounds| *bounds = bounds.scaled(scale));
            if let Faces::These(faces) = &mut opened.settings.faces {
                faces.iter_mut().for_each(|face| *face = face.scaled(scale));
            }
        }
        Ok(opened)
    }

    /// Whether the photo is as large as the file's.
    pub(super) fn is_whole(&self) -> bool {
        self.scale.is_none()
    }

    /// A face of the file's photo, in pixels of this one.
    pub(super) fn face(&self, face: &Face) -> Face {
        self.scale.map_or(*face, |scale| face.scaled(scale))
    }

    /// Says of faces of this photo where they are in that of the file.
    pub(super) fn put_in_file(&self, reports: &mut [FaceReport]) {
        let Some(scale) = self.scale else { return };
        reports.iter_mut().for_each(|report| report.put(report.face().scaled(scale.map(|scale| 1. / scale))));
    }
}
