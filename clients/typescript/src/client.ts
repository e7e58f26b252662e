import type { GuildhallOptions } from "./options.js";
import { Admin } from "./resources/admin.js";
import { Auth } from "./resources/auth.js";
import { AvailableOrders } from "./resources/available-orders.js";
import { Bids } from "./resources/bids.js";
import { Chats } from "./resources/chats.js";
import { Files } from "./resources/files.js";
import { Leaderboard } from "./resources/leaderboard.js";
import { Meta } from "./resources/meta.js";
import { Milestones } from "./resources/milestones.js";
import { Notifications } from "./resources/notifications.js";
import { Orders } from "./resources/orders.js";
import { Payments } from "./resources/payments.js";
import { OwnProfile } from "./resources/profile.js";
import { Profiles } from "./resources/profiles.js";
import { Disputes } from "./resources/disputes.js";
import { Proposals } from "./resources/proposals.js";
import { Users } from "./resources/users.js";
import { Withdrawals } from "./resources/withdrawals.js";
import { Transport } from "./transport.js";

/**
 * A client of one Guildhall server, for one person at a time.
 *
 * @example
 * ```ts
 * const guildhall = new Guildhall({ baseUrl: "http://127.0.0.1:8080" });
 * await guildhall.auth.login({ email: "client@demo.test", password: "DemoPass123!" });
 * for await (const order of guildhall.orders.all({ status: "open" })) {
 *   console.log(order.id, order.title, order.bids_count);
 * }
 * ```
 */
export class Guildhall {
  /** Opening an account, logging in and out, passwords. */
  readonly auth: Auth;
  /** One's own account. */
  readonly users: Users;
  /** What one says of oneself, and one's picture. */
  readonly profile: OwnProfile;
  /** What others say of themselves. */
  readonly profiles: Profiles;
  /** The ranking of providers. */
  readonly leaderboard: Leaderboard;
  /** Posted work. */
  readonly orders: Orders;
  /** What one can bid on. */
  readonly availableOrders: AvailableOrders;
  /** Offers on orders: placing them, haggling, the award. */
  readonly bids: Bids;
  /** The steps of an awarded order. */
  readonly milestones: Milestones;
  /** What the two sides of an order agree on about its money. */
  readonly proposals: Proposals;
  /** Disagreements about who is to have a milestone's money. */
  readonly disputes: Disputes;
  /** Uploading, seeing and downloading files. */
  readonly files: Files;
  /** What the two sides of an order write to each other. */
  readonly chats: Chats;
  /** One's wallet. */
  readonly payments: Payments;
  /** Taking money out of one's wallet. */
  readonly withdrawals: Withdrawals;
  /** What one is told of what others do. */
  readonly notifications: Notifications;
  /** What only administrators may do. */
  readonly admin: Admin;
  /** What the server says about itself. */
  readonly meta: Meta;
  readonly #transport: Transport;

  /**
   * Nothing is sent yet.
   *
   * @throws TypeError when `baseUrl` is no address of a server
   */
  constructor(options: GuildhallOptions) {
    const transport = new Transport(options);
    this.#transport = transport;
    this.auth = new Auth(transport);
    this.users = new Users(transport);
    this.profile = new OwnProfile(transport);
    this.profiles = new Profiles(transport);
    this.leaderboard = new Leaderboard(transport);
    this.orders = new Orders(transport);
    this.availableOrders = new AvailableOrders(transport);
    this.bids = new Bids(transport);
    this.milestones = new Milestones(transport, this.orders);
    this.proposals = new Proposals(transport);
    this.disputes = new Disputes(transport);
    this.files = new Files(transport);
    this.chats = new Chats(transport);
    this.payments = new Payments(transport);
    this.withdrawals = new Withdrawals(transport);
    this.notifications = new Notifications(transport);
    this.admin = new Admin(transport);
    this.meta = new Meta(transport);
  }

  /**
   * The whole address of a link that the server has given, such as an `avatar_url` or a `download_url`, for use on a
   * page. The server leaves out where it is unless it was told so.
   *
   * @throws TypeError when it is no link to a web address
   */
  addressOf(link: string): string {
    return this.#transport.addressOf(link);
  }
}
