//! When a profile is complete (contract §3, `profile_complete`).

use crate::identity::Role;

/// The least number of characters in a provider's bio.
pub const MIN_BIO_CHARS: usize = 100;

/// The parts of a profile that the rule looks at, as they are stored.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProfileFields<'a> {
    /// Name shown to others.
    pub full_name: &'a str,
    /// Self-description.
    pub bio: Option<&'a str>,
    /// Whether there is a picture.
    pub has_avatar: bool,
    /// How many fields of work are named.
    pub specializations: usize,
    /// Degrees.
    pub education: Option<&'a str>,
    /// How many languages are named.
    pub languages: usize,
}

/// One thing that a profile still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileGap {
    /// No name.
    FullName,
    /// No bio, or one shorter than [`MIN_BIO_CHARS`].
    Bio,
    /// No picture.
    Avatar,
    /// No field of work.
    Specializations,
    /// No degree.
    Education,
    /// No language.
    Languages,
}

impl ProfileGap {
    /// The field's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FullName => "full_name",
            Self::Bio => "bio",
            Self::Avatar => "avatar_url",
            Self::Specializations => "specializations",
            Self::Education => "education",
            Self::Languages => "languages",
        }
    }
}

/// What a profile lacks to be complete: for a provider all of the above, for others nothing.
#[must_use]
pub fn missing_fields(role: Role, profile: &ProfileFields<'_>) -> Vec<ProfileGap> {
    if !role.is_provider() {
        return Vec::new();
    }
    let ProfileFields { full_name, bio, has_avatar, specializations, education, languages } = *profile;
    let blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
    [
        (blank(Some(full_name)), ProfileGap::FullName),
        (bio.is_none_or(|bio| bio.chars().count() < MIN_BIO_CHARS), ProfileGap::Bio),
        (!has_avatar, ProfileGap::Avatar),
        (specializations == 0, ProfileGap::Specializations),
        (blank(education), ProfileGap::Education),
        (languages == 0, ProfileGap::Languages),
    ]
    .into_iter()
    .filter_map(|(missing, gap)| missing.then_some(gap))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_needs_every_part() {
        let bio = "x".repeat(MIN_BIO_CHARS);
        let complete = ProfileFields {
            full_name: "Ada",
            bio: Some(&bio),
            has_avatar: true,
            specializations: 1,
            education: Some("MBA"),
            languages: 1,
        };
        assert!(missing_fields(Role::Writer, &complete).is_empty());
        let short = "x".repeat(MIN_BIO_CHARS - 1);
        let cases = [
            (ProfileFields { full_name: " ", ..complete }, ProfileGap::FullName),
            (ProfileFields { bio: Some(&short), ..complete }, ProfileGap::Bio),
            (ProfileFields { bio: None, ..complete }, ProfileGap::Bio),
            (ProfileFields { has_avatar: false, ..complete }, ProfileGap::Avatar),
            (ProfileFields { specializations: 0, ..complete }, ProfileGap::Specializations),
            (ProfileFields { education: Some(""), ..complete }, ProfileGap::Education),
            (ProfileFields { education: None, ..complete }, ProfileGap::Education),
            (ProfileFields { languages: 0, ..complete }, ProfileGap::Languages),
        ];
        for (profile, gap) in cases {
            for role in Role::ALL {
                let expected = if role.is_provider() { vec![gap] } else { vec![] };
                assert_eq!(missing_fields(role, &profile), expected, "{role} {gap:?}");
            }
        }
    }
}
