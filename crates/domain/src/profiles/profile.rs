//! What people say of themselves: bio, fields of work, education, languages.
//!
//! The name belongs to the account, the picture to the files. Deliberately absent: rules about what
//! has to be there ([`missing_fields`](super::missing_fields)); everything may be left empty.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::identity::IdentityEvent;
use crate::ids::UserId;
use crate::text::{Lines, text_type};

text_type!(
    /// A self-description.
    Bio,
    20_000,
    Lines::Multiple
);
text_type!(
    /// Degrees and the like.
    Education,
    2_000,
    Lines::Multiple
);
text_type!(
    /// The name of a field of work, or of a language.
    Tag,
    100,
    Lines::Single
);

/// The most names in one list.
pub const MAX_TAGS: usize = 50;

/// Names in the order given, of which none comes twice, however it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<Tag>);

/// Why a list of names was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TagsError {
    /// More than [`MAX_TAGS`].
    #[error("must have at most {MAX_TAGS} entries")]
    TooMany,
    /// An entry says what an earlier one says.
    #[error("is in the list already")]
    Repeated {
        /// Its place, counted from 0.
        index: usize,
    },
}

impl Tags {
    /// A list of names.
    ///
    /// # Errors
    /// [`TagsError`]
    pub fn new(tags: Vec<Tag>) -> Result<Self, TagsError> {
        if tags.len() > MAX_TAGS {
            return Err(TagsError::TooMany);
        }
        let mut seen = HashSet::with_capacity(tags.len());
        match tags.iter().position(|tag| !seen.insert(tag.as_str().to_lowercase())) {
            Some(index) => Err(TagsError::Repeated { index }),
            None => Ok(Self(tags)),
        }
    }

    /// The names, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }
}

/// What somebody says of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The account.
    pub user_id: UserId,
    /// Self-description.
    pub bio: Option<Bio>,
    /// Fields of work.
    pub specializations: Tags,
    /// Degrees.
    pub education: Option<Education>,
    /// Languages.
    pub languages: Tags,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What the owner wants changed. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilePatch {
    /// A new self-description, or `Some(None)` for none any more.
    pub bio: Option<Option<Bio>>,
    /// All fields of work anew.
    pub specializations: Option<Tags>,
    /// New degrees, or `Some(None)` for none any more.
    pub education: Option<Option<Education>>,
    /// All languages anew.
    pub languages: Option<Tags>,
}

impl Profile {
    /// The profile that comes with a new account.
    #[must_use]
    pub fn empty(user_id: UserId, now: DateTime<Utc>) -> Self {
        Self {
            user_id,
            bio: None,
            specializations: Tags::default(),
            education: None,
            languages: Tags::default(),
            updated_at: now,
            version: 0,
        }
    }

    /// Changes what is named. Values equal to the present ones change nothing: then there is no event
    /// and nothing to save.
    pub fn change(&mut self, patch: ProfilePatch, now: DateTime<Utc>) -> Option<IdentityEvent> {
        let ProfilePatch { bio, specializations, education, languages } = patch;
        let changed = Self {
            bio: bio.unwrap_or_else(|| self.bio.clone()),
            specializations: specializations.unwrap_or_else(|| self.specializations.clone()),
            education: education.unwrap_or_else(|| self.education.clone()),
            languages: languages.unwrap_or_else(|| self.languages.clone()),
            ..*self
        };
        if changed == *self {
            return None;
        }
        *self = Self { updated_at: now, ..changed };
        Some(IdentityEvent::ProfileChanged { user_id: self.user_id })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn tags(raw: &[&str]) -> Result<Tags, TagsError> {
        Tags::new(raw.iter().map(|raw| Tag::parse(raw).unwrap()).collect())
    }

    #[test]
    fn no_name_comes_twice_however_it_is_written() {
        for (raw, expected) in [
            (&["Business", "Marketing", "Research"] as &[&str], Ok(3)),
            (&[], Ok(0)),
            (&["Law", "Tax law"], Ok(2)),
            (&["Law", "Tax", " law "], Err(TagsError::Repeated { index: 2 })),
            (&["ÉCONOMIE", "e\u{301}conomie"], Err(TagsError::Repeated { index: 1 })),
        ] {
            assert_eq!(tags(raw).map(|tags| tags.as_slice().len()), expected, "{raw:?}");
        }
        let many: Vec<_> = (0..=MAX_TAGS).map(|number| number.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(tags(&many), Err(TagsError::TooMany));
        assert_eq!(tags(&many[1..]).unwrap().as_slice()[0].as_str(), "1", "in the order given");
    }

    #[test]
    fn what_is_named_changes_and_the_rest_stays() {
        let now = DateTime::UNIX_EPOCH;
        let later = now + TimeDelta::seconds(1);
        let id = UserId::new(Uuid::from_u128(1));
        let empty = Profile::empty(id, now);
        let full = ProfilePatch {
            bio: Some(Bio::parse("Experienced writer\nin two lines").ok()),
            specializations: tags(&["Business"]).ok(),
            education: Some(Education::parse("MBA, Marketing").ok()),
            languages: tags(&["English", "Spanish"]).ok(),
        };
        let mut profile = empty.clone();
        let changed = Some(IdentityEvent::ProfileChanged { user_id: id });
        assert_eq!(profile.change(full.clone(), later), changed);
        assert_eq!(profile.bio.as_ref().map(Bio::as_str), Some("Experienced writer\nin two lines"));
        assert_eq!(profile.education.as_ref().map(Education::as_str), Some("MBA, Marketing"));
        assert_eq!((profile.specializations.as_slice().len(), profile.languages.as_slice().len()), (1, 2));
        assert_eq!(profile.updated_at, later);

        let before = profile.clone();
        for nothing in [ProfilePatch::default(), full] {
            assert_eq!(profile.change(nothing, later + TimeDelta::seconds(1)), None);
            assert_eq!(profile, before);
        }
        let fewer = ProfilePatch { bio: Some(None), languages: Some(Tags::default()), ..Default::default() };
        assert_eq!(profile.change(fewer, later), changed);
        let expected = Profile { bio: None, languages: Tags::default(), ..before };
        assert_eq!(profile, expected);
        let nothing = ProfilePatch {
            specializations: Some(Tags::default()),
            education: Some(None),
            ..ProfilePatch::default()
        };
        assert_eq!(profile.change(nothing, now), changed);
        assert_eq!(profile, empty, "and back");
    }
}
