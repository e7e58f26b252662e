//! Milestones whose clocks have run out. What was due and has been seen to is not in the indexes any
//! more, so that they are short however many milestones there are.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::ids::MilestoneNumber;
use futures_util::FutureExt;
use ports::contracts::{DueMilestone, DueMilestones, MilestoneClock};
use ports::store::StoreError;

use crate::error::corrupt;
use crate::orders::order_id;
use crate::pool::Database;
use crate::statement::statement;

/// The milestones of which a time is over, under a condition. That it is no earlier than that of the last
/// one seen is what the index can tell; the whole place is compared behind it.
macro_rules! due {
    ($time:literal, $also:literal) => {
        concat!(
            "SELECT milestone.",
            $time,
            " AS due_at, contracts.order_id, milestone.number
            FROM (SELECT $1 AS now, $2 AS due_at, $3 AS order_id, $4 AS number) AS seen
            JOIN milestones milestone ON milestone.",
            $time,
            " BETWEEN seen.due_at AND seen.now
            JOIN contracts ON contracts.id = milestone.contract_id
            WHERE (milestone.",
            $time,
            ", contracts.order_id, milestone.number) > (seen.due_at, seen.order_id, seen.number)
              AND ",
            $also,
            " ORDER BY 1, 2, 3 LIMIT $5"
        )
    };
}

const RELEASES: &str = due!("auto_release_at", "milestone.state = 'submitted'");
const REMINDERS: &str =
    due!("remind_at", "milestone.state = 'submitted' AND milestone.auto_release_at > seen.now");
const CLEARANCES: &str = due!("clears_at", "milestone.cleared_at IS NULL");

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    order_id: i64,
    #[diesel(sql_type = Integer)]
    number: i32,
}

impl TryFrom<DueRow> for DueMilestone {
    type Error = StoreError;

    fn try_from(DueRow { due_at, order_id: id, number }: DueRow) -> Result<Self, StoreError> {
        let order_id = order_id("contracts", "order_id", id)?;
        let number = MilestoneNumber::new(number).ok_or_else(|| {
            corrupt("milestones", "number", format!("{order_id}, {number}"), "is no number of a milestone")
        })?;
        Ok(Self { due_at, order_id, number })
    }
}

#[async_trait]
impl DueMilestones for Database {
    async fn due_milestones(
        &self,
        clock: MilestoneClock,
        now: DateTime<Utc>,
        after: Option<DueMilestone>,
        limit: u32,
    ) -> Result<Vec<DueMilestone>, StoreError> {
        let question = match clock {
            MilestoneClock::Release => RELEASES,
            MilestoneClock::Reminder => REMINDERS,
            MilestoneClock::Clearance => CLEARANCES,
        };
        // No clock runs out as early as that.
        let (due_at, order_id, number) = after.map_or((DateTime::UNIX_EPOCH, 0, 0), |after| {
            (after.due_at, after.order_id.number(), after.number.number())
        });
        let rows: Vec<DueRow> = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(question)
                        .bind::<Timestamptz, _>(now)
                        .bind::<Timestamptz, _>(due_at)
                        .bind::<BigInt, _>(order_id)
                        .bind::<Integer, _>(number)
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        rows.into_iter().map(DueMilestone::try_from).collect()
    }
}
