//! What a request for a change of a profile says.

use domain::identity::FullName;
use domain::profiles::{Bio, Education, MAX_TAGS, ProfilePatch, Tag, Tags, TagsError};
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use validator::{Validate, ValidationErrors};

use crate::extract::{Fields, item};
use crate::orders::optional;
use crate::wire::{nullable, present};

/// What is to change; what is not named stays as it is.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"full_name": "John Doe", "bio": "Updated bio text...",
    "specializations": ["Business", "Marketing", "Finance"], "education": "MBA, Marketing",
    "languages": ["English", "Spanish", "French"]}))]
pub(super) struct UpdateProfileRequest {
    /// The name shown to others.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    full_name: Option<String>,
    /// A self-description; null or empty for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(max_length = 20_000, value_type = Option<String>)]
    bio: Option<Option<String>>,
    /// All fields of work anew, each once however it is written; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<TagWords>)]
    specializations: Option<Option<Vec<String>>>,
    /// Degrees and the like; null or empty for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(max_length = 2_000, value_type = Option<String>)]
    education: Option<Option<String>>,
    /// All languages anew, each once however it is written; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<TagWords>)]
    languages: Option<Option<Vec<String>>>,
}

/// For the description: the name of a field of work, or of a language.
pub(super) struct TagWord;

impl PartialSchema for TagWord {
    fn schema() -> RefOr<Schema> {
        let word = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        word.max_length(Some(Tag::MAX_CHARS)).description(Some("A name of one line.")).into()
    }
}

impl ToSchema for TagWord {}

/// For the description: several of them.
pub(super) struct TagWords;

impl PartialSchema for TagWords {
    fn schema() -> RefOr<Schema> {
        let words = ArrayBuilder::new().items(TagWord::schema()).unique_items(true).max_items(Some(50));
        words.description(Some("Each once, however it is written.")).into()
    }
}

impl ToSchema for TagWords {}

/// What the owner wants changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) full_name: Option<FullName>,
    pub(super) patch: ProfilePatch,
}

impl UpdateProfileRequest {
    pub(super) fn edit(&self) -> Result<Edit, ValidationErrors> {
        let Self { full_name, bio, specializations, education, languages } = self;
        let mut fields = Fields::default();
        let full_name = fields.take("full_name", full_name.as_deref().map(FullName::parse).transpose());
        let bio = bio.as_ref().map(|text| optional(text.as_ref(), Bio::parse)).transpose();
        let bio = fields.take("bio", bio);
        let given = specializations.as_ref().map(|words| words.as_deref().unwrap_or_default());
        let specializations = tags(&mut fields, "specializations", given);
        let education = education.as_ref().map(|text| optional(text.as_ref(), Education::parse)).transpose();
        let education = fields.take("education", education);
        let given = languages.as_ref().map(|words| words.as_deref().unwrap_or_default());
        let languages = tags(&mut fields, "languages", given);
        fields.finish(|| {
            let patch = ProfilePatch {
                bio: bio?,
                specializations: specializations?,
                education: education?,
                languages: languages?,
            };
            Some(Edit { full_name: full_name?, patch })
        })
    }
}

/// A list that may be left out.
fn tags(fields: &mut Fields, name: &'static str, given: Option<&[String]>) -> Option<Option<Tags>> {
    let Some(given) = given else { return Some(None) };
    // Looked at before their rules: nobody needs to hear about thousands.
    fields.take(name, if given.len() > MAX_TAGS { Err(TagsError::TooMany) } else { Ok(()) })?;
    let tags = fields.list(name, given, |word| item(Tag::parse(word)))?;
    match Tags::new(tags) {
        Ok(tags) => Some(Some(tags)),
        Err(TagsError::TooMany) => fields.take(name, Err(TagsError::TooMany)),
        Err(fault @ TagsError::Repeated { index }) => {
            fields.fault_at(name, index, fault);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn edit(body: &Value) -> Edit {
        serde_json::from_str::<UpdateProfileRequest>(&body.to_string()).unwrap().edit().unwrap()
    }

    fn list(words: &[&str]) -> Option<Tags> {
        Tags::new(words.iter().map(|word| Tag::parse(word).unwrap()).collect()).ok()
    }

    #[test]
    fn what_is_not_named_stays_and_null_clears() {
        assert_eq!(edit(&json!({})), Edit { full_name: None, patch: ProfilePatch::default() });
        let cleared = ProfilePatch {
            bio: Some(None),
            specializations: Some(Tags::default()),
            education: Some(None),
            languages: Some(Tags::default()),
        };
        for body in [
            json!({"bio": null, "specializations": null, "education": null, "languages": null}),
            json!({"bio": " ", "specializations": [], "education": "", "languages": []}),
        ] {
            assert_eq!(edit(&body), Edit { full_name: None, patch: cleared.clone() }, "{body}");
        }
    }

    #[test]
    fn every_field_of_the_source_is_read() {
        let read = edit(&json!({
            "full_name": " John Doe", "bio": "Updated bio text...\n",
            "specializations": ["Business", "Marketing", "Finance"], "education": "MBA, Marketing",
            "languages": ["English", "Spanish", "French"]
        }));
        let patch = ProfilePatch {
            bio: Some(Bio::parse("Updated bio text...").ok()),
            specializations: list(&["Business", "Marketing", "Finance"]),
            education: Some(Education::parse("MBA, Marketing").ok()),
            languages: list(&["English", "Spanish", "French"]),
        };
        assert_eq!(read, Edit { full_name: FullName::parse("John Doe").ok(), patch });
    }
}
