//! Questions about orders: they see what is committed, and take no locks.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::{OrderId, UserId};
use domain::money::{Currency, Money};
use domain::orders::policy::{OrderAccess, OrderScope};
use domain::orders::{Order, OrderCounts, OrderState, average_budget, average_competition, subject_key};
use ports::list::Window;
use ports::orders::{
    AvailableFilter, AvailableList, AvailableOrder, DueOrders, OrderCard, OrderDetail, OrderFilter,
    OrderList, OrderQueries, OrderTally, PassedDeadline,
};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::order_views::is_found;
use crate::snapshot::Snapshot;
use crate::store::MemoryStore;

fn is_in(scope: OrderScope, order: &Order) -> bool {
    match scope {
        OrderScope::PostedBy(user_id) => order.client_id == user_id,
        OrderScope::AwardedTo(user_id) => order.provider_id() == Some(user_id),
        OrderScope::Everybody => true,
    }
}

fn problem(error: impl std::fmt::Display) -> StoreError {
    StoreError::Refused(error.to_string().into())
}

/// How many of these orders are in which state, and what their provider has earned by them.
fn tally(seen: &Snapshot<'_>, scope: OrderScope, orders: &[&Order]) -> Result<OrderTally, StoreError> {
    let mut counts = OrderCounts::default();
    for order in orders {
        match order.state {
            OrderState::Open => counts.open += 1,
            OrderState::Pending => counts.pending += 1,
            OrderState::Active => counts.active += 1,
            OrderState::Completed => counts.completed += 1,
            OrderState::Cancelled => counts.cancelled += 1,
        }
    }
    let mut earned = Money::zero(Currency::Usd);
    if matches!(scope, OrderScope::AwardedTo(_)) {
        let held = orders.iter().filter(|order| order.state != OrderState::Cancelled);
        for contract in held.filter_map(|order| seen.contract_about(order)) {
            let net = contract.escrow.provider_net().map_err(problem)?;
            earned = earned.plus(net).map_err(problem)?;
        }
    }
    Ok(OrderTally { counts, earned })
}

fn is_wanted(filter: &AvailableFilter, order: &Order, offered: &AvailableOrder) -> bool {
    let AvailableFilter { invited_only, subject, min_budget, max_budget, search } = filter;
    let budget = offered.budget.minor();
    (offered.is_invited || !invited_only)
        && subject.as_ref().is_none_or(|wanted| subject_key(wanted) == subject_key(&offered.subject))
        && min_budget.is_none_or(|least| least.minor() <= budget)
        && max_budget.is_none_or(|most| budget <= most.minor())
        && is_found(order, search.as_ref())
}

/// What all of these orders come to, and a part of them.
fn available_list(all: Vec<AvailableOrder>, window: Window) -> Result<AvailableList, StoreError> {
    let sum_minor = all.iter().map(|order| i128::from(order.budget.minor())).sum();
    let bids: i64 = all.iter().map(|order| order.bids_count).sum();
    let count = u64::try_from(all.len()).map_err(problem)?;
    let invited = all.iter().filter(|order| order.is_invited).count();
    Ok(AvailableList {
        invited: i64::try_from(invited).map_err(problem)?,
        avg_budget: average_budget(sum_minor, count, Currency::Usd).map_err(problem)?,
        avg_competition_tenths: average_competition(u64::try_from(bids).map_err(problem)?, count),
        orders: slice(all, window, |order: &AvailableOrder| order.id.number()),
    })
}

#[async_trait]
impl OrderQueries for MemoryStore {
    async fn order(&self, id: OrderId) -> Result<Option<OrderDetail>, StoreError> {
        self.shared().enter_or_fail(Operation::Order).await?;
        Ok(self.look(|seen| seen.detail(seen.order(id)?)))
    }

    async fn orders(
        &self,
        scope: OrderScope,
        filter: &OrderFilter,
        window: Window,
    ) -> Result<OrderList, StoreError> {
        self.shared().enter_or_fail(Operation::Orders).await?;
        self.look(|seen| {
            let newest_first = seen.all(|rows| &rows.orders).into_values().rev();
            let of_scope: Vec<&Order> = newest_first.filter(|order| is_in(scope, order)).collect();
            let wanted = of_scope.iter().filter(|order| {
                filter.states.contains(&order.state) && is_found(order, filter.search.as_ref())
            });
            let cards = wanted.filter_map(|order| seen.card(order)).collect();
            Ok(OrderList {
                orders: slice(cards, window, |card: &OrderCard| card.id.number()),
                tally: tally(seen, scope, &of_scope)?,
            })
        })
    }

    async fn available_orders(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        window: Window,
        now: DateTime<Utc>,
    ) -> Result<AvailableList, StoreError> {
        self.shared().enter_or_fail(Operation::AvailableOrders).await?;
        let all = self.look(|seen| {
            let newest_first = seen.all(|rows| &rows.orders).into_values().rev();
            let offered = newest_first.filter_map(|order| {
                let offered = seen.available(order, provider_id, now)?;
                is_wanted(filter, order, &offered).then_some(offered)
            });
            offered.collect()
        });
        available_list(all, window)
    }

    async fn order_access(&self, id: OrderId) -> Result<Option<OrderAccess>, StoreError> {
        self.shared().enter_or_fail(Operation::OrderAccess).await?;
        Ok(self.look(|seen| seen.order(id).map(OrderAccess::from)))
    }
}

#[async_trait]
impl DueOrders for MemoryStore {
    async fn unpaid_orders(
        &self,
        awarded_until: DateTime<Utc>,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError> {
        self.shared().enter_or_fail(Operation::UnpaidOrders).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.look(|seen| {
            let all = seen.all(|rows| &rows.orders).into_values();
            let due = all.filter(|order| {
                order.state == OrderState::Pending
                    && order.award.is_some_and(|award| award.awarded_at <= awarded_until)
                    && after.is_none_or(|after| order.id > after)
            });
            due.map(|order| order.id).take(limit).collect()
        }))
    }

    async fn expired_orders(
        &self,
        now: DateTime<Utc>,
        after: Option<PassedDeadline>,
        limit: u32,
    ) -> Result<Vec<PassedDeadline>, StoreError> {
        self.shared().enter_or_fail(Operation::ExpiredOrders).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.look(|seen| {
            let all = seen.all(|rows| &rows.orders).into_values();
            let is_due = |order: &&Order| {
                let deadline = order.details.deadline;
                order.state == OrderState::Open && deadline <= now && order.expired_deadline != Some(deadline)
            };
            let passed =
                |order: &Order| PassedDeadline { deadline: order.details.deadline, order_id: order.id };
            let mut due: Vec<_> = all.filter(is_due).map(passed).collect();
            due.sort_unstable();
            due.retain(|passed| after.is_none_or(|after| *passed > after));
            due.truncate(limit);
            due
        }))
    }
}
