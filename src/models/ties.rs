//! What ties a judge to the surrogates of a run. The closer the tie, the less the judge's verdict says of other
//! networks: cloaks that fool the surrogate fool it too.

use serde::{Deserialize, Serialize};

use super::Entry;

/// What ties a judge to a surrogate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// The judge learned from the surrogate.
    Teacher,
    /// The surrogate learned from the judge.
    Student,
    /// Both learned from one network.
    SameTeacher,
    /// Both were trained on the same photos, but learned from different networks.
    SamePhotos,
}

/// That a judge is tied to surrogates of its run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The judge's name.
    pub judge: String,
    /// What ties it to them.
    pub tie: Tie,
    /// Names of the surrogates.
    pub surrogates: Vec<String>,
    /// The same in one plain sentence, without a full stop.
    pub text: String,
}

const ALL: [Tie; 4] = [Tie::Teacher, Tie::Student, Tie::SameTeacher, Tie::SamePhotos];

impl Tie {
    /// What ties a judge to a surrogate most closely, if anything does that is known.
    pub fn between(judge: &Entry, surrogate: &Entry) -> Option<Self> {
        let learned_from = |a: &Entry, b: &Entry| a.teacher.as_ref() == Some(&b.name);
        if learned_from(judge, surrogate) {
            Some(Self::Teacher)
        } else if learned_from(surrogate, judge) {
            Some(Self::Student)
        } else if judge.teacher.is_some() && judge.teacher == surrogate.teacher {
            Some(Self::SameTeacher)
        } else {
            (!same_photos(judge, surrogate).is_empty()).then_some(Self::SamePhotos)
        }
    }

    /// Whether a surrogate is closely tied to every one of the judges, so that no independent one is left for its cloaks.
    pub fn leaves_no_judge(surrogate: &Entry, judges: &[&Entry]) -> bool {
        let close = |judge: &&Entry| Self::between(judge, surrogate).is_some_and(Self::is_close);
        !judges.is_empty() && judges.iter().all(close)
    }

    /// Whether one learned from the other, or both from a third: then much of what fools one fools the other.
    pub fn is_close(self) -> bool {
        self != Self::SamePhotos
    }
}

/// Where the judges of a run are tied to its surrogates; empty where all are apart as far as the catalogue says.
pub fn warnings(judges: &[&Entry], surrogates: &[&Entry]) -> Vec<Warning> {
    let of_judge =
        |judge: &&Entry| ALL.into_iter().filter_map(|tie| warning(judge, tie, surrogates)).collect();
    judges.iter().flat_map(|judge| -> Vec<Warning> { of_judge(judge) }).collect()
}

fn warning(judge: &Entry, tie: Tie, surrogates: &[&Entry]) -> Option<Warning> {
    let tied: Vec<&Entry> =
        surrogates.iter().copied().filter(|surrogate| Tie::between(judge, surrogate) == Some(tie)).collect();
    let names: Vec<String> = tied.iter().map(|entry| entry.name.clone()).collect();
    let (judge_name, all) = (&judge.name, names.join(", "));
    let text = match tie {
        Tie::Teacher => {
            format!("{judge_name} learned from {all}, which makes the cloaks: it is fooled too easily")
        }
        Tie::Student => {
            format!("what makes the cloaks ({all}) learned from {judge_name}: it is fooled too easily")
        }
        Tie::SameTeacher => {
            let teacher = judge.teacher.as_deref().unwrap_or_default();
            format!(
                "{judge_name} learned from {teacher}, as did what makes the cloaks ({all}): it is fooled too easily"
            )
        }
        Tie::SamePhotos => format!(
            "{judge_name} was trained on some of the photos ({}) that {all} saw too: one of other photos would say more",
            photos(judge, &tied)
        ),
    };
    (!tied.is_empty()).then(|| Warning { judge: judge_name.clone(), tie, surrogates: names, text })
}

