//! Invitations: the rows of `invitations`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{OrderId, UserId};
use domain::orders::Invitation;
use ports::store::StoreError;
use uuid::Uuid;

use super::order_id;
use crate::error::{exactly_one, store_error};
use crate::link::Line;
use crate::schema::invitations;
use crate::statement::statement;

const INSERT: &str = "\
    INSERT INTO invitations (order_id, provider_id, created_at, declined_at)
    SELECT * FROM unnest($1, $2, $3, $4)";

/// Adds invitations, in one statement.
pub(crate) async fn insert(connection: &mut Line<'_>, invitations: &[Invitation]) -> Result<(), StoreError> {
    let (mut order_ids, mut provider_ids) = (Vec::new(), Vec::new());
    let (mut created, mut declined) = (Vec::new(), Vec::new());
    for invitation in invitations {
        let Invitation { order_id, provider_id, created_at, declined_at } = invitation;
        order_ids.push(order_id.number());
        provider_ids.push(provider_id.uuid());
        created.push(*created_at);
        declined.push(*declined_at);
    }
    statement(INSERT)
        .bind::<Array<BigInt>, _>(order_ids)
        .bind::<Array<SqlUuid>, _>(provider_ids)
        .bind::<Array<Timestamptz>, _>(created)
        .bind::<Array<Nullable<Timestamptz>>, _>(declined)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Loads an invitation and locks it.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    order_id: OrderId,
    provider_id: UserId,
) -> Result<Option<Invitation>, StoreError> {
    type Row = (i64, Uuid, DateTime<Utc>, Option<DateTime<Utc>>);
    let found: Option<Row> = invitations::table
        .find((order_id.number(), provider_id.uuid()))
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    let invitation = found.map(|(order, provider, created_at, declined_at)| {
        Ok(Invitation {
            order_id: self::order_id("invitations", "order_id", order)?,
            provider_id: UserId::new(provider),
            created_at,
            declined_at,
        })
    });
    invitation.transpose()
}

/// Saves that it was declined. All else stays for good.
pub(crate) async fn save(connection: &mut Line<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let Invitation { order_id, provider_id, created_at: _, declined_at } = invitation;
    let affected = diesel::update(invitations::table.find((order_id.number(), provider_id.uuid())))
        .set(invitations::declined_at.eq(*declined_at))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "invitation")
}
