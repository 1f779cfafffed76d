//! Numbers in JSON, which knows neither infinities nor what is no number: they are written as null, and these read
//! them back.

use serde::{Deserialize as _, Deserializer, de::Error as _};

/// A number that is one: one too large for an `f32` is refused, since it could not be written again.
pub(crate) fn finite<'de, D: Deserializer<'de>>(json: D) -> Result<f32, D::Error> {
    let number = f32::deserialize(json)?;
    if number.is_finite() { Ok(number) } else { Err(D::Error::custom("a number is too large")) }
}

/// A number, or what is no number where there is null.
pub(crate) fn or_none<'de, D: Deserializer<'de>>(json: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(json)?.unwrap_or(f32::NAN))
}

/// A threshold, or the one that every face is above where there is null.
pub(crate) fn or_lowest<'de, D: Deserializer<'de>>(json: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(json)?.unwrap_or(f32::NEG_INFINITY))
}
