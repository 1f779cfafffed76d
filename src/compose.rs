//! A photo and the cloaks of its faces become the photo that will be written.

use rayon::prelude::*;

use crate::cloak::{Budget, Cloak, Seen, distance_of, measure};
use crate::face::{Face, Grid};
use crate::network::Result;
use crate::photo::{Photo, Region};

/// A cloak that is too visible is shrunk by a little more than seems needed.
const SHRINK: f32 = 0.99;
/// A cloak is shrunk at most this often.
const SHRINKS: usize = 6;
/// Rows of a photo that are changed at a time: they are held as `f32`.
const STRIP: usize = 64;

/// The photo with the cloaks of its faces (one for each, or none), and what can be seen of each.
/// Cloaks are shrunk where rounding to whole levels, the photo's own size or a neighbour's cloak made them more visible
/// than allowed.
pub fn compose_within(
    photo: &Photo,
    faces: &[Face],
    cloaks: &mut [Option<Cloak>],
    budget: &Budget,
) -> Result<(Photo, Vec<Seen>)> {
    let mut shrinks = 0;
    loop {
        let composed = compose(photo, &cloaks.iter().flatten().cloned().collect::<Vec<_>>())?;
        let seen: Vec<Seen> =
            faces.iter().map(|face| measure(photo, &composed, face)).collect::<Result<_>>()?;
        if shrinks == SHRINKS || !shrink(cloaks, &seen, budget)? {
            return Ok((composed, seen));
        }
        shrinks += 1;
    }
}

/// Shrinks the cloaks that are more visible than allowed; whether there was one.
fn shrink(cloaks: &mut [Option<Cloak>], seen: &[Seen], budget: &Budget) -> Result<bool> {
    let mut any = false;
    for (cloak, seen) in cloaks.iter_mut().zip(seen) {
        let excess = excess(seen, budget);
        if let Some(cloak) = cloak.as_mut().filter(|_| excess > 1.) {
            cloak.change = (&cloak.change * f64::from(SHRINK / excess.sqrt()))?;
            any = true;
        }
    }
    Ok(any)
}

/// The share of the limits that is used.
fn excess(seen: &Seen, budget: &Budget) -> f32 {
    let both = budget.before_encoding().ssimulacra2.zip(seen.ssimulacra2);
    let perceived = both.map_or(0., |(least, score)| distance_of(score) / distance_of(least));
    perceived.max(seen.visibility.counted() / budget.dssim)
}

/// Adds cloaks to a photo at its full resolution.
///
/// Where cloaks overlap their sum is held within the larger of their largest changes. Pixels that
/// no cloak covers are not touched.
pub fn compose(photo: &Photo, cloaks: &[Cloak]) -> Result<Photo> {
    let mut result = photo.clone();
    for cloak in cloaks {
        let enlarged = Enlarged::of(cloak, photo)?;
        let Enlarged { region, limit, .. } = enlarged;
        for top in (0..region.height).step_by(STRIP) {
            let height = STRIP.min(region.height - top);
            let strip = Region { y: region.y + top, height, ..region };
            let mut change = enlarged.rows(top, height);
            let (before, now) = (photo.rgb(strip), result.rgb(strip));
            for ((change, before), now) in change.iter_mut().zip(before).zip(now) {
                let there = now - before;
                let bound = limit.max(there.abs());
                *change = (there + *change).clamp(-bound, bound) - there;
            }
            result.add(strip, &change);
        }
    }
    Ok(result)
}

/// A cloak at photo resolution by cubic convolution. A face may fill the photo, so it is made strip by strip.
struct Enlarged<'a> {
    grid: &'a Grid,
    /// The part of the photo that it covers.
    region: Region,
    /// Three planes in 0..=255 units.
    cells: Vec<f32>,
    columns: Vec<[(usize, f32); 4]>,
    /// The largest change.
    limit: f32,
}

