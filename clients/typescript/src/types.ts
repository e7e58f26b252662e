/**
 * Names for what goes over the wire. All members have the names that they have there (`bid_amount`), all amounts are
 * numbers with at most two decimals, all times are strings such as `2026-01-15T23:59:59Z`.
 *
 * New members and new values may be added at any time: let nothing break on a word that you do not know.
 *
 * @packageDocumentation
 */

import type { components, paths } from "./generated/api.js";
import type { Operation, Query } from "./operations.js";

type Schemas = components["schemas"];

/** The two tokens of a login. The refresh token can be used once. */
export type Tokens = Schemas["TokenData"];

/** An answer that only says that it was done. */
export type Message = Schemas["MessageData"];

export type Role = Schemas["RoleWord"];
export type Registration = Omit<Schemas["RegisterRequest"], "role"> & { role: RoleToRegister };
/** Roles that one can have by registering; `customer` and `client_hunter` mean `client`. */
export type RoleToRegister = Exclude<Role, "admin"> | "customer" | "client_hunter";
export type NewAccount = Schemas["NewAccount"];
export type Credentials = Schemas["LoginRequest"];
/** Who logged in, with what an application shows in its header bar. */
export type AccountSummary = Schemas["AccountSummary"];
export type PasswordChange = Schemas["ChangePasswordRequest"];
/** Who one is, with the figures that one's orders and reviews add up to. */
export type Me = Schemas["Me"];
/** One's own record. */
export type UserRecord = Schemas["Record"];
export type UserRecordChange = Schemas["UpdateRecordRequest"];
/** An account as administrators see it. */
export type AdminAccount = Schemas["AdminAccount"];

export type NewOrder = Schemas["PostOrderRequest"];
/** What a client changes in an order that they posted. */
export type OrderChange = Omit<Schemas["UpdateOrderRequest"], "progress" | "milestone_id" | "status">;
export type Order = Schemas["Order"];
/** An order as lists show it. */
export type OrderListItem = Schemas["OrderListItem"];
export type OrderStatus = Schemas["OrderStatus"];
export type OrdersSummary = Schemas["OrdersSummary"];
export type OrdersPage = Schemas["OrdersData"];
/** An order as it is offered to providers. */
export type AvailableOrder = Schemas["AvailableOrder"];
export type AvailableOrdersPage = Schemas["AvailableOrdersData"];
export type AvailableOrdersSummary = Schemas["AvailableSummary"];
export type Invitation = Schemas["Invitation"];
export type Milestone = Schemas["Milestone"];
export type MilestoneState = Schemas["MilestoneState"];
export type MilestoneStatus = Schemas["MilestoneStatus"];
export type NewReview = Schemas["ReviewRequest"];
export type Review = Schemas["Review"];

export type NewBid = Schemas["PlaceBidRequest"];
export type BidChange = Schemas["EditBidRequest"];
export type Bid = Schemas["Bid"];
/** A bid as the client of its order sees it: with its bidder. */
export type ReceivedBid = Schemas["ReceivedBid"];
export type Bidder = Schemas["Bidder"];
export type BidStatus = Schemas["BidStatus"];
export type BidState = Schemas["BidState"];
export type BidsPage = Schemas["BidsData"];
export type BidsSummary = Schemas["BidsSummary"];
export type ReceivedBidsPage = Schemas["ReceivedBidsData"];
export type NewCounterOffer = Schemas["CounterBidRequest"];
export type CounterOffer = Schemas["CounterOffer"];
/** One step of the haggling. */
export type Offer = Schemas["Offer"];
/** The award: the bid that won, the order, and what is still to be paid. */
export type AcceptedBid = Schemas["AcceptedBidData"];
/** What is to be paid before the work can begin. */
export type PaymentRequired = Schemas["PaymentRequired"];

/** What two people write to each other about one order, as one of them sees it. */
export type Chat = Schemas["Chat"];
export type ChatsPage = Schemas["ChatsData"];
export type ChatMessage = Schemas["ChatMessage"];
/** What is said: words, files that one has uploaded, or both. */
export interface NewMessage {
  content?: string;
  attachments?: readonly Reference[];
}
export type MessagesPage = Schemas["MessagesData"];

export type Balance = Schemas["Balance"];
export type NewDeposit = Schemas["DepositRequest"];
export type Deposit = Schemas["Deposit"];
/** A deposit, and the balance after it. */
export type MadeDeposit = Schemas["DepositData"];
/** A movement on one's available money. */
export type Transaction = Schemas["Transaction"];
export type TransactionsPage = Schemas["TransactionsData"];
export type Withdrawal = Schemas["Withdrawal"];
export type WithdrawalStatus = Schemas["WithdrawalStatus"];
export type WithdrawalState = Schemas["WithdrawalState"];
export type WithdrawalsPage = Schemas["WithdrawalsData"];

/** How much to take out, and where to: each method has its own details. */
export type NewWithdrawal = Schemas["WithdrawalRequest"];

/** What one is told; `event` says in a stable word of what. */
export type Notification = Schemas["Notification"];
export type NotificationType = Schemas["NotificationType"];
export type NotificationsPage = Schemas["NotificationsData"];

export type StateMachine = Schemas["StateMachine"];
export type Health = Schemas["HealthDocument"];
export type Status = Schemas["StatusDocument"];

/** Where rows stand within their list. */
export type Pagination = Schemas["Pagination"];

/** The words for programs in errors. */
export type ErrorCode = Schemas["ErrorCode"];
export type ErrorDetails = Schemas["ErrorDetails"];
export type FieldFault = Schemas["FieldFault"];

type QueryOf<P extends keyof paths> = Query<Operation<"get", P>>;
type Filter<P extends keyof paths, Words> = Omit<QueryOf<P>, keyof Words | "page" | "limit" | "cursor"> & Words;

export type OrdersFilter = Filter<"/api/v1/orders", { status?: "all" | OrderStatus }>;
export type AvailableOrdersFilter = Filter<"/api/v1/available-orders", { type?: "all" | "invited" }>;
export type BidsFilter = Filter<"/api/v1/bids", { status?: "all" | BidStatus }>;
export type ReceivedBidsFilter = Filter<"/api/v1/orders/{order_id}/bids", { status?: "all" | BidStatus }>;
export type NotificationsFilter = Filter<
  "/api/v1/notifications",
  { is_read?: boolean; type?: "all" | NotificationType }
>;
export type TransactionsFilter = Filter<"/api/v1/transactions", { type?: "all" | "credit" | "debit" }>;
export type WithdrawalsFilter = Filter<"/api/v1/withdrawals", { status?: "all" | WithdrawalStatus }>;

/** Which part of a list: a page of it, or what comes behind an earlier answer's `next_cursor`. */
export type Part = { limit?: number } & ({ page?: number; cursor?: never } | { page?: never; cursor: string });

/** An object with the version under which it was read; hand it to `update` to change exactly that version. */
export type Versioned<T> = T & {
  /** The answer's `ETag`, quotes included; `undefined` only if something in between has taken it away. */
  readonly etag: string | undefined;
};

/** An object, or only its id. */
export type Reference = string | { readonly id: string };

/** An object that may know its version, or only an id. */
export type VersionedReference = string | { readonly id: string; readonly etag?: string | undefined };
