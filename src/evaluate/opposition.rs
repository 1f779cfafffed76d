//! What remains of the protection against someone who knows that photos are cloaked.

use std::path::{Path, PathBuf};

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::adversaries::{
    Adapted, CloakDetector, Denoiser, Detection, Gallery, Purifier, Round, average, grow,
};
use super::cast::Original;
use super::cloaks::{Cloaked, Cloaking, Workshop, open};
use super::look::push;
use super::metrics::Faces;
use super::protocol::World;
use super::run::Evaluation;
use crate::embed::{Embed as _, aligned_crop};
use crate::error::{Error, Result};
use crate::face::{Alignment, Face};
use crate::models::Recogniser;
use crate::photo::Photo;

/// Cloaks of one photo whose mean is taken.
const AVERAGED: usize = 4;
/// From fewer strangers nobody learns.
const FEWEST: usize = 6;
/// Rounds in which recognised photos join the gallery.
const ROUNDS: usize = 10;

/// What an adversary achieves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdversaryRow {
    /// What changed the photos.
    pub method: String,
    /// Who says it; none where no judge is asked.
    pub judge: Option<String>,
    /// What the adversary does.
    pub adversary: String,
    /// What is counted.
    pub metric: String,
    /// The share, `0.0..=1.0`.
    pub value: f64,
    /// Its 95 % interval over people, where there is one.
    pub interval: Option<[f64; 2]>,
}

/// A stranger on whose cloaks adversaries learn.
pub(super) struct Stranger {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) face: Face,
}

/// The adversaries of one method.
pub(super) struct Opposition<'a> {
    pub(super) evaluation: &'a Evaluation<'a>,
    pub(super) output: &'a Path,
    pub(super) cloaking: Cloaking,
    pub(super) people: &'a [String],
    pub(super) originals: &'a [Original],
    /// The photos without a cloak, written as the cloaked ones are.
    pub(super) plain: &'a [Cloaked],
    pub(super) cloaked: &'a [Cloaked],
    pub(super) strangers: &'a [Stranger],
    pub(super) worlds: &'a [World],
}

/// Aligned crops of the same faces, clean and cloaked: `(batch, 3, 112, 112)`.
struct Pairs {
    clean: Tensor,
    cloaked: Tensor,
}

