//! The command line of visard.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
