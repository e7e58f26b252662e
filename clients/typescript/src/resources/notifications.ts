import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { Notification, NotificationsFilter, NotificationsPage, Part, Reference } from "../types.js";

/** What one is told of what others do. */
export class Notifications {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of one's notifications, newest first, and how many are unread whatever the filter. */
  async list(query: NotificationsFilter & Part = {}, options?: CallOptions): Promise<NotificationsPage> {
    return (await this.#transport.get("/api/v1/notifications", { query }, options)).data;
  }

  /** All of one's notifications that the filter lets through, newest first. */
  all(filter: NotificationsFilter = {}, options?: AllOptions): AsyncGenerator<Notification, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.notifications, options);
  }

  /** Marks one as read; again changes nothing. */
  async markRead(notification: Reference, options?: CommandOptions): Promise<void> {
    const call = { path: { id: idOf(notification) } };
    await this.#transport.command("patch", "/api/v1/notifications/{id}/read", call, options);
  }

  /** Marks all as read and says how many were not. */
  async markAllRead(options?: CommandOptions): Promise<number> {
    return (await this.#transport.command("post", "/api/v1/notifications/mark-all-read", {}, options)).data.count;
  }
}