impl Opposition<'_> {
    /// All adversaries. `done` is called after each photo that is cloaked for them.
    pub(super) fn rows(&self, done: &mut dyn FnMut() -> Result<()>) -> Result<Vec<AdversaryRow>> {
        let faces = || self.originals.iter().map(|o| &o.face);
        let own =
            Pairs { clean: self.crops(self.plain, faces())?, cloaked: self.crops(self.cloaked, faces())? };
        let others = self.others(done)?;
        let averaged = self.averaged(done)?;
        let mut rows = vec![];
        if let Some(others) = &others {
            rows.extend(self.detection(others, &own)?);
        }
        let denoiser = others
            .as_ref()
            .map(|o| Denoiser::learn(&o.clean, &o.cloaked, self.evaluation.seed))
            .transpose()?;
        for (judge, world) in self.evaluation.ensemble.judges.iter().zip(self.worlds) {
            let cloaked = self.faces(judge, &own.cloaked)?;
            rows.extend(self.exposed(judge, world, "none", &cloaked));
            for purifier in Purifier::ALL {
                let faces = self.faces(judge, &purifier.purify(&own.cloaked)?)?;
                rows.extend(self.exposed(judge, world, &format!("purified: {}", purifier.name()), &faces));
            }
            if let Some(denoiser) = &denoiser {
                let faces = self.faces(judge, &denoiser.purify(&own.cloaked)?)?;
                rows.extend(self.exposed(judge, world, "purified: trained denoiser", &faces));
            }
            for (name, crops) in &averaged {
                rows.extend(self.exposed(judge, world, name, &self.first_faces(judge, crops)?));
            }
            if let Some(others) = &others {
                rows.extend(self.adapted(judge, world, others, &cloaked)?);
            }
            rows.extend(self.growth(judge, world, &cloaked));
        }
        Ok(rows)
    }

    fn row(&self, judge: Option<&Recogniser>, adversary: &str, metric: &str, value: f64) -> AdversaryRow {
        AdversaryRow {
            method: self.cloaking.name(),
            judge: judge.map(|j| j.entry.name.clone()),
            adversary: adversary.into(),
            metric: metric.into(),
            value,
            interval: None,
        }
    }

    /// Who is found of these faces.
    fn exposed(
        &self,
        judge: &Recogniser,
        world: &World,
        adversary: &str,
        cloaked: &Faces,
    ) -> Vec<AdversaryRow> {
        let figures = world.exposure(cloaked).into_iter();
        figures
            .map(|figure| {
                let share = figure.share;
                let metric = format!("{} {}", figure.scenario, figure.metric);
                let row = self.row(Some(judge), adversary, &metric, share.value);
                AdversaryRow { interval: Some([share.low, share.high]), ..row }
            })
            .collect()
    }

    /// Clean and cloaked faces of other people, to learn from; `None` where they are too few.
    fn others(&self, done: &mut dyn FnMut() -> Result<()>) -> Result<Option<Pairs>> {
        let (ensemble, seed) = (self.evaluation.ensemble, self.evaluation.seed);
        let write = |cloaking, done: &mut dyn FnMut() -> Result<()>| -> Result<Vec<Cloaked>> {
            let mut workshop = Workshop::new(ensemble, cloaking, seed, self.output)?;
            let one = |s: &Stranger| {
                let cloaked = workshop.cloaked(&s.name, &s.path, &s.face)?;
                done()?;
                Ok(cloaked)
            };
            self.strangers.iter().map(one).collect()
        };
        if self.strangers.len() < FEWEST {
            return Ok(None);
        }
        let faces = || self.strangers.iter().map(|s| &s.face);
        let clean = self.crops(&write(Cloaking::NONE, &mut || Ok(()))?, faces())?;
        let cloaked = self.crops(&write(self.cloaking, done)?, faces())?;
        Ok(Some(Pairs { clean, cloaked }))
    }

    /// The first photo of each person under one cloak, and as the mean of several cloaks.
    fn averaged(&self, done: &mut dyn FnMut() -> Result<()>) -> Result<Vec<(String, Tensor)>> {
        let (mut one, mut mean) = (vec![], vec![]);
        for i in self.first_photos() {
            let original = &self.originals[i];
            let mut photos = vec![open(&self.cloaked[i].path)?];
            for extra in 1..AVERAGED as u64 {
                let seed = self.evaluation.seed.wrapping_add(extra << 40);
                let mut workshop = Workshop::new(self.evaluation.ensemble, self.cloaking, seed, self.output)?;
                for other in self.originals.iter().filter(|o| o.person == original.person) {
                    workshop.look(&other.path, &other.face)?;
                }
                let person = &self.people[original.person];
                photos.push(open(&workshop.cloaked(person, &original.path, &original.face)?.path)?);
                done()?;
            }
            one.push(self.crop(&photos[0], &original.face)?);
            mean.push(self.crop(&average(&photos)?, &original.face)?);
        }
        let stacked = |crops: &[Tensor]| Tensor::cat(crops, 0).map_err(crate::network::Error::from);
        Ok(vec![
            ("the first photos alone".into(), stacked(&one)?),
            (format!("the first photos, mean of {AVERAGED} cloaks"), stacked(&mean)?),
        ])
    }

    /// The number of each person's first photo.
    fn first_photos(&self) -> impl Iterator<Item = usize> {
        (0..self.people.len()).filter_map(|person| self.originals.iter().position(|o| o.person == person))
    }

    fn detection(&self, others: &Pairs, own: &Pairs) -> Result<Vec<AdversaryRow>> {
        let detector = CloakDetector::learn(&others.clean, &others.cloaked)?;
        let Detection { auc, found_at_1_percent } =
            Detection::of(&detector.scores(&own.clean)?, &detector.scores(&own.cloaked)?);
        Ok(vec![
            self.row(None, "cloak detector", "auc", auc),
            self.row(None, "cloak detector", "tpr@fpr=0.01", found_at_1_percent),
        ])
    }

    fn adapted(
        &self,
        judge: &Recogniser,
        world: &World,
        others: &Pairs,
        cloaked: &Faces,
    ) -> Result<Vec<AdversaryRow>> {
        let rows = |crops| Ok::<_, Error>(self.faces_of(judge, crops, |i| (i, i))?.embeddings);
        let layer = Adapted::learn(&rows(&others.clean)?, &rows(&others.cloaked)?)?;
        let map = |faces: &Faces| Faces { embeddings: layer.embed(&faces.embeddings), ..faces.clone() };
        let mapped =
            World { clean: map(&world.clean), distractors: map(&world.distractors), ..world.clone() };
        // Thresholds of the network as it was do not fit the adapted one.
        let mapped = World { thresholds: None, ..mapped };
        Ok(self.exposed(judge, &mapped, "network adapted to cloaks", &map(cloaked)))
    }

    /// Each cloaked photo that is recognised joins the gallery, in rounds.
    fn growth(&self, judge: &Recogniser, world: &World, cloaked: &Faces) -> Vec<AdversaryRow> {
        let gallery =
            |faces: &Faces| Gallery { embeddings: faces.embeddings.clone(), people: faces.people.clone() };
        let known = gallery(&world.clean.and(&world.distractors));
        let rounds = grow(&known, &gallery(cloaked), judge.threshold, ROUNDS);
        let state = |name: &str, round: &Round| {
            [("recognised", round.recognised), ("mistaken", round.mistaken)]
                .map(|(metric, value)| self.row(Some(judge), name, metric, value))
        };
        let last = rounds.last().map(|r| state(&format!("growing gallery, round {ROUNDS}"), r));
        let first = rounds.first().map(|r| state("growing gallery, round 1", r));
        first.into_iter().chain(last).flatten().collect()
    }

    fn crops<'f>(&self, photos: &[Cloaked], faces: impl Iterator<Item = &'f Face>) -> Result<Tensor> {
        let crop = |(cloaked, face): (&Cloaked, &Face)| self.crop(&open(&cloaked.path)?, face);
        let crops: Vec<Tensor> = photos.iter().zip(faces).map(crop).collect::<Result<_>>()?;
        Ok(Tensor::cat(&crops, 0).map_err(crate::network::Error::from)?)
    }

    /// The aligned crop of the face at a place; black where it lies outside.
    fn crop(&self, photo: &Photo, face: &Face) -> Result<Tensor> {
        let face = self.evaluation.find_again(photo, face)?;
        let crop = match Alignment::of(&face) {
            Some(alignment) => aligned_crop(photo, &alignment)?,
            None => None,
        };
        let black = || Tensor::zeros((1, 3, 112, 112), candle_core::DType::F32, &candle_core::Device::Cpu);
        Ok(crop.map_or_else(black, Ok).map_err(crate::network::Error::from)?)
    }

    /// The cloaked photos' faces from their crops.
    fn faces(&self, judge: &Recogniser, crops: &Tensor) -> Result<Faces> {
        self.faces_of(judge, crops, |i| (self.originals[i].person, i))
    }

    /// The faces of the first photo of each person from their crops.
    fn first_faces(&self, judge: &Recogniser, crops: &Tensor) -> Result<Faces> {
        let first: Vec<usize> = self.first_photos().collect();
        self.faces_of(judge, crops, |i| (self.originals[first[i]].person, first[i]))
    }

    fn faces_of(
        &self,
        judge: &Recogniser,
        crops: &Tensor,
        whose: impl Fn(usize) -> (usize, usize),
    ) -> Result<Faces> {
        let embed = |i: usize| -> crate::network::Result<Vec<f32>> {
            Ok(judge.embedder.embed(&crops.narrow(0, i, 1)?)?.flatten_all()?.to_vec1()?)
        };
        let mut faces = Faces::default();
        for i in 0..crops.dims()[0] {
            let (person, photo) = whose(i);
            push(&mut faces, person, photo, &embed(i)?);
        }
        Ok(faces)
    }
}
