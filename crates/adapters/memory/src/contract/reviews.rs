//! Reviews: one per order and author.

use std::pin::pin;

use domain::actor::Issuer;
use domain::contracts::{Review, ReviewComment, Stars};
use domain::ids::{OrderId, UserId};
use ports::contracts::ReviewClaim;
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::deal_scene::{Deal, FREE, a_deal};
use super::market_scene::a_client;
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

async fn completed(subject: &Subject) -> Deal {
    let mut deal = a_deal(subject, 100, &[], FREE).await;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    deal
}

/// A review that is stored nowhere yet.
fn review(deal: &Deal, by: Issuer, stars: i16, comment: Option<&str>) -> Review {
    let comment = comment.map(|raw| ReviewComment::parse(raw).expect("a comment"));
    let said = (Stars::new(stars).expect("one to five"), comment);
    Review::write(said, &deal.order, None, by, now()).expect("it is written").0
}

async fn find(work: &mut dyn UnitOfWork, order_id: OrderId, author_id: UserId) -> Option<Review> {
    work.reviews().find(order_id, author_id).await.expect("the question is answered")
}

pub(super) async fn each_side_may_say_something(subject: &Subject) {
    let deal = completed(subject).await;
    let (client_id, provider_id) = (deal.order.client_id, deal.bid.provider_id);
    let theirs = review(&deal, deal.client(), 5, Some("Zeile 1\n\"Zeile\" 2\t\\"));
    let mine = review(&deal, deal.provider(), 1, None);
    let mut work = begin(subject).await;
    for review in [&theirs, &mine] {
        let claim = work.reviews().insert(review).await.expect("a review is inserted");
        assert_eq!(claim, ReviewClaim::Granted);
    }
    assert_eq!(find(work.as_mut(), deal.order.id, client_id).await.as_ref(), Some(&theirs), "inside");
    let mut outside = begin(subject).await;
    assert_eq!(find(outside.as_mut(), deal.order.id, client_id).await, None, "not yet outside");
    rollback(outside).await;
    commit(work).await;
    let mut work = begin(subject).await;
    assert_eq!(find(work.as_mut(), deal.order.id, client_id).await, Some(theirs));
    assert_eq!(find(work.as_mut(), deal.order.id, provider_id).await, Some(mine));
    let stranger = a_client(subject).await;
    assert_eq!(find(work.as_mut(), deal.order.id, stranger).await, None);
    let other = completed(subject).await;
    assert_eq!(find(work.as_mut(), other.order.id, client_id).await, None, "about no other order");
    rollback(work).await;
}

pub(super) async fn a_second_review_leaves_the_transaction_good(subject: &Subject) {
    let deal = completed(subject).await;
    let (first, second) = (review(&deal, deal.client(), 5, None), review(&deal, deal.client(), 1, None));
    let mut work = begin(subject).await;
    assert_eq!(work.reviews().insert(&first).await.expect("no error"), ReviewClaim::Granted);
    assert_eq!(work.reviews().insert(&second).await.expect("no error"), ReviewClaim::Taken);
    commit(work).await;
    let other = review(&deal, deal.provider(), 4, None);
    let mut work = begin(subject).await;
    assert_eq!(work.reviews().insert(&second).await.expect("no error"), ReviewClaim::Taken);
    assert_eq!(work.reviews().insert(&other).await.expect("no error"), ReviewClaim::Granted);
    commit(work).await;
    let mut work = begin(subject).await;
    assert_eq!(find(work.as_mut(), deal.order.id, first.author_id).await, Some(first));
    assert_eq!(find(work.as_mut(), deal.order.id, other.author_id).await, Some(other));
    rollback(work).await;
}

pub(super) async fn a_review_being_written_is_waited_for(subject: &Subject) {
    for succeeds in [true, false] {
        let deal = completed(subject).await;
        let (one, other) = (review(&deal, deal.client(), 5, None), review(&deal, deal.client(), 1, None));
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        assert_eq!(first.reviews().insert(&one).await.expect("no error"), ReviewClaim::Granted);
        let claim = {
            let mut waiting = pin!(second.reviews().insert(&other));
            must_wait(waiting.as_mut(), "who reviews a second time").await;
            if succeeds {
                commit(first).await;
            } else {
                rollback(first).await;
            }
            must_end(waiting, "who reviews a second time").await.expect("no error")
        };
        assert_eq!(claim == ReviewClaim::Taken, succeeds);
        commit(second).await;
        let mut work = begin(subject).await;
        let kept = if succeeds { one } else { other };
        assert_eq!(find(work.as_mut(), deal.order.id, kept.author_id).await, Some(kept));
        rollback(work).await;
    }
}

pub(super) async fn reviews_belong_to_what_is_there(subject: &Subject) {
    let deal = completed(subject).await;
    let good = review(&deal, deal.client(), 5, None);
    let nobody = UserId::new(fresh_uuid());
    let orphans = [
        Review { order_id: OrderId::new(i64::MAX).expect("a number"), ..good.clone() },
        Review { author_id: nobody, ..good.clone() },
        Review { subject_id: nobody, ..good },
    ];
    for orphan in orphans {
        let mut work = begin(subject).await;
        let refused = work.reviews().insert(&orphan).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
}
