use super::*;
use crate::bidding::{BidStatus, CounterTerms, Edited, edit_order};
use crate::identity::Role;
use crate::machine::walk;
use crate::money::{Currency, MoneyError};
use crate::orders::{OrderPatch, OrderState, Title};
use crate::sample::{self, at, bid, client, issuer, provider, usd};

fn new_bid(proposed_deadline: Option<DateTime<Utc>>) -> NewBid {
    let message = BidMessage::parse("I have 5+ years of experience").unwrap();
    NewBid { id: BidId::new(1).unwrap(), amount: usd(15_000), proposed_deadline, message }
}

fn terms(amount: i64) -> CounterTerms {
    CounterTerms { amount: usd(amount), proposed_deadline: None, message: None }
}

fn reason<T: std::fmt::Debug>(result: Result<T, BidError>) -> &'static str {
    result.unwrap_err().conflict().map_or("no conflict", |conflict| conflict.reason)
}

/// The order as the client has changed it since.
fn changed(order: &Order, bids: &mut [Bid], hour: i64) -> Order {
    let mut order = order.clone();
    let title = Title::parse(&format!("Changed at {hour}")).ok();
    let patch = OrderPatch { title, ..OrderPatch::default() };
    let _edited = edit_order(&mut order, bids, patch, client(), at(hour)).unwrap();
    order
}

#[test]
fn every_command_in_every_state_by_everybody() {
    // open changed countered accepted declined withdrawn
    let expected = [
        ("edit", Party::Provider, "open open open - - -"),
        ("confirm", Party::Provider, "- open counter_pending - - -"),
        ("outdate", Party::System, "changed changed countered - - -"),
        ("counter", Party::Client, "countered countered countered - - -"),
        ("accept_counter", Party::Provider, "- - open - - -"),
        ("reject_counter", Party::Provider, "- - open - - -"),
        ("accept", Party::Client, "accepted bid_unconfirmed counter_pending - - -"),
        ("decline", Party::Client, "declined declined declined - - -"),
        ("lose", Party::System, "declined declined declined - - -"),
        ("close", Party::System, "declined declined declined declined - -"),
        ("withdraw", Party::Provider, "withdrawn withdrawn withdrawn withdrawn - -"),
        ("withdraw", Party::System, "withdrawn withdrawn withdrawn withdrawn - -"),
    ];
    let parties = [Party::Client, Party::Provider, Party::Admin, Party::System];
    walk::all(&BID_MACHINE, &parties, &expected, |state, command, party| {
        let order = sample::order();
        let mut bid = sample::bid_in(state);
        let (before, by, now) = (bid.clone(), issuer(party), at(5));
        let of = |event: Option<BidEvent>| match event {
            Some(_) => Ok(()),
            None => Err(BID_MACHINE.refuse(state, command).into()),
        };
        let result: Result<(), BidError> = match command {
            BidCommand::Place => return "!", // It comes into being by it.
            BidCommand::Edit => {
                let patch = BidPatch { amount: Some(usd(1)), ..BidPatch::default() };
                bid.edit(patch, &order, by, now).map(|_| ())
            }
            BidCommand::Confirm => bid.confirm(None, &order, by, now).map(|_| ()),
            BidCommand::Counter => bid.counter(terms(1), &order, by, now).map(|_| ()),
            BidCommand::AcceptCounter => bid.accept_counter(&order, by, now).map(|_| ()),
            BidCommand::RejectCounter => bid.reject_counter(&order, by, now).map(|_| ()),
            BidCommand::Accept => bid.accept(&order, by, now).map(|_| ()),
            BidCommand::Decline => bid.decline(&order, by, now).map(|_| ()),
            BidCommand::Withdraw => bid.withdraw(&order, by, now).map(|_| ()),
            // The program alone does these; the aggregate does not even ask who.
            BidCommand::Outdate | BidCommand::Lose | BidCommand::Close if party != Party::System => {
                return "!";
            }
            BidCommand::Outdate => {
                // Nothing new to tell is no refusal.
                let told = bid.outdate(&order, now);
                if state.is_live() { Ok(()) } else { of(told) }
            }
            BidCommand::Lose => of(bid.lose(&order, now)),
            BidCommand::Close => of(bid.close(DeclineReason::OrderCancelled, &order, now)),
        };
        if result.is_err() {
            assert_eq!(bid, before, "a refused command changes nothing");
        }
        walk::outcome(result.map(|()| bid.state.as_str()), |error| {
            let BidError::Refused(refusal) = error else { panic!("{error}") };
            *refusal
        })
    });
}

