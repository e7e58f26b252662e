//! What a provider may bid on.

use std::borrow::Cow;

use actix_web::{HttpResponse, get, web};
use domain::money::Money;
use domain::orders::Subject;
use domain::text::TextError;
use ports::orders::{AvailableFilter, AvailableList, AvailableOrder};
use ports::profiles::PersonView;
use serde::Serialize;
use serde_json::json;
use usecases::money::CURRENCY;
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::Provider;
use super::list::{canonical_search, search};
use super::wire::Specifications;
use super::words::{AvailableFilterWord, UrgencyWord};
use crate::Api;
use crate::document::examples::{pagination, success};
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Filter, ListParameters, ListQuery, Pagination, Query};
use crate::wire::{Amount, AmountBound, Tenths, Timestamp, rating};

/// The word for those to which one was invited.
pub(super) const INVITED: &str = "invited";

/// A part of the list of available orders.
#[derive(Serialize, ToSchema)]
pub(super) struct AvailableOrdersData {
    /// Newest first.
    orders: Vec<AvailableOrderRow>,
    pagination: Pagination,
    summary: AvailableSummary,
}

/// An order that a provider may bid on.
#[derive(Serialize, ToSchema)]
#[schema(as = AvailableOrder)]
pub(super) struct AvailableOrderRow {
    #[schema(example = "ORD-001")]
    id: String,
    #[schema(example = "Business Plan for Tech Startup")]
    title: String,
    #[schema(example = "Business")]
    subject: String,
    #[schema(example = "Business Plan")]
    r#type: String,
    /// Null if nobody said.
    #[schema(required = true, example = 15)]
    pages: Option<i32>,
    deadline: Timestamp,
    /// For about how much; bids may be above it.
    budget: Amount,
    description: String,
    /// What is expected, in one text; empty if there is none.
    requirements: String,
    /// Whether the client has asked the caller to bid.
    is_invited: bool,
    #[schema(value_type = UrgencyWord, example = "high")]
    urgency: &'static str,
    /// How many bids are open or unconfirmed.
    #[schema(example = 12)]
    bids_count: i64,
    client: AvailableClient,
    /// What is expected, as a list.
    detailed_requirements: Vec<String>,
    specifications: Specifications,
    posted_at: Timestamp,
}

/// Who posted an available order.
#[derive(Serialize, ToSchema)]
#[schema(as = AvailableOrderClient)]
pub(super) struct AvailableClient {
    id: Uuid,
    /// The full name.
    #[schema(example = "TechStart Inc.")]
    name: String,
    /// Mean of the reviews to two decimals; null before the first.
    #[schema(required = true, example = 4.8)]
    rating: Option<f64>,
    /// Orders that they have posted.
    #[schema(example = 23)]
    total_orders: u32,
    /// How many of their awarded orders that came to an end were completed, in per cent; null before
    /// the first.
    #[schema(required = true, example = 96)]
    completion_rate: Option<u32>,
}

/// What all orders that the filters match come to. Of more than 1,000 orders it may be two seconds old; what one
/// does oneself counts at once.
#[derive(Serialize, ToSchema)]
pub(super) struct AvailableSummary {
    #[schema(example = 48)]
    total_available: i64,
    /// To how many of them the caller was invited.
    #[schema(example = 5)]
    invited_orders: i64,
    /// The mean of their budgets; zero of none.
    avg_budget: Amount,
    /// How many bids there are to an order.
    #[schema(example = 8.3)]
    avg_competition: Tenths,
}

impl From<&PersonView> for AvailableClient {
    fn from(person: &PersonView) -> Self {
        let PersonView { id, name, avatar_url: _, figures } = person;
        Self {
            id: id.uuid(),
            name: name.clone(),
            rating: rating(figures),
            total_orders: figures.orders_posted,
            completion_rate: figures.completion_rate(),
        }
    }
}

impl From<&AvailableOrder> for AvailableOrderRow {
    fn from(order: &AvailableOrder) -> Self {
        let AvailableOrder {
            id,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget,
            description,
            requirements_text,
            requirements,
            specifications,
            is_invited,
            urgency,
            bids_count,
            client,
            posted_at,
        } = order;
        Self {
            id: id.to_string(),
            title: title.clone(),
            subject: subject.clone(),
            r#type: order_type.clone(),
            pages: *pages,
            deadline: Timestamp(*deadline),
            budget: Amount(*budget),
            description: description.clone(),
            requirements: requirements_text.clone().unwrap_or_default(),
            is_invited: *is_invited,
            urgency: urgency.as_str(),
            bids_count: *bids_count,
            client: client.into(),
            detailed_requirements: requirements.clone(),
            specifications: specifications.as_ref().into(),
            posted_at: Timestamp(*posted_at),
        }
    }
}

/// Which available orders are wanted.
#[derive(Debug)]
pub(super) struct Available(AvailableFilter);