impl<'a> Enlarged<'a> {
    fn of(cloak: &'a Cloak, photo: &Photo) -> Result<Self> {
        let grid = &cloak.grid;
        let part = grid.part();
        let region = Region {
            x: grid.x,
            y: grid.y,
            width: (part.width.ceil() as usize).min(photo.width() - grid.x),
            height: (part.height.ceil() as usize).min(photo.height() - grid.y),
        };
        Ok(Self {
            grid,
            region,
            cells: (&cloak.change * 255.)?.flatten_all()?.to_vec1()?,
            columns: (0..region.width).map(|x| taps(x, grid.pitch, grid.width)).collect(),
            limit: cloak.visibility.largest_change,
        })
    }

    /// Some rows, interleaved RGB, 0..=255 units.
    fn rows(&self, top: usize, height: usize) -> Vec<f32> {
        let Self { grid, region, limit, .. } = self;
        let mut change = vec![0f32; region.width * height * 3];
        change.par_chunks_mut(region.width * 3).enumerate().for_each(|(y, row)| {
            let rows = taps(top + y, grid.pitch, grid.height);
            for (channel, plane) in self.cells.chunks(grid.width * grid.height).enumerate() {
                let mixed: Vec<f32> = (0..grid.width)
                    .map(|x| rows.iter().map(|(y, weight)| weight * plane[y * grid.width + x]).sum())
                    .collect();
                for (x, taps) in self.columns.iter().enumerate() {
                    let value: f32 = taps.iter().map(|(x, weight)| weight * mixed[*x]).sum();
                    row[x * 3 + channel] = value.clamp(-limit, *limit);
                }
            }
        });
        change
    }
}

