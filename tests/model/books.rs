//! What should happen, reckoned a second time and as simply as possible: one order, five people, and
//! whole cents. Nothing of the program is used here but the words of its commands, so that a fault
//! would have to be made twice in the same way.

/// Somebody who tries something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Client,
    Provider,
    OtherClient,
    OtherProvider,
    Admin,
}

/// What can be tried. Milestones and withdrawals are counted from nothing, and may not be there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Command {
    PayIn {
        minor: i64,
    },
    Fund,
    Cancel,
    Start {
        step: usize,
    },
    Submit {
        step: usize,
    },
    RequestChanges {
        step: usize,
    },
    Approve {
        step: usize,
    },
    /// The provider gives a milestone's money back.
    Refund {
        step: usize,
    },
    /// Something about a dispute.
    InDispute {
        step: usize,
        command: InDispute,
    },
    GiveBonus {
        minor: i64,
    },
    Withdraw {
        minor: i64,
    },
    TakeBack {
        withdrawal: usize,
    },
    Reject {
        withdrawal: usize,
    },
    /// Days pass, and the clocks are looked at.
    Wait {
        days: i64,
    },
}

/// What can be tried about a milestone's dispute. The provider is to have so much of its money.
#[derive(Clone, Copy, Debug)]
pub(super) enum InDispute {
    Open { minor: i64 },
    Offer { minor: i64 },
    AcceptOffer { offer: usize },
    RejectOffer { offer: usize },
    Escalate,
    Decide { minor: i64 },
}

/// What becomes of it: done, or the kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Invalid,
    PaymentRequired,
    Forbidden,
    NotFound,
    Conflict,
    Impossible,
}
use Outcome::{Conflict, Done, Forbidden, Impossible, Invalid, NotFound, PaymentRequired};

/// Under which terms a case is played.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) price: i64,
    pub(super) steps: usize,
    pub(super) provider_bps: u16,
    pub(super) client_bps: u16,
    pub(super) release_days: u8,
    pub(super) clearance_days: u8,
}

/// What somebody's wallet shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wallet {
    pub(super) available: i64,
    pub(super) pending: i64,
    pub(super) clearing: i64,
    pub(super) in_escrow: i64,
    pub(super) earned: i64,
    pub(super) withdrawn: i64,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    amount: i64,
    state: &'static str,
    is_handed_in: bool,
    releases_on: i64,
    /// What rests of it, and until when.
    resting: Option<(i64, i64)>,
}

/// A dispute about a step.
#[derive(Clone, Debug)]
struct Dispute {
    opener: Who,
    /// Whether silence settles it: no provider is paid for nothing.
    settles: bool,
    asked: i64,
    state: &'static str,
    due_on: i64,
    offers: Vec<Offer>,
}

#[derive(Clone, Copy, Debug)]
struct Offer {
    by: Who,
    minor: i64,
    stands: bool,
}

#[derive(Clone, Copy, Debug)]
struct Withdrawal {
    owner: Who,
    minor: i64,
    is_pending: bool,
}

/// One order and the wallets around it.
#[derive(Debug)]
pub(super) struct Books {
    terms: Terms,
    today: i64,
    order: &'static str,
    released: i64,
    refunded: i64,
    steps: Vec<Step>,
    /// By step: each is disputed once.
    disputes: Vec<Option<Dispute>>,
    withdrawals: Vec<Withdrawal>,
    wallets: [Wallet; 4],
}

/// The states in which a step is paid for and neither settled nor disputed.
const UNSETTLED: [&str; 4] = ["funded", "in_progress", "submitted", "changes_requested"];

fn share(minor: i64, bps: u16) -> i64 {
    (minor * i64::from(bps) + 5_000) / 10_000
}

impl Books {
    /// An order that is awarded and not paid for; its steps cost this much.
    pub(super) fn new(terms: Terms, amounts: &[i64]) -> Self {
        assert_eq!((amounts.len(), amounts.iter().sum()), (terms.steps, terms.price), "the plan adds up");
        let step = |amount: &i64| Step {
            amount: *amount,
            state: "unfunded",
            is_handed_in: false,
            releases_on: 0,
            resting: None,
        };
        Self {
            terms,
            today: 0,
            order: "pending",
            released: 0,
            refunded: 0,
            steps: amounts.iter().map(step).collect(),
            disputes: vec![None; amounts.len()],
            withdrawals: vec![],
            wallets: [Wallet::default(); 4],
        }
    }

