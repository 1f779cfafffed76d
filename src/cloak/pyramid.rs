//! A picture in linear light at several scales, and what the eye's cones make of it.

use super::reduction::Reduction;

/// Response of the cones without light.
const BIAS: f32 = 0.003_793_073_4;
/// Red, green and blue in the responses of the long, medium and short cones.
const CONES: [[f32; 3]; 3] =
    [[0.3, 0.622, 0.078], [0.23, 0.692, 0.078], [0.243_422_69, 0.204_767_45, 0.551_809_86]];
/// Smaller sides are not looked at.
const SMALLEST: usize = 8;
/// From the photo's own size to a sixteenth of it; a thirty-second has next to no weight.
const SCALES: usize = 5;
/// Blue against yellow is compared from this scale on.
const BLUE_FROM: usize = 3;

/// A channel of XYB: red against green, light, blue against yellow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    X,
    Y,
    B,
}

impl Channel {
    /// Its shares of the long, medium and short cones, and what SSIMULACRA 2 adds so that it is above zero.
    fn mix(self) -> ([f32; 3], f32) {
        match self {
            Self::X => ([7., -7., 0.], 0.42),
            Self::Y => ([0.5, 0.5, 0.], 0.01),
            Self::B => ([-0.5, -0.5, 1.], 0.55),
        }
    }

    /// Adds what a slope in this channel is in the cones.
    pub(super) fn spread(self, slope: &[f32], by_cones: &mut [Vec<f32>; 3]) {
        for (weight, cone) in self.mix().0.into_iter().zip(by_cones).filter(|(weight, _)| *weight != 0.) {
            cone.iter_mut().zip(slope).for_each(|(sum, slope)| *sum += weight * slope);
        }
    }
}

/// The responses of the long, medium and short cones; of the short ones only where they are asked for.
pub(super) struct Cones([Vec<f32>; 3]);

impl Cones {
    /// # Shapes
    /// - `light`: three planes of linear light
    fn of(light: &[f32], short: bool) -> Self {
        let (red, others) = light.split_at(light.len() / 3);
        let (green, blue) = others.split_at(red.len());
        let cone = |[r, g, b]: [f32; 3]| {
            let planes = red.iter().zip(green).zip(blue);
            planes.map(|((red, green), blue)| cube_root(r * red + g * green + b * blue + BIAS)).collect()
        };
        Self([cone(CONES[0]), cone(CONES[1]), if short { cone(CONES[2]) } else { vec![] }])
    }

    pub(super) fn channel(&self, channel: Channel) -> Vec<f32> {
        let (mix, shift) = channel.mix();
        let mut plane = vec![shift - mix.iter().sum::<f32>() * BIAS.cbrt(); self.0[0].len()];
        for (weight, cone) in mix.into_iter().zip(&self.0).filter(|(weight, _)| *weight != 0.) {
            plane.iter_mut().zip(cone).for_each(|(sum, response)| *sum += weight * response);
        }
        plane
    }

    /// The slope in linear light, of one in the responses.
    fn slope(&self, by_cones: &[Vec<f32>; 3]) -> Vec<f32> {
        let count = self.0[0].len();
        let mut light = vec![0.; 3 * count];
        for ((roots, slopes), weights) in self.0.iter().zip(by_cones).zip(CONES) {
            let inner = |(root, slope): (&f32, &f32)| slope / (3. * root * root);
            let inner: Vec<f32> = roots.iter().zip(slopes).map(inner).collect();
            for (plane, weight) in light.chunks_exact_mut(count).zip(weights) {
                plane.iter_mut().zip(&inner).for_each(|(sum, slope)| *sum += weight * slope);
            }
        }
        light
    }
}

/// The cube root of a positive number, within a few units in the last place: a guess from its bits and two steps of Halley's
/// method.
fn cube_root(x: f32) -> f32 {
    let mut root = f32::from_bits(x.to_bits() / 3 + 709_921_077);
    for _ in 0..2 {
        let cube = root * root * root;
        root *= (cube + 2. * x) / (2. * cube + x);
    }
    root
}

/// The part of a picture that is looked at: rows and columns of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) top: usize,
    pub(super) height: usize,
    pub(super) left: usize,
    pub(super) width: usize,
}

/// How a part of a picture becomes its levels.
pub(super) struct Pyramid {
    part: Part,
    /// Height and width of the whole picture.
    whole: [usize; 2],
    /// How each level but the first is made, and of which one.
    steps: Vec<(usize, Reduction)>,
}

/// A picture at one scale.
pub(super) struct Level {
    pub(super) width: usize,
    /// Linear light: three planes.
    light: Vec<f32>,
    pub(super) cones: Cones,
}

impl Level {
    /// Slopes in the cones before anything was added to them.
    pub(super) fn unmoved(&self) -> [Vec<f32>; 3] {
        std::array::from_fn(|_| vec![0.; self.light.len() / 3])
    }
}

