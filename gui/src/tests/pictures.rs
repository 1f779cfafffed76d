//! What is read of an open photo: all of it reduced, and in full size only what is on the screen.

use std::path::{Path, PathBuf};

use egui::{Color32, Context};
use egui_kittest::Harness;
use image::{ImageFormat, Rgb, RgbImage};
use visard::photo::Region;

use super::support::file;
use crate::model::{Model, Screen};
use crate::pictures::{Errand, picture};
use crate::queue::Source;
use crate::sight::{Part, Sight, Wish};
use crate::textures::{Look, Textures};

/// Writes a photo of which each place is known.
fn write(path: &Path, width: u32, height: u32, green: u8) {
    let photo =
        RgbImage::from_fn(width, height, |x, y| Rgb([2 * (x % 100) as u8, green + 10 * (y % 20) as u8, 7]));
    std::fs::write(path, file(&photo.into(), ImageFormat::Png)).unwrap();
}

fn region(x: usize, y: usize, width: usize, height: usize) -> Region {
    Region { x, y, width, height }
}

/// A part in full size.
fn part(region: Region) -> Part {
    Part { region, factor: 1 }
}

#[test]
fn a_large_photo_is_reduced_and_its_parts_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    write(&path, 1540, 3, 0);
    let sight = Sight::Photo(path);
    let whole = picture(&Wish::Whole(sight.clone())).unwrap();
    assert_eq!((whole.size, whole.factor), ([1540, 3], 2));
    let [(place, image)] = whole.tiles.as_slice() else { panic!("{} tiles", whole.tiles.len()) };
    assert_eq!((*place, image.size), (region(0, 0, 1540, 3), [770, 2]));
    // Two columns and two rows become one pixel; the last row is alone.
    assert_eq!([image[(0, 0)], image[(3, 1)]], [Color32::from_rgb(1, 5, 7), Color32::from_rgb(13, 20, 7)]);
    let part = picture(&Wish::Part(sight, part(region(512, 1, 1028, 2)))).unwrap();
    let places: Vec<_> = part.tiles.iter().map(|(place, _)| *place).collect();
    assert_eq!((part.factor, places), (1, vec![region(512, 1, 1024, 2), region(1536, 1, 4, 2)]));
    assert_eq!(part.tiles[0].1[(1, 0)], Color32::from_rgb(26, 10, 7));
}

#[test]
fn a_difference_is_eight_times_as_strong_around_grey() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, other] = ["a.png", "b.png", "c.png"].map(|name| folder.path().join(name));
    write(&a, 30, 10, 0);
    write(&b, 30, 10, 3);
    write(&other, 30, 11, 0);
    let difference = |protected: PathBuf| picture(&Wish::Whole(Sight::Difference(a.clone(), protected)));
    let shown = difference(b).unwrap();
    assert_eq!(shown.tiles[0].1[(4, 4)], Color32::from_rgb(128, 152, 128));
    assert_eq!(difference(other).unwrap_err(), "The saved photo has another size than the original.");
}

#[test]
fn while_a_part_is_coming_the_one_before_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    write(&path, 40, 40, 0);
    let (ctx, mut textures, sight) = (Context::default(), Textures::default(), Sight::Photo(path));
    let [here, there] = [region(0, 0, 20, 20), region(20, 0, 20, 20)].map(part);
    assert!(textures.part(&sight, here).is_none());
    let wish = Wish::Part(sight.clone(), here);
    assert_eq!(textures.take_missing(), [Errand::Picture(wish.clone())]);
    textures.put(&ctx, wish.clone(), picture(&wish));
    assert!(textures.part(&sight, here).is_some());
    assert_eq!(textures.take_missing(), []);
    assert!(textures.part(&sight, there).is_some());
    assert_eq!(textures.take_missing(), [Errand::Picture(Wish::Part(sight, there))]);
}

/// The views over textures that no thread fills.
struct Bare {
    model: Model,
    textures: Textures,
    missing: Vec<Errand>,
}

#[test]
fn only_what_is_seen_larger_than_it_was_read_is_asked_for_in_full_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    write(&path, 4000, 1000, 0);
    let mut bare = Bare { model: Model::default(), textures: Textures::default(), missing: vec![] };
    let root = folder.path().to_path_buf();
    bare.model.queue.add(vec![Source { input: path.clone(), root, in_folder: true, clip: false }]);
    bare.model.screen = Screen::Look(0);
    let draw = |ui: &mut egui::Ui, bare: &mut Bare| {
        bare.textures.begin_frame(ui);
        crate::views::show(ui, &mut bare.model, &mut bare.textures, &mut vec![]);
        bare.missing = bare.textures.take_missing();
    };
    let mut window = Harness::builder().with_size([1280., 800.]).build_ui_state(draw, bare);
    let whole = Wish::Whole(Sight::Photo(path.clone()));
    assert_eq!(window.state().missing, [Errand::Picture(whole.clone())]);
    let ctx = window.ctx.clone();
    window.state_mut().textures.put(&ctx, whole.clone(), picture(&whole));
    window.run_steps(3);
    assert!(matches!(window.state_mut().textures.whole(&Sight::Photo(path.clone())), Look::Ready(_)));
    assert_eq!(window.state().missing, []);
    let mut asked_at = |zoom| {
        window.state_mut().model.viewer.zoom = Some(zoom);
        window.run_steps(1);
        window.state().missing.clone()
    };
    // The whole has every fourth pixel, which is enough up to a quarter of full size.
    assert_eq!(asked_at(0.2), []);
    let errand = |part| [Errand::Picture(Wish::Part(Sight::Photo(path.clone()), part))];
    // Every second pixel of what the middle of the photo covers of the screen, to the next multiple of 1024.
    assert_eq!(asked_at(0.5), errand(Part { region: region(1024, 0, 2048, 1000), factor: 2 }));
    assert_eq!(asked_at(1.), errand(part(region(1024, 0, 1536, 1000))));
}
