//! A marketplace in memory with clients, providers and money in it, and short words for what happens
//! there.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapter_memory::{
    ManualClock, MemoryStore, PlainAccessTokens, PlainDownloadSigner, PlainHasher, PlainRefreshTokens,
    SequentialIds,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::Actor;
use domain::bidding::{BidMessage, BidPatch, CounterTerms, Expected};
use domain::contracts::{
    AutoReleasePeriod, BonusMessage, ChangesMessage, ClearancePeriod, Clocks, Review, Stars,
};
use domain::event::Fact;
use domain::files::{ContentHash, File, FileList, FileName, MediaType, NewFile, Purpose};
use domain::identity::{BlockReason, EmailAddress, FullName, NewPassword, Role};
use domain::ids::{BidId, FileId, MilestoneNumber, OrderId, SessionId, UserId};
use domain::money::{BasisPoints, Currency, FeeRule, Money, Outside, PayIn};
use domain::orders::{
    Description, Invitation, MilestonePlan, MilestoneTitle, OrderDetails, OrderType, PlannedMilestone,
    Progress, Subject, Title,
};
use domain::profiles::Figures;
use ports::bidding::{BidQueries, BidView};
use ports::environment::Clock;
use ports::idempotency::{RequestKey, StoredAnswer};
use ports::identity::AccountQueries;
use ports::list::Window;
use ports::money::MoneyQueries;
use ports::orders::{OrderDetail, OrderQueries};
use ports::store::Store;
use usecases::bidding::{
    AcceptBid, AcceptCounter, AcceptedBid, BidTerms, ConfirmBid, CounterBid, DeclineBid, EditBid, PlaceBid,
    RejectCounter, WithdrawBid,
};
use usecases::contracts::{
    ApproveMilestone, ClearPayments, FundOrder, GiveBonus, HandedIn, LapseOrders, ReleaseMilestones,
    RequestChanges, ReviewOrder, RunDown, SubmitMilestone, WindUpAccount,
};
use usecases::desk::Desk;
use usecases::error::{UseCaseError, Versions};
use usecases::files::{Pass, PassOffice};
use usecases::idempotency::{Answered, Once};
use usecases::identity::{
    AdminOutcome, Authenticate, BlockUser, CreateAdmin, DeactivateAccount, NewAdmin, Register, Registration,
    TokenIssuer, UnblockUser,
};
use usecases::money::OpenDeposit;
use usecases::orders::{
    AttachFiles, CancelOrder, DeclineInvitation, EditOrder, ExpireOrders, InviteProvider, Invited,
    MilestoneMove, OrderEdit, PostOrder, ReportWork, WorkReport,
};
use usecases::recorder::Recorder;

const PASSWORD: &str = "correct horse battery";

/// More rows than any test makes.
pub(crate) const EVERYTHING: Window = Window::Page { offset: 0, limit: 100 };
/// No fees.
pub(crate) const FREE: FeeRule = FeeRule::NONE;

pub(crate) type Outcome<T> = Result<Answered<T>, UseCaseError>;

