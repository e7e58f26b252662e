//! Chargebacks as they go over the wire.

use domain::money::Taken;
use ports::money::ChargebackView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::ChargebackStateWord;
use crate::extract::Pagination;
use crate::wire::{Amount, Timestamp};

/// One chargeback.
#[derive(Serialize, ToSchema)]
pub(super) struct ChargebackData {
    chargeback: ChargebackRow,
}

/// A part of the list of chargebacks.
#[derive(Serialize, ToSchema)]
pub(super) struct ChargebacksData {
    /// Newest first.
    pub(super) chargebacks: Vec<ChargebackRow>,
    pub(super) pagination: Pagination,
}

/// A payment that its payer's bank took back.
#[derive(Serialize, ToSchema)]
#[schema(as = Chargeback)]
pub(super) struct ChargebackRow {
    id: Uuid,
    deposit_id: Uuid,
    /// The whole deposit.
    amount: Amount,
    /// As far as the bank said.
    #[schema(example = "Reported as fraudulent")]
    reason: String,
    /// `received`, `won` or `lost`.
    #[schema(value_type = ChargebackStateWord, example = "received")]
    state: &'static str,
    /// What came back of the payer's milestones for it, fees included; it went through their wallet.
    refunded: Amount,
    taken: TakenParts,
    received_at: Timestamp,
    /// When the bank decided; null until then.
    #[schema(required = true)]
    decided_at: Option<Timestamp>,
    user: Payer,
}

/// Where the money came from; together the whole amount.
#[derive(Serialize, ToSchema)]
#[schema(as = ChargebackParts)]
pub(super) struct TakenParts {
    /// From the payer's wallet.
    available: Amount,
    /// What the payer came to owe.
    debt: Amount,
    /// What the platform lost.
    losses: Amount,
}

/// Who had paid.
#[derive(Serialize, ToSchema)]
pub(super) struct Payer {
    id: Uuid,
    /// The full name.
    #[schema(example = "John Doe")]
    name: String,
}

impl From<&ChargebackView> for ChargebackRow {
    fn from(chargeback: &ChargebackView) -> Self {
        let ChargebackView {
            id,
            position: _,
            deposit_id,
            user_id,
            user_name,
            amount,
            reason,
            state,
            refunded,
            taken: Taken { available, debt, losses },
            received_at,
            decided_at,
        } = chargeback;
        Self {
            id: id.uuid(),
            deposit_id: deposit_id.uuid(),
            amount: Amount(*amount),
            reason: reason.clone(),
            state: state.as_str(),
            refunded: Amount(*refunded),
            taken: TakenParts { available: Amount(*available), debt: Amount(*debt), losses: Amount(*losses) },
            received_at: Timestamp(*received_at),
            decided_at: decided_at.map(Timestamp),
            user: Payer { id: user_id.uuid(), name: user_name.clone() },
        }
    }
}

impl From<&ChargebackView> for ChargebackData {
    fn from(chargeback: &ChargebackView) -> Self {
        Self { chargeback: chargeback.into() }
    }
}
