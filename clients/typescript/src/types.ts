/**
 * Names for what goes over the wire. All members have the names that they have there (`bid_amount`), all amounts are
 * numbers with at most two decimals, all times are strings such as `2026-01-15T23:59:59Z`.
 *
 * New members and new values may be added at any time: let nothing break on a word that you do not know.
 *
 * @packageDocumentation
 */

import type { components, paths } from "./generated/api.js";
import type { Body, Operation, Query } from "./operations.js";

type Schemas = components["schemas"];

/** The two tokens of a login. The refresh token can be used once. */
export type Tokens = Schemas["TokenData"];

/** An answer that only says that it was done. */
export type Message = Schemas["MessageData"];

/** What somebody is. Writers, freelancers and professionals are providers. */
export type Role = Schemas["RoleWord"];
/** Who wants an account, and as what. */
export type Registration = Omit<Schemas["RegisterRequest"], "role"> & { role: RoleToRegister };
/** Roles that one can have by registering; `customer` and `client_hunter` mean `client`. */
export type RoleToRegister = Exclude<Role, "admin"> | "customer" | "client_hunter";
/** Who has just registered. */
export type NewAccount = Schemas["NewAccount"];
/** What one logs in with. */
export type Credentials = Schemas["LoginRequest"];
/** Who logged in, with what an application shows in its header bar. */
export type AccountSummary = Schemas["AccountSummary"];
/** The password that one has, and the one that one wants. */
export type PasswordChange = Schemas["ChangePasswordRequest"];
/** Who one is, with the figures that one's orders and reviews add up to. */
export type Me = Schemas["Me"];
/** One's own record. */
export type UserRecord = Schemas["Record"];
/** What one changes in one's own record. */
export type UserRecordChange = Schemas["UpdateRecordRequest"];
/** An account as administrators see it. */
export type AdminAccount = Schemas["AdminAccount"];

/** One's own profile, with what is missing from it. */
export type Profile = Schemas["Profile"];
/** What one changes in one's own profile; lists are given anew as a whole. */
export type ProfileChange = Schemas["UpdateProfileRequest"];
/** A profile as others see it. */
export type PublicProfile = Schemas["PublicProfile"];
/** The first ones of the ranking, and one's own place. */
export type Ranking = Schemas["LeaderboardData"];
/** One row of the ranking. */
export type RankingPlace = Schemas["LeaderboardPlace"];
/** Which completed orders count for the ranking. */
export type RankingPeriod = Schemas["LeaderboardPeriod"];

/** An order to be posted. */
export type NewOrder = Schemas["PostOrderRequest"];
/** What a client changes in an order that they posted. */
export type OrderChange = Omit<Schemas["UpdateOrderRequest"], "progress" | "milestone_id" | "status">;
/** An order with everything that belongs to it. */
export type Order = Schemas["Order"];
/** An order as lists show it. */
export type OrderListItem = Schemas["OrderListItem"];
/** How far an order has come. */
export type OrderStatus = Schemas["OrderStatus"];
/** What one's orders add up to. */
export type OrdersSummary = Schemas["OrdersSummary"];
/** A part of one's orders. */
export type OrdersPage = Schemas["OrdersData"];
/** An order as it is offered to providers. */
export type AvailableOrder = Schemas["AvailableOrder"];
/** A part of what one can bid on. */
export type AvailableOrdersPage = Schemas["AvailableOrdersData"];
/** What all that one can bid on adds up to. */
export type AvailableOrdersSummary = Schemas["AvailableSummary"];
/** That a provider was asked to bid. */
export type Invitation = Schemas["Invitation"];
/** One step of an order. */
export type Milestone = Schemas["Milestone"];
/** How far a milestone has come, exactly. */
export type MilestoneState = Schemas["MilestoneState"];
/** How far a milestone has come, roughly. */
export type MilestoneStatus = Schemas["MilestoneStatus"];
/** One handing in of a milestone. */
export type Submission = Schemas["Submission"];
/** What a client gave beyond the price. */
export type Bonus = Schemas["Bonus"];
/** What is to be given beyond the price. */
export type NewBonus = Schemas["GiveBonusRequest"];
/** What one side says about the other one. */
export type NewReview = Schemas["ReviewRequest"];
/** What one side said about the other one. */
export type Review = Schemas["Review"];

/** A file that was uploaded. */
export type UploadedFile = Schemas["File"];
/** A file of an order. */
export type OrderFile = Schemas["OrderFile"];

