//! Orders from their posting to the payout.

use super::*;
use crate::actor::Party;
use crate::bidding::BidState;
use crate::machine::Refusal;
use crate::money::{FourEyes, NewWithdrawal, PayoutMethod, PayoutTo, Purse, SplitError, Withdrawal};
use crate::orders::{OrderState, Progress};
use crate::sample::{bid, bid_in, bid_of, issuer, order_in, provider};

#[test]
fn an_order_to_a_payout() {
    let mut order = planned(&[None, None, None]);
    let mut bids = [bid_of(1, 2), bid_of(2, 3), bid_of(3, 4)];
    bids[0].amount = usd(10_001);
    bids[1].proposed_deadline = Some(day(9));
    let mut books = books(0);

    let terms = command(&bids[0], fees(1_000, 500), 0);
    let Awarded { mut contract, payment_required, outcome } =
        award(&mut order, &mut bids, terms, client(), at(2)).unwrap();
    assert_eq!(payment_required, Some(PaymentRequired { amount: usd(10_501), available: usd(0) }));
    assert_eq!(names(&outcome), ["bid.accepted", "bid.declined", "bid.declined", "contract.made"]);
    assert_eq!(outcome.transactions, []);
    assert_eq!(order.state, OrderState::Pending);
    assert_eq!(bids.map(|bid| bid.state), [BidState::Accepted, BidState::Declined, BidState::Declined]);
    let amounts: Vec<_> = contract.milestones.iter().map(|m| m.amount.minor()).collect();
    assert_eq!(amounts, [3_333, 3_333, 3_335]);

    let short = fund(&mut order, &mut contract, usd(10_500), client(), at(3));
    assert_eq!(short, Err(ContractError::PaymentRequired { required: usd(10_501), available: usd(10_500) }));
    let id = DepositId::new(Uuid::from_u128(1));
    book(&mut books, &[movements::deposit(id, user(1), Outside::Sandbox, usd(10_501)).unwrap()]);
    let outcome = fund(&mut order, &mut contract, usd(10_501), client(), at(4)).unwrap();
    assert_eq!(names(&outcome), ["contract.funded", "order.started"]);
    book(&mut books, &outcome.transactions);
    assert_eq!((order.state, order.started_at), (OrderState::Active, Some(at(4))));
    assert_eq!(wallet(&books, 1), 0);

    assert!(contract.start(number(1), provider(), at(5)).unwrap().is_some());
    assert_eq!(contract.start(number(1), provider(), at(6)), Ok(None), "twice is nothing");
    let (first, _) =
        contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(7)).unwrap();
    contract.request_changes(number(1), message("cite more"), client(), at(8)).unwrap();
    assert_eq!(contract.milestone(number(1)).unwrap().auto_release_at, None, "the clock stops");
    let (second, _) =
        contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(9)).unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    let milestone = contract.milestone(number(1)).unwrap();
    assert_eq!(milestone.auto_release_at, Some(AutoReleasePeriod::default().ends(at(9))));
    assert_eq!(milestone.changes_message, None, "it was answered");

    let mut paid = Vec::new();
    for place in [1, 2, 3] {
        if place > 1 {
            contract.submit(number(place), None, AutoReleasePeriod::default(), provider(), at(10)).unwrap();
        }
        let outcome =
            approve(&mut order, &mut contract, number(place), PayoutTo::Available, client(), at(11)).unwrap();
        book(&mut books, &outcome.transactions);
        paid.push(wallet(&books, 2));
        let last: &[&str] = if place == 3 { &["contract.completed", "order.completed"] } else { &[] };
        assert_eq!(names(&outcome), [&["milestone.approved", "payment.received"], last].concat());
    }
    assert_eq!(paid, [3_000, 5_999, 9_001], "3.33, 3.34 and 3.33 of fees");
    assert_eq!((order.state, contract.state), (OrderState::Completed, ContractState::Completed));
    assert_eq!((order.completed_at, order.progress), (Some(at(11)), Progress::FULL));
    assert_eq!(balance(&books, Account::PlatformFees), 1_500);
    assert_eq!(balance(&books, Account::ContractEscrow(contract.id)), 0);

    let new = NewWithdrawal {
        id: crate::ids::WithdrawalId::new(1).unwrap(),
        user_id: user(2),
        amount: usd(9_001),
        method: PayoutMethod::PayPal,
    };
    let purse = Purse { available: usd(9_001), owed: usd(0) };
    let (mut withdrawal, step) = Withdrawal::request(new, purse, provider(), at(12)).unwrap();
    book(&mut books, &step.transaction.into_iter().collect::<Vec<_>>());
    assert_eq!(wallet(&books, 2), 0);
    let admin = issuer(Party::Admin);
    assert!(withdrawal.approve(FourEyes::default(), admin, at(13)).unwrap().transaction.is_none());
    let step = withdrawal.mark_paid(admin, at(14)).unwrap();
    book(&mut books, &step.transaction.into_iter().collect::<Vec<_>>());
    assert_eq!(balance(&books, Account::World(Outside::PayPal)), 9_001);
    assert_eq!(books.total(Currency::Usd), 0);
}

