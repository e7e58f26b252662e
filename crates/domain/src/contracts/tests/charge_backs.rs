//! Money that goes back because the payer's bank took a payment back.

use proptest::prelude::*;

use super::*;
use crate::contracts::ContractState;
use crate::money::Escrow;
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

/// A contract of user 1 with this provider, paid for; `None` where the price is too small for its parts.
fn deal(id: u8, provider: u128, price: i64, weights: &[i64], rule: FeeRule) -> Option<Deal> {
    let weights: Vec<_> = weights.iter().map(|weight| Some(*weight)).collect();
    plan(&weights).split(usd(price)).ok()?;
    let mut order = planned(&weights);
    order.id = crate::ids::OrderId::new(i64::from(id)).unwrap();
    let mut bids = [crate::sample::bid_of(i64::from(id), provider)];
    (bids[0].order_id, bids[0].amount) = (order.id, usd(price));
    let contract_id = ContractId::new(Uuid::from_u128(u128::from(id)));
    let required = Escrow::new(usd(price), rule).required().unwrap();
    let command = AwardCommand { contract_id, ..command(&bids[0], rule, required.minor()) };
    let Awarded { contract, outcome, .. } = award(&mut order, &mut bids, command, client(), at(2)).unwrap();
    let mut books = Balances::default();
    let paid_in = DepositId::new(Uuid::from_u128(u128::from(id)));
    books.book(&movements::deposit(paid_in, user(1), Outside::Sandbox, required).unwrap()).unwrap();
    book(&mut books, &outcome.transactions);
    Some(Deal { both: (order, contract), books })
}

struct Deal {
    both: (Order, Contract),
    books: Balances,
}

const RESTS: PayoutTo = PayoutTo::Clearing { until: DateTime::UNIX_EPOCH };

/// What may have become of a milestone.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Funded,
    Disputed,
    Released(PayoutTo),
    Cleared,
    /// It rests, and so many per mille of it have gone back already.
    Returned(i64),
}

impl Deal {
    fn befalls(&mut self, place: i32, fate: Fate) {
        let provider =
            Issuer::Person { user_id: self.both.1.provider_id, role: crate::identity::Role::Writer };
        let to = match fate {
            Fate::Funded => return,
            Fate::Disputed => {
                let disputed = open_dispute(&mut self.both.1, number(place), why(), client(), at(3));
                return book(&mut self.books, &disputed.unwrap().transactions);
            }
            Fate::Released(to) => to,
            Fate::Cleared | Fate::Returned(_) => RESTS,
        };
        let Self { both: (order, contract), books } = self;
        let handed_in = contract.submit(number(place), None, AutoReleasePeriod::default(), provider, at(3));
        drop(handed_in.unwrap());
        book(books, &approve(order, contract, number(place), to, client(), at(4)).unwrap().transactions);
        match fate {
            Fate::Cleared => {
                let cleared = clear_payment(contract, number(place), Issuer::System, at(5)).unwrap();
                book(books, &cleared.transactions);
            }
            Fate::Returned(permille) => {
                let kept = contract.milestone(number(place)).unwrap().kept().unwrap().minor();
                let part = i64::try_from(i128::from(kept) * i128::from(permille) / 1_000).unwrap();
                // Of what rests alone, so that nothing needs to be in the wallet.
                if let Ok(back) =
                    give_back(contract, (number(place), usd(part)), usd(0), Issuer::System, at(5))
                {
                    book(books, &back.transactions);
                }
            }
            Fate::Funded | Fate::Disputed | Fate::Released(_) => {}
        }
    }

    fn of(&self, account: Account) -> i64 {
        balance(&self.books, account)
    }

    fn resting(&self) -> i64 {
        self.of(Account::UserClearing(self.both.1.provider_id))
    }

    fn usable(&self) -> i64 {
        self.of(Account::UserAvailable(self.both.1.provider_id))
    }
}

