//! People, a store and a file store in memory, and short words for what happens there.

use std::sync::Arc;

use adapter_memory::{
    ManualClock, MemoryBlobs, MemoryStore, Pieces, PlainDownloadSigner, PlainImages, PlainInspectors,
    SequentialIds,
};
use domain::actor::Actor;
use domain::identity::{BlockReason, EmailAddress, FullName, NewUser, PasswordHash, Role, User};
use domain::ids::{FileId, SessionId, UserId};
use ports::environment::{Clock, Ids};
use ports::files::{FileQueries, FileView};
use ports::idempotency::{RequestKey, StoredAnswer};
use ports::identity::{AccountQueries, Lock};
use ports::profiles::ProfileView;
use ports::store::Store;
use usecases::error::UseCaseError;
use usecases::files::{
    AvatarChanged, AvatarNaming, DownloadFile, Naming, Pass, PassOffice, RemoveAvatar, SetAvatar, ShowAvatar,
    ShownFile, SweepBlobs, SweepFiles, UploadFile, ViewFile,
};
use usecases::idempotency::{Answered, Once};
use uuid::Uuid;

pub(crate) const MAX_BYTES: u64 = 1_000;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
}

pub(crate) fn actor(user_id: UserId, role: Role) -> Actor {
    Actor { user_id, session_id: SessionId::new(Uuid::nil()), role }
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        Self {
            store: Arc::new(MemoryStore::new()),
            blobs: MemoryBlobs::new(clock.clone()),
            clock,
            ids: Arc::new(SequentialIds::default()),
        }
    }

    pub(crate) async fn person(&self, role: Role) -> Actor {
        let id = UserId::new(self.ids.uuid(self.clock.now()));
        let new = NewUser {
            id,
            email: EmailAddress::parse(&format!("{id}@example.com")).unwrap(),
            full_name: FullName::parse("Ada Lovelace").unwrap(),
            role,
            phone: None,
            password: PasswordHash::new("x".into()),
        };
        let mut work = self.store.begin().await.unwrap();
        let _granted = work.users().insert(&User::register(new, self.clock.now()).0).await.unwrap();
        work.commit().await.unwrap();
        actor(id, role)
    }

    pub(crate) async fn block(&self, person: &Actor) {
        let mut work = self.store.begin().await.unwrap();
        let mut user = work.users().lock(person.user_id, Lock::Exclusive).await.unwrap().unwrap();
        let admin = actor(UserId::new(Uuid::nil()), Role::Admin);
        user.block(&BlockReason::parse("spam").unwrap(), &admin, self.clock.now()).unwrap();
        let _granted = work.users().save(&mut user).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(crate) fn passes(&self) -> PassOffice {
        let link = |pass: &Pass| format!("{} {} {}", pass.id, pass.expires, pass.signature);
        PassOffice { clock: self.clock.clone(), signer: Arc::new(PlainDownloadSigner), link: Arc::new(link) }
    }

    pub(crate) async fn upload(
        &self,
        person: &Actor,
        name: &str,
        mut content: Pieces,
        key: Option<RequestKey>,
    ) -> Result<Answered<ShownFile>, UseCaseError> {
        let upload = UploadFile {
            store: self.store.clone(),
            blobs: Arc::new(self.blobs.clone()),
            inspectors: Arc::new(PlainInspectors),
            passes: self.passes(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            max_bytes: MAX_BYTES,
        };
        let naming: Naming = Box::new(|_| Once { key, render });
        upload.execute(person, name, &mut content, naming).await
    }

    /// A file that is there.
    pub(crate) async fn uploaded(&self, person: &Actor, name: &str, content: &'static str) -> ShownFile {
        match self.upload(person, name, Pieces::of([content]), None).await.unwrap() {
            Answered::Now(shown) => shown,
            Answered::Before(answer) => panic!("{answer:?}"),
        }
    }

    pub(crate) async fn view(&self, person: &Actor, id: FileId) -> Result<ShownFile, UseCaseError> {
        ViewFile { files: self.store.clone(), passes: self.passes() }.execute(person, id).await
    }

    pub(crate) async fn download(&self, pass: &Pass) -> Result<Vec<u8>, UseCaseError> {
        let download = DownloadFile {
            files: self.store.clone(),
            blobs: Arc::new(self.blobs.clone()),
            passes: self.passes(),
        };
        let mut found = download.execute(pass).await?;
        Ok(found.blob.content.next().await.unwrap().unwrap_or_default().to_vec())
    }

    pub(crate) async fn set_avatar(
        &self,
        person: &Actor,
        content: Pieces,
    ) -> Result<ProfileView, UseCaseError> {
        self.set_avatar_as(person, content, None).await.map(now)
    }

    /// The same for a request that has a name.
    pub(crate) async fn set_avatar_as(
        &self,
        person: &Actor,
        mut content: Pieces,
        key: Option<RequestKey>,
    ) -> Result<Answered<AvatarChanged>, UseCaseError> {
        let set = SetAvatar {
            store: self.store.clone(),
            blobs: Arc::new(self.blobs.clone()),
            inspectors: Arc::new(PlainInspectors),
            images: Arc::new(PlainImages),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            address: Arc::new(|id| format!("/avatars/{id}")),
        };
        let naming: AvatarNaming = Box::new(|_| Once { key, render: render_avatar });
        set.execute(person, &mut content, naming).await
    }

    pub(crate) async fn remove_avatar(&self, person: &Actor) -> Result<ProfileView, UseCaseError> {
        self.remove_avatar_as(person, None).await.map(now)
    }

    pub(crate) async fn remove_avatar_as(
        &self,
        person: &Actor,
        key: Option<RequestKey>,
    ) -> Result<Answered<AvatarChanged>, UseCaseError> {
        let (store, blobs, clock) = (self.store.clone(), self.blobs.clone(), self.clock.clone());
        let remove = RemoveAvatar { store, blobs: Arc::new(blobs), clock };
        remove.execute(person, &Once { key, render: render_avatar }).await
    }

    pub(crate) async fn show_avatar(&self, url: &str) -> Result<Vec<u8>, UseCaseError> {
        let id = FileId::new(url.strip_prefix("/avatars/").unwrap().parse().unwrap());
        let show = ShowAvatar { files: self.store.clone(), blobs: Arc::new(self.blobs.clone()) };
        let mut found = show.execute(id).await?;
        Ok(found.blob.content.next().await.unwrap().unwrap_or_default().to_vec())
    }

    /// The file behind an avatar's address.
    pub(crate) async fn view_of(&self, url: &str) -> FileView {
        let id = FileId::new(url.strip_prefix("/avatars/").unwrap().parse().unwrap());
        self.store.file(id).await.unwrap().unwrap()
    }

    pub(crate) async fn avatar_url(&self, person: &Actor) -> Option<String> {
        self.store.account(person.user_id).await.unwrap().unwrap().avatar_url
    }

    pub(crate) fn sweep(&self) -> SweepBlobs {
        SweepBlobs {
            blobs: Arc::new(self.blobs.clone()),
            files: self.store.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(crate) fn sweep_files(&self) -> SweepFiles {
        SweepFiles {
            store: self.store.clone(),
            blobs: Arc::new(self.blobs.clone()),
            clock: self.clock.clone(),
        }
    }

    /// Whether no blob is there, and none is being written.
    pub(crate) fn has_no_blobs(&self) -> bool {
        self.blobs.keys().is_empty() && self.blobs.unfinished() == 0
    }
}

/// The profile after a command that was carried out.
fn now(answered: Answered<AvatarChanged>) -> ProfileView {
    match answered {
        Answered::Now(changed) => changed.profile,
        Answered::Before(answer) => panic!("{answer:?}"),
    }
}

fn render_avatar(changed: &AvatarChanged) -> Result<StoredAnswer, UseCaseError> {
    let url = changed.profile.account.avatar_url.clone();
    Ok(StoredAnswer { status: 200, body: url.unwrap_or_default() })
}

fn render(shown: &ShownFile) -> Result<StoredAnswer, UseCaseError> {
    Ok(StoredAnswer { status: 201, body: shown.file.id.to_string() })
}

pub(crate) fn key(person: &Actor, request: u8) -> Option<RequestKey> {
    Some(RequestKey { user_id: person.user_id, key: "k".into(), fingerprint: [request; 32] })
}
