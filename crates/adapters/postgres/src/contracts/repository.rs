//! Adding, loading and saving contracts. A contract and its milestones are written by one statement.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::contracts::{Contract, ContractState};
use domain::ids::{MilestoneNumber, OrderId, UserId};
use ports::store::StoreError;

use super::milestones::{Agreed, MilestoneRow, Progress};
use super::rows::{ContractRow, DerivedColumns, PaidColumns, TermsColumns};
use crate::error::{exactly_one, refused, store_error};
use crate::link::Line;
use crate::orders::order_id;
use crate::schema::{contracts, milestones, orders};
use crate::statement::{Pieces, Statement, statement};

/// The columns of `contracts` that a save may change, in the order in which [`with_columns`] binds them.
macro_rules! columns {
    () => {
        "is_funded, released_minor, refunded_minor, disputed_minor, provider_outstanding_minor, held_minor,
         provider_net_minor, state, funded_at, ended_at, updated_at, version"
    };
}

/// The columns of `milestones` that a save may change, in the order of `Progress`.
macro_rules! progress {
    ($of:literal) => {
        concat!(
            $of,
            "state, ",
            $of,
            "submissions, ",
            $of,
            "submitted_at, ",
            $of,
            "changes_message, ",
            $of,
            "auto_release_at, ",
            $of,
            "remind_at, ",
            $of,
            "completed_at, ",
            $of,
            "released_minor, ",
            $of,
            "released_provider_fee_minor, ",
            $of,
            "released_client_fee_minor, ",
            $of,
            "clears_at, ",
            $of,
            "cleared_at, ",
            $of,
            "refunded_minor, ",
            $of,
            "refunded_client_fee_minor, ",
            $of,
            "returned_times, ",
            $of,
            "returned_minor, ",
            $of,
            "returned_provider_fee_minor, ",
            $of,
            "returned_client_fee_minor, ",
            $of,
            "dispute_opened_by, ",
            $of,
            "dispute_reason, ",
            $of,
            "dispute_opened_at, ",
            $of,
            "dispute_decided_at"
        )
    };
}

const INSERT: &str = concat!(
    "WITH made AS (
        INSERT INTO contracts (",
    columns!(),
    ", id, order_id, bid_id, client_id, provider_id, price_minor, currency, provider_fee_bps,
                               client_fee_bps, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                $21, $22)
        RETURNING id
    ), step AS (
        INSERT INTO milestones (contract_id, number, ",
    progress!(""),
    ", title, due_date, amount_minor)
        SELECT made.id, given.*
        FROM made CROSS JOIN unnest($23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37,
                                     $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48) AS given
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM made) AS contracts, (SELECT count(*) FROM step) AS milestones"
);

