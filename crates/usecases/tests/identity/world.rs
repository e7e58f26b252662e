//! A marketplace in memory, and short words for what happens in it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use adapter_memory::{
    ManualClock, MemoryStore, PlainAccessTokens, PlainHasher, PlainRefreshTokens, SequentialIds,
};
use domain::actor::Actor;
use domain::event::Fact;
use domain::identity::{
    BlockReason, EmailAddress, FullName, IdentityEvent, NewPassword, PhoneNumber, Role, User,
};
use domain::ids::UserId;
use ports::idempotency::StoredAnswer;
use ports::identity::{AccountQueries, Lock};
use ports::store::{Store, StoreError};
use secrecy::{ExposeSecret, SecretString};
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};
use usecases::identity::{
    AdminOutcome, Authenticate, BlockUser, Blocked, ChangePassword, CreateAdmin, DeactivateAccount, LogIn,
    LogOut, LoggedIn, NewAdmin, RefreshSession, Register, Registered, Registration, TokenIssuer, TokenPair,
    UnblockUser, UpdateIdentity, ViewAccount,
};

/// The password of everybody who does not say otherwise.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// One process with its storage. Clones are the same process.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) hasher: Arc<PlainHasher>,
    pub(crate) access: Arc<PlainAccessTokens>,
    pub(crate) refresh: Arc<PlainRefreshTokens>,
    pub(crate) issuer: TokenIssuer,
    pub(crate) authenticate: Arc<Authenticate>,
}

