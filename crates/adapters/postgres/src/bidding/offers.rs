//! Histories of bids: the rows of `offers`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::actor::Party;
use domain::bidding::{BidMessage, Offer};
use domain::ids::{BidId, UserId};
use ports::bidding::OfferView;
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::money::{currency, named};
use crate::schema::offers;
use crate::statement::{Bound, Statement, Text, statement};

/// A new row of `offers`. Its position is given by the database.
#[derive(Insertable)]
#[diesel(table_name = offers, treat_none_as_default_value = false)]
pub(super) struct NewOffer {
    pub(super) bid_id: i64,
    pub(super) author: &'static str,
    pub(super) author_id: Uuid,
    pub(super) amount_minor: i64,
    pub(super) currency: &'static str,
    pub(super) proposed_deadline: Option<DateTime<Utc>>,
    pub(super) message: Option<String>,
    pub(super) made_at: DateTime<Utc>,
}

impl From<&Offer> for NewOffer {
    fn from(offer: &Offer) -> Self {
        let Offer { bid_id, author, author_id, amount, proposed_deadline, message, made_at } = offer;
        Self {
            bid_id: bid_id.number(),
            author: author.as_str(),
            author_id: author_id.uuid(),
            amount_minor: amount.minor(),
            currency: amount.currency().as_str(),
            proposed_deadline: *proposed_deadline,
            message: message.as_ref().map(BidMessage::as_str).map(ToOwned::to_owned),
            made_at: *made_at,
        }
    }
}

/// What is shown of a bid's history, oldest first.
const HISTORY: &str = "\
    SELECT offers.position, offers.author, offers.author_id, users.full_name AS author_name,
           offers.amount_minor, offers.currency, offers.proposed_deadline, offers.message, offers.made_at
    FROM offers JOIN users ON users.id = offers.author_id
    WHERE offers.bid_id = $1
    ORDER BY offers.position";

/// What [`HISTORY`] tells.
#[derive(QueryableByName)]
pub(super) struct OfferRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlText)]
    author: String,
    #[diesel(sql_type = SqlUuid)]
    author_id: Uuid,
    #[diesel(sql_type = SqlText)]
    author_name: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = SqlText)]
    currency: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    proposed_deadline: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlText>)]
    message: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    made_at: DateTime<Utc>,
}

impl TryFrom<OfferRow> for OfferView {
    type Error = StoreError;

    fn try_from(row: OfferRow) -> Result<Self, StoreError> {
        let OfferRow {
            position,
            author,
            author_id,
            author_name,
            amount_minor,
            currency: currency_word,
            proposed_deadline,
            message,
            made_at,
        } = row;
        let currency = currency("offers", position, &currency_word)?;
        Ok(Self {
            author: Party::from_word(&author)
                .ok_or_else(|| corrupt("offers", "author", position, "is no side"))?,
            author_id: UserId::new(author_id),
            author_name,
            amount: named("offers", "amount_minor", position, amount_minor, currency)?,
            proposed_deadline,
            message,
            made_at,
        })
    }
}

/// Adds a line to a bid's history.
pub(crate) async fn add(connection: &mut Line<'_>, offer: &Offer) -> Result<(), StoreError> {
    diesel::insert_into(offers::table)
        .values(NewOffer::from(offer))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// The question for a bid's history.
pub(super) fn history(id: BidId) -> Statement<Bound<Text, i64, BigInt>> {
    statement(HISTORY).bind::<BigInt, _>(id.number())
}
