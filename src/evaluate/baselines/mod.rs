//! Methods to compare with, written from their papers.
//!
//! All work where [`cloak`] works: on the grid around the face, faded at its border, through the
//! alignment, with the surrogates that they are given. All are held to the same limits by the same
//! function, on colour and the largest change too: DSSIM, which is of luma, does not see colour,
//! while the measures of the papers (LPIPS, DSSIM of RGB) do. Without that limit LowKey ends at the
//! DSSIM of the others with six times their change of colour.

mod fawkes;
mod lowkey;
mod sign;
mod target;

use std::ops::ControlFlow;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use crate::cloak::{Attempt, Budget, Cloak, Preset, Subject, cloak};
use crate::embed::Embed;
use crate::network::Result;
use target::Target;

/// A way to change a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Nothing changes.
    None,
    /// The first try of a preset, at the DSSIM that is asked for.
    Visard(Preset),
    /// Gaussian noise: what any change of this visibility does.
    Noise,
    /// Projected gradient descent, [Madry et al. 2018](https://arxiv.org/abs/1706.06083).
    Pgd,
    /// Sign steps with momentum, [Dong et al. 2018](https://arxiv.org/abs/1710.06081), diverse
    /// inputs, [Xie et al. 2019](https://arxiv.org/abs/1803.06978), and a translation-invariant
    /// kernel, [Dong et al. 2019](https://arxiv.org/abs/1904.02884).
    MiDiTiFgsm,
    /// Fawkes 1.0, [Shan et al. 2020](https://arxiv.org/abs/2002.08327).
    Fawkes,
    /// LowKey, [Cherepanova et al. 2021](https://arxiv.org/abs/2101.07922).
    LowKey,
}

impl Method {
    /// All that ours are compared with.
    pub const BASELINES: [Self; 6] =
        [Self::None, Self::Noise, Self::Pgd, Self::MiDiTiFgsm, Self::Fawkes, Self::LowKey];

    /// The name, as in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Visard(preset) => preset.name(),
            Self::Noise => "noise",
            Self::Pgd => "pgd",
            Self::MiDiTiFgsm => "mi-di-ti-fgsm",
            Self::Fawkes => "fawkes",
            Self::LowKey => "lowkey",
        }
    }
}

/// Changes one face of a photo by a method, up to a mean structural dissimilarity of `dssim` over
/// the face (as [`crate::cloak::Visibility::counted`]); the limits on colour and the largest change
/// are those of the preset, or for other methods of the preset with the nearest DSSIM.
///
/// Only our own method knows what to do with other photos of the person.
/// Returns `None` for [`Method::None`], and where the face's points do not span a face.
/// The same arguments give the same cloak on one machine and number of threads.
pub fn apply(
    method: Method,
    subject: &Subject<'_>,
    surrogates: &[&dyn Embed],
    dssim: f32,
    seed: u64,
) -> Result<Option<Cloak>> {
    if let Method::Visard(preset) = method {
        let attempt = Attempt { budget: limits(method, dssim), ..preset.first() };
        let mut on = |_| ControlFlow::Continue(());
        return cloak(subject, surrogates, &attempt, None, seed, &mut on);
    }
    let Some(target) = Target::of(subject, surrogates, limits(method, dssim))? else { return Ok(None) };
    let mut rng = StdRng::seed_from_u64(seed);
    let (change, steps) = match method {
        Method::None | Method::Visard(_) => return Ok(None),
        Method::Noise => (target.scene.fade(&target.gaussian(4. / 255., &mut rng)?)?, 0),
        Method::Pgd => sign::pgd(&target, &mut rng)?,
        Method::MiDiTiFgsm => sign::mi_di_ti(&target, &mut rng)?,
        Method::Fawkes => fawkes::fawkes(&target, &mut rng)?,
        Method::LowKey => lowkey::lowkey(&target, &mut rng)?,
    };
    target.fitted(&change, steps).map(Some)
}

/// The limits of a method at a DSSIM: otherwise those of our preset; for other methods of the preset that has the nearest
/// DSSIM, without limits on SSIMULACRA 2 and on broad colour.
pub(super) fn limits(method: Method, dssim: f32) -> Budget {
    if let Method::Visard(preset) = method {
        return Budget { dssim, ..preset.first().budget };
    }
    let budgets = Preset::FIXED.map(|preset| preset.first().budget);
    let away = |budget: &Budget| (budget.dssim - dssim).abs();
    let nearest = budgets.into_iter().min_by(|a, b| away(a).total_cmp(&away(b)));
    let nearest = nearest.unwrap_or(budgets[1]);
    Budget { ssimulacra2: None, dssim, broad_chroma: nearest.chroma, ..nearest }
}

#[cfg(test)]
mod tests {
    use candle_core::{D, Device, Tensor};

    use super::*;
    use crate::cloak::measure;
    use crate::compose::compose;
    use crate::embed::{aligned_crop, similarity};
    use crate::face::{Alignment, Face, Point, Rectangle};
    use crate::photo::Photo;

    /// An embedder: products of the crop, in blocks of 8 x 8 pixels, with fixed noise.
    struct Products(Tensor);

