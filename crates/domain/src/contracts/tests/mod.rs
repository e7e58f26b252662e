//! What reaches over several files: the tables, an order from its posting to the payout, and random
//! walks against the books.

mod charge_backs;
mod ending;
mod flow;
mod proposals;
mod tables;
mod walks;
mod winding_up;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::actor::Issuer;
use crate::bidding::{Bid, Expected};
use crate::event::Fact;
use crate::ids::{ContractId, DepositId, MilestoneNumber};
use crate::money::{
    Account, Balances, BasisPoints, Currency, FeeRule, LedgerTransaction, Money, Outside, PayoutTo, movements,
};
use crate::orders::{MilestonePlan, MilestoneTitle, Order, PlannedMilestone};
use crate::sample::{at, client, day, order, usd, user};

pub(crate) fn number(number: i32) -> MilestoneNumber {
    MilestoneNumber::new(number).unwrap()
}

pub(crate) fn fees(provider: u16, client: u16) -> FeeRule {
    FeeRule { provider: BasisPoints::new(provider).unwrap(), client: BasisPoints::new(client).unwrap() }
}

/// A plan of milestones with these weights, due one day after the other.
fn plan(weights: &[Option<i64>]) -> MilestonePlan {
    let step = |(weight, days): (&Option<i64>, i64)| PlannedMilestone {
        title: MilestoneTitle::parse("Step").unwrap(),
        due_date: day(days),
        amount: weight.map(usd),
    };
    MilestonePlan::new(weights.iter().zip(1..).map(step).collect()).unwrap()
}

pub(crate) fn planned(weights: &[Option<i64>]) -> Order {
    let mut order = order();
    order.details.milestones = plan(weights);
    order
}

fn command(bid: &Bid, fees: FeeRule, available: i64) -> AwardCommand {
    AwardCommand {
        bid_id: bid.id,
        expected: Expected::default(),
        contract_id: ContractId::new(Uuid::from_u128(7)),
        fees,
        available: usd(available),
        bidder_may_enter: true,
    }
}

/// An order that is awarded to user 2 at `price`, and paid for if `available` covers it.
pub(crate) fn awarded(
    mut order: Order,
    price: i64,
    fees: FeeRule,
    available: i64,
) -> (Order, Contract, Outcome) {
    let mut bids = [crate::sample::bid()];
    bids[0].amount = usd(price);
    let command = command(&bids[0], fees, available);
    let awarded = award(&mut order, &mut bids, command, client(), at(2)).unwrap();
    (order, awarded.contract, awarded.outcome)
}

pub(crate) fn names(outcome: &Outcome) -> Vec<&'static str> {
    outcome.events.iter().map(Fact::name).collect()
}

/// Books in which user 1 has paid in so much.
pub(crate) fn books(paid_in: i64) -> Balances {
    let mut books = Balances::default();
    let id = DepositId::new(Uuid::from_u128(1));
    if paid_in > 0 {
        books.book(&movements::deposit(id, user(1), Outside::Sandbox, usd(paid_in)).unwrap()).unwrap();
    }
    books
}

pub(crate) fn book(books: &mut Balances, transactions: &[LedgerTransaction]) {
    for transaction in transactions {
        books.book(transaction).unwrap();
    }
}

pub(crate) fn balance(books: &Balances, account: Account) -> i64 {
    i64::try_from(books.of(account, Currency::Usd)).unwrap()
}

pub(crate) fn wallet(books: &Balances, id: u128) -> i64 {
    balance(books, Account::UserAvailable(user(id)))
}

fn reason<T: std::fmt::Debug>(result: Result<T, ContractError>) -> &'static str {
    result.unwrap_err().conflict().map_or("no conflict", |conflict| conflict.reason)
}

fn message(text: &str) -> ChangesMessage {
    ChangesMessage::parse(text).unwrap()
}

pub(crate) fn why() -> DisputeReason {
    DisputeReason::parse("not what was agreed").unwrap()
}

/// One command on the milestones of a contract, as anybody may try to issue it. What is released rests
/// for a moment.
fn issue(
    (order, contract): (&mut Order, &mut Contract),
    command: MilestoneCommand,
    number: MilestoneNumber,
    to_provider: Money,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Vec<LedgerTransaction>, ContractError> {
    let to = PayoutTo::Clearing { until: now };
    let outcome = match command {
        MilestoneCommand::Plan | MilestoneCommand::Fund => {
            return Err(MILESTONE_MACHINE.refuse(contract.milestone(number)?.state, command).into());
        }
        MilestoneCommand::Start => return contract.start(number, by, now).map(|_| vec![]),
        MilestoneCommand::Submit => {
            return contract.submit(number, None, AutoReleasePeriod::default(), by, now).map(|_| vec![]);
        }
        MilestoneCommand::RequestChanges => {
            return contract.request_changes(number, message("again"), by, now).map(|_| vec![]);
        }
        MilestoneCommand::Remind => return contract.remind(number, by, now).map(|_| vec![]),
        MilestoneCommand::Clear => clear_payment(contract, number, by, now)?,
        MilestoneCommand::Approve => approve(order, contract, number, to, by, now)?,
        MilestoneCommand::AutoRelease => auto_release(order, contract, number, to, by, now)?,
        MilestoneCommand::Refund => refund_milestone(order, contract, number, by, now)?,
        MilestoneCommand::Divide | MilestoneCommand::GiveBack => {
            contract.next_of(number, command, by)?;
            let least = i64::from(command == MilestoneCommand::Divide);
            let most = if least == 0 { usd(0) } else { to_provider };
            let share = usd(most.minor().max(least));
            super::agreement::divide(order, contract, (number, share), to, by, now)?
        }
        MilestoneCommand::Return => {
            contract.next_of(number, command, by)?;
            let amount = contract.milestone(number)?.kept()?.at_most(to_provider)?;
            give_back(contract, (number, amount), usd(i64::MAX), by, now)?
        }
        MilestoneCommand::ChargeBack => {
            super::charge_back::take(order, contract, (number, to_provider), by, now)?.0
        }
        MilestoneCommand::Dispute => open_dispute(contract, number, why(), by, now)?,
        MilestoneCommand::DecideForProvider | MilestoneCommand::DecideForClient => {
            decide_dispute(order, contract, (number, to_provider), to, (Resolver::Administrator, by), now)?
        }
    };
    Ok(outcome.transactions)
}