#[test]
fn a_wallet_that_covers_it_pays_at_once() {
    let (order, contract, outcome) = awarded(order(), 11_500, fees(0, 1_000), 12_650);
    assert_eq!((order.state, order.started_at), (OrderState::Active, Some(at(2))));
    assert_eq!(contract.state, ContractState::Active);
    assert_eq!(names(&outcome), ["bid.accepted", "contract.made", "contract.funded", "order.started"]);
    assert_eq!(outcome.transactions.len(), 1);
    let (order, ..) = awarded(sample_order(), 11_500, fees(0, 1_000), 12_649);
    assert_eq!(order.state, OrderState::Pending, "a cent short");
}

fn sample_order() -> Order {
    order()
}

#[test]
fn the_client_pays_the_accepted_price_and_not_the_budget() {
    let (order, contract, outcome) = awarded(order(), 11_500, FeeRule::NONE, 12_000);
    assert_eq!(order.details.budget, usd(12_000));
    assert_eq!(contract.escrow.price, usd(11_500));
    let mut books = books(12_000);
    book(&mut books, &outcome.transactions);
    assert_eq!(wallet(&books, 1), 500);
}

#[test]
fn exactly_one_bid_wins() {
    let mut order = order();
    let mut bids = [bid_of(1, 2), bid_of(2, 3)];
    let [first, second] = bids.each_ref().map(|bid| command(bid, FeeRule::NONE, 0));
    drop(award(&mut order, &mut bids, first, client(), at(2)).unwrap());
    for terms in [first, second] {
        let before = (order.clone(), bids.clone());
        let error = award(&mut order, &mut bids, terms, client(), at(3)).unwrap_err();
        let conflict = error.conflict().unwrap();
        assert_eq!((conflict.reason, conflict.state), ("invalid_transition", "pending"));
        assert_eq!((order.clone(), bids.clone()), before, "a refused command changes nothing");
    }
}

#[test]
fn what_cannot_be_awarded() {
    let try_award = |mut order: Order, bid: Bid, by: Issuer, now| {
        let terms = command(&bid, FeeRule::NONE, 0);
        award(&mut order, &mut [bid], terms, by, now)
    };
    let late = order().details.deadline;
    assert_eq!(reason(try_award(order(), bid(), client(), late)), "deadline_passed");
    assert_eq!(reason(try_award(order(), bid_in(BidState::Changed), client(), at(2))), "bid_unconfirmed");
    assert_eq!(reason(try_award(order(), bid_in(BidState::Countered), client(), at(2))), "counter_pending");
    assert_eq!(
        reason(try_award(order(), bid_in(BidState::Withdrawn), client(), at(2))),
        "invalid_transition"
    );
    assert_eq!(reason(try_award(order_in(OrderState::Active), bid(), client(), at(2))), "invalid_transition");
    let stranger = Issuer::Person { user_id: user(77), role: crate::identity::Role::Client };
    let not_party = Refusal::NotParty { object: "order" };
    assert_eq!(try_award(order(), bid(), stranger, at(2)), Err(ContractError::Order(not_party.into())));
    assert_eq!(
        try_award(order(), bid(), provider(), at(2)),
        Err(ContractError::Order(not_party.into())),
        "a bidder holds nothing before the award"
    );
    let mut tiny = bid();
    tiny.amount = usd(2);
    let too_small = ContractError::Split(SplitError::TooSmall { parts: 3 });
    assert_eq!(try_award(planned(&[None; 3]), tiny.clone(), client(), at(2)), Err(too_small));
    let gone = |bid: Bid| {
        let terms = AwardCommand { bidder_may_enter: false, ..command(&bid, FeeRule::NONE, 0) };
        award(&mut planned(&[None; 3]), &mut [bid], terms, client(), at(2))
    };
    assert_eq!(reason(gone(bid())), "bidder_unavailable");
    assert_eq!(reason(gone(tiny)), "bidder_unavailable", "a conflict comes before what can never be");
    assert_eq!(reason(gone(bid_in(BidState::Changed))), "bid_unconfirmed");
    let mut elsewhere = bid();
    elsewhere.order_id = crate::ids::OrderId::new(96).unwrap();
    assert_eq!(try_award(order(), elsewhere, client(), at(2)), Err(ContractError::UnknownBid));
}

