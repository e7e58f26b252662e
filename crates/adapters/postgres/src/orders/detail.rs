//! One order in full.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Record, Text as SqlText, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::contracts::MilestoneState;
use domain::ids::{MilestoneNumber, OrderId};
use domain::money::Currency;
use domain::orders::PlannedMilestone;
use ports::orders::{MilestoneView, OrderCard, OrderDetail, OrderVersion};
use ports::store::StoreError;
use serde_json::Value;

use super::attached::{
    BonusRow, BonusSql, FileRow, FileSql, SubmissionRow, SubmissionSql, bonus, bonuses, file, files, hand_in,
    submissions,
};
use super::cards::{CardRow, card_columns, people};
use super::json::{form_from_json, plan_from_json};
use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::money::named;
use crate::statement::{Bound, Statement, Text, statement};

/// An order with the milestones of the contract that it is, or was, awarded by.
const ONE: &str = concat!(
    "SELECT ",
    card_columns!(),
    ", (SELECT email FROM users WHERE id = orders.client_id) AS client_email, texts.requirements_text,
       texts.detailed_requirements, texts.specifications, texts.milestone_plan, orders.revision,
       orders.cancelled_at, orders.version, contract.version AS contract_version, contract.milestones,
       contract.submissions, contract.bonuses, ",
    files!(),
    " AS files
    FROM orders
    JOIN order_texts texts ON texts.order_id = orders.id
    ",
    people!(),
    " LEFT JOIN LATERAL (
        SELECT contracts.version,
               (SELECT array_agg(ROW (number, title, due_date, amount_minor, state, submitted_at,
                                           changes_message, auto_release_at, completed_at, clears_at, cleared_at,
                                           CASE WHEN num_nonnulls(refunded_minor, returned_minor) > 0
                                                THEN coalesce(refunded_minor, 0) + coalesce(returned_minor, 0) END)
                                 ORDER BY number)
                FROM milestones WHERE milestones.contract_id = contracts.id) AS milestones,
               ",
    submissions!(),
    " AS submissions,
               ",
    bonuses!(),
    " AS bonuses
        FROM contracts WHERE contracts.id = orders.contract_id
    ) AS contract ON true
    WHERE orders.id = $1"
);

/// A milestone as [`ONE`] tells it.
type MilestoneSql = Record<(
    Integer,
    SqlText,
    Timestamptz,
    BigInt,
    SqlText,
    Nullable<Timestamptz>,
    Nullable<SqlText>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<BigInt>,
)>;
type MilestoneRow = (
    i32,
    String,
    DateTime<Utc>,
    i64,
    String,
    Option<DateTime<Utc>>,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<i64>,
);

/// What [`ONE`] tells.
#[derive(QueryableByName)]
pub(super) struct DetailRow {
    #[diesel(embed)]
    card: CardRow,
    #[diesel(sql_type = Nullable<SqlText>)]
    client_email: Option<String>,
    #[diesel(sql_type = Nullable<SqlText>)]
    requirements_text: Option<String>,
    #[diesel(sql_type = Array<SqlText>)]
    detailed_requirements: Vec<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    specifications: Option<Value>,
    #[diesel(sql_type = Jsonb)]
    milestone_plan: Value,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    cancelled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    contract_version: Option<i64>,
    #[diesel(sql_type = Nullable<Array<MilestoneSql>>)]
    milestones: Option<Vec<MilestoneRow>>,
    #[diesel(sql_type = Nullable<Array<SubmissionSql>>)]
    submissions: Option<Vec<SubmissionRow>>,
    #[diesel(sql_type = Nullable<Array<BonusSql>>)]
    bonuses: Option<Vec<BonusRow>>,
    #[diesel(sql_type = Nullable<Array<FileSql>>)]
    files: Option<Vec<FileRow>>,
}

impl TryFrom<DetailRow> for OrderDetail {
    type Error = StoreError;

    fn try_from(row: DetailRow) -> Result<Self, StoreError> {
        let DetailRow {
            card,
            client_email,
            requirements_text,
            detailed_requirements,
            specifications,
            milestone_plan,
            revision,
            cancelled_at,
            version,
            contract_version,
            milestones,
            submissions,
            bonuses,
            files,
        } = row;
        let card = OrderCard::try_from(card)?;
        let (id, currency) = (card.id, card.budget.currency());
        let mut milestones: Vec<MilestoneView> = match milestones {
            Some(milestones) => {
                milestones.into_iter().map(|row| agreed(id, row, currency)).collect::<Result<_, _>>()?
            }
            None => {
                let plan = plan_from_json(id, &milestone_plan, currency)?.effective(card.deadline);
                MilestoneNumber::all().zip(plan).map(planned).collect()
            }
        };
        hand_in(id, &mut milestones, submissions.unwrap_or_default())?;
        let files = files.unwrap_or_default().into_iter().map(file).collect::<Result<_, _>>()?;
        let bonuses = bonuses.unwrap_or_default().into_iter().map(|row| bonus(row, currency));
        let bonuses = bonuses.collect::<Result<_, _>>()?;
        Ok(Self {
            client_email,
            requirements_text,
            requirements: detailed_requirements,
            specifications: specifications.as_ref().map(|form| form_from_json(id, form)).transpose()?,
            milestones,
            files,
            bonuses,
            revision,
            cancelled_at,
            version: OrderVersion { order: version, contract: contract_version },
            card,
        })
    }
}

/// A milestone of the contract.
fn agreed(id: OrderId, row: MilestoneRow, currency: Currency) -> Result<MilestoneView, StoreError> {
    let (
        number,
        title,
        due_date,
        amount_minor,
        state,
        submitted_at,
        changes_message,
        auto_release_at,
        completed_at,
        clears_at,
        cleared_at,
        refunded_minor,
    ) = row;
    let place = || format!("{id}, {number}");
    let amount = |column, minor| named("milestones", column, place(), minor, currency);
    Ok(MilestoneView {
        number: MilestoneNumber::new(number)
            .ok_or_else(|| corrupt("milestones", "number", place(), "is no number of a milestone"))?,
        title,
        due_date,
        amount: Some(amount("amount_minor", amount_minor)?),
        state: MilestoneState::from_word(&state)
            .ok_or_else(|| corrupt("milestones", "state", place(), "is no state"))?,
        submitted_at,
        changes_message,
        auto_release_at,
        completed_at,
        clears_at,
        cleared_at,
        refunded_amount: refunded_minor.map(|minor| amount("refunded_minor", minor)).transpose()?,
        submissions: Vec::new(),
    })
}

/// A step of the plan, while there is no contract.
fn planned((number, step): (MilestoneNumber, PlannedMilestone)) -> MilestoneView {
    let PlannedMilestone { title, due_date, amount } = step;
    MilestoneView {
        number,
        title: title.as_str().to_owned(),
        due_date,
        amount,
        state: MilestoneState::PLANNED,
        submitted_at: None,
        changes_message: None,
        auto_release_at: None,
        completed_at: None,
        clears_at: None,
        cleared_at: None,
        refunded_amount: None,
        submissions: Vec::new(),
    }
}

/// The question for one order.
pub(super) fn one(id: OrderId) -> Statement<Bound<Text, i64, BigInt>> {
    statement(ONE).bind::<BigInt, _>(id.number())
}

/// One order as this transaction has left it.
pub(crate) async fn detail(
    connection: &mut Line<'_>,
    id: OrderId,
) -> Result<Option<OrderDetail>, StoreError> {
    let row: Option<DetailRow> = one(id).get_result(connection).await.optional().map_err(store_error)?;
    row.map(OrderDetail::try_from).transpose()
}
