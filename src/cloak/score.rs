//! SSIMULACRA 2 as a falling function of the sum of its terms, the distance.

/// The score of a distance: 100 without a change, 90 not told apart, 70 high quality, 50 medium, 30 low; it has no lower end.
pub(super) fn score(distance: f32) -> f32 {
    let x = f64::from(distance) * 0.956_238_261_683_484_4;
    let x = ((6.248_496_625_763_138e-5 * x - 0.020_884_521_182_843_837) * x + 2.326_765_642_916_932) * x;
    (100. - 10. * x.max(0.).powf(0.627_633_646_783_138_7)) as f32
}

/// The distance that has a score; at most 100, which is -180.
pub(crate) fn distance_of(wanted: f32) -> f32 {
    let (mut low, mut high) = (0., 100.);
    for _ in 0..30 {
        let middle = (low + high) / 2.;
        if score(middle) > wanted { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_that_of_its_distance() {
        assert!((score(0.) - 100.).abs() < 1e-6);
        for wanted in [90., 50., 20., 0., -50.] {
            assert!((score(distance_of(wanted)) - wanted).abs() < 0.01, "{wanted}");
        }
    }
}
