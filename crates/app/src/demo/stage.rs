//! Where the script is played: every deed is carried out by its use case, at its time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::Actor;
use domain::bidding::{BidMessage, CounterTerms, Expected};
use domain::contracts::{ChangesMessage, Clocks, ReviewComment, Stars, SubmissionMessage};
use domain::files::FileList;
use domain::identity::{EmailAddress, FullName, NewPassword, Role};
use domain::ids::{BidId, ChatId, FileId, MilestoneNumber, OrderId, SessionId, UserId, WithdrawalId};
use domain::messaging::{MessageContent, MessageText};
use domain::money::{
    Currency, FeeRule, FourEyes, Money, Outside, PayIn, PayoutAccount, PayoutMethod, RejectionReason,
};
use domain::orders::{
    Description, MilestonePlan, MilestoneTitle, OrderDetails, OrderPatch, OrderType, Pages, PlannedMilestone,
    Progress, Requirement, SpecificationWord, Specifications, Subject, Title,
};
use domain::profiles::{Bio, Education, ProfilePatch, Tag, Tags};
use ports::files::{ByteSource, Interrupted};
use ports::store::Store;
use usecases::bidding::{
    AcceptBid, AcceptCounter, BidTerms, ConfirmBid, CounterBid, DeclineBid, PlaceBid, RejectCounter,
    WithdrawBid,
};
use usecases::contracts::{ApproveMilestone, HandedIn, RequestChanges, ReviewOrder, SubmitMilestone};
use usecases::desk::Desk;
use usecases::error::UseCaseError;
use usecases::files::{PassOffice, SetAvatar, UploadFile};
use usecases::idempotency::{Answered, Once};
use usecases::identity::{AdminOutcome, CreateAdmin, NewAdmin, Register, Registration, TokenIssuer};
use usecases::messaging::{OpenChat, ReadChat, SendMessage};
use usecases::money::{
    ApproveWithdrawal, MarkWithdrawalPaid, OpenDeposit, RejectWithdrawal, RequestWithdrawal,
};
use usecases::orders::{
    AttachFiles, CancelOrder, DeclineInvitation, EditOrder, InviteProvider, MilestoneMove, OrderEdit,
    PostOrder, ReportWork, WorkReport,
};
use usecases::profiles::{EditProfile, ProfileEdit};
use usecases::recorder::Recorder;

use super::cast::{CAST, Person};
use super::outside::{OneHash, StageClock};
use super::script::{Deed, Haggling, MONEY, PARTS, Part, Paying, Talking, Working};
use super::{DemoWorld, PASSWORD, address, picture};

