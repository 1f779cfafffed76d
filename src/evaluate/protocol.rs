//! Protocols: what is asked, of whom, under which conditions. `docs/evaluation.md` says it exactly.

use serde::{Deserialize, Serialize};

use super::classify::{linear_probe, nearest_mean};
use super::condition::Condition;
use super::interval::{Share, Tally};
use super::metrics::{Faces, best, pairs, search, tally, threshold_at};
use crate::models::Thresholds;
use crate::network::Result;

/// A named protocol. It is frozen: another one gets another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// Face search: who is found in a gallery with strangers.
    #[serde(rename = "search-v1")]
    SearchV1,
    /// Verification: whether two photos count as one person.
    #[serde(rename = "verify-v1")]
    VerifyV1,
}

/// The ranks that are reported.
const RANKS: [usize; 2] = [1, 50];
/// The false positive identification rates that are reported.
const FPIRS: [f64; 2] = [0.1, 0.01];
/// The shares of training photos that leaked without a cloak.
const LEAKS: [f64; 3] = [0., 0.1, 0.5];
/// Strangers whom classifiers also know.
const CLASSES: usize = 500;

/// The faces of an evaluation by one judge that no method changes.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    /// Number of protected people.
    pub(super) people: usize,
    /// Photos of protected people that are not cloaked.
    pub(super) clean: Faces,
    /// The photos that are cloaked, as they were before; in the order of the cloaked ones.
    pub(super) originals: Faces,
    /// Strangers, one photo each.
    pub(super) distractors: Faces,
    /// Above these similarities two faces count as one person.
    pub(super) thresholds: Option<Thresholds>,
    /// Seed of the intervals and of the choice of leaks.
    pub(super) seed: u64,
}

/// One figure: of which scenario, by which metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What is done with the photos.
    pub scenario: String,
    /// What is counted.
    pub metric: String,
    /// The share.
    #[serde(flatten)]
    pub share: Share,
}

impl Protocol {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SearchV1 => "search-v1",
            Self::VerifyV1 => "verify-v1",
        }
    }

    /// All figures for the cloaked photos (by one judge, under one condition).
    pub(super) fn figures(self, world: &World, cloaked: &Faces, condition: Condition) -> Result<Vec<Figure>> {
        let mut figures = world.verification(cloaked);
        if self == Self::SearchV1 {
            figures.extend(world.identification(cloaked));
            if condition == Condition::AsWritten {
                figures.extend(world.classification(cloaked)?);
            }
        }
        Ok(figures)
    }
}

impl World {
    /// The two figures by which adversaries are measured, as far as there are strangers and thresholds:
    /// whether clean photos find the cloaked ones, and verify them.
    pub(super) fn exposure(&self, cloaked: &Faces) -> Vec<Figure> {
        let mut figures = vec![];
        if !self.distractors.is_empty() {
            let found = search(&self.clean, &cloaked.and(&self.distractors));
            let first = found.iter().map(|s| (s.person, s.rank == 1));
            figures.extend(self.figure("clean-finds-cloaked", "rank-1".into(), &tally(self.people, first)));
        }
        let verified = self.verification(cloaked).into_iter();
        figures.extend(verified.filter(|f| f.scenario == "verify-clean" && f.metric == "tar@far=1e-3"));
        figures
    }

    fn figure(&self, scenario: &str, metric: String, tallies: &[Tally]) -> Option<Figure> {
        let share = Share::of(tallies, self.seed)?;
        Some(Figure { scenario: scenario.into(), metric, share })
    }

    /// Pairs of a cloaked and another photo at the catalogue's thresholds.
    fn verification(&self, cloaked: &Faces) -> Vec<Figure> {
        let Some(thresholds) = self.thresholds else { return vec![] };
        let rates = [("1e-2", thresholds.far_1e2), ("1e-3", thresholds.far_1e3)];
        let mut figures = vec![];
        for (scenario, others) in [("verify-clean", &self.clean), ("verify-cloaked", cloaked)] {
            let pairs = pairs(cloaked, others);
            for (rate, threshold) in rates {
                for (kind, mates) in [("tar", true), ("measured-far", false)] {
                    let chosen = pairs.iter().filter(|pair| pair.1 == mates);
                    let accepted = chosen.map(|&(person, _, s)| (person, s >= threshold));
                    let metric = format!("{kind}@far={rate}");
                    figures.extend(self.figure(scenario, metric, &tally(self.people, accepted)));
                }
            }
        }
        figures
    }

