//! Changing what one says of oneself.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::identity::{FullName, IdentityPatch};
use domain::profiles::ProfilePatch;
use ports::identity::Lock;
use ports::profiles::{ProfileVersion, ProfileView};
use ports::store::{StoreError, UnitOfWork};

use crate::desk::Desk;
use crate::error::{UseCaseError, Versions, must_be_one_of};
use crate::idempotency::{Answered, Once};
use crate::identity::{no_such_account, save_account};
use crate::transact::Transaction;
use domain::money::MARKET_CURRENCY;

/// Changes profiles for their owners.
pub struct EditProfile(pub Desk);

/// What the owner wants changed.
#[derive(Clone, Debug, Default)]
pub struct ProfileEdit {
    /// A new name.
    pub full_name: Option<FullName>,
    /// Of what they say of themselves.
    pub patch: ProfilePatch,
    /// Of which versions.
    pub versions: Versions<ProfileVersion>,
}

impl EditProfile {
    /// Changes what is named, and answers the whole profile. Values equal to the present ones change
    /// nothing.
    ///
    /// # Errors
    /// `PreconditionFailed` for a version that is not the present one; `Unauthorized` for an account
    /// that may not be used any more.
    pub async fn execute(
        &self,
        actor: &Actor,
        edit: ProfileEdit,
        once: &Once<ProfileView>,
    ) -> Result<Answered<ProfileView>, UseCaseError> {
        let now = self.0.now();
        self.0.carry_out(&Editing { desk: &self.0, actor, edit, now }, once, now).await
    }
}

struct Editing<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    edit: ProfileEdit,
    now: DateTime<Utc>,
}

impl Transaction for Editing<'_> {
    type Output = ProfileView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<ProfileView, UseCaseError> {
        let Self { desk, actor, edit: ProfileEdit { full_name, patch, versions }, now } = self;
        let user_id = actor.user_id;
        let mut user = work.users().lock(user_id, Lock::Exclusive).await?.ok_or_else(no_such_account)?;
        user.may_enter()?;
        let mut profile = work.profiles().lock(user_id).await?.ok_or_else(missing)?;
        must_be_one_of(versions, &ProfileVersion { account: user.version, profile: profile.version })?;
        let name = IdentityPatch { full_name: full_name.clone(), ..IdentityPatch::default() };
        let renamed = user.change_identity(name, None, Issuer::from(*actor), *now)?;
        if renamed.is_some() {
            save_account(work, &mut user).await?;
        }
        let rewritten = profile.change(patch.clone(), *now);
        if rewritten.is_some() {
            work.profiles().save(&mut profile).await?;
        }
        desk.recorder.tell(work, renamed.into_iter().chain(rewritten), *now).await?;
        work.profiles().view(user_id, MARKET_CURRENCY).await?.ok_or_else(missing)
    }
}

/// Every account has a profile.
fn missing() -> UseCaseError {
    UseCaseError::Internal(Box::new(StoreError::Stale { what: "profile" }))
}