/** A bid to be placed. */
export type NewBid = Schemas["PlaceBidRequest"];
/** What a bidder changes in a bid. */
export type BidChange = Schemas["EditBidRequest"];
/** An offer to do an order. */
export type Bid = Schemas["Bid"];
/** A bid as the client of its order sees it: with its bidder. */
export type ReceivedBid = Schemas["ReceivedBid"];
/** Whose bid it is. */
export type Bidder = Schemas["Bidder"];
/** What has become of a bid, roughly. */
export type BidStatus = Schemas["BidStatus"];
/** What has become of a bid, exactly. */
export type BidState = Schemas["BidState"];
/** A part of one's own bids. */
export type BidsPage = Schemas["BidsData"];
/** What one's own bids add up to. */
export type BidsSummary = Schemas["BidsSummary"];
/** A part of the bids on an order. */
export type ReceivedBidsPage = Schemas["ReceivedBidsData"];
/** Other terms that a client asks a bidder for. */
export type NewCounterOffer = Schemas["CounterBidRequest"];
/** Other terms that a client asked the bidder for. */
export type CounterOffer = Schemas["CounterOffer"];
/** One step of the haggling. */
export type Offer = Schemas["Offer"];
/** The award: the bid that won, the order, and what is still to be paid. */
export type AcceptedBid = Schemas["AcceptedBidData"];
/** What is to be paid before the work can begin. */
export type PaymentRequired = Schemas["PaymentRequired"];

/** What two people write to each other about one order, as one of them sees it. */
export type Chat = Schemas["Chat"];
/** A part of one's chats. */
export type ChatsPage = Schemas["ChatsData"];
/** What somebody said. */
export type ChatMessage = Schemas["ChatMessage"];
/** A part of what was said. */
export type MessagesPage = Schemas["MessagesData"];

/** What one has. */
export type Balance = Schemas["Balance"];
/** How much to pay in, and how. */
export type NewDeposit = Schemas["DepositRequest"];
/** Money that was paid in. */
export type Deposit = Schemas["Deposit"];
/** A deposit, and the balance after it. */
export type MadeDeposit = Schemas["DepositData"];
/** A movement on one's available money. */
export type Transaction = Schemas["Transaction"];
/** A part of the movements on one's available money. */
export type TransactionsPage = Schemas["TransactionsData"];
/** Money that is to be paid out, or was. */
export type Withdrawal = Schemas["Withdrawal"];
/** What has become of a withdrawal, roughly. */
export type WithdrawalStatus = Schemas["WithdrawalStatus"];
/** What has become of a withdrawal, exactly. */
export type WithdrawalState = Schemas["WithdrawalState"];
/** A payment that its payer's bank took back. */
export type Chargeback = Schemas["Chargeback"];
/** How a chargeback stands. */
export type ChargebackState = Schemas["ChargebackState"];
/** A part of the list of chargebacks. */
export type ChargebacksPage = Schemas["ChargebacksData"];
/** A part of a list of withdrawals. */
export type WithdrawalsPage = Schemas["WithdrawalsData"];
/** How much to take out, and where to: each method has its own details. */
export type NewWithdrawal = Schemas["WithdrawalRequest"];

/** What one is told; `event` says in a stable word of what. */
export type Notification = Schemas["Notification"];
/** What a notification is about. */
export type NotificationType = Schemas["NotificationType"];
/** A part of one's notifications. */
export type NotificationsPage = Schemas["NotificationsData"];

/** What one side wants done with an order's money. */
export type Proposal = Schemas["Proposal"];
/** Something to be proposed. */
export type NewProposal = Body<Operation<"post", "/api/v1/orders/{order_id}/proposals">>;
/** A part of what was proposed about an order. */
export type ProposalsPage = Schemas["ProposalsData"];

/** A disagreement about who is to have a milestone's money, with all that was said. */
export type Dispute = Schemas["Dispute"];
/** The same, as it is listed. */
export type DisputeSummary = Schemas["DisputeSummary"];
/** What a dispute waits for. */
export type DisputeState = Schemas["DisputeState"];
/** An offer to divide disputed money. */
export type SplitOffer = Schemas["SplitOffer"];
/** Something that was brought forward in a dispute. */
export type Evidence = Schemas["Evidence"];
/** A part of a list of disputes. */
export type DisputesPage = Schemas["DisputesData"];
/** What is disputed of an order, and what the provider is to have of it. */
export type NewDispute = Omit<Schemas["OpenDisputeRequest"], "order_id">;
/** Words, files, or both. */
export type NewEvidence = Schemas["EvidenceRequest"];
/** How disputed money is to be divided. */
export type NewSettlement = Schemas["OfferSplitRequest"];

/** A piece of background work that is not done. */
export type Job = Schemas["Job"];
/** What has become of a piece of background work. */
export type JobState = Schemas["JobState"];
/** A part of the queue of background work. */
export type JobsPage = Schemas["JobsData"];

