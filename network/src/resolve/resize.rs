//! Resizing: each axis is mixed on its own.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Op, Taps};
use super::builder::{self, Builder, Value, known, required};
use super::steps::reals;

/// How places of the result become places of the operand, and what is made of those near them.
struct Rule {
    coordinates: String,
    mode: String,
    rounding: String,
    /// The cubic kernel's parameter.
    a: f64,
    exclude_outside: bool,
    antialias: bool,
    /// First and last place of each axis, as shares of its length, where a part is cut out.
    region: Vec<[f64; 2]>,
}

/// One axis: length before and after, and how many times longer it becomes.
#[derive(Clone, Copy)]
struct Axis {
    from: usize,
    to: usize,
    scale: f64,
    index: usize,
}

pub(super) fn resize(b: &mut Builder, node: &Node, inputs: &[Option<Value>], opset: i64) -> Result<Value> {
    node.allow(&[
        "antialias",
        "axes",
        "coordinate_transformation_mode",
        "cubic_coeff_a",
        "exclude_outside",
        "extrapolation_value",
        "keep_aspect_ratio_policy",
        "mode",
        "nearest_mode",
        "scales",
        "height_scale",
        "width_scale",
    ])?;
    // Before opset 11 there was one rule.
    let old = node.op == "Upsample" || opset < 11;
    let rule = Rule {
        coordinates: node
            .text("coordinate_transformation_mode", if old { "asymmetric" } else { "half_pixel" })?,
        mode: node.text("mode", "nearest")?,
        rounding: node.text("nearest_mode", if old { "floor" } else { "round_prefer_floor" })?,
        a: f64::from(node.float("cubic_coeff_a", -0.75)?),
        exclude_outside: node.int("exclude_outside", 0)? != 0,
        antialias: node.int("antialias", 0)? != 0,
        region: region(node, inputs, b.shape(required(node, inputs, 0)?).len())?,
    };
    let mut x = required(node, inputs, 0)?.clone();
    let shape = b.shape(&x);
    let axes = axes(node, inputs, &shape, opset)?;
    if let Some(times) = whole_factors(&rule, &axes) {
        let [rows, columns] = times;
        let size = vec![shape[0], shape[1], shape[2].saturating_mul(rows), shape[3].saturating_mul(columns)];
        let x = b.operand(node, &x)?;
        return b.emit(node, Op::Upsample { rows, columns }, vec![x], size);
    }
    for (index, axis) in axes.into_iter().enumerate() {
        let whole = rule.coordinates != "tf_crop_and_resize"
            || rule.region[index].map(f64::to_bits) == [0f64, 1.].map(f64::to_bits);
        if axis.from != axis.to || (axis.scale - 1.).abs() > 1e-6 || !whole {
            x = b.mix(node, &x, index, rule.taps(node, axis)?)?;
        }
    }
    Ok(x)
}

/// The factors of height and width, where every pixel is only repeated.
fn whole_factors(rule: &Rule, axes: &[Axis]) -> Option<[usize; 2]> {
    let plain = matches!(
        (rule.mode.as_str(), rule.coordinates.as_str(), rule.rounding.as_str()),
        ("nearest", "asymmetric", "floor") | ("nearest", "half_pixel", "round_prefer_floor")
    );
    let whole = |axis: &Axis| {
        (axis.scale.fract().abs() < 1e-6 && (1. ..=64.).contains(&axis.scale)).then_some(axis.scale as usize)
    };
    let factors: Vec<usize> = axes.iter().map(whole).collect::<Option<_>>()?;
    match factors.as_slice() {
        &[1, 1, rows, columns] if plain => Some([rows, columns]),
        _ => None,
    }
}

fn axes(node: &Node, inputs: &[Option<Value>], shape: &[usize], opset: i64) -> Result<Vec<Axis>> {
    let old = node.op == "Upsample" || opset < 11;
    let scales = known(node, inputs, if old { 1 } else { 2 })?.filter(|t| t.elem_count() > 0);
    let sizes = if old { None } else { known(node, inputs, 3)?.filter(|t| t.elem_count() > 0) };
    let named = node.ints("axes")?.unwrap_or_else(|| (0..shape.len() as i64).collect());
    let named = named.iter().map(|&a| builder::axis(node, a, shape.len())).collect::<Result<Vec<_>>>()?;
    let unchanged = |(index, &n): (usize, &usize)| Axis { from: n, to: n, scale: 1., index };
    let mut axes: Vec<Axis> = shape.iter().enumerate().map(unchanged).collect();
    let list = match (&scales, &sizes, node.attributes.get("scales")) {
        (Some(scales), _, _) => reals(scales)?,
        (None, Some(sizes), _) => reals(sizes)?,
        (None, None, Some(super::super::graph::Attribute::Floats(scales))) => scales.clone(),
        _ => return Err(node.invalid("it needs scales or sizes")),
    };
    if list.len() != named.len() || list.iter().any(|&n| !(n > 0. && n < 1e6)) {
        return Err(node.invalid(format!("scales or sizes {list:?} for {} axes", named.len())));
    }
    let policy = node.text("keep_aspect_ratio_policy", "stretch")?;
    let ratios = named.iter().zip(&list).map(|(&axis, &n)| f64::from(n) / shape[axis] as f64);
    let common = match policy.as_str() {
        "not_larger" => Some(ratios.fold(f64::INFINITY, f64::min)),
        "not_smaller" => Some(ratios.fold(0., f64::max)),
        _ => None,
    };
    for (axis, number) in named.into_iter().zip(list) {
        let (from, number, index) = (shape[axis], f64::from(number), axis);
        axes[axis] = match (scales.is_none() && sizes.is_some(), common) {
            (true, Some(scale)) => {
                Axis { from, to: (scale * from as f64 + 0.5).floor() as usize, scale, index }
            }
            (true, None) => Axis { from, to: number as usize, scale: number / from as f64, index },
            (false, _) => Axis { from, to: (number * from as f64).floor() as usize, scale: number, index },
        };
    }
    match axes.iter().find(|axis| axis.to == 0 || axis.to > 1 << 15) {
        Some(axis) => {
            Err(node.invalid(format!("its result of {} rows or columns is empty or too large", axis.to)))
        }
        None => Ok(axes),
    }
}

