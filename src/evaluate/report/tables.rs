//! The report's tables.

use super::super::condition::Condition;
use super::super::interval::Share;
use super::super::opposition::AdversaryRow;
use super::super::quality::Quality;
use super::super::results::Results;
use super::super::run::Evaluated;
use crate::html::escaped;

/// A column: its head, its scenario and its metric.
type Column = (&'static str, &'static str, &'static str);

const SEARCH: [Column; 9] = [
    ("a clean photo finds a cloaked one: rank 1", "clean-finds-cloaked", "rank-1"),
    ("rank 50", "clean-finds-cloaked", "rank-50"),
    ("a cloaked photo finds a clean one: rank 1", "cloaked-finds-clean", "rank-1"),
    ("rank 50", "cloaked-finds-clean", "rank-50"),
    ("cloaked finds cloaked: rank 1", "cloaked-finds-cloaked", "rank-1"),
    ("verified at FAR 1e-2", "verify-clean", "tar@far=1e-2"),
    ("at FAR 1e-3", "verify-clean", "tar@far=1e-3"),
    ("missed at FPIR 0.1", "clean-finds-cloaked", "fnir@fpir=0.1"),
    ("at FPIR 0.01", "clean-finds-cloaked", "fnir@fpir=0.01"),
];

const CLASSIFIERS: [Column; 6] = [
    ("nearest mean, no leak", "nearest-mean", "accuracy@leak=0"),
    ("10 % leaked", "nearest-mean", "accuracy@leak=0.1"),
    ("50 % leaked", "nearest-mean", "accuracy@leak=0.5"),
    ("linear probe, no leak", "linear-probe", "accuracy@leak=0"),
    ("10 % leaked", "linear-probe", "accuracy@leak=0.1"),
    ("50 % leaked", "linear-probe", "accuracy@leak=0.5"),
];

const VERIFY: [Column; 4] = [
    ("with a clean photo, FAR 1e-2", "verify-clean", "tar@far=1e-2"),
    ("FAR 1e-3", "verify-clean", "tar@far=1e-3"),
    ("with another cloaked photo, FAR 1e-2", "verify-cloaked", "tar@far=1e-2"),
    ("FAR 1e-3", "verify-cloaked", "tar@far=1e-3"),
];

/// The columns of the main table.
pub(super) fn main_columns(results: &Results) -> Vec<Column> {
    if results.protocol == super::super::protocol::Protocol::SearchV1 {
        SEARCH.to_vec()
    } else {
        VERIFY.to_vec()
    }
}

/// Methods against figures, as written, by one judge.
pub(super) fn main(results: &Results, judge: &str) -> String {
    by_method(results, judge, &main_columns(results))
}

/// Methods against classifiers; nothing where they were not trained.
pub(super) fn classifiers(results: &Results, judge: &str) -> Option<String> {
    let trained = results.rows.iter().any(|row| row.figure.scenario == CLASSIFIERS[0].1);
    trained.then(|| by_method(results, judge, &CLASSIFIERS))
}

fn by_method(results: &Results, judge: &str, columns: &[Column]) -> String {
    let heads: Vec<&str> = columns.iter().map(|c| c.0).collect();
    let rows = results.methods.iter().map(|method| {
        let cells = columns.iter().map(|&(_, scenario, metric)| {
            let row = results.find([&method.name, judge, scenario, metric], Condition::AsWritten);
            cell(row.map(|row| row.figure.share))
        });
        (method.name.clone(), cells.collect())
    });
    table("method", &heads, rows)
}

/// Conditions against methods: the first figure of the main table, by one judge.
pub(super) fn conditions(results: &Results, judge: &str) -> String {
    let heads: Vec<&str> = results.methods.iter().map(|m| m.name.as_str()).collect();
    let (_, scenario, metric) = main_columns(results)[0];
    let rows = Condition::ALL.iter().map(|&condition| {
        let cells = heads.iter().map(|method| {
            let row = results.find([method, judge, scenario, metric], condition);
            cell(row.map(|row| row.figure.share))
        });
        (condition.name(), cells.collect())
    });
    table("condition", &heads, rows)
}

/// Adversaries against figures by judges, for one method; nothing where there is none.
pub(super) fn adversaries(results: &Results, method: &str) -> Option<String> {
    let rows: Vec<&AdversaryRow> = results.adversaries.iter().filter(|row| row.method == method).collect();
    let column = |row: &AdversaryRow| match &row.judge {
        Some(judge) => format!("{judge}: {}", row.metric),
        None => row.metric.clone(),
    };
    let (mut names, mut heads): (Vec<&str>, Vec<String>) = (vec![], vec![]);
    for row in &rows {
        if !names.contains(&row.adversary.as_str()) {
            names.push(&row.adversary);
        }
        if !heads.contains(&column(row)) {
            heads.push(column(row));
        }
    }
    let lines = names.iter().map(|name| {
        let shown = |head: &String| {
            let row = rows.iter().find(|row| row.adversary == *name && column(row) == *head);
            row.map_or(String::new(), |row| match row.interval {
                Some([low, high]) => cell(Some(Share { value: row.value, low, high, trials: 0 })),
                None => format!("<b>{:.1}</b>", 100. * row.value),
            })
        };
        ((*name).to_string(), heads.iter().map(shown).collect())
    });
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    (!rows.is_empty()).then(|| table("adversary", &heads, lines))
}

/// What can be seen of each method, and what it costs.
pub(super) fn quality(evaluated: &Evaluated) -> String {
    let heads = [
        "face DSSIM",
        "face PSNR",
        "face SSIMULACRA 2",
        "lowest",
        "face Butteraugli",
        "largest",
        "face mean colour difference",
        "largest change",
        "photo DSSIM",
        "photo PSNR",
        "photo SSIMULACRA 2",
        "steps",
        "seconds",
    ];
    let rows = evaluated.results.methods.iter().zip(&evaluated.cloaked).map(|(method, photos)| {
        let seconds = photos.iter().map(|p| p.report.seconds).sum::<f64>() / photos.len().max(1) as f64;
        let of = |quality: &Option<Quality>, number: fn(&Quality) -> Option<f32>, digits: usize| {
            shown(quality.as_ref().and_then(number), digits)
        };
        let (face, photo) = (&method.face, &method.photo);
        let cells = vec![
            of(face, |q| Some(q.dssim), 4),
            of(face, |q| q.psnr, 1),
            of(face, |q| q.ssimulacra2, 1),
            shown(method.worst_face.map(|worst| worst.ssimulacra2), 1),
            of(face, |q| q.butteraugli, 1),
            shown(method.worst_face.map(|worst| worst.butteraugli), 1),
            of(face, |q| Some(q.colour_mean), 2),
            of(face, |q| Some(q.largest_change), 0),
            of(photo, |q| Some(q.dssim), 4),
            of(photo, |q| q.psnr, 1),
            of(photo, |q| q.ssimulacra2, 1),
            format!("{:.0}", method.steps),
            format!("{seconds:.1}"),
        ];
        (method.name.clone(), cells)
    });
    table("method", &heads, rows)
}

/// A number; one that is nearly zero is shown as 0, not as -0.
fn shown(number: Option<f32>, digits: usize) -> String {
    number.map_or("–".into(), |v| format!("{:.digits$}", (v * 1e5).round() / 1e5 + 0.))
}

/// A share in percent over its interval.
fn cell(share: Option<Share>) -> String {
    share.map_or("–".into(), |s| {
        let [value, low, high] = [s.value, s.low, s.high].map(|v| 100. * v);
        format!("<b>{value:.1}</b><small>{low:.1}–{high:.1}</small>")
    })
}

/// A table whose cells are HTML and whose heads are text.
pub(super) fn table(
    corner: &str,
    heads: &[&str],
    rows: impl Iterator<Item = (String, Vec<String>)>,
) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=col>{}</th>", escaped(head))).collect();
    let row = |(name, cells): (String, Vec<String>)| {
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr><th scope=row>{}</th>{cells}</tr>\n", escaped(&name))
    };
    let rows: String = rows.map(row).collect();
    format!(
        "<div class=wide><table><thead><tr><th scope=col>{}</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        escaped(corner)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_shown_in_percent_with_its_interval() {
        let share = Share { value: 0.125, low: 0.1, high: 0.2, trials: 8 };
        assert_eq!(cell(Some(share)), "<b>12.5</b><small>10.0–20.0</small>");
        assert_eq!(cell(None), "–");
    }
}