#[test]
fn the_bids_deadline_becomes_the_orders() {
    let mut order = planned(&[None, None, None]);
    let mut bids = [bid()];
    bids[0].proposed_deadline = Some(day(2));
    let terms = command(&bids[0], FeeRule::NONE, 0);
    let contract = award(&mut order, &mut bids, terms, client(), at(2)).unwrap().contract;
    assert_eq!(order.details.deadline, day(2));
    let due: Vec<_> = contract.milestones.iter().map(|m| m.due_date).collect();
    assert_eq!(due, [day(1), day(2), day(2)], "nothing is due after the whole");

    let mut order = sample_order();
    bids = [bid()];
    bids[0].proposed_deadline = Some(day(40));
    let terms = command(&bids[0], FeeRule::NONE, 0);
    let contract = award(&mut order, &mut bids, terms, client(), at(2)).unwrap().contract;
    let only: Vec<_> = contract.milestones.iter().map(|m| (m.title.as_str(), m.due_date)).collect();
    assert_eq!(only, [("Final Submission", day(40))]);
}

#[test]
fn milestones_are_settled_in_any_order() {
    let (mut order, mut contract, _) = awarded(planned(&[None, None]), 10_000, FeeRule::NONE, 10_000);
    for (place, state) in [(2, OrderState::Active), (1, OrderState::Completed)] {
        contract.submit(number(place), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
        drop(
            approve(&mut order, &mut contract, number(place), PayoutTo::Available, client(), at(4)).unwrap(),
        );
        assert_eq!(order.state, state);
    }
    let again = approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(5));
    assert_eq!(reason(again), "invalid_transition", "nobody is paid twice");
}

#[test]
fn the_clock_releases_what_the_client_forgot() {
    let (mut order, mut contract, _) = awarded(order(), 10_000, FeeRule::NONE, 10_000);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    let due = AutoReleasePeriod::default().ends(at(3));
    let mut release =
        |now| auto_release(&mut order, &mut contract, number(1), PayoutTo::Available, Issuer::System, now);
    let early = Err(ContractError::TooEarly { state: "submitted", until: due });
    assert_eq!(release(due - chrono::TimeDelta::seconds(1)), early);
    let outcome = release(due).unwrap();
    assert!(matches!(
        outcome.events.first(),
        Some(Fact::Contract(ContractEvent::MilestoneApproved { by_clock: true, .. }))
    ));
    assert_eq!(order.state, OrderState::Completed);
}

#[test]
fn the_client_is_reminded_before_the_clock_releases() {
    let (_, mut contract, _) = awarded(order(), 10_000, FeeRule::NONE, 10_000);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), day(3)).unwrap();
    let releases_at = day(17);
    let early = |until| Err(ContractError::TooEarly { state: "submitted", until });
    let (one, parties) = (number(1), contract.parties());
    let told = Ok(Some(ContractEvent::ReleaseDue { contract: parties, milestone: one, releases_at }));
    let mut remind = |now| contract.remind(one, Issuer::System, now);
    let moment = chrono::TimeDelta::seconds(1);
    assert_eq!(remind(day(14) - moment), early(day(14)));
    assert_eq!(remind(day(14)), told);
    assert_eq!(remind(day(14)), early(day(16)), "once");
    assert_eq!(remind(day(16) + moment), told);
    assert_eq!(remind(releases_at - moment), early(releases_at), "twice, and no more");
    assert_eq!(remind(releases_at), Ok(None), "it is released now");
    contract.request_changes(one, message("again"), client(), day(16)).unwrap();
    assert_eq!(contract.milestone(one).unwrap().remind_at, None, "the clock stops");
    contract.submit(one, None, AutoReleasePeriod::days(2).unwrap(), provider(), day(20)).unwrap();
    assert_eq!(contract.milestone(one).unwrap().remind_at, Some(day(21)), "it begins anew");
}

