//! From which similarity on a search finds somebody, by how many faces it looks through.

use crate::models::{Entry, Thresholds};

/// The share of searches for people who are not in a gallery that find somebody all the same: the false positive
/// identification rate of [ISO/IEC 19795-1](https://www.iso.org/standard/73515.html).
pub const FPIR: f64 = 0.01;

/// Of a few faces the best must still resemble the person as two photos of one person do.
const PAIR: f64 = 1e-3;

/// The similarity from which on the most similar of `faces` faces counts as the person who is searched for, so that
/// a share [`FPIR`] of the searches for anybody else finds somebody. A threshold for one pair would not do: the more
/// faces, the more similar the most similar stranger.
///
/// It is never below the one at which 1 in 1,000 pairs of strangers is taken for one person.
///
/// `docs/verdict.md` says how it follows from the network's calibration. Without one the verdict counts, and a network
/// without either finds everybody.
pub fn threshold(entry: &Entry, faces: usize) -> f32 {
    let calibrated = entry.thresholds.map(|thresholds| at(&thresholds, false_accepts(faces)));
    calibrated.or(entry.verdict).unwrap_or(f32::NEG_INFINITY)
}

/// The false accept rate of one pair at which the best of so many strangers is accepted as seldom as [`FPIR`] says.
fn false_accepts(faces: usize) -> f64 {
    (1. - (1. - FPIR).powf(1. / faces.max(1) as f64)).min(PAIR)
}

/// The threshold at a false accept rate of 1 in 1,000 or less: on the lines through the calibrated ones, over the quantiles of
/// the normal distribution, which the similarities of strangers nearly have.
fn at(thresholds: &Thresholds, rate: f64) -> f32 {
    let known =
        [(1e-2, Some(thresholds.far_1e2)), (1e-3, Some(thresholds.far_1e3)), (1e-4, thresholds.far_1e4)];
    let known: Vec<(f64, f64)> =
        known.into_iter().filter_map(|(rate, t)| Some((quantile(rate), f64::from(t?)))).collect();
    let z = quantile(rate);
    let lines = known.windows(2);
    let last = lines.len() - 1;
    let line = lines.enumerate().find(|(i, line)| z <= line[1].0 || *i == last);
    let value = line.map(|(_, line)| {
        let [(z0, t0), (z1, t1)] = [line[0], line[1]];
        t0 + (t1 - t0) * (z - z0) / (z1 - z0)
    });
    value.unwrap_or(1.).min(1.) as f32
}

/// The value that a standard normal number exceeds with probability `p`, up to one half:
/// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23, right to 0.00045.
fn quantile(p: f64) -> f64 {
    let t = (-2. * p.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1. + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(far_1e4: Option<f32>) -> Entry {
        let mut entry = Entry::built_in().unwrap().remove(0);
        entry.thresholds = Some(Thresholds { far_1e2: 0.2, far_1e3: 0.3, far_1e4 });
        entry
    }

    #[test]
    fn the_quantiles_are_those_of_the_normal_distribution() {
        for (p, z) in [(0.5, 0.), (0.01, 2.326_348), (0.001, 3.090_232), (1e-4, 3.719_016), (1e-6, 4.753_424)]
        {
            assert!((quantile(p) - z).abs() < 4.5e-4, "{p}: {}", quantile(p));
        }
    }

    #[test]
    fn for_a_few_faces_it_is_that_of_a_pair_and_it_rises_with_the_faces() {
        let entry = entry(Some(0.38));
        // Among 10 strangers 1 % is 1 in 995 a pair, among 100 strangers 1 in 9,950.
        for (faces, expected) in [(0, 0.3), (1, 0.3), (10, 0.3), (100, 0.38)] {
            let found = threshold(&entry, faces);
            assert!((found - expected).abs() < 1e-3, "{faces}: {found}");
        }
        let beyond = threshold(&entry, 1000);
        assert!((beyond - 0.449).abs() < 1e-3, "{beyond}");
    }

    #[test]
    fn a_missing_rate_is_on_the_line_through_the_others() {
        let far = threshold(&entry(None), 100);
        assert!((far - 0.3823).abs() < 1e-3, "{far}");
    }

    #[test]
    fn without_a_calibration_the_verdict_counts_and_without_both_everybody_is_found() {
        let mut entry = Entry { thresholds: None, verdict: Some(0.15), ..entry(None) };
        assert!((threshold(&entry, 1000) - 0.15).abs() < 1e-6);
        entry.verdict = None;
        assert!(threshold(&entry, 1000) < -1.);
    }
}
