//! The map inside a built-in network, through both executors.

use candle_core::{Device, Tensor, Var};
use visard::network::{Error, Executor, Network, Result};

/// Output and map of two pictures, and the gradient of their weighted sums.
fn features(executor: Executor) -> Result<[Vec<f32>; 3]> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/surrogates/visard-large-kernel.onnx");
    let bytes = std::fs::read(path).map_err(|e| Error::Usage(e.to_string()))?;
    let network = Network::from_onnx(&bytes, executor)?;
    let numbers: Vec<f32> = (0..2 * 3 * 112 * 112).map(|i| ((i * 7919) % 2003) as f32 / 1001. - 1.).collect();
    let input = Var::from_vec(numbers, (2, 3, 112, 112), &Device::Cpu)?;
    let features = network.features(&input)?;
    let map = features.map.ok_or(Error::Usage("no map".into()))?;
    assert_eq!(map.dims()[0], 2);
    let weighted = |x: &Tensor| -> Result<Tensor> {
        let weights = Tensor::from_iter((0..x.elem_count()).map(|i| (i % 7) as f32 - 2.), &Device::Cpu)?;
        Ok((x.flatten_all()? * weights)?.mean_all()?)
    };
    let slopes = (weighted(&features.output)? + weighted(&map)?)?.backward()?;
    let gradient = slopes.get(&input).ok_or(Error::Usage("no gradient".into()))?;
    let flat = |x: &Tensor| -> Result<Vec<f32>> { Ok(x.flatten_all()?.to_vec1()?) };
    Ok([flat(&features.output)?, flat(&map)?, flat(gradient)?])
}

#[test]
fn both_executors_show_the_same_map_and_the_same_gradient_through_it() -> Result<()> {
    let (engine, reference) = (features(Executor::Engine)?, features(Executor::Reference)?);
    assert!(engine[1].len() > 2 * 14 * 14, "{}", engine[1].len());
    for (a, b) in engine.iter().zip(&reference) {
        assert_eq!(a.len(), b.len());
        let most = b.iter().fold(0f32, |most, x| most.max(x.abs()));
        let worst = a.iter().zip(b).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(most > 0. && worst < 1e-3 * most, "{worst} of {most}");
    }
    Ok(())
}
