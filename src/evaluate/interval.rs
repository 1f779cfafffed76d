//! Shares with their uncertainty: people are drawn again, since photos of one person go together.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// How often people are drawn again.
pub const DRAWS: usize = 1000;

/// Successes and trials of one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Trials that succeeded.
    pub successes: usize,
    /// All trials.
    pub trials: usize,
}

impl Tally {
    /// Counts one trial.
    pub fn count(&mut self, success: bool) {
        self.successes += usize::from(success);
        self.trials += 1;
    }
}

/// A share of trials with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Successes of all people divided by trials of all people, `0.0..=1.0`.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// All trials.
    pub trials: usize,
}

impl Share {
    /// The share over all people; `None` where there is no trial.
    ///
    /// The interval is the percentile bootstrap, [Efron 1979](https://doi.org/10.1214/aos/1176344552):
    /// as many people are drawn, with replacement, [`DRAWS`] times; 2.5 % of the shares lie below it
    /// and 2.5 % above.
    pub fn of(people: &[Tally], seed: u64) -> Option<Self> {
        let people: Vec<Tally> = people.iter().copied().filter(|p| p.trials > 0).collect();
        let trials = people.iter().map(|p| p.trials).sum();
        let value = share(people.iter())?;
        let mut rng = StdRng::seed_from_u64(seed);
        let mut shares: Vec<f64> = (0..DRAWS)
            .filter_map(|_| share(people.iter().map(|_| &people[rng.random_range(0..people.len())])))
            .collect();
        shares.sort_by(f64::total_cmp);
        let (low, high) = (shares[DRAWS / 40 - 1], shares[DRAWS - DRAWS / 40]);
        Some(Self { value, low, high, trials })
    }
}

fn share<'t>(people: impl Iterator<Item = &'t Tally>) -> Option<f64> {
    let sum = |all: Tally, p: &Tally| Tally {
        successes: all.successes + p.successes,
        trials: all.trials + p.trials,
    };
    let all = people.fold(Tally::default(), sum);
    (all.trials > 0).then(|| all.successes as f64 / all.trials as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(people: &[(usize, usize)]) -> Option<Share> {
        let people: Vec<Tally> =
            people.iter().map(|&(successes, trials)| Tally { successes, trials }).collect();
        Share::of(&people, 7)
    }

    #[test]
    fn people_who_are_all_alike_leave_no_uncertainty() {
        let found = of(&[(1, 4); 9]).unwrap();
        assert_eq!(found, Share { value: 0.25, low: 0.25, high: 0.25, trials: 36 });
    }

    #[test]
    fn two_people_who_differ_leave_all_of_it() {
        // Both drawn alike happens half the time, so the ends are those of one person alone.
        let found = of(&[(0, 2), (2, 2)]).unwrap();
        assert_eq!(found, Share { value: 0.5, low: 0., high: 1., trials: 4 });
    }

    #[test]
    fn the_interval_of_many_people_is_that_of_the_normal_distribution() {
        let people: Vec<_> = (0..400).map(|i| (i % 2, 1)).collect();
        let found = of(&people).unwrap();
        // 0.5 -+ 1.96 * sqrt(0.25 / 400)
        assert!((found.low - 0.451).abs() < 0.01 && (found.high - 0.549).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn people_without_trials_do_not_count() {
        assert_eq!(of(&[(1, 2), (0, 0)]).unwrap(), of(&[(1, 2)]).unwrap());
        assert_eq!(of(&[(0, 0)]), None);
        assert_eq!(of(&[]), None);
    }
}
