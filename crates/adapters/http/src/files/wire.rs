//! Files as they go over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 2) where it has them.

use domain::files::size_formatted;
use serde::{Deserialize, Serialize};
use usecases::files::ShownFile;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identity::RoleWord;
use crate::wire::Timestamp;

/// One file.
#[derive(Serialize, ToSchema)]
pub(super) struct FileData {
    file: FileRow,
}

/// A file that somebody uploaded.
#[derive(Serialize, ToSchema)]
#[schema(as = File)]
pub(crate) struct FileRow {
    id: Uuid,
    /// What it is called; cleaned, with an extension that fits its type.
    #[schema(example = "research-outline.pdf")]
    name: String,
    /// In bytes.
    #[schema(example = 159_744)]
    size: u64,
    /// The same for people.
    #[schema(example = "156 KB")]
    size_formatted: String,
    /// What the bytes are, whatever the sender said.
    #[schema(example = "application/pdf")]
    mime_type: &'static str,
    uploaded_at: Timestamp,
    /// What the uploader is.
    uploaded_by: RoleWord,
    /// Good for ten minutes, for whoever has it, without a login. Get a new one with the file.
    download_url: String,
}

impl From<&ShownFile> for FileRow {
    fn from(shown: &ShownFile) -> Self {
        let ShownFile { file, download_url } = shown;
        Self {
            id: file.id.uuid(),
            name: file.name.as_str().to_owned(),
            size: file.size,
            size_formatted: size_formatted(file.size),
            mime_type: file.media_type.as_str(),
            uploaded_at: Timestamp(file.created_at),
            uploaded_by: file.owner_role.into(),
            download_url: download_url.clone(),
        }
    }
}

impl From<&ShownFile> for FileData {
    fn from(shown: &ShownFile) -> Self {
        Self { file: shown.into() }
    }
}

/// A form with a file in it. It only describes: the form is read as it comes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct FileForm {
    /// The file, with its name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Bytes as they are.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct Binary(Vec<u8>);
