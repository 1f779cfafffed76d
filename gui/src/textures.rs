//! Pictures in graphics memory: few thumbnails, and what the open photo needs.

use std::collections::HashMap;
use std::path::Path;

use egui::{ColorImage, Context, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2};

use crate::batch::Id;
use crate::pictures::{Errand, Picture, Wish};

/// Thumbnails that are kept; a screen shows some ten.
const MOST: usize = 256;

/// A picture that can be drawn; its pieces arrive one a frame, so that no frame takes long.
pub(crate) struct Shown {
    pub(crate) size: [usize; 2],
    tiles: Vec<(Rect, TextureHandle)>,
    coming: Vec<([usize; 2], ColorImage)>,
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
    thumbnails: HashMap<Id, (Result<Shown, String>, u64)>,
    pictures: HashMap<Wish, Result<Shown, String>>,
    /// What the last frame lacked.
    missing: Vec<Errand>,
    frame: u64,
}

impl Textures {
    pub(crate) fn begin_frame(&mut self, ctx: &Context) {
        self.frame += 1;
        self.missing.clear();
        for shown in self.pictures.values_mut().flatten() {
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

    pub(crate) fn thumbnail(&mut self, id: Id, path: &Path) -> Look<'_> {
        if !self.thumbnails.contains_key(&id) {
            self.missing.push(Errand::Picture(Wish::Thumbnail(id, path.to_path_buf())));
        }
        match self.thumbnails.get_mut(&id) {
            None => Look::Coming,
            Some((found, used)) => {
                *used = self.frame;
                found.as_ref().map_or_else(|e| Look::Failed(e), Look::Ready)
            }
        }
    }

    pub(crate) fn picture(&mut self, wish: &Wish) -> Look<'_> {
        if !self.pictures.contains_key(wish) {
            // Before all thumbnails.
            self.missing.insert(0, Errand::Picture(wish.clone()));
        }
        match self.pictures.get(wish) {
            None => Look::Coming,
            Some(Err(error)) => Look::Failed(error),
            Some(Ok(shown)) => Look::Ready(shown),
        }
    }

    /// Takes in a picture that was read.
    pub(crate) fn put(&mut self, ctx: &Context, wish: Wish, picture: Result<Picture, String>) {
        let shown = picture.map(|picture| {
            let mut shown = Shown { size: picture.size, tiles: vec![], coming: picture.tiles };
            shown.upload_one(ctx);
            shown
        });
        match wish {
            Wish::Thumbnail(id, _) => {
                self.thumbnails.insert(id, (shown, self.frame));
                self.forget_oldest();
            }
            wish => {
                self.pictures.insert(wish, shown);
            }
        }
    }

    /// Forgets the pictures of the open photo.
    pub(crate) fn close_photo(&mut self) {
        self.pictures.clear();
    }

    /// Forgets what was read of a file that is written anew.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.pictures.retain(|wish, _| match wish {
            Wish::Full(p) => p != path,
            Wish::Difference(_, p) => p != path,
            Wish::Thumbnail(..) => true,
        });
    }

    fn forget_oldest(&mut self) {
        if self.thumbnails.len() > MOST
            && let Some(oldest) = self.thumbnails.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id)
        {
            self.thumbnails.remove(&oldest);
        }
    }
}

impl Shown {
    fn upload_one(&mut self, ctx: &Context) {
        let Some(([x, y], image)) = self.coming.pop() else { return };
        let place =
            Rect::from_min_size(pos2(x as f32, y as f32), vec2(image.width() as f32, image.height() as f32));
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
