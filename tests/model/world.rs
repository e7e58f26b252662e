//! The same commands, issued to the program's use cases over a real PostgreSQL.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapter_memory::{
    ManualClock, PlainAccessTokens, PlainDownloadSigner, PlainFieldCipher, PlainHasher, PlainRefreshTokens,
};
use adapter_postgres::verify::verify_books;
use adapter_postgres::{Database, PoolConfig};
use adapter_security::system::TimeOrderedIds;
use chrono::TimeDelta;
use domain::actor::Actor;
use domain::bidding::{BidMessage, Expected};
use domain::contracts::{AutoReleasePeriod, ChangesMessage, ClearancePeriod, Clocks, DisputeReason};
use domain::disputes::DecisionReason;
use domain::identity::{EmailAddress, FullName, NewPassword, Role};
use domain::ids::{DisputeId, MilestoneNumber, OrderId, SessionId, UserId, WithdrawalId};
use domain::money::{BasisPoints, Currency, FeeRule, Money, Outside, PayIn, PayoutAccount, PayoutMethod};
use domain::orders::{
    Description, MilestonePlan, MilestoneTitle, OrderDetails, OrderType, PlannedMilestone, Subject, Title,
};
use ports::environment::Clock;
use ports::idempotency::StoredAnswer;
use ports::money::MoneyQueries;
use ports::orders::OrderQueries;
use ports::store::Store;
use test_cluster::{Role as DatabaseRole, TestDatabase};
use usecases::bidding::{AcceptBid, BidTerms, PlaceBid};
use usecases::contracts::{
    ApproveMilestone, ClearPayments, FundOrder, GiveBonus, HandedIn, RefundMilestone, ReleaseMilestones,
    RequestChanges, SubmitMilestone,
};
use usecases::desk::Desk;
use usecases::disputes::{
    AcceptSplit, DecideDispute, DisputeRequest, EscalateDispute, ExpireDisputes, OfferSplit, OpenDispute,
    RejectSplit,
};
use usecases::error::UseCaseError;
use usecases::files::{Pass, PassOffice};
use usecases::idempotency::{Answered, Once};
use usecases::identity::{AdminOutcome, CreateAdmin, NewAdmin, Register, Registration, TokenIssuer};
use usecases::money::{CancelWithdrawal, OpenDeposit, RejectWithdrawal, RequestWithdrawal};
use usecases::orders::{CancelOrder, MilestoneMove, PostOrder, ReportWork, WorkReport};
use usecases::recorder::Recorder;

use super::books::{Command, InDispute, Outcome, Terms, Wallet, Who};

const PASSWORD: &str = "correct horse battery";

/// A database with time in the test's hands; many cases are played on it, one after the other.
pub(super) struct World {
    database: Database,
    clock: Arc<ManualClock>,
    desk: Desk,
    people: AtomicUsize,
    issuer: TokenIssuer,
    admin: Actor,
    own: TestDatabase,
}

/// One order with its people.
pub(super) struct Case<'a> {
    world: &'a World,
    desk: Desk,
    people: [Actor; 5],
    order: OrderId,
    withdrawals: Vec<WithdrawalId>,
    /// By step.
    disputes: [Option<DisputeId>; 4],
}

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

fn once<T: Debug>() -> Once<T> {
    Once { key: None, render: |value| Ok(StoredAnswer { status: 200, body: format!("{value:?}") }) }
}

fn done<T: Debug>(answered: Result<Answered<T>, UseCaseError>) -> T {
    match answered {
        Ok(Answered::Now(done)) => done,
        other => panic!("{other:?}"),
    }
}