    impl Products {
        fn new(seed: usize) -> Self {
            let noise = |i: usize| ((i * 7919 + seed * 104_729) % 1013) as f32 / 506. - 1.;
            let rows = (0..588 * 12).map(noise).collect();
            Self(Tensor::from_vec(rows, (588, 12), &Device::Cpu).unwrap())
        }
    }

    impl Embed for Products {
        fn embed(&self, crops: &Tensor) -> Result<Tensor> {
            let blocks = crops.avg_pool2d(8)?.flatten_from(1)?;
            let rows = (blocks - 0.5)?.matmul(&self.0)?;
            Ok(rows.broadcast_div(&rows.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)?)
        }
    }

    fn portrait() -> (Photo, Face) {
        let sample = |x: usize, y: usize, c: usize| {
            let wave = (x as f32 / 9.).sin() * (y as f32 / 7.).cos() * 40.;
            (110. + wave + ((x * 7919 + y * 104_729) % 13) as f32 + 10. * c as f32) as u8
        };
        let samples = (0..160 * 160 * 3).map(|i| sample(i / 3 % 160, i / 480, i % 3)).collect();
        let points = [(68., 72.), (92., 72.), (80., 82.), (70., 94.), (90., 94.)];
        let face = Face {
            bounds: Rectangle { x: 48., y: 48., width: 64., height: 64. },
            points: points.map(|(x, y)| Point { x, y }),
            score: 1.,
        };
        (Photo::from_rgb(160, 160, samples).unwrap(), face)
    }

    fn cloaked(method: Method, seed: u64) -> Option<Cloak> {
        let (photo, face) = portrait();
        let embedders = [Products::new(1), Products::new(2)];
        let subject = Subject { photo: &photo, face: &face, others: &[] };
        apply(method, &subject, &embedders.each_ref().map(|e| e as &dyn Embed), 0.012, seed).unwrap()
    }

    /// Cosine of a cloaked face to the clean one by one of the surrogates.
    fn cosine(cloak: &Cloak) -> f32 {
        let (photo, face) = portrait();
        let of = |photo: &Photo| -> Vec<f32> {
            let crop = aligned_crop(photo, &Alignment::of(&face).unwrap()).unwrap().unwrap();
            Products::new(1).embed(&crop).unwrap().flatten_all().unwrap().to_vec1().unwrap()
        };
        similarity(&of(&photo), &of(&compose(&photo, std::slice::from_ref(cloak)).unwrap()))
    }

    fn values(cloak: &Cloak) -> Vec<f32> {
        cloak.change.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn every_method_ends_at_the_dssim_that_is_asked_for_and_within_the_limit_on_colour() {
        let (photo, face) = portrait();
        for method in [Method::Noise, Method::Pgd, Method::MiDiTiFgsm, Method::Fawkes, Method::LowKey] {
            let cloak = cloaked(method, 3).unwrap();
            assert!((cloak.visibility.dssim - 0.012).abs() < 1e-4, "{method:?}: {:?}", cloak.visibility);
            assert!(cloak.visibility.chroma < 1.8 + 1e-3, "{method:?}: {:?}", cloak.visibility);
            let written = compose(&photo, &[cloak]).unwrap();
            let seen = measure(&photo, &written, &face).unwrap();
            assert!((seen.visibility.dssim - 0.012).abs() < 1e-3, "{method:?}: {seen:?}");
        }
    }

    #[test]
    fn every_method_with_gradients_leaves_the_face_further_behind_than_noise_does() {
        let noise = cosine(&cloaked(Method::Noise, 3).unwrap());
        assert!(noise > 0.98, "{noise}");
        let preset = Method::Visard(Preset::Standard);
        for method in [Method::Pgd, Method::MiDiTiFgsm, Method::Fawkes, Method::LowKey, preset] {
            let found = cosine(&cloaked(method, 3).unwrap());
            assert!(found < noise - 0.1, "{method:?}: {found}, noise {noise}");
        }
    }

    #[test]
    fn sign_steps_stay_inside_their_ball() {
        let (photo, face) = portrait();
        let embedder = Products::new(1);
        let surrogates = [&embedder as &dyn Embed];
        let subject = Subject { photo: &photo, face: &face, others: &[] };
        let target = Target::of(&subject, &surrogates, limits(Method::Noise, 0.012)).unwrap().unwrap();
        let (change, _) = sign::pgd(&target, &mut StdRng::seed_from_u64(3)).unwrap();
        let values: Vec<f32> = change.flatten_all().unwrap().to_vec1().unwrap();
        let largest = values.iter().fold(0f32, |m, v| m.max(v.abs()));
        // Most samples of the face have gone to the ball's surface, give or take the noise.
        let at_least = |share: f32| values.iter().filter(|v| v.abs() > share * largest).count();
        let (full, half) = (at_least(0.75), at_least(0.4));
        assert!(largest < 12. / 255. && 2 * full > half, "{largest}: {full} of {half}");
    }

    #[test]
    fn a_seed_fixes_the_cloak() {
        for method in [Method::Noise, Method::MiDiTiFgsm, Method::Fawkes] {
            let [a, b, c] = [5, 5, 6].map(|seed| values(&cloaked(method, seed).unwrap()));
            assert!(a == b && a != c, "{method:?}");
        }
    }

    #[test]
    fn nothing_changes_without_a_method() {
        assert!(cloaked(Method::None, 0).is_none());
    }
}
