//! Failing, and stopping, on purpose.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use ports::store::StoreError;
use tokio::sync::oneshot;

/// How long a test waits for what has to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// One method of the storage ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `Store::begin`
    Begin,
    /// `UnitOfWork::commit`
    Commit,
    /// `UnitOfWork::rollback`
    Rollback,
    /// `Users::insert`
    InsertUser,
    /// `Users::lock`
    LockUser,
    /// `Users::save`
    SaveUser,
    /// `Sessions::insert`
    InsertSession,
    /// `Sessions::find_token`
    FindToken,
    /// `Sessions::lock`
    LockSession,
    /// `Sessions::save_rotation`
    SaveRotation,
    /// `Sessions::save_end`
    SaveEnd,
    /// `Sessions::end_all`
    EndAll,
    /// `Users::lock_administrators`
    LockAdministrators,
    /// `Users::roles`
    Standings,
    /// `Outbox::append`
    Append,
    /// `Jobs::enqueue`
    Enqueue,
    /// `Jobs::claim_tick`
    ClaimTick,
    /// `Jobs::lock`
    LockJob,
    /// `Jobs::retry`
    RetryJob,
    /// `Jobs::cancel`
    CancelJob,
    /// `IdempotencyKeys::claim`
    ClaimKey,
    /// `IdempotencyKeys::remember`
    Remember,
    /// `Ledger::lock_balances`
    LockBalances,
    /// `Ledger::book`
    Book,
    /// `Ledger::has_money`
    HasMoney,
    /// `Ledger::wallet`
    WalletInside,
    /// `Deposits::insert`
    InsertDeposit,
    /// `Deposits::lock`
    LockDeposit,
    /// `Deposits::save`
    SaveDeposit,
    /// `Withdrawals::next_id`
    NextWithdrawalId,
    /// `Withdrawals::insert`
    InsertWithdrawal,
    /// `Withdrawals::lock`
    LockWithdrawal,
    /// `Withdrawals::save`
    SaveWithdrawal,
    /// `Withdrawals::view`
    WithdrawalInside,
    /// `Orders::next_id`
    NextOrderId,
    /// `Orders::insert`
    InsertOrder,
    /// `Orders::lock`
    LockOrder,
    /// `Orders::save`
    SaveOrder,
    /// `Orders::detail`
    OrderInside,
    /// `Orders::titles`
    OrderTitles,
    /// `Invitations::insert`
    InsertInvitations,
    /// `Invitations::lock`
    LockInvitation,
    /// `Invitations::save`
    SaveInvitation,
    /// `Bids::stage`
    StageBid,
    /// `Bids::insert`
    InsertBid,
    /// `Bids::find`
    FindBid,
    /// `Bids::lock`
    LockBids,
    /// `Bids::save`
    SaveBids,
    /// `Bids::add_offer`
    AddOffer,
    /// `Contracts::insert`
    InsertContract,
    /// `Contracts::lock`
    LockContract,
    /// `Contracts::save`
    SaveContract,
    /// `Contracts::add_submission`
    AddSubmission,
    /// `Contracts::add_bonus`
    AddBonus,
    /// `Contracts::save_reminder`
    SaveReminder,
    /// `DueMilestones::due_milestones`
    DueMilestones,
    /// `Contracts::has_running`
    HasRunning,
    /// `Proposals::insert`
    InsertProposal,
    /// `Proposals::find`
    FindProposal,
    /// `Proposals::lock`
    LockProposal,
    /// `Proposals::lock_open`
    LockOpenProposals,
    /// `Proposals::save`
    SaveProposal,
    /// `ProposalQueries::proposal`
    Proposal,
    /// `ProposalQueries::proposals`
    Proposals,
    /// `ProposalQueries::expired_proposals`
    ExpiredProposals,
    /// `Disputes::insert`
    InsertDispute,
    /// `Disputes::find`
    FindDispute,
    /// `Disputes::lock`
    LockDispute,
    /// `Disputes::save`
    SaveDispute,
    /// `Disputes::add_evidence`
    AddEvidence,
    /// `Disputes::view`
    DisputeInside,
    /// `DisputeQueries::dispute`
    Dispute,
    /// `DisputeQueries::disputes`
    Disputes,
    /// `DisputeQueries::due_disputes`
    DueDisputes,
    /// `Reviews::find`
    FindReview,
    /// `Reviews::insert`
    InsertReview,
    /// `Profiles::lock`
    LockProfile,
    /// `Profiles::save`
    SaveProfile,
    /// `Profiles::view`
    ProfileInside,
    /// `FigureBook::change`
    ChangeFigures,
    /// `Chats::grounds`
    ChatGrounds,
    /// `Chats::insert`
    InsertChat,
    /// `Chats::lock`
    LockChat,
    /// `Chats::mark`
    FindMessage,
    /// `Chats::add_message`
    AddMessage,
    /// `Chats::save_reading`
    SaveReading,
    /// `Chats::view`
    ChatInside,
    /// `ChatQueries::chats`
    Chats,
    /// `ChatQueries::messages`
    Messages,
    /// `Notifications::add`
    AddNotifications,
    /// `Notifications::mark_read`
    MarkNotificationRead,
    /// `Notifications::mark_all_read`
    MarkAllNotificationsRead,
    /// `NotificationQueries::notifications`
    ListNotifications,
    /// `OrderQueries::order`
    Order,
    /// `OrderQueries::orders`
    Orders,
    /// `OrderQueries::available_orders`
    AvailableOrders,
    /// `OrderQueries::order_access`
    OrderAccess,
    /// `DueOrders::unpaid_orders`
    UnpaidOrders,
    /// `Deposits::find`
    FindDeposit,
    /// `Chargebacks::insert`
    InsertChargeback,
    /// `Chargebacks::of_deposit`
    ChargebackOfDeposit,
    /// `Chargebacks::lock`
    LockChargeback,
    /// `Chargebacks::save`
    SaveChargeback,
    /// `Chargebacks::view`
    ChargebackInside,
    /// `Contracts::holding`
    HoldingContracts,
    /// `Ledger::owed`
    Owed,
    /// `ChargebackQueries::chargebacks`
    Chargebacks,
    /// `ChargebackQueries::solvent_debtors`
    SolventDebtors,
    /// `UnattendedPayouts::unattended`
    UnattendedPayouts,
    /// `Withdrawals::account`
    PayoutAccount,
    /// `DueOrders::expired_orders`
    ExpiredOrders,
    /// `Orders::save_expiry`
    SaveExpiry,
    /// `UnfinishedBusiness::unfinished_orders`
    UnfinishedOrders,
    /// `UnfinishedBusiness::unfinished_bids`
    UnfinishedBids,
    /// `BidQueries::bid`
    Bid,
    /// `BidQueries::bids`
    Bids,
    /// `BidQueries::bids_on`
    BidsOn,
    /// `BidQueries::offers`
    Offers,
    /// `Files::insert`
    InsertFile,
    /// `Files::find`
    FindFile,
    /// `Files::avatar_of`
    AvatarOf,
    /// `Files::remove`
    RemoveFile,
    /// `Files::set_avatar_url`
    SetAvatarUrl,
    /// `Files::uploaded_since`
    UploadedSince,
    /// `Attachments::files`
    FindFiles,
    /// `Attachments::count`
    CountAttachments,
    /// `Attachments::attach`
    Attach,
    /// `Attachments::take_unattached`
    TakeUnattached,
    /// `FileQueries::file`
    File,
    /// `FileQueries::known`
    KnownFiles,
    /// `Audits::keep`
    KeepCheck,
    /// `Audits::administrators`
    Administrators,
    /// `Audits::place`
    PlaceHolds,
    /// `Audits::hold_on`
    HoldOn,
    /// `Audits::lock_hold`
    LockHold,
    /// `Audits::save_lifted`
    SaveLifted,
    /// `CheckBooks::check`
    CheckBooks,
    /// `AuditQueries::trial_balance`
    TrialBalance,
    /// `AuditQueries::account_entries`
    AccountEntries,
    /// `AuditQueries::last_check`
    LastCheck,
    /// `AuditQueries::active_holds`
    ActiveHolds,
    /// `AuditQueries::outside`
    OutsideBooks,
    /// `AuditQueries::waiting`
    WaitingWithdrawals,
    /// `MoneyQueries::wallet`
    Wallet,
    /// `MoneyQueries::entries`
    Entries,
    /// `MoneyQueries::withdrawals`
    Withdrawals,
    /// `MoneyQueries::withdrawal`
    Withdrawal,
    /// `ProfileQueries::profile`
    Profile,
    /// `ProfileQueries::public_profile`
    PublicProfile,
    /// `LeaderboardQueries::leaderboard`
    Leaderboard,
    /// `RankProviders::rank`
    Rank,
    /// `AccountQueries::account`
    Account,
    /// `AccountQueries::credentials`
    Credentials,
    /// `AccountQueries::credentials_of`
    CredentialsOf,
    /// `AccountQueries::has_administrator`
    HasAdministrator,
    /// `SessionQueries::ended_since`
    EndedSince,
    /// `SessionQueries::is_live`
    IsLive,
    /// `DatabaseHealth::check`
    Check,
}

