//! What a colour-managed viewer shows of a photo's samples, and what must change in them so that a change is seen.

#![warn(clippy::indexing_slicing)]

mod numbers;

use std::fmt;
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

pub(super) use self::numbers::profile_of;

/// A shade of the usual colours and one of another space differ by less than this, of 255: nobody sees it.
const SAME: f32 = 0.75;

type Transform = Arc<dyn TransformExecutor<f32> + Send + Sync>;

/// The way from a photo's samples to what is seen of them, and back.
#[derive(Clone)]
pub(super) struct View {
    grey: bool,
    seen: Transform,
    /// None where the profile says nothing of the way back; changes are then made as they are.
    back: Option<Transform>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("grey", &self.grey).finish_non_exhaustive()
    }
}

impl View {
    /// The view through a profile; none where it shows samples as they are, as sRGB does, or is of no use for them.
    pub(super) fn of(icc: &[u8], grey: bool) -> Option<Self> {
        let own = ColorProfile::new_from_slice(icc).ok()?;
        let (own, shown, layout) = match (own.color_space, grey) {
            (DataColorSpace::Rgb, false) => (own, ColorProfile::new_srgb(), Layout::Rgb),
            (DataColorSpace::Gray, true) => (own, shades_of_srgb()?, Layout::Gray),
            // Grey samples whose profile is one of colours are three equal ones.
            (DataColorSpace::Rgb, true) => (shades_of(&own)?, shades_of_srgb()?, Layout::Gray),
            _ => return None,
        };
        let seen = own.create_transform_f32(layout, &shown, layout, options()).ok()?;
        let back = shown.create_transform_f32(layout, &own, layout, options()).ok();
        let view = Self { grey, seen, back };
        (!view.is_plain()).then_some(view)
    }

    /// Turns samples into what is seen of them, in place.
    ///
    /// # Shapes
    /// - `rgb`: red, green, blue of one pixel after the other, in `0.0..=255.0`; equal for a grey photo
    pub(super) fn see(&self, rgb: &mut [f32]) {
        self.through(&self.seen, rgb);
    }

    /// The change of samples that shows as a change of what is seen. Pixels without a change keep theirs exactly.
    ///
    /// # Shapes
    /// - `samples`, `change`: as in [`View::see`]; returns the same
    pub(super) fn change_of_samples(&self, samples: Vec<f32>, change: &[f32]) -> Vec<f32> {
        let Some(back) = &self.back else { return change.to_vec() };
        let mut before = samples;
        self.see(&mut before);
        let wanted = |(before, change): (&f32, &f32)| (before + change).clamp(0.0, 255.0);
        let mut after: Vec<f32> = before.iter().zip(change).map(wanted).collect();
        // What is seen may be cut off at the ends of its range, so both go back the same way.
        self.through(back, &mut before);
        self.through(back, &mut after);
        let pixels = after.as_chunks_mut::<3>().0.iter_mut().zip(before.as_chunks::<3>().0);
        for ((after, before), change) in pixels.zip(change.as_chunks::<3>().0) {
            let changed = change.iter().any(|change| *change != 0.0);
            for (after, before) in after.iter_mut().zip(before) {
                *after = if changed { *after - before } else { 0.0 };
            }
        }
        after
    }

    fn through(&self, transform: &Transform, rgb: &mut [f32]) {
        const PIXELS: usize = 4096;
        let mut shown = Vec::new();
        for part in rgb.chunks_mut(3 * PIXELS) {
            let step = if self.grey { 3 } else { 1 };
            let from: Vec<f32> = part.iter().step_by(step).map(|sample| sample / 255.0).collect();
            shown.resize(from.len(), 0.0);
            // Both are of one length, which is all that it can find fault with.
            if transform.transform(&from, &mut shown).is_err() {
                return;
            }
            let samples = shown.iter().flat_map(|sample| std::iter::repeat_n(*sample, step));
            part.iter_mut().zip(samples).for_each(|(to, from)| *to = (from * 255.0).clamp(0.0, 255.0));
        }
    }

    /// Whether all that is seen are the samples themselves.
    fn is_plain(&self) -> bool {
        const STEPS: [u8; 5] = [0, 64, 128, 192, 255];
        let colours = STEPS.iter().flat_map(|r| STEPS.iter().flat_map(move |g| STEPS.map(|b| [*r, *g, b])));
        let shown = colours.filter(|[r, g, b]| !self.grey || (r == g && g == b));
        let samples: Vec<f32> = shown.flatten().map(f32::from).collect();
        let mut seen = samples.clone();
        self.see(&mut seen);
        seen.iter().zip(&samples).all(|(seen, sample)| (seen - sample).abs() < SAME)
    }
}

