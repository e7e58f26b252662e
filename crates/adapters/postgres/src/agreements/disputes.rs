//! Disputes: the rows of `disputes`, with their offers, and what was brought forward.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::actor::Party;
use domain::contracts::{DisputeReason, Resolver};
use domain::disputes::{
    DecisionReason, Dispute, DisputeState, Evidence, EvidenceCount, EvidenceText, OfferState, Resolution,
    SplitMessage, SplitOffer,
};
use domain::ids::{ContractId, DisputeId, FileId, MilestoneNumber, OrderId, UserId};
use domain::money::{ContractParties, Currency, Money};
use ports::disputes::{DisputeView, EvidenceView};
use ports::store::StoreError;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{refused, store_error};
use crate::link::Line;
use crate::money::{currency, total};
use crate::orders::order_id;
use crate::schema::{dispute_evidence, dispute_files, disputes};
use crate::statement::statement;
use crate::stored::Place;

/// A dispute with its offers in their order; `$what` is where the row comes from.
macro_rules! dispute_columns {
    () => {
        "dispute.id, dispute.position, dispute.contract_id, dispute.milestone, dispute.order_id,
         dispute.client_id, dispute.provider_id, dispute.amount_minor, dispute.currency, dispute.opened_by,
         dispute.reason, dispute.asked_minor, dispute.state, dispute.due_at, dispute.silence_settles,
         dispute.client_evidence, dispute.provider_evidence, dispute.resolver,
         dispute.given_minor, dispute.decision, dispute.decided_by, dispute.resolved_at, dispute.opened_at,
         dispute.updated_at, dispute.version,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('number', number, 'side', side,
                     'to_provider_minor', to_provider_minor, 'message', message, 'state', state,
                     'made_at', made_at, 'ended_at', ended_at) ORDER BY number), '[]')
          FROM dispute_offers WHERE dispute_offers.dispute_id = dispute.id) AS offers"
    };
}
pub(super) use dispute_columns;

/// What was brought forward, with its files.
macro_rules! said {
    () => {
        "(SELECT coalesce(jsonb_agg(jsonb_build_object('number', said.number, 'side', said.side,
                     'author_id', said.author_id, 'text', said.text, 'added_at', said.added_at,
                     'files', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', files.id, 'name', files.name)
                                                         ORDER BY named.place), '[]')
                               FROM dispute_files named JOIN files ON files.id = named.file_id
                               WHERE named.dispute_id = said.dispute_id AND named.evidence = said.number))
                  ORDER BY said.number), '[]')
          FROM dispute_evidence said WHERE said.dispute_id = dispute.id) AS said"
    };
}

const LOCK: &str =
    concat!("SELECT ", dispute_columns!(), " FROM disputes dispute WHERE dispute.id = $1 FOR NO KEY UPDATE");

pub(super) const VIEW: &str =
    concat!("SELECT ", dispute_columns!(), ", ", said!(), " FROM disputes dispute WHERE dispute.id = $1");

/// Offers are added, or come to their end.
const SAVE_OFFERS: &str = "\
    INSERT INTO dispute_offers (dispute_id, number, side, to_provider_minor, message, state, made_at, ended_at)
    SELECT given.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS given
    ON CONFLICT (dispute_id, number) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at
    WHERE dispute_offers.state <> excluded.state";

/// A row of `disputes` with its offers.
#[derive(QueryableByName)]
pub(super) struct DisputeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(super) position: i64,
    #[diesel(sql_type = SqlUuid)]
    contract_id: Uuid,
    #[diesel(sql_type = Integer)]
    milestone: i32,
    #[diesel(sql_type = BigInt)]
    order_id: i64,
    #[diesel(sql_type = SqlUuid)]
    client_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    provider_id: Uuid,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    opened_by: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    asked_minor: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    silence_settles: bool,
    #[diesel(sql_type = Integer)]
    client_evidence: i32,
    #[diesel(sql_type = Integer)]
    provider_evidence: i32,
    #[diesel(sql_type = Nullable<Text>)]
    resolver: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    given_minor: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    decision: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    decided_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    resolved_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    opened_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Jsonb)]
    offers: Value,
}