#[test]
fn released_money_may_rest_first() {
    let (mut order, mut contract, funding) = awarded(order(), 10_000, fees(1_000, 0), 10_000);
    let mut books = books(10_000);
    book(&mut books, &funding.transactions);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    let to = PayoutTo::Clearing { until: day(5) };
    let outcome = approve(&mut order, &mut contract, number(1), to, client(), at(4)).unwrap();
    book(&mut books, &outcome.transactions);
    assert_eq!((wallet(&books, 2), balance(&books, Account::UserClearing(user(2)))), (0, 9_000));
    let mut clear = |by, now| clear_payment(&mut contract, number(1), by, now);
    for by in [client(), provider()] {
        let refused = clear(by, day(5));
        assert!(matches!(refused, Err(ContractError::Refused(Refusal::NotPermitted { .. }))));
    }
    let early = ContractError::TooEarly { state: "completed", until: day(5) };
    assert_eq!(clear(Issuer::System, day(5) - chrono::TimeDelta::seconds(1)), Err(early));
    let cleared = clear(Issuer::System, day(5)).unwrap();
    assert_eq!(names(&cleared), ["payment.cleared"]);
    book(&mut books, &cleared.transactions);
    assert_eq!((wallet(&books, 2), balance(&books, Account::UserClearing(user(2)))), (9_000, 0));
    let again = ContractError::NotClearing { state: "completed" };
    assert_eq!(clear(Issuer::System, day(6)), Err(again), "once");
    assert_eq!(contract.milestone(number(1)).unwrap().cleared_at, Some(day(5)));
}

#[test]
fn what_is_available_at_once_never_rests() {
    let (mut order, mut contract, _) = awarded(order(), 10_000, fees(1_000, 0), 10_000);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    drop(approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4)).unwrap());
    assert_eq!(reason(clear_payment(&mut contract, number(1), Issuer::System, day(90))), "not_clearing");
}

#[test]
fn nothing_moves_where_the_fee_took_everything() {
    let (mut order, mut contract, _) = awarded(order(), 10_000, fees(10_000, 0), 10_000);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    let to = PayoutTo::Clearing { until: day(5) };
    drop(approve(&mut order, &mut contract, number(1), to, client(), at(4)).unwrap());
    let cleared = clear_payment(&mut contract, number(1), Issuer::System, day(5)).unwrap();
    assert_eq!(cleared, Outcome::default());
    assert_eq!(contract.milestone(number(1)).unwrap().cleared_at, Some(day(5)), "it is not looked at again");
}

#[test]
fn money_is_welcome_until_the_order_has_lapsed() {
    let (mut order, mut contract, _) = awarded(order(), 10_000, FeeRule::NONE, 0);
    let late = at(2) + crate::orders::FUNDING_PERIOD + chrono::TimeDelta::days(1);
    assert!(fund(&mut order, &mut contract, usd(10_000), client(), late).is_ok(), "the timer was late");
    assert_eq!(order.state, OrderState::Active);
    let (mut order, mut contract, _) = awarded(crate::sample::order(), 10_000, FeeRule::NONE, 0);
    let mut bids = [bid_in(BidState::Accepted)];
    let lapsed = lapse_order(&mut order, &mut bids, &mut contract, Issuer::System, late);
    assert!(lapsed.is_ok());
    assert_eq!(reason(fund(&mut order, &mut contract, usd(10_000), client(), late)), "invalid_transition");
}

