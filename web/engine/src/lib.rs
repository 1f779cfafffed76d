//! visard for browsers: networks and photos come as bytes, reports go as JSON.

use std::ops::ControlFlow;

use js_sys::{Function, Uint8Array};
use visard::Visard;
use visard::photo::{EncodeOptions, Limits, OutputFormat, decode, encode};
use visard::pipeline::{People, Progress, Settings, protect};
use wasm_bindgen::prelude::*;
use web_sys::BroadcastChannel;

#[cfg(all(target_arch = "wasm32", feature = "threads"))]
pub use wasm_bindgen_rayon::init_thread_pool;

/// The networks of a visit, and the people in the photos that it protected.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    visard: Visard,
    people: People,
}

/// A photo that was worked on.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Outcome {
    /// The finished file, if there is one.
    pub file: Option<Vec<u8>>,
    /// The report of the photo, as `docs/report.md` describes it.
    pub report: String,
}

/// How many threads compute.
#[wasm_bindgen]
#[must_use]
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// A photo as a JPEG to look at, with a longer side of at most so many pixels: for formats that a browser does not show.
///
/// # Errors
/// Where the bytes are no photo.
#[wasm_bindgen]
pub fn picture(photo: &[u8], longest: u32) -> Result<Vec<u8>, JsError> {
    let options = EncodeOptions { format: OutputFormat::Jpeg, ..EncodeOptions::default() };
    Ok(encode(&decode(photo, &Limits::default())?.reduced(longest), &options)?.bytes)
}

#[wasm_bindgen]
impl Engine {
    /// Opens networks: ONNX files that visard's catalogue knows. A thread that breaks off says so in the broadcast channel of
    /// a name, since those who wait for it cannot know.
    ///
    /// # Errors
    /// Where one is damaged, or one that is needed is missing.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "lists come from JavaScript by value")]
    pub fn new(networks: Vec<Uint8Array>, channel: String) -> Result<Self, JsError> {
        std::panic::set_hook(Box::new(move |panic| {
            if let Ok(channel) = BroadcastChannel::new(&channel) {
                channel.post_message(&panic.to_string().into()).ok();
            }
        }));
        let files = networks.iter().map(Uint8Array::to_vec);
        let visard = files.fold(Visard::builder(), |builder, file| builder.file(file)).open()?;
        Ok(Self { visard, people: People::default() })
    }

    /// Protects a photo. `hook` is told the share of the work that is done.
    ///
    /// # Errors
    /// Where the bytes are no photo, or the strength is unknown.
    pub fn protect(&mut self, photo: &[u8], strength: &str, hook: &Function) -> Result<Outcome, JsError> {
        let preset = serde_json::from_value(strength.into())?;
        let settings = Settings { preset, ..self.visard.settings().clone() };
        let mut report = |progress: Progress| {
            // What shows the progress may fail without harm to the photo.
            hook.call1(&JsValue::NULL, &progress.done.into()).ok();
            ControlFlow::Continue(())
        };
        let done = protect(photo, self.visard.ensemble(), &settings, &mut self.people, &mut report)?;
        Ok(Outcome { file: done.bytes().map(<[u8]>::to_vec), report: serde_json::to_string(&done.report)? })
    }
}
