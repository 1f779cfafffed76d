//! What can be seen of a change, measured without the code under test.

use image::{DynamicImage, GenericImageView as _};

/// Where a place lies in the aligned crop, which reaches from -1 to 1: least squares of the five points of the test's
/// detector, with numpy.
fn in_crop(x: u32, y: u32) -> [f64; 2] {
    let (x, y) = (f64::from(x), f64::from(y));
    let at = [1.654_921 * x + 0.009_184 * y - 77.128_014, -0.009_184 * x + 1.654_921 * y - 64.391_957];
    at.map(|v| (v + 0.5) / 56. - 1.)
}

/// How far a place is from the middle of the aligned crop; the cloak ends where this is 1.
pub(crate) fn radius(x: u32, y: u32) -> f64 {
    in_crop(x, y).map(|v| v.powi(4)).iter().sum::<f64>().powf(0.25)
}

fn luma(picture: &DynamicImage, x: u32, y: u32) -> f64 {
    let [r, g, b, _] = picture.get_pixel(x, y).0.map(f64::from);
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Structural dissimilarity by its definition, (1 - SSIM) / 2, mean over the aligned crop.
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
    let inside = |x, y| in_crop(x, y).iter().all(|v| v.abs() <= 1.);
    let face: Vec<f64> = a.pixels().filter(|p| inside(p.0, p.1)).map(|(x, y, _)| at(x, y)).collect();
    face.iter().sum::<f64>() / face.len() as f64
}

/// Largest difference of two samples.
pub(crate) fn largest_change(a: &DynamicImage, b: &DynamicImage) -> i32 {
    let differences = a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| i32::from(*a) - i32::from(*b));
    differences.map(i32::abs).max().unwrap()
}