    pub(super) fn order(&self) -> (&'static str, Vec<&'static str>) {
        (self.order, self.steps.iter().map(|step| step.state).collect())
    }

    /// Of administrators, nothing.
    pub(super) fn wallet(&self, who: Who) -> Wallet {
        let Terms { price, provider_bps, client_bps, .. } = self.terms;
        let mut wallet = self.wallets.get(who as usize).copied().unwrap_or_default();
        wallet.pending = wallet.clearing;
        if self.order == "active" {
            let bought = price - self.refunded;
            let left = bought - self.released;
            if who == Who::Client {
                wallet.in_escrow = left + share(bought, client_bps) - share(self.released, client_bps);
            }
            if who == Who::Provider {
                wallet.pending += left - (share(bought, provider_bps) - share(self.released, provider_bps));
            }
        }
        wallet
    }

    /// What becomes of a command.
    pub(super) fn issue(&mut self, who: Who, command: Command) -> Outcome {
        let (client, provider) = (Who::Client, Who::Provider);
        match command {
            Command::PayIn { minor } => self.pay_in(who, minor),
            Command::Withdraw { minor } => self.withdraw(who, minor),
            Command::TakeBack { withdrawal } => self.take_back(who, withdrawal),
            Command::Reject { withdrawal } if who == Who::Admin => self.give_back(withdrawal),
            Command::Reject { .. } => Forbidden,
            Command::Wait { days } => self.wait(days),
            Command::Fund => self.of(who, client).map_or_else(|refused| refused, |()| self.fund()),
            Command::Cancel => self.of(who, client).map_or_else(|refused| refused, |()| self.cancel()),
            Command::GiveBonus { minor } => match self.of(who, client) {
                Err(Forbidden) => Forbidden,
                _ if minor == 0 => Invalid,
                Err(refused) => refused,
                Ok(()) => self.give_bonus(minor),
            },
            Command::Start { step } => {
                self.step(who, provider, step, &["funded", "changes_requested", "in_progress"], Self::start)
            }
            Command::Submit { step } => {
                self.step(who, provider, step, &["funded", "changes_requested", "in_progress"], Self::submit)
            }
            Command::RequestChanges { step } => {
                self.step(who, client, step, &["submitted"], |books, step| {
                    books.enter(step, "changes_requested");
                })
            }
            Command::Approve { step } => self.step(who, client, step, &["submitted"], Self::release),
            Command::Refund { step } => self.step(who, provider, step, &UNSETTLED, |books, step| {
                books.divide(step, 0);
            }),
            Command::InDispute { step, command } => self.issue_in_dispute(who, step, command),
        }
    }

    fn issue_in_dispute(&mut self, who: Who, step: usize, command: InDispute) -> Outcome {
        match command {
            InDispute::Open { minor } => {
                self.either(who).map_or_else(|refused| refused, |()| self.dispute(who, step, minor))
            }
            InDispute::Offer { minor } => {
                self.say(who, step, &["awaiting_answer", "negotiating", "in_review"], |books, dispute| {
                    if minor > books.steps[step].amount {
                        return Impossible;
                    }
                    dispute
                        .offers
                        .iter_mut()
                        .filter(|offer| offer.by == who)
                        .for_each(|offer| offer.stands = false);
                    dispute.offers.push(Offer { by: who, minor, stands: true });
                    Done
                })
            }
            InDispute::AcceptOffer { offer } => {
                self.say(who, step, &["negotiating", "in_review"], |books, dispute| {
                    match dispute.offers.get(offer).copied() {
                        None => NotFound,
                        Some(Offer { by, minor, stands }) if stands && by != who => {
                            dispute.state = "resolved";
                            books.divide(step, minor);
                            Done
                        }
                        Some(_) => Conflict,
                    }
                })
            }
            InDispute::RejectOffer { offer } => {
                self.say(who, step, &["negotiating", "in_review"], |_, dispute| {
                    match dispute.offers.get_mut(offer) {
                        None => NotFound,
                        Some(found) if found.stands && found.by != who => {
                            found.stands = false;
                            Done
                        }
                        Some(_) => Conflict,
                    }
                })
            }
            InDispute::Escalate => self.say(who, step, &["negotiating"], |books, dispute| {
                (dispute.state, dispute.due_on) = ("in_review", books.today + 30);
                Done
            }),
            InDispute::Decide { .. } if who != Who::Admin => Forbidden,
            InDispute::Decide { minor } => self.decide(step, minor),
        }
    }

