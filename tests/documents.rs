//! The documents that are drawn from the code: state diagrams, and the examples of the page about
//! money. What is committed is what the code says; `make docs` draws them anew.

use std::fmt::Write as _;

use chrono::DateTime;
use domain::actor::Issuer;
use domain::contracts::ContractState;
use domain::identity::Role;
use domain::ids::{
    BonusId, ChargebackId, ContractId, DebtSettlementId, DepositId, MilestoneNumber, OrderId, UserId,
    WithdrawalId,
};
use domain::machine::{Table, TableRow, tables};
use domain::money::{
    Account, BasisPoints, Chargeback, ChargebackReason, ContractParties, Currency, Deposit, DepositState,
    Escrow, FeeRule, LedgerTransaction, Money, NewChargeback, Outside, PayoutMethod, PayoutTo, Purse,
    Released, movements, settle_debt,
};
use uuid::Uuid;

const DIAGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/state-machines.md");
const MONEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/money.md");

/// Compares what is committed with what the code says, or writes the latter down.
pub(crate) fn must_be_current(path: &str, drawn: &str) {
    if std::env::var_os("DRAW_DOCUMENTS").is_some() {
        std::fs::write(path, drawn).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == drawn, "{path} is out of date: run `make docs` and commit it");
}

#[test]
fn the_state_diagrams_are_current() {
    let mut page = String::from(
        "# State machines\n\n\
         Drawn by `make docs` from the tables that the program runs (`domain/src/machine.rs`); a test compares them.\n\
         The server shows the same tables at `GET /api/v1/meta/state-machines`. What stands in no table is refused:\n\
         409 with the reason `invalid_transition`, or the sharper one named below.\n",
    );
    for table in tables() {
        page.push_str(&drawn(&table));
    }
    must_be_current(DIAGRAMS, &page);
}

fn drawn(table: &Table) -> String {
    let Table { object, states, rows, refusals } = table;
    let mut page = format!("\n## `{object}`\n\n```mermaid\nstateDiagram-v2\n");
    for row in rows {
        let TableRow { from, command, who, to, .. } = row;
        writeln!(page, "    {} --> {to}: {command} ({})", from.unwrap_or("[*]"), who.join(", ")).unwrap();
    }
    for last in states.iter().filter(|state| rows.iter().all(|row| row.from != Some(**state))) {
        writeln!(page, "    {last} --> [*]").unwrap();
    }
    page.push_str("```\n\n| from | command | who | if | to | then |\n|---|---|---|---|---|---|\n");
    for TableRow { from, command, who, guard, to, effect } in rows {
        let (from, who) = (from.unwrap_or("–"), who.join(", "));
        writeln!(page, "| {from} | {command} | {who} | {guard} | {to} | {effect} |").unwrap();
    }
    if !refusals.is_empty() {
        page.push_str("\n| in this state | this command | is refused for this reason |\n|---|---|---|\n");
        for refusal in refusals {
            writeln!(page, "| {} | {} | `{}` |", refusal.state, refusal.command, refusal.reason).unwrap();
        }
    }
    page
}

const CLIENT: UserId = UserId::new(Uuid::from_u128(1));
const PROVIDER: UserId = UserId::new(Uuid::from_u128(2));
const CONTRACT: ContractId = ContractId::new(Uuid::from_u128(3));

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

/// An account in the words of the page.
fn account(account: Account) -> String {
    let whose = |user: UserId| if user == CLIENT { "client" } else { "provider" };
    match account {
        Account::World(outside) => format!("world: {outside}"),
        Account::UserAvailable(user) => format!("{}: available", whose(user)),
        Account::UserClearing(user) => format!("{}: clearing", whose(user)),
        Account::UserWithdrawing(user) => format!("{}: withdrawing", whose(user)),
        Account::UserDebt(user) => format!("{}: debt", whose(user)),
        Account::ContractEscrow(_) => "contract: escrow".to_owned(),
        Account::ContractDisputed(_) => "contract: disputed".to_owned(),
        Account::PlatformFees => "platform: fees".to_owned(),
        Account::PlatformLosses => "platform: losses".to_owned(),
    }
}

fn postings(transaction: &LedgerTransaction) -> String {
    let mut table = String::from("| account | debit | credit | what it is |\n|---|---:|---:|---|\n");
    let reference = transaction.reference().to_string();
    for posting in transaction.postings() {
        let amount = usd(posting.minor.abs());
        let (debit, credit) = if posting.minor < 0 {
            (amount.to_string(), String::new())
        } else {
            (String::new(), amount.to_string())
        };
        let what = posting.purpose.describe(&reference);
        writeln!(table, "| {} | {debit} | {credit} | {what} |", account(posting.account)).unwrap();
    }
    table
}

