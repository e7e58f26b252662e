//! The program `guildhall`. Everything else is in the library beside it, so that tests can use it.

use std::process::ExitCode;

/// Faster than the system's, and frugal: about 24 MB under load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    guildhall::cli::main()
}
