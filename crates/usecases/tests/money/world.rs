//! A marketplace in memory with money in it, and short words for what happens there.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use adapter_memory::{
    ManualClock, MemoryStore, PlainAccessTokens, PlainHasher, PlainRefreshTokens, ScriptedPayouts,
    SequentialIds,
};
use domain::actor::Actor;
use domain::event::Fact;
use domain::identity::{BlockReason, EmailAddress, FullName, NewPassword, Role};
use domain::ids::{SessionId, UserId, WithdrawalId};
use domain::money::{
    Account, Currency, FailureReason, FourEyes, Money, MoneyEvent, Outside, PayIn, PayoutAccount,
    PayoutMethod, PayoutProvider, RejectionReason,
};
use ports::idempotency::{RequestKey, StoredAnswer};
use ports::list::Window;
use ports::money::{EntryFilter, MoneyQueries, WalletView, WithdrawalView};
use ports::store::Store;
use usecases::audit::{LiftPayoutHold, VerifyBooks};
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};
use usecases::identity::{
    AdminOutcome, Authenticate, BlockUser, CreateAdmin, DeactivateAccount, NewAdmin, Register, Registration,
    TokenIssuer,
};
use usecases::money::{
    ApproveWithdrawal, CancelWithdrawal, Deposited, MarkWithdrawalFailed, MarkWithdrawalPaid, OpenDeposit,
    PaidWithdrawals, PayWithdrawals, RejectWithdrawal, RequestWithdrawal,
};
use usecases::recorder::Recorder;

const PASSWORD: &str = "correct horse battery";

/// More rows than any test makes.
pub(crate) const EVERYTHING: Window = Window::Page { offset: 0, limit: 100 };

pub(crate) type Outcome<T> = Result<Answered<T>, UseCaseError>;

/// One process with its storage. Clones are the same process.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    recorder: Recorder,
    issuer: TokenIssuer,
    authenticate: Arc<Authenticate>,
    hasher: Arc<PlainHasher>,
    /// Whoever pays people outside.
    pub(crate) payouts: Arc<ScriptedPayouts>,
    /// Above which two administrators approve.
    pub(crate) four_eyes: FourEyes,
}