    /// Searches among strangers, closed and open set.
    fn identification(&self, cloaked: &Faces) -> Vec<Figure> {
        let mut figures = vec![];
        for (scenario, probes, mates) in [
            ("clean-finds-cloaked", &self.clean, cloaked),
            ("cloaked-finds-clean", cloaked, &self.clean),
            ("cloaked-finds-cloaked", cloaked, cloaked),
        ] {
            let found = search(probes, &mates.and(&self.distractors));
            for rank in RANKS {
                let within = found.iter().map(|s| (s.person, s.rank <= rank));
                figures.extend(self.figure(scenario, format!("rank-{rank}"), &tally(self.people, within)));
            }
            figures.extend(self.open_set(scenario, probes, mates));
        }
        figures
    }

    /// Half of the strangers are in the gallery, the others are searched for and should not be found.
    fn open_set(&self, scenario: &str, probes: &Faces, mates: &Faces) -> Vec<Figure> {
        let (mut enrolled, mut strangers) = (self.none(), self.none());
        for i in 0..self.distractors.len() {
            let half = if i % 2 == 0 { &mut enrolled } else { &mut strangers };
            let d = &self.distractors;
            half.push(d.people[i], d.photos[i], d.embeddings.row(i));
        }
        let gallery = mates.and(&enrolled);
        let found = search(probes, &gallery);
        let strangers = best(&strangers, &gallery);
        let figure = |rate: f64| {
            let threshold = threshold_at(rate, &strangers)?;
            let missed = found.iter().map(|s| (s.person, s.mate <= threshold));
            self.figure(scenario, format!("fnir@fpir={rate}"), &tally(self.people, missed))
        };
        FPIRS.into_iter().filter_map(figure).collect()
    }

    /// Classifiers that are trained on the cloaked photos, of which a share leaked without a cloak.
    fn classification(&self, cloaked: &Faces) -> Result<Vec<Figure>> {
        let mut figures = vec![];
        for leak in LEAKS {
            let train = self.training_set(cloaked, leak);
            let answers = [
                ("nearest-mean", nearest_mean(&train, &self.clean)),
                ("linear-probe", linear_probe(&train, &self.clean)?),
            ];
            for (name, answers) in answers {
                let right =
                    self.clean.people.iter().zip(answers).map(|(&person, answer)| (person, answer == person));
                let metric = format!("accuracy@leak={leak}");
                figures.extend(self.figure(name, metric, &tally(self.people, right)));
            }
        }
        Ok(figures)
    }

    fn training_set(&self, cloaked: &Faces, leak: f64) -> Faces {
        let leaked = leaked(cloaked.len(), leak, self.seed);
        let mut train = self.none();
        for (i, leaked) in leaked.into_iter().enumerate() {
            let from = if leaked { &self.originals } else { cloaked };
            train.push(from.people[i], from.photos[i], from.embeddings.row(i));
        }
        let d = &self.distractors;
        (0..d.len().min(CLASSES)).for_each(|i| train.push(d.people[i], d.photos[i], d.embeddings.row(i)));
        train
    }

    fn none(&self) -> Faces {
        Faces::new(self.clean.embeddings.dimension())
    }
}

