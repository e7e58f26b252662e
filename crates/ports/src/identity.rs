//! Accounts and logins: repositories, questions, and the secrets around them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::{
    EmailAddress, NewPassword, PasswordHash, PresentedToken, Role, Session, SessionEnd, Standing, User,
};
use domain::ids::{SessionId, UserId};
use domain::profiles::Figures;
use secrecy::SecretString;
use thiserror::Error;

use crate::store::{Cause, StoreError};

/// How a row is locked when it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// `FOR SHARE`: it must not change before this transaction ends (a login against a block).
    Shared,
    /// `FOR NO KEY UPDATE`: this transaction is going to change it.
    Exclusive,
}

/// What became of a write that needs an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum EmailClaim {
    /// Written.
    Granted,
    /// Another account has that address; nothing was written and the transaction is still good.
    Taken,
}

/// The accounts.
#[async_trait]
pub trait Users: Send {
    /// Adds an account with its empty profile and figures.
    async fn insert(&mut self, user: &User) -> Result<EmailClaim, StoreError>;

    /// Loads and locks an account.
    async fn lock(&mut self, id: UserId, lock: Lock) -> Result<Option<User>, StoreError>;

    /// What others must know of these accounts, of each once, as far as there are such accounts. Takes
    /// no lock.
    async fn standings(&mut self, ids: &[UserId]) -> Result<Vec<Standing>, StoreError>;

    /// Whether there is an administrator. Whoever else asks waits until this transaction ends, and sees
    /// what it has left.
    async fn lock_administrators(&mut self) -> Result<bool, StoreError>;

    /// Saves what a command changed and raises `user.version`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is not `user.version`.
    async fn save(&mut self, user: &mut User) -> Result<EmailClaim, StoreError>;
}

/// The logins.
#[async_trait]
pub trait Sessions: Send {
    /// Adds a login with its first refresh token.
    async fn insert(&mut self, session: &Session, first_token: &TokenDigest) -> Result<(), StoreError>;

    /// Whose token this is and where in its chain it stands. Takes no lock: a token's row never
    /// changes, so that the caller can lock user and session in their order first.
    async fn find_token(&mut self, token: &TokenDigest) -> Result<Option<FoundToken>, StoreError>;

    /// Loads a login and locks it exclusively.
    async fn lock(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Saves a rotation: the new generation and the digest of its token.
    async fn save_rotation(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError>;

    /// Saves the end of a login and announces it to every process (see [`SessionQueries::ended_since`]).
    async fn save_end(&mut self, session: &Session) -> Result<(), StoreError>;

    /// Ends every live login of a person but `except`, announces them, and says which they were.
    async fn end_all(
        &mut self,
        user_id: UserId,
        except: Option<SessionId>,
        reason: SessionEnd,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError>;
}

/// A refresh token that was issued here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundToken {
    /// Its login.
    pub session_id: SessionId,
    /// Whose login that is.
    pub user_id: UserId,
    /// Its place in the chain.
    pub token: PresentedToken,
}

/// SHA-256 of a refresh token: all that is ever stored of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

/// What a login attempt is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub user_id: UserId,
    /// The hash of its password at the time of the question.
    pub password: PasswordHash,
}

/// One account as its owner sees it: one row of accounts, profiles and figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Identifier.
    pub id: UserId,
    /// Address, as typed.
    pub email: String,
    /// Name.
    pub full_name: String,
    /// Role.
    pub role: Role,
    /// Telephone number.
    pub phone: Option<String>,
    /// Whether an administrator has checked who they are.
    pub is_verified: bool,
    /// Registration.
    pub created_at: DateTime<Utc>,
    /// Last change of the account.
    pub updated_at: DateTime<Utc>,
    /// Self-description.
    pub bio: Option<String>,
    /// Where the picture is.
    pub avatar_url: Option<String>,
    /// Fields of work.
    pub specializations: Vec<String>,
    /// Degrees.
    pub education: Option<String>,
    /// Languages.
    pub languages: Vec<String>,
    /// What orders and reviews add up to.
    pub figures: Figures,
}

