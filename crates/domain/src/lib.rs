//! The rules of the marketplace, and nothing else.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no I/O, no async,
//! no serialisation. Time comes in as `now`, identifiers come in ready-made, and what happened goes
//! out as events. One can read this crate in one sitting and know every rule; nothing in HTTP or SQL
//! decides one.
//!
//! # In which order to read
//!
//! Follow an order from its posting to the payout. Each step is a table of states first, then the
//! method that runs it.
//!
//! 1. [`actor`]: who issues a command, and what they are to its object. [`machine`], its first page: how a
//!    table of states is read.
//! 2. [`orders`]: [`orders::ORDER_MACHINE`], then [`orders::Order`]. A client posts work.
//! 3. [`bidding`]: [`bidding::BID_MACHINE`], [`bidding::Bid`], and [`bidding::edit_order`], which
//!    outdates bids. Providers offer, both sides haggle.
//! 4. [`contracts::award`]: one bid wins, the others lose, a contract is made and, if the wallet covers
//!    it, paid for ([`contracts::fund`]).
//! 5. [`contracts::MILESTONE_MACHINE`], then `work.rs` (handing in, asking for changes),
//!    `settlement.rs` ([`contracts::approve`], refunds, disputes), `bonus.rs` and `ending.rs` (calling off, leaving,
//!    lapsing; [`contracts::wind_up_order`] for people who are gone).
//!    lapsing; [`contracts::wind_up_order`] for people who are gone). [`contracts::PROPOSAL_MACHINE`] and
//!    [`contracts::Proposal`]: what both sides agree on about money.
//!    [`disputes::DISPUTE_MACHINE`] and [`disputes::Dispute`]: what they do not agree on.
//! 6. [`money`]: [`money::movements`] lists every movement there is, [`money::Escrow`] reckons a contract's,
//!    [`money::FeeRule`] the fees; [`money::Deposit`] and [`money::Withdrawal`] are the ways in and out.
//! 7. [`messaging`]: [`messaging::openings`] says when a chat opens, [`messaging::Chat`] what is unread.
//! 8. [`notifications::drafts`]: who is told of which fact; the words are in `words.rs`.
//! 9. [`audit`]: what follows when a check finds the books wrong.
//! 10. [`identity`] and [`profiles`]: accounts, logins, what a person's record and rank are.
//!
//! To skip at first: [`ids`], [`text`], [`search`], [`event`] and [`jobs`] (no marketplace in them),
//! `error.rs` and `event.rs` of each module (lists), and [`files`] beyond its first page.
//!
//! # Where a rule is
//!
//! | rule | where |
//! |---|---|
//! | roles; what a name, address, telephone number or password may be | [`identity::Role`], [`identity::NewPassword`] and their neighbours |
//! | blocking, closing an account, changing who one says one is; which logins end by it | [`identity::User`], [`identity::ACCOUNT_MACHINE`] |
//! | how long a login lives; a stolen refresh token | [`identity::Session`] |
//! | when a profile is complete; ratings and rates; the figures of a person | [`profiles::missing_fields`], [`profiles::Figures`], [`profiles::figure_changes`] |
//! | who is ranked, and how; whose profile is shown | [`profiles::rank`], [`profiles::policy`] |
//! | what may be posted; which change is material; deadlines | [`orders::OrderDetails`], [`orders::Order`] |
//! | steps of an order, and how a price is split over them | [`orders::MilestonePlan`], [`money::split_in_proportion`] |
//! | who sees which order, which orders are listed or offered, how urgent they are | [`orders::policy`], [`orders::Availability`], [`orders::urgency`] |
//! | one live bid, counter-offers, by when to answer | [`bidding::Bid`] |
//! | who sees which bid; how often bids win | [`bidding::policy`], [`bidding::success_rate`] |
//! | award, payment, what ends unpaid, refunds, disputes | [`contracts`] |
//! | how long an order waits for money, and a submission for an answer | [`orders::FUNDING_PERIOD`], [`contracts::AutoReleasePeriod`] |
//! | a part released, money given back, an end by consent; how long a proposal waits | [`contracts::Proposal`], [`contracts::PROPOSAL_PERIOD`] |
//! | what is said and offered in a dispute, its deadlines and what happens at them | [`disputes`] |
//! | reviews | [`contracts::Review`] |
//! | what an amount is, in which currency, and through whom money comes in | [`money::Money`], [`money::MARKET_CURRENCY`], [`money::PayIn`] |
//! | the books: what moves, and that it adds up | [`money::movements`], [`money::LedgerTransaction`] |
//! | fees; when earned money may be used | [`money::FeeRule`], [`contracts::ClearancePeriod`] |
//! | whose payouts stop when the books disagree, and until when | [`audit::PayoutHold`], [`audit::must_not_be_stopped`] |
//! | when a withdrawal needs two administrators; how long a payment provider is asked | [`money::FourEyes`], [`money::ASKING_PERIOD`] |
//! | what answers for a payment that was taken back; debts | [`contracts::charge_back`], [`money::Chargeback`], [`money::settle_debt`], [`money::Purse`] |
//! | who writes to whom, and what is read | [`messaging::Grounds`], [`messaging::Chat`] |
//! | what may be uploaded and attached, how much, and who may have it | [`files`], [`files::policy`] |
//! | who is told of what, and how long that is kept | [`notifications`], [`notifications::READ_PERIOD`] |
//! | what a search finds | [`search`] |
//!
//! # Who may do what
//!
//! What the tables of states let people do, from the tables themselves; a test holds this page against
//! them. The program (`system`) does the rest. Before anything is loaded each module's `policy` turns away
//! (403) whom no line names.
//!
//! | object | client | provider | owner | administrator |
//! |---|---|---|---|---|
//! | account | – | – | register, change_identity, change_password, deactivate | block, unblock |
//! | order | post, edit, invite, attach_files, take_offers, accept, fund, cancel, review | attach_files, take_offers, leave, report_progress, review | – | – |
//! | bid | counter, accept, decline | place, edit, confirm, accept_counter, reject_counter, withdraw | – | – |
//! | contract | make, fund, end, dispute, give_bonus | end, dispute | – | – |
//! | milestone | plan, fund, request_changes, approve, dispute | start, submit, refund, dispute | – | decide_for_provider, decide_for_client |
//! | proposal | offer_part, ask_refund, ask_return, offer_end, accept, reject, withdraw | offer_end, accept, reject, withdraw | – | – |
//! | dispute | open, add_evidence, answer, offer, accept_offer, reject_offer, escalate | open, add_evidence, answer, offer, accept_offer, reject_offer, escalate | – | decide |
//! | deposit | – | – | open | – |
//! | withdrawal | – | – | request, cancel | approve, mark_paid, reject, fail |
//! | payout_hold | – | – | – | lift |
//! | withdrawal | – | – | request, cancel | approve, approve_first, countersign, mark_paid, reject, fail |
//! | chargeback | – | – | – | receive, win, lose |
//!
//! # Words
//!
//! | word | means |
//! |---|---|
//! | provider | a writer, freelancer or professional: who bids and is paid |
//! | party | what somebody is to one object; a stranger to it learns nothing about it (404) |
//! | material | what would make a bidder think again; it raises the order's revision |
//! | outdate, `changed` | the order has changed under a bid: its bidder must confirm or edit it |
//! | decline, lose, close | a bid ends: the client does not want it, another one won, the order is over |
//! | standing | what there is already, of the same people on the same object: a live bid, an invitation |
//! | award, fund | a bid is accepted; the price is put into escrow and the work can begin |
//! | leave, lapse | before it is paid for: the provider takes the accepted bid back; nobody paid in time |
//! | rest, clear | released money waits before its provider may use it; that time is over |
//! | settle, revoke | a milestone comes to its end; all of them were refunded, so the order is called off |
//! | divide, return, dissolve | by agreement: a milestone's money goes to both; released money comes back; an active order ends |
//! | grounds | what is known of an order and a bidder when a chat between them is to begin |
//! | opening | a chat that has to be there because of what happened |
//! | mark, watermark | a message's place in its chat; up to where somebody has read |
//! | outside, `world` | where money comes from and goes to; the other side of a deposit or a payout |
//! | refusal, conflict | a command that was not taken; one that the present state does not take (409) |
//! | fact | something that happened, as others are told of it ([`event`]) |

pub mod actor;
pub mod audit;
pub mod bidding;
pub mod contracts;
pub mod disputes;
pub mod event;
pub mod files;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod machine;
pub mod messaging;
pub mod money;
pub mod notifications;
pub mod orders;
pub mod profiles;
pub mod search;
pub mod text;

#[cfg(test)]
mod sample;
