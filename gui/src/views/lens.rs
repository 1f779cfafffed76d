//! How the open photo lies on the screen.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use visard::face::Rectangle;
use visard::photo::Region;

use crate::model::Viewer;
use crate::sight::Part;

/// Parts of the photo begin and end at multiples of this, in pixels as they are read.
const GRID: usize = 512;

/// How photo pixels lie on the screen.
#[derive(Clone, Copy)]
pub(super) struct Lens {
    pub(super) corner: Pos2,
    pub(super) scale: f32,
    /// Of the photo, in its pixels.
    pub(super) size: Vec2,
}

impl Lens {
    pub(super) fn new(viewer: &Viewer, screen: Rect, size: Vec2) -> Self {
        let scale = viewer.scale();
        let middle = viewer.middle.unwrap_or(pos2(size.x / 2., size.y / 2.));
        Self { corner: screen.center() - middle.to_vec2() * scale, scale, size }
    }

    /// The same for a copy of the photo with this many pixels, which is shown at the same size.
    pub(super) fn onto(self, size: [usize; 2]) -> Self {
        let size = vec2(size[0] as f32, size[1] as f32);
        Self { scale: self.scale * self.size.x / size.x, size, ..self }
    }

    pub(super) fn to_screen(self, at: Pos2) -> Pos2 {
        self.corner + at.to_vec2() * self.scale
    }

    pub(super) fn to_photo(self, at: Pos2) -> Pos2 {
        ((at - self.corner) / self.scale).to_pos2()
    }

    pub(super) fn rect(self, bounds: &Rectangle) -> Rect {
        let corner = self.to_screen(pos2(bounds.x, bounds.y));
        Rect::from_min_size(corner, vec2(bounds.width, bounds.height) * self.scale)
    }

    /// The part of the photo that lies in a part of the screen.
    pub(super) fn seen(self, screen: Rect) -> Rectangle {
        let part = Rect::from_min_max(self.to_photo(screen.min), self.to_photo(screen.max));
        bounds(part.intersect(Rect::from_min_size(Pos2::ZERO, self.size)))
    }

    /// What is read of the photo for a part of the screen, and no sharper than it shows: at edges that stay the
    /// same while the photo is moved a little. `density`: pixels of the screen for a point.
    pub(super) fn part(self, screen: Rect, density: f32) -> Part {
        let seen = self.seen(screen);
        let factor = ((1. / (self.scale * density)) as usize).max(1);
        let grid = GRID * factor;
        let span = |start: f32, length: f32, size: f32| {
            let first = start.max(0.) as usize / grid * grid;
            let end = ((start + length).max(0.).ceil() as usize).next_multiple_of(grid).min(size as usize);
            (first, end.saturating_sub(first))
        };
        let (x, width) = span(seen.x, seen.width, self.size.x);
        let (y, height) = span(seen.y, seen.height, self.size.y);
        Part { region: Region { x, y, width, height }, factor }
    }

    pub(super) fn photo(self) -> Rect {
        Rect::from_min_size(self.corner, self.size * self.scale)
    }
}

/// A rectangle of the photo as the library has it.
pub(super) fn bounds(rect: Rect) -> Rectangle {
    Rectangle { x: rect.min.x, y: rect.min.y, width: rect.width(), height: rect.height() }
}