/// The collections that a judge shares with any of the surrogates.
fn photos(judge: &Entry, tied: &[&Entry]) -> String {
    let shared =
        judge.training_data.iter().filter(|data| tied.iter().any(|e| e.training_data.contains(data)));
    shared.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn same_photos<'e>(a: &'e Entry, b: &Entry) -> Vec<&'e String> {
    a.training_data.iter().filter(|data| b.training_data.contains(data)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(name: &str, teacher: Option<&str>, data: &[&str]) -> Entry {
        let mut entry = Entry::built_in().unwrap().remove(0);
        entry.name = name.into();
        entry.teacher = teacher.map(String::from);
        entry.training_data = data.iter().map(|&data| data.into()).collect();
        entry
    }

    #[test]
    fn the_closest_tie_counts() {
        let judge = network("judge", Some("master"), &["a", "b"]);
        for (surrogate, tie) in [
            (network("master", None, &["a"]), Some(Tie::Teacher)),
            (network("pupil", Some("judge"), &["a"]), Some(Tie::Student)),
            (network("sister", Some("master"), &["a"]), Some(Tie::SameTeacher)),
            (network("neighbour", Some("other"), &["c", "b"]), Some(Tie::SamePhotos)),
            (network("stranger", Some("other"), &["c"]), None),
            (network("unknown", None, &[]), None),
        ] {
            assert_eq!(Tie::between(&judge, &surrogate), tie, "{}", surrogate.name);
        }
        let alone = network("alone", None, &[]);
        let master = network("master", None, &[]);
        assert!(Tie::leaves_no_judge(&master, &[&judge]));
        assert!(!Tie::leaves_no_judge(&master, &[&judge, &alone]) && !Tie::leaves_no_judge(&master, &[]));
        assert_eq!(
            Tie::between(&alone, &network("other", None, &[])),
            None,
            "no teacher is no common teacher"
        );
    }

    #[test]
    fn all_that_a_judge_is_tied_to_in_one_way_is_said_in_one_sentence() {
        let judge = network("judge", Some("master"), &["LFW", "more"]);
        let (a, b) = (network("a", None, &["LFW"]), network("b", None, &["x", "LFW"]));
        let found =
            warnings(&[&judge], &[&a, &network("master", None, &[]), &b, &network("c", None, &["x"])]);
        let said: Vec<_> = found.iter().map(|w| (w.tie, w.surrogates.join("+"))).collect();
        assert_eq!(said, [(Tie::Teacher, "master".into()), (Tie::SamePhotos, "a+b".into())]);
        assert!(found[0].text.starts_with("judge learned from master, "), "{}", found[0].text);
        assert!(found[1].text.contains("photos (LFW) that a, b saw too"), "{}", found[1].text);
        assert_eq!(warnings(&[&judge], &[&network("c", None, &["x"])]), []);
    }

    #[test]
    fn the_built_in_judge_shares_photos_but_no_teacher_with_the_built_in_surrogates() {
        let entries = Entry::built_in().unwrap();
        let of = |names: &[&str]| -> Vec<&Entry> {
            names.iter().map(|name| entries.iter().find(|e| e.name == *name).unwrap()).collect()
        };
        let judge = of(&["visard-judge"]);
        let ours = ["visard-inverted", "visard-narrow", "visard-hybrid", "visard-large-kernel"];
        let found = warnings(&judge, &of(&ours));
        assert_eq!(found.iter().map(|w| w.tie).collect::<Vec<_>>(), [Tie::SamePhotos]);
        assert_eq!(found[0].surrogates, ours);
        assert_eq!(warnings(&judge, &of(&["foamliu-mobilefacenet"])), []);
        assert_eq!(warnings(&judge, &of(&["ghostfacenet-05"]))[0].tie, Tie::Teacher);
        assert_eq!(warnings(&of(&["foamliu-mobilefacenet"]), &of(&ours))[0].surrogates, ["visard-hybrid"]);
    }
}
