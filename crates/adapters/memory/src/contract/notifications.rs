//! What people are told: once for each fact, counted without counting, and read when they say so.

use std::pin::pin;

use domain::contracts::Stars;
use domain::event::Fact;
use domain::identity::IdentityEvent;
use domain::ids::{
    BidId, DepositId, EventId, MilestoneNumber, NotificationId, OrderId, UserId, WithdrawalId,
};
use domain::notifications::{Details, Notification, NotificationKind, drafts};
use ports::list::Window;
use ports::notifications::{NotificationFilter, NotificationList, NotificationView};
use ports::store::UnitOfWork;

use super::Subject;
use super::market_scene::{few_details, some_order, title};
use super::money_scene::usd;
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback, stored_user};

const EVERYTHING: Window = Window::Page { offset: 0, limit: 100 };
const ALL: NotificationFilter = NotificationFilter { is_read: None, kind: None };

/// Something that somebody is told of a fact.
fn told(recipient: UserId, event_id: EventId, kind: NotificationKind) -> Notification {
    let fact = Fact::from(IdentityEvent::PasswordChanged { user_id: recipient });
    let draft = drafts(&fact).pop().expect("its owner is told");
    let id = NotificationId::new(fresh_uuid());
    Notification { kind, ..draft.write(id, event_id, &std::collections::BTreeMap::new(), now()) }
}

fn fresh(recipient: UserId, kind: NotificationKind) -> Notification {
    told(recipient, EventId::new(fresh_uuid()), kind)
}

async fn add(work: &mut dyn UnitOfWork, notifications: &[Notification]) -> u64 {
    work.notifications().add(notifications).await.expect("notifications are added")
}

async fn added(subject: &Subject, notifications: &[Notification]) -> u64 {
    let mut work = begin(subject).await;
    let added = add(work.as_mut(), notifications).await;
    commit(work).await;
    added
}

async fn list(
    subject: &Subject,
    owner: UserId,
    filter: NotificationFilter,
    window: Window,
) -> NotificationList {
    let found = subject.notifications.notifications(owner, filter, window).await;
    found.expect("the question is answered")
}

async fn ids(subject: &Subject, owner: UserId, filter: NotificationFilter) -> Vec<NotificationId> {
    let NotificationList { notifications, .. } = list(subject, owner, filter, EVERYTHING).await;
    assert_eq!(notifications.total, i64::try_from(notifications.rows.len()).expect("a number"));
    notifications.rows.iter().map(|one| one.id).collect()
}

async fn unread(subject: &Subject, owner: UserId) -> i64 {
    list(subject, owner, ALL, Window::Page { offset: 0, limit: 1 }).await.unread
}

async fn mark(subject: &Subject, owner: UserId, id: NotificationId) -> bool {
    let mut work = begin(subject).await;
    let is_there = work.notifications().mark_read(owner, id, now()).await.expect("it is marked, or not");
    commit(work).await;
    is_there
}

async fn mark_all(subject: &Subject, owner: UserId) -> u64 {
    let mut work = begin(subject).await;
    let marked = work.notifications().mark_all_read(owner, now()).await.expect("all are marked");
    commit(work).await;
    marked
}

pub(super) async fn a_notification_is_shown_as_it_was_written(subject: &Subject) {
    let owner = stored_user(subject).await.id;
    let full = Details {
        order_id: OrderId::new(101),
        order_title: Some("Zeile \"1\" \\ {curly} \u{1F512}".to_owned()),
        bid_id: BidId::new(1),
        milestone: MilestoneNumber::new(2),
        amount: Some(usd(11_500)),
        withdrawal_id: WithdrawalId::new(42),
        deposit_id: Some(DepositId::new(fresh_uuid())),
        rating: Stars::new(5).ok(),
        due_at: Some(now()),
        reason: Some("Zeile 1\nZeile 2".to_owned()),
    };
    let mut written = [fresh(owner, NotificationKind::Payment), fresh(owner, NotificationKind::System)];
    written[0].details = full;
    assert_eq!(added(subject, &written).await, 2);
    let NotificationList { notifications, unread } = list(subject, owner, ALL, EVERYTHING).await;
    assert_eq!((unread, notifications.total, notifications.next), (2, 2, None));
    for (shown, written) in notifications.rows.iter().rev().zip(&written) {
        let expected = NotificationView {
            id: written.id,
            position: shown.position,
            kind: written.kind,
            event: written.event.to_owned(),
            title: written.title.to_owned(),
            message: written.message.clone(),
            details: written.details.clone(),
            is_read: false,
            created_at: written.created_at,
        };
        assert_eq!(shown, &expected);
    }
    let nobody = list(subject, UserId::new(fresh_uuid()), ALL, EVERYTHING).await;
    assert_eq!((nobody.unread, nobody.notifications.total, nobody.notifications.rows.len()), (0, 0, 0));
}

