//! The pair of tokens that a login hands out.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use domain::event::Event;
use domain::identity::{ACCESS_TOKEN_TTL, IdentityEvent, Session, User};
use domain::ids::{EventId, SessionId};
use ports::environment::{Clock, Ids};
use ports::identity::{AccessClaims, AccessTokens, RefreshTokens, TokenDigest};
use ports::store::UnitOfWork;
use secrecy::SecretString;

use crate::error::UseCaseError;

/// What a client keeps to stay logged in.
#[derive(Debug)]
pub struct TokenPair {
    /// A JWT, good for a quarter of an hour.
    pub access_token: SecretString,
    /// Opaque, good for one use within thirty days.
    pub refresh_token: SecretString,
}

/// The ports that every command around logins needs.
#[derive(Clone)]
pub struct TokenIssuer {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// Signs access tokens.
    pub access: Arc<dyn AccessTokens>,
    /// Makes refresh tokens.
    pub refresh: Arc<dyn RefreshTokens>,
}

impl TokenIssuer {
    /// A new login for `user` and its first refresh token; nothing is stored yet.
    pub(super) fn start_session(
        &self,
        user: &User,
        now: DateTime<Utc>,
    ) -> Result<(Session, SecretString), UseCaseError> {
        let session = Session::start(SessionId::new(self.ids.uuid(now)), user.id, now);
        let first = self.refresh.first().map_err(UseCaseError::Internal)?;
        Ok((session, first))
    }

    /// Signs the access token that goes with a stored refresh token.
    pub(super) fn pair(
        &self,
        user: &User,
        session_id: SessionId,
        refresh_token: SecretString,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, UseCaseError> {
        let issued_at = now.trunc_subsecs(0);
        let claims = AccessClaims {
            user_id: user.id,
            session_id,
            email: user.email.as_str().to_owned(),
            role: user.role,
            is_verified: user.is_verified,
            issued_at,
            expires_at: issued_at + ACCESS_TOKEN_TTL,
            token_id: self.ids.uuid(now),
        };
        let access_token = self.access.issue(&claims).map_err(UseCaseError::Internal)?;
        Ok(TokenPair { access_token: access_token.into(), refresh_token })
    }

    pub(super) fn digest(&self, token: &SecretString) -> TokenDigest {
        self.refresh.digest(token)
    }

    /// Writes a fact to the outbox of `work`.
    pub(super) async fn tell(
        &self,
        work: &mut dyn UnitOfWork,
        fact: IdentityEvent,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let event = Event { fact: fact.into(), occurred_at: now };
        Ok(work.outbox().append(&[(EventId::new(self.ids.uuid(now)), event)]).await?)
    }
}
