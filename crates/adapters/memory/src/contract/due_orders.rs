//! Orders for which time has run out.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{OrderId, UserId};

use super::Subject;
use super::deal_scene::{Deal, FREE, awarded};
use super::market_scene::{a_client, a_provider, few_details, placed, posted};
use super::scene::now;

/// An order that is awarded, and not paid for.
async fn pending(subject: &Subject, (client, provider): (UserId, UserId)) -> Deal {
    let order = posted(subject, client, few_details(), &[]).await;
    let bid = placed(subject, &order, provider, 10_000).await;
    awarded(subject, order, bid, FREE).await
}

async fn people(subject: &Subject) -> (UserId, UserId) {
    (a_client(subject).await, a_provider(subject).await)
}

async fn part(subject: &Subject, until: DateTime<Utc>, after: Option<OrderId>, limit: u32) -> Vec<OrderId> {
    subject.due_orders.unpaid_orders(until, after, limit).await.expect("the question is answered")
}

/// All that are due, this case's and others'.
async fn due(subject: &Subject, until: DateTime<Utc>) -> Vec<OrderId> {
    part(subject, until, None, 100_000).await
}

pub(super) async fn an_order_is_due_so_long_after_its_award(subject: &Subject) {
    let deal = pending(subject, people(subject).await).await;
    let award = deal.order.award.expect("an award").awarded_at;
    let is_due = async |until| due(subject, until).await.contains(&deal.order.id);
    assert!(!is_due(award - TimeDelta::microseconds(1)).await);
    assert!(is_due(award).await);
    assert!(is_due(award + TimeDelta::days(1)).await);
}

pub(super) async fn only_pending_orders_wait_for_payment(subject: &Subject) {
    let people = people(subject).await;
    let open = posted(subject, people.0, few_details(), &[]).await.id;
    let waiting = pending(subject, people).await.order.id;
    let mut paid = pending(subject, people).await;
    paid.fund(subject).await;
    let mut left = pending(subject, people).await;
    left.leave(subject).await;
    let mut cancelled = pending(subject, people).await;
    cancelled.cancel(subject).await;
    let mine = [open, waiting, paid.order.id, left.order.id, cancelled.order.id];
    let found = due(subject, now() + TimeDelta::days(1)).await;
    assert_eq!(mine.iter().filter(|id| found.contains(id)).collect::<Vec<_>>(), [&waiting]);
}

pub(super) async fn due_orders_are_found_part_by_part(subject: &Subject) {
    let people = people(subject).await;
    let mut mine = Vec::new();
    for _ in 0..5 {
        mine.push(pending(subject, people).await.order.id);
    }
    let until = now() + TimeDelta::days(1);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let part = part(subject, until, after, 2).await;
        assert!(part.len() <= 2, "{part:?}");
        let Some(last) = part.last() else { break };
        after = Some(*last);
        found.extend(part);
    }
    assert!(found.is_sorted_by(|first, second| first < second), "each once: {found:?}");
    assert_eq!(found.into_iter().filter(|id| mine.contains(id)).collect::<Vec<_>>(), mine);
}