/// Which of `count` photos leaked: a share of them, chosen by a seed.
fn leaked(count: usize, share: f64, seed: u64) -> Vec<bool> {
    use rand::SeedableRng as _;
    use rand::seq::SliceRandom as _;
    let leaks = (share * count as f64).round() as usize;
    let mut leaked: Vec<bool> = (0..count).map(|i| i < leaks).collect();
    leaked.shuffle(&mut rand::rngs::StdRng::seed_from_u64(seed));
    leaked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::metrics::tests::faces;

    /// Two people at 0 and 90 degrees, two strangers near the first.
    fn world() -> World {
        World {
            people: 2,
            clean: faces(&[(0, 2, 2.), (1, 3, 90.5)]),
            originals: faces(&[(0, 0, 0.), (1, 1, 90.)]),
            distractors: faces(&[(2, 4, 20.), (3, 5, 26.)]),
            thresholds: Some(Thresholds { far_1e2: 0.5, far_1e3: 0.9, far_1e4: Some(0.99) }),
            seed: 0,
        }
    }

    fn value(figures: &[Figure], scenario: &str, metric: &str) -> f64 {
        let figure = figures.iter().find(|f| f.scenario == scenario && f.metric == metric);
        figure.unwrap_or_else(|| panic!("no {scenario} {metric}")).share.value
    }

    #[test]
    fn without_a_cloak_everyone_is_found() {
        let world = world();
        let figures = Protocol::SearchV1.figures(&world, &world.originals, Condition::AsWritten).unwrap();
        for scenario in ["clean-finds-cloaked", "cloaked-finds-clean"] {
            assert!((value(&figures, scenario, "rank-1") - 1.).abs() < 1e-9);
            assert!(value(&figures, scenario, "fnir@fpir=0.1") < 1e-9);
        }
        for metric in ["tar@far=1e-2", "tar@far=1e-3"] {
            assert!((value(&figures, "verify-clean", metric) - 1.).abs() < 1e-9);
            assert!(value(&figures, "verify-clean", &format!("measured-far{}", &metric[3..])) < 1e-9);
        }
        for leak in ["0", "0.1", "0.5"] {
            for name in ["nearest-mean", "linear-probe"] {
                assert!((value(&figures, name, &format!("accuracy@leak={leak}")) - 1.).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_cloak_that_turns_one_of_two_people_away_halves_the_figures() {
        // The first person's cloaked photo lies at 50 degrees: behind both strangers, seen from 2.
        let cloaked = faces(&[(0, 0, 50.), (1, 1, 90.)]);
        let figures = Protocol::SearchV1.figures(&world(), &cloaked, Condition::AsWritten).unwrap();
        assert!((value(&figures, "clean-finds-cloaked", "rank-1") - 0.5).abs() < 1e-9);
        assert!((value(&figures, "clean-finds-cloaked", "rank-50") - 1.).abs() < 1e-9);
        assert!((value(&figures, "cloaked-finds-clean", "rank-1") - 0.5).abs() < 1e-9);
        // 48 degrees: a cosine of 0.67.
        assert!((value(&figures, "verify-clean", "tar@far=1e-2") - 1.).abs() < 1e-9);
        assert!((value(&figures, "verify-clean", "tar@far=1e-3") - 0.5).abs() < 1e-9);
        // The stranger who is searched for resembles the one in the gallery by the cosine of 6 degrees;
        // the second person's photos resemble each other more, the first one's less.
        assert!((value(&figures, "clean-finds-cloaked", "fnir@fpir=0.1") - 0.5).abs() < 1e-9);
        assert!((value(&figures, "nearest-mean", "accuracy@leak=0") - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_leaked_photo_takes_the_place_of_its_cloaked_copy() {
        let cloaked = faces(&[(0, 0, 50.), (1, 1, 150.)]);
        let train = world().training_set(&cloaked, 0.5);
        let is = |i: usize, from: &Faces| train.embeddings.row(i) == from.embeddings.row(i);
        let originals = world().originals;
        assert_eq!(train.people, [0, 1, 2, 3]);
        assert!((is(0, &originals) && is(1, &cloaked)) || (is(0, &cloaked) && is(1, &originals)));
    }

    #[test]
    fn adversaries_are_measured_by_the_same_figures() {
        let cloaked = faces(&[(0, 0, 50.), (1, 1, 90.)]);
        let all = Protocol::SearchV1.figures(&world(), &cloaked, Condition::AsWritten).unwrap();
        let exposure = world().exposure(&cloaked);
        assert_eq!(exposure.len(), 2);
        assert!(exposure.iter().all(|f| all.contains(f)));
    }

    #[test]
    fn classifiers_are_trained_on_what_was_written_alone() {
        let figures = Protocol::SearchV1.figures(&world(), &world().originals, Condition::Half).unwrap();
        assert!(figures.iter().all(|f| f.scenario != "linear-probe"));
        let figures = Protocol::VerifyV1.figures(&world(), &world().originals, Condition::Half).unwrap();
        assert!(figures.iter().all(|f| f.scenario.starts_with("verify-")));
    }

    #[test]
    fn the_share_of_leaks_is_exact_and_fixed_by_the_seed() {
        for (share, count) in [(0., 0), (0.1, 18), (0.5, 90)] {
            let found = leaked(180, share, 3);
            assert_eq!(found.iter().filter(|l| **l).count(), count);
            assert_eq!(found, leaked(180, share, 3));
        }
        assert_ne!(leaked(180, 0.5, 3), leaked(180, 0.5, 4));
    }
}
