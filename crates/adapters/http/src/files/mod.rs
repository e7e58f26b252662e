//! Files over HTTP: uploading, seeing, downloading; the pictures of people.
//!
//! Access is checked where a link is given out, never where it is followed: a link carries its own
//! right and its own end. Bytes are sent as they are, never as something that a browser shows as a
//! page; only their errors are in the envelope.

mod avatar;
mod content;
mod show;
mod upload;
mod wire;

use std::sync::Arc;

use crate::routes::Mount;
use domain::ids::FileId;
use usecases::files::{
    AvatarForm, DownloadFile, LinkForm, Pass, RemoveAvatar, SetAvatar, ShowAvatar, UploadFile, ViewFile,
};

/// What this module's handlers call.
#[derive(Clone)]
pub struct FileUseCases {
    /// Takes files.
    pub upload_file: Arc<UploadFile>,
    /// Shows files to those who may have them.
    pub view_file: Arc<ViewFile>,
    /// Hands out their bytes.
    pub download_file: Arc<DownloadFile>,
    /// Takes pictures of people.
    pub set_avatar: Arc<SetAvatar>,
    /// Takes them away.
    pub remove_avatar: Arc<RemoveAvatar>,
    /// Shows them to everybody.
    pub show_avatar: Arc<ShowAvatar>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(upload::upload)
        .service(show::show)
        .service(content::download)
        .service(avatar::replace)
        .service(avatar::remove)
        .service(avatar::show);
}

/// How a link to a file is written. `origin` is what stands before the path, such as
/// `https://api.example.com`; nothing for an address without a host.
#[must_use]
pub fn link_form(origin: &str) -> LinkForm {
    let origin = origin.to_owned();
    Arc::new(move |pass| {
        let Pass { id, expires, signature } = pass;
        // An identifier, a number and URL-safe base64: nothing needs to be encoded.
        format!("{origin}/api/v1/files/{id}/content?expires={expires}&signature={signature}")
    })
}

/// How the address of an avatar is written.
#[must_use]
pub fn avatar_form(origin: &str) -> AvatarForm {
    let origin = origin.to_owned();
    Arc::new(move |id: FileId| format!("{origin}/api/v1/avatars/{id}"))
}
