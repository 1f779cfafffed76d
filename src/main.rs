//! The command line of visard.

mod cli;

fn main() -> std::process::ExitCode {
    visard::network::keep_candle_on_one_thread();
    visard::network::keep_memory();
    cli::main()
}