/// How an operation is to fail: the kinds of [`StoreError`] that come from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// [`StoreError::Unavailable`]
    Unavailable,
    /// [`StoreError::TimedOut`]
    TimedOut,
    /// [`StoreError::Collision`]
    Collision,
    /// [`StoreError::Stale`]
    Stale,
    /// [`StoreError::Corrupt`]
    Corrupt,
    /// [`StoreError::OutcomeUnknown`]; of a commit it is chosen here what really happened.
    OutcomeUnknown {
        /// Whether the writes are there all the same.
        written: bool,
    },
    /// [`StoreError::Refused`]
    Refused,
}

impl Fault {
    pub(crate) fn error(self) -> StoreError {
        let cause = "the test wanted it so".into();
        match self {
            Self::Unavailable => StoreError::Unavailable(cause),
            Self::TimedOut => StoreError::TimedOut(cause),
            Self::Collision => StoreError::Collision(cause),
            Self::Stale => StoreError::Stale { what: "row" },
            Self::Corrupt => StoreError::Corrupt {
                table: "table",
                column: "column",
                row: "row".into(),
                problem: "the test wanted it so".into(),
            },
            Self::OutcomeUnknown { .. } => StoreError::OutcomeUnknown(cause),
            Self::Refused => StoreError::Refused(cause),
        }
    }
}

