//! Milestones as rows, and many of them as columns of one statement.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz};
use domain::actor::Party;
use domain::contracts::{ChangesMessage, Dispute, DisputeReason, Milestone, MilestoneState, Returns};
use domain::ids::MilestoneNumber;
use domain::money::{Currency, Refunded, Released};
use domain::orders::MilestoneTitle;
use ports::store::StoreError;
use uuid::Uuid;

use crate::money::{named, total};
use crate::schema::milestones;
use crate::statement::{Pieces, Statement};
use crate::stored::Place;

/// A row of `milestones`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = milestones, check_for_backend(diesel::pg::Pg))]
pub(super) struct MilestoneRow {
    contract_id: Uuid,
    number: i32,
    title: String,
    due_date: DateTime<Utc>,
    amount_minor: i64,
    state: String,
    submissions: i32,
    submitted_at: Option<DateTime<Utc>>,
    changes_message: Option<String>,
    auto_release_at: Option<DateTime<Utc>>,
    remind_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    clears_at: Option<DateTime<Utc>>,
    cleared_at: Option<DateTime<Utc>>,
    #[diesel(embed)]
    parts: PartsColumns,
    #[diesel(embed)]
    returned: ReturnColumns,
    #[diesel(embed)]
    dispute: DisputeColumns,
}

/// What went to whom.
#[derive(Queryable, Selectable)]
#[diesel(table_name = milestones, check_for_backend(diesel::pg::Pg))]
pub(super) struct PartsColumns {
    released_minor: Option<i64>,
    released_provider_fee_minor: Option<i64>,
    released_client_fee_minor: Option<i64>,
    refunded_minor: Option<i64>,
    refunded_client_fee_minor: Option<i64>,
}

/// What of the release went back.
#[derive(Queryable, Selectable)]
#[diesel(table_name = milestones, check_for_backend(diesel::pg::Pg))]
pub(super) struct ReturnColumns {
    returned_times: Option<i32>,
    returned_minor: Option<i64>,
    returned_provider_fee_minor: Option<i64>,
    returned_client_fee_minor: Option<i64>,
}

/// Why its money was frozen, if it was.
#[derive(Queryable, Selectable)]
#[diesel(table_name = milestones, check_for_backend(diesel::pg::Pg))]
pub(super) struct DisputeColumns {
    dispute_opened_by: Option<String>,
    dispute_reason: Option<String>,
    dispute_opened_at: Option<DateTime<Utc>>,
    dispute_decided_at: Option<DateTime<Utc>>,
}

impl PartsColumns {
    fn into_parts(
        self,
        place: Place<&str>,
        currency: Currency,
    ) -> Result<(Option<Released>, Option<Refunded>), StoreError> {
        let Self {
            released_minor,
            released_provider_fee_minor,
            released_client_fee_minor,
            refunded_minor,
            refunded_client_fee_minor,
        } = self;
        let money = |column, minor| total(place.table, column, place.row, minor, currency);
        let released = match (released_minor, released_provider_fee_minor, released_client_fee_minor) {
            (None, None, None) => None,
            (Some(gross), Some(provider_fee), Some(client_fee)) => Some(Released {
                gross: money("released_minor", gross)?,
                provider_fee: money("released_provider_fee_minor", provider_fee)?,
                client_fee: money("released_client_fee_minor", client_fee)?,
            }),
            _ => return Err(place.corrupt("released_minor", "does not fit the rest of the release")),
        };
        let refunded = match (refunded_minor, refunded_client_fee_minor) {
            (None, None) => None,
            (Some(amount), Some(client_fee)) => Some(Refunded {
                amount: money("refunded_minor", amount)?,
                client_fee: money("refunded_client_fee_minor", client_fee)?,
            }),
            _ => return Err(place.corrupt("refunded_minor", "does not fit the rest of the refund")),
        };
        Ok((released, refunded))
    }
}

impl ReturnColumns {
    fn into_returns(self, place: Place<&str>, currency: Currency) -> Result<Option<Returns>, StoreError> {
        let Self { returned_times, returned_minor, returned_provider_fee_minor, returned_client_fee_minor } =
            self;
        let money = |column, minor| total(place.table, column, place.row, minor, currency);
        match (returned_times, returned_minor, returned_provider_fee_minor, returned_client_fee_minor) {
            (None, None, None, None) => Ok(None),
            (Some(times), Some(gross), Some(provider_fee), Some(client_fee)) => Ok(Some(Returns {
                times,
                gross: money("returned_minor", gross)?,
                provider_fee: money("returned_provider_fee_minor", provider_fee)?,
                client_fee: money("returned_client_fee_minor", client_fee)?,
            })),
            _ => Err(place.corrupt("returned_minor", "does not fit the rest of the return")),
        }
    }
}

