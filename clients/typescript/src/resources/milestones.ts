import type { CommandOptions, UpdateOptions } from "../options.js";
import { changed, idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { Order, Reference, Versioned } from "../types.js";
import type { Orders } from "./orders.js";

/** The steps of an awarded order. A milestone's id is its number within the order: 1, 2, 3. */
export class Milestones {
  readonly #transport: Transport;
  readonly #orders: Orders;

  /** @internal */
  constructor(transport: Transport, orders: Orders) {
    this.#transport = transport;
    this.#orders = orders;
  }

  /** Begins to work on it. For the provider; nothing happens if they are at it. */
  async start(order: Reference, milestone: number, options?: UpdateOptions): Promise<Versioned<Order>> {
    return this.#move(order, milestone, "in-progress", options);
  }

  /** Hands it in. For the provider. */
  async submit(order: Reference, milestone: number, options?: UpdateOptions): Promise<Versioned<Order>> {
    return this.#move(order, milestone, "submitted", options);
  }

  /** Approves what was handed in: its money goes to the provider. For the client. The last one completes the order. */
  async approve(order: Reference, milestone: number, options?: CommandOptions): Promise<Order> {
    const call = { path: { order_id: idOf(order), milestone_id: milestone } };
    const path = "/api/v1/orders/{order_id}/milestones/{milestone_id}/approve";
    return (await this.#transport.command("post", path, call, options)).data.order;
  }

  /** Sends back what was handed in. For the client. */
  async requestChanges(
    order: Reference,
    milestone: number,
    message: string,
    options?: CommandOptions,
  ): Promise<Order> {
    const call = { path: { order_id: idOf(order), milestone_id: milestone }, body: { message } };
    const path = "/api/v1/orders/{order_id}/milestones/{milestone_id}/request-changes";
    return (await this.#transport.command("post", path, call, options)).data.order;
  }

  async #move(
    order: Reference,
    milestone: number,
    status: "in-progress" | "submitted",
    options: UpdateOptions | undefined,
  ): Promise<Versioned<Order>> {
    const call = { path: { order_id: idOf(order) }, body: { milestone_id: milestone, status } };
    const answer = await this.#transport.command("patch", "/api/v1/orders/{order_id}", call, options);
    return changed(answer.data.order, answer, () => this.#orders.get(order, options));
  }
}
