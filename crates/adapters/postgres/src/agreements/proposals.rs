//! Proposals: the rows of `proposals`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use domain::actor::Party;
use domain::contracts::{Proposal, ProposalKind, ProposalMessage, ProposalState, ProposalTerms};
use domain::ids::{ContractId, MilestoneNumber, OrderId, ProposalId, UserId};
use domain::money::{ContractParties, Money};
use ports::agreements::ProposalClaim;
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{refused, store_error};
use crate::link::Line;
use crate::money::{currency, total};
use crate::orders::order_id;
use crate::schema::proposals;
use crate::statement::words;
use crate::stored::Place;

/// A row of `proposals` but for its place in the lists.
#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = proposals, check_for_backend(diesel::pg::Pg))]
pub(super) struct ProposalRow {
    id: Uuid,
    contract_id: Uuid,
    order_id: i64,
    client_id: Uuid,
    provider_id: Uuid,
    kind: String,
    milestone: Option<i32>,
    amount_minor: Option<i64>,
    at_stake_minor: i64,
    currency: String,
    message: Option<String>,
    proposed_by: String,
    state: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<&Proposal> for ProposalRow {
    fn from(proposal: &Proposal) -> Self {
        let Proposal {
            id,
            contract: ContractParties { contract_id, order_id, client_id, provider_id },
            terms,
            at_stake,
            message,
            proposed_by,
            state,
            created_at,
            expires_at,
            ended_at,
            version,
        } = proposal;
        Self {
            id: id.uuid(),
            contract_id: contract_id.uuid(),
            order_id: order_id.number(),
            client_id: client_id.uuid(),
            provider_id: provider_id.uuid(),
            kind: terms.kind().as_str().to_owned(),
            milestone: terms.milestone().map(MilestoneNumber::number),
            amount_minor: terms.amount().map(Money::minor),
            at_stake_minor: at_stake.minor(),
            currency: at_stake.currency().as_str().to_owned(),
            message: message.as_ref().map(|message| message.as_str().to_owned()),
            proposed_by: proposed_by.as_str().to_owned(),
            state: state.as_str().to_owned(),
            created_at: *created_at,
            expires_at: *expires_at,
            ended_at: *ended_at,
            version: *version,
        }
    }
}

impl TryFrom<ProposalRow> for Proposal {
    type Error = StoreError;

    fn try_from(row: ProposalRow) -> Result<Self, StoreError> {
        let ProposalRow {
            id,
            contract_id,
            order_id: order_number,
            client_id,
            provider_id,
            kind,
            milestone,
            amount_minor,
            at_stake_minor,
            currency: currency_word,
            message,
            proposed_by,
            state,
            created_at,
            expires_at,
            ended_at,
            version,
        } = row;
        let place = Place { table: "proposals", row: id };
        let currency = currency("proposals", id, &currency_word)?;
        let money = |column, minor| total("proposals", column, id, minor, currency);
        let kind = place.value("kind", ProposalKind::from_word(&kind), "is no kind")?;
        let milestone = milestone
            .map(|number| place.value("milestone", MilestoneNumber::new(number), "is no number"))
            .transpose()?;
        let amount = amount_minor.map(|minor| money("amount_minor", minor)).transpose()?;
        let terms = ProposalTerms::new(kind, milestone, amount);
        Ok(Self {
            id: ProposalId::new(id),
            contract: ContractParties {
                contract_id: ContractId::new(contract_id),
                order_id: order_id("proposals", "order_id", order_number)?,
                client_id: UserId::new(client_id),
                provider_id: UserId::new(provider_id),
            },
            terms: terms.map_err(|problem| place.corrupt("kind", problem))?,
            at_stake: money("at_stake_minor", at_stake_minor)?,
            message: place.optional("message", message.as_deref(), ProposalMessage::parse)?,
            proposed_by: place.value("proposed_by", Party::from_word(&proposed_by), "is no side")?,
            state: place.value("state", ProposalState::from_word(&state), "is no state")?,
            created_at,
            expires_at,
            ended_at,
            version,
        })
    }
}

/// Adds a proposal, unless there is an open one of the same kind about the same thing: the unique index
/// decides that, which is the only one that an insert may meet but the primary key.
pub(crate) async fn insert(
    connection: &mut Line<'_>,
    proposal: &Proposal,
) -> Result<ProposalClaim, StoreError> {
    let inserted = diesel::insert_into(proposals::table)
        .values(ProposalRow::from(proposal))
        .on_conflict_do_nothing()
        .execute(connection)
        .await
        .map_err(store_error)?;
    if inserted == 1 {
        return Ok(ProposalClaim::Granted);
    }
    match find(connection, proposal.id).await? {
        Some(_) => Err(refused("a proposal with this identifier is there already")),
        None => Ok(ProposalClaim::Taken),
    }
}

/// About which order a proposal is.
pub(crate) async fn find(connection: &mut Line<'_>, id: ProposalId) -> Result<Option<OrderId>, StoreError> {
    let found: Option<i64> = proposals::table
        .find(id.uuid())
        .select(proposals::order_id)
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    found.map(|number| order_id("proposals", "order_id", number)).transpose()
}

/// Loads a proposal and locks it.
pub(crate) async fn lock(connection: &mut Line<'_>, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
    let row: Option<ProposalRow> = proposals::table
        .find(id.uuid())
        .select(ProposalRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(Proposal::try_from).transpose()
}

/// Loads the open proposals about a contract and locks them, in the order of their identifiers. One that
/// came to its end while its lock was waited for is left out.
pub(crate) async fn lock_open(
    connection: &mut Line<'_>,
    contract_id: ContractId,
) -> Result<Vec<Proposal>, StoreError> {
    let rows: Vec<ProposalRow> = proposals::table
        .filter(proposals::contract_id.eq(contract_id.uuid()))
        // In these words, so that the partial index is used.
        .filter(words::<Bool>("state = 'open'"))
        .order(proposals::id)
        .select(ProposalRow::as_select())
        .for_no_key_update()
        .load(connection)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(Proposal::try_from).collect()
}

/// Saves what a command changed and raises the version. What was proposed stays for good.
pub(crate) async fn save(connection: &mut Line<'_>, proposal: &mut Proposal) -> Result<(), StoreError> {
    let next_version =
        proposal.version.checked_add(1).ok_or_else(|| refused("a proposal was saved too often to count"))?;
    let saved = diesel::update(proposals::table)
        .filter(proposals::id.eq(proposal.id.uuid()))
        .filter(proposals::version.eq(proposal.version))
        .set((
            proposals::state.eq(proposal.state.as_str()),
            proposals::ended_at.eq(proposal.ended_at),
            proposals::version.eq(next_version),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    if saved != 1 {
        return Err(StoreError::Stale { what: "proposal" });
    }
    proposal.version = next_version;
    Ok(())
}
