//! The networks of visard whose gradients make cloaks, as the bytes of ONNX files; `README.md` says where they come from.

/// One file for each network.
pub const FILES: [&[u8]; 3] = [
    include_bytes!("../visard-inverted.onnx"),
    include_bytes!("../visard-narrow.onnx"),
    include_bytes!("../visard-large-kernel.onnx"),
];
