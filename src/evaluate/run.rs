//! One evaluation from folders of photos to results.

use std::ops::ControlFlow;
use std::path::Path;

use super::baselines::Method;
use super::cast::{Cast, Original, STRANGERS};
use super::cloaks::{Cloaked, Cloaking, Workshop};
use super::condition::Condition;
use super::data::Person;
use super::opposition::{AdversaryRow, Opposition, Stranger};
use super::protocol::{Protocol, World};
use super::results::{Data, MethodResult, NetworkResult, Results, Row};
use crate::cloak::Preset;
use crate::error::{Error, Result};
use crate::models::{Ensemble, Recogniser, Role};
use crate::search::{Index, Networks};

/// A cloak takes about as long as this many photos that are only looked at.
const CLOAK: f64 = 60.;

/// What is to be evaluated.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// The networks.
    pub ensemble: &'a Ensemble,
    /// What is asked.
    pub protocol: Protocol,
    /// Who is protected.
    pub people: Vec<Person>,
    /// Strangers; of each the first photo counts.
    pub distractors: Vec<Person>,
    /// What changes the photos; the photos as they are always come first.
    pub methods: Vec<Cloaking>,
    /// How many photos of each person are cloaked: the first by name. The others stay clean.
    pub photos_per_person: usize,
    /// Seed of all random choices.
    pub seed: u64,
    /// Whether a judge may be a surrogate too; then its rows are marked.
    pub white_box: bool,
    /// Whether adversaries are asked too what they achieve against our own methods.
    pub adversaries: bool,
}

/// How far an evaluation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'p> {
    /// What is being done.
    pub stage: &'p str,
    /// Share of the work that is done, `0.0..=1.0`.
    pub done: f64,
}

/// A finished evaluation.
#[derive(Debug)]
pub struct Evaluated {
    /// The figures.
    pub results: Results,
    /// For each method of the results its cloaked photos, in one order.
    pub cloaked: Vec<Vec<Cloaked>>,
    /// What the cloaked photos were before, in that order.
    pub originals: Vec<Original>,
}

/// The work in units of one photo that is looked at.
pub(super) struct Meter<'h> {
    hook: &'h mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    done: f64,
    all: f64,
}