/// Turns pixels of four inks, 8 bits a sample, 0 for no ink, into sRGB by a profile for them.
pub(super) fn without_inks(icc: &[u8], inks: &[u8]) -> Option<Vec<u8>> {
    let own = ColorProfile::new_from_slice(icc).ok()?;
    (own.color_space == DataColorSpace::Cmyk).then_some(())?;
    let options = TransformOptions { prefer_fixed_point: false, ..options() };
    // Four samples a pixel, whatever they are called.
    let transform = own.create_transform_8bit(Layout::Rgba, &ColorProfile::new_srgb(), Layout::Rgb, options);
    let mut rgb = vec![0; inks.len() / 4 * 3];
    transform.ok()?.transform(inks, &mut rgb).ok()?;
    Some(rgb)
}

/// The profile that shows three equal samples as this one shows one shade of grey; none where this is no profile for grey.
pub(super) fn for_colours(icc: &[u8]) -> Option<Vec<u8>> {
    let own = ColorProfile::new_from_slice(icc).ok()?;
    let curve = own.gray_trc.filter(|_| own.color_space == DataColorSpace::Gray)?;
    let mut profile = ColorProfile::new_srgb();
    (profile.red_trc, profile.green_trc) = (Some(curve.clone()), Some(curve.clone()));
    (profile.blue_trc, profile.cicp) = (Some(curve), None);
    profile.encode().ok()
}

fn options() -> TransformOptions {
    // The curves of a profile are what it says to everybody; numbers beside them mean the screens of a few.
    TransformOptions { allow_use_cicp_transfer: false, ..TransformOptions::default() }
}

/// Shades of grey with the curve that a profile has for green.
fn shades_of(profile: &ColorProfile) -> Option<ColorProfile> {
    let mut grey = ColorProfile::new_gray_with_gamma(2.2);
    grey.gray_trc = Some(profile.green_trc.clone()?);
    Some(grey)
}

fn shades_of_srgb() -> Option<ColorProfile> {
    shades_of(&ColorProfile::new_srgb())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(profile: &ColorProfile) -> Vec<u8> {
        profile.encode().unwrap()
    }

    fn seen(view: &View, rgb: [u8; 3]) -> [u8; 3] {
        let mut rgb = rgb.map(f32::from);
        view.see(&mut rgb);
        rgb.map(|sample| sample.round() as u8)
    }

    #[test]
    fn the_samples_of_srgb_are_seen_as_they_are() {
        assert!(View::of(&profile(&ColorProfile::new_srgb()), false).is_none());
        assert!(View::of(b"rubbish", false).is_none());
    }

    #[test]
    fn wide_colours_are_seen_stronger_than_their_samples() {
        let p3 = View::of(&profile(&ColorProfile::new_display_p3()), false).unwrap();
        // By the matrices and curves of the standards.
        assert_eq!(seen(&p3, [200, 100, 100]), [215, 93, 97]);
        assert_eq!(seen(&p3, [90; 3]), [90; 3]);
        let adobe = View::of(&profile(&ColorProfile::new_adobe_rgb()), false).unwrap();
        assert_eq!(seen(&adobe, [200, 100, 100]), [227, 100, 100]);
    }

    #[test]
    fn grey_is_seen_through_its_own_curve() {
        let dark = View::of(&profile(&ColorProfile::new_gray_with_gamma(1.0)), true).unwrap();
        assert_eq!(seen(&dark, [55; 3]), [128; 3]);
    }

    #[test]
    fn a_change_is_seen_as_it_was_meant() {
        for own in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb()] {
            let view = View::of(&profile(&own), false).unwrap();
            let samples = vec![200.0, 100.0, 90.0, 30.0, 60.0, 90.0];
            let change = [6.0, -5.0, 4.0, 0.0, 0.0, 0.0];
            let own = view.change_of_samples(samples.clone(), &change);
            assert!(own.iter().skip(3).all(|change| change.abs() < f32::EPSILON));
            let mut after: Vec<f32> = samples.iter().zip(&own).map(|(a, b)| a + b).collect();
            let mut before = samples;
            view.see(&mut before);
            view.see(&mut after);
            for ((before, after), change) in before.iter().zip(&after).zip(change) {
                assert!((after - before - change).abs() < 0.1, "{before} {after} {change}");
            }
        }
    }
}