/// The four cells that make a photo pixel, and their weights: cubic convolution with a = -1/2,
/// [Keys 1981](https://doi.org/10.1109/TASSP.1981.1163711). A pitch of 1 gives the cells themselves.
fn taps(pixel: usize, pitch: f32, cells: usize) -> [(usize, f32); 4] {
    let at = (pixel as f32 + 0.5) / pitch - 0.5;
    let first = at.floor();
    let t = at - first;
    let weights = [
        ((-0.5 * t + 1.) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.,
        ((-1.5 * t + 2.) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ];
    let cell = |k: usize| (first as isize + k as isize - 1).clamp(0, cells as isize - 1) as usize;
    std::array::from_fn(|k| (cell(k), weights[k]))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::cloak::Visibility;
    use crate::face::{Point, Rectangle};

    fn cloak(grid: Grid, value: f32) -> Cloak {
        let change = Tensor::full(value / 255., (3, grid.height, grid.width), &Device::Cpu).unwrap();
        let visibility = Visibility { largest_change: value.abs(), ..Default::default() };
        Cloak { grid, change, visibility, steps: 1 }
    }

    fn grey_photo() -> Photo {
        Photo::from_rgb(20, 20, vec![100; 20 * 20 * 3]).unwrap()
    }

    #[test]
    fn pixels_outside_the_grid_do_not_change() -> Result<()> {
        let grid = Grid { x: 5, y: 6, pitch: 1., width: 8, height: 8 };
        let result = compose(&grey_photo(), &[cloak(grid, 7.)])?;
        let pixels = result.rgb(result.region());
        for (i, value) in pixels.iter().enumerate() {
            let (x, y) = (i / 3 % 20, i / 60);
            let inside = (5..13).contains(&x) && (6..14).contains(&y);
            assert_eq!(*value as i32, if inside { 107 } else { 100 }, "({x}, {y})");
        }
        Ok(())
    }

    #[test]
    fn a_flat_cloak_stays_flat_when_it_is_enlarged() -> Result<()> {
        let grid = Grid { x: 0, y: 0, pitch: 2.5, width: 8, height: 8 };
        let result = compose(&grey_photo(), &[cloak(grid, -4.)])?;
        assert!(result.rgb(result.region()).iter().all(|v| *v as i32 == 96));
        Ok(())
    }

    #[test]
    fn cloaks_that_overlap_stay_within_the_largest_change() -> Result<()> {
        let grid = Grid { x: 0, y: 0, pitch: 1., width: 20, height: 20 };
        let result = compose(&grey_photo(), &[cloak(grid, 7.), cloak(grid, 5.)])?;
        assert!(result.rgb(result.region()).iter().all(|v| *v as i32 == 107));
        Ok(())
    }

    /// A textured photo with a face of 200 pixels, and a wide, soft wave over it.
    fn waved() -> Result<(Photo, Face, Cloak)> {
        let side = 300;
        let texture = |i: usize| {
            let (x, y) = ((i % side) as f32, (i / side) as f32);
            (120. + 25. * (x / 7.).sin() * (y / 5.).cos() + (i * 7919 % 13) as f32) as u8
        };
        let photo =
            Photo::from_rgb(300, 300, (0..side * side * 3).map(|i| texture(i / 3)).collect()).unwrap();
        let at = |[x, y]: [f32; 2]| Point { x, y };
        let points = [[110., 120.], [190., 120.], [150., 170.], [118., 215.], [182., 215.]].map(at);
        let face =
            Face { bounds: Rectangle { x: 50., y: 50., width: 200., height: 220. }, points, score: 1. };
        let grid = Grid { x: 0, y: 0, pitch: 1., width: side, height: side };
        let wave =
            |i: usize| 15. / 255. * ((i % side) as f32 / 8.).sin() * ((i / side % side) as f32 / 9.).sin();
        let change =
            Tensor::from_vec((0..3 * side * side).map(wave).collect(), (3, side, side), &Device::Cpu)?;
        Ok((photo, face, Cloak { change, ..cloak(grid, 15.) }))
    }

    #[test]
    fn a_cloak_that_people_see_too_well_is_shrunk_until_they_do_not() -> Result<()> {
        let (photo, face, cloak) = waved()?;
        let seen = |ssimulacra2| -> Result<f32> {
            let budget =
                Budget { ssimulacra2, dssim: 1., largest_change: 20., chroma: 20., broad_chroma: 20. };
            let (_, seen) = compose_within(&photo, &[face], &mut [Some(cloak.clone())], &budget)?;
            Ok(seen[0].ssimulacra2.unwrap())
        };
        let free = seen(None)?;
        assert!(free < 10., "{free}");
        for least in [30., 60., 85.] {
            let found = seen(Some(least))?;
            assert!(found >= least && found < least + 8., "{found} where {least} is the least");
        }
        Ok(())
    }

    #[test]
    fn strips_join_without_a_seam() -> Result<()> {
        let (width, height) = (3, 2 * STRIP + 10);
        let grid = Grid { x: 0, y: 0, pitch: 1., width, height };
        // Each row has a change of its own: 0 to 9.
        let row = |i: usize| i / width % height % 10;
        let values: Vec<f32> = (0..3 * width * height).map(|i| row(i) as f32 / 255.).collect();
        let change = Tensor::from_vec(values, (3, height, width), &Device::Cpu)?;
        let cloak = Cloak { change, ..cloak(grid, 9.) };
        let photo = Photo::from_rgb(width as u32, height as u32, vec![100; width * height * 3]).unwrap();
        let result = compose(&photo, &[cloak])?;
        let pixels = result.rgb(result.region());
        for (y, pixels) in pixels.chunks(width * 3).enumerate() {
            assert!(pixels.iter().all(|v| v.round() as usize == 100 + y % 10), "row {y}: {pixels:?}");
        }
        Ok(())
    }

    #[test]
    fn a_pitch_of_one_takes_the_cells_themselves() {
        for pixel in [0, 3, 9] {
            let found: Vec<_> = taps(pixel, 1., 10).into_iter().filter(|(_, w)| *w != 0.).collect();
            assert_eq!(found, [(pixel, 1.)]);
        }
    }
}
