//! Tokens that anybody can read and forge, but that tell the truth.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use domain::identity::Role;
use domain::ids::{SessionId, UserId};
use ports::identity::{AccessClaims, AccessTokens, InvalidToken, RefreshTokens, TokenDigest};
use ports::store::Cause;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// Writes the claims down as they are.
#[derive(Debug, Default)]
pub struct PlainAccessTokens {
    is_broken: AtomicBool,
}

impl PlainAccessTokens {
    /// From now on nothing can be signed, or it can again.
    pub fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::Relaxed);
    }
}

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, Cause> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err("the signer is broken".into());
        }
        let AccessClaims { user_id, session_id, email, role, is_verified, issued_at, expires_at, token_id } =
            claims;
        // A real token would lose the fraction, and what was issued would not be what is read.
        if [issued_at, expires_at].iter().any(|time| time.timestamp_subsec_nanos() != 0) {
            return Err("iat and exp are whole seconds".into());
        }
        let (iat, exp) = (issued_at.timestamp(), expires_at.timestamp());
        // The address comes last, as it may hold the separator.
        Ok(format!("access|{user_id}|{session_id}|{role}|{is_verified}|{iat}|{exp}|{token_id}|{email}"))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, InvalidToken> {
        let claims = read(token).ok_or(InvalidToken)?;
        if now < claims.expires_at { Ok(claims) } else { Err(InvalidToken) }
    }
}

fn read(token: &str) -> Option<AccessClaims> {
    let parts: Vec<_> = token.splitn(9, '|').collect();
    let ["access", user_id, session_id, role, is_verified, iat, exp, token_id, email] = parts.as_slice()
    else {
        return None;
    };
    let time = |seconds: &str| DateTime::from_timestamp(seconds.parse().ok()?, 0);
    Some(AccessClaims {
        user_id: UserId::new(user_id.parse().ok()?),
        session_id: SessionId::new(session_id.parse().ok()?),
        email: (*email).to_owned(),
        role: Role::from_word(role)?,
        is_verified: is_verified.parse().ok()?,
        issued_at: time(iat)?,
        expires_at: time(exp)?,
        token_id: token_id.parse::<Uuid>().ok()?,
    })
}

/// Numbers the chains, and the tokens within them: `refresh-3.0`, `refresh-3.1`, …
#[derive(Debug, Default)]
pub struct PlainRefreshTokens {
    chains: AtomicU64,
    is_broken: AtomicBool,
}

impl PlainRefreshTokens {
    /// From now on there is no randomness for a first token, or there is again.
    pub fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::Relaxed);
    }
}

impl RefreshTokens for PlainRefreshTokens {
    fn first(&self) -> Result<SecretString, Cause> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err("there is no randomness".into());
        }
        let chain = self.chains.fetch_add(1, Ordering::Relaxed);
        Ok(format!("refresh-{chain}.0").into())
    }

    fn successor(&self, token: &SecretString) -> SecretString {
        let token = token.expose_secret();
        let next = token.rsplit_once('.').and_then(|(chain, place)| {
            let place = place.parse::<u64>().ok()?.checked_add(1)?;
            Some(format!("{chain}.{place}"))
        });
        next.unwrap_or_else(|| format!("{token}.1")).into()
    }

    fn digest(&self, token: &SecretString) -> TokenDigest {
        let mut digest = [0; 32];
        for (salt, part) in (0_u8..).zip(digest.chunks_mut(8)) {
            let mut hasher = DefaultHasher::new();
            (salt, token.expose_secret()).hash(&mut hasher);
            part.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        TokenDigest(digest)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};

    use super::*;

    #[test]
    fn claims_go_round_until_they_expire() {
        let now = Utc.timestamp_opt(1_780_000_000, 0).unwrap();
        let claims = AccessClaims {
            user_id: UserId::new(Uuid::from_u128(1)),
            session_id: SessionId::new(Uuid::from_u128(2)),
            email: "a|b@example.com".into(),
            role: Role::Writer,
            is_verified: true,
            issued_at: now,
            expires_at: now + TimeDelta::minutes(15),
            token_id: Uuid::from_u128(3),
        };
        let tokens = PlainAccessTokens::default();
        let token = tokens.issue(&claims).unwrap();
        let last = claims.expires_at - TimeDelta::microseconds(1);
        assert_eq!(tokens.verify(&token, last), Ok(claims.clone()));
        assert_eq!(tokens.verify(&token, claims.expires_at), Err(InvalidToken));
        for wrong in ["", "access", "refresh-0.0", token.trim_start_matches("access")] {
            assert_eq!(tokens.verify(wrong, now), Err(InvalidToken), "{wrong}");
        }
        let fraction = AccessClaims { issued_at: now + TimeDelta::microseconds(1), ..claims.clone() };
        assert!(tokens.issue(&fraction).is_err());
        tokens.set_broken(true);
        assert!(tokens.issue(&claims).is_err());
    }

    #[test]
    fn a_successor_can_be_computed_again_and_digests_differ() {
        let tokens = PlainRefreshTokens::default();
        let (first, other) = (tokens.first().unwrap(), tokens.first().unwrap());
        let second = tokens.successor(&first);
        assert_eq!(second.expose_secret(), tokens.successor(&first).expose_secret());
        let chain = [&first, &other, &second, &tokens.successor(&second), &"strange".into()];
        let digests: std::collections::HashSet<_> = chain.iter().map(|token| tokens.digest(token)).collect();
        assert_eq!(digests.len(), chain.len());
        assert!(tokens.digest(&first) == tokens.digest(&first));
        tokens.set_broken(true);
        assert!(tokens.first().is_err());
    }
}