impl DisputeColumns {
    fn into_dispute(self, place: Place<&str>) -> Result<Option<Dispute>, StoreError> {
        let Self { dispute_opened_by, dispute_reason, dispute_opened_at, dispute_decided_at } = self;
        match (dispute_opened_by, dispute_reason, dispute_opened_at, dispute_decided_at) {
            (None, None, None, None) => Ok(None),
            (Some(opened_by), Some(reason), Some(opened_at), decided_at) => Ok(Some(Dispute {
                opened_by: place.value("dispute_opened_by", Party::from_word(&opened_by), "is no side")?,
                reason: place.text("dispute_reason", &reason, DisputeReason::parse)?,
                opened_at,
                decided_at,
            })),
            _ => Err(place.corrupt("dispute_reason", "does not fit the rest of the dispute")),
        }
    }
}

impl MilestoneRow {
    pub(super) fn into_milestone(self, currency: Currency) -> Result<Milestone, StoreError> {
        let Self {
            contract_id,
            number,
            title,
            due_date,
            amount_minor,
            state,
            submissions,
            submitted_at,
            changes_message,
            auto_release_at,
            remind_at,
            completed_at,
            clears_at,
            cleared_at,
            parts,
            returned,
            dispute,
        } = self;
        let key = format!("{contract_id}, {number}");
        let place = Place { table: "milestones", row: key.as_str() };
        let (released, refunded) = parts.into_parts(place, currency)?;
        Ok(Milestone {
            number: place.value("number", MilestoneNumber::new(number), "is no number of a milestone")?,
            title: place.text("title", &title, MilestoneTitle::parse)?,
            due_date,
            amount: named("milestones", "amount_minor", &key, amount_minor, currency)?,
            state: place.value("state", MilestoneState::from_word(&state), "is no state")?,
            submissions,
            submitted_at,
            changes_message: place.optional(
                "changes_message",
                changes_message.as_deref(),
                ChangesMessage::parse,
            )?,
            auto_release_at,
            remind_at,
            completed_at,
            released,
            clears_at,
            cleared_at,
            refunded,
            returned: returned.into_returns(place, currency)?,
            dispute: dispute.into_dispute(place)?,
        })
    }
}

/// The columns of a contract's milestones that a save may change, and their numbers.
#[derive(Default)]
pub(super) struct Progress {
    numbers: Vec<i32>,
    states: Vec<&'static str>,
    submissions: Vec<i32>,
    submitted: Vec<Option<DateTime<Utc>>>,
    changes_messages: Vec<Option<String>>,
    auto_releases: Vec<Option<DateTime<Utc>>>,
    reminders: Vec<Option<DateTime<Utc>>>,
    completed: Vec<Option<DateTime<Utc>>>,
    released: Vec<Option<i64>>,
    released_provider_fees: Vec<Option<i64>>,
    released_client_fees: Vec<Option<i64>>,
    clears: Vec<Option<DateTime<Utc>>>,
    cleared: Vec<Option<DateTime<Utc>>>,
    refunded: Vec<Option<i64>>,
    refunded_client_fees: Vec<Option<i64>>,
    returned_times: Vec<Option<i32>>,
    returned: Vec<Option<i64>>,
    returned_provider_fees: Vec<Option<i64>>,
    returned_client_fees: Vec<Option<i64>>,
    opened_by: Vec<Option<&'static str>>,
    reasons: Vec<Option<String>>,
    opened: Vec<Option<DateTime<Utc>>>,
    decided: Vec<Option<DateTime<Utc>>>,
}

/// The columns that a save leaves alone.
#[derive(Default)]
pub(super) struct Agreed {
    titles: Vec<String>,
    due_dates: Vec<DateTime<Utc>>,
    amounts: Vec<i64>,
}

