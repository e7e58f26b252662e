//! Who sees which withdrawals and entries.

use domain::money::WithdrawalStatus;
use ports::list::{Slice, Window};
use ports::money::{EntryFilter, WithdrawalView};
use usecases::error::UseCaseError;
use usecases::money::{ListAllWithdrawals, ListEntries, ListWithdrawals, ViewWithdrawal};

use super::world::Command::{Approve, Cancel, MarkPaid, Reject};
use super::world::{EVERYTHING, World, conflict};

fn ids(slice: &Slice<WithdrawalView>) -> Vec<i64> {
    slice.rows.iter().map(|view| view.id.number()).collect()
}

#[tokio::test]
async fn each_status_shows_its_own() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let eve = world.rich("eve@example.com", 100).await;
    let mut of_ada = Vec::new();
    for _ in 0..5 {
        of_ada.push(world.requested(&ada, 10).await);
    }
    world.done(Approve, &admin, of_ada[1]).await;
    world.done(Approve, &admin, of_ada[2]).await;
    world.done(MarkPaid, &admin, of_ada[2]).await;
    world.done(Reject, &admin, of_ada[3]).await;
    world.done(Cancel, &ada, of_ada[4]).await;
    world.requested(&eve, 10).await;
    let own = ListWithdrawals { money: world.store.clone() };
    let all = ListAllWithdrawals { money: world.store.clone() };
    for (status, of_ada, of_all) in [
        (None, vec![5, 4, 3, 2, 1], vec![6, 5, 4, 3, 2, 1]),
        (Some(WithdrawalStatus::Pending), vec![2, 1], vec![6, 2, 1]),
        (Some(WithdrawalStatus::Completed), vec![3], vec![3]),
        (Some(WithdrawalStatus::Rejected), vec![4], vec![4]),
        (Some(WithdrawalStatus::Cancelled), vec![5], vec![5]),
        (Some(WithdrawalStatus::Failed), vec![], vec![]),
    ] {
        assert_eq!(ids(&own.execute(&ada, status, EVERYTHING).await.unwrap()), of_ada, "{status:?}");
        assert_eq!(ids(&all.execute(&admin, status, EVERYTHING).await.unwrap()), of_all, "{status:?}");
    }
    assert_eq!(ids(&own.execute(&eve, None, EVERYTHING).await.unwrap()), [6]);
    let page = all.execute(&admin, None, Window::Page { offset: 1, limit: 2 }).await.unwrap();
    assert_eq!((ids(&page), page.total, page.next), (vec![5, 4], 6, Some(4)));
    let outcome = own.execute(&admin, None, EVERYTHING).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    let outcome = all.execute(&ada, None, EVERYTHING).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
}

#[tokio::test]
async fn one_is_shown_to_its_owner_and_to_administrators() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let eve = world.person("eve@example.com").await;
    let id = world.requested(&ada, 10).await;
    let view = ViewWithdrawal { money: world.store.clone() };
    let shown = view.execute(&ada, id).await.unwrap();
    assert_eq!((shown.id, shown.user_id), (id, ada.user_id));
    assert_eq!(view.execute(&admin, id).await.unwrap(), shown);
    let nothing = domain::ids::WithdrawalId::new(999).unwrap();
    for (person, id) in [(&eve, id), (&ada, nothing), (&admin, nothing)] {
        let outcome = view.execute(person, id).await;
        assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_history_is_ones_own() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    world.rich("eve@example.com", 77).await;
    let id = world.requested(&ada, 30).await;
    world.done(Cancel, &ada, id).await;
    assert_eq!(conflict(world.answer(Cancel, &ada, id, None).await).1, "cancelled");
    let list = ListEntries { money: world.store.clone() };
    for (filter, expected) in [
        (EntryFilter::All, vec![30, -30, 100]),
        (EntryFilter::Credits, vec![30, 100]),
        (EntryFilter::Debits, vec![-30]),
    ] {
        let slice = list.execute(&ada, filter, EVERYTHING).await.unwrap();
        let amounts: Vec<_> = slice.rows.iter().map(|entry| entry.minor).collect();
        assert_eq!(amounts, expected, "{filter:?}");
    }
    let outcome = list.execute(&admin, EntryFilter::All, EVERYTHING).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
}
