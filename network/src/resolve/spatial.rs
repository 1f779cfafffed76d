//! Convolution, and the geometry of windows.

use candle_core::Tensor;

use super::super::Result;
use super::super::graph::{Attribute, Node};
use super::super::plan::{Conv, Op, Unary, Window};
use super::builder::{Builder, Value, check_size, known, required, weight};

/// Largest kernel, stride, padding or dilation.
const MAX_EXTENT: i64 = 1 << 12;

pub(super) fn conv(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"])?;
    let kernel = weight(node, inputs, 1)?;
    let bias = known(node, inputs, 2)?;
    on_pictures(b, node, required(node, inputs, 0)?, |b, node, x| {
        let kernel = if kernel.rank() == 3 { kernel.unsqueeze(2)? } else { kernel };
        convolve(b, node, x, (&kernel, bias))
    })
}

/// ONNX Runtime's convolution with an activation behind it.
pub(super) fn fused_conv(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    if inputs.len() > 3 {
        return Err(node.unsupported("a summand"));
    }
    let mut plain = node.clone();
    let activation = node.text("activation", "")?;
    let numbers = match plain.attributes.remove("activation_params") {
        Some(Attribute::Floats(numbers)) => numbers,
        _ => vec![],
    };
    plain.attributes.remove("activation");
    let result = conv(b, &plain, inputs)?;
    let function = match (activation.as_str(), numbers.as_slice()) {
        ("Relu", _) => Unary::Relu,
        ("Sigmoid", _) => Unary::Sigmoid,
        ("Tanh", _) => Unary::Tanh,
        ("LeakyRelu", &[slope]) => Unary::LeakyRelu { slope },
        ("Clip", &[low, high]) => Unary::Clip { low, high },
        (other, _) => return Err(node.unsupported(format!("activation {other:?}"))),
    };
    b.unary(node, function, &result)
}

/// Works on pictures; a line is a picture of one row.
pub(super) fn on_pictures(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    work: impl FnOnce(&mut Builder, &Node, &Value) -> Result<Value>,
) -> Result<Value> {
    let &[batch, channels, length] = b.shape(x).as_slice() else { return work(b, node, x) };
    let row = b.reshape(node, x, vec![batch, channels, 1, length])?;
    let mut wide = node.clone();
    for (name, value) in &mut wide.attributes {
        if let Attribute::Ints(list) = value {
            match (name.as_str(), list.as_slice()) {
                ("pads", &[before, after]) => *list = vec![0, before, 0, after],
                ("output_padding", &[padding]) => *list = vec![0, padding],
                (_, &[size]) => *list = vec![1, size],
                _ => return Err(node.invalid(format!("{name} is {list:?} for a line"))),
            }
        }
    }
    let result = work(b, &wide, &row)?;
    let mut shape = b.shape(&result);
    shape.remove(2);
    b.reshape(node, &result, shape)
}

/// A convolution of pictures with a known kernel.
pub(super) fn convolve(
    b: &mut Builder,
    node: &Node,
    x: &Value,
    (kernel, bias): (&Tensor, Option<Tensor>),
) -> Result<Value> {
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
    let bias = match bias {
        Some(bias) if bias.dims() == [out] => Some(b.tensor(node, &bias)?),
        None => None,
        Some(bias) => return Err(node.invalid(format!("bias {:?} for {out} channels", bias.dims()))),
    };
    let conv = Conv { weight: b.tensor(node, kernel)?, bias, groups, window };
    let x = b.operand(node, x)?;
    b.emit(node, Op::Conv(conv), vec![x], vec![batch, out, out_height, out_width])
}

pub(super) fn picture(b: &Builder, node: &Node, value: &Value) -> Result<[usize; 4]> {
    let shape = b.shape(value);
    <[usize; 4]>::try_from(shape).map_err(|s| node.unsupported(format!("an operand of shape {s:?}")))
}

pub(super) fn window(node: &Node, size: [usize; 2], input: [usize; 2]) -> Result<Window> {
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

pub(super) fn pair(node: &Node, name: &str, default: Option<[usize; 2]>) -> Result<[usize; 2]> {
    match (node.ints(name)?.as_deref(), default) {
        (Some(&[rows, columns]), _) => Ok([extent(node, rows)?, extent(node, columns)?]),
        (None, Some(default)) => Ok(default),
        (given, _) => Err(node.invalid(format!("{name} is {given:?}, not two sizes"))),
    }
}

pub(super) fn extent(node: &Node, value: i64) -> Result<usize> {
    match usize::try_from(value) {
        Ok(size) if value <= MAX_EXTENT => Ok(size),
        _ => Err(node.unsupported(format!("an extent of {value}"))),
    }
}

/// Executors copy the input with its padding: that must not be too large either.
pub(super) fn check_padded(
    node: &Node,
    window: &Window,
    [batch, channels, height, width]: [usize; 4],
) -> Result<()> {
    let [above, left, below, right] = window.padding;
    check_size(node, &[batch, channels, height + above + below, width + left + right]).map(|_| ())
}

/// Executors list where each pixel of the result reads the input: that list must not be too large either.
pub(super) fn check_places(node: &Node, window: &Window, [batch, rows, columns]: [usize; 3]) -> Result<()> {
    let [down, across] = window.size;
    check_size(node, &[batch, rows, columns, down, across]).map(|_| ())
}

/// How far the padded input is longer than one window, or `None` where no window fits.
pub(super) fn slack(window: &Window, input: [usize; 2], axis: usize) -> Option<usize> {
    let padded = input[axis] + window.padding[axis] + window.padding[axis + 2];
    padded.checked_sub((window.size[axis] - 1) * window.dilation[axis] + 1)
}

pub(super) fn output_size(node: &Node, window: &Window, input: [usize; 2]) -> Result<[usize; 2]> {
    match (slack(window, input, 0), slack(window, input, 1)) {
        (Some(rows), Some(columns)) => Ok([rows / window.stride[0] + 1, columns / window.stride[1] + 1]),
        _ => Err(node.invalid(format!("a window of {:?} does not fit an input of {input:?}", window.size))),
    }
}