/// Milestones in which nothing differs are left alone, but each one given must be there.
const SAVE: &str = concat!(
    "WITH saved AS (
        UPDATE contracts SET (",
    columns!(),
    ") = ROW ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        WHERE id = $13 AND version = $14
        RETURNING id
    ), given AS (
        SELECT saved.id AS contract_id, given.*
        FROM saved CROSS JOIN unnest($15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29,
                                     $30, $31, $32, $33, $34, $35, $36, $37) AS given (number, ",
    progress!(""),
    ")
    ), changed AS (
        UPDATE milestones SET (",
    progress!(""),
    ") = ROW (",
    progress!("given."),
    ")
        FROM given
        WHERE milestones.contract_id = given.contract_id AND milestones.number = given.number
          AND (",
    progress!("milestones."),
    ") IS DISTINCT FROM (",
    progress!("given."),
    ")
    )
    SELECT (SELECT count(*) FROM saved) AS contracts,
           (SELECT count(*) FROM given JOIN milestones USING (contract_id, number)) AS milestones"
);

/// How many rows a statement wrote, or found as they are.
#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    contracts: i64,
    #[diesel(sql_type = BigInt)]
    milestones: i64,
}

impl Written {
    fn has_all(&self, contract: &Contract) -> bool {
        usize::try_from(self.milestones) == Ok(contract.milestones.len())
    }
}

fn with_columns<B: Pieces + Send>(
    statement: Statement<B>,
    row: &ContractRow,
    derived: DerivedColumns,
    version: i64,
) -> Statement<impl Pieces + Send + use<B>> {
    let PaidColumns { is_funded, released_minor, refunded_minor, disputed_minor } = row.paid;
    let DerivedColumns { provider_outstanding_minor, held_minor, provider_net_minor } = derived;
    statement
        .bind::<Bool, _>(is_funded)
        .bind::<BigInt, _>(released_minor)
        .bind::<BigInt, _>(refunded_minor)
        .bind::<BigInt, _>(disputed_minor)
        .bind::<BigInt, _>(provider_outstanding_minor)
        .bind::<BigInt, _>(held_minor)
        .bind::<BigInt, _>(provider_net_minor)
        .bind::<Text, _>(row.state.clone())
        .bind::<Nullable<Timestamptz>, _>(row.funded_at)
        .bind::<Nullable<Timestamptz>, _>(row.ended_at)
        .bind::<Timestamptz, _>(row.updated_at)
        .bind::<BigInt, _>(version)
}

/// Adds a contract with its milestones.
pub(crate) async fn insert(connection: &mut Line<'_>, contract: &Contract) -> Result<(), StoreError> {
    let row = ContractRow::from(contract);
    let derived = DerivedColumns::try_from(&contract.escrow)?;
    let made = with_columns(statement(INSERT), &row, derived, row.version);
    let ContractRow {
        id,
        order_id,
        bid_id,
        client_id,
        provider_id,
        currency,
        terms: TermsColumns { price_minor, provider_fee_bps, client_fee_bps },
        paid: _,
        state: _,
        created_at,
        funded_at: _,
        ended_at: _,
        updated_at: _,
        version: _,
    } = row;
    let made = made
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(order_id)
        .bind::<BigInt, _>(bid_id)
        .bind::<SqlUuid, _>(client_id)
        .bind::<SqlUuid, _>(provider_id)
        .bind::<BigInt, _>(price_minor)
        .bind::<Text, _>(currency)
        .bind::<SmallInt, _>(provider_fee_bps)
        .bind::<SmallInt, _>(client_fee_bps)
        .bind::<Timestamptz, _>(created_at);
    let made = Progress::of(&contract.milestones).bind(made);
    let made = Agreed::of(&contract.milestones).bind(made);
    let written: Written = made.get_result(connection).await.map_err(store_error)?;
    if written.contracts == 1 && written.has_all(contract) {
        Ok(())
    } else {
        Err(refused("a new contract was not written in full"))
    }
}

/// Loads the contract that an order is awarded by, locks it, and loads its milestones: in a second
/// statement, which sees what whoever held the lock before has left of them.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    order_id: OrderId,
) -> Result<Option<Contract>, StoreError> {
    let awarded_by = orders::table.find(order_id.number()).select(orders::contract_id).single_value();
    let row: Option<ContractRow> = contracts::table
        .filter(contracts::id.nullable().eq(awarded_by))
        .select(ContractRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    let Some(row) = row else { return Ok(None) };
    let currency = row.currency()?;
    let steps: Vec<MilestoneRow> = milestones::table
        .filter(milestones::contract_id.eq(row.id))
        .order(milestones::number)
        .select(MilestoneRow::as_select())
        .load(connection)
        .await
        .map_err(store_error)?;
    let steps = steps.into_iter().map(|step| step.into_milestone(currency)).collect::<Result<_, _>>()?;
    row.into_contract(steps).map(Some)
}

/// Saves what a command changed of a contract and its milestones, and raises its version. What was
/// agreed stays for good.
pub(crate) async fn save(connection: &mut Line<'_>, contract: &mut Contract) -> Result<(), StoreError> {
    let next_version =
        contract.version.checked_add(1).ok_or_else(|| refused("a contract was saved too often to count"))?;
    let row = ContractRow::from(&*contract);
    let derived = DerivedColumns::try_from(&contract.escrow)?;
    let changed = with_columns(statement(SAVE), &row, derived, next_version)
        .bind::<SqlUuid, _>(row.id)
        .bind::<BigInt, _>(row.version);
    let changed = Progress::of(&contract.milestones).bind(changed);
    let written: Written = changed.get_result(connection).await.map_err(store_error)?;
    if written.contracts != 1 {
        return Err(StoreError::Stale { what: "contract" });
    }
    if !written.has_all(contract) {
        return Err(StoreError::Stale { what: "milestone" });
    }
    contract.version = next_version;
    Ok(())
}

/// Saves when the client is next reminded of a milestone, and nothing else.
pub(crate) async fn save_reminder(
    connection: &mut Line<'_>,
    contract: &Contract,
    number: MilestoneNumber,
) -> Result<(), StoreError> {
    let remind_at = contract.milestones.iter().find(|one| one.number == number).and_then(|one| one.remind_at);
    let is_present =
        exists(contracts::table.find(contract.id.uuid()).filter(contracts::version.eq(contract.version)));
    let stored = milestones::table.find((contract.id.uuid(), number.number())).filter(is_present);
    let affected = diesel::update(stored)
        .set(milestones::remind_at.eq(remind_at))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "milestone")
}

/// The states of a contract that has not come to its end.
fn running() -> impl Iterator<Item = &'static str> {
    ContractState::ALL.iter().filter(|state| !state.is_final()).map(|state| state.as_str())
}

/// The orders of a client's contracts that hold money or have some resting, the newest contract first.
pub(crate) async fn holding(
    connection: &mut Line<'_>,
    client_id: UserId,
) -> Result<Vec<OrderId>, StoreError> {
    let holding: Vec<_> = ContractState::HOLDING.iter().map(|state| state.as_str()).collect();
    let rests = milestones::table
        .filter(milestones::contract_id.eq(contracts::id))
        .filter(milestones::clears_at.is_not_null())
        .filter(milestones::cleared_at.is_null());
    let numbers: Vec<i64> = contracts::table
        .filter(contracts::client_id.eq(client_id.uuid()))
        .filter(contracts::state.eq_any(holding).or(exists(rests)))
        .order((contracts::created_at.desc(), contracts::id.desc()))
        .select(contracts::order_id)
        .load(connection)
        .await
        .map_err(store_error)?;
    numbers.into_iter().map(|number| order_id("contracts", "order_id", number)).collect()
}

/// Whether somebody, on either side, has a contract that has not come to its end.
pub(crate) async fn has_running(connection: &mut Line<'_>, user_id: UserId) -> Result<bool, StoreError> {
    let as_client = contracts::table
        .filter(contracts::client_id.eq(user_id.uuid()))
        .filter(contracts::state.eq_any(running()));
    let as_provider = contracts::table
        .filter(contracts::provider_id.eq(user_id.uuid()))
        .filter(contracts::state.eq_any(running()));
    select(exists(as_client).or(exists(as_provider))).get_result(connection).await.map_err(store_error)
}
