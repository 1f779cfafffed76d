//! Colours of clips: luma and two differences of colour, by the matrix and range that a clip names.

/// How red, green and blue become luma, and how levels are numbered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Colour {
    /// Shares of red and blue in luma.
    red: f32,
    blue: f32,
    /// Whether levels go from 0 to 255; else luma goes from 16 to 235, and colour from 16 to 240.
    pub(super) full: bool,
}

impl Colour {
    /// That of HD, BT.709, with the levels that are usual.
    pub(super) const HD: Self = Self { red: 0.2126, blue: 0.0722, full: false };

    /// By the names that ffmpeg has for matrices. One that is not named is that of HD for large pictures, as players take it.
    /// `None` for a matrix that is no such thing.
    pub(super) fn of(matrix: Option<&str>, full: bool, height: usize) -> Option<Self> {
        let [red, blue] = match matrix.unwrap_or("unknown") {
            "bt709" => [0.2126, 0.0722],
            "smpte170m" | "bt470bg" => [0.299, 0.114],
            "bt2020nc" => [0.2627, 0.0593],
            "smpte240m" => [0.212, 0.087],
            "fcc" => [0.3, 0.11],
            "unknown" | "reserved" if height >= 720 => [0.2126, 0.0722],
            "unknown" | "reserved" => [0.299, 0.114],
            _ => return None,
        };
        Some(Self { red, blue, full })
    }

    /// Red, green and blue in `0.0..=255.0` of luma and the differences of blue and of red.
    pub(super) fn rgb(&self, [luma, cb, cr]: [u8; 3]) -> [f32; 3] {
        let [floor, luma_scale, scale] = self.scales();
        let luma = (f32::from(luma) - floor) / luma_scale;
        let [cb, cr] = [cb, cr].map(|v| (f32::from(v) - 128.) / scale);
        let (red, blue) = (luma + cr * 2. * (1. - self.red), luma + cb * 2. * (1. - self.blue));
        let green = (luma - self.red * red - self.blue * blue) / (1. - self.red - self.blue);
        [red, green, blue].map(|v| v.clamp(0., 255.))
    }

    /// By what a change of red, green and blue changes luma and the differences of blue and of red.
    pub(super) fn change(&self, [red, green, blue]: [f32; 3]) -> [f32; 3] {
        let [_, luma_scale, scale] = self.scales();
        let luma = self.red * red + self.blue * blue + (1. - self.red - self.blue) * green;
        let (cb, cr) = ((blue - luma) / (2. * (1. - self.blue)), (red - luma) / (2. * (1. - self.red)));
        [luma * luma_scale, cb * scale, cr * scale]
    }

    /// Luma and the differences of blue and of red of a colour in `0.0..=255.0`.
    pub(super) fn levels(&self, rgb: [f32; 3]) -> [f32; 3] {
        let [luma, cb, cr] = self.change(rgb);
        [luma + self.scales()[0], cb + 128., cr + 128.]
    }

    /// The level of black, and the levels of luma and of a difference of colour for each of 255.
    fn scales(&self) -> [f32; 3] {
        if self.full { [0., 1., 1.] } else { [16., 219. / 255., 224. / 255.] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_white_and_the_primaries_are_where_the_standards_put_them() {
        let hd = Colour::of(Some("bt709"), false, 0).unwrap();
        for (levels, rgb) in [
            ([16, 128, 128], [0., 0., 0.]),
            ([235, 128, 128], [255., 255., 255.]),
            ([63, 102, 240], [255., 0., 0.]),
            ([32, 240, 118], [0., 0., 255.]),
        ] {
            let found = hd.rgb(levels);
            assert!(found.iter().zip(rgb).all(|(a, b)| (a - b).abs() < 2.), "{levels:?}: {found:?}");
            let back = hd.levels(rgb);
            assert!(back.iter().zip(levels).all(|(a, b)| (a - f32::from(b)).abs() < 1.), "{rgb:?}: {back:?}");
        }
        let full = Colour::of(Some("bt470bg"), true, 0).unwrap();
        assert_eq!(full.rgb([255, 128, 128]).map(|v| v.round() as u8), [255; 3]);
        assert_eq!(Colour::of(Some("gbr"), true, 0), None);
    }

    #[test]
    fn a_change_comes_back_as_it_went() {
        for (matrix, full) in [("bt709", false), ("smpte170m", true)] {
            let colour = Colour::of(Some(matrix), full, 0).unwrap();
            let [luma, cb, cr] = colour.change([20., -10., 30.]).map(|v| v.round() as i32);
            let level = |base: i32, change: i32| (base + change) as u8;
            let (before, after) =
                (colour.rgb([120, 120, 130]), colour.rgb([level(120, luma), level(120, cb), level(130, cr)]));
            for ((before, after), change) in before.iter().zip(after).zip([20., -10., 30.]) {
                assert!((after - before - change).abs() < 2., "{matrix}: {before} {after} {change}");
            }
        }
    }
}
