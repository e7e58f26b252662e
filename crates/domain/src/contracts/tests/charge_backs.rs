//! Money that goes back because the payer's bank took a payment back.

use super::*;
use crate::contracts::ContractState;
use crate::orders::OrderState;
use crate::sample::provider;

/// A contract over 100.00 in milestones of 20, 30 and 50, with fees, paid for; and its books.
fn paid() -> ((Order, Contract), Balances) {
    let order = planned(&[Some(2_000), Some(3_000), Some(5_000)]);
    let (order, contract, outcome) = awarded(order, 10_000, fees(1_000, 300), 10_300);
    let mut books = books(10_300);
    book(&mut books, &outcome.transactions);
    ((order, contract), books)
}

fn states(contract: &Contract) -> Vec<&'static str> {
    contract.milestones.iter().map(|one| one.state.as_str()).collect()
}

#[test]
fn whole_milestones_go_back_from_the_last_one_on_until_it_is_enough() {
    // How much is needed; what comes back, with the fee on it; how the milestones stand.
    let table: [(i64, i64, [&str; 3]); 6] = [
        (0, 0, ["funded", "funded", "funded"]),
        (1, 5_150, ["funded", "funded", "refunded"]),
        (5_150, 5_150, ["funded", "funded", "refunded"]),
        (5_151, 8_240, ["funded", "refunded", "refunded"]),
        (10_300, 10_300, ["refunded", "refunded", "refunded"]),
        (99_999, 10_300, ["refunded", "refunded", "refunded"]),
    ];
    for (needed, expected, after) in table {
        let (deal, mut books) = paid();
        let mut held = [deal];
        let (outcome, back) = charge_back(&mut held, usd(needed), at(5)).unwrap();
        book(&mut books, &outcome.transactions);
        let [(order, contract)] = held;
        assert_eq!((back, states(&contract)), (usd(expected), after.to_vec()), "{needed}");
        assert_eq!(wallet(&books, 1), expected);
        let escrow = balance(&books, Account::ContractEscrow(contract.id));
        assert_eq!(Ok(usd(escrow)), contract.escrow.held());
        let is_over = after[0] == "refunded";
        assert_eq!(order.state, if is_over { OrderState::Cancelled } else { OrderState::Active });
        assert_eq!(contract.state, if is_over { ContractState::Cancelled } else { ContractState::Active });
        let told = names(&outcome).into_iter().filter(|name| *name == "milestone.charged_back");
        assert_eq!(told.count(), after.iter().filter(|state| **state == "refunded").count());
    }
}

#[test]
fn what_is_released_or_disputed_stays() {
    let ((mut order, mut contract), mut books) = paid();
    let _ = contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    let released =
        approve(&mut order, &mut contract, number(1), crate::money::PayoutTo::Available, client(), at(4));
    book(&mut books, &released.unwrap().transactions);
    let disputed = open_dispute(&mut contract, number(3), why(), client(), at(4)).unwrap();
    book(&mut books, &disputed.transactions);
    let mut held = [(order, contract)];
    let (outcome, back) = charge_back(&mut held, usd(10_300), at(5)).unwrap();
    book(&mut books, &outcome.transactions);
    let [(order, contract)] = held;
    assert_eq!(states(&contract), ["completed", "refunded", "disputed"]);
    assert_eq!((back, order.state), (usd(3_090), OrderState::Active));
    assert_eq!(contract.state, ContractState::Disputed);
}

#[test]
fn contracts_come_in_the_order_given() {
    let ((first, _), (second, _)) = (paid(), paid());
    let mut held = [first, second];
    let (_, back) = charge_back(&mut held, usd(10_301), at(5)).unwrap();
    assert_eq!(back, usd(15_450));
    assert_eq!(states(&held[0].1), ["refunded"; 3]);
    assert_eq!(states(&held[1].1), ["funded", "funded", "refunded"]);
}
