//! ONNX tensors to candle tensors: every number becomes `f32`, `i64` or `u8` (truth values).

use candle_core::{Device, Tensor};

use super::limits::{MAX_CONSTANT, MAX_WEIGHTS};
use super::proto;
use crate::{Error, Result};

const FLOAT: i32 = 1;
const UINT8: i32 = 2;
const INT8: i32 = 3;
const UINT16: i32 = 4;
const INT16: i32 = 5;
const INT32: i32 = 6;
const INT64: i32 = 7;
const BOOL: i32 = 9;
const FLOAT16: i32 = 10;
const DOUBLE: i32 = 11;
const UINT32: i32 = 12;
const UINT64: i32 = 13;
const BFLOAT16: i32 = 16;
const UINT4: i32 = 21;
const INT4: i32 = 22;

/// The number type of a constant after import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// Any floating-point type, as `f32`.
    Real,
    /// Any integer type, as `i64`.
    Integer,
    /// Truth values, as `u8`.
    Truth,
}

/// What an ONNX element type becomes, or `None` where it has no counterpart.
pub(crate) fn number(data_type: i64) -> Option<Number> {
    match i32::try_from(data_type).ok()? {
        FLOAT | FLOAT16 | DOUBLE | BFLOAT16 => Some(Number::Real),
        UINT8 | INT8 | UINT16 | INT16 | INT32 | INT64 | UINT32 | UINT64 | UINT4 | INT4 => {
            Some(Number::Integer)
        }
        BOOL => Some(Number::Truth),
        _ => None,
    }
}

/// The least and the largest number of a type of small integers.
pub(crate) fn range(data_type: i64) -> Option<[f32; 2]> {
    match i32::try_from(data_type).ok()? {
        UINT4 => Some([0., 15.]),
        INT4 => Some([-8., 7.]),
        UINT8 => Some([0., 255.]),
        INT8 => Some([-128., 127.]),
        UINT16 => Some([0., 65_535.]),
        INT16 => Some([-32_768., 32_767.]),
        _ => None,
    }
}

/// The tensor of an initializer or of a `Constant` node.
pub(super) fn import(tensor: &proto::Tensor) -> Result<Tensor> {
    let malformed = |reason: &str| Error::Malformed(format!("tensor {:?}: {reason}", tensor.name));
    if tensor.data_location != 0 || !tensor.external_data.is_empty() {
        return Err(malformed("its data are in another file; put them in"));
    }
    let shape = shape_within(&tensor.dims, MAX_WEIGHTS)
        .ok_or_else(|| malformed("its sizes are negative or too large"))?;
    let count: usize = shape.iter().product();
    let tensor_of = match number(i64::from(tensor.data_type)) {
        Some(Number::Real) => {
            reals(tensor).filter(|v| v.len() == count).map(|v| Tensor::from_vec(v, shape, &Device::Cpu))
        }
        Some(Number::Integer) => integers(tensor, count)
            .filter(|v| v.len() == count)
            .map(|v| Tensor::from_vec(v, shape, &Device::Cpu)),
        Some(Number::Truth) => {
            truths(tensor).filter(|v| v.len() == count).map(|v| Tensor::from_vec(v, shape, &Device::Cpu))
        }
        None => return Err(malformed(&format!("element type {} is not supported", tensor.data_type))),
    };
    Ok(tensor_of.ok_or_else(|| malformed("its data do not fill its sizes"))??)
}

/// The sizes as numbers, if they are sane and name at most [`MAX_CONSTANT`] elements.
pub(crate) fn shape(dims: &[i64]) -> Option<Vec<usize>> {
    shape_within(dims, MAX_CONSTANT)
}

/// The sizes as numbers, if they are sane and name at most so many elements.
pub(crate) fn shape_within(dims: &[i64], most: usize) -> Option<Vec<usize>> {
    let shape: Vec<usize> = dims.iter().map(|&d| usize::try_from(d).ok()).collect::<Option<_>>()?;
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
    (count <= most && shape.len() <= 8).then_some(shape)
}

fn reals(tensor: &proto::Tensor) -> Option<Vec<f32>> {
    let raw = &tensor.raw_data;
    match tensor.data_type {
        FLOAT if raw.is_empty() => Some(tensor.float_data.clone()),
        FLOAT => elements(raw, f32::from_le_bytes),
        DOUBLE if raw.is_empty() => Some(tensor.double_data.iter().map(|&x| x as f32).collect()),
        DOUBLE => elements(raw, |b| f64::from_le_bytes(b) as f32),
        FLOAT16 if raw.is_empty() => halves(&tensor.int32_data, |bits| half::f16::from_bits(bits).to_f32()),
        FLOAT16 => elements(raw, |b| half::f16::from_le_bytes(b).to_f32()),
        BFLOAT16 if raw.is_empty() => halves(&tensor.int32_data, |bits| half::bf16::from_bits(bits).to_f32()),
        BFLOAT16 => elements(raw, |b| half::bf16::from_le_bytes(b).to_f32()),
        _ => None,
    }
}