/// An operation that will stop, or has stopped, before it does anything. Dropping this lets it go on.
#[derive(Debug)]
pub struct Held {
    reached: oneshot::Receiver<()>,
    release: oneshot::Sender<()>,
}

impl Held {
    /// Waits until somebody has come to the operation.
    ///
    /// # Panics
    /// When nobody does for ten seconds: a wrong program fails its test instead of hanging it.
    pub async fn reached(&mut self) {
        let reached = tokio::time::timeout(PATIENCE, &mut self.reached).await;
        reached.expect("somebody comes to the operation").expect("the store is still there");
    }

    /// Lets it go on.
    pub fn release(self) {
        // Whoever stood there may have been cancelled; then there is nobody to let go.
        self.release.send(()).ok();
    }
}

/// The other side of [`Held`].
#[derive(Debug)]
pub(crate) struct Gate {
    reached: oneshot::Sender<()>,
    release: oneshot::Receiver<()>,
}

impl Gate {
    pub(crate) async fn pass(self) {
        self.reached.send(()).ok();
        // An error means that the test has dropped its side, which lets us go on as well.
        self.release.await.ok();
    }
}

/// What the test has ordered, and what was called.
#[derive(Debug, Default)]
pub(crate) struct Script {
    gates: HashMap<Operation, VecDeque<Gate>>,
    faults: HashMap<Operation, VecDeque<Fault>>,
    calls: HashMap<Operation, usize>,
    is_down: bool,
}

impl Script {
    pub(crate) fn hold_next(&mut self, operation: Operation) -> Held {
        let (reached_sender, reached) = oneshot::channel();
        let (release, release_receiver) = oneshot::channel();
        let gate = Gate { reached: reached_sender, release: release_receiver };
        self.gates.entry(operation).or_default().push_back(gate);
        Held { reached, release }
    }

    pub(crate) fn fail_next(&mut self, operation: Operation, fault: Fault) {
        self.faults.entry(operation).or_default().push_back(fault);
    }

    pub(crate) fn set_down(&mut self, is_down: bool) {
        self.is_down = is_down;
    }

    pub(crate) fn calls(&self, operation: Operation) -> usize {
        self.calls.get(&operation).copied().unwrap_or_default()
    }

    /// Notes a call and says where it has to stop first.
    pub(crate) fn arrive(&mut self, operation: Operation) -> Option<Gate> {
        *self.calls.entry(operation).or_default() += 1;
        self.gates.get_mut(&operation)?.pop_front()
    }

    /// How the call, having gone on, is to fail.
    pub(crate) fn fault(&mut self, operation: Operation) -> Option<Fault> {
        if self.is_down {
            return Some(Fault::Unavailable);
        }
        self.faults.get_mut(&operation)?.pop_front()
    }
}
