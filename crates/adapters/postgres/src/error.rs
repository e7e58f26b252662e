//! The database's errors in the words of `ports`.
//!
//! diesel-async keeps the SQLSTATE of eight conditions only (as its `DatabaseErrorKind`) and drops
//! it for all others; there is no way to it from outside. Those that matter here and have no kind
//! are told apart by PostgreSQL's English messages, which have been the same since version 9. The
//! session asks for English messages where the server lets it (see [`crate::connector`]), and
//! `doctor` says so where it does not; there such an error is [`StoreError::Refused`], which loses a
//! retry or a 503 but no data.
//!
//! The text of a cause is PostgreSQL's message and the names of constraint, table and column. Its
//! DETAIL is left out on purpose: it quotes stored values.

use std::error::Error;
use std::fmt;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use ports::store::{Cause, StoreError};

/// What the database said, without the values it was about.
#[derive(Debug)]
struct Complaint {
    message: String,
    constraint: Option<String>,
    table: Option<String>,
    column: Option<String>,
}

impl Complaint {
    fn of(information: &dyn DatabaseErrorInformation) -> Self {
        Self {
            message: information.message().to_owned(),
            constraint: information.constraint_name().map(ToOwned::to_owned),
            table: information.table_name().map(ToOwned::to_owned),
            column: information.column_name().map(ToOwned::to_owned),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, constraint, table, column } = self;
        f.write_str(message)?;
        for (noun, name) in [("constraint", constraint), ("table", table), ("column", column)] {
            if let Some(name) = name {
                write!(f, "; {noun} {name}")?;
            }
        }
        Ok(())
    }
}

impl Error for Complaint {}

/// The conditions that callers treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// 08xxx, 57P01, 57P02, 57P05, 25P03, a broken socket: this connection is of no more use.
    ConnectionLost,
    /// 57P03, 53300, 25006: the server is there but does not serve.
    NotServing,
    /// 57014, 55P03.
    TookTooLong,
    /// 40001, 40P01.
    Collision,
    /// 25P02: an earlier statement failed.
    Spoilt,
    /// Everything else.
    Refused,
}

/// Beginnings of messages without a kind of their own. The SQLSTATE is beside each.
const MESSAGES: [(&str, Condition); 12] = [
    ("terminating connection", Condition::ConnectionLost), // 57P01, 57P02, 57P05, 25P03
    ("the database system is", Condition::NotServing),     // 57P03
    ("sorry, too many clients", Condition::NotServing),    // 53300
    ("too many connections for", Condition::NotServing),   // 53300
    ("remaining connection slots", Condition::NotServing), // 53300
    ("canceling statement due to statement timeout", Condition::TookTooLong), // 57014
    ("canceling statement due to user request", Condition::TookTooLong), // 57014
    ("canceling statement due to lock timeout", Condition::TookTooLong), // 55P03
    ("could not obtain lock", Condition::TookTooLong),     // 55P03 (NOWAIT)
    ("deadlock detected", Condition::Collision),           // 40P01
    ("could not serialize access", Condition::Collision),  // 40001 within a parallel worker
    ("current transaction is aborted", Condition::Spoilt), // 25P02
];

fn condition(kind: &DatabaseErrorKind, message: &str) -> Condition {
    match kind {
        DatabaseErrorKind::SerializationFailure => Condition::Collision,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            Condition::ConnectionLost
        }
        // After a failover this can only be a server that has become a standby.
        DatabaseErrorKind::ReadOnlyTransaction => Condition::NotServing,
        DatabaseErrorKind::Unknown => MESSAGES
            .iter()
            .find(|(beginning, _)| message.starts_with(beginning))
            .map_or(Condition::Refused, |(_, condition)| *condition),
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::ExclusionViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | _ => Condition::Refused,
    }
}

fn condition_of(error: &DieselError) -> Condition {
    match error {
        DieselError::DatabaseError(kind, information) => condition(kind, information.message()),
        DieselError::RollbackErrorOnCommit { commit_error, .. } => condition_of(commit_error),
        DieselError::BrokenTransactionManager => Condition::ConnectionLost,
        // Faults of ours: statements that cannot be built, values that cannot be read.
        DieselError::InvalidCString(_)
        | DieselError::NotFound
        | DieselError::QueryBuilderError(_)
        | DieselError::DeserializationError(_)
        | DieselError::SerializationError(_)
        | DieselError::RollbackTransaction
        | DieselError::AlreadyInTransaction
        | DieselError::NotInTransaction
        | DieselError::IntegerConversion(_)
        | _ => Condition::Refused,
    }
}

