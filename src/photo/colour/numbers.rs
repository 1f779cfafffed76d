//! Colours that a file names by numbers (ITU-T H.273), as profiles.

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, LocalizableString, MatrixCoefficients, ProfileText,
    ToneReprCurve, TransferCharacteristics, Xyzd,
};

use super::super::metadata::NAMELESS;

/// White of a page or a wall in pictures of a high range, in candela per square metre (ITU-R BT.2408).
const WHITE: f64 = 203.0;
/// The brightest that their screens are made for, in the same unit.
const PEAK: f64 = 1000.0;
/// Up to here, of white, light is shown as it is; what is brighter shares the rest.
const KNEE: f64 = 0.8;
/// Steps of a curve.
const STEPS: u16 = 1024;

/// A profile for the colours that numbers mean; none where those are sRGB's, or nobody's.
///
/// Light of a high range is shown within that of other photos: as it is up to its white, and what is brighter
/// more and more alike, as viewers do on usual screens.
pub(in crate::photo) fn profile_of(primaries: u8, transfer: u8) -> Option<Vec<u8>> {
    // Unspecified primaries are sRGB's.
    let primaries = if primaries == 2 { 1 } else { primaries };
    matches!(primaries, 1 | 4..=12 | 22).then_some(())?;
    let curve = match transfer {
        16 => curve(|signal| shown(pq(signal) / WHITE)),
        18 => curve(|signal| shown(hlg(signal) * PEAK / WHITE)),
        4 | 5 | 8 | 17 => TransferCharacteristics::try_from(transfer).ok()?.try_into().ok()?,
        // The curves of television are meant for the same screens as that of sRGB.
        _ if primaries == 1 => return None,
        _ => ColorProfile::new_srgb().red_trc?,
    };
    let mut profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.cicp = None;
    // The light that all profiles are for, to the last digit that they have: some programs refuse any other.
    profile.white_point = Xyzd { x: 63_190.0 / 65_536.0, y: 1.0, z: 54_061.0 / 65_536.0 };
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    let name = LocalizableString::new("en".into(), "US".into(), name(primaries, transfer).into());
    profile.description = Some(ProfileText::Localizable(vec![name]));
    profile.encode().ok()
}

/// The name of a space, as programs know it, or else one that names nobody.
fn name(primaries: u8, transfer: u8) -> &'static str {
    match (primaries, transfer) {
        (12, 13) => "Display P3",
        (9, 1 | 13..=15) => "Rec. ITU-R BT.2020-1",
        _ => NAMELESS,
    }
}

fn curve(light: impl Fn(f64) -> f64) -> ToneReprCurve {
    let at = |step| (light(f64::from(step) / f64::from(STEPS - 1)) * 65_535.0).round() as u16;
    ToneReprCurve::Lut((0..STEPS).map(at).collect())
}

/// Light for a signal, in candela per square metre (SMPTE ST 2084).
fn pq(signal: f64) -> f64 {
    let root = signal.powf(32.0 / 2523.0);
    let ratio = (root - 107.0 / 128.0).max(0.0) / (2413.0 / 128.0 - 2392.0 / 128.0 * root);
    10_000.0 * ratio.powf(8192.0 / 1305.0)
}

/// Light for a signal, of the brightest that a screen of [`PEAK`] shows (ITU-R BT.2100).
fn hlg(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const C: f64 = 0.559_910_73;
    let scene =
        if signal <= 0.5 { signal * signal / 3.0 } else { (((signal - C) / A).exp() + 1.0 - 4.0 * A) / 12.0 };
    scene.min(1.0).powf(1.2)
}

/// What is shown of light, where 1 is white: beyond the knee more and more alike, 1 for the brightest.
fn shown(light: f64) -> f64 {
    if light <= KNEE {
        return light;
    }
    let (above, most) = (light.min(PEAK / WHITE) - KNEE, PEAK / WHITE - KNEE);
    let room = 1.0 - KNEE;
    // A hyperbola that leaves the knee without a bend and ends at 1.
    let bend = (most - room) / (room * most);
    KNEE + above / (1.0 + bend * above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_and_its_half_are_shown_where_the_standards_say() {
        // Signals of 203 and 100 candela, by the standards' own tables.
        assert!((pq(0.5807) - 203.0).abs() < 0.5, "{}", pq(0.5807));
        assert!((pq(0.5081) - 100.0).abs() < 0.3, "{}", pq(0.5081));
        assert!((hlg(0.75) * PEAK - 203.0).abs() < 1.0, "{}", hlg(0.75) * PEAK);
        assert!((hlg(1.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn light_is_shown_as_it_is_up_to_the_knee_and_never_above_white() {
        assert_eq!((shown(0.3), shown(KNEE)), (0.3, KNEE));
        assert!((shown(PEAK / WHITE) - 1.0).abs() < 1e-12 && (shown(50.0) - 1.0).abs() < 1e-12);
        assert!(shown(1.0) > 0.85 && shown(1.0) < shown(2.0));
    }

    #[test]
    fn only_colours_that_differ_from_srgb_get_a_profile() {
        for usual in [(1, 13), (1, 1), (2, 2), (1, 6)] {
            assert!(profile_of(usual.0, usual.1).is_none(), "{usual:?}");
        }
        for other in [(12, 13), (9, 16), (9, 18), (9, 14), (1, 8), (1, 16)] {
            assert!(profile_of(other.0, other.1).is_some(), "{other:?}");
        }
        assert!(profile_of(77, 13).is_none());
        let light = b"\0\0\xf6\xd6\0\x01\0\0\0\0\xd3\x2d";
        assert_eq!(profile_of(12, 13).unwrap().get(68..80), Some(&light[..]));
    }
}
