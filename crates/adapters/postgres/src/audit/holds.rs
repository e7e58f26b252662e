//! Holds on payouts: the rows of `payout_holds`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::audit::{LiftReason, Lifted, PayoutHold};
use domain::ids::{LedgerCheckId, PayoutHoldId, UserId};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, exactly_one, store_error};
use crate::link::Line;
use crate::schema::payout_holds;
use crate::statement::statement;
use crate::stored::Place;

/// In the order of people, so that two who place holds at once do not wait for each other in a circle.
const PLACE: &str = "\
    INSERT INTO payout_holds (id, user_id, check_id, placed_at)
    SELECT id, user_id, check_id, placed_at
    FROM unnest($1, $2, $3, $4) AS placed (id, user_id, check_id, placed_at)
    ORDER BY user_id
    ON CONFLICT (user_id) WHERE lifted_at IS NULL DO NOTHING
    RETURNING id";

#[derive(QueryableByName)]
struct Placed {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// A row of `payout_holds` as it is loaded.
#[derive(Queryable, Selectable)]
#[diesel(table_name = payout_holds, check_for_backend(diesel::pg::Pg))]
pub(super) struct HoldRow {
    id: Uuid,
    user_id: Uuid,
    check_id: Uuid,
    placed_at: DateTime<Utc>,
    lifted_at: Option<DateTime<Utc>>,
    lifted_by: Option<Uuid>,
    lift_reason: Option<String>,
}

impl TryFrom<HoldRow> for PayoutHold {
    type Error = StoreError;

    fn try_from(row: HoldRow) -> Result<Self, StoreError> {
        let HoldRow { id, user_id, check_id, placed_at, lifted_at, lifted_by, lift_reason } = row;
        let lifted = match (lifted_at, lifted_by, lift_reason) {
            (None, None, None) => None,
            (Some(at), Some(by), Some(reason)) => {
                let place = Place { table: "payout_holds", row: id };
                let reason = place.text("lift_reason", &reason, LiftReason::parse)?;
                Some(Lifted { by: UserId::new(by), reason, at })
            }
            _ => return Err(corrupt("payout_holds", "lifted_at", id, "is lifted by halves")),
        };
        Ok(Self {
            id: PayoutHoldId::new(id),
            user_id: UserId::new(user_id),
            check_id: LedgerCheckId::new(check_id),
            placed_at,
            lifted,
        })
    }
}

/// Places holds on those who have none, and says which were placed.
pub(crate) async fn place(
    connection: &mut Line<'_>,
    holds: &[PayoutHold],
) -> Result<Vec<PayoutHoldId>, StoreError> {
    let (mut ids, mut people, mut checks, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for PayoutHold { id, user_id, check_id, placed_at, lifted: _ } in holds {
        ids.push(id.uuid());
        people.push(user_id.uuid());
        checks.push(check_id.uuid());
        times.push(*placed_at);
    }
    let placed: Vec<Placed> = statement(PLACE)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Array<SqlUuid>, _>(checks)
        .bind::<Array<Timestamptz>, _>(times)
        .load(connection)
        .await
        .map_err(store_error)?;
    Ok(placed.into_iter().map(|Placed { id }| PayoutHoldId::new(id)).collect())
}

/// Somebody's active hold.
pub(crate) async fn active(
    connection: &mut Line<'_>,
    user_id: UserId,
) -> Result<Option<PayoutHold>, StoreError> {
    payout_holds::table
        .filter(payout_holds::user_id.eq(user_id.uuid()).and(payout_holds::lifted_at.is_null()))
        .select(HoldRow::as_select())
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(PayoutHold::try_from)
        .transpose()
}

/// Somebody's active hold, or else the last one, locked. There is no other lock in between: whoever
/// waited sees that it was lifted meanwhile.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    user_id: UserId,
) -> Result<Option<PayoutHold>, StoreError> {
    payout_holds::table
        .filter(payout_holds::user_id.eq(user_id.uuid()))
        .order((payout_holds::placed_at.desc(), payout_holds::id.desc()))
        .select(HoldRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(PayoutHold::try_from)
        .transpose()
}

/// Saves that a hold was lifted.
pub(crate) async fn save_lifted(connection: &mut Line<'_>, hold: &PayoutHold) -> Result<(), StoreError> {
    let PayoutHold { id, user_id: _, check_id: _, placed_at: _, lifted } = hold;
    let active = payout_holds::table.find(id.uuid()).filter(payout_holds::lifted_at.is_null());
    let affected = diesel::update(active)
        .set((
            payout_holds::lifted_at.eq(lifted.as_ref().map(|lifted| lifted.at)),
            payout_holds::lifted_by.eq(lifted.as_ref().map(|lifted| lifted.by.uuid())),
            payout_holds::lift_reason.eq(lifted.as_ref().map(|lifted| lifted.reason.as_str())),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "payout hold")
}
