//! Opening chats: what one would begin with, and writing it down.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::bidding::BidMessage;
use domain::ids::{ChatId, OrderId, UserId};
use domain::messaging::{Chat, FirstWords, Grounds, Message, StandingBid};
use domain::orders::policy::OrderAccess;
use ports::messaging::ChatClaim;
use ports::store::StoreError;
use uuid::Uuid;

use crate::bidding::{self, bid_id};
use crate::error::{corrupt, refused, store_error};
use crate::link::Line;
use crate::orders;
use crate::statement::statement;
use crate::stored::Place;

/// An order, a provider's newest bid on it, and the chat of the two. `OFFSET 0` keeps the planner from
/// walking through all bids there are, the newest first, until it meets the one.
const GROUNDS: &str = "\
    SELECT orders.state, orders.client_id, orders.provider_id AS holder_id, bid.id AS bid_id,
           bid.state AS bid_state, bid.message, bid.asked_at, chats.id AS chat_id
    FROM (SELECT $1 AS number, $2 AS provider) AS wanted
    JOIN orders ON orders.id = wanted.number
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT id, state, message, asked_at FROM bids
            WHERE bids.order_id = wanted.number AND bids.provider_id = wanted.provider
            OFFSET 0
        ) AS theirs
        ORDER BY theirs.id DESC LIMIT 1
    ) AS bid ON true
    LEFT JOIN chats ON chats.order_id = wanted.number AND chats.provider_id = wanted.provider
                   AND chats.client_id = orders.client_id";

#[derive(QueryableByName)]
struct GroundsRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = SqlUuid)]
    client_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    holder_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    bid_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    bid_state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    message: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    asked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    chat_id: Option<Uuid>,
}

impl GroundsRow {
    fn into_grounds(self, order_id: OrderId, provider_id: UserId) -> Result<Grounds, StoreError> {
        let Self { state, client_id, holder_id, bid_id, bid_state, message, asked_at, chat_id } = self;
        let bid = match (bid_id, bid_state, message, asked_at) {
            (Some(id), Some(state), Some(message), Some(said_at)) => {
                Some(standing_bid(id, &state, &message, said_at)?)
            }
            _ => None,
        };
        Ok(Grounds {
            order_id,
            order: OrderAccess {
                state: orders::state(order_id, &state)?,
                client_id: UserId::new(client_id),
                provider_id: holder_id.map(UserId::new),
            },
            provider_id,
            bid,
            chat_id: chat_id.map(ChatId::new),
        })
    }
}

fn standing_bid(
    number: i64,
    state: &str,
    message: &str,
    said_at: DateTime<Utc>,
) -> Result<StandingBid, StoreError> {
    let id = bid_id("bids", "id", number)?;
    let place = Place { table: "bids", row: number };
    let message = place.text("message", message, BidMessage::parse)?;
    Ok(StandingBid { state: bidding::state(id, state)?, words: FirstWords { message, said_at } })
}

/// What a chat between an order's client and this provider would begin with.
pub(crate) async fn grounds(
    connection: &mut Line<'_>,
    order_id: OrderId,
    provider_id: UserId,
) -> Result<Option<Grounds>, StoreError> {
    let row: Option<GroundsRow> = statement(GROUNDS)
        .bind::<BigInt, _>(order_id.number())
        .bind::<SqlUuid, _>(provider_id.uuid())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(|row| row.into_grounds(order_id, provider_id)).transpose()
}

/// Adds a chat, its two members and its first message; or nothing at all where there is one. The
/// constraint decides that, under every race.
const INSERT: &str = "\
    WITH opened AS (
        INSERT INTO chats (id, order_id, client_id, provider_id, last_seq, last_message_id, from_provider,
                           created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT ON CONSTRAINT chats_once DO NOTHING
        RETURNING id
    ), number AS (
        SELECT opened.id, nextval('chat_activities') AS activity FROM opened
    ), members AS (
        INSERT INTO chat_members (chat_id, user_id, activity, read_seq, unread)
        SELECT number.id, member.user_id, number.activity, member.read_seq, member.unread
        FROM number CROSS JOIN unnest($10, $11, $12) AS member (user_id, read_seq, unread)
        RETURNING 1
    ), said AS (
        INSERT INTO messages (chat_id, seq, id, sender_id, from_provider, content, sent_at)
        SELECT opened.id, $13, $14, $15, $16, $17, $18 FROM opened
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM opened) AS chats, (SELECT count(*) FROM members) AS members,
           (SELECT count(*) FROM said) AS messages";

/// How many rows a new chat wrote.
#[derive(QueryableByName, Debug)]
struct Written {
    #[diesel(sql_type = BigInt)]
    chats: i64,
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    messages: i64,
}

/// Adds a chat with its first message.
pub(crate) async fn insert(
    connection: &mut Line<'_>,
    chat: &Chat,
    first: &Message,
) -> Result<ChatClaim, StoreError> {
    let Chat { id, order_id, client_id, provider_id, client, provider, last, created_at, updated_at } = chat;
    let Message { chat_id, mark, sender_id, content, sent_at } = first;
    if (chat_id, mark) != (id, last) {
        return Err(corrupt("messages", "chat_id", chat_id, "is not the first of its chat"));
    }
    let written: Written = statement(INSERT)
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<BigInt, _>(order_id.number())
        .bind::<SqlUuid, _>(client_id.uuid())
        .bind::<SqlUuid, _>(provider_id.uuid())
        .bind::<BigInt, _>(last.seq)
        .bind::<SqlUuid, _>(last.message_id.uuid())
        .bind::<BigInt, _>(last.from_provider)
        .bind::<Timestamptz, _>(*created_at)
        .bind::<Timestamptz, _>(*updated_at)
        .bind::<Array<SqlUuid>, _>(vec![client_id.uuid(), provider_id.uuid()])
        .bind::<Array<BigInt>, _>(vec![client.read_seq, provider.read_seq])
        .bind::<Array<BigInt>, _>(vec![client.unread, provider.unread])
        .bind::<BigInt, _>(mark.seq)
        .bind::<SqlUuid, _>(mark.message_id.uuid())
        .bind::<SqlUuid, _>(sender_id.uuid())
        .bind::<BigInt, _>(mark.from_provider)
        .bind::<Text, _>(content.words().to_owned())
        .bind::<Timestamptz, _>(*sent_at)
        .get_result(connection)
        .await
        .map_err(store_error)?;
    match written {
        Written { chats: 1, members: 2, messages: 1 } => Ok(ChatClaim::Granted),
        Written { chats: 0, members: 0, messages: 0 } => Ok(ChatClaim::Taken),
        Written { .. } => Err(refused(format!("a new chat wrote {written:?}"))),
    }
}