/// Takes so much back of these deals, and books it with each. Says what came.
fn taken_of(deals: &mut [Deal], needed: i64) -> (Outcome, i64) {
    let mut held: Vec<_> = deals.iter().map(|deal| deal.both.clone()).collect();
    let (outcome, back) = charge_back(&mut held, usd(needed), at(6)).unwrap();
    for (deal, both) in deals.iter_mut().zip(held) {
        let escrow = Account::ContractEscrow(both.1.id);
        let of_it = |one: &&LedgerTransaction| {
            one.postings().iter().any(|posting| posting.account == escrow)
                || one
                    .postings()
                    .iter()
                    .any(|posting| posting.account == Account::UserClearing(both.1.provider_id))
        };
        let its: Vec<_> = outcome.transactions.iter().filter(of_it).cloned().collect();
        book(&mut deal.books, &its);
        deal.both = both;
    }
    (outcome, back.minor())
}

#[test]
fn what_rests_goes_back_as_far_as_it_is_needed() {
    // A tenth of the provider, 3 % of the client: 20.00, 30.00 and 50.00 were released, the last two rest.
    // How much is needed; what comes; what rests still; what of each milestone came back, fees not counted.
    let table = [
        (0, 0, 7_200, [0, 0, 0]),
        (1, 1, 7_199, [0, 0, 1]),
        // A cent more of the price would bring two.
        (17, 16, 7_186, [0, 0, 16]),
        (5_000, 5_000, 2_831, [0, 0, 4_854]),
        (5_150, 5_150, 2_700, [0, 0, 5_000]),
        (6_180, 6_180, 1_800, [0, 1_000, 5_000]),
        (8_240, 8_240, 0, [0, 3_000, 5_000]),
        (99_999, 8_240, 0, [0, 3_000, 5_000]),
    ];
    for (needed, expected, left, parts) in table {
        let mut deals = [deal(1, 2, 10_000, &[2_000, 3_000, 5_000], fees(1_000, 300)).unwrap()];
        for (place, to) in [(1, PayoutTo::Available), (2, RESTS), (3, RESTS)] {
            deals[0].befalls(place, Fate::Released(to));
        }
        let (outcome, back) = taken_of(&mut deals, needed);
        let [after] = deals;
        let (order, contract) = &after.both;
        let came = contract.milestones.iter().map(|one| one.returned.map_or(0, |back| back.gross.minor()));
        let seen = (back, after.resting(), came.collect::<Vec<_>>());
        assert_eq!(seen, (expected, left, parts.to_vec()), "{needed}");
        assert_eq!(contract.resting(), Ok(usd(left)));
        assert_eq!((wallet(&after.books, 1), after.usable()), (expected, 1_800), "theirs stays theirs");
        assert_eq!((order.state, contract.state), (OrderState::Completed, ContractState::Completed));
        assert_eq!(
            names(&outcome),
            vec!["payment.charged_back"; parts.iter().filter(|one| **one > 0).count()]
        );
    }
}

#[test]
fn what_rests_comes_after_the_escrow_of_all_contracts() {
    let two = || {
        let (mut newer, older) = (
            deal(1, 2, 1_000, &[1], FeeRule::NONE).unwrap(),
            deal(2, 3, 2_000, &[1], FeeRule::NONE).unwrap(),
        );
        newer.befalls(1, Fate::Released(RESTS));
        [newer, older]
    };
    for (needed, rests) in [(2_000, 1_000), (2_300, 700), (9_999, 0)] {
        let mut deals = two();
        let (outcome, back) = taken_of(&mut deals, needed);
        assert_eq!((back, deals[0].resting()), (3_000 - rests, rests), "{needed}");
        assert_eq!(states(&deals[1].both.1), ["refunded"]);
        assert_eq!(names(&outcome)[0], "milestone.charged_back");
    }
}

