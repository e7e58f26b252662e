//! Orders as rows: a short one in `orders` and a long one in `order_texts`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::ids::{BidId, ContractId, OrderId, UserId};
use domain::money::Currency;
use domain::orders::{
    Award, Description, Order, OrderDetails, OrderType, Pages, Progress, Requirement, RequirementsText,
    Subject, Title,
};
use ports::store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use super::json::{form_from_json, form_to_json, plan_from_json, plan_to_json};
use super::{order_id, state};
use crate::error::corrupt;
use crate::money::{currency, named};
use crate::schema::{order_texts, orders};
use crate::stored::Place;

/// A row of `orders` but for what follows from it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
pub(super) struct OrderRow {
    pub(super) id: i64,
    pub(super) client_id: Uuid,
    pub(super) created_at: DateTime<Utc>,
    pub(super) deadline: DateTime<Utc>,
    pub(super) budget_minor: i64,
    pub(super) revision: i64,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) version: i64,
    pub(super) progress: i16,
    pub(super) currency: String,
    pub(super) state: String,
    pub(super) title: String,
    pub(super) subject: String,
    pub(super) order_type: String,
    pub(super) pages: Option<i32>,
    #[diesel(embed)]
    pub(super) award: AwardColumns,
    pub(super) expired_deadline: Option<DateTime<Utc>>,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) cancelled_at: Option<DateTime<Utc>>,
}

/// The columns that all have a value once the order is awarded.
#[derive(Default, Queryable, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
pub(super) struct AwardColumns {
    pub(super) provider_id: Option<Uuid>,
    pub(super) accepted_bid_id: Option<i64>,
    pub(super) contract_id: Option<Uuid>,
    pub(super) accepted_minor: Option<i64>,
    pub(super) awarded_at: Option<DateTime<Utc>>,
    pub(super) posted_deadline: Option<DateTime<Utc>>,
}

/// A row of `order_texts` but for what follows from it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = order_texts, check_for_backend(diesel::pg::Pg))]
pub(super) struct TextsRow {
    pub(super) description: String,
    pub(super) requirements_text: Option<String>,
    pub(super) detailed_requirements: Vec<String>,
    pub(super) specifications: Option<Value>,
    pub(super) milestone_plan: Value,
}

impl From<&Order> for OrderRow {
    fn from(order: &Order) -> Self {
        let Order {
            id,
            client_id,
            details,
            state,
            progress,
            revision,
            award,
            expired_deadline,
            started_at,
            completed_at,
            cancelled_at,
            created_at,
            updated_at,
            version,
        } = order;
        Self {
            id: id.number(),
            client_id: client_id.uuid(),
            created_at: *created_at,
            deadline: details.deadline,
            budget_minor: details.budget.minor(),
            revision: *revision,
            updated_at: *updated_at,
            version: *version,
            progress: progress.percent(),
            currency: details.budget.currency().as_str().to_owned(),
            state: state.as_str().to_owned(),
            title: details.title.as_str().to_owned(),
            subject: details.subject.as_str().to_owned(),
            order_type: details.order_type.as_str().to_owned(),
            pages: details.pages.map(Pages::get),
            award: award.map(AwardColumns::from).unwrap_or_default(),
            expired_deadline: *expired_deadline,
            started_at: *started_at,
            completed_at: *completed_at,
            cancelled_at: *cancelled_at,
        }
    }
}

impl From<Award> for AwardColumns {
    fn from(award: Award) -> Self {
        let Award { provider_id, bid_id, contract_id, amount, awarded_at, posted_deadline } = award;
        Self {
            provider_id: Some(provider_id.uuid()),
            accepted_bid_id: Some(bid_id.number()),
            contract_id: Some(contract_id.uuid()),
            accepted_minor: Some(amount.minor()),
            awarded_at: Some(awarded_at),
            posted_deadline: Some(posted_deadline),
        }
    }
}