pub(super) async fn a_recipient_has_one_notification_for_each_fact(subject: &Subject) {
    let (ada, eve) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let event = EventId::new(fresh_uuid());
    let (first, other) = (told(ada, event, NotificationKind::Bid), told(eve, event, NotificationKind::Bid));
    assert_eq!(added(subject, &[first.clone(), other.clone()]).await, 2);
    let again = told(ada, event, NotificationKind::Order);
    let new = fresh(ada, NotificationKind::Bid);
    let twice = Notification { id: NotificationId::new(fresh_uuid()), ..new.clone() };
    assert_eq!(added(subject, &[again, new.clone(), twice]).await, 1, "once within a call as well");
    assert_eq!(ids(subject, ada, ALL).await, [new.id, first.id], "newest first");
    assert_eq!(ids(subject, eve, ALL).await, [other.id]);
    assert_eq!((unread(subject, ada).await, unread(subject, eve).await), (2, 1));
    assert_eq!(added(subject, &[]).await, 0);
}

pub(super) async fn a_notification_being_added_is_waited_for(subject: &Subject) {
    for succeeds in [true, false] {
        let owner = stored_user(subject).await.id;
        let event = EventId::new(fresh_uuid());
        let (one, other) =
            (told(owner, event, NotificationKind::Bid), told(owner, event, NotificationKind::Bid));
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        assert_eq!(add(first.as_mut(), std::slice::from_ref(&one)).await, 1);
        let count = {
            let second_one = [other.clone()];
            let mut waiting = pin!(add(second.as_mut(), &second_one));
            must_wait(waiting.as_mut(), "who tells of the same fact").await;
            if succeeds {
                commit(first).await;
            } else {
                rollback(first).await;
            }
            must_end(waiting, "who tells of the same fact").await
        };
        assert_eq!(count == 0, succeeds);
        commit(second).await;
        let kept = if succeeds { one.id } else { other.id };
        assert_eq!((ids(subject, owner, ALL).await, unread(subject, owner).await), (vec![kept], 1));
    }
}

pub(super) async fn recipients_without_an_account_are_passed_over(subject: &Subject) {
    let owner = stored_user(subject).await.id;
    let nobody = fresh(UserId::new(fresh_uuid()), NotificationKind::System);
    let somebody = fresh(owner, NotificationKind::System);
    assert_eq!(added(subject, &[nobody, somebody.clone()]).await, 1);
    assert_eq!(ids(subject, owner, ALL).await, [somebody.id]);
}

pub(super) async fn notifications_are_filtered_by_kind_and_by_what_was_read(subject: &Subject) {
    let (owner, other) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let kinds = || NotificationKind::ALL.iter().copied();
    let written: Vec<_> = kinds().chain(kinds()).map(|kind| fresh(owner, kind)).collect();
    assert_eq!(added(subject, &written).await, 10);
    added(subject, &[fresh(other, NotificationKind::Bid)]).await;
    // The older one of each kind.
    for one in written.iter().take(5) {
        assert!(mark(subject, owner, one.id).await);
    }
    let expected = |filter: NotificationFilter| {
        let wanted = written.iter().enumerate().rev().filter(move |(place, one)| {
            filter.kind.is_none_or(|kind| kind == one.kind)
                && filter.is_read.is_none_or(|is_read| is_read == (*place < 5))
        });
        wanted.map(|(_, one)| one.id).collect::<Vec<_>>()
    };
    for kind in [None].into_iter().chain(kinds().map(Some)) {
        for is_read in [None, Some(true), Some(false)] {
            let filter = NotificationFilter { is_read, kind };
            assert_eq!(ids(subject, owner, filter).await, expected(filter), "{filter:?}");
            assert_eq!(list(subject, owner, filter, EVERYTHING).await.unread, 5, "whatever the filter");
        }
    }
}