#[test]
fn before_the_award_there_is_a_plan_and_nothing_to_do_with_it() {
    let order = planned(&[None, None]);
    let number = |number| MilestoneNumber::new(number).unwrap();
    let refused = |object, command| {
        let reason = crate::machine::INVALID_TRANSITION;
        let message = "this is not possible in the present state";
        Some(ContractError::Refused(Refusal::State { object, command, state: "open", reason, message }))
    };
    let fund = Contract::agreed(None, &order, crate::orders::OrderCommand::Fund);
    assert_eq!(fund.err(), refused("order", "fund"));
    for command in [MilestoneCommand::Approve, MilestoneCommand::Submit, MilestoneCommand::RequestChanges] {
        let on = |contract, n| Contract::agreed_on(contract, &order, number(n), command).err();
        assert_eq!(on(None, 2), refused("milestone", command.as_str()));
        assert_eq!(on(None, 3), Some(ContractError::UnknownMilestone));
        let contract = awarded(order.clone(), 10_000, FeeRule::NONE, 0).1;
        assert_eq!(on(Some(contract.clone()), 2), None);
        assert_eq!(on(Some(contract), 3), Some(ContractError::UnknownMilestone));
    }
}

#[test]
fn a_contract_that_does_not_add_up_pays_nobody() {
    let fresh = || awarded(order(), 10_000, fees(1_000, 500), 10_500);
    let tamper: [fn(&mut Contract); 3] = [
        |contract| contract.milestones[0].amount = usd(9_999),
        |contract| contract.escrow.price = usd(10_001),
        |contract| contract.milestones.push(contract.milestones[0].clone()),
    ];
    for (case, tamper) in tamper.into_iter().enumerate() {
        let (mut order, mut contract, _) = fresh();
        contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
        tamper(&mut contract);
        let before = (order.clone(), contract.clone());
        let result = approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4));
        assert_eq!(result, Err(ContractError::Unbalanced), "case {case}");
        assert_eq!((order, contract), before, "nothing is changed");
    }
}

#[test]
fn a_bonus_goes_from_wallet_to_wallet() {
    let (mut order, mut contract, funding) = awarded(order(), 10_000, fees(1_000, 500), 10_500);
    let mut books = books(11_000);
    book(&mut books, &funding.transactions);
    let give = |contract: &Contract, id, available, by| {
        let id = crate::ids::BonusId::new(Uuid::from_u128(id));
        let message = BonusMessage::parse("Thank you!").ok();
        let (amount, available) = (usd(333), usd(available));
        let command = BonusCommand { id, amount, message, available, provider_may_enter: true };
        contract.give_bonus(command, by, at(3))
    };
    let short = ContractError::PaymentRequired { required: usd(333), available: usd(332) };
    assert_eq!(give(&contract, 1, 332, client()), Err(short));
    let before = contract.clone();
    let (bonus, outcome) = give(&contract, 1, 500, client()).unwrap();
    assert_eq!((bonus.amount, bonus.provider_fee, bonus.given_at), (usd(333), usd(33), at(3)));
    assert_eq!(names(&outcome), ["payment.bonus"]);
    book(&mut books, &outcome.transactions);
    assert_eq!((wallet(&books, 1), wallet(&books, 2)), (167, 300), "a tenth of the bonus alone");
    assert_eq!(balance(&books, Account::PlatformFees), 33);
    assert_eq!(contract, before, "it is no part of the price");
    for by in [provider(), Issuer::System, issuer(Party::Admin)] {
        assert!(matches!(
            give(&contract, 2, 500, by),
            Err(ContractError::Refused(Refusal::NotPermitted { .. }))
        ));
    }
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    drop(approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4)).unwrap());
    assert!(give(&contract, 2, 333, client()).is_ok(), "afterwards as well");
    let id = crate::ids::BonusId::new(Uuid::from_u128(3));
    let (amount, available) = (usd(1), usd(1));
    let gone = BonusCommand { id, amount, message: None, available, provider_may_enter: false };
    assert_eq!(reason(contract.give_bonus(gone, client(), at(5))), "provider_unavailable");
    let pending = awarded(crate::sample::order(), 10_000, fees(1_000, 500), 0).1;
    assert_eq!(reason(give(&pending, 3, 333, client())), "invalid_transition");
}