/// The stage while the script is played.
pub(super) struct Stage<'a> {
    world: &'a DemoWorld,
    clock: Arc<StageClock>,
    store: Arc<dyn Store>,
    desk: Desk,
    issuer: TokenIssuer,
    hasher: Arc<OneHash>,
    /// When it is played.
    opened_at: DateTime<Utc>,
    people: BTreeMap<&'static str, Actor>,
    orders: BTreeMap<&'static str, OrderId>,
    bids: BTreeMap<(&'static str, &'static str), BidId>,
    withdrawals: BTreeMap<&'static str, WithdrawalId>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(world: &'a DemoWorld, store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(StageClock::new(Arc::clone(&world.issuer.clock)));
        let issuer = TokenIssuer { clock: clock.clone(), ..world.issuer.clone() };
        let recorder = Recorder { clock: clock.clone(), ids: Arc::clone(&issuer.ids) };
        let passes = PassOffice { clock: clock.clone(), ..world.passes.clone() };
        Self {
            world,
            desk: Desk { store: Arc::clone(&store), recorder, passes, clocks: Clocks::default() },
            store,
            issuer,
            hasher: Arc::new(OneHash::new(Arc::clone(&world.hasher))),
            opened_at: world.issuer.clock.now(),
            clock,
            people: BTreeMap::new(),
            orders: BTreeMap::new(),
            bids: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
        }
    }

    /// Plays all of it, in the order of time.
    pub(super) async fn play(&mut self) -> anyhow::Result<()> {
        for (index, person) in CAST.iter().enumerate() {
            self.enter(index, person).await.with_context(|| format!("the account of {}", person.name))?;
        }
        let mut agenda: Vec<_> =
            MONEY.iter().map(|(hours_ago, who, deed)| (*hours_ago, *who, Scene::Money(*deed))).collect();
        for part in PARTS {
            let scene = |(hours_ago, who, deed): &(i64, _, _)| (*hours_ago, *who, Scene::Order(part, *deed));
            agenda.extend(part.lines.iter().map(scene));
        }
        // Stable: what happens in the same hour stays in the script's order.
        agenda.sort_by_key(|(hours_ago, ..)| Reverse(*hours_ago));
        for (hours_ago, who, scene) in agenda {
            self.clock.set(self.opened_at - TimeDelta::hours(hours_ago));
            let (title, done) = match scene {
                Scene::Money(deed) => ("money", self.about_money(who, deed).await),
                Scene::Order(part, deed) => (part.title, self.about_order(part, who, deed).await),
            };
            done.with_context(|| format!("{title}: {who}, {hours_ago} hours ago"))?;
        }
        Ok(())
    }

    /// Opens an account, and fills it with what its owner says of themselves.
    async fn enter(&mut self, index: usize, person: &'static Person) -> anyhow::Result<()> {
        self.clock.set(self.opened_at - TimeDelta::hours(person.joined));
        let email = EmailAddress::parse(&address(person.key))?;
        let password = NewPassword::parse(PASSWORD, &email)?;
        let full_name = FullName::parse(person.name)?;
        let (store, hasher) = (Arc::clone(&self.store), self.hasher.clone());
        let Some(role) = person.role else {
            let accounts = Arc::clone(&self.world.accounts);
            let create = CreateAdmin { store, accounts, hasher, issuer: self.issuer.clone() };
            let AdminOutcome::Created(id) = create.execute(NewAdmin { email, password, full_name }).await?
            else {
                bail!("there is an account with this address")
            };
            self.people.insert(person.key, actor(id, Role::Admin));
            return Ok(());
        };
        let register = Register { store, hasher, issuer: self.issuer.clone() };
        let registration = Registration { email, password, full_name, role, phone: None };
        let somebody = actor(register.execute(registration).await?.user.id, role);
        self.people.insert(person.key, somebody);
        self.clock.set(self.opened_at - TimeDelta::hours(person.joined) + TimeDelta::minutes(20));
        let patch = ProfilePatch {
            bio: Some(Some(Bio::parse(person.bio)?)),
            specializations: Some(tags(person.fields)?),
            education: Some(Education::parse(person.education).ok()),
            languages: Some(tags(person.languages)?),
        };
        let edit = ProfileEdit { patch, ..ProfileEdit::default() };
        done(EditProfile(self.desk.clone()).execute(&somebody, edit, &once()).await)?;
        let set = SetAvatar {
            store: Arc::clone(&self.store),
            blobs: Arc::clone(&self.world.blobs),
            inspectors: Arc::clone(&self.world.inspectors),
            images: Arc::clone(&self.world.images),
            clock: self.clock.clone(),
            ids: Arc::clone(&self.issuer.ids),
            address: Arc::clone(&self.world.avatar_address),
        };
        let content = &mut Content::of(picture::portrait(index));
        done(set.execute(&somebody, content, Box::new(|_| once())).await)?;
        Ok(())
    }

    async fn about_money(&mut self, who: &'static str, deed: Paying) -> anyhow::Result<()> {
        let actor = self.actor(who)?;
        let (store, recorder) = (Arc::clone(&self.store), self.desk.recorder.clone());
        match deed {
            Paying::PayIn(amount) => {
                let open = OpenDeposit { store, recorder, ways: PayIn { sandbox: true } };
                done(open.execute(&actor, dollars(amount)?, Outside::Sandbox, &once()).await).map(drop)
            }
            Paying::PayOut(amount, name) => {
                let request = RequestWithdrawal { store, recorder };
                let asked = request.execute(&actor, dollars(amount)?, payout_account(who)?, &once()).await;
                self.withdrawals.insert(name, done(asked)?.id);
                Ok(())
            }
            Paying::AgreeTo(name) => {
                let approve = ApproveWithdrawal { store, recorder, four_eyes: FourEyes::default() };
                done(approve.execute(&actor, self.withdrawal(name)?, &once()).await).map(drop)
            }
            Paying::Paid(name) => {
                let paid = MarkWithdrawalPaid { store, recorder };
                done(paid.execute(&actor, self.withdrawal(name)?, &once()).await).map(drop)
            }
            Paying::Refuse(name, reason) => {
                let (reject, reason) =
                    (RejectWithdrawal { store, recorder }, RejectionReason::parse(reason)?);
                done(reject.execute(&actor, self.withdrawal(name)?, reason, &once()).await).map(drop)
            }
        }
    }

    async fn about_order(
        &mut self,
        part: &'static Part,
        who: &'static str,
        deed: Deed,
    ) -> anyhow::Result<()> {
        let actor = self.actor(who)?;
        match deed {
            Deed::Post => {
                let details = self.details(part)?;
                let posted = PostOrder(self.desk()).execute(&actor, details, vec![], &once()).await;
                self.orders.insert(part.title, done(posted)?.card.id);
                Ok(())
            }
            Deed::Market(deed) => self.before_work(part, (who, actor), self.order(part)?, deed).await,
            Deed::Work(deed) => self.at_work(&actor, self.order(part)?, deed).await,
            Deed::Chat(deed) => self.in_chat(&actor, self.order(part)?, deed).await,
        }
    }

    async fn before_work(
        &mut self,
        part: &'static Part,
        (who, actor): (&'static str, Actor),
        order: OrderId,
        deed: Haggling,
    ) -> anyhow::Result<()> {
        let bid = |whose| self.bids.get(&(part.title, whose)).copied().context("there is no such bid");
        match deed {
            Haggling::Bid(amount, words) => {
                let terms = BidTerms {
                    amount: dollars(amount)?,
                    proposed_deadline: None,
                    message: BidMessage::parse(words)?,
                };
                let placed = done(PlaceBid(self.desk()).execute(&actor, order, terms, &once()).await)?;
                self.bids.insert((part.title, who), placed.id);
                Ok(())
            }
            Haggling::Invite(whom) => {
                let whom = self.actor(whom)?.user_id;
                done(InviteProvider(self.desk()).execute(&actor, order, whom, &once()).await).map(drop)
            }
            Haggling::DeclineInvitation => {
                done(DeclineInvitation(self.desk()).execute(&actor, order, &once()).await).map(drop)
            }
            Haggling::Counter(whom, amount, words) => {
                let message = Some(BidMessage::parse(words)?);
                let terms = CounterTerms { amount: dollars(amount)?, proposed_deadline: None, message };
                done(CounterBid(self.desk()).execute(&actor, bid(whom)?, terms, &once()).await).map(drop)
            }
            Haggling::TakeCounter => {
                done(AcceptCounter(self.desk()).execute(&actor, bid(who)?, &once()).await).map(drop)
            }
            Haggling::RejectCounter => {
                done(RejectCounter(self.desk()).execute(&actor, bid(who)?, &once()).await).map(drop)
            }
            Haggling::Rebudget(amount) => {
                let patch = OrderPatch { budget: Some(dollars(amount)?), ..OrderPatch::default() };
                let edit = OrderEdit { patch, ..OrderEdit::default() };
                done(EditOrder(self.desk()).execute(&actor, order, edit, &once()).await).map(drop)
            }
            Haggling::Confirm => {
                done(ConfirmBid(self.desk()).execute(&actor, bid(who)?, None, &once()).await).map(drop)
            }
            Haggling::DeclineBid(whose) => {
                done(DeclineBid(self.desk()).execute(&actor, bid(whose)?, &once()).await).map(drop)
            }
            Haggling::WithdrawBid => {
                done(WithdrawBid(self.desk()).execute(&actor, bid(who)?, &once()).await).map(drop)
            }
            Haggling::Award(whom) => {
                // The amounts of the story hold whatever the settings take.
                let accept = AcceptBid { desk: self.desk(), fees: FeeRule::NONE };
                done(accept.execute(&actor, bid(whom)?, Expected::default(), &once()).await).map(drop)
            }
            Haggling::Cancel => {
                done(CancelOrder(self.desk()).execute(&actor, order, &once()).await).map(drop)
            }
        }
    }

    async fn at_work(&self, actor: &Actor, order: OrderId, deed: Working) -> anyhow::Result<()> {
        match deed {
            Working::Begin(step) => {
                let milestone = Some((number(step)?, MilestoneMove::Start));
                self.report(actor, order, WorkReport { milestone, ..WorkReport::default() }).await
            }
            Working::Progress(percent) => {
                let progress = Some(Progress::new(percent)?);
                self.report(actor, order, WorkReport { progress, ..WorkReport::default() }).await
            }
            Working::Attach(name, content) => {
                let files = FileList::at_least_one(vec![self.upload(actor, name, content).await?])?;
                done(AttachFiles(self.desk()).execute(actor, order, files, &once()).await).map(drop)
            }
            Working::HandIn(step, words, content) => {
                let name = format!("{order}-{step}.txt");
                let files = FileList::at_least_one(vec![self.upload(actor, &name, content).await?])?;
                let handed_in = HandedIn { message: Some(SubmissionMessage::parse(words)?), files };
                let submit = SubmitMilestone(self.desk());
                done(submit.execute(actor, order, number(step)?, handed_in, &once()).await).map(drop)
            }
            Working::AskForChanges(step, words) => {
                let (ask, words) = (RequestChanges(self.desk()), ChangesMessage::parse(words)?);
                done(ask.execute(actor, order, number(step)?, words, &once()).await).map(drop)
            }
            Working::Approve(step) => {
                let approve = ApproveMilestone(self.desk());
                done(approve.execute(actor, order, number(step)?, &once()).await).map(drop)
            }
            Working::Review(stars, words) => {
                let words = Some(ReviewComment::parse(words)?);
                let review = ReviewOrder(self.desk());
                done(review.execute(actor, order, Stars::new(stars)?, words, &once()).await).map(drop)
            }
        }
    }

    async fn report(&self, actor: &Actor, order: OrderId, report: WorkReport) -> anyhow::Result<()> {
        done(ReportWork(self.desk()).execute(actor, order, report, &once()).await).map(drop)
    }

    async fn in_chat(&self, actor: &Actor, order: OrderId, deed: Talking) -> anyhow::Result<()> {
        match deed {
            Talking::Say(whom, words) => {
                let chat = self.chat(actor, order, whom).await?;
                let content = MessageContent::new(Some(MessageText::parse(words)?), FileList::default())?;
                done(SendMessage(self.desk()).execute(actor, chat, content, &once()).await).map(drop)
            }
            Talking::Read(whose) => {
                let chat = self.chat(actor, order, whose).await?;
                done(ReadChat(self.desk()).execute(actor, chat, None, &once()).await).map(drop)
            }
        }
    }

    async fn chat(&self, actor: &Actor, order: OrderId, with: &'static str) -> anyhow::Result<ChatId> {
        let with = self.actor(with)?.user_id;
        Ok(done(OpenChat(self.desk()).execute(actor, order, with, &once()).await)?.chat.id)
    }

    async fn upload(&self, actor: &Actor, name: &str, content: &str) -> anyhow::Result<FileId> {
        let upload = UploadFile {
            store: Arc::clone(&self.store),
            blobs: Arc::clone(&self.world.blobs),
            inspectors: Arc::clone(&self.world.inspectors),
            passes: self.desk.passes.clone(),
            clock: self.clock.clone(),
            ids: Arc::clone(&self.issuer.ids),
            max_bytes: self.world.max_upload_bytes,
        };
        let mut content = Content::of(content.as_bytes().to_vec());
        let uploaded = upload.execute(actor, name, &mut content, Box::new(|_| once())).await;
        Ok(done(uploaded)?.file.id)
    }

    fn details(&self, part: &Part) -> anyhow::Result<OrderDetails> {
        let now = self.desk.recorder.clock.now();
        let deadline = self.opened_at + TimeDelta::hours(part.due_in);
        let steps = i32::try_from(part.steps.len())?;
        let step = |(before, title): (i32, &&str)| -> anyhow::Result<PlannedMilestone> {
            let due_date = now + (deadline - now) / steps.max(1) * (before + 1);
            let due_date = due_date.min(deadline);
            Ok(PlannedMilestone { title: MilestoneTitle::parse(title)?, due_date, amount: None })
        };
        let steps = (0..).zip(part.steps).map(step).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(OrderDetails {
            title: Title::parse(part.title)?,
            subject: Subject::parse(part.subject)?,
            order_type: OrderType::parse(part.kind)?,
            pages: Some(Pages::new(part.pages)?),
            deadline,
            budget: dollars(part.budget)?,
            description: Description::parse(part.description)?,
            requirements: None,
            detailed_requirements: vec![
                Requirement::parse("Sources for every figure")?,
                Requirement::parse("One round of changes included")?,
            ],
            specifications: Some(Specifications {
                format: Some(SpecificationWord::parse("PDF")?),
                language: Some(SpecificationWord::parse("English (UK)")?),
                ..Specifications::default()
            }),
            milestones: MilestonePlan::new(steps)?,
        })
    }

    fn desk(&self) -> Desk {
        self.desk.clone()
    }

    fn order(&self, part: &Part) -> anyhow::Result<OrderId> {
        self.orders.get(part.title).copied().context("the order is not posted yet")
    }

    fn actor(&self, who: &'static str) -> anyhow::Result<Actor> {
        self.people.get(who).copied().ok_or_else(|| anyhow!("there is nobody called {who}"))
    }

    fn withdrawal(&self, name: &'static str) -> anyhow::Result<WithdrawalId> {
        self.withdrawals.get(name).copied().ok_or_else(|| anyhow!("there is no withdrawal {name}"))
    }
}

