/**
 * A typed client for the Guildhall API.
 *
 * @packageDocumentation
 */

export { Guildhall } from "./client.js";
export * from "./errors.js";
export type { components, operations, paths } from "./generated/api.js";
export type { AllOptions } from "./lists.js";
export type {
  CallOptions,
  CommandOptions,
  Fetch,
  GuildhallOptions,
  RetryOptions,
  UpdateOptions,
} from "./options.js";
export type { Admin, AdminBooks, AdminJobs, AdminUsers, AdminWithdrawals } from "./resources/admin.js";
export type { Auth } from "./resources/auth.js";
export type { AvailableOrders } from "./resources/available-orders.js";
export type { Bids } from "./resources/bids.js";
export type { Chats } from "./resources/chats.js";
export type { Files } from "./resources/files.js";
export type { Leaderboard } from "./resources/leaderboard.js";
export type { Meta } from "./resources/meta.js";
export type { Milestones } from "./resources/milestones.js";
export type { Notifications } from "./resources/notifications.js";
export type { Orders } from "./resources/orders.js";
export type { Payments } from "./resources/payments.js";
export type { OwnProfile } from "./resources/profile.js";
export type { Profiles } from "./resources/profiles.js";
export type { Disputes } from "./resources/disputes.js";
export type { Proposals } from "./resources/proposals.js";
export type { Users } from "./resources/users.js";
export type { Withdrawals } from "./resources/withdrawals.js";
export { type Awaitable, MemoryTokenStore, type TokenStore } from "./tokens.js";
export type * from "./types.js";
export type { FileContent, Upload } from "./uploads.js";
