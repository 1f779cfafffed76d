//! Averaging of several cloaks of one photo.

use crate::network::{Error, Result};
use crate::photo::Photo;

/// The mean of several versions of one photo, such as cloaks of different seeds: what they do not
/// share fades. It has the metadata and depth of the first.
///
/// # Errors
/// Where there is no photo, or they differ in size.
pub fn average(photos: &[Photo]) -> Result<Photo> {
    let Some((first, others)) = photos.split_first() else {
        return Err(Error::Usage("there is no photo to average".into()));
    };
    let mut change = vec![0f32; first.width() * first.height() * 3];
    let start = first.rgb(first.region());
    for photo in others {
        if (photo.width(), photo.height()) != (first.width(), first.height()) {
            return Err(Error::Usage("photos of different sizes cannot be averaged".into()));
        }
        for ((change, here), start) in change.iter_mut().zip(photo.rgb(photo.region())).zip(&start) {
            *change += (here - start) / photos.len() as f32;
        }
    }
    let mut mean = first.clone();
    mean.add(first.region(), &change);
    Ok(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_the_mean_of_the_versions() {
        let version = |levels: [u8; 3]| Photo::from_rgb(1, 1, levels.to_vec()).unwrap();
        let mean = average(&[version([10, 200, 0]), version([20, 100, 0]), version([60, 0, 3])]).unwrap();
        let samples: Vec<i32> = mean.rgb(mean.region()).iter().map(|v| *v as i32).collect();
        assert_eq!(samples, [30, 100, 1]);
    }

    #[test]
    fn versions_of_different_sizes_are_refused() {
        let sized = |width| Photo::from_rgb(width, 1, vec![0; 3 * width as usize]).unwrap();
        assert!(average(&[sized(1), sized(2)]).is_err());
        assert!(average(&[]).is_err());
    }
}
