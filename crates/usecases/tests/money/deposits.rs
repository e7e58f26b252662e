//! Paying in.

use adapter_memory::{Fault, Operation};
use domain::money::{Currency, DepositState, Money, MoneyEvent, Outside, PayIn};
use usecases::error::UseCaseError;
use usecases::idempotency::Once;
use usecases::money::{OpenDeposit, ViewWallet};

use super::world::{World, nobody, now, of_deposit, of_withdrawal, paypal, unprocessable, usd};

#[tokio::test]
async fn the_money_is_there_at_once_and_told() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    let deposited = now(world.pay_in(&ada, 50, None).await.unwrap());
    assert_eq!((deposited.deposit.user_id, deposited.deposit.amount), (ada.user_id, usd(50)));
    assert_eq!(deposited.deposit.state, DepositState::Completed);
    assert_eq!(deposited.wallet.available, usd(150));
    assert_eq!((deposited.wallet.total_earned, deposited.wallet.total_withdrawn), (usd(0), usd(0)));
    let view = ViewWallet { money: world.store.clone() }.execute(&ada).await.unwrap();
    assert_eq!(view, deposited.wallet);
    let fact = MoneyEvent::DepositCompleted {
        deposit_id: deposited.deposit.id,
        user_id: ada.user_id,
        amount: usd(50),
    };
    assert_eq!(world.facts().last(), Some(&fact));
    assert_eq!(world.history(&ada).await, [100, 50]);
    assert_eq!(world.holds(&ada).await, (150, 0));
}

#[tokio::test]
async fn ways_of_paying_that_are_not_there_are_refused() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    let once = Once { key: None, render: of_deposit };
    let production = OpenDeposit { ways: PayIn { sandbox: false }, ..world.open_deposit() };
    for outside in Outside::ALL.iter().copied() {
        let outcome = production.execute(&ada, usd(100), outside, &once).await;
        assert_eq!(unprocessable(outcome), "payment_method_unavailable", "{outside}");
        if outside != Outside::Sandbox {
            let outcome = world.open_deposit().execute(&ada, usd(100), outside, &once).await;
            assert_eq!(unprocessable(outcome), "payment_method_unavailable", "{outside}");
        }
    }
    assert_eq!(world.holds(&ada).await, (0, 0));
    assert_eq!(world.fact_names(), [""; 0]);
}

#[tokio::test]
async fn whoever_may_not_pays_nothing_in() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.person("ada@example.com").await);
    let outcome = world.pay_in(&admin, 100, None).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    let outcome = ViewWallet { money: world.store.clone() }.execute(&admin).await;
    assert!(matches!(outcome, Err(UseCaseError::Forbidden)), "{outcome:?}");
    let outcome = world.pay_in(&nobody(), 100, None).await;
    assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
    world.block(&admin, &ada).await;
    let outcome = world.pay_in(&ada, 100, None).await;
    assert!(
        matches!(outcome, Err(UseCaseError::Unauthorized { reason: Some("account_blocked"), .. })),
        "{outcome:?}"
    );
    assert_eq!(world.holds(&ada).await, (0, 0));
    assert_eq!(world.fact_names(), [""; 0]);
}

#[tokio::test]
async fn a_fault_anywhere_leaves_nothing() {
    let world = World::new();
    let ada = world.person("ada@example.com").await;
    for operation in [
        Operation::Begin,
        Operation::LockUser,
        Operation::InsertDeposit,
        Operation::Book,
        Operation::Append,
        Operation::WalletInside,
        Operation::Commit,
    ] {
        world.store.fail_next(operation, Fault::Unavailable);
        let outcome = world.pay_in(&ada, 100, None).await;
        assert!(matches!(outcome, Err(UseCaseError::Unavailable { .. })), "{operation:?} {outcome:?}");
        assert_eq!(world.holds(&ada).await, (0, 0), "{operation:?}");
        assert_eq!(world.fact_names(), [""; 0], "{operation:?}");
    }
}

#[tokio::test]
async fn nothing_and_foreign_money_cannot_be_moved() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    let once = Once { key: None, render: of_deposit };
    let euros = Money::positive(100, Currency::Eur).unwrap();
    let outcome = world.open_deposit().execute(&ada, euros, Outside::Sandbox, &once).await;
    assert_eq!(unprocessable(outcome), "currency_unavailable");
    let once = Once { key: None, render: of_withdrawal };
    let outcome = world.request_withdrawal().execute(&ada, euros, paypal(), &once).await;
    assert_eq!(unprocessable(outcome), "currency_unavailable");
    for outcome in [world.pay_in(&ada, 0, None).await.err(), world.withdraw(&ada, 0, None).await.err()] {
        assert!(matches!(outcome, Some(UseCaseError::Invalid { .. })), "{outcome:?}");
    }
    assert_eq!(world.holds(&ada).await, (100, 0));
}
