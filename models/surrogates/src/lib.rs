//! The networks of visard whose gradients make cloaks, as the bytes of ONNX files; `README.md` says where they come from.

/// One file for each network. Two of them are asked at a time, in turn; neighbours count as much together as any others.
pub const FILES: [&[u8]; 4] = [
    include_bytes!("../visard-inverted.onnx"),
    include_bytes!("../visard-narrow.onnx"),
    include_bytes!("../visard-hybrid.onnx"),
    include_bytes!("../visard-large-kernel.onnx"),
];