impl Progress {
    fn push(&mut self, milestone: &Milestone) {
        let Milestone {
            number,
            title: _,
            due_date: _,
            amount: _,
            state,
            submissions,
            submitted_at,
            changes_message,
            auto_release_at,
            remind_at,
            completed_at,
            released,
            clears_at,
            cleared_at,
            refunded,
            returned,
            dispute,
        } = milestone;
        self.numbers.push(number.number());
        self.states.push(state.as_str());
        self.submissions.push(*submissions);
        self.submitted.push(*submitted_at);
        self.changes_messages.push(changes_message.as_ref().map(|message| message.as_str().to_owned()));
        self.auto_releases.push(*auto_release_at);
        self.reminders.push(*remind_at);
        self.completed.push(*completed_at);
        let parts = released.map(|Released { gross, provider_fee, client_fee }| {
            (gross.minor(), provider_fee.minor(), client_fee.minor())
        });
        self.released.push(parts.map(|(gross, _, _)| gross));
        self.released_provider_fees.push(parts.map(|(_, fee, _)| fee));
        self.released_client_fees.push(parts.map(|(_, _, fee)| fee));
        self.clears.push(*clears_at);
        self.cleared.push(*cleared_at);
        let parts = refunded.map(|Refunded { amount, client_fee }| (amount.minor(), client_fee.minor()));
        self.refunded.push(parts.map(|(amount, _)| amount));
        self.refunded_client_fees.push(parts.map(|(_, fee)| fee));
        let parts = returned.map(|Returns { times, gross, provider_fee, client_fee }| {
            (times, gross.minor(), provider_fee.minor(), client_fee.minor())
        });
        self.returned_times.push(parts.map(|(times, _, _, _)| times));
        self.returned.push(parts.map(|(_, gross, _, _)| gross));
        self.returned_provider_fees.push(parts.map(|(_, _, fee, _)| fee));
        self.returned_client_fees.push(parts.map(|(_, _, _, fee)| fee));
        let dispute = dispute.as_ref();
        let asked = dispute.map(|Dispute { opened_by, reason, opened_at, decided_at }| {
            (opened_by.as_str(), reason.as_str().to_owned(), *opened_at, *decided_at)
        });
        let (opened_by, reason, opened_at, decided_at) = match asked {
            Some((by, reason, opened, decided)) => (Some(by), Some(reason), Some(opened), decided),
            None => (None, None, None, None),
        };
        self.opened_by.push(opened_by);
        self.reasons.push(reason);
        self.opened.push(opened_at);
        self.decided.push(decided_at);
    }

    pub(super) fn of(milestones: &[Milestone]) -> Self {
        let mut columns = Self::default();
        milestones.iter().for_each(|milestone| columns.push(milestone));
        columns
    }

    /// Binds 23 arrays, in the order of the fields.
    pub(super) fn bind<B: Pieces + Send>(
        self,
        statement: Statement<B>,
    ) -> Statement<impl Pieces + Send + use<B>> {
        statement
            .bind::<Array<Integer>, _>(self.numbers)
            .bind::<Array<Text>, _>(self.states)
            .bind::<Array<Integer>, _>(self.submissions)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.submitted)
            .bind::<Array<Nullable<Text>>, _>(self.changes_messages)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.auto_releases)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.reminders)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.completed)
            .bind::<Array<Nullable<BigInt>>, _>(self.released)
            .bind::<Array<Nullable<BigInt>>, _>(self.released_provider_fees)
            .bind::<Array<Nullable<BigInt>>, _>(self.released_client_fees)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.clears)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.cleared)
            .bind::<Array<Nullable<BigInt>>, _>(self.refunded)
            .bind::<Array<Nullable<BigInt>>, _>(self.refunded_client_fees)
            .bind::<Array<Nullable<Integer>>, _>(self.returned_times)
            .bind::<Array<Nullable<BigInt>>, _>(self.returned)
            .bind::<Array<Nullable<BigInt>>, _>(self.returned_provider_fees)
            .bind::<Array<Nullable<BigInt>>, _>(self.returned_client_fees)
            .bind::<Array<Nullable<Text>>, _>(self.opened_by)
            .bind::<Array<Nullable<Text>>, _>(self.reasons)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.opened)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.decided)
    }
}

impl Agreed {
    pub(super) fn of(milestones: &[Milestone]) -> Self {
        let mut columns = Self::default();
        for milestone in milestones {
            columns.titles.push(milestone.title.as_str().to_owned());
            columns.due_dates.push(milestone.due_date);
            columns.amounts.push(milestone.amount.minor());
        }
        columns
    }

    /// Binds three arrays, in the order of the fields.
    pub(super) fn bind<B: Pieces + Send>(
        self,
        statement: Statement<B>,
    ) -> Statement<impl Pieces + Send + use<B>> {
        statement
            .bind::<Array<Text>, _>(self.titles)
            .bind::<Array<Timestamptz>, _>(self.due_dates)
            .bind::<Array<BigInt>, _>(self.amounts)
    }
}