/// One process with its storage. Clones are the same process.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) desk: Desk,
    /// The fees of the contracts that are made from now on.
    pub(crate) fees: FeeRule,
    /// The name of every command from now on.
    key: Option<RequestKey>,
    issuer: TokenIssuer,
    authenticate: Arc<Authenticate>,
    hasher: Arc<PlainHasher>,
    /// How many facts have been looked at.
    told: Arc<AtomicUsize>,
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
        let link = |pass: &Pass| format!("link to {}", pass.id);
        let passes =
            PassOffice { clock: clock.clone(), signer: Arc::new(PlainDownloadSigner), link: Arc::new(link) };
        let desk = Desk { store: store.clone(), recorder, passes, clocks: Clocks::default() };
        let hasher = Arc::new(PlainHasher::default());
        Self { store, clock, desk, fees: FREE, key: None, issuer, authenticate, hasher, told: Arc::default() }
    }

    /// The same marketplace, taking a tenth of the provider and a twentieth of the client.
    pub(crate) fn with_fees(self) -> Self {
        let rate = |basis_points| BasisPoints::new(basis_points).unwrap();
        Self { fees: FeeRule { provider: rate(1_000), client: rate(500) }, ..self }
    }

    /// The same marketplace in which clients have so long to answer, and earned money rests so long.
    pub(crate) fn with_clocks(mut self, release_days: u8, clearance_days: u8) -> Self {
        self.desk.clocks = Clocks {
            auto_release: AutoReleasePeriod::days(release_days).unwrap(),
            clearance: ClearancePeriod::days(clearance_days).unwrap(),
        };
        self
    }

    /// The same marketplace for a request that has a name.
    pub(crate) fn named(&self, person: &Actor, key: &str, request: u8) -> Self {
        let key = RequestKey { user_id: person.user_id, key: key.into(), fingerprint: [request; 32] };
        Self { key: Some(key), ..self.clone() }
    }

    pub(crate) fn once<T: Debug>(&self) -> Once<T> {
        Once { key: self.key.clone(), render: shown }
    }

    pub(crate) async fn person(&self, name: &str, role: Role) -> Actor {
        let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
        let registration = Registration {
            password: NewPassword::parse(PASSWORD, &email).unwrap(),
            email,
            full_name: FullName::parse(name).unwrap(),
            role,
            phone: None,
        };
        let register =
            Register { store: self.store.clone(), hasher: self.hasher.clone(), issuer: self.issuer.clone() };
        actor(register.execute(registration).await.unwrap().user.id, role)
    }

    pub(crate) async fn client(&self, name: &str) -> Actor {
        self.person(name, Role::Client).await
    }

    pub(crate) async fn provider(&self, name: &str) -> Actor {
        self.person(name, Role::Writer).await
    }

    pub(crate) async fn admin(&self) -> Actor {
        self.admin_called("root").await
    }

    pub(crate) async fn admin_called(&self, name: &str) -> Actor {
        let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
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

    pub(crate) async fn unblock(&self, admin: &Actor, person: &Actor) {
        let unblock = UnblockUser { store: self.store.clone(), issuer: self.issuer.clone() };
        let once = Once { key: None, render: |_| Ok(StoredAnswer { status: 200, body: String::new() }) };
        unblock.execute(admin, person.user_id, &once).await.unwrap();
    }

    pub(crate) async fn close(&self, person: &Actor) -> Result<(), UseCaseError> {
        let deactivate = DeactivateAccount {
            store: self.store.clone(),
            authenticate: self.authenticate.clone(),
            issuer: self.issuer.clone(),
        };
        deactivate.execute(person).await
    }

    pub(crate) async fn pay_in(&self, person: &Actor, minor: i64) {
        let (store, recorder) = (self.desk.store.clone(), self.desk.recorder.clone());
        let open = OpenDeposit { store, recorder, ways: PayIn { sandbox: true } };
        let once = Once { key: None, render: shown };
        open.execute(person, usd(minor), Outside::Sandbox, &once).await.unwrap();
    }

    /// So many hours from now on.
    pub(crate) fn in_hours(&self, hours: i64) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::hours(hours)
    }

    /// An order for 120.00, due in thirty days.
    pub(crate) fn details(&self) -> OrderDetails {
        OrderDetails {
            title: Title::parse("Research Paper on Climate Change").unwrap(),
            subject: Subject::parse("Environmental Science").unwrap(),
            order_type: OrderType::parse("Research Paper").unwrap(),
            pages: None,
            deadline: self.in_hours(24 * 30),
            budget: usd(12_000),
            description: Description::parse("Comprehensive analysis").unwrap(),
            requirements: None,
            detailed_requirements: vec![],
            specifications: None,
            milestones: MilestonePlan::default(),
        }
    }

    /// Steps that are due so many hours from now on.
    pub(crate) fn plan(&self, hours: &[i64]) -> MilestonePlan {
        let step = |hours: &i64| PlannedMilestone {
            title: MilestoneTitle::parse("Step").unwrap(),
            due_date: self.in_hours(*hours),
            amount: None,
        };
        MilestonePlan::new(hours.iter().map(step).collect()).unwrap()
    }

    pub(crate) async fn post(
        &self,
        by: &Actor,
        details: OrderDetails,
        invited: &[&Actor],
    ) -> Outcome<OrderDetail> {
        let invited = invited.iter().map(|person| person.user_id).collect();
        PostOrder(self.desk.clone()).execute(by, details, invited, &self.once()).await
    }

    /// An order that is open.
    pub(crate) async fn posted(&self, by: &Actor) -> OrderId {
        now(self.post(by, self.details(), &[]).await.unwrap()).card.id
    }

    pub(crate) async fn edit(&self, by: &Actor, id: OrderId, edit: OrderEdit) -> Outcome<OrderDetail> {
        EditOrder(self.desk.clone()).execute(by, id, edit, &self.once()).await
    }

    pub(crate) async fn cancel(&self, by: &Actor, id: OrderId) -> Outcome<OrderDetail> {
        CancelOrder(self.desk.clone()).execute(by, id, &self.once()).await
    }

    pub(crate) async fn invite(&self, by: &Actor, id: OrderId, whom: UserId) -> Outcome<Invited> {
        InviteProvider(self.desk.clone()).execute(by, id, whom, &self.once()).await
    }

    pub(crate) async fn decline_invitation(&self, by: &Actor, id: OrderId) -> Outcome<Invitation> {
        DeclineInvitation(self.desk.clone()).execute(by, id, &self.once()).await
    }

    pub(crate) async fn report(&self, by: &Actor, id: OrderId, report: WorkReport) -> Outcome<OrderDetail> {
        ReportWork(self.desk.clone()).execute(by, id, report, &self.once()).await
    }

    pub(crate) async fn start(&self, by: &Actor, id: OrderId, milestone: i32) -> Outcome<OrderDetail> {
        self.report(by, id, moved(milestone, MilestoneMove::Start)).await
    }

    pub(crate) async fn submit(&self, by: &Actor, id: OrderId, milestone: i32) -> Outcome<OrderDetail> {
        self.report(by, id, moved(milestone, MilestoneMove::Submit)).await
    }

    pub(crate) async fn hand_in(
        &self,
        by: &Actor,
        id: OrderId,
        milestone: i32,
        handed_in: HandedIn,
    ) -> Outcome<OrderDetail> {
        let submit = SubmitMilestone(self.desk.clone());
        submit.execute(by, id, number(milestone), handed_in, &self.once()).await
    }

    pub(crate) async fn attach(&self, by: &Actor, id: OrderId, files: &[FileId]) -> Outcome<OrderDetail> {
        let files = FileList::at_least_one(files.to_vec()).unwrap();
        AttachFiles(self.desk.clone()).execute(by, id, files, &self.once()).await
    }

    /// A file that somebody has uploaded.
    pub(crate) async fn file(&self, by: &Actor, purpose: Purpose) -> FileId {
        let id = FileId::new(self.desk.recorder.ids.uuid(self.clock.now()));
        let new = NewFile {
            id,
            owner_id: by.user_id,
            purpose,
            name: FileName::for_content("outline.pdf", MediaType::Pdf).unwrap(),
            size: 159_744,
            media_type: MediaType::Pdf,
            hash: ContentHash([7; 32]),
        };
        let mut work = self.store.begin().await.unwrap();
        work.files().insert(&File::store(new, self.clock.now())).await.unwrap();
        work.commit().await.unwrap();
        id
    }

    pub(crate) async fn place(&self, by: &Actor, id: OrderId, terms: BidTerms) -> Outcome<BidView> {
        PlaceBid(self.desk.clone()).execute(by, id, terms, &self.once()).await
    }

    /// A bid that is open.
    pub(crate) async fn placed(&self, by: &Actor, id: OrderId, minor: i64) -> BidId {
        now(self.place(by, id, terms(minor)).await.unwrap()).id
    }

    pub(crate) async fn edit_bid(
        &self,
        by: &Actor,
        id: BidId,
        patch: BidPatch,
        versions: Versions<i64>,
    ) -> Outcome<BidView> {
        EditBid(self.desk.clone()).execute(by, id, patch, versions, &self.once()).await
    }

    pub(crate) async fn confirm(&self, by: &Actor, id: BidId, revision: Option<i64>) -> Outcome<BidView> {
        ConfirmBid(self.desk.clone()).execute(by, id, revision, &self.once()).await
    }

    pub(crate) async fn withdraw(&self, by: &Actor, id: BidId) -> Outcome<BidView> {
        WithdrawBid(self.desk.clone()).execute(by, id, &self.once()).await
    }

    pub(crate) async fn counter(&self, by: &Actor, id: BidId, terms: CounterTerms) -> Outcome<BidView> {
        CounterBid(self.desk.clone()).execute(by, id, terms, &self.once()).await
    }

    pub(crate) async fn accept_counter(&self, by: &Actor, id: BidId) -> Outcome<BidView> {
        AcceptCounter(self.desk.clone()).execute(by, id, &self.once()).await
    }

    pub(crate) async fn reject_counter(&self, by: &Actor, id: BidId) -> Outcome<BidView> {
        RejectCounter(self.desk.clone()).execute(by, id, &self.once()).await
    }

    pub(crate) async fn decline(&self, by: &Actor, id: BidId) -> Outcome<BidView> {
        DeclineBid(self.desk.clone()).execute(by, id, &self.once()).await
    }

    pub(crate) async fn accept(&self, by: &Actor, id: BidId, expected: Expected) -> Outcome<AcceptedBid> {
        let accept = AcceptBid { desk: self.desk.clone(), fees: self.fees };
        accept.execute(by, id, expected, &self.once()).await
    }

    /// An award at whatever terms the bid has.
    pub(crate) async fn award(&self, by: &Actor, id: BidId) -> Outcome<AcceptedBid> {
        self.accept(by, id, Expected::default()).await
    }

    pub(crate) async fn fund(&self, by: &Actor, id: OrderId) -> Outcome<OrderDetail> {
        FundOrder(self.desk.clone()).execute(by, id, &self.once()).await
    }

    /// Ends what nobody has paid for in time, and says how many orders that were.
    pub(crate) async fn lapse(&self) -> Result<u64, UseCaseError> {
        LapseOrders { desk: self.desk.clone(), due: self.store.clone() }.execute().await
    }

    /// Releases what clients have not answered, and reminds them.
    pub(crate) async fn run_down(&self) -> Result<RunDown, UseCaseError> {
        ReleaseMilestones { desk: self.desk.clone(), due: self.store.clone() }.execute().await
    }

    /// Clears what has rested, and says how many milestones' money that was.
    pub(crate) async fn clear(&self) -> Result<u64, UseCaseError> {
        ClearPayments { desk: self.desk.clone(), due: self.store.clone() }.execute().await
    }

    /// Tells of what has passed its deadline, and says how many orders that were.
    pub(crate) async fn expire(&self) -> Result<u64, UseCaseError> {
        ExpireOrders { desk: self.desk.clone(), due: self.store.clone() }.execute().await
    }

    /// Ends what somebody has under way who is gone, and says how many orders and bids that were.
    pub(crate) async fn wind_up(&self, person: &Actor) -> Result<u64, UseCaseError> {
        let wind_up = WindUpAccount { desk: self.desk.clone(), business: self.store.clone() };
        wind_up.execute(person.user_id).await
    }

    pub(crate) async fn approve(&self, by: &Actor, id: OrderId, milestone: i32) -> Outcome<OrderDetail> {
        ApproveMilestone(self.desk.clone()).execute(by, id, number(milestone), &self.once()).await
    }

    pub(crate) async fn request_changes(
        &self,
        by: &Actor,
        id: OrderId,
        milestone: i32,
    ) -> Outcome<OrderDetail> {
        let message = ChangesMessage::parse("once more").unwrap();
        RequestChanges(self.desk.clone()).execute(by, id, number(milestone), message, &self.once()).await
    }

    pub(crate) async fn give_bonus(
        &self,
        by: &Actor,
        id: OrderId,
        minor: i64,
        message: Option<&str>,
    ) -> Outcome<OrderDetail> {
        let message = message.map(|raw| BonusMessage::parse(raw).unwrap());
        GiveBonus(self.desk.clone()).execute(by, id, (usd(minor), message), &self.once()).await
    }

    pub(crate) async fn review(&self, by: &Actor, id: OrderId, stars: i16) -> Outcome<Review> {
        let stars = Stars::new(stars).unwrap();
        ReviewOrder(self.desk.clone()).execute(by, id, stars, None, &self.once()).await
    }

    pub(crate) async fn order(&self, id: OrderId) -> OrderDetail {
        self.store.order(id).await.unwrap().unwrap()
    }

    pub(crate) async fn bid(&self, id: BidId) -> BidView {
        self.store.bid(id).await.unwrap().unwrap()
    }

    pub(crate) async fn figures(&self, person: &Actor) -> Figures {
        self.store.account(person.user_id).await.unwrap().unwrap().figures
    }

    /// What somebody has: available, pending, in escrow. The books are looked over on the way.
    pub(crate) async fn holds(&self, person: &Actor) -> (i64, i64, i64) {
        assert_eq!(self.store.sum_of_books(Currency::Usd), 0, "the books balance");
        let wallet = self.store.wallet(person.user_id, Currency::Usd).await.unwrap();
        (wallet.available.minor(), wallet.pending.minor(), wallet.in_escrow.minor())
    }

    /// What of somebody's money rests, and what they have earned.
    pub(crate) async fn clearing_and_earned(&self, person: &Actor) -> (i64, i64) {
        let wallet = self.store.wallet(person.user_id, Currency::Usd).await.unwrap();
        (wallet.clearing.minor(), wallet.total_earned.minor())
    }

    /// The facts since this was last asked, but for those that only set the scene: accounts and
    /// deposits.
    pub(crate) fn news(&self) -> Vec<Fact> {
        let events = self.store.events();
        let told = self.told.swap(events.len(), Ordering::Relaxed);
        let facts = events.into_iter().skip(told).map(|(_, event)| event.fact);
        facts
            .filter(|fact| !matches!(fact, Fact::Identity(_)) && fact.name() != "deposit.completed")
            .collect()
    }

    /// Their names.
    pub(crate) fn told(&self) -> Vec<&'static str> {
        self.news().iter().map(Fact::name).collect()
    }
}