/** What all accounts of the books come to, in each currency. */
export type TrialBalances = Schemas["TrialBalanceData"];
/** A line of the books. */
export type LedgerEntry = Schemas["LedgerEntry"];
/** A part of what was booked on an account. */
export type LedgerEntriesPage = Schemas["LedgerEntriesData"];
/** Whether the books agree with the world. */
export type Reconciliation = Schemas["Reconciliation"];
/** Nothing is paid out to somebody, or was not, because the books disagree. */
export type PayoutHold = Schemas["PayoutHold"];

/** What may be asked of an object, in which state and by whom. */
export type StateMachine = Schemas["StateMachine"];
/** Whether the server is there. */
export type Health = Schemas["HealthDocument"];
/** Which version is running, and since when. */
export type Status = Schemas["StatusDocument"];

/** Where rows stand within their list. */
export type Pagination = Schemas["Pagination"];

/** The words for programs in errors. */
export type ErrorCode = Schemas["ErrorCode"];
/** What else there is to say about an error. */
export type ErrorDetails = Schemas["ErrorDetails"];
/** One field that breaks its rules. */
export type FieldFault = Schemas["FieldFault"];

/** A piece of work to be handed in: a note, uploaded files, both or nothing. */
export type NewSubmission = Naming<
  "file_ids",
  "files",
  Body<Operation<"post", "/api/v1/orders/{order_id}/milestones/{milestone_id}/submissions">>
>;

/** Something to be said, perhaps with uploaded files. */
export type NewMessage = Naming<
  "attachments",
  "attachments",
  Body<Operation<"post", "/api/v1/chats/{chat_id}/messages">>
>;

/** A body in which files are named by themselves or by their ids, as a member that is called as in answers. */
type Naming<Ids extends string, Files extends string, T> = Omit<T, Ids> & {
  readonly [F in Files]?: readonly Reference[] | undefined;
};

type QueryOf<P extends keyof paths> = Query<Operation<"get", P>>;
type Filter<P extends keyof paths, Words> = Omit<QueryOf<P>, keyof Words | keyof Part> & {
  [W in keyof Words]: Words[W] | undefined;
};

/** Which of one's orders. */
export type OrdersFilter = Filter<"/api/v1/orders", { status?: "all" | OrderStatus }>;
/** Which of the orders that one can bid on. */
export type AvailableOrdersFilter = Filter<"/api/v1/available-orders", { type?: "all" | "invited" }>;
/** Which of one's bids. */
export type BidsFilter = Filter<"/api/v1/bids", { status?: "all" | BidStatus }>;
/** Which of the bids on an order. */
export type ReceivedBidsFilter = Filter<"/api/v1/orders/{order_id}/bids", { status?: "all" | BidStatus }>;
/** Which of one's notifications. */
export type NotificationsFilter = Filter<
  "/api/v1/notifications",
  { is_read?: boolean; type?: "all" | NotificationType }
>;
/** Which movements: what came in, or what went out. */
export type TransactionsFilter = Filter<"/api/v1/transactions", { type?: "all" | "credit" | "debit" }>;
/** Which withdrawals. */
export type WithdrawalsFilter = Filter<"/api/v1/withdrawals", { status?: "all" | WithdrawalStatus }>;
/** Which disputes. */
export type DisputesFilter = Filter<"/api/v1/disputes", { state?: "all" | DisputeState }>;
/** Which chargebacks. */
export type ChargebacksFilter = Filter<"/api/v1/admin/chargebacks", { state?: "all" | ChargebackState }>;
/** Which background work. */
export type JobsFilter = Filter<"/api/v1/admin/jobs", { state?: "all" | JobState }>;
/** Which ranking, and how many of the first ones. */
export type RankingFilter = QueryOf<"/api/v1/leaderboard">;

/** Which part of a list: a page of it, or what comes behind an earlier answer's `next_cursor`. */
export type Part = { limit?: number | undefined } & (
  | { page?: number | undefined; cursor?: undefined }
  | { page?: undefined; cursor: string }
);

/** An object with the version under which it was read; hand it to `update` to change exactly that version. */
export type Versioned<T> = T & {
  /** The answer's `ETag`, quotes included; `undefined` only if something in between has taken it away. */
  readonly etag: string | undefined;
};

/** An object, or only its id. */
export type Reference = string | { readonly id: string };

/** An object that may know its version, or only an id. */
export type VersionedReference = string | { readonly id: string; readonly etag?: string | undefined };

/** A file that may know the link to its bytes, or only an id. */
export type FileReference = string | { readonly id: string; readonly download_url?: string | undefined };
