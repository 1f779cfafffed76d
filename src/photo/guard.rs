//! Decoders and encoders of others may panic, or come to no end: that is the failure of one photo, not of the run.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::Error;

thread_local! {
    /// Whether a panic of this thread is caught here, and its message is part of an error.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic in it becomes the error that `error` makes of its message, and nothing is
/// printed.
pub(super) fn guarded<T>(
    work: impl FnOnce() -> Result<T, Error>,
    error: impl FnOnce(String) -> Error,
) -> Result<T, Error> {
    silence();
    let before = CAUGHT.replace(true);
    // What `work` borrows is not looked at again after a panic: the photo is given up.
    let result = catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(before);
    result.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let line = message.lines().next().unwrap_or_default();
        Err(error(format!("its codec broke off with \"{line}\"")))
    })
}

/// Runs `work` on a thread of its own, and waits for so long. A thread that comes to no end cannot be stopped: it is left
/// alone and ends with the process, and the error that `error` makes of a message is returned.
///
/// `work` may not wait for a pool of threads that the caller is part of.
pub(super) fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    error: impl FnOnce(String) -> Error,
) -> Result<T, Error> {
    // A browser gives no thread for this; the page ends the whole engine where somebody does not want to wait.
    if cfg!(target_family = "wasm") {
        return work();
    }
    let (done, result) = channel();
    // Where nobody waits any more, nobody misses the result.
    let spawned =
        std::thread::Builder::new().name("visard-codec".into()).spawn(move || drop(done.send(work())));
    if let Err(reason) = spawned {
        return Err(error(format!("no thread can be had for its codec: {reason}")));
    }
    result.recv_timeout(patience).unwrap_or_else(|reason| {
        Err(error(match reason {
            RecvTimeoutError::Timeout => {
                format!("its codec came to no end within {} s", patience.as_secs_f32())
            }
            RecvTimeoutError::Disconnected => "its codec broke off".into(),
        }))
    })
}

/// Sees to it that panics which are caught here are not printed; all others are, as before.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |panic| {
            if !CAUGHT.get() {
                print(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Format;

    #[test]
    fn a_panic_becomes_an_error_of_this_photo() {
        let damaged = |message| Error::damaged(Format::Tiff, message);
        let result: Result<(), Error> = guarded(|| panic!("row {} is missing\nmore", 7), damaged);
        let message = result.unwrap_err().to_string();
        assert_eq!(message, "the TIFF file is damaged: its codec broke off with \"row 7 is missing\"");
        assert_eq!(guarded(|| Ok(3), damaged).unwrap(), 3);
    }

    #[test]
    fn a_codec_without_an_end_is_an_error_of_this_photo() {
        let damaged = |message| Error::damaged(Format::Tiff, message);
        let endless = || -> Result<(), Error> {
            loop {
                std::thread::park();
            }
        };
        let message = in_time(Duration::from_millis(20), endless, damaged).unwrap_err().to_string();
        assert_eq!(message, "the TIFF file is damaged: its codec came to no end within 0.02 s");
        assert_eq!(in_time(Duration::MAX, || Ok(3), damaged).unwrap(), 3);
        let error = in_time(Duration::MAX, || Err::<(), _>(Error::Empty), damaged).unwrap_err();
        assert!(matches!(error, Error::Empty), "{error}");
    }
}