/// An order with everybody who has to do with it, and somebody who has not.
pub(crate) struct Deal {
    pub(crate) client: Actor,
    pub(crate) provider: Actor,
    pub(crate) other_client: Actor,
    pub(crate) other_provider: Actor,
    pub(crate) admin: Actor,
    pub(crate) order: OrderId,
    pub(crate) bid: BidId,
}

impl Deal {
    /// An open order for 120.00 in steps that are due so many hours from now on, with one bid of 100.00.
    pub(crate) async fn offered(world: &World, hours: &[i64]) -> Self {
        let (client, other_client) = (world.client("client").await, world.client("otherclient").await);
        let provider = world.provider("provider").await;
        let other_provider = world.person("otherprovider", Role::Freelancer).await;
        let admin = world.admin().await;
        let details = OrderDetails { milestones: world.plan(hours), ..world.details() };
        let order = now(world.post(&client, details, &[]).await.unwrap()).card.id;
        let bid = world.placed(&provider, order, 10_000).await;
        world.news();
        Self { client, provider, other_client, other_provider, admin, order, bid }
    }

    /// The bid is accepted, and not paid for.
    pub(crate) async fn pending(world: &World, hours: &[i64]) -> Self {
        let deal = Self::offered(world, hours).await;
        world.award(&deal.client, deal.bid).await.unwrap();
        world.news();
        deal
    }