#[test]
fn strangers_see_no_bid() {
    let (order, stranger) =
        (sample::order(), Issuer::Person { user_id: sample::user(77), role: Role::Writer });
    let not_party = Err(BidError::Refused(Refusal::NotParty { object: "bid" }));
    assert_eq!(bid().withdraw(&order, stranger, at(1)), not_party.clone());
    let another = Order { id: OrderId::new(96).unwrap(), ..order };
    assert_eq!(bid().withdraw(&another, provider(), at(1)), not_party, "nor a bid on another order");
}

#[test]
fn who_may_bid_on_what() {
    let order = sample::order();
    let place = |order: &Order, by| Bid::place(new_bid(None), order, None, by, at(1));
    let (placed, step) = place(&order, provider()).unwrap();
    assert_eq!(step.event.name(), "bid.placed");
    assert_eq!(step.offer.map(|offer| (offer.author, offer.amount)), Some((Party::Provider, usd(15_000))));
    assert_eq!((placed.revision, placed.state.status()), (1, BidStatus::Open));
    let refused = Err(BidError::Refused(Refusal::NotPermitted { object: "bid", command: "place" }));
    let own = Issuer::Person { user_id: order.client_id, role: Role::Writer };
    for by in [client(), issuer(Party::Admin), Issuer::System, own] {
        assert_eq!(place(&order, by).map(|_| ()), refused);
    }
    for state in OrderState::ALL.iter().filter(|state| **state != OrderState::Open) {
        let error = place(&sample::order_in(*state), provider()).unwrap_err();
        let conflict = error.conflict().unwrap();
        assert_eq!((conflict.reason, conflict.state), ("invalid_transition", state.as_str()));
    }
}

#[test]
fn one_live_bid_per_provider() {
    let order = sample::order();
    for state in BidState::ALL {
        let standing = sample::bid_in(*state);
        let result = Bid::place(new_bid(None), &order, Some(&standing), provider(), at(1));
        assert_eq!(result.is_ok(), !state.is_live(), "{state}");
        if let Err(error) = result {
            assert_eq!(error.conflict().map(|c| c.reason), Some("duplicate_bid"));
        }
    }
}

#[test]
fn a_proposed_deadline_lies_ahead() {
    let order = sample::order();
    let place = |deadline| Bid::place(new_bid(deadline), &order, None, provider(), at(1)).map(|_| ());
    let past = Err(BidError::ProposedDeadlineNotInFuture);
    assert_eq!(place(Some(at(2))), Ok(()));
    assert_eq!(place(Some(order.details.deadline + TimeDelta::days(365))), Ok(()), "any distance");
    assert_eq!(place(Some(at(1))), past);
    let patch = BidPatch { proposed_deadline: Some(Some(at(0))), ..BidPatch::default() };
    assert_eq!(bid().edit(patch, &order, provider(), at(1)).map(|_| ()), past);
    let counter = CounterTerms { proposed_deadline: Some(at(0)), ..terms(1) };
    assert_eq!(bid().counter(counter, &order, client(), at(1)).map(|_| ()), past);
}

#[test]
fn another_currency_is_no_offer() {
    let order = sample::order();
    let amount = Money::positive(1, Currency::Eur).unwrap();
    let result = Bid::place(NewBid { amount, ..new_bid(None) }, &order, None, provider(), at(1));
    assert!(matches!(result, Err(BidError::Money(_))));
}

#[test]
fn nothing_is_no_price() {
    let (order, nothing) = (sample::order(), usd(0));
    let refused = BidError::Amount(MoneyError::NotPositive);
    let placed = Bid::place(NewBid { amount: nothing, ..new_bid(None) }, &order, None, provider(), at(1));
    assert_eq!(placed.map(drop), Err(refused));
    let patch = BidPatch { amount: Some(nothing), ..BidPatch::default() };
    assert_eq!(sample::bid().edit(patch, &order, provider(), at(2)).map(drop), Err(refused));
    assert_eq!(sample::bid().counter(terms(0), &order, client(), at(2)).map(drop), Err(refused));
    assert_eq!(refused.field().as_deref(), Some("bid_amount"));
}

#[test]
fn after_the_deadline_nobody_speaks_for_a_bid() {
    let (order, late) = (sample::order(), sample::order().details.deadline);
    let (by, passed) = (provider(), "deadline_passed");
    let patch = BidPatch { amount: Some(usd(1)), ..BidPatch::default() };
    assert_eq!(reason(Bid::place(new_bid(None), &order, None, by, late)), passed);
    assert_eq!(reason(bid().edit(patch, &order, by, late)), passed);
    assert_eq!(reason(sample::bid_in(BidState::Changed).confirm(None, &order, by, late)), passed);
    assert_eq!(reason(sample::bid_in(BidState::Countered).accept_counter(&order, by, late)), passed);
    assert_eq!(reason(bid().counter(terms(1), &order, client(), late)), passed);
    assert!(sample::bid_in(BidState::Countered).reject_counter(&order, by, late).is_ok());
    assert!(bid().withdraw(&order, by, late).is_ok());
    assert!(bid().decline(&order, client(), late).is_ok());
}

