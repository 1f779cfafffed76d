//! Convolution, pooling and resizing.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::{Conv, Op, Reduction, Shape, Window};
use super::builder::{Builder, Value, check_size, known, required, weight};

/// Largest kernel, stride, padding or dilation.
const MAX_EXTENT: i64 = 1 << 12;

pub(super) fn conv(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"])?;
    let x = required(node, inputs, 0)?;
    let kernel = weight(node, inputs, 1)?;
    let ([batch, channels, height, width], &[out, per_group, rows, columns]) =
        (picture(b, node, x)?, kernel.dims())
    else {
        return Err(node.unsupported("anything but two-dimensional convolution"));
    };
    let groups = extent(node, node.int("group", 1)?.max(0))?;
    if groups == 0 || per_group * groups != channels || out % groups != 0 || kernel.elem_count() == 0 {
        return Err(node.invalid(format!("{channels} channels, kernel {:?}, {groups} groups", kernel.dims())));
    }
    let window = window(node, [rows, columns], [height, width])?;
    check_padded(node, &window, [batch, channels, height, width])?;
    let [out_height, out_width] = output_size(node, &window, [height, width])?;
    check_places(node, &window, [batch, out_height, out_width])?;
    let bias = match known(node, inputs, 2)? {
        Some(bias) if bias.dims() == [out] => Some(b.tensor(node, &bias)?),
        None => None,
        Some(bias) => return Err(node.invalid(format!("bias {:?} for {out} channels", bias.dims()))),
    };
    let conv = Conv { weight: b.tensor(node, &kernel)?, bias, groups, window };
    let x = b.operand(node, x)?;
    b.emit(node, Op::Conv(conv), vec![x], vec![batch, out, out_height, out_width])
}

pub(super) fn max_pool(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"])?;
    let (window, shape) = pool(b, node, inputs)?;
    let x = b.operand(node, required(node, inputs, 0)?)?;
    b.emit(node, Op::MaxPool(window), vec![x], shape)
}

pub(super) fn average_pool(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[
        "auto_pad",
        "ceil_mode",
        "count_include_pad",
        "dilations",
        "kernel_shape",
        "pads",
        "strides",
    ])?;
    let (window, shape) = pool(b, node, inputs)?;
    let x = b.operand(node, required(node, inputs, 0)?)?;
    let count_padding = node.int("count_include_pad", 0)? != 0;
    b.emit(node, Op::AveragePool { window, count_padding }, vec![x], shape)
}

pub(super) fn global_average_pool(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&[])?;
    let x = required(node, inputs, 0)?;
    let [batch, channels, ..] = picture(b, node, x)?;
    let x = b.operand(node, x)?;
    b.emit(node, Op::Reduce { kind: Reduction::Mean, axes: vec![2, 3] }, vec![x], vec![batch, channels, 1, 1])
}

/// Nearest-neighbour enlargement by whole factors.
pub(super) fn resize(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["coordinate_transformation_mode", "cubic_coeff_a", "mode", "nearest_mode"])?;
    node.expect_text("mode", &["nearest"])?;
    let default_mode = if node.op == "Upsample" { "asymmetric" } else { "half_pixel" };
    let coordinates = node.text("coordinate_transformation_mode", default_mode)?;
    let rounding =
        node.text("nearest_mode", if node.op == "Upsample" { "floor" } else { "round_prefer_floor" })?;
    if !matches!(
        (coordinates.as_str(), rounding.as_str()),
        ("asymmetric", "floor") | ("half_pixel", "round_prefer_floor")
    ) {
        return Err(node.unsupported(format!("{coordinates} with {rounding}")));
    }
    let x = required(node, inputs, 0)?;
    let shape = picture(b, node, x)?;
    let [1, 1, rows, columns] = factors(node, inputs, shape)? else {
        return Err(node.unsupported("resizing the batch or the channels"));
    };
    let x = b.operand(node, x)?;
    let size = vec![shape[0], shape[1], shape[2].saturating_mul(rows), shape[3].saturating_mul(columns)];
    b.emit(node, Op::Upsample { rows, columns }, vec![x], size)
}

fn factors(node: &Node, inputs: &[Option<Value>], shape: [usize; 4]) -> Result<[usize; 4]> {
    let scales = known(node, inputs, if node.op == "Upsample" { 1 } else { 2 })?;
    let sizes = known(node, inputs, 3)?;
    let factors: Vec<f64> = match (scales, sizes) {
        (Some(scales), _) if scales.elem_count() == 4 => {
            scales.to_dtype(candle_core::DType::F64)?.flatten_all()?.to_vec1()?
        }
        (_, Some(sizes)) if sizes.elem_count() == 4 => {
            let sizes: Vec<f64> = sizes.to_dtype(candle_core::DType::F64)?.flatten_all()?.to_vec1()?;
            sizes.iter().zip(shape).map(|(size, old)| size / old as f64).collect()
        }
        _ => return Err(node.invalid("it needs four scales or sizes")),
    };
    let whole = |f: f64| (f.fract().abs() < 1e-6 && (1. ..=64.).contains(&f)).then_some(f as usize);
    let factors: Option<Vec<usize>> = factors.into_iter().map(whole).collect();
    factors
        .and_then(|f| f.try_into().ok())
        .ok_or_else(|| node.unsupported("resizing by anything but whole factors"))
}