/// The part that is cut out, of each axis from the first to the last place.
fn region(node: &Node, inputs: &[Option<Value>], rank: usize) -> Result<Vec<[f64; 2]>> {
    let mut region = vec![[0., 1.]; rank];
    if node.text("coordinate_transformation_mode", "")? != "tf_crop_and_resize" {
        return Ok(region);
    }
    let places = known(node, inputs, 1)?.map_or(Ok(vec![]), |t| reals(&t))?;
    let axes = node.ints("axes")?.unwrap_or_else(|| (0..rank as i64).collect());
    if places.len() != 2 * axes.len() {
        return Err(node.invalid(format!("a region of {} numbers for {} axes", places.len(), axes.len())));
    }
    for (i, &axis) in axes.iter().enumerate() {
        region[builder::axis(node, axis, rank)?] = [f64::from(places[i]), f64::from(places[axes.len() + i])];
    }
    // Outside of the operand there is one value, which is only known to be mixed with others where it is 0.
    if node.float("extrapolation_value", 0.)? != 0. {
        return Err(node.unsupported("a value outside of the operand other than 0"));
    }
    Ok(region)
}

impl Rule {
    fn taps(&self, node: &Node, axis: Axis) -> Result<Taps> {
        let places = (0..axis.to).map(|i| self.place(node, axis, i as f64)).collect::<Result<Vec<_>>>()?;
        let last = axis.from as f64 - 1.;
        let cut = self.coordinates == "tf_crop_and_resize";
        let inside = |place: f64| !cut || (0. ..=last).contains(&place);
        if self.mode == "nearest" && !cut {
            let nearest = places.into_iter().map(|place| self.nearest(node, place));
            let picks =
                nearest.map(|place| Ok(place?.clamp(0., last) as usize)).collect::<Result<Vec<_>>>()?;
            return Ok(Taps::picks(picks));
        }
        if !matches!(self.mode.as_str(), "linear" | "cubic") {
            return Err(node.unsupported(format!("mode {:?}", self.mode)));
        }
        let mixed = |place: f64| if inside(place) { self.mixed(axis, place) } else { vec![] };
        Ok(Taps::of(places.into_iter().map(mixed)))
    }

    /// Where in the operand an element of the result lies.
    fn place(&self, node: &Node, Axis { from, to, scale, index }: Axis, at: f64) -> Result<f64> {
        let (old, new) = (from as f64, scale * from as f64);
        Ok(match self.coordinates.as_str() {
            "half_pixel" => (at + 0.5) / scale - 0.5,
            "pytorch_half_pixel" if to > 1 => (at + 0.5) / scale - 0.5,
            "pytorch_half_pixel" => 0.,
            "asymmetric" => at / scale,
            "align_corners" if to > 1 => at * (old - 1.) / (new - 1.),
            "align_corners" => 0.,
            "tf_crop_and_resize" => {
                let [start, end] = self.region[index];
                let step = if to > 1 { (end - start) * (old - 1.) / (to as f64 - 1.) } else { 0. };
                let first = if to > 1 { start } else { (start + end) / 2. };
                first * (old - 1.) + at * step
            }
            "tf_half_pixel_for_nn" => (at + 0.5) / scale,
            "half_pixel_symmetric" => {
                let offset = old / 2. * (1. - to as f64 / new);
                offset + (at + 0.5) / scale - 0.5
            }
            other => return Err(node.unsupported(format!("coordinates {other:?}"))),
        })
    }

    fn nearest(&self, node: &Node, place: f64) -> Result<f64> {
        Ok(match self.rounding.as_str() {
            "round_prefer_floor" => (place - 0.5).ceil(),
            "round_prefer_ceil" => (place + 0.5).floor(),
            "floor" => place.floor(),
            "ceil" => place.ceil(),
            other => return Err(node.unsupported(format!("nearest_mode {other:?}"))),
        })
    }

    /// The elements near a place, with weights that add up to 1.
    fn mixed(&self, axis: Axis, place: f64) -> Vec<(usize, f32)> {
        let stretch = if self.antialias { axis.scale.min(1.) } else { 1. };
        let support = if self.mode == "linear" { 1. } else { 2. } / stretch;
        let range = (place - support).floor() as i64..=(place + support).ceil() as i64;
        let weight = |i: i64| self.kernel((i as f64 - place) * stretch);
        let inside = |i: i64| (0..axis.from as i64).contains(&i);
        let counts = |i: &i64| weight(*i) != 0. && (inside(*i) || !self.exclude_outside);
        let total: f64 = range.clone().filter(counts).map(weight).sum();
        let last = axis.from as i64 - 1;
        let taps = range.filter(counts).map(|i| (i.clamp(0, last) as usize, (weight(i) / total) as f32));
        taps.collect()
    }

    fn kernel(&self, distance: f64) -> f64 {
        let (x, a) = (distance.abs(), self.a);
        if self.mode == "linear" {
            (1. - x).max(0.)
        } else if x <= 1. {
            ((a + 2.) * x - (a + 3.)) * x * x + 1.
        } else if x < 2. {
            ((a * x - 5. * a) * x + 8. * a) * x - 4. * a
        } else {
            0.
        }
    }
}
