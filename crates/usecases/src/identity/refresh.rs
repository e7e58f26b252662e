//! Prolonging a login: a refresh token against its successor and a new access token.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::identity::{IdentityEvent, Refresh, User};
use domain::ids::SessionId;
use ports::identity::Lock;
use ports::store::{Store, UnitOfWork};
use secrecy::SecretString;

use super::{Authenticate, TokenIssuer, TokenPair};
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Prolongs logins.
pub struct RefreshSession {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Learns at once of a login that ends here.
    pub authenticate: Arc<Authenticate>,
    /// Tokens, time and identifiers.
    pub issuer: TokenIssuer,
}

impl RefreshSession {
    /// Replaces `token` by its successor.
    ///
    /// # Errors
    /// `Unauthorized` for a token that is unknown, expired, of an ended login or used before; the
    /// last also ends the login. A blocked or deactivated account is told so.
    pub async fn execute(&self, token: SecretString) -> Result<TokenPair, UseCaseError> {
        let now = self.issuer.clock.now();
        let successor = self.issuer.refresh.successor(&token);
        let exchange = Exchange { issuer: &self.issuer, token: &token, successor: &successor, now };
        match transact(self.store.as_ref(), &exchange).await? {
            Exchanged::Granted(tokens) => Ok(tokens),
            Exchanged::Refused => Err(bad_token()),
            Exchanged::Reused { session_id } => {
                self.authenticate.note_ended(&[session_id], now);
                tracing::warn!(session = %session_id, "a refresh token was used twice; the login was ended");
                Err(bad_token())
            }
        }
    }
}

fn bad_token() -> UseCaseError {
    UseCaseError::Unauthorized {
        reason: None,
        message: "The refresh token is not valid; log in again".into(),
    }
}

struct Exchange<'a> {
    issuer: &'a TokenIssuer,
    token: &'a SecretString,
    successor: &'a SecretString,
    now: DateTime<Utc>,
}

/// An outcome, not an error, even where it is a refusal: ending a login must be committed.
enum Exchanged {
    Granted(TokenPair),
    Refused,
    Reused { session_id: SessionId },
}

impl Transaction for Exchange<'_> {
    type Output = Exchanged;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Exchanged, UseCaseError> {
        let Some(found) = work.sessions().find_token(&self.issuer.digest(self.token)).await? else {
            return Ok(Exchanged::Refused);
        };
        let Some(user) = work.users().lock(found.user_id, Lock::Shared).await? else {
            return Ok(Exchanged::Refused);
        };
        // First of all, as blocking and deactivating have ended the login: a genuine token, even an
        // old one, is told why.
        user.may_enter()?;
        let Some(mut session) = work.sessions().lock(found.session_id).await? else {
            return Ok(Exchanged::Refused);
        };
        let session_id = session.id;
        match session.refresh(found.token, self.now) {
            Refresh::Refused => Ok(Exchanged::Refused),
            Refresh::Reused => {
                work.sessions().save_end(&session).await?;
                let event = IdentityEvent::TokenReuseDetected { user_id: user.id, session_id };
                self.issuer.tell(work, event, self.now).await?;
                Ok(Exchanged::Reused { session_id })
            }
            Refresh::Replayed => self.grant(&user, session_id),
            Refresh::Rotated => {
                work.sessions().save_rotation(&session, &self.issuer.digest(self.successor)).await?;
                self.grant(&user, session_id)
            }
        }
    }
}

impl Exchange<'_> {
    fn grant(&self, user: &User, session_id: SessionId) -> Result<Exchanged, UseCaseError> {
        Ok(Exchanged::Granted(self.issuer.pair(user, session_id, self.successor.clone(), self.now)?))
    }
}