#[test]
fn what_went_back_does_not_clear() {
    let mut deals = [deal(1, 2, 1_000, &[1, 1], fees(1_000, 0)).unwrap()];
    deals[0].befalls(1, Fate::Released(RESTS));
    deals[0].befalls(2, Fate::Released(RESTS));
    assert_eq!(taken_of(&mut deals, 700).1, 700);
    let [Deal { both: (_, contract), books }] = &mut deals;
    for place in [1, 2] {
        book(books, &clear_payment(contract, number(place), Issuer::System, at(7)).unwrap().transactions);
    }
    assert_eq!((wallet(books, 1), wallet(books, 2)), (700, 270));
    assert_eq!(balance(books, Account::UserClearing(user(2))), 0);
    assert_eq!(taken_of(&mut deals, 300).1, 0, "it is theirs now");
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        Just(Fate::Funded),
        Just(Fate::Disputed),
        Just(Fate::Released(PayoutTo::Available)),
        Just(Fate::Cleared),
        Just(Fate::Released(RESTS)),
        (1..=1_000_i64).prop_map(Fate::Returned),
    ];
    prop::collection::vec(fate, 1..=4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever stands how: nobody's wallet but the payer's changes, nothing is lost on the way, and
    /// nothing that could go back stays while something is missing.
    #[test]
    fn nobodys_wallet_pays_but_the_payers(
        price in prop_oneof![4..=400_i64, 4..=100_000_i64, Just(Money::MAX_MINOR)],
        fates in prop::collection::vec(fates(), 2),
        provider in 0..=10_000_u16,
        client in 0..=10_000_u16,
        permille in 0..=4_500_i64,
    ) {
        let mut deals = Vec::new();
        for (fates, id) in fates.iter().zip(1_u8..) {
            let weights = vec![1; fates.len()];
            let one = deal(id, u128::from(id) + 1, price, &weights, fees(provider, client));
            let mut one = one.unwrap();
            for (fate, place) in fates.iter().zip(1..) {
                one.befalls(place, *fate);
            }
            deals.push(one);
        }
        let seen = |deals: &[Deal]| -> Vec<_> {
            let disputed = |one: &Deal| one.of(Account::ContractDisputed(one.both.1.id));
            deals.iter().map(|one| (one.usable(), disputed(one))).collect()
        };
        let of_payer = |deals: &[Deal]| deals.iter().map(|one| wallet(&one.books, 1)).sum::<i64>();
        let rests = |deals: &[Deal]| deals.iter().map(Deal::resting).sum::<i64>();
        let (before, had, rested) = (seen(&deals), of_payer(&deals), rests(&deals));
        let needed = i64::try_from(i128::from(price) * i128::from(permille) / 1_000).unwrap();

        let (_, back) = taken_of(&mut deals, needed);

        prop_assert_eq!(seen(&deals), before);
        prop_assert_eq!(of_payer(&deals), had + back);
        for one in &deals {
            let (contract, escrow) = (&one.both.1, one.both.1.escrow);
            prop_assert_eq!(one.books.total(Currency::Usd), 0);
            prop_assert_eq!(Ok(usd(one.of(Account::ContractEscrow(contract.id)))), escrow.held());
            prop_assert_eq!(Ok(usd(one.resting())), contract.resting());
            prop_assert_eq!(Ok(usd(one.usable() + one.resting())), escrow.provider_net());
            let fees = [escrow.fees.provider, escrow.fees.client].map(|rate| rate.of(escrow.released).minor());
            prop_assert_eq!(one.of(Account::PlatformFees), fees.iter().sum::<i64>());
        }
        let unfinished = deals.iter().flat_map(|one| states(&one.both.1)).filter(|state| *state == "funded");
        if rests(&deals) < rested {
            prop_assert_eq!(unfinished.count(), 0, "escrow comes first");
            prop_assert!(back <= needed, "no more than is missing");
        } else if back < needed {
            prop_assert_eq!(unfinished.count(), 0);
        }
        // A cent of the price brings two at most. Fees are those of all releases together, so that a milestone
        // which came back whole may leave a cent that was a fee before.
        let stays = |one: &Milestone| !one.resting().unwrap().is_zero() && !one.kept().unwrap().is_zero();
        let any_stays = deals.iter().flat_map(|one| &one.both.1.milestones).any(stays);
        prop_assert!(needed - back < 2 || !any_stays, "{} of {}", back, needed);
    }
}