/// A bound of budgets: an amount, nothing too.
fn bound(query: &mut Query, name: &'static str) -> Option<Money> {
    query.read(name, |text| Money::parse(text, CURRENCY).map_err(|error| error.to_string().into()))
}

/// A field of orders; nothing is none.
fn subject(text: &str) -> Result<Option<String>, Cow<'static, str>> {
    match Subject::parse(text) {
        Ok(subject) => Ok(Some(subject.as_str().to_owned())),
        Err(TextError::Empty) => Ok(None),
        Err(error) => Err(error.to_string().into()),
    }
}

impl Filter for Available {
    const LIST: &'static str = "available-orders";

    fn read(query: &mut Query) -> Self {
        let invited_only = query.one_of("type", &[true], |_| INVITED).unwrap_or(false);
        let subject = query.read("subject", subject).flatten();
        let (min_budget, max_budget) = (bound(query, "min_budget"), bound(query, "max_budget"));
        if let (Some(min), Some(max)) = (min_budget, max_budget)
            && min.minor() > max.minor()
        {
            query.fault("max_budget", "must not be below min_budget");
        }
        Self(AvailableFilter { invited_only, subject, min_budget, max_budget, search: search(query) })
    }

    fn canonical(&self) -> String {
        let AvailableFilter { invited_only, subject, min_budget, max_budget, search } = &self.0;
        let amount = |bound: &Option<Money>| bound.map(|amount| amount.to_string()).unwrap_or_default();
        [
            invited_only.to_string(),
            subject.as_ref().map(|subject| subject.to_lowercase()).unwrap_or_default(),
            amount(min_budget),
            amount(max_budget),
            canonical_search(search.as_ref()),
        ]
        .join("\n")
    }
}

/// See what one may bid on
///
/// For providers: open orders whose deadline is not over, on which they have no bid that is open,
/// unconfirmed or declined, and whose invitation they have not declined. Newest first. The `summary`
/// speaks of everything that the filters match.
#[utoipa::path(
    tag = "orders",
    operation_id = "listAvailableOrders",
    security(("bearer" = [])),
    params(
        ("type" = inline(Option<AvailableFilterWord>), Query, nullable = false, example = "invited",
            description = "`all` (default), or `invited` for those to which one was invited."),
        ("subject" = inline(Option<String>), Query, nullable = false, max_length = 200, example = "Business",
            description = "Only of this subject, without regard to case."),
        ("min_budget" = inline(Option<AmountBound>), Query, nullable = false, example = 100,
            description = "Only of at least this budget; at most two decimals."),
        ("max_budget" = inline(Option<AmountBound>), Query, nullable = false, example = 500,
            description = "Only of at most this budget; at most two decimals, not below `min_budget`."),
        ("search" = inline(Option<String>), Query, nullable = false, max_length = 200, example = "plan",
            description = "Beginnings of words, all of which must be found in title, subject, description or \
                id; at most 10."),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the list.", body = Envelope<AvailableOrdersData>,
        example = json!(success(&json!({
            "orders": [{
                "id": "ORD-001", "title": "Business Plan for Tech Startup", "subject": "Business",
                "type": "Business Plan", "pages": 15, "deadline": "2024-01-18T23:59:59Z", "budget": 300.00,
                "description": "Comprehensive business plan for a fintech startup...",
                "requirements": "MBA level writing, experience with business plans required",
                "is_invited": false, "urgency": "high", "bids_count": 12,
                "client": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e23", "name": "TechStart Inc.",
                    "rating": 4.8, "total_orders": 23, "completion_rate": 96},
                "detailed_requirements": ["Executive Summary", "Market Analysis and Research",
                    "Financial Projections (3-year)"],
                "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
                    "additional_notes": "Please include charts and graphs for financial projections."},
                "posted_at": "2024-01-10T09:00:00Z"}],
            "pagination": pagination(48, 3, Some("YXZhaWxhYmxlLW9yZGVyczphNTljNGUwOGMxN2QyYjNmOjE")),
            "summary": {"total_available": 48, "invited_orders": 5, "avg_budget": 190.00,
                "avg_competition": 8.3}})))),
        (status = 403, description = "Only providers bid.")
    )
)]
#[get("/available-orders")]
pub(super) async fn list(
    caller: Provider,
    api: web::Data<Api>,
    query: ListQuery<Available>,
) -> Result<HttpResponse, ApiError> {
    let found = api.orders.list_available.execute(&caller.actor, &query.filter.0, query.window()).await?;
    let AvailableList { orders, invited, avg_budget, avg_competition_tenths } = &found;
    Ok(ok(AvailableOrdersData {
        pagination: query.pagination(orders),
        summary: AvailableSummary {
            total_available: orders.total,
            invited_orders: *invited,
            avg_budget: Amount(*avg_budget),
            avg_competition: Tenths(*avg_competition_tenths),
        },
        orders: orders.rows.iter().map(AvailableOrderRow::from).collect(),
    }))
}
