//! Facts about accounts.

use domain::identity::IdentityEvent;
use serde_json::{Value, json};

pub(super) fn payload(event: &IdentityEvent) -> Value {
    match event {
        IdentityEvent::Registered { user_id, role } => {
            json!({ "user_id": user_id.to_string(), "role": role.as_str() })
        }
        IdentityEvent::IdentityChanged { user_id, email_changed } => {
            json!({ "user_id": user_id.to_string(), "email_changed": email_changed })
        }
        IdentityEvent::ProfileChanged { user_id }
        | IdentityEvent::PasswordChanged { user_id }
        | IdentityEvent::Deactivated { user_id } => {
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
