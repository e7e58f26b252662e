//! What only hours bring about (`make soak`): the server is killed at every write of every command that
//! moves money, connections are cut around COMMIT, the server and the database are killed at random under
//! load. After each the same request is made again under the same key, and the books are reckoned anew.
//!
//! | promise | how it is held |
//! |---|---|
//! | what was acknowledged exists exactly once | effects are counted in the database |
//! | what was refused does not exist | the same |
//! | what is unknown becomes definite on retry | the retry must end, and then be replayed to the letter |
//!
//! `soak kills cuts load database` names the parts; without a name all are done. `SOAK_SEED` (printed)
//! repeats the moments of the random ones, `SOAK_KILLS` says how many. The last thing it prints is the
//! report. Nothing here measures speed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests: a broken premise should stop them at once, and this one reports by itself"
)]

mod load;
mod points;
mod process;
mod proxy;
mod scenes;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// A line of the report.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) count: u32,
    pub(crate) unit: &'static str,
}

/// Random enough, and the same again for the same seed (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number")),
        Err(_) => otherwise,
    }
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    let (seed, kills) = (setting("SOAK_SEED", clock).max(1), setting("SOAK_KILLS", 10));
    println!("SOAK_SEED={seed} SOAK_KILLS={kills}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(async {
        let mut report = Vec::new();
        if is_wanted("kills") {
            report.extend(points::killed_at_every_write().await);
        }
        if is_wanted("cuts") {
            report.extend(points::cut_at_every_write().await);
        }
        let mut dice = Dice(seed);
        if is_wanted("load") {
            report.push(load::server_killed(&mut dice, kills).await);
        }
        if is_wanted("database") {
            report.push(load::database_killed(&mut dice, kills).await);
        }
        report
    });
    println!("\nsoak: everything acknowledged exists once, everything refused does not, the books balance");
    for Line { what, count, unit } in report {
        println!("  {what:<52} {count:>6} {unit}");
    }
    ExitCode::SUCCESS
}
