//! `guildhall keys`: with which keys stored fields are encrypted.
//!
//! To change the key: put a new one before the present one (`FIELD_ENCRYPTION_KEY=new,old`), restart every
//! server, run `keys reencrypt`, look at `keys status`, and leave the old one out. Nothing secret is in the
//! reports: a key's name says nothing about the key.

use adapter_postgres::reseal::{Resealed, SealedRows, count_sealed, reseal};
use adapter_security::field_cipher::AesGcmFieldCipher;
use anyhow::{Context, bail};
use clap::Subcommand;
use ports::money::{FieldCipher, KeyName};
use serde_json::{Value, json};

use super::{block_on, say};
use crate::home::Home;
use crate::settings::{Settings, secrets};

#[derive(Clone, Copy, Subcommand)]
pub(super) enum KeysCommand {
    /// Count, as JSON, what each key has encrypted. Reads only; a server may be running meanwhile. Exit
    /// code 1 if anything is encrypted with a key that is not in `FIELD_ENCRYPTION_KEY`.
    Status,
    /// Encrypt everything anew, with the first key, that another key has encrypted, and report as JSON. A
    /// server may be running meanwhile; cut off, it can be run again. Exit code 1 if anything cannot be
    /// decrypted.
    Reencrypt,
}

impl KeysCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let secrets = secrets::resolve(settings)?;
        let cipher = AesGcmFieldCipher::new(&secrets.field_encryption).map_err(anyhow::Error::from_boxed)?;
        let home = Home::attach(settings)?;
        let outcome = match self {
            Self::Status => status(&home, &cipher),
            Self::Reencrypt => reencrypt(&home, &cipher),
        };
        home.leave()?;
        outcome
    }
}

fn status(home: &Home, cipher: &dyn FieldCipher) -> anyhow::Result<()> {
    let counted = block_on(async {
        count_sealed(&home.owner_url, cipher).await.context("what is encrypted cannot be counted")
    })?;
    let (report, unreadable) = counts(&counted, &cipher.keys());
    say(serde_json::to_string_pretty(&report)?);
    if unreadable > 0 {
        bail!("{unreadable} row(s) are encrypted with a key that is not known");
    }
    Ok(())
}

fn reencrypt(home: &Home, cipher: &dyn FieldCipher) -> anyhow::Result<()> {
    let done =
        block_on(async { reseal(&home.owner_url, cipher).await.context("encrypting anew was cut off") })?;
    let Resealed { resealed, current, unopened } = done;
    let left: Vec<_> = unopened
        .iter()
        .map(|(withdrawal, problem)| json!({"withdrawal": withdrawal, "problem": problem}))
        .collect();
    let report =
        json!({"ok": left.is_empty(), "reencrypted": resealed, "unchanged": current, "failed": left});
    say(serde_json::to_string_pretty(&report)?);
    if !left.is_empty() {
        bail!("{} row(s) cannot be decrypted", left.len());
    }
    Ok(())
}

/// A line for each key that is known or has encrypted something; and how many rows none of the known can
/// decrypt.
fn counts(counted: &SealedRows, known: &[KeyName]) -> (Value, i64) {
    let SealedRows { by_key, nameless } = counted;
    let line = |key: &KeyName, role: &str| json!({"key": key.0, "role": role, "rows": by_key.get(key).copied().unwrap_or_default()});
    let mut keys: Vec<_> = known
        .iter()
        .enumerate()
        .map(|(place, key)| line(key, if place == 0 { "encrypts" } else { "decrypts" }))
        .collect();
    let strangers: Vec<_> = by_key.iter().filter(|(key, _)| !known.contains(key)).collect();
    keys.extend(strangers.iter().map(|(key, _)| line(key, "unknown")));
    let unreadable = strangers.iter().map(|(_, rows)| **rows).sum::<i64>() + nameless;
    let first = known.first().and_then(|key| by_key.get(key)).copied().unwrap_or_default();
    let all = by_key.values().sum::<i64>() + nameless;
    let report = json!({
        "ok": unreadable == 0,
        "keys": keys,
        "not_encrypted_by_any_key": nameless,
        "to_reencrypt": all - first,
    });
    (report, unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_line() {
        let key = |name: &str| KeyName(name.to_owned());
        let counted = SealedRows { by_key: [(key("old"), 3), (key("lost"), 2)].into(), nameless: 1 };
        let (report, unreadable) = counts(&counted, &[key("new"), key("old")]);
        let expected = json!({
            "ok": false,
            "keys": [
                {"key": "new", "role": "encrypts", "rows": 0},
                {"key": "old", "role": "decrypts", "rows": 3},
                {"key": "lost", "role": "unknown", "rows": 2},
            ],
            "not_encrypted_by_any_key": 1,
            "to_reencrypt": 6,
        });
        assert_eq!((report, unreadable), (expected, 3));
        let counted = SealedRows { by_key: [(key("new"), 7)].into(), nameless: 0 };
        let (report, unreadable) = counts(&counted, &[key("new"), key("old")]);
        assert_eq!((&report["ok"], &report["to_reencrypt"], unreadable), (&json!(true), &json!(0), 0));
    }
}
