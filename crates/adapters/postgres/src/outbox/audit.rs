//! Facts about checks of the books.

use domain::audit::AuditEvent;
use domain::ids::UserId;
use serde_json::{Value, json};

pub(super) fn payload(event: &AuditEvent) -> Value {
    match event {
        AuditEvent::Disagreed { check_id, offending, administrators } => json!({
            "check_id": check_id.to_string(),
            "offending": offending,
            "administrators": administrators.iter().map(UserId::to_string).collect::<Vec<_>>(),
        }),
        AuditEvent::PayoutsStopped { user_id, check_id } => {
            json!({ "user_id": user_id.to_string(), "check_id": check_id.to_string() })
        }
        AuditEvent::PayoutsResumed { user_id, by, reason } => {
            json!({ "user_id": user_id.to_string(), "by": by.to_string(), "reason": reason })
        }
    }
}
