//! Questions about accounts and logins: one statement each.
//!
//! **How no ended login is missed.** Each announcement carries the id of the transaction that wrote
//! it. A reader takes, in the very statement that reads, the oldest transaction id that was still
//! open then (`pg_snapshot_xmin`): everything below it has been decided and seen. Next time it reads
//! from there on. A transaction that was open or not yet begun at the first reading has an id at or
//! above that mark, and so is seen at the second, however late it commits. The price is that some
//! announcements come twice.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{self, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::identity::{EmailAddress, PasswordHash, Role};
use domain::ids::{SessionId, UserId};
use futures_util::FutureExt;
use ports::identity::{AccountQueries, AccountView, Credentials, EndedCursor, EndedSessions, SessionQueries};
use ports::store::StoreError;
use uuid::Uuid;

use super::users::{EMAIL_KEY, role};
use crate::error::refused;
use crate::pool::Database;
use crate::profiles::FiguresRow;
use crate::schema::{profiles, sessions, user_figures, users};
use crate::statement::{statement, words};

/// One account with its profile and figures.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AccountRow {
    id: Uuid,
    email: String,
    full_name: String,
    role: String,
    phone: Option<String>,
    is_verified: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[diesel(embed)]
    profile: ProfileRow,
    #[diesel(embed)]
    figures: FiguresRow,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = profiles, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ProfileRow {
    bio: Option<String>,
    avatar_url: Option<String>,
    specializations: Vec<String>,
    education: Option<String>,
    languages: Vec<String>,
}

impl TryFrom<AccountRow> for AccountView {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let AccountRow {
            id,
            email,
            full_name,
            role: word,
            phone,
            is_verified,
            created_at,
            updated_at,
            profile: ProfileRow { bio, avatar_url, specializations, education, languages },
            figures,
        } = row;
        Ok(Self {
            id: UserId::new(id),
            email,
            full_name,
            role: role(id, &word)?,
            phone,
            is_verified,
            created_at,
            updated_at,
            bio,
            avatar_url,
            specializations,
            education,
            languages,
            figures: figures.into_figures(id)?,
        })
    }
}

fn into_credentials((id, hash): (Uuid, String)) -> Credentials {
    Credentials { user_id: UserId::new(id), password: PasswordHash::new(hash) }
}

#[async_trait]
impl AccountQueries for Database {
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        let row = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    users::table
                        .inner_join(profiles::table)
                        .inner_join(user_figures::table)
                        .filter(users::id.eq(id.uuid()))
                        .select(AccountRow::as_select())
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        row.map(AccountView::try_from).transpose()
    }

    async fn credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        let row = self
            .reads()
            .ask(|connection| {
                let key = email.key().to_owned();
                async move {
                    let mut connection = connection;
                    users::table
                        .filter(words::<Text>(EMAIL_KEY).eq(key))
                        .select((users::id, users::password_hash))
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        Ok(row.map(into_credentials))
    }

    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        let row = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    users::table
                        .find(id.uuid())
                        .select((users::id, users::password_hash))
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        Ok(row.map(into_credentials))
    }

    async fn has_administrator(&self) -> Result<bool, StoreError> {
        self.reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    let administrators = users::table.filter(users::role.eq(Role::Admin.as_str()));
                    select(exists(administrators)).get_result(&mut connection).await
                }
                .boxed()
            })
            .await
    }
}

/// One announcement, or none, beside the mark from which to go on.
///
/// Where a cursor lies beyond the present mark, transaction ids have started anew below it (the
/// database was restored into another cluster): then the present mark counts.
const ENDED_SINCE: &str = "\
    WITH mark AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS next)
    SELECT mark.next, ended.session_id, ended.ended_at
    FROM mark LEFT JOIN ended_sessions ended ON ended.xact_id >= LEAST($1, mark.next)";

/// The same for a reader that has just started.
const ENDED_AFTER: &str = "\
    WITH mark AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS next)
    SELECT mark.next, ended.session_id, ended.ended_at
    FROM mark LEFT JOIN ended_sessions ended ON ended.ended_at > $1";

#[derive(QueryableByName)]
struct EndedRow {
    #[diesel(sql_type = BigInt)]
    next: i64,
    #[diesel(sql_type = Nullable<sql_types::Uuid>)]
    session_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl SessionQueries for Database {
    async fn ended_since(
        &self,
        cursor: Option<EndedCursor>,
        not_before: DateTime<Utc>,
    ) -> Result<EndedSessions, StoreError> {
        let rows: Vec<EndedRow> = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    match cursor {
                        Some(EndedCursor(mark)) => {
                            statement(ENDED_SINCE).bind::<BigInt, _>(mark).load(&mut connection).await
                        }
                        None => {
                            statement(ENDED_AFTER)
                                .bind::<Timestamptz, _>(not_before)
                                .load(&mut connection)
                                .await
                        }
                    }
                }
                .boxed()
            })
            .await?;
        let next = rows.as_slice().first().map(|row| EndedCursor(row.next));
        let next = next.ok_or_else(|| refused("the mark of ended sessions is missing"))?;
        let sessions = rows
            .into_iter()
            .filter_map(|EndedRow { next: _, session_id, ended_at }| {
                Some((SessionId::new(session_id?), ended_at?))
            })
            .collect();
        Ok(EndedSessions { sessions, next })
    }

    async fn is_live(&self, id: SessionId) -> Result<bool, StoreError> {
        self.reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    let live = sessions::table.find(id.uuid()).filter(sessions::ended_at.is_null());
                    select(exists(live)).get_result(&mut connection).await
                }
                .boxed()
            })
            .await
    }
}