/// Whether the connection that gave this error is of no more use.
pub(crate) fn is_connection_lost(error: &DieselError) -> bool {
    condition_of(error) == Condition::ConnectionLost
}

/// Whether a write ran into the unique index or constraint `name`.
pub(crate) fn violates_unique(error: &DieselError, name: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
            if information.constraint_name() == Some(name)
    )
}

/// An error of a statement (or of BEGIN or ROLLBACK).
pub(crate) fn store_error(error: DieselError) -> StoreError {
    let condition = condition_of(&error);
    let cause = cause(error);
    match condition {
        Condition::ConnectionLost | Condition::NotServing => StoreError::Unavailable(cause),
        Condition::TookTooLong => StoreError::TimedOut(cause),
        Condition::Collision => StoreError::Collision(cause),
        Condition::Spoilt => StoreError::Spoilt,
        Condition::Refused => StoreError::Refused(cause),
    }
}

/// An error of COMMIT. When the connection broke nobody knows whether the server still got it done
/// (the driver does not say whether the break came before or after sending it); every other error
/// comes from before the point of no return.
pub(crate) fn commit_error(error: DieselError) -> StoreError {
    if is_connection_lost(&error) { StoreError::OutcomeUnknown(cause(error)) } else { store_error(error) }
}

fn cause(error: DieselError) -> Cause {
    if let DieselError::DatabaseError(_, information) = &error {
        return Box::new(Complaint::of(&**information));
    }
    Box::new(error)
}

/// Something that is wrong on our side, in words.
pub(crate) fn refused(problem: impl Into<String>) -> StoreError {
    StoreError::Refused(problem.into().into())
}

/// No connection could be had.
pub(crate) fn unavailable(problem: impl Into<Cause>) -> StoreError {
    StoreError::Unavailable(problem.into())
}

/// A stored value that no domain value can hold.
pub(crate) fn corrupt(
    table: &'static str,
    column: &'static str,
    row: impl fmt::Display,
    problem: impl fmt::Display,
) -> StoreError {
    StoreError::Corrupt { table, column, row: row.to_string(), problem: problem.to_string() }
}

/// Checks that a statement changed exactly the one row it was meant for.
pub(crate) fn exactly_one(affected: usize, what: &'static str) -> Result<(), StoreError> {
    if affected == 1 { Ok(()) } else { Err(StoreError::Stale { what }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_without_a_kind_are_told_by_their_message() {
        let cases = [
            ("canceling statement due to statement timeout", Condition::TookTooLong),
            ("canceling statement due to lock timeout", Condition::TookTooLong),
            ("could not obtain lock on row in relation \"users\"", Condition::TookTooLong),
            ("deadlock detected", Condition::Collision),
            ("terminating connection due to administrator command", Condition::ConnectionLost),
            ("terminating connection due to idle-in-transaction timeout", Condition::ConnectionLost),
            ("the database system is starting up", Condition::NotServing),
            ("sorry, too many clients already", Condition::NotServing),
            ("current transaction is aborted, commands ignored until end of", Condition::Spoilt),
            ("permission denied for table users", Condition::Refused),
        ];
        for (message, expected) in cases {
            assert_eq!(condition(&DatabaseErrorKind::Unknown, message), expected, "{message}");
        }
    }

    #[test]
    fn a_kind_wins_over_any_message() {
        let cases = [
            (DatabaseErrorKind::SerializationFailure, Condition::Collision),
            (DatabaseErrorKind::UnableToSendCommand, Condition::ConnectionLost),
            (DatabaseErrorKind::ReadOnlyTransaction, Condition::NotServing),
            (DatabaseErrorKind::UniqueViolation, Condition::Refused),
            (DatabaseErrorKind::CheckViolation, Condition::Refused),
        ];
        for (kind, expected) in cases {
            assert_eq!(condition(&kind, "deadlock detected"), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_broken_connection_leaves_the_outcome_of_a_commit_open() {
        let lost = || {
            DieselError::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand,
                Box::new("connection closed".to_owned()),
            )
        };
        assert!(matches!(commit_error(lost()), StoreError::OutcomeUnknown(_)));
        assert!(matches!(store_error(lost()), StoreError::Unavailable(_)));
    }
}
