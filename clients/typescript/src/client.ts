import type { GuildhallOptions } from "./options.js";
import { Admin } from "./resources/admin.js";
import { Auth } from "./resources/auth.js";
import { AvailableOrders } from "./resources/available-orders.js";
import { Bids } from "./resources/bids.js";
import { Chats } from "./resources/chats.js";
import { Meta } from "./resources/meta.js";
import { Milestones } from "./resources/milestones.js";
import { Notifications } from "./resources/notifications.js";
import { Orders } from "./resources/orders.js";
import { Payments } from "./resources/payments.js";
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
  /** Posted work. */
  readonly orders: Orders;
  /** What one can bid on. */
  readonly availableOrders: AvailableOrders;
  /** Offers on orders: placing them, haggling, the award. */
  readonly bids: Bids;
  /** The steps of an awarded order. */
  readonly milestones: Milestones;
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

  /**
   * Nothing is sent yet.
   *
   * @throws TypeError when `baseUrl` is no address of a server
   */
  constructor(options: GuildhallOptions) {
    const transport = new Transport(options);
    this.auth = new Auth(transport);
    this.users = new Users(transport);
    this.orders = new Orders(transport);
    this.availableOrders = new AvailableOrders(transport);
    this.bids = new Bids(transport);
    this.milestones = new Milestones(transport, this.orders);
    this.chats = new Chats(transport);
    this.payments = new Payments(transport);
    this.withdrawals = new Withdrawals(transport);
    this.notifications = new Notifications(transport);
    this.admin = new Admin(transport);
    this.meta = new Meta(transport);
  }
}