impl World {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::default());
        let ids = Arc::new(SequentialIds::default());
        let access = Arc::new(PlainAccessTokens::default());
        let authenticate = Arc::new(Authenticate::new(access.clone(), store.clone(), clock.clone()));
        let refresh = Arc::new(PlainRefreshTokens::default());
        let issuer = TokenIssuer { clock: clock.clone(), ids: ids.clone(), access, refresh };
        let recorder = Recorder { clock: clock.clone(), ids };
        Self {
            store,
            clock,
            recorder,
            issuer,
            authenticate,
            hasher: Arc::new(PlainHasher::default()),
            payouts: Arc::new(ScriptedPayouts::default()),
            four_eyes: FourEyes::default(),
        }
    }

    pub(crate) fn open_deposit(&self) -> OpenDeposit {
        OpenDeposit {
            store: self.store.clone(),
            recorder: self.recorder.clone(),
            ways: PayIn { sandbox: true },
        }
    }

    pub(crate) fn request_withdrawal(&self) -> RequestWithdrawal {
        RequestWithdrawal { store: self.store.clone(), recorder: self.recorder.clone() }
    }

    pub(crate) fn verify_books(&self) -> VerifyBooks {
        VerifyBooks { books: self.store.clone(), store: self.store.clone(), recorder: self.recorder.clone() }
    }

    pub(crate) fn lift_payout_hold(&self) -> LiftPayoutHold {
        LiftPayoutHold { store: self.store.clone(), recorder: self.recorder.clone() }
    }

    /// Somebody without money.
    pub(crate) async fn person(&self, address: &str) -> Actor {
        let email = EmailAddress::parse(address).unwrap();
        let registration = Registration {
            password: NewPassword::parse(PASSWORD, &email).unwrap(),
            email,
            full_name: FullName::parse("Ada Lovelace").unwrap(),
            role: Role::Writer,
            phone: None,
        };
        let register =
            Register { store: self.store.clone(), hasher: self.hasher.clone(), issuer: self.issuer.clone() };
        actor(register.execute(registration).await.unwrap().user.id, Role::Writer)
    }

    /// Somebody with money.
    pub(crate) async fn rich(&self, address: &str, minor: i64) -> Actor {
        let person = self.person(address).await;
        now(self.pay_in(&person, minor, None).await.unwrap());
        person
    }

    pub(crate) async fn admin(&self) -> Actor {
        self.admin_at("root@example.com").await
    }

    pub(crate) async fn admin_at(&self, address: &str) -> Actor {
        let email = EmailAddress::parse(address).unwrap();
        let create = CreateAdmin {
            store: self.store.clone(),
            accounts: self.store.clone(),
            hasher: self.hasher.clone(),
            issuer: self.issuer.clone(),
        };
        let password = NewPassword::parse(PASSWORD, &email).unwrap();
        let new = NewAdmin { email, password, full_name: FullName::parse("The Operator").unwrap() };
        match create.execute(new).await.unwrap() {
            AdminOutcome::Created(id) => actor(id, Role::Admin),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn block(&self, admin: &Actor, person: &Actor) {
        let block = BlockUser {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        };
        let once = Once { key: None, render: |_| Ok(StoredAnswer { status: 200, body: String::new() }) };
        let reason = BlockReason::parse("spam").unwrap();
        block.execute(admin, person.user_id, &reason, &once).await.unwrap();
    }

    pub(crate) async fn close(&self, person: &Actor) -> Result<(), UseCaseError> {
        let deactivate = DeactivateAccount {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        };
        deactivate.execute(person).await
    }

    pub(crate) async fn pay_in(
        &self,
        person: &Actor,
        minor: i64,
        key: Option<RequestKey>,
    ) -> Outcome<Deposited> {
        let once = Once { key, render: of_deposit };
        self.open_deposit().execute(person, usd(minor), Outside::Sandbox, &once).await
    }

    pub(crate) async fn withdraw(
        &self,
        person: &Actor,
        minor: i64,
        key: Option<RequestKey>,
    ) -> Outcome<WithdrawalView> {
        self.request_withdrawal().execute(person, usd(minor), paypal(), &of(key)).await
    }

    /// A withdrawal that is pending.
    pub(crate) async fn requested(&self, person: &Actor, minor: i64) -> WithdrawalId {
        now(self.withdraw(person, minor, None).await.unwrap()).id
    }

    pub(crate) async fn answer(
        &self,
        command: Command,
        by: &Actor,
        id: WithdrawalId,
        key: Option<RequestKey>,
    ) -> Outcome<WithdrawalView> {
        let (store, recorder, once) = (self.store.clone(), self.recorder.clone(), of(key));
        match command {
            Command::Cancel => CancelWithdrawal { store, recorder }.execute(by, id, &once).await,
            Command::Approve => {
                let four_eyes = self.four_eyes;
                ApproveWithdrawal { store, recorder, four_eyes }.execute(by, id, &once).await
            }
            Command::MarkFailed => {
                let reason = FailureReason::parse("no such account").unwrap();
                MarkWithdrawalFailed { store, recorder }.execute(by, id, reason, &once).await
            }
            Command::MarkPaid => MarkWithdrawalPaid { store, recorder }.execute(by, id, &once).await,
            Command::Reject => {
                let reason = RejectionReason::parse("who are you?").unwrap();
                RejectWithdrawal { store, recorder }.execute(by, id, reason, &once).await
            }
        }
    }

    pub(crate) async fn done(&self, command: Command, by: &Actor, id: WithdrawalId) -> WithdrawalView {
        now(self.answer(command, by, id, None).await.unwrap())
    }

    /// The job, where this is the provider.
    pub(crate) async fn try_to_pay_out(
        &self,
        provider: PayoutProvider,
    ) -> Result<PaidWithdrawals, UseCaseError> {
        let pay = PayWithdrawals {
            store: self.store.clone(),
            recorder: self.recorder.clone(),
            unattended: self.store.clone(),
            provider,
            payouts: self.payouts.clone(),
        };
        pay.execute().await
    }

    /// How many it settled, left open, and doubts.
    pub(crate) async fn pay_out(&self) -> (u64, u64, u64) {
        let PaidWithdrawals { settled, open, doubted } =
            self.try_to_pay_out(PayoutProvider::Sandbox).await.unwrap();
        (settled, open, doubted)
    }

    pub(crate) async fn withdrawal(&self, id: WithdrawalId) -> WithdrawalView {
        self.store.withdrawal(id).await.unwrap().unwrap()
    }

    pub(crate) async fn wallet(&self, person: &Actor) -> WalletView {
        self.store.wallet(person.user_id, Currency::Usd).await.unwrap()
    }

    /// What is available, and what is set aside. The books are looked over on the way.
    pub(crate) async fn holds(&self, person: &Actor) -> (i64, i64) {
        let user_id = person.user_id;
        let mut work = self.store.begin().await.unwrap();
        let accounts = [Account::UserAvailable(user_id), Account::UserWithdrawing(user_id)];
        let held = work.ledger().lock_balances(&accounts, Currency::Usd).await.unwrap();
        work.rollback().await.unwrap();
        assert_eq!(self.store.sum_of_books(Currency::Usd), 0, "the books balance");
        let history = self.store.entries(user_id, EntryFilter::All, EVERYTHING).await.unwrap().rows;
        let mut sum = 0;
        for entry in history.iter().rev() {
            sum += entry.minor;
            assert_eq!(entry.balance_after, sum, "{entry:?}");
        }
        assert_eq!(sum, held[0], "the balance is the fold of the postings");
        assert_eq!(self.wallet(person).await.available, usd(held[0]));
        (held[0], held[1])
    }

    /// The amounts in somebody's history, oldest first.
    pub(crate) async fn history(&self, person: &Actor) -> Vec<i64> {
        let entries = self.store.entries(person.user_id, EntryFilter::All, EVERYTHING).await.unwrap();
        entries.rows.iter().rev().map(|entry| entry.minor).collect()
    }

    /// The facts about money, oldest first.
    pub(crate) fn facts(&self) -> Vec<MoneyEvent> {
        let money = |fact| match fact {
            Fact::Money(event) => Some(event),
            Fact::Identity(_)
            | Fact::Order(_)
            | Fact::Bid(_)
            | Fact::Contract(_)
            | Fact::Proposal(_)
            | Fact::Dispute(_)
            | Fact::Messaging(_)
            | Fact::Audit(_) => None,
        };
        self.store.events().into_iter().filter_map(|(_, event)| money(event.fact)).collect()
    }

    pub(crate) fn fact_names(&self) -> Vec<&'static str> {
        self.facts().iter().map(MoneyEvent::name).collect()
    }
}

