//! Where the bytes of a file are kept.

use std::fmt;

use uuid::Uuid;

use super::Purpose;
use crate::ids::FileId;

/// The name of a blob: `attachments/3c/0190c2a4-….`. It follows from purpose and identifier alone, so
/// that nothing that a person typed ever names a file or an object. The part in the middle is the
/// identifier's last byte, which is random: folders stay small.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageKey(String);

impl StorageKey {
    /// The key of a file.
    #[must_use]
    pub fn of(purpose: Purpose, id: FileId) -> Self {
        let bytes = id.uuid().into_bytes();
        let last = bytes.last().copied().unwrap_or_default();
        Self(format!("{}/{last:02x}/{id}", purpose.folder()))
    }

    /// Reads exactly what [`Self::of`] makes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (folder, rest) = text.split_once('/')?;
        let (_, id) = rest.split_once('/')?;
        let purpose = Purpose::ALL.iter().copied().find(|purpose| purpose.folder() == folder)?;
        let key = Self::of(purpose, FileId::new(Uuid::try_parse(id).ok()?));
        (key.as_str() == text).then_some(key)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11";

    #[test]
    fn keys_go_round_and_nothing_else_is_one() {
        let id = FileId::new(Uuid::try_parse(ID).unwrap());
        for purpose in Purpose::ALL {
            let key = StorageKey::of(*purpose, id);
            assert_eq!(StorageKey::parse(key.as_str()), Some(key));
        }
        assert_eq!(StorageKey::of(Purpose::Attachment, id).as_str(), format!("attachments/11/{ID}"));
        for text in [
            String::new(),
            ID.to_owned(),
            format!("attachments/12/{ID}"),
            format!("attachments/11/{}", ID.to_uppercase()),
            format!("elsewhere/11/{ID}"),
            format!("attachments/11/{ID}/x"),
            format!("../attachments/11/{ID}"),
            "attachments/../11".to_owned(),
        ] {
            assert_eq!(StorageKey::parse(&text), None, "{text}");
        }
    }
}