#[test]
fn a_changed_order_asks_for_confirmation() {
    let mut bids = [bid()];
    let order = changed(&sample::order(), &mut bids, 2);
    let [mut bid] = bids;
    assert_eq!((bid.state, bid.revision, bid.updated_at), (BidState::Changed, 1, at(2)));
    assert_eq!(reason(bid.confirm(Some(1), &order, provider(), at(3))), "order_changed");
    let step = bid.confirm(Some(2), &order, provider(), at(3)).unwrap();
    assert_eq!((step.event.name(), step.offer), ("bid.confirmed", None));
    assert_eq!((bid.state, bid.revision), (BidState::Open, 2));
}

#[test]
fn only_what_is_told_anew_is_told() {
    let mut bids = [bid(), sample::bid_in(BidState::Countered), sample::bid_in(BidState::Withdrawn)];
    let mut order = changed(&sample::order(), &mut bids, 2);
    let states = bids.clone().map(|bid| bid.state);
    assert_eq!(states, [BidState::Changed, BidState::Countered, BidState::Withdrawn]);
    let patch = OrderPatch { budget: Some(usd(1)), ..OrderPatch::default() };
    let Edited { events, .. } = edit_order(&mut order, &mut bids, patch.clone(), client(), at(3)).unwrap();
    assert_eq!(events.len(), 1, "the bidder knows already");
    assert_eq!(edit_order(&mut order, &mut bids, patch, client(), at(4)), Ok(Edited::default()));
}

#[test]
fn an_edit_with_the_present_values() {
    let order = sample::order();
    let same = BidPatch { amount: Some(bid().amount), ..BidPatch::default() };
    let edit = |bid: &mut Bid, patch: &BidPatch| {
        let step = bid.edit(patch.clone(), &order, provider(), at(3)).unwrap();
        (step.is_some(), bid.state)
    };
    let (mut open, mut stale) = (bid(), sample::bid_in(BidState::Changed));
    assert_eq!(edit(&mut open, &same), (false, BidState::Open), "changes nothing while it is open");
    assert_eq!(edit(&mut stale, &BidPatch::default()), (false, BidState::Changed));
    assert_eq!(edit(&mut stale, &same), (true, BidState::Open), "but says that it holds");
}

#[test]
fn haggling_keeps_a_history() {
    let order = sample::order();
    let mut bid = bid();
    let counter = CounterTerms { proposed_deadline: Some(at(50)), ..terms(10_000) };
    let step = bid.counter(counter, &order, client(), at(2)).unwrap();
    let offer = step.offer.unwrap();
    assert_eq!((offer.author, offer.author_id, offer.amount), (Party::Client, sample::user(1), usd(10_000)));
    assert_eq!((bid.amount, bid.state), (usd(11_500), BidState::Countered), "the bidder's terms stay");
    drop(bid.counter(terms(10_500), &order, client(), at(3)).unwrap());
    assert_eq!(bid.counter.as_ref().map(|c| (c.terms.amount, c.created_at)), Some((usd(10_500), at(3))));
    let mut taken = bid.clone();
    drop(taken.accept_counter(&order, provider(), at(4)).unwrap());
    assert_eq!((taken.amount, taken.state, taken.counter), (usd(10_500), BidState::Open, None));
    let mut kept = bid.clone();
    drop(kept.reject_counter(&order, provider(), at(4)).unwrap());
    assert_eq!((kept.amount, kept.state, kept.counter), (usd(11_500), BidState::Open, None));
    let patch = BidPatch { amount: Some(usd(11_000)), ..BidPatch::default() };
    bid.edit(patch, &order, provider(), at(4)).unwrap();
    assert_eq!((bid.amount, bid.state, bid.counter), (usd(11_000), BidState::Open, None));
}

#[test]
fn a_counter_meets_a_changed_order() {
    let mut bids = [sample::bid_in(BidState::Countered), sample::bid_in(BidState::Countered)];
    let order = changed(&sample::order(), &mut bids, 2);
    let [mut rejected, mut accepted] = bids;
    drop(rejected.reject_counter(&order, provider(), at(3)).unwrap());
    assert_eq!((rejected.state, rejected.revision), (BidState::Changed, 1));
    drop(accepted.accept_counter(&order, provider(), at(3)).unwrap());
    assert_eq!((accepted.state, accepted.revision), (BidState::Open, 2));
}

