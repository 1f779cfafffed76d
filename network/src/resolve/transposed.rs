//! Transposed convolution: a convolution of the operand with zeros between its pixels.

use super::super::Result;
use super::super::graph::{Attribute, Node};
use super::super::plan::Taps;
use super::builder::{Builder, Value, known, required, weight};
use super::spatial::{convolve, extent, on_pictures, pair, picture};

pub(super) fn conv(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[
        "auto_pad",
        "dilations",
        "group",
        "kernel_shape",
        "output_padding",
        "output_shape",
        "pads",
        "strides",
    ])?;
    let kernel = weight(node, inputs, 1)?;
    let bias = known(node, inputs, 2)?;
    on_pictures(b, node, required(node, inputs, 0)?, |b, node, x| {
        let kernel = if kernel.rank() == 3 { kernel.unsqueeze(2)? } else { kernel };
        let [_, channels, height, width] = picture(b, node, x)?;
        let &[ins, per_group, rows, columns] = kernel.dims() else {
            return Err(node.unsupported("anything but two-dimensional convolution"));
        };
        let groups = extent(node, node.int("group", 1)?.max(0))?;
        if groups == 0 || ins != channels || channels % groups != 0 {
            return Err(
                node.invalid(format!("{channels} channels, kernel {:?}, {groups} groups", kernel.dims()))
            );
        }
        let dilation = pair(node, "dilations", Some([1, 1]))?;
        let mut spread = x.clone();
        for (axis, (length, size)) in [(height, rows), (width, columns)].into_iter().enumerate() {
            let reach = (size.max(1) - 1) * dilation[axis];
            let taps = spread_axis(node, axis, length, reach)?;
            spread = b.mix(node, &spread, axis + 2, taps)?;
        }
        // The kernel that sees from the other side: outputs first, and upside down.
        let kernel = kernel.reshape((groups, ins / groups, per_group, rows, columns))?.transpose(1, 2)?;
        let kernel = kernel.contiguous()?.reshape((groups * per_group, ins / groups, rows, columns))?;
        let kernel = kernel.flip(&[2, 3])?.contiguous()?;
        let mut plain = node.clone();
        plain.attributes.retain(|name, _| matches!(name.as_str(), "dilations" | "group"));
        plain.attributes.insert("kernel_shape".into(), Attribute::Ints(vec![rows as i64, columns as i64]));
        convolve(b, &plain, &spread, (&kernel, bias))
    })
}

/// Where the pixels come to lie along an axis, with zeros between and around them.
fn spread_axis(node: &Node, axis: usize, length: usize, reach: usize) -> Result<Taps> {
    let stride = pair(node, "strides", Some([1, 1]))?[axis];
    let more = pair(node, "output_padding", Some([0, 0]))?[axis];
    if stride == 0 || length == 0 {
        return Err(node.invalid("its stride is 0"));
    }
    let full = (length - 1) * stride + reach + 1 + more;
    let [before, after] = pads(node, axis, full, length * stride)?;
    // What is cut off the result is what is not padded here.
    let count = (full + reach) as i64 - before - after;
    let first = before - reach as i64;
    let place = |i: i64| {
        let at = usize::try_from(i + first).ok()?;
        (at.is_multiple_of(stride) && at / stride < length).then_some((at / stride, 1.))
    };
    if !(1..=1 << 16).contains(&count) {
        return Err(node.invalid(format!("a result of {count} rows or columns")));
    }
    Ok(Taps::of((0..count).map(place)))
}

/// What is cut off the full result before and after.
fn pads(node: &Node, axis: usize, full: usize, same: usize) -> Result<[i64; 2]> {
    let automatic = node.text("auto_pad", "NOTSET")?;
    let wanted = match (node.ints("output_shape")?, automatic.as_str()) {
        (Some(sizes), _) => sizes.iter().rev().nth(1 - axis).copied(),
        (None, "SAME_UPPER" | "SAME_LOWER") => Some(same as i64),
        _ => None,
    };
    if let Some(wanted) = wanted.filter(|wanted| (1..=1 << 16).contains(wanted)) {
        let total = full as i64 - wanted;
        let less = total.div_euclid(2);
        return Ok(if automatic == "SAME_UPPER" { [less, total - less] } else { [total - less, less] });
    }
    match (node.ints("pads")?.as_deref(), automatic.as_str()) {
        (None, _) | (_, "VALID") => Ok([0, 0]),
        (Some(&[above, left, below, right]), _)
            if [above, left, below, right].iter().all(|p| p.abs() < 1 << 12) =>
        {
            Ok([[above, below], [left, right]][axis])
        }
        (Some(other), _) => Err(node.invalid(format!("pads {other:?}"))),
    }
}