    /// The bid is accepted and paid for.
    pub(crate) async fn active(world: &World, hours: &[i64]) -> Self {
        let deal = Self::offered(world, hours).await;
        world.pay_in(&deal.client, 20_000).await;
        world.award(&deal.client, deal.bid).await.unwrap();
        world.news();
        deal
    }

    /// All its one milestone's work is done.
    pub(crate) async fn completed(world: &World) -> Self {
        let deal = Self::active(world, &[]).await;
        world.submit(&deal.provider, deal.order, 1).await.unwrap();
        world.approve(&deal.client, deal.order, 1).await.unwrap();
        world.news();
        deal
    }
}

pub(crate) const fn actor(user_id: UserId, role: Role) -> Actor {
    Actor { user_id, session_id: SessionId::new(uuid::Uuid::nil()), role }
}

pub(crate) fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

pub(crate) fn number(number: i32) -> MilestoneNumber {
    MilestoneNumber::new(number).unwrap()
}

/// An order that nobody has posted.
pub(crate) fn unknown_order() -> OrderId {
    OrderId::new(999).unwrap()
}

/// A bid that nobody has placed.
pub(crate) fn unknown_bid() -> BidId {
    BidId::new(999).unwrap()
}

pub(crate) fn message(raw: &str) -> BidMessage {
    BidMessage::parse(raw).unwrap()
}