fn pool(b: &Builder, node: &Node, inputs: &[Option<Value>]) -> Result<(Window, Shape)> {
    let [batch, channels, height, width] = picture(b, node, required(node, inputs, 0)?)?;
    let size = pair(node, "kernel_shape", None)?;
    let window = window(node, size, [height, width])?;
    check_padded(node, &window, [batch, channels, height, width])?;
    let [out_height, out_width] = output_size(node, &window, [height, width])?;
    check_places(node, &window, [batch, out_height, out_width])?;
    if node.int("ceil_mode", 0)? != 0 && !divides_evenly(&window, [height, width]) {
        return Err(node.unsupported("ceil_mode where it makes a difference"));
    }
    let padding_is_small = window.padding.iter().zip([0, 1, 0, 1]).all(|(&p, axis)| p < size[axis]);
    if !padding_is_small {
        return Err(node.invalid("padding as large as the window"));
    }
    Ok((window, vec![batch, channels, out_height, out_width]))
}

fn picture(b: &Builder, node: &Node, value: &Value) -> Result<[usize; 4]> {
    let shape = b.shape(value);
    <[usize; 4]>::try_from(shape).map_err(|s| node.unsupported(format!("an operand of shape {s:?}")))
}

fn window(node: &Node, size: [usize; 2], input: [usize; 2]) -> Result<Window> {
    let declared = pair(node, "kernel_shape", Some(size))?;
    let stride = pair(node, "strides", Some([1, 1]))?;
    let dilation = pair(node, "dilations", Some([1, 1]))?;
    if declared != size || size.contains(&0) || stride.contains(&0) || dilation.contains(&0) {
        return Err(node.invalid(format!("kernel {declared:?}, strides {stride:?}, dilations {dilation:?}")));
    }
    let padding = match (node.text("auto_pad", "NOTSET")?.as_str(), node.ints("pads")?) {
        ("NOTSET", None) | ("VALID", _) => [0; 4],
        ("NOTSET", Some(pads)) => {
            let pads: Vec<usize> = pads.iter().map(|&p| extent(node, p)).collect::<Result<_>>()?;
            <[usize; 4]>::try_from(pads).map_err(|p| node.invalid(format!("pads {p:?}")))?
        }
        (same @ ("SAME_UPPER" | "SAME_LOWER"), _) => {
            let total = |i: usize| {
                let needed = (input[i].div_ceil(stride[i]) - 1) * stride[i] + (size[i] - 1) * dilation[i] + 1;
                needed.saturating_sub(input[i])
            };
            let before = |total: usize| if same == "SAME_UPPER" { total / 2 } else { total.div_ceil(2) };
            let (v, h) = (total(0), total(1));
            [before(v), before(h), v - before(v), h - before(h)]
        }
        (other, _) => return Err(node.unsupported(format!("auto_pad = {other:?}"))),
    };
    match padding.iter().find(|&&p| p > MAX_EXTENT as usize) {
        Some(p) => Err(node.unsupported(format!("a padding of {p}"))),
        None => Ok(Window { size, stride, padding, dilation }),
    }
}

fn pair(node: &Node, name: &str, default: Option<[usize; 2]>) -> Result<[usize; 2]> {
    match (node.ints(name)?.as_deref(), default) {
        (Some(&[rows, columns]), _) => Ok([extent(node, rows)?, extent(node, columns)?]),
        (None, Some(default)) => Ok(default),
        (given, _) => Err(node.invalid(format!("{name} is {given:?}, not two sizes"))),
    }
}

fn extent(node: &Node, value: i64) -> Result<usize> {
    match usize::try_from(value) {
        Ok(size) if value <= MAX_EXTENT => Ok(size),
        _ => Err(node.unsupported(format!("an extent of {value}"))),
    }
}

/// Executors copy the input with its padding: that must not be too large either.
fn check_padded(node: &Node, window: &Window, [batch, channels, height, width]: [usize; 4]) -> Result<()> {
    let [above, left, below, right] = window.padding;
    check_size(node, &[batch, channels, height + above + below, width + left + right]).map(|_| ())
}

/// Executors list where each pixel of the result reads the input: that list must not be too large either.
fn check_places(node: &Node, window: &Window, [batch, rows, columns]: [usize; 3]) -> Result<()> {
    let [down, across] = window.size;
    check_size(node, &[batch, rows, columns, down, across]).map(|_| ())
}

/// How far the padded input is longer than one window, or `None` where no window fits.
fn slack(window: &Window, input: [usize; 2], axis: usize) -> Option<usize> {
    let padded = input[axis] + window.padding[axis] + window.padding[axis + 2];
    padded.checked_sub((window.size[axis] - 1) * window.dilation[axis] + 1)
}

fn output_size(node: &Node, window: &Window, input: [usize; 2]) -> Result<[usize; 2]> {
    match (slack(window, input, 0), slack(window, input, 1)) {
        (Some(rows), Some(columns)) => Ok([rows / window.stride[0] + 1, columns / window.stride[1] + 1]),
        _ => Err(node.invalid(format!("a window of {:?} does not fit an input of {input:?}", window.size))),
    }
}

fn divides_evenly(window: &Window, input: [usize; 2]) -> bool {
    (0..2).all(|axis| slack(window, input, axis).is_some_and(|s| s % window.stride[axis] == 0))
}