/// The same with what was brought forward.
#[derive(QueryableByName)]
pub(super) struct ViewRow {
    #[diesel(embed)]
    dispute: DisputeRow,
    #[diesel(sql_type = Jsonb)]
    said: Value,
}

#[derive(Deserialize)]
struct StoredOffer {
    number: i32,
    side: String,
    to_provider_minor: i64,
    message: Option<String>,
    state: String,
    made_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct StoredEvidence {
    number: i32,
    side: String,
    author_id: Uuid,
    text: Option<String>,
    files: Vec<StoredFile>,
    added_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct StoredFile {
    id: Uuid,
    name: String,
}

impl StoredOffer {
    fn into_offer(self, place: Place<Uuid>, currency: Currency) -> Result<SplitOffer, StoreError> {
        let Self { number, side, to_provider_minor, message, state, made_at, ended_at } = self;
        Ok(SplitOffer {
            number,
            side: place.value("offers", Party::from_word(&side), "has no side")?,
            to_provider: total(
                "dispute_offers",
                "to_provider_minor",
                place.row,
                to_provider_minor,
                currency,
            )?,
            message: place.optional("offers", message.as_deref(), SplitMessage::parse)?,
            state: place.value("offers", OfferState::from_word(&state), "has no state")?,
            made_at,
            ended_at,
        })
    }
}

fn stored_offers(
    place: Place<Uuid>,
    offers: Value,
    currency: Currency,
) -> Result<Vec<SplitOffer>, StoreError> {
    let offers: Vec<StoredOffer> =
        serde_json::from_value(offers).map_err(|problem| place.corrupt("offers", problem))?;
    offers.into_iter().map(|offer| offer.into_offer(place, currency)).collect()
}

impl StoredEvidence {
    fn into_view(self, place: Place<Uuid>) -> Result<EvidenceView, StoreError> {
        let Self { number, side, author_id, text, files, added_at } = self;
        Ok(EvidenceView {
            number,
            side: place.value("said", Party::from_word(&side), "has no side")?,
            author_id: UserId::new(author_id),
            text,
            files: files.into_iter().map(|StoredFile { id, name }| (FileId::new(id), name)).collect(),
            added_at,
        })
    }
}

impl TryFrom<DisputeRow> for Dispute {
    type Error = StoreError;

    fn try_from(row: DisputeRow) -> Result<Self, StoreError> {
        let DisputeRow {
            id,
            position: _,
            contract_id,
            milestone,
            order_id: order_number,
            client_id,
            provider_id,
            amount_minor,
            currency: currency_word,
            opened_by,
            reason,
            asked_minor,
            state,
            due_at,
            silence_settles,
            client_evidence,
            provider_evidence,
            resolver,
            given_minor,
            decision,
            decided_by,
            resolved_at,
            opened_at,
            updated_at,
            version,
            offers,
        } = row;
        let place = Place { table: "disputes", row: id };
        let currency = currency("disputes", id, &currency_word)?;
        let money = |column, minor| total("disputes", column, id, minor, currency);
        let resolution = match (resolver, given_minor, resolved_at) {
            (None, None, None) => None,
            (Some(resolver), Some(given), Some(resolved_at)) => Some(Resolution {
                resolver: place.value("resolver", Resolver::from_word(&resolver), "is nobody")?,
                to_provider: money("given_minor", given)?,
                reason: place.optional("decision", decision.as_deref(), DecisionReason::parse)?,
                decided_by: decided_by.map(UserId::new),
                resolved_at,
            }),
            _ => return Err(place.corrupt("resolver", "does not fit the rest of the resolution")),
        };
        let milestone = MilestoneNumber::new(milestone);
        Ok(Self {
            id: DisputeId::new(id),
            contract: ContractParties {
                contract_id: ContractId::new(contract_id),
                order_id: order_id("disputes", "order_id", order_number)?,
                client_id: UserId::new(client_id),
                provider_id: UserId::new(provider_id),
            },
            milestone: place.value("milestone", milestone, "is no number of a milestone")?,
            amount: money("amount_minor", amount_minor)?,
            opened_by: place.value("opened_by", Party::from_word(&opened_by), "is no side")?,
            reason: place.text("reason", &reason, DisputeReason::parse)?,
            asked: money("asked_minor", asked_minor)?,
            state: place.value("state", DisputeState::from_word(&state), "is no state")?,
            due_at,
            offers: stored_offers(place, offers, currency)?,
            silence_settles,
            evidence: EvidenceCount { client: client_evidence, provider: provider_evidence },
            resolution,
            opened_at,
            updated_at,
            version,
        })
    }
}

impl TryFrom<ViewRow> for DisputeView {
    type Error = StoreError;

    fn try_from(row: ViewRow) -> Result<Self, StoreError> {
        let ViewRow { dispute, said } = row;
        let place = Place { table: "disputes", row: dispute.id };
        let said: Vec<StoredEvidence> =
            serde_json::from_value(said).map_err(|problem| place.corrupt("said", problem))?;
        let evidence = said.into_iter().map(|one| one.into_view(place)).collect::<Result<_, _>>()?;
        Ok(Self { dispute: dispute.try_into()?, evidence })
    }
}

/// Adds a dispute, on which nobody has said anything yet.
pub(crate) async fn insert(connection: &mut Line<'_>, dispute: &Dispute) -> Result<(), StoreError> {
    let Dispute {
        id,
        contract: ContractParties { contract_id, order_id, client_id, provider_id },
        milestone,
        amount,
        opened_by,
        reason,
        asked,
        state,
        due_at,
        offers: _,
        silence_settles,
        evidence,
        resolution: _,
        opened_at,
        updated_at,
        version,
    } = dispute;
    diesel::insert_into(disputes::table)
        .values((
            (
                disputes::id.eq(id.uuid()),
                disputes::contract_id.eq(contract_id.uuid()),
                disputes::milestone.eq(milestone.number()),
                disputes::order_id.eq(order_id.number()),
                disputes::client_id.eq(client_id.uuid()),
                disputes::provider_id.eq(provider_id.uuid()),
            ),
            (
                disputes::amount_minor.eq(amount.minor()),
                disputes::currency.eq(amount.currency().as_str()),
                disputes::opened_by.eq(opened_by.as_str()),
                disputes::reason.eq(reason.as_str()),
                disputes::asked_minor.eq(asked.minor()),
                disputes::state.eq(state.as_str()),
            ),
            (
                disputes::due_at.eq(*due_at),
                disputes::silence_settles.eq(*silence_settles),
                disputes::client_evidence.eq(evidence.client),
                disputes::provider_evidence.eq(evidence.provider),
                disputes::opened_at.eq(*opened_at),
                disputes::updated_at.eq(*updated_at),
                disputes::version.eq(*version),
            ),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// About which order a dispute is.
pub(crate) async fn find(connection: &mut Line<'_>, id: DisputeId) -> Result<Option<OrderId>, StoreError> {
    let found: Option<i64> = disputes::table
        .find(id.uuid())
        .select(disputes::order_id)
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    found.map(|number| order_id("disputes", "order_id", number)).transpose()
}

/// Loads a dispute with its offers and locks it. Whoever does holds the lock on its order, so that the offers
/// are those of now.
pub(crate) async fn lock(connection: &mut Line<'_>, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
    let row: Option<DisputeRow> = statement(LOCK)
        .bind::<SqlUuid, _>(id.uuid())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(Dispute::try_from).transpose()
}

/// One dispute with all that was brought forward.
pub(crate) async fn view(
    connection: &mut Line<'_>,
    id: DisputeId,
) -> Result<Option<DisputeView>, StoreError> {
    let row: Option<ViewRow> = statement(VIEW)
        .bind::<SqlUuid, _>(id.uuid())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(DisputeView::try_from).transpose()
}

/// Saves what a command changed of a dispute and its offers, and raises the version.
pub(crate) async fn save(connection: &mut Line<'_>, dispute: &mut Dispute) -> Result<(), StoreError> {
    let next_version =
        dispute.version.checked_add(1).ok_or_else(|| refused("a dispute was saved too often to count"))?;
    let resolution = dispute.resolution.as_ref();
    let saved = diesel::update(disputes::table)
        .filter(disputes::id.eq(dispute.id.uuid()))
        .filter(disputes::version.eq(dispute.version))
        .set((
            disputes::state.eq(dispute.state.as_str()),
            disputes::due_at.eq(dispute.due_at),
            disputes::client_evidence.eq(dispute.evidence.client),
            disputes::provider_evidence.eq(dispute.evidence.provider),
            disputes::resolver.eq(resolution.map(|resolution| resolution.resolver.as_str())),
            disputes::given_minor.eq(resolution.map(|resolution| resolution.to_provider.minor())),
            disputes::decision
                .eq(resolution.and_then(|resolution| resolution.reason.as_ref()).map(DecisionReason::as_str)),
            disputes::decided_by
                .eq(resolution.and_then(|resolution| resolution.decided_by).map(UserId::uuid)),
            disputes::resolved_at.eq(resolution.map(|resolution| resolution.resolved_at)),
            disputes::updated_at.eq(dispute.updated_at),
            disputes::version.eq(next_version),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    if saved != 1 {
        return Err(StoreError::Stale { what: "dispute" });
    }
    save_offers(connection, dispute).await?;
    dispute.version = next_version;
    Ok(())
}

async fn save_offers(connection: &mut Line<'_>, dispute: &Dispute) -> Result<(), StoreError> {
    let offers = &dispute.offers;
    if offers.is_empty() {
        return Ok(());
    }
    let texts = |of: fn(&SplitOffer) -> &'static str| offers.iter().map(of).collect::<Vec<_>>();
    let messages: Vec<_> = offers
        .iter()
        .map(|offer| offer.message.as_ref().map(|message| message.as_str().to_owned()))
        .collect();
    statement(SAVE_OFFERS)
        .bind::<Array<SqlUuid>, _>(vec![dispute.id.uuid(); offers.len()])
        .bind::<Array<Integer>, _>(offers.iter().map(|offer| offer.number).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(texts(|offer| offer.side.as_str()))
        .bind::<Array<BigInt>, _>(
            offers.iter().map(|offer| Money::minor(offer.to_provider)).collect::<Vec<_>>(),
        )
        .bind::<Array<Nullable<Text>>, _>(messages)
        .bind::<Array<Text>, _>(texts(|offer| offer.state.as_str()))
        .bind::<Array<Timestamptz>, _>(offers.iter().map(|offer| offer.made_at).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(
            offers.iter().map(|offer| offer.ended_at).collect::<Vec<_>>(),
        )
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Keeps a piece of evidence, and which of the order's files it names.
pub(crate) async fn add_evidence(connection: &mut Line<'_>, evidence: &Evidence) -> Result<(), StoreError> {
    let Evidence { dispute_id, number, side, author_id, content, added_at } = evidence;
    diesel::insert_into(dispute_evidence::table)
        .values((
            dispute_evidence::dispute_id.eq(dispute_id.uuid()),
            dispute_evidence::number.eq(*number),
            dispute_evidence::side.eq(side.as_str()),
            dispute_evidence::author_id.eq(author_id.uuid()),
            dispute_evidence::text.eq(content.text().map(EvidenceText::as_str)),
            dispute_evidence::added_at.eq(*added_at),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    let named: Vec<_> = content
        .files()
        .ids()
        .iter()
        .zip(1_i32..)
        .map(|(file_id, place)| {
            (
                dispute_files::file_id.eq(file_id.uuid()),
                dispute_files::dispute_id.eq(dispute_id.uuid()),
                dispute_files::evidence.eq(*number),
                dispute_files::place.eq(place),
            )
        })
        .collect();
    diesel::insert_into(dispute_files::table).values(named).execute(connection).await.map_err(store_error)?;
    Ok(())
}