impl Meter<'_> {
    pub(super) fn add(&mut self, units: f64, stage: &str) -> Result<()> {
        self.done += units;
        let progress = Progress { stage, done: (self.done / self.all).min(1.) };
        if (self.hook)(progress).is_break() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl Evaluation<'_> {
    /// Runs the evaluation. What takes long is kept in `output`, so that a run that was stopped goes on.
    ///
    /// # Errors
    /// Where a judge is a surrogate and may not be, photos cannot be read or written, a network fails, too
    /// few people are left, or `hook` broke off.
    pub fn run(
        &self,
        output: &Path,
        hook: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Evaluated> {
        self.refuse_white_box()?;
        self.refuse_auto()?;
        let methods = self.all_methods();
        let mut meter = Meter { hook, done: 0., all: self.work(&methods) };
        let index = self.index(output, &mut meter)?;
        let cast = Cast::of(self, &index)?;
        let worlds: Vec<World> =
            (0..self.ensemble.judges.len()).map(|j| cast.world(self, &index, j)).collect();
        let strangers = cast.strangers();
        let mut evaluated =
            Evaluated { results: self.frame(&cast, &worlds), cloaked: vec![], originals: cast.originals };
        for cloaking in methods {
            let photos = self.cloak(cloaking, output, &evaluated, &mut meter)?;
            evaluated.results.methods.push(MethodResult::of(cloaking, &photos));
            for condition in Condition::ALL {
                let faces = self.look(&photos, &evaluated.originals, condition, &mut meter)?;
                for ((judge, world), faces) in self.ensemble.judges.iter().zip(&worlds).zip(&faces) {
                    let figures = self.protocol.figures(world, faces, condition)?;
                    evaluated.results.rows.extend(figures.into_iter().map(|figure| Row {
                        method: cloaking.name(),
                        condition: condition.name(),
                        judge: judge.entry.name.clone(),
                        white_box: is_white_box(self.ensemble, judge),
                        figure,
                    }));
                }
            }
            evaluated.cloaked.push(photos);
            if self.adversaries && matches!(cloaking.method, Method::Visard(_)) {
                let rows = self.oppose(cloaking, output, &evaluated, (&strangers, &worlds), &mut meter)?;
                evaluated.results.adversaries.extend(rows);
            }
        }
        Ok(evaluated)
    }

    /// All work in units of one photo that is looked at.
    fn work(&self, methods: &[Cloaking]) -> f64 {
        let photos = self.people.iter().map(|p| p.photos.len()).sum::<usize>() + self.distractors.len();
        let cloaked = self.people.len() * self.photos_per_person;
        let looks = photos + cloaked * methods.len() * Condition::ALL.len();
        let own = methods.iter().filter(|m| matches!(m.method, Method::Visard(_))).count();
        let extra = if self.adversaries { own * (3 * self.people.len() + STRANGERS) } else { 0 };
        looks as f64 + CLOAK * (cloaked * (methods.len() - 1) + extra) as f64
    }

    /// What adversaries achieve against the method whose photos were cloaked last.
    fn oppose(
        &self,
        cloaking: Cloaking,
        output: &Path,
        evaluated: &Evaluated,
        (strangers, worlds): (&[Stranger], &[World]),
        meter: &mut Meter<'_>,
    ) -> Result<Vec<AdversaryRow>> {
        let (Some(plain), Some(cloaked)) = (evaluated.cloaked.first(), evaluated.cloaked.last()) else {
            return Ok(vec![]);
        };
        let opposition = Opposition {
            evaluation: self,
            output,
            cloaking,
            people: &evaluated.results.data.people,
            originals: &evaluated.originals,
            plain,
            cloaked,
            strangers,
            worlds,
        };
        opposition.rows(&mut || meter.add(CLOAK, &format!("adversaries: {}", cloaking.name())))
    }

    fn refuse_white_box(&self) -> Result<()> {
        let known = self.ensemble.judges.iter().find(|judge| is_white_box(self.ensemble, judge));
        match known.filter(|_| !self.white_box) {
            Some(judge) => Err(Error::Usage(format!(
                "the judge {:?} makes the cloaks too: its figures would say nothing about unseen networks; choose \
                 other judges, or allow it with --white-box, which marks its rows",
                judge.entry.name
            ))),
            None => Ok(()),
        }
    }

    fn refuse_auto(&self) -> Result<()> {
        let auto = self.methods.iter().any(|cloaking| cloaking.method == Method::Visard(Preset::Auto));
        let judged = "auto is chosen by judges, who may not judge it then: evaluate subtle, standard, strong";
        if auto { Err(Error::Usage(judged.into())) } else { Ok(()) }
    }

    /// The methods, each once, with the photos as they are before them.
    fn all_methods(&self) -> Vec<Cloaking> {
        let mut methods = vec![Cloaking::NONE];
        for method in &self.methods {
            if !methods.contains(method) {
                methods.push(*method);
            }
        }
        methods
    }

    /// All photos as they are, with the embeddings of all their faces.
    fn index(&self, output: &Path, meter: &mut Meter<'_>) -> Result<Index> {
        let networks = Networks {
            detector: &self.ensemble.detector,
            detector_entry: &self.ensemble.detector_entry,
            judges: &self.ensemble.judges,
        };
        let people = self.people.iter().flat_map(|p| p.photos.clone());
        let strangers = self.distractors.iter().filter_map(|p| p.photos.first().cloned());
        let path = output.join("clean.index");
        let (mut index, _) = Index::open(&path, &networks);
        let mut broken = Ok(());
        let updated = index.update_files(people.chain(strangers).collect(), &networks, &mut |_, _| {
            broken = meter.add(1., "looking at the photos");
            if broken.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        index.save(&path)?;
        updated.map(|_| index)
    }

    /// The results without figures.
    fn frame(&self, cast: &Cast<'_>, worlds: &[World]) -> Results {
        let surrogates = self.ensemble.surrogates.iter().map(|r| (r, Role::Surrogate));
        let judges = self.ensemble.judges.iter().map(|r| (r, Role::Judge));
        let detector = NetworkResult::of(&self.ensemble.detector_entry, None);
        let embedders = surrogates.chain(judges).map(|(r, role)| NetworkResult::of(&r.entry, Some(role)));
        Results {
            schema: 1,
            visard: env!("CARGO_PKG_VERSION").into(),
            protocol: self.protocol,
            seed: self.seed,
            data: Data {
                people: cast.people.clone(),
                left_out: cast.left_out.clone(),
                photos_per_person: self.photos_per_person,
                cloaked: cast.originals.len(),
                clean: cast.clean.len(),
                distractors: worlds.first().map_or(0, |world| world.distractors.len()),
            },
            networks: std::iter::once(detector).chain(embedders).collect(),
            conditions: Condition::ALL.iter().map(|c| c.name()).collect(),
            methods: vec![],
            rows: vec![],
            adversaries: vec![],
        }
    }

    fn cloak(
        &self,
        cloaking: Cloaking,
        output: &Path,
        evaluated: &Evaluated,
        meter: &mut Meter<'_>,
    ) -> Result<Vec<Cloaked>> {
        let mut workshop = Workshop::new(self.ensemble, cloaking, self.seed, output)?;
        let units = if cloaking == Cloaking::NONE { 0. } else { CLOAK };
        let stage = format!("cloaking: {}", cloaking.name());
        for original in &evaluated.originals {
            workshop.look(&original.path, &original.face)?;
        }
        let one = |original: &Original| {
            let person = &evaluated.results.data.people[original.person];
            let cloaked = workshop.cloaked(person, &original.path, &original.face)?;
            meter.add(units, &stage)?;
            Ok(cloaked)
        };
        evaluated.originals.iter().map(one).collect()
    }
}

/// Whether a judge's own gradients made the cloaks.
pub fn is_white_box(ensemble: &Ensemble, judge: &Recogniser) -> bool {
    ensemble.surrogates.iter().any(|s| s.entry.sha256 == judge.entry.sha256)
}

/// The same, of the networks of results.
pub(super) fn is_white_box_name(results: &Results, judge: &str) -> bool {
    results.rows.iter().any(|row| row.judge == judge && row.white_box)
}
