//! What is stored, and what a transaction is going to store.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::audit::PayoutHold;
use domain::bidding::{Bid, Offer};
use domain::contracts::{Bonus, Contract, Proposal, Review, Submission};
use domain::disputes::{Dispute, Evidence};
use domain::event::Event;
use domain::files::{Attachment, File};
use domain::identity::{Session, User};
use domain::ids::{
    BidId, BonusId, ChargebackId, ChatId, ContractId, DepositId, DisputeId, EventId, FileId, JobId,
    LedgerCheckId, MilestoneNumber, OrderId, PayoutHoldId, ProposalId, SessionId, UserId, WithdrawalId,
};
use domain::messaging::{Chat, Message};
use domain::money::{
    Account, Chargeback, Currency, Deposit, PayoutAccount, Posting, Reference, Source, TransactionKind,
    Withdrawal,
};
use domain::notifications::Notification;
use domain::orders::{Invitation, Order};
use domain::profiles::{Achievement, Figures, Period, Profile};
use ports::audit::LedgerCheck;
use ports::idempotency::StoredAnswer;
use ports::identity::{FoundToken, TokenDigest};
use ports::jobs::JobView;
use uuid::Uuid;

/// The rows that are committed, or those that one transaction has written.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) users: HashMap<UserId, User>,
    pub(crate) sessions: HashMap<SessionId, Session>,
    pub(crate) tokens: HashMap<[u8; 32], FoundToken>,
    pub(crate) events: Vec<(EventId, Event)>,
    pub(crate) announced: Vec<Announcement>,
    pub(crate) balances: HashMap<(Account, Currency), i64>,
    pub(crate) sources: HashSet<Source>,
    /// By their position.
    pub(crate) postings: BTreeMap<i64, StoredPosting>,
    pub(crate) totals: HashMap<(UserId, Currency), Totals>,
    pub(crate) deposits: HashMap<DepositId, Deposit>,
    /// Beside their positions.
    pub(crate) chargebacks: BTreeMap<ChargebackId, (i64, Chargeback)>,
    pub(crate) withdrawals: BTreeMap<WithdrawalId, Withdrawal>,
    /// Where they go.
    pub(crate) payout_accounts: BTreeMap<WithdrawalId, PayoutAccount>,
    pub(crate) profiles: HashMap<UserId, Profile>,
    pub(crate) figures: HashMap<UserId, Figures>,
    /// Best first, and as of when.
    pub(crate) rankings: HashMap<Period, (Vec<Achievement>, DateTime<Utc>)>,
    pub(crate) orders: BTreeMap<OrderId, Order>,
    pub(crate) invitations: BTreeMap<(OrderId, UserId), Invitation>,
    pub(crate) bids: BTreeMap<BidId, Bid>,
    /// In the order in which they were added.
    pub(crate) offers: Vec<Offer>,
    pub(crate) contracts: BTreeMap<ContractId, Contract>,
    pub(crate) submissions: BTreeMap<(ContractId, MilestoneNumber, i32), Submission>,
    pub(crate) bonuses: BTreeMap<BonusId, Bonus>,
    pub(crate) disputes: BTreeMap<DisputeId, StoredDispute>,
    /// By dispute and number.
    pub(crate) evidence: BTreeMap<(DisputeId, i32), Evidence>,
    pub(crate) proposals: BTreeMap<ProposalId, StoredProposal>,
    /// By order and author.
    pub(crate) reviews: BTreeMap<(OrderId, UserId), Review>,
    pub(crate) answers: HashMap<(UserId, String), Remembered>,
    pub(crate) jobs: BTreeMap<JobId, JobView>,
    /// How far each schedule has come.
    pub(crate) ticks: HashMap<String, DateTime<Utc>>,
    pub(crate) chats: BTreeMap<ChatId, StoredChat>,
    /// By chat and number.
    pub(crate) messages: BTreeMap<(ChatId, i64), Message>,
    /// `None`: taken away.
    pub(crate) files: HashMap<FileId, Option<File>>,
    pub(crate) avatar_urls: HashMap<UserId, Option<String>>,
    pub(crate) attachments: BTreeMap<FileId, Attachment>,
    /// By their position.
    pub(crate) notifications: BTreeMap<i64, StoredNotification>,
    /// By their time and id.
    pub(crate) checks: BTreeMap<(DateTime<Utc>, LedgerCheckId), LedgerCheck>,
    pub(crate) holds: BTreeMap<PayoutHoldId, PayoutHold>,
}

/// A chat and its place in the lists of its two sides.
#[derive(Clone, Debug)]
pub(crate) struct StoredChat {
    pub(crate) chat: Chat,
    /// Which it was of everything that was ever said anywhere.
    pub(crate) activity: i64,
}

