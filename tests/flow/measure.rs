//! What can be seen of a change, measured without the code under test.

use image::{DynamicImage, GenericImageView as _};

use crate::support::models::{MIDDLE, SIDE};

/// How far a place is from the middle of the face; the cloak ends where this is 1.12.
pub(crate) fn radius(x: u32, y: u32) -> f64 {
    let along = |place: u32, middle: f32| f64::from(place as f32 - middle) / f64::from(SIDE / 2.);
    (along(x, MIDDLE[0]).powi(4) + along(y, MIDDLE[1]).powi(4)).powf(0.25)
}

fn luma(picture: &DynamicImage, x: u32, y: u32) -> f64 {
    let [r, g, b, _] = picture.get_pixel(x, y).0.map(f64::from);
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Structural dissimilarity by its definition, (1 - SSIM) / 2, mean over the face.
pub(crate) fn dssim(a: &DynamicImage, b: &DynamicImage) -> f64 {
    let mut window: Vec<(i64, i64, f64)> = vec![];
    for (dy, dx) in (-5..=5).flat_map(|dy| (-5..=5).map(move |dx| (dy, dx))) {
        window.push((dx, dy, (-((dx * dx + dy * dy) as f64) / (2. * 1.5 * 1.5)).exp()));
    }
    let total: f64 = window.iter().map(|w| w.2).sum();
    let at = |x: u32, y: u32| {
        let mean = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            let place = |v: u32, d: i64| (i64::from(v) + d) as u32;
            window
                .iter()
                .map(|&(dx, dy, w)| {
                    let (x, y) = (place(x, dx), place(y, dy));
                    w / total * of(luma(a, x, y), luma(b, x, y))
                })
                .sum()
        };
        let (p, q) = (mean(&|p, _| p), mean(&|_, q| q));
        let (pp, qq, pq) = (mean(&|p, _| p * p), mean(&|_, q| q * q), mean(&|p, q| p * q));
        let (c1, c2) = ((0.01f64 * 255.).powi(2), (0.03f64 * 255.).powi(2));
        let ssim = (2. * p * q + c1) * (2. * (pq - p * q) + c2)
            / ((p * p + q * q + c1) * (pp - p * p + qq - q * q + c2));
        (1. - ssim) / 2.
    };
    let face: Vec<f64> = a.pixels().filter(|p| radius(p.0, p.1) < 1.12).map(|(x, y, _)| at(x, y)).collect();
    face.iter().sum::<f64>() / face.len() as f64
}

/// Largest difference of two samples.
pub(crate) fn largest_change(a: &DynamicImage, b: &DynamicImage) -> i32 {
    let differences = a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| i32::from(*a) - i32::from(*b));
    differences.map(i32::abs).max().unwrap()
}