/// Questions about accounts.
#[async_trait]
pub trait AccountQueries: Send + Sync {
    /// One account in full.
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError>;

    /// What to check a password against, by address without regard to case.
    async fn credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError>;

    /// The same by account, for people who are logged in.
    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// Whether there is any administrator, whatever their state.
    async fn has_administrator(&self) -> Result<bool, StoreError>;
}

/// How far a process has read the announcements of ended logins. Opaque to everybody but storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedCursor(pub i64);

/// Logins that ended early, as announced since a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSessions {
    /// The login and when it ended. The same one may come more than once.
    pub sessions: Vec<(SessionId, DateTime<Utc>)>,
    /// Where to go on reading.
    pub next: EndedCursor,
}

/// Questions about logins.
#[async_trait]
pub trait SessionQueries: Send + Sync {
    /// Logins whose end was announced since `cursor`, or all that ended after `not_before` when
    /// there is no cursor yet. Never misses one, however late its transaction committed.
    async fn ended_since(
        &self,
        cursor: Option<EndedCursor>,
        not_before: DateTime<Utc>,
    ) -> Result<EndedSessions, StoreError>;

    /// Whether one login is live: the check that is always right, for when the announcements are late.
    async fn is_live(&self, id: SessionId) -> Result<bool, StoreError>;
}

/// Why a password could not be hashed or verified.
#[derive(Debug, Error)]
pub enum HasherError {
    /// Too many are waiting already: the request is turned away rather than queued without end.
    #[error("too many passwords are being checked at present")]
    Busy,
    /// A fault of the hasher or of a stored hash.
    #[error("the password hasher failed: {0}")]
    Failed(#[source] Cause),
}

/// Hashes passwords, slowly and off the async threads.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Makes the hash of a password that passed the rules.
    ///
    /// # Errors
    /// See [`HasherError`].
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash, HasherError>;

    /// Whether `attempt` is the password behind `hash`. With no hash (unknown account) it takes the
    /// same time and says no.
    ///
    /// # Errors
    /// See [`HasherError`].
    async fn verify(&self, attempt: SecretString, hash: Option<PasswordHash>) -> Result<bool, HasherError>;
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// `sub`
    pub user_id: UserId,
    /// `sid`
    pub session_id: SessionId,
    /// `email`
    pub email: String,
    /// `role`
    pub role: Role,
    /// `is_verified`
    pub is_verified: bool,
    /// `iat`, whole seconds
    pub issued_at: DateTime<Utc>,
    /// `exp`, whole seconds
    pub expires_at: DateTime<Utc>,
    /// `jti`
    pub token_id: uuid::Uuid,
}

/// The token is malformed, of another kind, wrongly signed or expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the access token is not valid")]
pub struct InvalidToken;

/// Signs and reads access tokens. `iss` and `aud` are the implementation's own.
pub trait AccessTokens: Send + Sync {
    /// Signs a token.
    ///
    /// # Errors
    /// A fault of the signer.
    fn issue(&self, claims: &AccessClaims) -> Result<String, Cause>;

    /// Reads and checks a token at `now`.
    ///
    /// # Errors
    /// [`InvalidToken`], whatever is wrong with it.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, InvalidToken>;
}

/// Makes refresh tokens. A token's successor is an HMAC of it under a key derived from the secret,
/// so that it can be computed, and sent, again.
pub trait RefreshTokens: Send + Sync {
    /// A fresh random token, the first of a chain.
    ///
    /// # Errors
    /// The system has no randomness.
    fn first(&self) -> Result<SecretString, Cause>;

    /// The token that follows `token`.
    fn successor(&self, token: &SecretString) -> SecretString;

    /// What is stored of a token.
    fn digest(&self, token: &SecretString) -> TokenDigest;
}
