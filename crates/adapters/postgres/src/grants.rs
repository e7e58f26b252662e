//! What the serving role may do: the least that the program needs, table by table.
//!
//! Two roles: the owner migrates, the serving role serves and owns nothing. The list below is the
//! whole truth: [`give`] takes every other right away again, so that removing a word here removes
//! the right at the next start that may migrate. A test fails when a table is not listed.

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::migrations::MigrateError;

/// One right on one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Read.
    Select,
    /// Add rows.
    Insert,
    /// Change any column; also what `SELECT … FOR UPDATE` and its weaker forms ask for.
    Update,
    /// Change these columns only.
    UpdateOf(&'static [&'static str]),
    /// Remove rows.
    Delete,
}

/// Every table of the schema, and what the serving role may do with it.
pub const RIGHTS: [(&str, &[Right]); 44] = {
    use Right::{Delete, Insert, Select, Update, UpdateOf};
    [
        ("__diesel_schema_migrations", &[Select]),
        ("users", &[Select, Insert, Update]),
        ("profiles", &[Select, Insert, Update]),
        ("user_figures", &[Select, Insert, Update]),
        (
            "sessions",
            &[Select, Insert, UpdateOf(&["generation", "rotated_at", "ended_at", "end_reason"]), Delete],
        ),
        ("refresh_tokens", &[Select, Insert, Delete]),
        ("ended_sessions", &[Select, Insert, Delete]),
        (
            "outbox",
            &[Select, Insert, UpdateOf(&["dispatched_at", "refusals", "retry_at", "last_error"]), Delete],
        ),
        ("ledger_accounts", &[Select, Insert, UpdateOf(&["balance_minor"])]),
        ("ledger_transactions", &[Select, Insert]),
        ("postings", &[Select, Insert]),
        ("wallet_totals", &[Select, Insert, UpdateOf(&["earned_minor", "withdrawn_minor"])]),
        ("deposits", &[Select, Insert, UpdateOf(&["state", "completed_at", "version"])]),
        ("withdrawals", &[Select, Insert, UpdateOf(&WITHDRAWAL_CHANGES)]),
        ("chargebacks", &[Select, Insert, UpdateOf(&["state", "decided_at", "version"])]),
        (
            "idempotency_keys",
            &[Select, Insert, UpdateOf(&["fingerprint", "status", "body", "created_at"]), Delete],
        ),
        ("schedules", &[Select, Insert, UpdateOf(&["claimed_at"])]),
        ("leaderboards", &[Select, Insert, UpdateOf(&["currency", "as_of"])]),
        ("leaderboard_places", &[Select, Insert, UpdateOf(&PLACE_CHANGES), Delete]),
        ("orders", &[Select, Insert, UpdateOf(&ORDER_CHANGES)]),
        ("order_texts", &[Select, Insert, UpdateOf(&ORDER_TEXT_CHANGES)]),
        ("invitations", &[Select, Insert, UpdateOf(&["declined_at"])]),
        ("bids", &[Select, Insert, UpdateOf(&BID_CHANGES)]),
        ("offers", &[Select, Insert]),
        ("contracts", &[Select, Insert, UpdateOf(&CONTRACT_CHANGES)]),
        ("milestones", &[Select, Insert, UpdateOf(&MILESTONE_CHANGES)]),
        ("submissions", &[Select, Insert]),
        ("bonuses", &[Select, Insert]),
        ("disputes", &[Select, Insert, UpdateOf(&DISPUTE_CHANGES)]),
        ("dispute_offers", &[Select, Insert, UpdateOf(&["state", "ended_at"])]),
        ("dispute_evidence", &[Select, Insert]),
        ("dispute_files", &[Select, Insert]),
        ("proposals", &[Select, Insert, UpdateOf(&["state", "ended_at", "version"])]),
        ("reviews", &[Select, Insert]),
        (
            "chats",
            &[Select, Insert, UpdateOf(&["last_seq", "last_message_id", "from_provider", "updated_at"])],
        ),
        ("chat_members", &[Select, Insert, UpdateOf(&["activity", "read_seq", "unread"])]),
        ("messages", &[Select, Insert]),
        // They never change. Those who replace their picture lose the old one, and what nobody attached
        // to anything goes.
        // Rows are locked, which asks for a right to change something: an identifier cannot be, as the
        // name of the blob follows from it (files_storage_key_form).
        ("files", &[Select, Insert, UpdateOf(&["id"]), Delete]),
        ("order_files", &[Select, Insert]),
        ("message_attachments", &[Select, Insert]),
        ("notifications", &[Select, Insert, UpdateOf(&["is_read", "read_at"]), Delete]),
        (
            "notification_counts",
            &[Select, Insert, UpdateOf(&["total", "unread", "read_up_to", "read_up_to_at"])],
        ),
        ("ledger_checks", &[Select, Insert]),
        ("payout_holds", &[Select, Insert, UpdateOf(&["lifted_at", "lifted_by", "lift_reason"])]),
    ]
};

/// What becomes of a withdrawal; never whose it is, how much, or where to.
const WITHDRAWAL_CHANGES: [&str; 9] = [
    "state",
    "first_approved_by",
    "approved_by",
    "rejection_reason",
    "failure_reason",
    "sent_at",
    "completed_at",
    "updated_at",
    "version",
];