/// A line of the script.
enum Scene {
    Money(Paying),
    Order(&'static Part, Deed),
}

/// No login stands behind it; below the handlers none is asked for.
const fn actor(user_id: UserId, role: Role) -> Actor {
    Actor { user_id, session_id: SessionId::new(user_id.uuid()), role }
}

/// Done as often as it is asked for.
fn once<T>() -> Once<T> {
    Once { key: None, render: |_| Err(UseCaseError::Internal("nobody asked for this answer".into())) }
}

fn done<T>(outcome: Result<Answered<T>, UseCaseError>) -> anyhow::Result<T> {
    match outcome? {
        Answered::Now(done) => Ok(done),
        Answered::Before(_) => bail!("it had been done before"),
    }
}

fn dollars(whole: i64) -> anyhow::Result<Money> {
    Ok(Money::positive(whole.saturating_mul(100), Currency::Usd)?)
}

fn number(step: i32) -> anyhow::Result<MilestoneNumber> {
    MilestoneNumber::new(step).context("no number of a milestone")
}

fn tags(words: &[&str]) -> anyhow::Result<Tags> {
    let tags = words.iter().map(|word| Tag::parse(word)).collect::<Result<_, _>>()?;
    Ok(Tags::new(tags)?)
}

/// An account that nobody has.
fn payout_account(who: &str) -> anyhow::Result<PayoutAccount> {
    let email = format!("{who}@payments.test");
    PayoutAccount::new(PayoutMethod::PayPal, |field| (field == "email").then_some(email.as_str()))
        .map_err(|faults| anyhow!("{faults:?}"))
}

/// Bytes that are all there.
struct Content(Option<Bytes>);

impl Content {
    fn of(bytes: Vec<u8>) -> Self {
        Self(Some(bytes.into()))
    }
}

#[async_trait]
impl ByteSource for Content {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        Ok(self.0.take())
    }
}
