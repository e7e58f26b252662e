//! One's own orders.

use actix_web::{HttpResponse, get, web};
use domain::actor::Actor;
use domain::orders::OrderState;
use domain::search::SearchTerms;
use ports::orders::{OrderCard, OrderList, OrderTally};
use ports::profiles::PersonView;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire::ProviderRow;
use super::words::{OrderFilterWord, OrderStatusWord};
use crate::Api;
use crate::document::examples::{pagination, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{ALL, Caller, Filter, ListParameters, ListQuery, Pagination, Query};
use crate::wire::{Amount, Timestamp, rating};

/// A part of a list of orders.
#[derive(Serialize, ToSchema)]
pub(super) struct OrdersData {
    /// Newest first.
    orders: Vec<OrderRow>,
    pagination: Pagination,
    summary: OrdersSummary,
}

/// An order as it is listed.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderListItem)]
pub(super) struct OrderRow {
    #[schema(example = "ORD-001")]
    id: String,
    #[schema(example = "Research Paper on Climate Change")]
    title: String,
    #[schema(example = "Environmental Science")]
    subject: String,
    #[schema(example = "Research Paper")]
    r#type: String,
    /// Null if nobody said.
    #[schema(required = true, example = 8)]
    pages: Option<i32>,
    deadline: Timestamp,
    /// For about how much; bids may be above it.
    budget: Amount,
    /// The price; null until the award.
    #[schema(required = true)]
    accepted_bid: Option<Amount>,
    #[schema(value_type = OrderStatusWord, example = "active")]
    status: &'static str,
    /// In per cent, by the provider's own word.
    #[schema(minimum = 0, maximum = 100, example = 65)]
    progress: i16,
    client: ListedClient,
    /// Who does it; null until the award.
    #[schema(required = true)]
    provider: Option<ProviderRow>,
    description: String,
    /// How many bids are open or unconfirmed.
    bids_count: i64,
    created_at: Timestamp,
    /// When it was paid for; null until then.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// When it was completed; null until then.
    #[schema(required = true)]
    completed_at: Option<Timestamp>,
    updated_at: Timestamp,
}

/// Who posted an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderListClient)]
pub(super) struct ListedClient {
    id: Uuid,
    /// The full name.
    #[schema(example = "John Doe")]
    name: String,
    /// Mean of the reviews to two decimals; null before the first.
    #[schema(required = true, example = 4.8)]
    rating: Option<f64>,
}

/// What all of somebody's orders come to, whatever the filter and the page.
#[derive(Serialize, ToSchema)]
pub(super) struct OrdersSummary {
    /// All below together.
    #[schema(example = 45)]
    total_orders: i64,
    /// Not for providers, whose orders are awarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3)]
    open: Option<i64>,
    #[schema(example = 5)]
    active: i64,
    #[schema(example = 2)]
    pending: i64,
    #[schema(example = 38)]
    completed: i64,
    /// What the provider got for them, net of fees; zero for everybody else.
    total_earned: Amount,
}

impl From<&PersonView> for ListedClient {
    fn from(person: &PersonView) -> Self {
        let PersonView { id, name, avatar_url: _, figures } = person;
        Self { id: id.uuid(), name: name.clone(), rating: rating(figures) }
    }
}

impl From<&OrderCard> for OrderRow {
    fn from(card: &OrderCard) -> Self {
        let OrderCard {
            id,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget,
            accepted_bid,
            state,
            progress,
            description,
            bids_count,
            client,
            provider,
            created_at,
            started_at,
            completed_at,
            updated_at,
        } = card;
        Self {
            id: id.to_string(),
            title: title.clone(),
            subject: subject.clone(),
            r#type: order_type.clone(),
            pages: *pages,
            deadline: Timestamp(*deadline),
            budget: Amount(*budget),
            accepted_bid: accepted_bid.map(Amount),
            status: state.as_str(),
            progress: progress.percent(),
            client: client.into(),
            provider: provider.as_ref().map(ProviderRow::from),
            description: description.clone(),
            bids_count: *bids_count,
            created_at: Timestamp(*created_at),
            started_at: started_at.map(Timestamp),
            completed_at: completed_at.map(Timestamp),
            updated_at: Timestamp(*updated_at),
        }
    }
}

impl OrdersSummary {
    fn new(actor: &Actor, tally: &OrderTally) -> Self {
        let OrderTally { counts, earned } = *tally;
        Self {
            total_orders: counts.listed(actor.role),
            open: counts.told(actor.role, OrderState::Open),
            active: counts.active,
            pending: counts.pending,
            completed: counts.completed,
            total_earned: Amount(earned),
        }
    }
}

/// Which of one's orders are wanted.
#[derive(Debug)]
pub(super) struct OwnOrders {
    state: Option<OrderState>,
    search: Option<SearchTerms>,
}

/// Reads the words to search for; nothing to search for is no filter.
pub(super) fn search(query: &mut Query) -> Option<SearchTerms> {
    query.read("search", |text| SearchTerms::parse(text).map_err(|error| error.to_string().into())).flatten()
}

/// The words in their one order.
pub(super) fn canonical_search(search: Option<&SearchTerms>) -> String {
    search.map(|terms| terms.pieces().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

impl Filter for OwnOrders {
    const LIST: &'static str = "orders";

    fn read(query: &mut Query) -> Self {
        let state = query.one_of("status", OrderState::ALL, OrderState::as_str);
        Self { state, search: search(query) }
    }

    fn canonical(&self) -> String {
        let Self { state, search } = self;
        let state = state.map_or(ALL, OrderState::as_str);
        format!("{state}\n{}", canonical_search(search.as_ref()))
    }
}

/// See one's orders
///
/// For a provider the orders that were awarded to them, for a client those that they posted, for an
/// administrator all that there are. Newest first.
#[utoipa::path(
    tag = "orders",
    operation_id = "listOrders",
    security(("bearer" = [])),
    params(
        ("status" = inline(Option<OrderFilterWord>), Query, nullable = false, example = "active",
            description = "`all` (default): `active`, `pending`, `completed` and, for clients and \
                administrators, `open`. Or one of those, or `cancelled`."),
        ("search" = inline(Option<String>), Query, nullable = false, max_length = 200, example = "climate",
            description = "Beginnings of words, all of which must be found in title, subject, description or \
                id; at most 10."),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<OrdersData>,
        example = json!(success(&json!({
            "orders": [{
                "id": "ORD-001", "title": "Research Paper on Climate Change",
                "subject": "Environmental Science", "type": "Research Paper", "pages": 8,
                "deadline": "2024-01-15T23:59:59Z", "budget": 120.00, "accepted_bid": 115.00,
                "status": "active", "progress": 65,
                "client": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21", "name": "John Doe", "rating": 4.8},
                "provider": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "name": "Sarah Johnson",
                    "avatar_url": "https://cdn.example.com/avatars/sarah.jpg", "rating": 4.9},
                "description": "Comprehensive analysis of climate change impacts...", "bids_count": 0,
                "created_at": "2024-01-08T10:00:00Z", "started_at": "2024-01-08T14:30:00Z",
                "completed_at": null, "updated_at": "2024-01-14T10:30:00Z"}],
            "pagination": pagination(45, 3, Some("b3JkZXJzOmE1OWM0ZTA4YzE3ZDJiM2Y6MQ")),
            "summary": {"total_orders": 45, "active": 5, "pending": 2, "completed": 38,
                "total_earned": 2840.00}})))))
)]
#[get("/orders")]
pub(super) async fn list(
    caller: Caller,
    api: web::Data<Api>,
    query: ListQuery<OwnOrders>,
) -> Result<HttpResponse, ApiError> {
    let window = query.window();
    let OwnOrders { state, search } = &query.filter;
    let found = api.orders.list.execute(&caller.actor, *state, search.clone(), window).await?;
    let OrderList { orders, tally } = &found;
    Ok(ok(OrdersData {
        pagination: query.pagination(orders),
        summary: OrdersSummary::new(&caller.actor, tally),
        orders: orders.rows.iter().map(OrderRow::from).collect(),
    }))
}