impl From<&OrderDetails> for TextsRow {
    fn from(details: &OrderDetails) -> Self {
        let OrderDetails {
            title: _,
            subject: _,
            order_type: _,
            pages: _,
            deadline: _,
            budget: _,
            description,
            requirements,
            detailed_requirements,
            specifications,
            milestones,
        } = details;
        Self {
            description: description.as_str().to_owned(),
            requirements_text: requirements.as_ref().map(|text| text.as_str().to_owned()),
            detailed_requirements: detailed_requirements
                .iter()
                .map(|line| line.as_str().to_owned())
                .collect(),
            specifications: specifications.as_ref().map(form_to_json),
            milestone_plan: plan_to_json(milestones),
        }
    }
}

/// The words by which an order is found.
pub(super) fn search_words(order: &Order) -> Vec<String> {
    order.searched_words().into_iter().collect()
}

impl AwardColumns {
    fn into_award(self, id: OrderId, currency: Currency) -> Result<Option<Award>, StoreError> {
        let Self { provider_id, accepted_bid_id, contract_id, accepted_minor, awarded_at, posted_deadline } =
            self;
        match (provider_id, accepted_bid_id, contract_id, accepted_minor, awarded_at, posted_deadline) {
            (None, None, None, None, None, None) => Ok(None),
            (
                Some(provider_id),
                Some(bid),
                Some(contract_id),
                Some(minor),
                Some(awarded_at),
                Some(posted_deadline),
            ) => Ok(Some(Award {
                provider_id: UserId::new(provider_id),
                bid_id: BidId::new(bid)
                    .ok_or_else(|| corrupt("orders", "accepted_bid_id", id, "is no number of a bid"))?,
                contract_id: ContractId::new(contract_id),
                amount: named("orders", "accepted_minor", id, minor, currency)?,
                awarded_at,
                posted_deadline,
            })),
            _ => Err(corrupt("orders", "provider_id", id, "does not fit the rest of the award")),
        }
    }
}

impl OrderRow {
    /// The order of both its rows.
    pub(super) fn into_order(self, texts: TextsRow) -> Result<Order, StoreError> {
        let Self {
            id: number,
            client_id,
            created_at,
            deadline,
            budget_minor,
            revision,
            updated_at,
            version,
            progress,
            currency: currency_word,
            state: state_word,
            title,
            subject,
            order_type,
            pages,
            award,
            expired_deadline,
            started_at,
            completed_at,
            cancelled_at,
        } = self;
        let TextsRow {
            description,
            requirements_text,
            detailed_requirements,
            specifications,
            milestone_plan,
        } = texts;
        let id = order_id("orders", "id", number)?;
        let currency = currency("orders", id, &currency_word)?;
        let short = Place { table: "orders", row: id };
        let long = Place { table: "order_texts", row: id };
        let lines = detailed_requirements
            .iter()
            .map(|line| long.text("detailed_requirements", line, Requirement::parse));
        let details = OrderDetails {
            title: short.text("title", &title, Title::parse)?,
            subject: short.text("subject", &subject, Subject::parse)?,
            order_type: short.text("order_type", &order_type, OrderType::parse)?,
            pages: pages.map(Pages::new).transpose().map_err(|problem| short.corrupt("pages", problem))?,
            deadline,
            budget: named("orders", "budget_minor", id, budget_minor, currency)?,
            description: long.text("description", &description, Description::parse)?,
            requirements: long.optional(
                "requirements_text",
                requirements_text.as_deref(),
                RequirementsText::parse,
            )?,
            detailed_requirements: lines.collect::<Result<_, _>>()?,
            specifications: specifications.as_ref().map(|form| form_from_json(id, form)).transpose()?,
            milestones: plan_from_json(id, &milestone_plan, currency)?,
        };
        Ok(Order {
            id,
            client_id: UserId::new(client_id),
            details,
            state: state(id, &state_word)?,
            progress: Progress::new(progress).map_err(|problem| short.corrupt("progress", problem))?,
            revision,
            award: award.into_award(id, currency)?,
            expired_deadline,
            started_at,
            completed_at,
            cancelled_at,
            created_at,
            updated_at,
            version,
        })
    }
}
