//! The generator: `wrk`, with the requests in a file.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::CONNECTIONS;
use super::ask::Request;
use crate::process::Server;

/// Reads the requests, one a line, and asks with them in any order, or with each in turn.
const LUA: &str = r#"
local ready, count, at = {}, 0, 0
local in_turn = os.getenv("BENCH_IN_TURN") == "yes"
function init()
    math.randomseed(1)
    for line in io.lines(os.getenv("BENCH_REQUESTS")) do
        local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S+)\t(.*)$")
        local headers = { Authorization = "Bearer " .. token }
        if body == "" then body = nil else headers["Content-Type"] = "application/json" end
        count = count + 1
        ready[count] = wrk.format(method, path, headers, body)
    end
end
function request()
    if not in_turn then return ready[math.random(count)] end
    at = at + 1
    return ready[(at - 1) % count + 1]
end
function done(summary, latency)
    local e = summary.errors
    io.write(string.format('JSON{"requests":%d,"us":%d,"failures":%d,"p50":%.1f,"p99":%.1f}\n', summary.requests,
        summary.duration, e.status + e.connect + e.read + e.write + e.timeout, latency:percentile(50),
        latency:percentile(99)))
end
"#;

/// What came of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
    /// Answers that say that nothing was done, and requests without one.
    pub(crate) failures: u64,
    /// What the server's cores were busy for each 1,000 requests; 0 where the system does not tell.
    pub(crate) server_seconds: f64,
}

/// The script, and where it reads.
pub(crate) struct Script {
    lua: PathBuf,
    requests: PathBuf,
}

impl Script {
    pub(crate) fn new(folder: &Path) -> Self {
        let script = Self { lua: folder.join("ask.lua"), requests: folder.join("requests") };
        std::fs::write(&script.lua, LUA).unwrap();
        script
    }

    /// Asks with any of them, again and again.
    pub(crate) fn run(&self, server: &Server, requests: &[Request], seconds: u64) -> Measured {
        self.ask(server, requests, seconds, false)
    }

    /// Asks with one after the other.
    pub(crate) fn run_once_each(&self, server: &Server, requests: &[Request], seconds: u64) -> Measured {
        self.ask(server, requests, seconds, true)
    }

    fn ask(&self, server: &Server, requests: &[Request], seconds: u64, in_turn: bool) -> Measured {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&self.requests).unwrap());
        for Request { method, path, person: _, token, body } in requests {
            writeln!(file, "{method}\t{path}\t{token}\t{body}").unwrap();
        }
        file.flush().unwrap();
        let before = busy(server.id());
        let output = Command::new("wrk")
            .args(["-t1", "--timeout", "20s", "-c", &CONNECTIONS.to_string(), "-d", &format!("{seconds}s")])
            .arg("-s")
            .arg(&self.lua)
            .arg(&server.base)
            .env("BENCH_REQUESTS", &self.requests)
            .env("BENCH_IN_TURN", if in_turn { "yes" } else { "no" })
            .output()
            .expect("wrk is needed: scripts/prerequisites.sh bench installs it");
        let busy = busy(server.id()) - before;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let figures = told.lines().find_map(|line| line.strip_prefix("JSON")).unwrap_or_else(|| {
            panic!("wrk did not get to its end: {told}{}", String::from_utf8_lossy(&output.stderr))
        });
        let figures: Value = serde_json::from_str(figures).unwrap();
        let number = |name: &str| figures[name].as_f64().unwrap();
        Measured {
            requests: figures["requests"].as_u64().unwrap(),
            per_second: (number("requests") - number("failures")).max(0.0) / (number("us") / 1e6),
            p50: number("p50") / 1e3,
            p99: number("p99") / 1e3,
            failures: figures["failures"].as_u64().unwrap(),
            server_seconds: busy * 1e3 / number("requests").max(1.0),
        }
    }
}

/// The seconds that a process was on a core.
fn busy(pid: u32) -> f64 {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0.0 };
    let after_name = text.rsplit(')').next().unwrap();
    let ticks: Vec<f64> = after_name.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
    // Linux counts a hundred a second for everybody who asks.
    ticks.iter().sum::<f64>() / 100.0
}
