//! Animated GIF and WebP as clips.

use image::codecs::gif::GifEncoder;
use image::imageops::{FilterType, overlay, resize};
use image::{Delay, Frame, Rgba, RgbaImage};

use super::{TIMES, probe};
use crate::desk::{Desk, example, ffmpeg};

/// A GIF of a photo that moves over a ground, each picture shown for so many milliseconds.
fn gif(desk: &Desk, name: &str, ground: [u8; 4], shown: &[u32]) {
    let face = image::open(example("kofi-smiling.jpg")).unwrap().into_rgba8();
    let face = resize(&face, 260, 260, FilterType::Triangle);
    let file = std::fs::File::create(desk.path(name)).unwrap();
    let mut encoder = GifEncoder::new_with_speed(file, 10);
    for (i, shown) in shown.iter().enumerate() {
        let mut picture = RgbaImage::from_pixel(361, 281, Rgba(ground));
        overlay(&mut picture, &face, 40 + 2 * i as i64, 10);
        let delay = Delay::from_numer_denom_ms(*shown, 1);
        encoder.encode_frame(Frame::from_parts(picture, 0, 0, delay)).unwrap();
    }
}

#[test]
#[ignore = "needs ffmpeg"]
fn an_animated_gif_becomes_a_clip_that_shows_each_picture_as_long() {
    let desk = Desk::new();
    gif(&desk, "a.gif", [255, 0, 0, 255], &[100, 50, 200, 0, 400]);
    let (code, said, errors) = desk.run(&["a.gif", "-o", "out", "--strength", "subtle"]);
    assert!(code.is_some_and(|code| code < 2), "{said}{errors}");
    let written = desk.path("out/a.mp4");
    // One that is not shown at all is shown as browsers do, and the last one stays: it is there twice, the second time as long
    // as ffmpeg makes a last frame.
    let times = "0.000000\n0.100000\n0.150000\n0.350000\n0.450000\n0.650000\n";
    assert_eq!(probe(&written, TIMES), times);
    assert_eq!(probe(&written, "stream=width,height"), "360\n280\n");
    // The ground is as red as it was.
    let corner = desk.name("corner.png");
    ffmpeg(&["-i", &desk.name("out/a.mp4"), "-frames:v", "1", &corner]);
    let pixel = image::open(corner).unwrap().into_rgb8().get_pixel(4, 4).0;
    assert!(pixel[0] > 245 && pixel[1] < 10 && pixel[2] < 10, "{pixel:?}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn an_animated_webp_is_read_in_folders_too_and_a_part_of_it_is_written() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    gif(&desk, "a.gif", [90, 90, 90, 255], &[100; 8]);
    let coded = ["-c:v", "libwebp_anim", "-quality", "90"];
    ffmpeg(&[&["-i", &desk.name("a.gif")][..], &coded, &[&desk.name("in/a.webp")]].concat());
    std::fs::copy(example("kofi-neutral.jpg"), desk.path("in/still.jpg")).unwrap();
    let part = ["in", "-o", "out", "--strength", "subtle", "--from", "0.2", "--to", "0.7"];
    let (code, said, errors) = desk.run(&part);
    assert!(code.is_some_and(|code| code < 2), "{said}{errors}");
    assert!(errors.contains("still.jpg: LEFT OUT: this is a photo and no video"), "{errors}");
    let times = "0.000000\n0.100000\n0.200000\n0.300000\n0.400000\n";
    assert_eq!(probe(&desk.path("out/a.mp4"), TIMES), times);
}

#[test]
#[ignore = "needs ffmpeg"]
fn what_can_be_seen_through_is_named_and_a_gif_of_one_picture_is_a_photo() {
    let desk = Desk::new();
    gif(&desk, "through.gif", [0; 4], &[100, 100]);
    gif(&desk, "still.gif", [0; 4], &[100]);
    let (_, said, errors) = desk.run(&["through.gif", "still.gif", "-o", "out", "--strength", "subtle"]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].contains("; what can be seen through is written as white, "), "{said}{errors}");
    assert!(lines[1].contains("it is a still photo, which `visard cloak` protects"), "{said}{errors}");
}
