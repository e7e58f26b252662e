//! The one thing that PostgreSQL cannot make: account details, encrypted for their rows.

use diesel::sql_types::{Array, BigInt, Binary, Jsonb, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::WithdrawalId;
use domain::money::{PayoutAccount, PayoutMethod};
use ports::money::FieldCipher;
use ports::store::StoreError;
use serde_json::Value;

use super::FillError;
use crate::error::refused;
use crate::money::withdrawals::{masked, seal};
use crate::statement::statement;

/// Writes the withdrawals, all at once: there are two thousand in a unit.
pub(super) async fn withdrawals(
    connection: &mut AsyncPgConnection,
    cipher: &dyn FieldCipher,
) -> Result<(), FillError> {
    #[derive(diesel::QueryableByName)]
    struct Payout {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        method: String,
    }
    let payouts: Vec<Payout> =
        statement("SELECT id, method FROM payout ORDER BY id").load(connection).await?;
    let (mut ids, mut sealed, mut shown) = (Vec::new(), Vec::<Vec<u8>>::new(), Vec::<Value>::new());
    for Payout { id: number, method } in payouts {
        let id = WithdrawalId::new(number).ok_or_else(|| refused("a withdrawal without a number"))?;
        let account = account(&method)?;
        ids.push(number);
        sealed.push(seal(&account, id, cipher)?);
        shown.push(masked(&account));
    }
    statement(include_str!("withdrawals.sql"))
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Binary>, _>(sealed)
        .bind::<Array<Jsonb>, _>(shown)
        .execute(connection)
        .await?;
    Ok(())
}

/// Nobody's account.
fn account(method: &str) -> Result<PayoutAccount, StoreError> {
    let method = PayoutMethod::from_word(method).ok_or_else(|| refused("an unknown way of paying out"))?;
    let detail = |field: &str| {
        Some(match field {
            "account_number" => "GB33BUKB20201555555555",
            "bank_name" => "Example Bank",
            "account_holder" => "Bench Writer",
            "email" => "payout@bench.test",
            "provider" => "Example Mobile",
            "phone_number" => "+441632960961",
            _ => return None,
        })
    };
    PayoutAccount::new(method, detail).map_err(|_| refused("an account that is none"))
}
