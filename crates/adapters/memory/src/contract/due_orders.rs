//! Orders for which time has run out.

use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::Issuer;
use domain::ids::{OrderId, UserId};
use domain::orders::{Order, OrderDetails};
use ports::orders::PassedDeadline;

use super::Subject;
use super::deal_scene::{Deal, FREE, awarded};
use super::market_scene::{a_client, a_provider, few_details, in_days, placed, posted};
use super::scene::{begin, commit, now};

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

/// An open order that is due so many days from now on.
async fn due_in(subject: &Subject, client: UserId, days: i64) -> Order {
    let details = OrderDetails { deadline: in_days(days), ..few_details() };
    posted(subject, client, details, &[]).await
}

async fn expired(
    subject: &Subject,
    now: DateTime<Utc>,
    after: Option<PassedDeadline>,
    limit: u32,
) -> Vec<PassedDeadline> {
    subject.due_orders.expired_orders(now, after, limit).await.expect("the question is answered")
}

async fn is_expired(subject: &Subject, order: &Order, now: DateTime<Utc>) -> bool {
    let deadline = order.details.deadline;
    expired(subject, now, None, 100_000).await.contains(&PassedDeadline { deadline, order_id: order.id })
}

async fn told(subject: &Subject, order: &mut Order) {
    let event = order.expire(Issuer::System, order.details.deadline).expect("it is over");
    assert!(event.is_some());
    let mut work = begin(subject).await;
    work.orders().save_expiry(order).await.expect("it is saved");
    commit(work).await;
}

pub(super) async fn an_open_order_expires_at_its_deadline_and_each_deadline_once(subject: &Subject) {
    let mut order = due_in(subject, a_client(subject).await, 5).await;
    let deadline = order.details.deadline;
    assert!(!is_expired(subject, &order, deadline - TimeDelta::microseconds(1)).await);
    assert!(is_expired(subject, &order, deadline).await);
    told(subject, &mut order).await;
    assert!(!is_expired(subject, &order, in_days(90)).await, "that was told");
    let next = in_days(9);
    order.details.deadline = next;
    let mut work = begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    commit(work).await;
    assert!(!is_expired(subject, &order, next - TimeDelta::microseconds(1)).await);
    assert!(is_expired(subject, &order, next).await, "the new one was not");
}

pub(super) async fn only_open_orders_expire(subject: &Subject) {
    let people = people(subject).await;
    let waiting = pending(subject, people).await;
    let mut left = pending(subject, people).await;
    left.leave(subject).await;
    let mut cancelled = pending(subject, people).await;
    cancelled.cancel(subject).await;
    let long_after = in_days(900);
    assert!(!is_expired(subject, &waiting.order, long_after).await);
    assert!(!is_expired(subject, &cancelled.order, long_after).await);
    assert!(is_expired(subject, &left.order, long_after).await, "it is open again");
}

pub(super) async fn expired_orders_are_found_part_by_part(subject: &Subject) {
    let client = a_client(subject).await;
    let mut mine = Vec::new();
    for days in [3, 1, 2, 1, 3] {
        let order = due_in(subject, client, days).await;
        mine.push(PassedDeadline { deadline: order.details.deadline, order_id: order.id });
    }
    mine.sort_unstable();
    let until = in_days(4);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let part = expired(subject, until, after, 2).await;
        assert!(part.len() <= 2, "{part:?}");
        let Some(last) = part.last() else { break };
        after = Some(*last);
        found.extend(part);
    }
    assert!(found.is_sorted_by(|first, second| first < second), "each once, the earliest first: {found:?}");
    assert_eq!(found.into_iter().filter(|passed| mine.contains(passed)).collect::<Vec<_>>(), mine);
}
