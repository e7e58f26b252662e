import type { CallOptions, CommandOptions, UpdateOptions } from "../options.js";
import { changed, idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { NewSubmission, Order, Reference, Submission, Versioned } from "../types.js";
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
    const call = { path: { order_id: idOf(order) }, body: { milestone_id: milestone, status: "in-progress" } } as const;
    const answer = await this.#transport.command("patch", "/api/v1/orders/{order_id}", call, options);
    return changed(answer.data.order, answer, () => this.#orders.get(order, options));
  }

  /** Hands it in, with a note and files or without. For the provider. */
  async submit(
    order: Reference,
    milestone: number,
    { files, ...submission }: NewSubmission = {},
    options?: CommandOptions,
  ): Promise<Order> {
    const body = files === undefined ? submission : { ...submission, file_ids: files.map(idOf) };
    const call = { path: { order_id: idOf(order), milestone_id: milestone }, body };
    const path = "/api/v1/orders/{order_id}/milestones/{milestone_id}/submissions";
    return (await this.#transport.command("post", path, call, options)).data.order;
  }

  /** What was handed in so far, the first time first; nothing for a number that there is not. */
  async submissions(order: Reference, milestone: number, options?: CallOptions): Promise<readonly Submission[]> {
    const { milestones } = await this.#orders.get(order, options);
    return milestones.find(({ id }) => id === milestone)?.submissions ?? [];
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

  /** Gives all of its money back to the client, before it is released. For the provider. */
  async refund(order: Reference, milestone: number, options?: CommandOptions): Promise<Order> {
    const call = { path: { order_id: idOf(order), milestone_id: milestone } };
    const path = "/api/v1/orders/{order_id}/milestones/{milestone_id}/refund";
    return (await this.#transport.command("post", path, call, options)).data.order;
  }
}
