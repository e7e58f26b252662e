//! Contracts as rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::contracts::{Contract, ContractState, Milestone};
use domain::ids::{ContractId, UserId};
use domain::money::{BasisPoints, Currency, Escrow, FeeRule, MoneyError};
use ports::store::StoreError;
use uuid::Uuid;

use crate::bidding::bid_id;
use crate::error::{corrupt, refused};
use crate::money::{currency, named, total};
use crate::orders::order_id;
use crate::schema::contracts;

/// A row of `contracts` but for what follows from it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = contracts, check_for_backend(diesel::pg::Pg))]
pub(super) struct ContractRow {
    pub(super) id: Uuid,
    pub(super) order_id: i64,
    pub(super) bid_id: i64,
    pub(super) client_id: Uuid,
    pub(super) provider_id: Uuid,
    pub(super) currency: String,
    #[diesel(embed)]
    pub(super) terms: TermsColumns,
    #[diesel(embed)]
    pub(super) paid: PaidColumns,
    pub(super) state: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) funded_at: Option<DateTime<Utc>>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) version: i64,
}

/// What was agreed about money.
#[derive(Queryable, Selectable)]
#[diesel(table_name = contracts, check_for_backend(diesel::pg::Pg))]
pub(super) struct TermsColumns {
    pub(super) price_minor: i64,
    pub(super) provider_fee_bps: i16,
    pub(super) client_fee_bps: i16,
}

/// What has become of the money.
#[derive(Queryable, Selectable)]
#[diesel(table_name = contracts, check_for_backend(diesel::pg::Pg))]
pub(super) struct PaidColumns {
    pub(super) is_funded: bool,
    pub(super) released_minor: i64,
    pub(super) refunded_minor: i64,
    pub(super) disputed_minor: i64,
}

/// What follows from terms and payments, stored for questions about many contracts.
#[derive(Clone, Copy)]
pub(super) struct DerivedColumns {
    pub(super) provider_outstanding_minor: i64,
    pub(super) held_minor: i64,
    pub(super) provider_net_minor: i64,
}

impl From<&Contract> for ContractRow {
    fn from(contract: &Contract) -> Self {
        let Contract {
            id,
            order_id,
            bid_id,
            client_id,
            provider_id,
            escrow,
            state,
            milestones: _,
            created_at,
            funded_at,
            ended_at,
            updated_at,
            version,
        } = contract;
        let Escrow { price, fees, is_funded, released, refunded, disputed } = escrow;
        Self {
            id: id.uuid(),
            order_id: order_id.number(),
            bid_id: bid_id.number(),
            client_id: client_id.uuid(),
            provider_id: provider_id.uuid(),
            currency: price.currency().as_str().to_owned(),
            terms: TermsColumns {
                price_minor: price.minor(),
                provider_fee_bps: stored_rate(fees.provider),
                client_fee_bps: stored_rate(fees.client),
            },
            paid: PaidColumns {
                is_funded: *is_funded,
                released_minor: released.minor(),
                refunded_minor: refunded.minor(),
                disputed_minor: disputed.minor(),
            },
            state: state.as_str().to_owned(),
            created_at: *created_at,
            funded_at: *funded_at,
            ended_at: *ended_at,
            updated_at: *updated_at,
            version: *version,
        }
    }
}

/// At most 10,000, which fits.
fn stored_rate(rate: BasisPoints) -> i16 {
    i16::try_from(rate.get()).unwrap_or(i16::MAX)
}

impl TryFrom<&Escrow> for DerivedColumns {
    type Error = StoreError;

    fn try_from(escrow: &Escrow) -> Result<Self, StoreError> {
        let derive = || -> Result<Self, MoneyError> {
            Ok(Self {
                provider_outstanding_minor: escrow.provider_outstanding()?.minor(),
                held_minor: escrow.held()?.plus(escrow.disputed)?.minor(),
                provider_net_minor: escrow.provider_net()?.minor(),
            })
        };
        derive().map_err(|problem| refused(format!("a contract does not add up: {problem}")))
    }
}

fn rate(id: ContractId, column: &'static str, stored: i16) -> Result<BasisPoints, StoreError> {
    let rate = u16::try_from(stored).ok().and_then(|rate| BasisPoints::new(rate).ok());
    rate.ok_or_else(|| corrupt("contracts", column, id, "is no rate"))
}

fn escrow(
    id: ContractId,
    currency: Currency,
    TermsColumns { price_minor, provider_fee_bps, client_fee_bps }: TermsColumns,
    PaidColumns { is_funded, released_minor, refunded_minor, disputed_minor }: PaidColumns,
) -> Result<Escrow, StoreError> {
    let total = |column, minor| total("contracts", column, id, minor, currency);
    Ok(Escrow {
        price: named("contracts", "price_minor", id, price_minor, currency)?,
        fees: FeeRule {
            provider: rate(id, "provider_fee_bps", provider_fee_bps)?,
            client: rate(id, "client_fee_bps", client_fee_bps)?,
        },
        is_funded,
        released: total("released_minor", released_minor)?,
        refunded: total("refunded_minor", refunded_minor)?,
        disputed: total("disputed_minor", disputed_minor)?,
    })
}

impl ContractRow {
    /// The currency of all its amounts.
    pub(super) fn currency(&self) -> Result<Currency, StoreError> {
        currency("contracts", self.id, &self.currency)
    }

    pub(super) fn into_contract(self, milestones: Vec<Milestone>) -> Result<Contract, StoreError> {
        let currency = self.currency()?;
        let Self {
            id,
            order_id: order_number,
            bid_id: bid_number,
            client_id,
            provider_id,
            currency: _,
            terms,
            paid,
            state,
            created_at,
            funded_at,
            ended_at,
            updated_at,
            version,
        } = self;
        let id = ContractId::new(id);
        Ok(Contract {
            id,
            order_id: order_id("contracts", "order_id", order_number)?,
            bid_id: bid_id("contracts", "bid_id", bid_number)?,
            client_id: UserId::new(client_id),
            provider_id: UserId::new(provider_id),
            escrow: escrow(id, currency, terms, paid)?,
            state: ContractState::from_word(&state)
                .ok_or_else(|| corrupt("contracts", "state", id, "is no state"))?,
            milestones,
            created_at,
            funded_at,
            ended_at,
            updated_at,
            version,
        })
    }
}