/// The movements of the page's example, by the names of their places.
fn examples() -> Vec<(&'static str, LedgerTransaction)> {
    let order_id = OrderId::new(95).unwrap();
    let parties =
        ContractParties { contract_id: CONTRACT, order_id, client_id: CLIENT, provider_id: PROVIDER };
    let fees = FeeRule { provider: BasisPoints::new(1_000).unwrap(), client: BasisPoints::new(300).unwrap() };
    let (first, second, third) = (1, 2, 3);
    let number = |number| MilestoneNumber::new(number).unwrap();
    let mut escrow = Escrow::new(usd(10_001), fees);
    let deposit = DepositId::new(Uuid::from_u128(4));
    let withdrawal = WithdrawalId::new(42).unwrap();
    let mut examples = vec![
        ("deposit", movements::deposit(deposit, CLIENT, Outside::Stripe, usd(15_000)).unwrap()),
        ("fund", movements::fund(&parties, escrow.price, escrow.client_fee()).unwrap()),
    ];
    escrow.fund();
    for (name, milestone, amount) in [("release-1", first, 3_333), ("release-2", second, 3_333)] {
        let released = escrow.release(usd(amount)).unwrap();
        let transaction = movements::release(&parties, number(milestone), released, PayoutTo::Available);
        examples.push((name, transaction.unwrap()));
    }
    let frozen = movements::dispute_opened(&parties, number(third), usd(3_335)).unwrap();
    examples.push(("dispute", frozen));
    escrow.freeze(usd(3_335)).unwrap();
    let decided = escrow.decide(usd(3_335), usd(2_000)).unwrap();
    let decision = movements::dispute_decided(&parties, number(third), decided, PayoutTo::Available);
    examples.push(("decision", decision.unwrap()));
    assert_eq!(escrow.held().unwrap(), usd(0), "the example ends with nothing in escrow");
    let released = Released { gross: usd(3_333), provider_fee: usd(333), client_fee: usd(100) };
    let to = PayoutTo::Clearing { until: DateTime::UNIX_EPOCH };
    let net = released.net().unwrap();
    let bonus = BonusId::new(Uuid::from_u128(5));
    let bank = PayoutMethod::BankTransfer;
    let missing = usd(5_000);
    let mut all_released = Escrow::new(usd(10_001), fees);
    all_released.fund();
    let resting = all_released.release(all_released.price).unwrap().net().unwrap();
    let enough = all_released.returnable(all_released.price, resting, missing).unwrap();
    let back = all_released.give_back(enough).unwrap();
    assert_eq!(back.to_client(), Ok(missing));
    let from_resting = movements::give_back(&parties, (number(first), 1), back, resting);
    examples.extend([
        ("chargeback-resting", from_resting.unwrap()),
        ("resting", movements::release(&parties, number(first), released, to).unwrap()),
        ("cleared", movements::clearance_over(&parties, number(first), net).unwrap()),
        ("bonus", movements::bonus(bonus, &parties, usd(2_500), fees.provider).unwrap()),
        ("withdrawal", movements::withdrawal_requested(withdrawal, PROVIDER, usd(5_000), bank).unwrap()),
        ("paid", movements::withdrawal_paid(withdrawal, PROVIDER, usd(5_000), bank).unwrap()),
        ("returned", movements::withdrawal_returned(withdrawal, PROVIDER, usd(5_000)).unwrap()),
    ]);
    examples.extend(chargebacks(deposit));
    examples
}

/// The client's bank takes 150.00 back, of which 110.00 are there; 20.00 come in; and the bank thinks again.
fn chargebacks(id: DepositId) -> Vec<(&'static str, LedgerTransaction)> {
    let admin = Issuer::Person { user_id: UserId::new(Uuid::from_u128(9)), role: Role::Admin };
    let (now, amount) = (chrono::DateTime::UNIX_EPOCH, usd(15_000));
    let deposit = Deposit {
        id,
        user_id: CLIENT,
        amount,
        outside: Outside::Stripe,
        state: DepositState::Completed,
        created_at: now,
        completed_at: Some(now),
        version: 0,
    };
    let reason = ChargebackReason::parse("Reported as fraudulent").unwrap();
    let new = NewChargeback { id: ChargebackId::new(Uuid::from_u128(5)), reason, debt_limit: usd(3_000) };
    let purse = |available, owed| Purse { available: usd(available), owed: usd(owed) };
    let received = Chargeback::receive(new, &deposit, None, (usd(0), purse(11_000, 0)), admin, now);
    let (mut chargeback, taken) = received.unwrap();
    let settlement = DebtSettlementId::new(Uuid::from_u128(6));
    let (settled, _) = settle_debt(settlement, CLIENT, purse(2_000, 3_000), Issuer::System).unwrap().unwrap();
    let won = chargeback.win(usd(1_000), admin, now).unwrap();
    vec![
        ("chargeback", taken.transaction.unwrap()),
        ("debt-settled", settled),
        ("chargeback-won", won.transaction.unwrap()),
    ]
}

#[test]
fn the_examples_of_the_page_about_money_are_current() {
    let mut page = std::fs::read_to_string(MONEY).expect("docs/money.md");
    for (name, transaction) in examples() {
        let begin = format!("<!-- drawn: {name} -->\n");
        let (before, rest) =
            page.split_once(&begin).unwrap_or_else(|| panic!("{name} has no place on the page"));
        let (_, after) = rest.split_once("<!-- end -->").expect("an end");
        page = format!("{before}{begin}{}<!-- end -->{after}", postings(&transaction));
    }
    must_be_current(MONEY, &page);
}

#[test]
fn the_page_about_money_speaks_of_every_state_of_a_contract() {
    let page = std::fs::read_to_string(MONEY).expect("docs/money.md");
    for state in ContractState::ALL {
        assert!(page.contains(&format!("`{state}`")), "{state}");
    }
}