pub(crate) fn terms(minor: i64) -> BidTerms {
    BidTerms { amount: usd(minor), proposed_deadline: None, message: message("I can do it") }
}

pub(crate) fn counter_terms(minor: i64) -> CounterTerms {
    CounterTerms { amount: usd(minor), proposed_deadline: None, message: None }
}

pub(crate) fn for_amount(minor: i64) -> BidPatch {
    BidPatch { amount: Some(usd(minor)), ..BidPatch::default() }
}

pub(crate) fn budget(minor: i64) -> OrderEdit {
    let patch = domain::orders::OrderPatch { budget: Some(usd(minor)), ..Default::default() };
    OrderEdit { patch, ..OrderEdit::default() }
}

pub(crate) fn progress(percent: i16) -> WorkReport {
    WorkReport { progress: Some(Progress::new(percent).unwrap()), ..WorkReport::default() }
}

pub(crate) fn moved(milestone: i32, step: MilestoneMove) -> WorkReport {
    WorkReport { milestone: Some((number(milestone), step)), ..WorkReport::default() }
}

/// How anything is answered.
pub(crate) fn shown<T: Debug>(value: &T) -> Result<StoredAnswer, UseCaseError> {
    Ok(StoredAnswer { status: 200, body: format!("{value:?}") })
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

/// In one word, what became of a command: `done`, the reason of a refusal (with its state or its field
/// behind a space), or the kind of error.
pub(crate) fn word<T: Debug>(outcome: &Result<T, UseCaseError>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(UseCaseError::Forbidden) => "forbidden".to_owned(),
        Err(UseCaseError::NotFound) => "not_found".to_owned(),
        Err(UseCaseError::PreconditionFailed) => "stale".to_owned(),
        Err(UseCaseError::Conflict { reason, state, .. }) => format!("{reason} {state}"),
        Err(UseCaseError::Unprocessable { reason, field: Some(field), .. }) => format!("{reason} {field}"),
        Err(UseCaseError::Unprocessable { reason, field: None, .. }) => (*reason).to_owned(),
        Err(UseCaseError::PaymentRequired { required, available }) => {
            format!("pay {required} of {available}")
        }
        Err(UseCaseError::InProgress) => "in_progress".to_owned(),
        Err(UseCaseError::Unauthorized { reason, .. }) => reason.unwrap_or("unauthorized").to_owned(),
        Err(UseCaseError::Unavailable { .. }) => "unavailable".to_owned(),
        Err(
            other @ (UseCaseError::Invalid { .. }
            | UseCaseError::TooLarge { .. }
            | UseCaseError::UnsupportedContent { .. }
            | UseCaseError::Internal(_)),
        ) => panic!("{other:?}"),
    }
}

/// Bounds a test that would otherwise hang when the program is wrong.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("it ends")
}