/// All but who has a place, and in which ranking.
const PLACE_CHANGES: [&str; 7] = [
    "rank",
    "orders_completed",
    "earned_minor",
    "orders_ever",
    "completed_ever",
    "rating_sum",
    "rating_count",
];

/// All but whose an order is and when it was posted.
const ORDER_CHANGES: [&str; 24] = [
    "deadline",
    "budget_minor",
    "bids_count",
    "revision",
    "updated_at",
    "version",
    "progress",
    "currency",
    "state",
    "title",
    "subject",
    "subject_key",
    "order_type",
    "pages",
    "provider_id",
    "accepted_bid_id",
    "contract_id",
    "accepted_minor",
    "awarded_at",
    "posted_deadline",
    "started_at",
    "completed_at",
    "cancelled_at",
    "expired_deadline",
];

/// All but which order they belong to.
const ORDER_TEXT_CHANGES: [&str; 7] = [
    "is_open",
    "description",
    "requirements_text",
    "detailed_requirements",
    "specifications",
    "milestone_plan",
    "search_words",
];

/// All but whose a bid is, on what, and when it was placed.
const BID_CHANGES: [&str; 14] = [
    "amount_minor",
    "currency",
    "proposed_deadline",
    "message",
    "state",
    "revision",
    "counter_minor",
    "counter_deadline",
    "counter_message",
    "counter_at",
    "asked_at",
    "answered_at",
    "updated_at",
    "version",
];

/// What becomes of a contract; never what was agreed.
const CONTRACT_CHANGES: [&str; 12] = [
    "is_funded",
    "released_minor",
    "refunded_minor",
    "disputed_minor",
    "provider_outstanding_minor",
    "held_minor",
    "provider_net_minor",
    "state",
    "funded_at",
    "ended_at",
    "updated_at",
    "version",
];

/// What becomes of a dispute; never what it is about.
const DISPUTE_CHANGES: [&str; 11] = [
    "state",
    "due_at",
    "client_evidence",
    "provider_evidence",
    "resolver",
    "given_minor",
    "decision",
    "decided_by",
    "resolved_at",
    "updated_at",
    "version",
];

/// What becomes of a milestone; never what was agreed.
const MILESTONE_CHANGES: [&str; 22] = [
    "state",
    "submissions",
    "submitted_at",
    "changes_message",
    "auto_release_at",
    "remind_at",
    "completed_at",
    "released_minor",
    "released_provider_fee_minor",
    "released_client_fee_minor",
    "clears_at",
    "cleared_at",
    "refunded_minor",
    "refunded_client_fee_minor",
    "returned_times",
    "returned_minor",
    "returned_provider_fee_minor",
    "returned_client_fee_minor",
    "dispute_opened_by",
    "dispute_reason",
    "dispute_opened_at",
    "dispute_decided_at",
];

/// Every sequence that the serving role takes numbers from by name. Those behind identity columns
/// need no right of their own.
pub const SEQUENCES: [&str; 4] = ["withdrawal_numbers", "order_numbers", "bid_numbers", "chat_activities"];

/// Gives `role` exactly the rights of [`RIGHTS`] and [`SEQUENCES`], in one transaction. Safe to repeat.
pub(crate) async fn give(connection: &mut AsyncPgConnection, role: &str) -> Result<(), MigrateError> {
    if !exists_beside_owner(connection, role).await? {
        return Ok(());
    }
    let sql = statements(role);
    connection.transaction(async move |connection| connection.batch_execute(&sql).await).await?;
    Ok(())
}

/// Whether there is such a role and it is not the one we are; the owner needs no grants.
async fn exists_beside_owner(connection: &mut AsyncPgConnection, role: &str) -> Result<bool, MigrateError> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_owner: bool,
    }
    let found: Vec<Found> =
        diesel::sql_query("SELECT rolname = current_user AS is_owner FROM pg_roles WHERE rolname = $1")
            .bind::<diesel::sql_types::Text, _>(role)
            .load(connection)
            .await?;
    match found.as_slice().first() {
        Some(Found { is_owner }) => Ok(!is_owner),
        None => Err(MigrateError::NoSuchRole(role.to_owned())),
    }
}

fn statements(role: &str) -> String {
    let role = quoted(role);
    let mut sql = format!(
        "GRANT USAGE ON SCHEMA public TO {role};\n\
         REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};\n\
         REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role};\n"
    );
    for (table, rights) in RIGHTS {
        let table = quoted(table);
        for right in rights {
            let right = match right {
                Right::Select => "SELECT".to_owned(),
                Right::Insert => "INSERT".to_owned(),
                Right::Update => "UPDATE".to_owned(),
                Right::UpdateOf(columns) => {
                    let columns: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
                    format!("UPDATE ({})", columns.join(", "))
                }
                Right::Delete => "DELETE".to_owned(),
            };
            sql.push_str(&format!("GRANT {right} ON {table} TO {role};\n"));
        }
    }
    for sequence in SEQUENCES {
        sql.push_str(&format!("GRANT USAGE ON SEQUENCE {} TO {role};\n", quoted(sequence)));
    }
    sql
}

/// An SQL identifier that means exactly `name`.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_cannot_break_out_of_its_quotes() {
        assert_eq!(quoted("app"), "\"app\"");
        assert_eq!(quoted("a\"; DROP TABLE users; --"), "\"a\"\"; DROP TABLE users; --\"");
    }
}
