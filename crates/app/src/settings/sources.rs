//! The two places that settings come from, laid over each other, and reading single values out of them.

use std::{collections::BTreeMap, fmt};

use super::{
    Fault, Mode, Name,
    fault::quoted,
    parse::{self, Parsed},
};

/// Up to this distance a name in the environment looks like a slip of the pen.
const NEAR_MISS: usize = 2;
/// Shorter names are too near to each other for that.
const NEAR_MISS_CHARACTERS: usize = 6;
/// Up to this distance an unknown key of `.env` is answered with "did you mean".
const SUGGESTION: usize = 4;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The process environment.
    Environment,
    /// The file `.env` in the working folder.
    DotEnv,
    /// Not set.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Environment => "environment",
            Self::DotEnv => ".env",
            Self::Default => "default",
        })
    }
}

/// The value is unusable, and the reason is among the faults already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recorded;

/// A value that was read, or a fault that was recorded.
pub(super) type Read<T> = Result<T, Recorded>;

/// Hands out the values one by one and collects what is wrong with them.
pub(super) struct Reader {
    given: BTreeMap<Name, (String, Source)>,
    pub(super) mode: Read<Mode>,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<String>,
}

impl Reader {
    pub(super) fn new(
        environment: impl IntoIterator<Item = (String, String)>,
        dotenv: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut reader =
            Self { given: BTreeMap::new(), mode: Err(Recorded), faults: Vec::new(), warnings: Vec::new() };
        reader.take_dotenv(dotenv);
        reader.take_environment(environment);
        // First, as the defaults of others depend on it.
        reader.mode = reader.value(Name::AppEnv, parse::mode);
        reader
    }

    /// The value of a name that has a default in every mode.
    pub(super) fn value<T>(&mut self, name: Name, parse: impl Fn(&str) -> Parsed<T>) -> Read<T> {
        self.optional(name, parse)?.ok_or_else(|| self.fault(format!("{} is not set", name.known().name)))
    }

    /// The value of a name that may be unset.
    pub(super) fn optional<T>(&mut self, name: Name, parse: impl Fn(&str) -> Parsed<T>) -> Read<Option<T>> {
        let preset = name.known().preset.text(self.mode.unwrap_or_default());
        let Some(text) = self.text(name).or(preset) else { return Ok(None) };
        let parsed = parse(text);
        let shown = text.to_owned();
        parsed.map(Some).map_err(|reason| {
            self.faults.push(Fault::of_value(name, &shown, &reason));
            Recorded
        })
    }

    /// The text that was set, without regard to defaults.
    pub(super) fn text(&self, name: Name) -> Option<&str> {
        self.given.get(&name).map(|(text, _)| text.as_str())
    }

    /// Whether the name was set.
    pub(super) fn is_set(&self, name: Name) -> bool {
        self.given.contains_key(&name)
    }

    /// Records a fault that is not about one value alone.
    pub(super) fn fault(&mut self, line: impl AsRef<str>) -> Recorded {
        self.faults.push(Fault::new(line));
        Recorded
    }

    /// Where each name that was set came from.
    pub(super) fn sources(&self) -> BTreeMap<Name, Source> {
        self.given.iter().map(|(name, (_, source))| (*name, *source)).collect()
    }

    fn take_dotenv(&mut self, pairs: impl IntoIterator<Item = (String, String)>) {
        let mut seen = Vec::new();
        for (key, text) in pairs {
            let Some(name) = Name::find(&key) else {
                self.faults.push(unknown(&key));
                continue;
            };
            // Programs disagree whether the first or the last one counts; nobody should have to know.
            if seen.contains(&name) {
                self.fault(format!(".env: {key} stands there more than once"));
                continue;
            }
            seen.push(name);
            self.put(name, text, Source::DotEnv);
        }
    }

    fn take_environment(&mut self, pairs: impl IntoIterator<Item = (String, String)>) {
        for (key, text) in pairs {
            match Name::find(&key) {
                Some(name) => self.put(name, text, Source::Environment),
                None => self.warnings.extend(near_miss(&key)),
            }
        }
    }

    /// Later ones win; a blank one is no value. White space around a value means nothing, except in a secret.
    fn put(&mut self, name: Name, text: String, source: Source) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let kept = if name.known().secret { text } else { trimmed.to_owned() };
        self.given.insert(name, (kept, source));
    }
}

fn unknown(key: &str) -> Fault {
    let suggestion = Name::nearest(key)
        .filter(|(_, distance)| *distance <= SUGGESTION && *distance * 2 < key.chars().count())
        .map(|(name, _)| format!("; did you mean {}?", name.known().name));
    Fault::new(format!(".env: unknown name {}{}", quoted(key), suggestion.unwrap_or_default()))
}

fn near_miss(key: &str) -> Option<String> {
    if key.chars().count() < NEAR_MISS_CHARACTERS {
        return None;
    }
    let (name, _) = Name::nearest(key).filter(|(_, distance)| *distance <= NEAR_MISS)?;
    Some(format!(
        "the environment has {}, which means nothing here; did you mean {}?",
        quoted(key),
        name.known().name
    ))
}
