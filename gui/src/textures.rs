//! Pictures in graphics memory: few thumbnails, and what the open photo needs.

use std::collections::HashMap;
use std::path::Path;

use egui::{ColorImage, Context, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2};
use visard::photo::Region;

use crate::pictures::{Errand, Picture};
use crate::sight::{Part, Sight, Small, Wish};

/// Thumbnails that are kept; a screen shows some ten.
const MOST: usize = 256;

/// A picture that can be drawn; its pieces arrive one a frame, so that no frame takes long.
pub(crate) struct Shown {
    /// Columns and rows of the photo.
    pub(crate) size: [usize; 2],
    /// Pixels of the photo along a side of a pixel of this.
    pub(crate) factor: usize,
    tiles: Vec<(Rect, TextureHandle)>,
    coming: Vec<(Region, ColorImage)>,
}

/// What there is of a picture.
pub(crate) enum Look<'a> {
    Coming,
    /// Why it cannot be shown.
    Failed(&'a str),
    Ready(&'a Shown),
}

/// All pictures in graphics memory.
#[derive(Default)]
pub(crate) struct Textures {
    /// With the frame that last used them.
    thumbnails: HashMap<Small, (Result<Shown, String>, u64)>,
    wholes: HashMap<Sight, Result<Shown, String>>,
    parts: HashMap<Sight, (Part, Result<Shown, String>)>,
    /// What the last frame lacked.
    missing: Vec<Errand>,
    frame: u64,
}

impl Textures {
    pub(crate) fn begin_frame(&mut self, ctx: &Context) {
        self.frame += 1;
        self.missing.clear();
        let parts = self.parts.values_mut().map(|(_, part)| part);
        for shown in self.wholes.values_mut().chain(parts).flatten() {
            shown.upload_one(ctx);
        }
    }

    /// What the frame lacked, the most urgent first.
    pub(crate) fn take_missing(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.missing)
    }

    /// Asks for something besides pictures.
    pub(crate) fn want(&mut self, errand: Errand) {
        self.missing.push(errand);
    }

    pub(crate) fn thumbnail(&mut self, small: &Small) -> Look<'_> {
        if !self.thumbnails.contains_key(small) {
            self.missing.push(Errand::Picture(Wish::Thumbnail(small.clone())));
        }
        match self.thumbnails.get_mut(small) {
            None => Look::Coming,
            Some((found, used)) => {
                *used = self.frame;
                found.as_ref().map_or_else(|e| Look::Failed(e), Look::Ready)
            }
        }
    }

    /// The whole of what is seen of the open photo.
    pub(crate) fn whole(&mut self, sight: &Sight) -> Look<'_> {
        if !self.wholes.contains_key(sight) {
            self.want_first(Wish::Whole(sight.clone()));
        }
        match self.wholes.get(sight) {
            None => Look::Coming,
            Some(Err(error)) => Look::Failed(error),
            Some(Ok(shown)) => Look::Ready(shown),
        }
    }

    /// A part of what is seen of the open photo; while it is coming, the one before.
    pub(crate) fn part(&mut self, sight: &Sight, part: Part) -> Option<&Shown> {
        if self.parts.get(sight).is_none_or(|(there, _)| *there != part) {
            self.want_first(Wish::Part(sight.clone(), part));
        }
        self.parts.get(sight)?.1.as_ref().ok()
    }

    /// Before all thumbnails.
    fn want_first(&mut self, wish: Wish) {
        let errand = Errand::Picture(wish);
        if !self.missing.contains(&errand) {
            self.missing.insert(0, errand);
        }
    }

    /// Takes in a picture that was read.
    pub(crate) fn put(&mut self, ctx: &Context, wish: Wish, picture: Result<Picture, String>) {
        let shown = picture.map(|Picture { size, factor, tiles }| {
            let mut shown = Shown { size, factor, tiles: vec![], coming: tiles };
            shown.upload_one(ctx);
            shown
        });
        match wish {
            Wish::Thumbnail(small) => {
                self.thumbnails.insert(small, (shown, self.frame));
                self.forget_oldest();
            }
            Wish::Whole(sight) => {
                self.wholes.insert(sight, shown);
            }
            Wish::Part(sight, part) => {
                self.parts.insert(sight, (part, shown));
            }
        }
    }

    /// Forgets the pictures of the open photo.
    pub(crate) fn close_photo(&mut self) {
        self.wholes.clear();
        self.parts.clear();
    }

    /// Forgets what was read of a file that is written anew.
    pub(crate) fn forget(&mut self, path: &Path) {
        let other = |sight: &Sight| match sight {
            Sight::Photo(file) | Sight::Difference(_, file) => file != path,
        };
        self.thumbnails.retain(|small, _| small.path != path);
        self.wholes.retain(|sight, _| other(sight));
        self.parts.retain(|sight, _| other(sight));
    }

    fn forget_oldest(&mut self) {
        if self.thumbnails.len() > MOST
            && let Some((oldest, _)) = self.thumbnails.iter().min_by_key(|(_, (_, used))| *used)
            && let oldest = oldest.clone()
        {
            self.thumbnails.remove(&oldest);
        }
    }
}

impl Shown {
    fn upload_one(&mut self, ctx: &Context) {
        let Some((region, image)) = self.coming.pop() else { return };
        let corner = pos2(region.x as f32, region.y as f32);
        let place = Rect::from_min_size(corner, vec2(region.width as f32, region.height as f32));
        let options = TextureOptions {
            mipmap_mode: Some(egui::TextureFilter::Linear),
            magnification: egui::TextureFilter::Nearest,
            ..TextureOptions::LINEAR
        };
        self.tiles.push((place, ctx.load_texture("photo", image, options)));
        if !self.coming.is_empty() {
            ctx.request_repaint();
        }
    }

    /// Draws the picture with its upper left corner at a place.
    pub(crate) fn draw(&self, painter: &egui::Painter, corner: Pos2, scale: f32) {
        for (place, texture) in &self.tiles {
            let rect = Rect::from_min_size(corner + place.min.to_vec2() * scale, place.size() * scale);
            if painter.clip_rect().intersects(rect) {
                let whole = Rect::from_min_max(pos2(0., 0.), pos2(1., 1.));
                painter.image(texture.id(), rect, whole, egui::Color32::WHITE);
            }
        }
    }

    /// Draws the picture as large as fits into the middle of a rectangle.
    pub(crate) fn draw_in(&self, painter: &egui::Painter, rect: Rect) {
        let size = vec2(self.size[0] as f32, self.size[1] as f32);
        let scale = (rect.width() / size.x).min(rect.height() / size.y);
        self.draw(painter, rect.center() - size * scale / 2., scale);
    }
}