fn kind<T: Debug>(outcome: &Result<T, UseCaseError>) -> Outcome {
    match outcome {
        Ok(_) => Outcome::Done,
        Err(UseCaseError::Invalid { .. }) => Outcome::Invalid,
        Err(UseCaseError::PaymentRequired { .. }) => Outcome::PaymentRequired,
        Err(UseCaseError::Forbidden) => Outcome::Forbidden,
        Err(UseCaseError::NotFound) => Outcome::NotFound,
        Err(UseCaseError::Conflict { .. }) => Outcome::Conflict,
        Err(UseCaseError::Unprocessable { .. }) => Outcome::Impossible,
        Err(other) => panic!("{other:?}"),
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let own = TestDatabase::migrated().await;
        let config = PoolConfig {
            url: own.url(DatabaseRole::App).into(),
            size: 2,
            readers: 2,
            wait: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(30),
            idle_in_transaction_timeout: Duration::from_secs(60),
            application_name: "model".to_owned(),
        };
        let runtime = tokio::runtime::Handle::current();
        let database = Database::connect(config, Arc::new(PlainFieldCipher), &runtime).unwrap();
        let clock = Arc::new(ManualClock::default());
        let recorder = Recorder { clock: clock.clone(), ids: Arc::new(TimeOrderedIds) };
        let passes = PassOffice {
            clock: clock.clone(),
            signer: Arc::new(PlainDownloadSigner),
            link: Arc::new(|_: &Pass| "nobody follows it".to_owned()),
        };
        let store: Arc<dyn Store> = Arc::new(database.clone());
        let issuer = TokenIssuer {
            clock: clock.clone(),
            ids: Arc::new(TimeOrderedIds),
            access: Arc::<PlainAccessTokens>::default(),
            refresh: Arc::<PlainRefreshTokens>::default(),
        };
        let admin = administrator(&database, &issuer).await;
        let desk = Desk { store, recorder, passes, clocks: Clocks::default() };
        Self { database, clock, desk, people: AtomicUsize::new(0), issuer, admin, own }
    }

    async fn person(&self, role: Role) -> Actor {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let email = EmailAddress::parse(&format!("person{number}@example.com")).unwrap();
        let registration = Registration {
            password: NewPassword::parse(PASSWORD, &email).unwrap(),
            email,
            full_name: FullName::parse("Test Person").unwrap(),
            role,
            phone: None,
        };
        let (store, issuer) = (Arc::clone(&self.desk.store), self.issuer.clone());
        let register = Register { store, hasher: Arc::new(PlainHasher::default()), issuer };
        actor(register.execute(registration).await.unwrap().user.id, role)
    }

    /// An order that is awarded and not paid for, and what its steps cost.
    pub(super) async fn case(&self, terms: &Terms) -> (Case<'_>, Vec<i64>) {
        let rate = |basis_points| BasisPoints::new(basis_points).unwrap();
        let fees = FeeRule { provider: rate(terms.provider_bps), client: rate(terms.client_bps) };
        let clocks = Clocks {
            auto_release: AutoReleasePeriod::days(terms.release_days).unwrap(),
            clearance: ClearancePeriod::days(terms.clearance_days).unwrap(),
        };
        let desk = Desk { clocks, ..self.desk.clone() };
        let people = [
            self.person(Role::Client).await,
            self.person(Role::Writer).await,
            self.person(Role::Client).await,
            self.person(Role::Freelancer).await,
            self.admin,
        ];
        let [client, provider, ..] = &people;
        let post = PostOrder(desk.clone());
        let order = done(post.execute(client, self.details(terms), vec![], &once()).await).card.id;
        let offer = BidTerms {
            amount: usd(terms.price),
            proposed_deadline: None,
            message: BidMessage::parse("I can do it").unwrap(),
        };
        let bid = done(PlaceBid(desk.clone()).execute(provider, order, offer, &once()).await).id;
        let accept = AcceptBid { desk: desk.clone(), fees };
        let accepted = done(accept.execute(client, bid, Expected::default(), &once()).await);
        let amounts = accepted.order.milestones.iter().map(|step| step.amount.unwrap().minor()).collect();
        (Case { world: self, desk, people, order, withdrawals: vec![], disputes: [None; 4] }, amounts)
    }

    fn details(&self, terms: &Terms) -> OrderDetails {
        let due = |days| self.clock.now() + TimeDelta::days(days);
        let step = |days| PlannedMilestone {
            title: MilestoneTitle::parse("Step").unwrap(),
            due_date: due(days),
            amount: None,
        };
        let steps = (1..).take(terms.steps).map(step).collect();
        OrderDetails {
            title: Title::parse("Research Paper").unwrap(),
            subject: Subject::parse("Science").unwrap(),
            order_type: OrderType::parse("Research Paper").unwrap(),
            pages: None,
            deadline: due(30),
            budget: usd(12_000),
            description: Description::parse("Comprehensive analysis").unwrap(),
            requirements: None,
            detailed_requirements: vec![],
            specifications: None,
            milestones: MilestonePlan::new(steps).unwrap(),
        }
    }

    /// Everything that `guildhall ledger verify` looks at.
    pub(super) async fn must_add_up(&self) {
        let reports = verify_books(&self.own.url(DatabaseRole::Owner).into()).await.unwrap();
        let broken: Vec<_> = reports.iter().filter(|report| report.offending > 0).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

async fn administrator(database: &Database, issuer: &TokenIssuer) -> Actor {
    let store = Arc::new(database.clone());
    let email = EmailAddress::parse("root@example.com").unwrap();
    let password = NewPassword::parse(PASSWORD, &email).unwrap();
    let (hasher, issuer) = (Arc::new(PlainHasher::default()), issuer.clone());
    let create = CreateAdmin { store: store.clone(), accounts: store, hasher, issuer };
    let new = NewAdmin { email, password, full_name: FullName::parse("The Operator").unwrap() };
    match create.execute(new).await.unwrap() {
        AdminOutcome::Created(id) => actor(id, Role::Admin),
        other @ (AdminOutcome::AlreadyThere(_) | AdminOutcome::OtherRole(_) | AdminOutcome::NotNeeded) => {
            panic!("{other:?}")
        }
    }
}

fn actor(user_id: UserId, role: Role) -> Actor {
    Actor { user_id, session_id: SessionId::new(uuid::Uuid::nil()), role }
}

/// A milestone's number; one that no order here has where it is not there.
fn number(step: usize) -> MilestoneNumber {
    MilestoneNumber::all().nth(step).unwrap()
}

impl Case<'_> {
    pub(super) async fn issue(&mut self, who: Who, command: Command) -> Outcome {
        let (by, id, desk) = (&self.people[who as usize], self.order, self.desk.clone());
        let (store, recorder) = (Arc::clone(&desk.store), desk.recorder.clone());
        match command {
            Command::PayIn { minor } => {
                let open = OpenDeposit { store, recorder, ways: PayIn { sandbox: true } };
                kind(&open.execute(by, usd(minor), Outside::Sandbox, &once()).await)
            }
            Command::Fund => kind(&FundOrder(desk).execute(by, id, &once()).await),
            Command::Cancel => kind(&CancelOrder(desk).execute(by, id, &once()).await),
            Command::Start { step } => {
                let milestone = Some((number(step), MilestoneMove::Start));
                let report = WorkReport { milestone, ..WorkReport::default() };
                kind(&ReportWork(desk).execute(by, id, report, &once()).await)
            }
            Command::Submit { step } => {
                let submit = SubmitMilestone(desk);
                kind(&submit.execute(by, id, number(step), HandedIn::default(), &once()).await)
            }
            Command::RequestChanges { step } => {
                let message = ChangesMessage::parse("once more").unwrap();
                kind(&RequestChanges(desk).execute(by, id, number(step), message, &once()).await)
            }
            Command::Approve { step } => {
                kind(&ApproveMilestone(desk).execute(by, id, number(step), &once()).await)
            }
            Command::Refund { step } => {
                kind(&RefundMilestone(desk).execute(by, id, number(step), &once()).await)
            }
            Command::InDispute { step, command } => self.issue_in_dispute(who, step, command).await,
            Command::GiveBonus { minor } => {
                kind(&GiveBonus(desk).execute(by, id, (usd(minor), None), &once()).await)
            }
            Command::Withdraw { minor } => {
                let account = PayoutAccount::new(PayoutMethod::PayPal, |_| Some("a@example.com")).unwrap();
                let request = RequestWithdrawal { store, recorder };
                let outcome = request.execute(by, usd(minor), account, &once()).await;
                if let Ok(Answered::Now(withdrawal)) = &outcome {
                    self.withdrawals.push(withdrawal.id);
                }
                kind(&outcome)
            }
            Command::TakeBack { withdrawal } => {
                let id = self.withdrawal(withdrawal);
                kind(&CancelWithdrawal { store, recorder }.execute(by, id, &once()).await)
            }
            Command::Reject { withdrawal } => {
                let id = self.withdrawal(withdrawal);
                let reason = domain::money::RejectionReason::parse("no").unwrap();
                kind(&RejectWithdrawal { store, recorder }.execute(by, id, reason, &once()).await)
            }
            Command::Wait { days } => {
                self.world.clock.advance(TimeDelta::days(days));
                let due = Arc::new(self.world.database.clone());
                ReleaseMilestones { desk: desk.clone(), due: due.clone() }.execute().await.unwrap();
                ExpireDisputes { desk: desk.clone(), disputes: due.clone() }.execute().await.unwrap();
                ClearPayments { desk, due }.execute().await.unwrap();
                Outcome::Done
            }
        }
    }

    async fn issue_in_dispute(&mut self, who: Who, step: usize, command: InDispute) -> Outcome {
        let (by, id, desk) = (&self.people[who as usize], self.order, self.desk.clone());
        match command {
            InDispute::Open { minor } => {
                let reason = DisputeReason::parse("It is not done").unwrap();
                let request =
                    DisputeRequest { order_id: id, milestone: number(step), reason, to_provider: usd(minor) };
                let outcome = OpenDispute(desk).execute(by, request, &once()).await;
                if let Ok(Answered::Now(view)) = &outcome {
                    self.disputes[step] = Some(view.dispute.id);
                }
                kind(&outcome)
            }
            InDispute::Offer { minor } => {
                kind(&OfferSplit(desk).execute(by, self.dispute(step), (usd(minor), None), &once()).await)
            }
            InDispute::AcceptOffer { offer } => {
                let offer = i32::try_from(offer).unwrap() + 1;
                kind(&AcceptSplit(desk).execute(by, self.dispute(step), offer, &once()).await)
            }
            InDispute::RejectOffer { offer } => {
                let offer = i32::try_from(offer).unwrap() + 1;
                kind(&RejectSplit(desk).execute(by, self.dispute(step), offer, &once()).await)
            }
            InDispute::Escalate => {
                kind(&EscalateDispute(desk).execute(by, self.dispute(step), &once()).await)
            }
            InDispute::Decide { minor } => {
                let decision = (usd(minor), DecisionReason::parse("So it is").unwrap());
                kind(&DecideDispute(desk).execute(by, self.dispute(step), decision, &once()).await)
            }
        }
    }

    /// One that nobody has opened where it is not there.
    fn dispute(&self, step: usize) -> DisputeId {
        self.disputes[step].unwrap_or_else(|| DisputeId::new(uuid::Uuid::nil()))
    }

    /// One that nobody has asked for where it is not there.
    fn withdrawal(&self, which: usize) -> WithdrawalId {
        self.withdrawals.get(which).copied().unwrap_or_else(|| WithdrawalId::new(999_999).unwrap())
    }

    pub(super) async fn order(&self) -> (&'static str, Vec<&'static str>) {
        let order = self.world.database.order(self.order).await.unwrap().unwrap();
        (order.card.state.as_str(), order.milestones.iter().map(|step| step.state.as_str()).collect())
    }

    pub(super) async fn wallet(&self, who: Who) -> Wallet {
        let user_id = self.people[who as usize].user_id;
        let wallet = self.world.database.wallet(user_id, Currency::Usd).await.unwrap();
        Wallet {
            available: wallet.available.minor(),
            pending: wallet.pending.minor(),
            clearing: wallet.clearing.minor(),
            in_escrow: wallet.in_escrow.minor(),
            earned: wallet.total_earned.minor(),
            withdrawn: wallet.total_withdrawn.minor(),
        }
    }
}
