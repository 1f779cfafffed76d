//! Curves of protection against visibility, drawn as SVG.

use super::super::baselines::Method;
use super::super::condition::Condition;
use super::super::results::Results;
use super::tables;
use crate::html::escaped;

const WIDTH: f64 = 640.;
const HEIGHT: f64 = 320.;
const LEFT: f64 = 52.;
const RIGHT: f64 = 150.;
const TOP: f64 = 16.;
const BOTTOM: f64 = 44.;
/// Least distance of two names in pixels.
const LINE: f64 = 15.;

/// SSIMULACRA 2 without a change.
const BEST: f64 = 100.;

/// A method at its visibilities.
struct Curve {
    name: &'static str,
    /// Mean SSIMULACRA 2 of the face and share, the least visible first.
    points: Vec<(f64, f64)>,
}

/// The first figure of the main table against the mean SSIMULACRA 2 of the face, as written, by one judge.
pub(super) fn curves(results: &Results, judge: &str) -> String {
    let curves = collect(results, judge);
    let lowest = curves.iter().flat_map(|c| &c.points).map(|p| p.0).fold(80., f64::min) - 2.;
    let x = |score: f64| LEFT + (BEST - score) / (BEST - lowest) * (WIDTH - LEFT - RIGHT);
    let y = |share: f64| TOP + (1. - share) * (HEIGHT - TOP - BOTTOM);
    let title = escaped(tables::main_columns(results)[0].0);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=img aria-label=\"{title} against SSIMULACRA 2\">\n"
    );
    for percent in [0, 25, 50, 75, 100] {
        let at = y(f64::from(percent) / 100.);
        svg += &format!(
            "<line class=grid x1={LEFT} x2={:.1} y1={at:.1} y2={at:.1} /><text class=end x={} y={:.1}>{percent} %</text>\n",
            WIDTH - RIGHT,
            LEFT - 6.,
            at + 4.
        );
    }
    let step = [5., 10., 20.].into_iter().find(|step| (BEST - lowest) / step < 7.).unwrap_or(50.);
    for tick in 0..=((BEST - lowest) / step) as usize {
        let score = BEST - tick as f64 * step;
        svg += &format!("<text class=middle x={:.1} y={}>{score}</text>\n", x(score), HEIGHT - BOTTOM + 18.);
    }
    svg += &format!(
        "<text class=middle x={:.1} y={}>mean SSIMULACRA 2 of the face</text>\n",
        (LEFT + WIDTH - RIGHT) / 2.,
        HEIGHT - 8.
    );
    let ends: Vec<f64> = curves.iter().map(|c| y(c.points.last().map_or(0., |p| p.1))).collect();
    for (i, (curve, label)) in curves.iter().zip(spread(&ends)).enumerate() {
        let points: Vec<String> =
            curve.points.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
        svg += &format!("<polyline class=\"line c{i}\" points=\"{}\" />\n", points.join(" "));
        for p in &curve.points {
            svg += &format!("<circle class=c{i} cx={:.1} cy={:.1} r=3.5 />\n", x(p.0), y(p.1));
        }
        let end = curve.points.last().map_or(0., |p| x(p.0));
        svg += &format!(
            "<line class=\"lead c{i}\" x1={:.1} y1={:.1} x2={:.1} y2={label:.1} /><text class=c{i} x={:.1} y={:.1}>{}</text>\n",
            end + 5.,
            ends[i],
            WIDTH - RIGHT + 12.,
            WIDTH - RIGHT + 16.,
            label + 4.,
            curve.name
        );
    }
    svg + "</svg>\n"
}

fn collect(results: &Results, judge: &str) -> Vec<Curve> {
    let (_, scenario, metric) = tables::main_columns(results)[0];
    let mut curves: Vec<Curve> = vec![];
    for method in &results.methods {
        let row = results.find([&method.name, judge, scenario, metric], Condition::AsWritten);
        let score = method.face.and_then(|face| face.ssimulacra2);
        let (Some(row), Some(score)) = (row, score) else { continue };
        let name = match method.cloaking.method {
            Method::Visard(_) => "visard",
            other => other.name(),
        };
        let point = (f64::from(score), row.figure.share.value);
        match curves.iter_mut().find(|c| c.name == name) {
            Some(curve) => curve.points.push(point),
            None => curves.push(Curve { name, points: vec![point] }),
        }
    }
    curves.iter_mut().for_each(|c| c.points.sort_by(|a, b| b.0.total_cmp(&a.0)));
    curves
}

/// Heights for names near their curves' ends that do not overlap.
fn spread(ends: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|&a, &b| ends[a].total_cmp(&ends[b]));
    let mut heights = ends.to_vec();
    let mut last = f64::NEG_INFINITY;
    for &i in &order {
        heights[i] = heights[i].max(last + LINE);
        last = heights[i];
    }
    let below = (last - (HEIGHT - BOTTOM)).max(0.);
    let mut next = f64::INFINITY;
    for &i in order.iter().rev() {
        if below > 0. {
            heights[i] = heights[i].min(HEIGHT - BOTTOM).min(next - LINE);
        }
        next = heights[i];
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_overlap_and_stay_in_the_picture() {
        let heights = spread(&[270., 268., 20., 269., 275.]);
        let mut sorted = heights.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 1e-9), "{heights:?}");
        assert!((heights[2] - 20.).abs() < 1e-9 && sorted[4] <= HEIGHT - BOTTOM, "{heights:?}");
    }
}
