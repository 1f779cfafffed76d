//! A photo and the cloaks of its faces become the photo that will be written.

use rayon::prelude::*;

use crate::cloak::{Cloak, Seen, measure};
use crate::face::Face;
use crate::network::Result;
use crate::photo::{Photo, Region};

/// A cloak that is too visible is shrunk by a little more than seems needed.
const SHRINK: f32 = 0.99;
/// A cloak is shrunk at most this often.
const SHRINKS: usize = 6;

/// The photo with the cloaks of its faces (one for each, or none), and what can be seen of each.
/// Cloaks are shrunk where rounding to whole levels or a neighbour's cloak made their DSSIM larger
/// than allowed.
pub fn compose_within(
    photo: &Photo,
    faces: &[Face],
    cloaks: &mut [Option<Cloak>],
    dssim: f32,
) -> Result<(Photo, Vec<Seen>)> {
    let mut shrinks = 0;
    loop {
        let composed = compose(photo, &cloaks.iter().flatten().cloned().collect::<Vec<_>>())?;
        let seen: Vec<Seen> =
            faces.iter().map(|face| measure(photo, &composed, face)).collect::<Result<_>>()?;
        if shrinks == SHRINKS || !shrink(cloaks, &seen, dssim)? {
            return Ok((composed, seen));
        }
        shrinks += 1;
    }
}

/// Shrinks the cloaks that are more visible than allowed; whether there was one.
fn shrink(cloaks: &mut [Option<Cloak>], seen: &[Seen], dssim: f32) -> Result<bool> {
    let mut any = false;
    for (cloak, seen) in cloaks.iter_mut().zip(seen) {
        let excess = seen.dssim / dssim;
        if let Some(cloak) = cloak.as_mut().filter(|_| excess > 1.) {
            cloak.change = (&cloak.change * f64::from(SHRINK / excess.sqrt()))?;
            any = true;
        }
    }
    Ok(any)
}

/// Adds cloaks to a photo at its full resolution.
///
/// Where cloaks overlap their sum is held within the larger of their largest changes. Pixels that
/// no cloak covers are not touched.
pub fn compose(photo: &Photo, cloaks: &[Cloak]) -> Result<Photo> {
    let mut result = photo.clone();
    for cloak in cloaks {
        let part = cloak.grid.part();
        let region = Region {
            x: cloak.grid.x,
            y: cloak.grid.y,
            width: (part.width.ceil() as usize).min(photo.width() - cloak.grid.x),
            height: (part.height.ceil() as usize).min(photo.height() - cloak.grid.y),
        };
        let mut change = enlarge(cloak, region)?;
        let limit = cloak.visibility.largest_change;
        let (before, now) = (photo.rgb(region), result.rgb(region));
        for ((change, before), now) in change.iter_mut().zip(before).zip(now) {
            let there = now - before;
            let bound = limit.max(there.abs());
            *change = (there + *change).clamp(-bound, bound) - there;
        }
        result.add(region, &change);
    }
    Ok(result)
}

/// The cloak at photo resolution by cubic convolution, interleaved RGB, 0..=255 units.
fn enlarge(cloak: &Cloak, region: Region) -> Result<Vec<f32>> {
    let grid = &cloak.grid;
    let cells: Vec<f32> = (&cloak.change * 255.)?.flatten_all()?.to_vec1()?;
    let columns: Vec<[(usize, f32); 4]> =
        (0..region.width).map(|x| taps(x, grid.pitch, grid.width)).collect();
    let plane = grid.width * grid.height;
    let limit = cloak.visibility.largest_change;
    let mut change = vec![0f32; region.width * region.height * 3];
    change.par_chunks_mut(region.width * 3).enumerate().for_each(|(y, row)| {
        let rows = taps(y, grid.pitch, grid.height);
        for (channel, plane) in cells.chunks(plane).enumerate() {
            let mixed: Vec<f32> = (0..grid.width)
                .map(|x| rows.iter().map(|(y, weight)| weight * plane[y * grid.width + x]).sum())
                .collect();
            for (x, taps) in columns.iter().enumerate() {
                let value: f32 = taps.iter().map(|(x, weight)| weight * mixed[*x]).sum();
                row[x * 3 + channel] = value.clamp(-limit, limit);
            }
        }
    });
    Ok(change)
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
    use crate::face::Grid;

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

    #[test]
    fn a_pitch_of_one_takes_the_cells_themselves() {
        for pixel in [0, 3, 9] {
            let found: Vec<_> = taps(pixel, 1., 10).into_iter().filter(|(_, w)| *w != 0.).collect();
            assert_eq!(found, [(pixel, 1.)]);
        }
    }
}