    /// That somebody is this party of the order; others of the same kind learn nothing about it.
    fn of(&self, who: Who, party: Who) -> Result<(), Outcome> {
        let other = if party == Who::Client { Who::OtherClient } else { Who::OtherProvider };
        match who {
            who if who == party => Ok(()),
            who if who == other => Err(NotFound),
            _ => Err(Forbidden),
        }
    }

    fn step(
        &mut self,
        who: Who,
        party: Who,
        step: usize,
        from: &[&str],
        then: impl FnOnce(&mut Self, usize),
    ) -> Outcome {
        if let Err(refused) = self.of(who, party) {
            return refused;
        }
        match self.steps.get(step) {
            None => NotFound,
            Some(found) if from.contains(&found.state) => {
                then(self, step);
                Done
            }
            Some(_) => Conflict,
        }
    }

    /// That somebody is one of the two sides of the order.
    fn either(&self, who: Who) -> Result<(), Outcome> {
        match who {
            Who::Client | Who::Provider => Ok(()),
            Who::OtherClient | Who::OtherProvider => Err(NotFound),
            Who::Admin => Err(Forbidden),
        }
    }

    fn dispute(&mut self, who: Who, step: usize, minor: i64) -> Outcome {
        match self.steps.get(step) {
            None => NotFound,
            Some(found) if !UNSETTLED.contains(&found.state) => Conflict,
            Some(found) if minor > found.amount => Impossible,
            Some(_) => {
                self.enter(step, "disputed");
                let (state, due_on) = ("awaiting_answer", self.today + 7);
                let settles = who == Who::Client || self.steps[step].is_handed_in || minor == 0;
                self.disputes[step] =
                    Some(Dispute { opener: who, settles, asked: minor, state, due_on, offers: vec![] });
                Done
            }
        }
    }

    /// One side says something in a dispute. What the other side than the opener's says is an answer first.
    fn say(
        &mut self,
        who: Who,
        step: usize,
        from: &[&str],
        then: impl FnOnce(&mut Self, &mut Dispute) -> Outcome,
    ) -> Outcome {
        if let Err(refused) = self.either(who) {
            return refused;
        }
        let Some(Some(mut dispute)) = self.disputes.get(step).cloned() else { return NotFound };
        if dispute.state == "awaiting_answer" && who != dispute.opener {
            (dispute.state, dispute.due_on) = ("negotiating", self.today + 14);
        }
        if !from.contains(&dispute.state) {
            return Conflict;
        }
        let outcome = then(self, &mut dispute);
        if outcome == Done {
            self.disputes[step] = Some(dispute);
        }
        outcome
    }

    fn decide(&mut self, step: usize, minor: i64) -> Outcome {
        match self.disputes.get_mut(step) {
            Some(Some(dispute)) if dispute.state != "in_review" => Conflict,
            Some(Some(_)) if minor > self.steps[step].amount => Impossible,
            Some(Some(dispute)) => {
                dispute.state = "resolved";
                self.divide(step, minor);
                Done
            }
            Some(None) | None => NotFound,
        }
    }

    /// What happens at the deadlines of disputes.
    fn expire(&mut self) {
        for step in 0..self.steps.len() {
            let half = self.steps[step].amount / 2;
            let Some(dispute) = self.disputes[step].as_mut().filter(|dispute| dispute.due_on <= self.today)
            else {
                continue;
            };
            let given = match dispute.state {
                "awaiting_answer" if dispute.settles => dispute.asked,
                "awaiting_answer" | "negotiating" => {
                    (dispute.state, dispute.due_on) = ("in_review", self.today + 30);
                    continue;
                }
                "in_review" => half,
                _ => continue,
            };
            dispute.state = "resolved";
            self.divide(step, given);
        }
    }

    fn enter(&mut self, step: usize, state: &'static str) {
        self.steps[step].state = state;
    }

    fn start(&mut self, step: usize) {
        self.enter(step, "in_progress");
    }

    fn submit(&mut self, step: usize) {
        self.enter(step, "submitted");
        self.steps[step].is_handed_in = true;
        self.steps[step].releases_on = self.today + i64::from(self.terms.release_days);
    }

    fn release(&mut self, step: usize) {
        self.divide(step, self.steps[step].amount);
    }

