//! Orders as they are listed.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text, Timestamptz};
use domain::orders::Progress;
use ports::orders::OrderCard;
use ports::store::StoreError;

use super::{order_id, state};
use crate::error::corrupt;
use crate::money::{currency, named};
use crate::profiles::{PersonRow, PersonSql, person_view};

/// What is listed of the order in `orders` and `texts`, beside the people in `client` and `provider`.
macro_rules! card_columns {
    () => {
        "orders.id, orders.title, orders.subject, orders.order_type, orders.pages, orders.deadline,
         orders.budget_minor, orders.currency, orders.accepted_minor, orders.state, orders.progress,
         texts.description, orders.bids_count, client.person AS client, provider.person AS provider,
         orders.created_at, orders.started_at, orders.completed_at, orders.updated_at"
    };
}
pub(super) use card_columns;

/// The people of the order in `orders`.
macro_rules! people {
    () => {
        concat!(
            "CROSS JOIN LATERAL ",
            crate::profiles::person!("orders.client_id"),
            " AS client LEFT JOIN LATERAL ",
            crate::profiles::person!("orders.provider_id"),
            " AS provider ON true"
        )
    };
}
pub(super) use people;

/// What [`card_columns!`] tells.
#[derive(QueryableByName)]
pub(super) struct CardRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    order_type: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pages: Option<i32>,
    #[diesel(sql_type = Timestamptz)]
    deadline: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    budget_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    accepted_minor: Option<i64>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = SmallInt)]
    progress: i16,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = BigInt)]
    bids_count: i64,
    #[diesel(sql_type = PersonSql)]
    client: PersonRow,
    #[diesel(sql_type = Nullable<PersonSql>)]
    provider: Option<PersonRow>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    started_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    completed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
}

impl TryFrom<CardRow> for OrderCard {
    type Error = StoreError;

    fn try_from(row: CardRow) -> Result<Self, StoreError> {
        let CardRow {
            id: number,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget_minor,
            currency: currency_word,
            accepted_minor,
            state: state_word,
            progress,
            description,
            bids_count,
            client,
            provider,
            created_at,
            started_at,
            completed_at,
            updated_at,
        } = row;
        let id = order_id("orders", "id", number)?;
        let currency = currency("orders", id, &currency_word)?;
        Ok(Self {
            id,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget: named("orders", "budget_minor", id, budget_minor, currency)?,
            accepted_bid: accepted_minor
                .map(|minor| named("orders", "accepted_minor", id, minor, currency))
                .transpose()?,
            state: state(id, &state_word)?,
            progress: Progress::new(progress)
                .map_err(|problem| corrupt("orders", "progress", id, problem))?,
            description,
            bids_count,
            client: person_view(client)?,
            provider: provider.map(person_view).transpose()?,
            created_at,
            started_at,
            completed_at,
            updated_at,
        })
    }
}
