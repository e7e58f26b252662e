//! The files of an order and what was handed in for it, as they go over the wire; and how requests
//! name files.

use domain::files::{FileList, FileListError, size_formatted};
use domain::ids::{FileId, MilestoneNumber};
use ports::orders::{OrderFileView, SubmissionView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identity::RoleWord;
use crate::wire::{GivenId, Timestamp};

/// A file of an order.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderFile {
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
    /// With which milestone it was handed in; null for a file that was added to the order.
    #[schema(required = true, minimum = 1, example = 3)]
    milestone_id: Option<i32>,
    /// Good for ten minutes, for whoever has it, without a login. Get a new one with the order or the
    /// file.
    download_url: String,
}

impl From<&OrderFileView> for OrderFile {
    fn from(file: &OrderFileView) -> Self {
        let OrderFileView { id, name, size, media_type, uploaded_at, uploaded_by, submission, download_url } =
            file;
        Self {
            id: id.uuid(),
            name: name.as_str().to_owned(),
            size: *size,
            size_formatted: size_formatted(*size),
            mime_type: media_type.as_str(),
            uploaded_at: Timestamp(*uploaded_at),
            uploaded_by: (*uploaded_by).into(),
            milestone_id: submission.map(|(milestone, _)| milestone.number()),
            download_url: download_url.clone().unwrap_or_default(),
        }
    }
}

/// One handing in of a milestone.
#[derive(Serialize, ToSchema)]
pub(crate) struct Submission {
    /// 1 for the first of this milestone, 2 for the next.
    #[schema(minimum = 1, example = 1)]
    number: i32,
    /// What the provider said about it; null if nothing.
    #[schema(required = true, example = "The outline, with sources.")]
    message: Option<String>,
    submitted_at: Timestamp,
    /// What was handed in; these are among the order's files, too.
    files: Vec<OrderFile>,
}

impl Submission {
    /// `files` are those of the order.
    pub(super) fn new(
        milestone: MilestoneNumber,
        submission: &SubmissionView,
        files: &[OrderFileView],
    ) -> Self {
        let SubmissionView { number, message, submitted_at } = submission;
        let of_it = files.iter().filter(|file| file.submission == Some((milestone, *number)));
        Self {
            number: *number,
            message: message.clone(),
            submitted_at: Timestamp(*submitted_at),
            files: of_it.map(OrderFile::from).collect(),
        }
    }
}

/// Files that a request names, perhaps none.
pub(crate) fn named_files(given: Option<&Vec<GivenId>>) -> Result<FileList, FileListError> {
    FileList::new(ids(given.map(Vec::as_slice).unwrap_or_default()))
}

/// Files that a request has to name.
pub(super) fn some_files(given: &[GivenId]) -> Result<FileList, FileListError> {
    FileList::at_least_one(ids(given))
}

fn ids(given: &[GivenId]) -> Vec<FileId> {
    given.iter().map(|id| FileId::new(id.0)).collect()
}