fn integers(tensor: &proto::Tensor, count: usize) -> Option<Vec<i64>> {
    let raw = &tensor.raw_data;
    match tensor.data_type {
        UINT64 if raw.is_empty() => {
            tensor.uint64_data.iter().map(|&x| i64::try_from(x).ok()).collect::<Option<_>>()
        }
        UINT64 => elements(raw, u64::from_le_bytes)?.into_iter().map(|x| i64::try_from(x).ok()).collect(),
        UINT32 if raw.is_empty() => {
            tensor.uint64_data.iter().map(|&x| u32::try_from(x).ok().map(i64::from)).collect::<Option<_>>()
        }
        UINT32 => elements(raw, |b| i64::from(u32::from_le_bytes(b))),
        UINT4 | INT4 => nibbles(tensor, count),
        UINT8 | INT8 | UINT16 | INT16 if raw.is_empty() => {
            Some(tensor.int32_data.iter().map(|&x| i64::from(x)).collect())
        }
        UINT8 => Some(raw.iter().map(|&x| i64::from(x)).collect()),
        INT8 => elements(raw, |b| i64::from(i8::from_le_bytes(b))),
        UINT16 => elements(raw, |b| i64::from(u16::from_le_bytes(b))),
        INT16 => elements(raw, |b| i64::from(i16::from_le_bytes(b))),
        INT64 if raw.is_empty() => Some(tensor.int64_data.clone()),
        INT64 => elements(raw, i64::from_le_bytes),
        INT32 if raw.is_empty() => Some(tensor.int32_data.iter().map(|&x| i64::from(x)).collect()),
        INT32 => elements(raw, |b| i64::from(i32::from_le_bytes(b))),
        _ => None,
    }
}

/// Numbers of 4 bits, two in a byte, the first one below.
fn nibbles(tensor: &proto::Tensor, count: usize) -> Option<Vec<i64>> {
    let bytes: Vec<u8> = match tensor.raw_data.as_slice() {
        [] => tensor.int32_data.iter().map(|&x| (x & 0xff) as u8).collect(),
        raw => raw.to_vec(),
    };
    let signed = tensor.data_type == INT4;
    let number = |x: u8| if signed && x > 7 { i64::from(x) - 16 } else { i64::from(x) };
    let numbers: Vec<i64> =
        bytes.iter().flat_map(|&b| [number(b & 15), number(b >> 4)]).take(count).collect();
    (bytes.len() == count.div_ceil(2)).then_some(numbers)
}

fn truths(tensor: &proto::Tensor) -> Option<Vec<u8>> {
    if tensor.raw_data.is_empty() {
        return Some(tensor.int32_data.iter().map(|&x| u8::from(x != 0)).collect());
    }
    Some(tensor.raw_data.iter().map(|&x| u8::from(x != 0)).collect())
}

/// Half-precision numbers in the typed field: one 16-bit pattern in each `int32`.
fn halves(bits: &[i32], convert: impl Fn(u16) -> f32) -> Option<Vec<f32>> {
    bits.iter().map(|&b| u16::try_from(b).ok().map(&convert)).collect()
}

fn elements<const N: usize, T>(raw: &[u8], convert: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (chunks, rest) = raw.as_chunks::<N>();
    rest.is_empty().then(|| chunks.iter().map(|&chunk| convert(chunk)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(data_type: i32, dims: &[i64], raw: &[u8]) -> proto::Tensor {
        proto::Tensor {
            dims: dims.to_vec(),
            data_type,
            raw_data: raw.to_vec(),
            name: "w".into(),
            ..Default::default()
        }
    }

    #[test]
    fn half_precision_becomes_single() -> Result<()> {
        let raw = [half::f16::from_f32(1.5).to_le_bytes(), half::f16::from_f32(-0.25).to_le_bytes()].concat();
        assert_eq!(import(&tensor(FLOAT16, &[2], &raw))?.to_vec1::<f32>()?, [1.5, -0.25]);
        let typed = proto::Tensor {
            dims: vec![1],
            data_type: FLOAT16,
            int32_data: vec![0x3e00],
            ..Default::default()
        };
        assert_eq!(import(&typed)?.to_vec1::<f32>()?, [1.5]);
        Ok(())
    }

    #[test]
    fn sizes_that_the_data_do_not_fill_are_an_error() {
        let error = import(&tensor(FLOAT, &[3], &[0; 8])).unwrap_err().to_string();
        assert!(error.contains("\"w\"") && error.contains("do not fill"), "{error}");
        assert!(import(&tensor(FLOAT, &[2], &[0; 7])).is_err());
    }

    #[test]
    fn sizes_that_overflow_are_an_error() {
        for dims in [vec![-1], vec![i64::MAX, i64::MAX], vec![1 << 40], vec![1; 9]] {
            assert!(import(&tensor(FLOAT, &dims, &[])).is_err(), "{dims:?}");
        }
    }

    #[test]
    fn data_in_another_file_are_refused() {
        let external = proto::Tensor { data_location: 1, ..tensor(FLOAT, &[0], &[]) };
        assert!(import(&external).unwrap_err().to_string().contains("another file"));
    }
}
