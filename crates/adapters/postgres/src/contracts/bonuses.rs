//! What clients gave beyond the price: the rows of `bonuses`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contracts::{Bonus, BonusMessage};
use ports::store::StoreError;

use crate::error::store_error;
use crate::link::Line;
use crate::schema::bonuses;

/// Keeps a bonus.
pub(crate) async fn add(connection: &mut Line<'_>, bonus: &Bonus) -> Result<(), StoreError> {
    let Bonus { id, contract_id, amount, provider_fee, message, given_at } = bonus;
    diesel::insert_into(bonuses::table)
        .values((
            bonuses::id.eq(id.uuid()),
            bonuses::contract_id.eq(contract_id.uuid()),
            bonuses::amount_minor.eq(amount.minor()),
            bonuses::provider_fee_minor.eq(provider_fee.minor()),
            bonuses::message.eq(message.as_ref().map(BonusMessage::as_str)),
            bonuses::given_at.eq(*given_at),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}
