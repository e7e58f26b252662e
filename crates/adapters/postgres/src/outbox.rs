//! Facts on their way out: the rows of `outbox`.
//!
//! A payload's keys are as stable as the fact's name: whoever reads old rows relies on them. Ids
//! are strings. The match is exhaustive and destructures in full, so that a new fact, or a new
//! particular of one, does not compile until it has been given its key.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::event::{Event, Fact};
use domain::identity::IdentityEvent;
use domain::ids::{EventId, UserId};
use ports::store::StoreError;
use serde_json::{Value, json};

use crate::error::store_error;
use crate::schema::outbox;

/// A fact in the form of a row.
struct Told {
    name: &'static str,
    user_id: Option<UserId>,
    payload: Value,
}

fn told(fact: &Fact) -> Told {
    match fact {
        Fact::Identity(event) => {
            Told { name: event.name(), user_id: Some(event.user_id()), payload: identity_payload(event) }
        }
    }
}

fn identity_payload(event: &IdentityEvent) -> Value {
    match event {
        IdentityEvent::Registered { user_id, role } => {
            json!({ "user_id": user_id.to_string(), "role": role.as_str() })
        }
        IdentityEvent::IdentityChanged { user_id, email_changed } => {
            json!({ "user_id": user_id.to_string(), "email_changed": email_changed })
        }
        IdentityEvent::PasswordChanged { user_id } | IdentityEvent::Deactivated { user_id } => {
            json!({ "user_id": user_id.to_string() })
        }
        IdentityEvent::TokenReuseDetected { user_id, session_id } => {
            json!({ "user_id": user_id.to_string(), "session_id": session_id.to_string() })
        }
        IdentityEvent::Blocked { user_id, by, reason } => {
            json!({ "user_id": user_id.to_string(), "by": by.to_string(), "reason": reason })
        }
        IdentityEvent::Unblocked { user_id, by } => {
            json!({ "user_id": user_id.to_string(), "by": by.to_string() })
        }
    }
}

/// Appends one fact.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    id: EventId,
    event: &Event,
) -> Result<(), StoreError> {
    let Event { fact, occurred_at } = event;
    let Told { name, user_id, payload } = told(fact);
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id.uuid()),
            outbox::name.eq(name),
            outbox::user_id.eq(user_id.map(UserId::uuid)),
            outbox::payload.eq(payload),
            outbox::occurred_at.eq(*occurred_at),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::identity::Role;
    use domain::ids::SessionId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn keys_are_stable() {
        let user_id = UserId::new(Uuid::from_u128(1));
        let by = UserId::new(Uuid::from_u128(2));
        let session_id = SessionId::new(Uuid::from_u128(3));
        let (user, admin) = (user_id.to_string(), by.to_string());
        let cases = [
            (
                IdentityEvent::Registered { user_id, role: Role::Writer },
                "user.registered",
                json!({"user_id": user, "role": "writer"}),
            ),
            (
                IdentityEvent::IdentityChanged { user_id, email_changed: true },
                "user.identity_changed",
                json!({"user_id": user, "email_changed": true}),
            ),
            (IdentityEvent::PasswordChanged { user_id }, "user.password_changed", json!({"user_id": user})),
            (
                IdentityEvent::TokenReuseDetected { user_id, session_id },
                "session.token_reuse_detected",
                json!({"user_id": user, "session_id": session_id.to_string()}),
            ),
            (
                IdentityEvent::Blocked { user_id, by, reason: "spam".into() },
                "user.blocked",
                json!({"user_id": user, "by": admin, "reason": "spam"}),
            ),
            (
                IdentityEvent::Unblocked { user_id, by },
                "user.unblocked",
                json!({"user_id": user, "by": admin}),
            ),
            (IdentityEvent::Deactivated { user_id }, "user.deactivated", json!({"user_id": user})),
        ];
        for (event, name, payload) in cases {
            let told = told(&Fact::Identity(event));
            assert_eq!((told.name, told.payload), (name, payload));
            assert_eq!(told.user_id, Some(user_id));
        }
    }
}