pub(super) async fn notifications_are_cut_into_pages(subject: &Subject) {
    let owner = stored_user(subject).await.id;
    let kinds = NotificationKind::ALL.iter().cycle().take(7);
    let written: Vec<_> = kinds.map(|kind| fresh(owner, *kind)).collect();
    added(subject, &written).await;
    let newest_first: Vec<_> = written.iter().rev().map(|one| one.id).collect();
    let cut =
        |list: &NotificationList| -> Vec<_> { list.notifications.rows.iter().map(|one| one.id).collect() };
    for (offset, has_older) in [(0, true), (3, true), (6, false), (9, false)] {
        let page = list(subject, owner, ALL, Window::Page { offset, limit: 3 }).await;
        let skipped = usize::try_from(offset).expect("a number");
        let expected: Vec<_> = newest_first.iter().copied().skip(skipped).take(3).collect();
        assert_eq!((cut(&page), page.notifications.total), (expected, 7));
        assert_eq!((page.unread, page.notifications.next.is_some()), (7, has_older), "also behind the end");
    }
    let first = list(subject, owner, ALL, Window::Page { offset: 0, limit: 3 }).await;
    // What comes meanwhile does not shift what is behind the cursor.
    added(subject, &[fresh(owner, NotificationKind::Bid)]).await;
    let position = first.notifications.next.expect("there are older ones");
    let second = list(subject, owner, ALL, Window::Before { position, limit: 3 }).await;
    assert_eq!((cut(&second), second.notifications.total), (newest_first[3..6].to_vec(), 8));
    let position = second.notifications.next.expect("there is one more");
    let last = list(subject, owner, ALL, Window::Before { position, limit: 3 }).await;
    assert_eq!((cut(&last), last.notifications.next), (newest_first[6..].to_vec(), None));
}

pub(super) async fn one_notification_is_marked_by_its_owner(subject: &Subject) {
    let (owner, other) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let written = [fresh(owner, NotificationKind::Bid), fresh(owner, NotificationKind::Bid)];
    added(subject, &written).await;
    assert!(!mark(subject, other, written[0].id).await, "somebody else has no such");
    assert!(!mark(subject, owner, NotificationId::new(fresh_uuid())).await, "nobody has");
    assert_eq!(unread(subject, owner).await, 2);
    for _ in 0..2 {
        assert!(mark(subject, owner, written[0].id).await, "again is fine");
        assert_eq!(unread(subject, owner).await, 1);
    }
    let read = NotificationFilter { is_read: Some(true), kind: None };
    assert_eq!(ids(subject, owner, read).await, [written[0].id]);
}

pub(super) async fn all_notifications_are_marked_once(subject: &Subject) {
    let (owner, other) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let written: Vec<_> = NotificationKind::ALL.iter().map(|kind| fresh(owner, *kind)).collect();
    added(subject, &written).await;
    added(subject, &[fresh(other, NotificationKind::Bid)]).await;
    mark(subject, owner, written[2].id).await;
    assert_eq!(mark_all(subject, owner).await, 4, "those that were unread");
    assert_eq!(mark_all(subject, owner).await, 0);
    assert_eq!((unread(subject, owner).await, unread(subject, other).await), (0, 1));
    added(subject, &[fresh(owner, NotificationKind::Order)]).await;
    assert_eq!((unread(subject, owner).await, mark_all(subject, owner).await), (1, 1));
    assert_eq!(mark_all(subject, UserId::new(fresh_uuid())).await, 0);
}

pub(super) async fn a_mark_that_is_rolled_back_is_none(subject: &Subject) {
    let owner = stored_user(subject).await.id;
    let written = fresh(owner, NotificationKind::Bid);
    added(subject, std::slice::from_ref(&written)).await;
    let mut work = begin(subject).await;
    assert!(work.notifications().mark_read(owner, written.id, now()).await.expect("it is marked"));
    rollback(work).await;
    assert_eq!(unread(subject, owner).await, 1);
}

pub(super) async fn titles_of_orders_are_told(subject: &Subject) {
    let (one, other) = (some_order(subject).await, some_order(subject).await);
    let nothing = OrderId::new(i64::MAX).expect("a number");
    let mut work = begin(subject).await;
    let titles = work.orders().titles(&[one.id, nothing]).await.expect("titles are told");
    assert_eq!(titles.into_iter().collect::<Vec<_>>(), [(one.id, few_details().title)]);
    let mut renamed = work.orders().lock(other.id).await.expect("no error").expect("an order");
    renamed.details.title = title("Another Title");
    work.orders().save(&mut renamed).await.expect("it is saved");
    let titles = work.orders().titles(&[one.id, other.id]).await.expect("titles are told");
    assert_eq!(titles.get(&other.id), Some(&title("Another Title")), "as this transaction has left it");
    assert!(work.orders().titles(&[]).await.expect("titles are told").is_empty());
    rollback(work).await;
}
