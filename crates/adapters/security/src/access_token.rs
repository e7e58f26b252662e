//! Access tokens: JSON Web Tokens signed with HMAC-SHA256.

use chrono::{DateTime, TimeZone, Utc};
use domain::identity::Role;
use domain::ids::{SessionId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use ports::identity::{AccessClaims, AccessTokens, InvalidToken};
use ports::store::Cause;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who signs: the claim `iss`.
pub const ISSUER: &str = "guildhall";
/// For whom: the claim `aud`. Tokens for other purposes carry another one.
pub const AUDIENCE: &str = "guildhall-api";

/// Longest token that is looked at, in bytes; ours have about 500.
const MAX_TOKEN_BYTES: usize = 4_096;

/// Signs and reads access tokens with one key.
pub struct JwtAccessTokens {
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    sid: Uuid,
    email: String,
    role: String,
    is_verified: bool,
    iat: i64,
    exp: i64,
    jti: Uuid,
    iss: String,
    aud: String,
}

impl JwtAccessTokens {
    /// Signs with `key`, at least 32 bytes.
    #[must_use]
    pub fn new(key: &SecretSlice<u8>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would ask the machine's clock; ours is a port.
        validation.validate_exp = false;
        validation.leeway = 0;
        Self {
            signing: EncodingKey::from_secret(key.expose_secret()),
            reading: DecodingKey::from_secret(key.expose_secret()),
            validation,
        }
    }
}

impl AccessTokens for JwtAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, Cause> {
        let AccessClaims { user_id, session_id, email, role, is_verified, issued_at, expires_at, token_id } =
            claims;
        let claims = Claims {
            sub: user_id.uuid(),
            sid: session_id.uuid(),
            email: email.clone(),
            role: role.as_str().to_owned(),
            is_verified: *is_verified,
            iat: issued_at.timestamp(),
            exp: expires_at.timestamp(),
            jti: *token_id,
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
        };
        Ok(encode(&Header::new(Algorithm::HS256), &claims, &self.signing)?)
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, InvalidToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken);
        }
        let decoded = decode::<Claims>(token, &self.reading, &self.validation).map_err(|_| InvalidToken)?;
        let Claims { sub, sid, email, role, is_verified, iat, exp, jti, iss: _, aud: _ } = decoded.claims;
        let expires_at = moment(exp)?;
        if now >= expires_at {
            return Err(InvalidToken);
        }
        Ok(AccessClaims {
            user_id: UserId::new(sub),
            session_id: SessionId::new(sid),
            email,
            role: Role::from_word(&role).ok_or(InvalidToken)?,
            is_verified,
            issued_at: moment(iat)?,
            expires_at,
            token_id: jti,
        })
    }
}

fn moment(seconds: i64) -> Result<DateTime<Utc>, InvalidToken> {
    Utc.timestamp_opt(seconds, 0).single().ok_or(InvalidToken)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::TimeDelta;

    use super::*;

    fn tokens() -> JwtAccessTokens {
        JwtAccessTokens::new(&vec![7_u8; 32].into())
    }

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000, 0).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            user_id: UserId::new(Uuid::from_u128(1)),
            session_id: SessionId::new(Uuid::from_u128(2)),
            email: "ada@example.com".into(),
            role: Role::Writer,
            is_verified: true,
            issued_at: now(),
            expires_at: now() + TimeDelta::minutes(15),
            token_id: Uuid::from_u128(3),
        }
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let token = tokens().issue(&claims()).unwrap();
        assert_eq!(tokens().verify(&token, now()), Ok(claims()));
    }

    #[test]
    fn it_expires_to_the_second_without_leeway() {
        let token = tokens().issue(&claims()).unwrap();
        let end = now() + TimeDelta::minutes(15);
        assert!(tokens().verify(&token, end - TimeDelta::seconds(1)).is_ok());
        assert_eq!(tokens().verify(&token, end), Err(InvalidToken));
    }

    #[test]
    fn forgeries_are_refused() {
        let token = tokens().issue(&claims()).unwrap();
        let (head, rest) = token.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        let hs512 = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS512"}"#);
        let admin = URL_SAFE_NO_PAD.encode(
            String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap().replace("writer", "admin"),
        );
        let foreign = JwtAccessTokens::new(&vec![8_u8; 32].into()).issue(&claims()).unwrap();
        for forged in [
            String::new(),
            ".".into(),
            "..".into(),
            foreign,
            format!("{none}.{body}."),
            format!("{none}.{body}.{signature}"),
            format!("{hs512}.{body}.{signature}"),
            format!("{head}.{admin}.{signature}"),
            format!("{head}.{body}"),
            format!("{token}x"),
            "x".repeat(MAX_TOKEN_BYTES + 1),
        ] {
            assert_eq!(tokens().verify(&forged, now()), Err(InvalidToken), "{forged}");
        }
    }

    type Change = fn(&mut serde_json::Value);

    #[test]
    fn tokens_for_another_purpose_are_refused() {
        let signed = |change: Change| {
            let token = tokens().issue(&claims()).unwrap();
            let body = token.split('.').nth(1).unwrap();
            let mut claims: serde_json::Value =
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
            change(&mut claims);
            encode(&Header::new(Algorithm::HS256), &claims, &tokens().signing).unwrap()
        };
        let changes: [(&str, Change); 5] = [
            ("aud", |c| c["aud"] = "guildhall-download".into()),
            ("iss", |c| c["iss"] = "somebody".into()),
            ("role", |c| c["role"] = "emperor".into()),
            ("exp", |c| drop(c.as_object_mut().unwrap().remove("exp"))),
            ("sid", |c| drop(c.as_object_mut().unwrap().remove("sid"))),
        ];
        for (name, change) in changes {
            assert_eq!(tokens().verify(&signed(change), now()), Err(InvalidToken), "{name}");
        }
        assert!(tokens().verify(&signed(|_| ()), now()).is_ok(), "the change alone was what was refused");
    }
}
