//! What is due: rows whose time is over, the earliest first, and of those the lowest identifier.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use ports::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::statement::statement;

/// A row whose time is over.
#[derive(Clone, Copy, QueryableByName)]
pub(super) struct Due {
    #[diesel(sql_type = Timestamptz)]
    pub(super) due_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
}

impl Database {
    /// Asks for `id` and `due_at`: `$1` is the present, `($2, $3)` the row after which to go on, `$4` how
    /// many.
    pub(super) async fn due(
        &self,
        question: &'static str,
        now: DateTime<Utc>,
        after: Option<Due>,
        limit: u32,
    ) -> Result<Vec<Due>, StoreError> {
        // Nothing is due as early as that.
        let after = after.unwrap_or(Due { due_at: DateTime::UNIX_EPOCH, id: Uuid::nil() });
        self.reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(question)
                        .bind::<Timestamptz, _>(now)
                        .bind::<Timestamptz, _>(after.due_at)
                        .bind::<SqlUuid, _>(after.id)
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await
    }
}