impl World {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::default());
        let access = Arc::new(PlainAccessTokens::default());
        let refresh = Arc::new(PlainRefreshTokens::default());
        let issuer = TokenIssuer {
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::default()),
            access: access.clone(),
            refresh: refresh.clone(),
        };
        let authenticate = Arc::new(Authenticate::new(access.clone(), store.clone(), clock.clone()));
        let hasher = Arc::new(PlainHasher::default());
        Self { store, clock, hasher, access, refresh, issuer, authenticate }
    }

    /// Another process on the same storage.
    pub(crate) fn other_process(&self) -> Self {
        let authenticate = Authenticate::new(self.access.clone(), self.store.clone(), self.clock.clone());
        Self { authenticate: Arc::new(authenticate), ..self.clone() }
    }

    pub(crate) fn register(&self) -> Register {
        Register { store: self.store.clone(), hasher: self.hasher.clone(), issuer: self.issuer.clone() }
    }

    pub(crate) fn log_in(&self) -> LogIn {
        LogIn {
            store: self.store.clone(),
            accounts: self.store.clone(),
            hasher: self.hasher.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(crate) fn log_out(&self) -> LogOut {
        LogOut {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(crate) fn refresh(&self) -> RefreshSession {
        RefreshSession {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(crate) fn change_password(&self) -> ChangePassword {
        ChangePassword {
            store: self.store.clone(),
            accounts: self.store.clone(),
            hasher: self.hasher.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(crate) fn update_identity(&self) -> UpdateIdentity {
        UpdateIdentity {
            store: self.store.clone(),
            accounts: self.store.clone(),
            hasher: self.hasher.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(crate) fn deactivate(&self) -> DeactivateAccount {
        DeactivateAccount {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(crate) fn block(&self) -> Block {
        Block(BlockUser {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        })
    }

    pub(crate) fn unblock(&self) -> Unblock {
        Unblock(UnblockUser { store: self.store.clone(), issuer: self.issuer.clone() })
    }

    pub(crate) fn create_admin(&self) -> CreateAdmin {
        CreateAdmin {
            store: self.store.clone(),
            accounts: self.store.clone(),
            hasher: self.hasher.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(crate) fn view_account(&self) -> ViewAccount {
        ViewAccount { accounts: self.store.clone() }
    }

    /// Opens an account with [`PASSWORD`].
    pub(crate) async fn account(&self, address: &str) -> Registered {
        self.account_as(address, Role::Writer).await
    }

    pub(crate) async fn account_as(&self, address: &str, role: Role) -> Registered {
        let registration = Registration { role, ..registration(address) };
        self.register().execute(registration).await.unwrap()
    }

    /// Makes an administrator with [`PASSWORD`] and logs them in.
    pub(crate) async fn admin(&self, address: &str) -> Actor {
        let outcome = self.create_admin().execute(new_admin(address)).await.unwrap();
        assert!(matches!(outcome, AdminOutcome::Created(_)), "{outcome:?}");
        self.actor(&self.enter(address).await.tokens).await
    }

    /// Logs in with [`PASSWORD`].
    pub(crate) async fn enter(&self, address: &str) -> LoggedIn {
        self.try_enter(address, PASSWORD).await.unwrap()
    }

    pub(crate) async fn try_enter(&self, address: &str, password: &str) -> Result<LoggedIn, UseCaseError> {
        self.log_in().execute(Some(&email(address)), password.into()).await
    }

    /// Whoever has this access token, let in as a request would be.
    pub(crate) async fn try_actor(&self, tokens: &TokenPair) -> Result<Actor, UseCaseError> {
        let claims = self.authenticate.read(tokens.access_token.expose_secret()).unwrap();
        self.authenticate.execute(&claims).await
    }

    pub(crate) async fn actor(&self, tokens: &TokenPair) -> Actor {
        self.try_actor(tokens).await.unwrap()
    }

    /// Whether a request with these tokens comes through.
    pub(crate) async fn is_in(&self, tokens: &TokenPair) -> bool {
        match self.try_actor(tokens).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(unauthorized(error), None);
                false
            }
        }
    }

    /// Whether the storage itself takes the login for live.
    pub(crate) async fn is_live(&self, tokens: &TokenPair) -> bool {
        self.other_process().is_in(tokens).await
    }

    /// An account as it is stored.
    pub(crate) async fn stored(&self, id: UserId) -> User {
        let mut work = self.store.begin().await.unwrap();
        let user = work.users().lock(id, Lock::Exclusive).await.unwrap().unwrap();
        work.rollback().await.unwrap();
        user
    }

    pub(crate) async fn is_registered(&self, address: &str) -> bool {
        self.store.credentials(&email(address)).await.unwrap().is_some()
    }

    /// Everything about accounts in the outbox, oldest first.
    pub(crate) fn facts(&self) -> Vec<IdentityEvent> {
        let fact = |fact| match fact {
            Fact::Identity(event) => Some(event),
            Fact::Order(_)
            | Fact::Bid(_)
            | Fact::Contract(_)
            | Fact::Proposal(_)
            | Fact::Dispute(_)
            | Fact::Money(_)
            | Fact::Messaging(_)
            | Fact::Audit(_) => None,
        };
        self.store.events().into_iter().filter_map(|(_, event)| fact(event.fact)).collect()
    }

    /// The names of the facts about one account.
    pub(crate) fn fact_names(&self, id: UserId) -> Vec<&'static str> {
        self.facts().iter().filter(|fact| fact.user_id() == id).map(IdentityEvent::name).collect()
    }

    pub(crate) fn last_fact(&self) -> IdentityEvent {
        self.facts().pop().unwrap()
    }
}

pub(crate) fn email(raw: &str) -> EmailAddress {
    EmailAddress::parse(raw).unwrap()
}

pub(crate) fn name(raw: &str) -> FullName {
    FullName::parse(raw).unwrap()
}

pub(crate) fn phone(raw: &str) -> PhoneNumber {
    PhoneNumber::parse(raw).unwrap()
}

pub(crate) fn reason(raw: &str) -> BlockReason {
    BlockReason::parse(raw).unwrap()
}

pub(crate) fn registration(address: &str) -> Registration {
    Registration {
        email: email(address),
        password: NewPassword::parse(PASSWORD, &email(address)).unwrap(),
        full_name: name("Ada Lovelace"),
        role: Role::Writer,
        phone: None,
    }
}

pub(crate) fn new_admin(address: &str) -> NewAdmin {
    let password = NewPassword::parse(PASSWORD, &email(address)).unwrap();
    NewAdmin { email: email(address), password, full_name: name("The Operator") }
}

/// A copy of a refresh token, as its owner's browser has one.
pub(crate) fn copy(token: &SecretString) -> SecretString {
    token.expose_secret().into()
}

/// The field that was refused, and why.
pub(crate) fn invalid(error: UseCaseError) -> (String, String) {
    match error {
        UseCaseError::Invalid { errors, .. } => {
            assert_eq!(errors.len(), 1, "{errors:?}");
            (errors[0].field.to_string(), errors[0].message.to_string())
        }
        other => panic!("{other:?}"),
    }
}

/// The reason given with a 401.
pub(crate) fn unauthorized(error: UseCaseError) -> Option<&'static str> {
    match error {
        UseCaseError::Unauthorized { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

/// Reason and state of a 409.
pub(crate) fn conflict(error: UseCaseError) -> (&'static str, &'static str) {
    match error {
        UseCaseError::Conflict { reason, state, .. } => (reason, state),
        other => panic!("{other:?}"),
    }
}

/// What storage said behind a 503.
pub(crate) fn unavailable(error: UseCaseError) -> StoreError {
    match error {
        UseCaseError::Unavailable { cause, .. } => *cause.downcast().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Bounds a test that would otherwise hang when the program is wrong.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("it ends")
}

/// Blocking, by requests that have no name.
pub(crate) struct Block(pub(crate) BlockUser);

impl Block {
    pub(crate) async fn execute(
        &self,
        actor: &Actor,
        id: UserId,
        reason: &BlockReason,
    ) -> Result<User, UseCaseError> {
        let once = Once { key: None, render: |_| Ok(StoredAnswer { status: 200, body: String::new() }) };
        match self.0.execute(actor, id, reason, &once).await? {
            Answered::Now(Blocked { user, .. }) => Ok(user),
            Answered::Before(answer) => panic!("{answer:?}"),
        }
    }
}

/// The same for unblocking.
pub(crate) struct Unblock(pub(crate) UnblockUser);

impl Unblock {
    pub(crate) async fn execute(&self, actor: &Actor, id: UserId) -> Result<User, UseCaseError> {
        let once = Once { key: None, render: |_| Ok(StoredAnswer { status: 200, body: String::new() }) };
        match self.0.execute(actor, id, &once).await? {
            Answered::Now(user) => Ok(user),
            Answered::Before(answer) => panic!("{answer:?}"),
        }
    }
}