/// What somebody proposed, and its place in the lists.
#[derive(Clone, Debug)]
pub(crate) struct StoredProposal {
    pub(crate) proposal: Proposal,
    pub(crate) position: i64,
}

/// A dispute, and its place in the lists.
#[derive(Clone, Debug)]
pub(crate) struct StoredDispute {
    pub(crate) dispute: Dispute,
    pub(crate) position: i64,
}

/// What somebody was told.
#[derive(Clone, Debug)]
pub(crate) struct StoredNotification {
    pub(crate) told: Notification,
    pub(crate) read_at: Option<DateTime<Utc>>,
}

/// A line of the books.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredPosting {
    pub(crate) id: Uuid,
    pub(crate) transaction_id: i64,
    pub(crate) source: Source,
    pub(crate) kind: TransactionKind,
    pub(crate) reference: Reference,
    pub(crate) posting: Posting,
    /// Where the account has a balance row.
    pub(crate) balance_after: Option<i64>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What a wallet has earned and given out, in minor units.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) earned: i64,
    pub(crate) withdrawn: i64,
}

/// The answer to a request that has a key.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) fingerprint: [u8; 32],
    pub(crate) answer: StoredAnswer,
    pub(crate) created_at: DateTime<Utc>,
}

/// The end of a login, as every process is to learn of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announcement {
    pub(crate) session_id: SessionId,
    pub(crate) ended_at: DateTime<Utc>,
}

impl Rows {
    pub(crate) fn token(&self, digest: &TokenDigest) -> Option<FoundToken> {
        self.tokens.get(&digest.0).copied()
    }

    pub(crate) fn has_event(&self, id: EventId) -> bool {
        self.events.iter().any(|(known, _)| *known == id)
    }
}

/// What everybody sees.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    pub(crate) rows: Rows,
    /// The announcements by their number. They get it at the commit, so that numbers are seen in
    /// order, however late a transaction commits.
    pub(crate) announcements: BTreeMap<i64, Announcement>,
    last_announcement: i64,
}

impl Committed {
    #[expect(clippy::too_many_lines, reason = "two lines for each table")]
    pub(crate) fn apply(&mut self, written: Rows) {
        let Rows {
            users,
            sessions,
            tokens,
            events,
            announced,
            balances,
            sources,
            postings,
            totals,
            deposits,
            chargebacks,
            withdrawals,
            payout_accounts,
            profiles,
            figures,
            rankings,
            orders,
            invitations,
            bids,
            offers,
            contracts,
            submissions,
            bonuses,
            proposals,
            disputes,
            evidence,
            reviews,
            answers,
            jobs,
            ticks,
            chats,
            messages,
            files,
            avatar_urls,
            attachments,
            notifications,
            checks,
            holds,
        } = written;
        self.rows.users.extend(users);
        self.rows.sessions.extend(sessions);
        self.rows.tokens.extend(tokens);
        self.rows.events.extend(events);
        self.rows.balances.extend(balances);
        self.rows.sources.extend(sources);
        self.rows.postings.extend(postings);
        self.rows.totals.extend(totals);
        self.rows.deposits.extend(deposits);
        self.rows.chargebacks.extend(chargebacks);
        self.rows.withdrawals.extend(withdrawals);
        self.rows.payout_accounts.extend(payout_accounts);
        self.rows.profiles.extend(profiles);
        self.rows.figures.extend(figures);
        self.rows.rankings.extend(rankings);
        self.rows.orders.extend(orders);
        self.rows.invitations.extend(invitations);
        self.rows.bids.extend(bids);
        self.rows.offers.extend(offers);
        self.rows.contracts.extend(contracts);
        self.rows.submissions.extend(submissions);
        self.rows.bonuses.extend(bonuses);
        self.rows.proposals.extend(proposals);
        self.rows.disputes.extend(disputes);
        self.rows.evidence.extend(evidence);
        self.rows.reviews.extend(reviews);
        self.rows.answers.extend(answers);
        self.rows.jobs.extend(jobs);
        self.rows.ticks.extend(ticks);
        self.rows.chats.extend(chats);
        self.rows.messages.extend(messages);
        self.rows.files.extend(files);
        self.rows.avatar_urls.extend(avatar_urls);
        self.rows.attachments.extend(attachments);
        self.rows.notifications.extend(notifications);
        self.rows.checks.extend(checks);
        self.rows.holds.extend(holds);
        for announcement in announced {
            self.last_announcement += 1;
            self.announcements.insert(self.last_announcement, announcement);
        }
    }

    pub(crate) const fn last_announcement(&self) -> i64 {
        self.last_announcement
    }
}
