//! Profiles: the rows of `profiles`, which come with their accounts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::profiles::{Bio, Education, Profile, Tag, Tags};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::profiles;

/// A row of `profiles` as a command loads it. The picture is not its business.
#[derive(Queryable, Selectable)]
#[diesel(table_name = profiles, check_for_backend(diesel::pg::Pg))]
struct ProfileRow {
    user_id: Uuid,
    bio: Option<String>,
    specializations: Vec<String>,
    education: Option<String>,
    languages: Vec<String>,
    updated_at: DateTime<Utc>,
    version: i64,
}

/// What a save may change; absent values are stored as NULL.
#[derive(AsChangeset)]
#[diesel(table_name = profiles, treat_none_as_null = true)]
struct ProfileChanges<'a> {
    bio: Option<&'a str>,
    specializations: Vec<&'a str>,
    education: Option<&'a str>,
    languages: Vec<&'a str>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl<'a> ProfileChanges<'a> {
    fn new(profile: &'a Profile, next_version: i64) -> Self {
        let Profile { user_id: _, bio, specializations, education, languages, updated_at, version: _ } =
            profile;
        Self {
            bio: bio.as_ref().map(Bio::as_str),
            specializations: words(specializations),
            education: education.as_ref().map(Education::as_str),
            languages: words(languages),
            updated_at: *updated_at,
            version: next_version,
        }
    }
}

impl TryFrom<ProfileRow> for Profile {
    type Error = StoreError;

    fn try_from(row: ProfileRow) -> Result<Self, StoreError> {
        let ProfileRow { user_id: id, bio, specializations, education, languages, updated_at, version } = row;
        Ok(Self {
            user_id: UserId::new(id),
            bio: bio
                .map(|bio| Bio::parse(&bio))
                .transpose()
                .map_err(|problem| corrupt("profiles", "bio", id, problem))?,
            specializations: tags("specializations", id, &specializations)?,
            education: education
                .map(|education| Education::parse(&education))
                .transpose()
                .map_err(|problem| corrupt("profiles", "education", id, problem))?,
            languages: tags("languages", id, &languages)?,
            updated_at,
            version,
        })
    }
}

fn words(tags: &Tags) -> Vec<&str> {
    tags.as_slice().iter().map(Tag::as_str).collect()
}

fn tags(column: &'static str, row: Uuid, words: &[String]) -> Result<Tags, StoreError> {
    let tags: Result<Vec<_>, _> = words.iter().map(|word| Tag::parse(word)).collect();
    let tags = tags.map_err(|problem| corrupt("profiles", column, row, problem))?;
    Tags::new(tags).map_err(|problem| corrupt("profiles", column, row, problem))
}

/// Loads and locks a profile.
pub(crate) async fn lock(connection: &mut Line<'_>, user_id: UserId) -> Result<Option<Profile>, StoreError> {
    profiles::table
        .find(user_id.uuid())
        .select(ProfileRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Profile::try_from)
        .transpose()
}

/// Saves a profile and raises its version.
pub(crate) async fn save(connection: &mut Line<'_>, profile: &mut Profile) -> Result<(), StoreError> {
    let next_version =
        profile.version.checked_add(1).ok_or_else(|| refused("a profile was saved too often to count"))?;
    let present = profiles::table.find(profile.user_id.uuid()).filter(profiles::version.eq(profile.version));
    let affected = diesel::update(present)
        .set(ProfileChanges::new(profile, next_version))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "profile")?;
    profile.version = next_version;
    Ok(())
}
