//! `cargo bench --package domain`: what the rules cost that most commands go through. They take microseconds where
//! a transaction takes milliseconds, and this is here to see that it stays so.
#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "a measurement: a broken premise should stop it at once"
)]

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use domain::actor::Issuer;
use domain::bidding::{Bid, BidMessage, Expected, NewBid};
use domain::contracts::{AutoReleasePeriod, AwardCommand, Awarded, Contract, approve, award, fund};
use domain::files::FileList;
use domain::identity::Role;
use domain::ids::{BidId, ChatId, ContractId, MessageId, MilestoneNumber, OrderId, UserId};
use domain::messaging::{Chat, Mark, Member, MessageContent, MessageText, NewMessage};
use domain::money::{BasisPoints, Currency, FeeRule, Money, PayoutTo, split_in_proportion};
use domain::orders::{
    Description, MilestonePlan, MilestoneTitle, NewOrder, Order, OrderDetails, OrderType, PlannedMilestone,
    Posted, Subject, Title,
};
use domain::profiles::{Achievement, Figures, rank};
use domain::search::words;
use uuid::Uuid;

const CLIENT: UserId = UserId::new(Uuid::from_u128(1));
const PROVIDER: UserId = UserId::new(Uuid::from_u128(2));
const STEPS: i32 = 5;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).expect("a time")
}

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).expect("an amount")
}

const fn client() -> Issuer {
    Issuer::Person { user_id: CLIENT, role: Role::Client }
}

const fn provider() -> Issuer {
    Issuer::Person { user_id: PROVIDER, role: Role::Writer }
}

fn order() -> Order {
    let step = |number: i32| PlannedMilestone {
        title: MilestoneTitle::parse(&format!("Chapter {number}")).expect("a title"),
        due_date: now() + TimeDelta::days(number.into()),
        amount: Some(usd(10_000)),
    };
    let details = OrderDetails {
        title: Title::parse("Research Paper on Climate Change").expect("a title"),
        subject: Subject::parse("Environmental Science").expect("a subject"),
        order_type: OrderType::parse("Research Paper").expect("a kind"),
        pages: None,
        deadline: now() + TimeDelta::days(30),
        budget: usd(50_000),
        description: Description::parse("Comprehensive analysis of impacts and policies").expect("words"),
        requirements: None,
        detailed_requirements: Vec::new(),
        specifications: None,
        milestones: MilestonePlan::new((1..=STEPS).map(step).collect()).expect("a plan"),
    };
    let id = OrderId::new(1).expect("a number");
    let Posted { order, .. } =
        Order::post(NewOrder { id, details, invited: Vec::new() }, client(), now()).expect("it is posted");
    order
}

fn new_bid() -> NewBid {
    NewBid {
        id: BidId::new(1).expect("a number"),
        amount: usd(48_001),
        proposed_deadline: None,
        message: BidMessage::parse("Five years of experience in this field").expect("words"),
    }
}

fn placed(order: &Order) -> Bid {
    Bid::place(new_bid(), order, None, provider(), now()).expect("it is placed").0
}

fn fees() -> FeeRule {
    let share = |points| BasisPoints::new(points).expect("a share");
    FeeRule { provider: share(1_000), client: share(250) }
}

fn awarded() -> (Order, Contract) {
    let mut order = order();
    let mut bids = [placed(&order)];
    let command = AwardCommand {
        bid_id: bids[0].id,
        expected: Expected::default(),
        contract_id: ContractId::new(Uuid::from_u128(3)),
        fees: fees(),
        available: usd(0),
        bidder_may_enter: true,
    };
    let Awarded { contract, .. } =
        award(&mut order, &mut bids, command, client(), now()).expect("it is awarded");
    (order, contract)
}

fn funded() -> (Order, Contract) {
    let (mut order, mut contract) = awarded();
    drop(fund(&mut order, &mut contract, usd(1_000_000), client(), now()).expect("it is funded"));
    (order, contract)
}

