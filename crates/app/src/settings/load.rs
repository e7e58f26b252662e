//! Fetching the two sources: the process environment and the file `./.env`.

use std::{
    cell::Cell,
    ffi::OsString,
    io::{self, Read},
    path::Path,
    rc::Rc,
};

use super::{Fault, Loaded, Name, Settings};

impl Settings {
    /// Reads the process environment and `./.env`; without that file the environment alone counts.
    ///
    /// # Errors
    /// All faults at once, one line each: also unreadable or malformed lines of `.env`, and values that are
    /// no text.
    pub fn load() -> Result<Loaded, Vec<Fault>> {
        Self::load_from(std::env::vars_os(), Path::new(".env"))
    }

    pub(super) fn load_from(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        dotenv: &Path,
    ) -> Result<Loaded, Vec<Fault>> {
        let mut faults = Vec::new();
        let environment = texts(environment, &mut faults);
        let dotenv = pairs(dotenv, &mut faults);
        match Self::from_sources(environment, dotenv) {
            Ok(loaded) if faults.is_empty() => Ok(loaded),
            Ok(_) => Err(faults),
            Err(further) => {
                faults.extend(further);
                Err(faults)
            }
        }
    }
}

/// What is no UTF-8 is a fault under a known name, and nobody's business otherwise.
fn texts(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    faults: &mut Vec<Fault>,
) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (key, value) in environment {
        let Ok(key) = key.into_string() else { continue };
        match value.into_string() {
            Ok(value) => texts.push((key, value)),
            Err(_) if Name::find(&key).is_some() => faults.push(Fault::new(format!("{key}: not UTF-8 text"))),
            Err(_) => {}
        }
    }
    texts
}

fn pairs(path: &Path, faults: &mut Vec<Fault>) -> Vec<(String, String)> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            faults.push(Fault::new(format!(".env: cannot be read ({error})")));
            return Vec::new();
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        faults.push(Fault::new(".env: not UTF-8 text"));
        return Vec::new();
    };
    let mut pairs = Vec::new();
    let (lines, last_line) = Lines::new(&text);
    for pair in dotenvy::from_read_iter(lines) {
        match pair {
            Ok(pair) => pairs.push(pair),
            // The parser's own message repeats the line, and the line may hold a password.
            Err(dotenvy::Error::LineParse(text, _)) => {
                let before = text.strip_suffix('\n').unwrap_or(&text).matches('\n').count();
                let line = last_line.get().saturating_sub(before);
                faults.push(Fault::new(format!(
                    ".env line {line}: not NAME=value (a value with spaces, #, $ or quotes stands in 'single quotes')"
                )));
            }
            Err(error) => {
                faults.push(Fault::new(format!(".env: cannot be read ({error})")));
                break;
            }
        }
    }
    pairs
}

/// Gives out one line per read, so that the parser's buffer never runs ahead and its errors can be given a
/// line number.
struct Lines {
    rest: io::Cursor<String>,
    given: Rc<Cell<usize>>,
}

impl Lines {
    /// With the number of the line that was given out last, from 1.
    fn new(text: &str) -> (Self, Rc<Cell<usize>>) {
        let given = Rc::new(Cell::new(0));
        // Some editors put a byte order mark first. The parser wants the last line ended, or takes blanks at
        // its end amiss.
        let text = format!("{}\n", text.strip_prefix('\u{feff}').unwrap_or(text));
        (Self { rest: io::Cursor::new(text), given: Rc::clone(&given) }, given)
    }
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(self.rest.position()).unwrap_or(usize::MAX);
        let left = self.rest.get_ref().as_bytes().get(start..).unwrap_or_default();
        let line = left.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let ends = line.len() <= buffer.len() && !line.is_empty();
        let length = line.len().min(buffer.len());
        if ends {
            self.given.set(self.given.get().saturating_add(1));
        }
        self.rest.by_ref().take(u64::try_from(length).unwrap_or(u64::MAX)).read(buffer)
    }
}