    /// A step's money goes to its two sides, and the client gets their fee back on what they get back.
    fn divide(&mut self, step: usize, to_provider: i64) {
        let Terms { price, client_bps, .. } = self.terms;
        let back = self.steps[step].amount - to_provider;
        let bought = price - self.refunded;
        self.refunded += back;
        self.wallets[Who::Client as usize].available +=
            back + share(bought, client_bps) - share(bought - back, client_bps);
        if to_provider > 0 {
            self.pay(step, to_provider);
        }
        self.enter(step, if to_provider > 0 { "completed" } else { "refunded" });
        if self.steps.iter().all(|step| ["completed", "refunded"].contains(&step.state)) {
            self.order = if self.released > 0 { "completed" } else { "cancelled" };
        }
    }

    fn pay(&mut self, step: usize, amount: i64) {
        let Terms { provider_bps, clearance_days, .. } = self.terms;
        let before = self.released;
        self.released += amount;
        let net = amount - (share(self.released, provider_bps) - share(before, provider_bps));
        let provider = &mut self.wallets[Who::Provider as usize];
        if clearance_days == 0 {
            provider.available += net;
            provider.earned += net;
        } else {
            provider.clearing += net;
            self.steps[step].resting = Some((net, self.today + i64::from(clearance_days)));
        }
    }

    fn wait(&mut self, days: i64) -> Outcome {
        self.today += days;
        for step in 0..self.steps.len() {
            if self.steps[step].state == "submitted" && self.steps[step].releases_on <= self.today {
                self.release(step);
            }
        }
        self.expire();
        for step in &mut self.steps {
            if let Some((net, _)) = step.resting.take_if(|(_, until)| *until <= self.today) {
                let provider = &mut self.wallets[Who::Provider as usize];
                provider.clearing -= net;
                provider.available += net;
                provider.earned += net;
            }
        }
        Done
    }

    fn fund(&mut self) -> Outcome {
        let required = self.terms.price + share(self.terms.price, self.terms.client_bps);
        let client = &mut self.wallets[Who::Client as usize];
        if self.order != "pending" {
            return Conflict;
        }
        if client.available < required {
            return PaymentRequired;
        }
        client.available -= required;
        self.order = "active";
        (0..self.steps.len()).for_each(|step| self.enter(step, "funded"));
        Done
    }

    fn cancel(&mut self) -> Outcome {
        if self.order != "pending" {
            return Conflict;
        }
        self.order = "cancelled";
        Done
    }

    fn give_bonus(&mut self, minor: i64) -> Outcome {
        if !["active", "completed"].contains(&self.order) {
            return Conflict;
        }
        if self.wallets[Who::Client as usize].available < minor {
            return PaymentRequired;
        }
        let net = minor - share(minor, self.terms.provider_bps);
        self.wallets[Who::Client as usize].available -= minor;
        self.wallets[Who::Provider as usize].available += net;
        self.wallets[Who::Provider as usize].earned += net;
        Done
    }

    fn pay_in(&mut self, who: Who, minor: i64) -> Outcome {
        let Some(wallet) = self.wallets.get_mut(who as usize) else { return Forbidden };
        if minor == 0 {
            return Invalid;
        }
        wallet.available += minor;
        Done
    }

    fn withdraw(&mut self, who: Who, minor: i64) -> Outcome {
        let Some(wallet) = self.wallets.get_mut(who as usize) else { return Forbidden };
        if minor == 0 {
            return Invalid;
        }
        if wallet.available < minor {
            return Impossible;
        }
        wallet.available -= minor;
        wallet.withdrawn += minor;
        self.withdrawals.push(Withdrawal { owner: who, minor, is_pending: true });
        Done
    }

    fn take_back(&mut self, who: Who, withdrawal: usize) -> Outcome {
        match self.withdrawals.get(withdrawal) {
            _ if who == Who::Admin => Forbidden,
            Some(found) if found.owner == who => self.give_back(withdrawal),
            _ => NotFound,
        }
    }

    fn give_back(&mut self, withdrawal: usize) -> Outcome {
        let Some(found) = self.withdrawals.get_mut(withdrawal) else { return NotFound };
        if !found.is_pending {
            return Conflict;
        }
        found.is_pending = false;
        let wallet = &mut self.wallets[found.owner as usize];
        wallet.available += found.minor;
        wallet.withdrawn -= found.minor;
        Done
    }
}
