//! What a file says of its input, and what it leaves open: found by trying the usual values on faces.

use super::{NewNetwork, Trial, trial};
use crate::embed::{Crop, Embedder, Input, Layout, Order};
use crate::models::{Error, Result, executor};
use crate::network::{Graph, Network};

/// What the user says of a network; the rest is guessed.
#[derive(Clone, Debug)]
pub struct Given {
    /// The crop.
    pub crop: Option<Crop>,
    /// Mean and standard deviation of the values.
    pub values: Option<([f32; 3], [f32; 3])>,
    /// The order of the channels.
    pub order: Option<Order>,
    /// Whether mirrored faces count too.
    pub mirror: bool,
    /// The output that is the embedding.
    pub output: Option<String>,
}

/// A crop and values, and what the trial says of them.
#[derive(Clone, Copy, Debug)]
pub struct Proposal {
    /// The crop.
    pub crop: Crop,
    /// The values.
    pub input: Input,
    /// Three faces with them.
    pub trial: Trial,
}

/// Means and standard deviations in use: -1 to 1 in two ways, as they are, 0 to 1, and those of ImageNet.
const VALUES: [([f32; 3], [f32; 3]); 5] = [
    ([127.5; 3], [127.5; 3]),
    ([127.5; 3], [128.; 3]),
    ([0.; 3], [1.; 3]),
    ([0.; 3], [255.; 3]),
    ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]),
];

/// The ways to feed a network that fit its file and what the user says, the best one first: that which tells two persons
/// apart most clearly.
///
/// # Errors
/// Where the network does not run, fits no crop, or has several outputs of which none is chosen.
pub fn proposals(new: &NewNetwork, given: &Given, graph: &Graph) -> Result<Vec<Proposal>> {
    let broken = |source| Error::Unfit { name: new.name.clone(), source };
    let graph = match &given.output {
        Some(output) => graph.clone().with_output(output).map_err(broken)?,
        None => graph.clone(),
    };
    let names: Vec<&str> = graph.outputs().collect();
    if names.len() > 1 {
        let names = names.join(", ");
        return Err(Error::Usage(format!(
            "the network has several outputs: choose one of {names} with --output"
        )));
    }
    let (crop, layout, orders) = fitting(&graph, given)?;
    let values = given.values.map_or(VALUES.to_vec(), |values| vec![values]);
    let input = |(mean, std), order| Input { mean, std, order, layout, mirror: given.mirror };
    let network = Network::of(graph, executor().map_err(broken)?);
    let mut embedder = Embedder::new(network, crop, input(values[0], orders[0]));
    let mut found = vec![];
    let mut failure = None;
    for &values in &values {
        for &order in &orders {
            let input = input(values, order);
            embedder = embedder.given(crop, input);
            match trial(&embedder, new.role) {
                Ok(trial) => found.push(Proposal { crop, input, trial }),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
    }
    found.sort_by(|a, b| b.trial.margin().total_cmp(&a.trial.margin()));
    match (found.is_empty(), failure) {
        (true, Some(source)) => Err(broken(source)),
        _ => Ok(found),
    }
}

/// Crop, layout and orders of channels that fit the input of the file.
fn fitting(graph: &Graph, given: &Given) -> Result<(Crop, Layout, Vec<Order>)> {
    let &[_, a, b, c] = graph.input_shape() else {
        let axes = graph.input_shape().len();
        return Err(Error::Usage(format!(
            "an embedder takes pictures, which have four axes; this one takes {axes}"
        )));
    };
    let last = matches!(c, Some(1 | 3)) && !matches!(a, Some(1 | 3));
    let (layout, channels, rows, columns) =
        if last { (Layout::Nhwc, c, a, b) } else { (Layout::Nchw, a, b, c) };
    let own = Crop::of_size([rows.unwrap_or(112), columns.unwrap_or(112)]);
    let crop = given.crop.unwrap_or(own);
    let fits = |own: Option<usize>, wanted: usize| own.is_none_or(|own| own == wanted);
    let [height, width] = crop.size();
    if !fits(rows, height) || !fits(columns, width) {
        let [rows, columns] = own.size();
        return Err(Error::Usage(format!(
            "the file fixes its input at {rows} x {columns}, and the crop has {height} x {width}: leave out --crop, or \
             say --crop {rows}x{columns}"
        )));
    }
    let orders = match (given.order, channels) {
        (Some(order), _) => vec![order],
        (None, Some(1)) => vec![Order::Grey],
        (None, _) => vec![Order::Rgb, Order::Bgr],
    };
    Ok((crop, layout, orders))
}