/// What can be asked of a withdrawal that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Cancel,
    Approve,
    MarkPaid,
    MarkFailed,
    Reject,
}

fn actor(user_id: UserId, role: Role) -> Actor {
    Actor { user_id, session_id: SessionId::new(uuid::Uuid::nil()), role }
}

pub(crate) fn nobody() -> Actor {
    actor(UserId::new(uuid::Uuid::from_u128(7)), Role::Writer)
}

pub(crate) fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

pub(crate) fn paypal() -> PayoutAccount {
    PayoutAccount::new(PayoutMethod::PayPal, |_| Some("ada@example.com")).unwrap()
}

/// A key, for a request that `request` stands for.
pub(crate) fn key(person: &Actor, key: &str, request: u8) -> Option<RequestKey> {
    Some(RequestKey { user_id: person.user_id, key: key.into(), fingerprint: [request; 32] })
}

fn of(key: Option<RequestKey>) -> Once<WithdrawalView> {
    Once { key, render: of_withdrawal }
}

/// How a deposit is answered.
pub(crate) fn of_deposit(deposited: &Deposited) -> Result<StoredAnswer, UseCaseError> {
    Ok(StoredAnswer { status: 201, body: format!("{:?} {:?}", deposited.deposit.id, deposited.wallet) })
}

/// How a withdrawal is answered.
pub(crate) fn of_withdrawal(view: &WithdrawalView) -> Result<StoredAnswer, UseCaseError> {
    Ok(StoredAnswer { status: 200, body: format!("{view:?}") })
}

/// What was done just now.
pub(crate) fn now<T: Debug>(answered: Answered<T>) -> T {
    match answered {
        Answered::Now(done) => done,
        Answered::Before(answer) => panic!("{answer:?}"),
    }
}

/// The answer of what had been done.
pub(crate) fn before<T: Debug>(answered: Answered<T>) -> StoredAnswer {
    match answered {
        Answered::Before(answer) => answer,
        Answered::Now(done) => panic!("{done:?}"),
    }
}

/// The reason of a 422.
pub(crate) fn unprocessable<T: Debug>(outcome: Result<T, UseCaseError>) -> &'static str {
    match outcome {
        Err(UseCaseError::Unprocessable { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

/// Reason and state of a 409.
pub(crate) fn conflict<T: Debug>(outcome: Result<T, UseCaseError>) -> (&'static str, &'static str) {
    match outcome {
        Err(UseCaseError::Conflict { reason, state, .. }) => (reason, state),
        other => panic!("{other:?}"),
    }
}

/// Bounds a test that would otherwise hang when the program is wrong.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("it ends")
}
