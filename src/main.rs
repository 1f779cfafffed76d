//! The command line of visard.

mod cli;

#[expect(unsafe_code, reason = "settings of the whole process")]
fn main() -> std::process::ExitCode {
    // SAFETY: no other thread exists yet.
    unsafe {
        visard::network::keep_candle_on_one_thread();
        visard::network::keep_memory();
    }
    cli::main()
}