impl Pyramid {
    /// `pitch`: photo pixels of a cell
    pub(super) fn new(part: Part, whole: [usize; 2], pitch: f32) -> Self {
        let first = [part.height, part.width];
        let quarter = first.map(|cells| (cells as f32 * pitch / 4.).round() as usize);
        let mut steps = vec![];
        if large(first.map(|side| side / 2)) {
            steps.push((0, Reduction::half(first)));
            let mut next = Reduction::new(first, first, quarter);
            while large(next.to()) && steps.len() + 1 < SCALES {
                let to = next.to();
                let from = if steps.len() == 1 { 0 } else { steps.len() };
                steps.push((from, next));
                next = Reduction::half(to);
            }
        }
        Self { part, whole, steps }
    }

    /// All levels of a picture.
    ///
    /// # Shapes
    /// - `picture`: three planes, sRGB in `0.0..=1.0`
    pub(super) fn levels(&self, picture: &[f32]) -> Vec<Level> {
        let first = self.cut(picture).into_iter().map(linear).collect();
        let mut lights: Vec<(usize, Vec<f32>)> = vec![(self.part.width, first)];
        for (from, step) in &self.steps {
            lights.push((step.columns.len(), step.reduce(&lights[*from].1)));
        }
        let level = |(scale, (width, light)): (usize, (usize, Vec<f32>))| Level {
            width,
            cones: Cones::of(&light, scale >= BLUE_FROM),
            light,
        };
        lights.into_iter().enumerate().map(level).collect()
    }

    /// The slope in the picture, of one in the cones of its levels.
    pub(super) fn slope(&self, picture: &[f32], levels: &[Level], by_cones: &[[Vec<f32>; 3]]) -> Vec<f32> {
        let mut lights: Vec<Vec<f32>> =
            levels.iter().zip(by_cones).map(|(level, slopes)| level.cones.slope(slopes)).collect();
        for (i, (from, step)) in self.steps.iter().enumerate().rev() {
            let slope = step.restore(&lights[i + 1]);
            lights[*from].iter_mut().zip(slope).for_each(|(sum, slope)| *sum += slope);
        }
        let first = self.cut(picture).into_iter().zip(&lights[0]).map(|(x, slope)| slope * by_linear(x));
        self.paste(&first.collect::<Vec<_>>())
    }

    fn cut(&self, picture: &[f32]) -> Vec<f32> {
        self.rows().map(|row| &picture[row]).collect::<Vec<_>>().concat()
    }

    /// The part in its place, nothing around it.
    fn paste(&self, part: &[f32]) -> Vec<f32> {
        let mut picture = vec![0.; 3 * self.whole.iter().product::<usize>()];
        for (row, values) in self.rows().zip(part.chunks_exact(self.part.width)) {
            picture[row].copy_from_slice(values);
        }
        picture
    }

    /// Where the part's rows lie in the picture.
    fn rows(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let (Part { top, height, left, width }, [rows, columns]) = (self.part, self.whole);
        let start = move |plane: usize, row: usize| (plane * rows + row) * columns + left;
        let starts = (0..3).flat_map(move |plane| (top..top + height).map(move |row| start(plane, row)));
        starts.map(move |start| start..start + width)
    }
}

fn large(sides: [usize; 2]) -> bool {
    sides.into_iter().min() >= Some(SMALLEST)
}

/// Linear light of sRGB, by a cubic that is within .003 of it.
fn linear(x: f32) -> f32 {
    x * (x * (x * 0.305_306 + 0.682_171_1) + 0.012_522_878)
}

/// By how much it grows with sRGB.
fn by_linear(x: f32) -> f32 {
    x * (x * (3. * 0.305_306) + 2. * 0.682_171_1) + 0.012_522_878
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cube_root_is_that_of_the_library() {
        for x in (1..2000).map(|i| i as f32 * 0.000_9) {
            let (found, expected) = (cube_root(x), x.cbrt());
            assert!((found / expected - 1.).abs() < 5e-7, "{x}: {found} instead of {expected}");
        }
    }

    #[test]
    fn a_large_part_has_five_levels_and_a_small_one_fewer() {
        let widths = |side: usize, pitch: f32| -> Vec<usize> {
            let part = Part { top: 0, height: side, left: 0, width: side };
            let picture = vec![0.5; 3 * side * side];
            Pyramid::new(part, [side, side], pitch).levels(&picture).iter().map(|level| level.width).collect()
        };
        // Half the cells; a quarter of the photo's pixels, an eighth and a sixteenth.
        assert_eq!(widths(256, 1.5), [256, 128, 96, 48, 24]);
        assert_eq!(widths(40, 1.), [40, 20, 10]);
        assert_eq!(widths(20, 1.), [20, 10]);
        assert_eq!(widths(12, 1.), [12]);
    }
}