#[test]
fn a_counter_that_lay_too_long() {
    let order = sample::order();
    let mut bid = bid();
    let counter = CounterTerms { proposed_deadline: Some(at(5)), ..terms(1) };
    drop(bid.counter(counter, &order, client(), at(2)).unwrap());
    assert_eq!(reason(bid.accept_counter(&order, provider(), at(5))), "deadline_passed");
}

#[test]
fn what_the_client_accepts_must_be_what_there_is() {
    let order = sample::order();
    let cases = [
        (None, None, true),
        (Some(11_500), None, true),
        (None, Some(1), true),
        (Some(11_500), Some(1), true),
        (Some(11_400), None, false),
        (None, Some(2), false),
        (Some(11_400), Some(1), false),
    ];
    for (amount, revision, fits) in cases {
        let expected = Expected { amount: amount.map(usd), revision };
        let result = bid().must_be_acceptable(expected, &order, client(), at(3));
        let changed = BidError::BidChanged { state: "open", amount: usd(11_500), revision: 1 };
        assert_eq!(result, if fits { Ok(()) } else { Err(changed) }, "{expected:?}");
    }
    let mut late = bid();
    late.proposed_deadline = Some(at(3));
    let result = late.must_be_acceptable(Expected::default(), &order, client(), at(3));
    assert_eq!(reason(result), "deadline_passed");
    let slipped = Order { revision: 2, ..order };
    let result = bid().must_be_acceptable(Expected::default(), &slipped, client(), at(3));
    assert_eq!(reason(result), "bid_unconfirmed", "the second line behind the state");
}

#[test]
fn no_bid_comes_back_to_life_past_its_own_deadline() {
    let amount = BidPatch { amount: Some(usd(1)), ..BidPatch::default() };
    let naming = |deadline| BidPatch { proposed_deadline: Some(deadline), ..amount.clone() };
    let over = || Some(BidError::ProposedDeadlinePassed { state: "changed" });
    // What the bidder does at hour 5 with a bid for hour 5, or for hour 6.
    type Act = Box<dyn Fn(&mut Bid, &Order) -> Result<(), BidError>>;
    let edit = |patch: BidPatch| -> Act {
        Box::new(move |bid, order| bid.edit(patch.clone(), order, provider(), at(5)).map(|_| ()))
    };
    let table: [(&str, Act, Option<BidError>, Option<BidError>); 6] = [
        (
            "confirm",
            Box::new(|bid, order| bid.confirm(None, order, provider(), at(5)).map(|_| ())),
            over(),
            None,
        ),
        ("another price", edit(amount.clone()), over(), None),
        (
            "the same deadline again",
            edit(naming(Some(at(5)))),
            Some(BidError::ProposedDeadlineNotInFuture),
            Some(BidError::ProposedDeadlineNotInFuture),
        ),
        ("a later one", edit(naming(Some(at(7)))), None, None),
        ("the order's", edit(naming(None)), None, None),
        ("nothing", edit(BidPatch::default()), None, None),
    ];
    for (act, carry_out, late, in_time) in table {
        for (deadline, expected) in [(at(5), late), (at(6), in_time)] {
            let (order, mut bid) = (sample::order(), sample::bid_in(BidState::Changed));
            bid.proposed_deadline = Some(deadline);
            assert_eq!(carry_out(&mut bid, &order).err(), expected, "{act}, {deadline}");
        }
    }
}

#[test]
fn nobody_awards_an_order_to_themselves() {
    let order = sample::order();
    let own = Bid { provider_id: order.client_id, ..bid() };
    let refused = Refusal::NotPermitted { object: "bid", command: "accept" };
    let result = own.must_be_acceptable(Expected::default(), &order, client(), at(3));
    assert_eq!(result, Err(refused.into()));
}

#[test]
fn the_client_has_five_days() {
    let order = sample::order();
    let mut bid = Bid::place(new_bid(None), &order, None, provider(), at(0)).unwrap().0;
    let mut dates = vec![bid.response_date()];
    let patch = BidPatch { amount: Some(usd(1)), ..BidPatch::default() };
    bid.edit(patch, &order, provider(), at(10)).unwrap();
    dates.push(bid.response_date());
    drop(bid.counter(terms(2), &order, client(), at(20)).unwrap());
    dates.push(bid.response_date());
    drop(bid.accept_counter(&order, provider(), at(30)).unwrap());
    dates.push(bid.response_date());
    bid.lose(&order, at(40)).unwrap();
    dates.push(bid.response_date());
    assert_eq!(dates, [at(120), at(130), at(20), at(150), at(40)]);
}

#[test]
fn the_coarse_words() {
    let expected = ["open", "unconfirmed", "unconfirmed", "accepted", "declined", "withdrawn"];
    for (state, status) in BidState::ALL.iter().zip(expected) {
        assert_eq!(state.status().as_str(), status, "{state}");
    }
}
