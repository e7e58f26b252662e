//! The picture of a person: setting, replacing and removing it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::files::{
    AVATAR_MAX_BYTES, ContentHash, File, FileName, NewFile, PictureFault, Purpose, StorageKey,
};
use domain::ids::{FileId, UserId};
use ports::environment::{Clock, Ids};
use ports::files::{BlobStore, ByteSource, ImageTool, Inspected, Inspectors, Picture};
use ports::identity::Lock;
use ports::profiles::ProfileView;
use ports::store::{Store, StoreError, UnitOfWork};

use super::discard;
use super::incoming::{put, take_all};
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::money::CURRENCY;
use crate::transact::Transaction;

/// What a picture is called that nobody downloads.
const NAME: &str = "avatar";

/// Takes pictures of people.
pub struct SetAvatar {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Keeps the bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Look at the bytes.
    pub inspectors: Arc<dyn Inspectors>,
    /// Makes the avatar.
    pub images: Arc<dyn ImageTool>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// Where an avatar is found.
    pub address: AvatarForm,
}

/// How the address of an avatar is written.
pub type AvatarForm = Arc<dyn Fn(FileId) -> String + Send + Sync>;

/// Names a request (contract §1) by the bytes that were sent, which can be done only when all of them
/// have come.
pub type AvatarNaming = Box<dyn FnOnce(&ContentHash) -> Once<AvatarChanged> + Send>;

/// What became of somebody's picture.
#[derive(Clone, Debug, PartialEq)]
pub struct AvatarChanged {
    /// Their whole profile as it is now.
    pub profile: ProfileView,
    /// Where the bytes of the picture before are, which have no row any more.
    replaced: Option<StorageKey>,
}

impl SetAvatar {
    /// Makes an avatar of a picture and puts it in the place of the one before.
    ///
    /// # Errors
    /// `TooLarge`; `UnsupportedContent` for what is no picture; `Invalid` on `file` for pictures with
    /// too many pixels or damage; `Unavailable` when too many pictures are waiting; those of the key.
    pub async fn execute(
        &self,
        actor: &Actor,
        content: &mut dyn ByteSource,
        naming: AvatarNaming,
    ) -> Result<Answered<AvatarChanged>, UseCaseError> {
        let (bytes, found) = take_all(self.inspectors.as_ref(), content, AVATAR_MAX_BYTES).await?;
        if !found.media_type.can_be_avatar() {
            return Err(PictureFault::Unsupported.into());
        }
        let once = naming(&found.hash);
        let picture = self.images.avatar(bytes, found.media_type).await?;
        let now = self.clock.now();
        let file = self.store_picture(actor, picture, now).await?;
        let avatar_url = (self.address)(file.id);
        let setting = Setting { owner_id: actor.user_id, new: Some((&file, &avatar_url)), now };
        let outcome = transact_once(self.store.as_ref(), &setting, &once, now).await;
        let unwanted = match &outcome {
            Ok(Answered::Now(changed)) => changed.replaced.as_ref(),
            Ok(Answered::Before(_)) => Some(&file.storage_key),
            Err(error) if error.may_have_happened() => None,
            Err(_) => Some(&file.storage_key),
        };
        if let Some(key) = unwanted {
            discard(self.blobs.as_ref(), key).await;
        }
        outcome
    }

    /// Keeps the avatar's bytes, of which there is no row yet.
    async fn store_picture(
        &self,
        actor: &Actor,
        picture: Picture,
        now: DateTime<Utc>,
    ) -> Result<File, UseCaseError> {
        let Picture { bytes, media_type } = picture;
        let id = FileId::new(self.ids.uuid(now));
        let key = StorageKey::of(Purpose::Avatar, id);
        let made = put(self.blobs.as_ref(), &key, self.inspectors.as_ref(), bytes).await?;
        let Inspected { size, media_type: _, hash } = made;
        let name = FileName::for_content(NAME, media_type)?;
        let owner_id = actor.user_id;
        let new = NewFile { id, owner_id, purpose: Purpose::Avatar, name, size, media_type, hash };
        Ok(File::store(new, now))
    }
}

/// Takes people's pictures away.
pub struct RemoveAvatar {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Has the bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl RemoveAvatar {
    /// Takes the actor's picture away, if there is one.
    ///
    /// # Errors
    /// Those of the key; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        once: &Once<AvatarChanged>,
    ) -> Result<Answered<AvatarChanged>, UseCaseError> {
        let now = self.clock.now();
        let setting = Setting { owner_id: actor.user_id, new: None, now };
        let outcome = transact_once(self.store.as_ref(), &setting, once, now).await?;
        if let Answered::Now(AvatarChanged { replaced: Some(key), .. }) = &outcome {
            discard(self.blobs.as_ref(), key).await;
        }
        Ok(outcome)
    }
}

/// Puts one picture, or none, in the place of another.
struct Setting<'a> {
    owner_id: UserId,
    new: Option<(&'a File, &'a str)>,
    now: DateTime<Utc>,
}

impl Transaction for Setting<'_> {
    type Output = AvatarChanged;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<AvatarChanged, UseCaseError> {
        let Self { owner_id, new, now } = *self;
        let owner = work.users().lock(owner_id, Lock::Exclusive).await?.ok_or(UseCaseError::NotFound)?;
        owner.may_enter()?;
        let before = work.files().avatar_of(owner_id).await?;
        if let Some(before) = &before {
            work.files().remove(before.id).await?;
        }
        if let Some((file, _)) = new {
            work.files().insert(file).await?;
        }
        if before.is_some() || new.is_some() {
            work.files().set_avatar_url(owner_id, new.map(|(_, url)| url), now).await?;
        }
        let profile = work.profiles().view(owner_id, CURRENCY).await?;
        let profile = profile.ok_or(StoreError::Stale { what: "profile" })?;
        Ok(AvatarChanged { profile, replaced: before.map(|before| before.storage_key) })
    }
}
