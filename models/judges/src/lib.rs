//! The networks of visard that find faces and check finished photos, as the bytes of ONNX files; `README.md` says where they come
//! from.

/// One file for each network.
pub const FILES: [&[u8]; 2] =
    [include_bytes!("../visard-detector.onnx"), include_bytes!("../visard-judge.onnx")];