fn handed_in() -> (Order, Contract) {
    let (order, mut contract) = funded();
    let (first, period) = (MilestoneNumber::new(1).expect("a number"), AutoReleasePeriod::default());
    drop(contract.submit(first, None, period, provider(), now()).expect("it is handed in"));
    (order, contract)
}

fn market(criterion: &mut Criterion) {
    let open = order();
    criterion.bench_function("a bid is placed", |bencher| {
        let place = |new| Bid::place(new, black_box(&open), None, provider(), now());
        bencher.iter_batched(new_bid, place, BatchSize::SmallInput);
    });
    criterion.bench_function("an order in five steps is awarded", |bencher| bencher.iter(awarded));
    criterion.bench_function("a contract is funded", |bencher| {
        let pay = |(mut order, mut contract): (Order, Contract)| {
            fund(&mut order, &mut contract, usd(1_000_000), client(), now())
        };
        bencher.iter_batched(awarded, pay, BatchSize::SmallInput);
    });
    criterion.bench_function("a milestone is approved and paid out", |bencher| {
        let first = MilestoneNumber::new(1).expect("a number");
        let release = |(mut order, mut contract): (Order, Contract)| {
            approve(&mut order, &mut contract, first, PayoutTo::Available, client(), now())
        };
        bencher.iter_batched(handed_in, release, BatchSize::SmallInput);
    });
    let weights: Vec<Money> = (1..=50).map(|part| usd(part * 7)).collect();
    criterion.bench_function("a price is split over fifty milestones", |bencher| {
        bencher.iter(|| split_in_proportion(black_box(usd(99_999_999)), black_box(&weights)));
    });
}

fn chat() -> Chat {
    let last = Mark { message_id: MessageId::new(Uuid::from_u128(4)), seq: 14, from_provider: 9 };
    Chat {
        id: ChatId::new(Uuid::from_u128(5)),
        order_id: OrderId::new(1).expect("a number"),
        client_id: CLIENT,
        provider_id: PROVIDER,
        client: Member { read_seq: 9, unread: 3 },
        provider: Member { read_seq: 14, unread: 0 },
        last,
        created_at: now(),
        updated_at: now(),
    }
}

fn people(criterion: &mut Criterion) {
    criterion.bench_function("a message is sent", |bencher| {
        let message = || {
            let text = MessageText::parse("Yes, I will send the first draft by 5 PM tomorrow, with sources.");
            let content = MessageContent::new(text.ok(), FileList::default()).expect("words");
            (chat(), NewMessage { id: MessageId::new(Uuid::from_u128(6)), content })
        };
        let send = |(mut chat, new): (Chat, NewMessage)| chat.send(new, provider(), true, now());
        bencher.iter_batched(message, send, BatchSize::SmallInput);
    });
    let texts = ["Research Paper on Climate Change", "Environmental Science", "Ozeanpolitik für Anfänger"];
    criterion.bench_function("the words of an order are found", |bencher| {
        bencher.iter(|| words(black_box(texts)));
    });
    let achievements: Vec<Achievement> = (0..10_000_u32).map(achievement).collect();
    criterion.bench_function("ten thousand providers are ranked", |bencher| {
        bencher.iter_batched(|| achievements.clone(), rank, BatchSize::LargeInput);
    });
}

fn achievement(number: u32) -> Achievement {
    let some = number.wrapping_mul(2_654_435_761);
    let figures = Figures {
        orders_posted: 0,
        orders_total: 40,
        orders_completed: some % 40,
        orders_cancelled: 0,
        rating_sum: some % 160,
        rating_count: 40,
    };
    Achievement {
        user_id: UserId::new(Uuid::from_u128(u128::from(some))),
        orders_completed: 1 + some % 40,
        total_earned: usd(i64::from(some % 1_000_000)),
        figures,
    }
}

criterion_group!(benches, market, people);
criterion_main!(benches);
