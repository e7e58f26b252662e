//! Logins: the rows of `sessions` and `refresh_tokens`, and the announcements of ended logins.
//!
//! `refresh_tokens` rows never change. `ended_sessions` gets one row per login that ends early, in
//! the transaction that ends it; [`super::queries`] says how none of them is missed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{self, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::identity::{PresentedToken, Session, SessionEnd};
use domain::ids::{SessionId, UserId};
use ports::identity::{FoundToken, TokenDigest};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::{ended_sessions, refresh_tokens, sessions};

/// A row of `sessions` as it is stored and loaded.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    created_at: DateTime<Utc>,
    generation: i32,
    rotated_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    end_reason: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        let Session { id, user_id, created_at, generation, rotated_at, ended } = session;
        Self {
            id: id.uuid(),
            user_id: user_id.uuid(),
            created_at: *created_at,
            generation: *generation,
            rotated_at: *rotated_at,
            ended_at: ended.map(|(at, _)| at),
            end_reason: ended.map(|(_, reason)| reason.as_str().to_owned()),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let SessionRow { id, user_id, created_at, generation, rotated_at, ended_at, end_reason } = row;
        let ended = match (ended_at, end_reason) {
            (None, None) => None,
            (Some(at), Some(word)) => {
                let reason = SessionEnd::from_word(&word)
                    .ok_or_else(|| corrupt("sessions", "end_reason", id, "is no reason"))?;
                Some((at, reason))
            }
            _ => return Err(corrupt("sessions", "end_reason", id, "does not fit ended_at")),
        };
        Ok(Self {
            id: SessionId::new(id),
            user_id: UserId::new(user_id),
            created_at,
            generation,
            rotated_at,
            ended,
        })
    }
}

/// Adds a login with its first refresh token.
pub(crate) async fn insert(
    connection: &mut Line<'_>,
    session: &Session,
    first_token: &TokenDigest,
) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values(SessionRow::from(session))
        .execute(connection)
        .await
        .map_err(store_error)?;
    insert_token(connection, session, first_token).await
}

async fn insert_token(
    connection: &mut Line<'_>,
    session: &Session,
    token: &TokenDigest,
) -> Result<(), StoreError> {
    let TokenDigest(digest) = token;
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::digest.eq(digest.as_slice()),
            refresh_tokens::session_id.eq(session.id.uuid()),
            refresh_tokens::generation.eq(session.generation),
            refresh_tokens::issued_at.eq(session.rotated_at),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Whose token this is. Takes no lock.
pub(crate) async fn find_token(
    connection: &mut Line<'_>,
    token: &TokenDigest,
) -> Result<Option<FoundToken>, StoreError> {
    let TokenDigest(digest) = token;
    let found: Option<(Uuid, Uuid, i32)> = refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::digest.eq(digest.as_slice()))
        .select((sessions::id, sessions::user_id, refresh_tokens::generation))
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(found.map(|(session_id, user_id, generation)| FoundToken {
        session_id: SessionId::new(session_id),
        user_id: UserId::new(user_id),
        token: PresentedToken { generation },
    }))
}

/// Loads a login and locks it.
pub(crate) async fn lock(connection: &mut Line<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    sessions::table
        .find(id.uuid())
        .select(SessionRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Session::try_from)
        .transpose()
}

/// Saves a rotation. Only the direct predecessor of a live login may be rotated.
pub(crate) async fn save_rotation(
    connection: &mut Line<'_>,
    session: &Session,
    token: &TokenDigest,
) -> Result<(), StoreError> {
    let predecessor =
        session.generation.checked_sub(1).ok_or_else(|| refused("a rotation has no predecessor"))?;
    let live_predecessor = sessions::table
        .find(session.id.uuid())
        .filter(sessions::generation.eq(predecessor))
        .filter(sessions::ended_at.is_null());
    let affected = diesel::update(live_predecessor)
        .set((sessions::generation.eq(session.generation), sessions::rotated_at.eq(session.rotated_at)))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "login")?;
    insert_token(connection, session, token).await
}

/// Saves the end of a live login and announces it.
pub(crate) async fn save_end(connection: &mut Line<'_>, session: &Session) -> Result<(), StoreError> {
    let (at, reason) = session.ended.ok_or_else(|| refused("a live login was saved as ended"))?;
    let live = sessions::table.find(session.id.uuid()).filter(sessions::ended_at.is_null());
    let affected = diesel::update(live)
        .set((sessions::ended_at.eq(at), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "login")?;
    diesel::insert_into(ended_sessions::table)
        .values((ended_sessions::session_id.eq(session.id.uuid()), ended_sessions::ended_at.eq(at)))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Ends and announces in one statement. The rows are locked in the order of their ids, so that two
/// of these never wait for each other.
const END_ALL: &str = "\
    WITH live AS (
        SELECT id FROM sessions
        WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2
        ORDER BY id
        FOR NO KEY UPDATE
    ), ended AS (
        UPDATE sessions SET ended_at = $3, end_reason = $4
        FROM live WHERE sessions.id = live.id
        RETURNING sessions.id, sessions.ended_at
    ), announced AS (
        INSERT INTO ended_sessions (session_id, ended_at) SELECT id, ended_at FROM ended
    )
    SELECT id FROM ended ORDER BY id";

/// Ends every live login of a person but one.
pub(crate) async fn end_all(
    connection: &mut Line<'_>,
    user_id: UserId,
    except: Option<SessionId>,
    reason: SessionEnd,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, StoreError> {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = sql_types::Uuid)]
        id: Uuid,
    }
    let ended: Vec<Ended> = diesel::sql_query(END_ALL)
        .bind::<sql_types::Uuid, _>(user_id.uuid())
        .bind::<Nullable<sql_types::Uuid>, _>(except.map(SessionId::uuid))
        .bind::<Timestamptz, _>(now)
        .bind::<sql_types::Text, _>(reason.as_str())
        .load(connection)
        .await
        .map_err(store_error)?;
    Ok(ended.into_iter().map(|Ended { id }| SessionId::new(id)).collect())
}
