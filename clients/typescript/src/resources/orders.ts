import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions, UpdateOptions } from "../options.js";
import { changed, conditional, idOf, versioned } from "../references.js";
import type { Transport } from "../transport.js";
import type {
  Invitation,
  NewBonus,
  NewOrder,
  NewReview,
  Order,
  OrderChange,
  OrderListItem,
  OrdersFilter,
  OrdersPage,
  Part,
  Reference,
  Review,
  Versioned,
  VersionedReference,
} from "../types.js";

/** Posted work: one's own orders, as a client those that one posted, as a provider those that one was awarded. */
export class Orders {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of one's orders, newest first, with a summary of all of them. */
  async list(query: OrdersFilter & Part = {}, options?: CallOptions): Promise<OrdersPage> {
    return (await this.#transport.get("/api/v1/orders", { query }, options)).data;
  }

  /**
   * All of one's orders that the filter lets through, newest first.
   *
   * @example
   * ```ts
   * for await (const order of guildhall.orders.all({ status: "active" })) {
   *   console.log(order.id, order.title);
   * }
   * ```
   */
  all(filter: OrdersFilter = {}, options?: AllOptions): AsyncGenerator<OrderListItem, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.orders, options);
  }

  /** One order with everything that belongs to it, and its version. */
  async get(order: Reference, options?: CallOptions): Promise<Versioned<Order>> {
    const call = { path: { order_id: idOf(order) } };
    const answer = await this.#transport.get("/api/v1/orders/{order_id}", call, options);
    return versioned(answer.data.order, answer);
  }

  /** Posts an order. For clients. */
  async post(order: NewOrder, options?: CommandOptions): Promise<Order> {
    return (await this.#transport.command("post", "/api/v1/orders", { body: order }, options)).data.order;
  }

  /**
   * Changes what is named, all or nothing. For the client, while the order is open.
   *
   * An order that {@link Orders.get} or this method gave is changed only if it is still at that version; with an id
   * alone it is changed whatever it is now.
   *
   * @throws {@link PreconditionFailedError} when it has changed since
   */
  async update(order: VersionedReference, change: OrderChange, options?: UpdateOptions): Promise<Versioned<Order>> {
    return this.#patch(order, change, conditional(order, options));
  }

  /**
   * Says how far the work is, in per cent. For the provider, while the order is active. Says nothing about the
   * milestones: see {@link Milestones.start} and {@link Milestones.submit}.
   */
  async reportProgress(order: Reference, progress: number, options?: UpdateOptions): Promise<Versioned<Order>> {
    return this.#patch(order, { progress }, { ...options });
  }

  /** Calls the order off. For the client, until its escrow is paid. */
  async cancel(order: Reference, options?: CommandOptions): Promise<Order> {
    const call = { path: { order_id: idOf(order) } };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/cancel", call, options)).data.order;
  }

  /**
   * Pays an awarded order's escrow from the wallet. For the client.
   *
   * @throws {@link PaymentRequiredError} when the wallet is short
   */
  async fund(order: Reference, options?: CommandOptions): Promise<Order> {
    const call = { path: { order_id: idOf(order) } };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/fund", call, options)).data.order;
  }

  /** Asks a provider to bid. For the client, while the order is open. */
  async invite(order: Reference, writer: Reference, options?: CommandOptions): Promise<Invitation> {
    const call = { path: { order_id: idOf(order) }, body: { writer_id: idOf(writer) } };
    const answer = await this.#transport.command("post", "/api/v1/orders/{order_id}/invitations", call, options);
    return answer.data.invitation;
  }

  /** Turns an invitation down: the order is not offered again. For the provider who was invited. */
  async declineInvitation(order: Reference, options?: CommandOptions): Promise<Invitation> {
    const call = { path: { order_id: idOf(order) } };
    const path = "/api/v1/orders/{order_id}/decline-invitation";
    return (await this.#transport.command("post", path, call, options)).data.invitation;
  }

  /**
   * Makes uploaded files part of the order, for good; who sees the order sees them. For its client until it is settled,
   * for the provider who holds it while it is active. What is handed in comes with {@link Milestones.submit} instead.
   */
  async addFiles(order: Reference, files: readonly Reference[], options?: CommandOptions): Promise<Order> {
    const call = { path: { order_id: idOf(order) }, body: { file_ids: files.map(idOf) } };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/files", call, options)).data.order;
  }

  /**
   * Gives the provider more than the price, from one's wallet. For the client, while the work is on and afterwards.
   *
   * @throws {@link PaymentRequiredError} when the wallet is short
   */
  async giveBonus(order: Reference, bonus: NewBonus, options?: CommandOptions): Promise<Order> {
    const call = { path: { order_id: idOf(order) }, body: bonus };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/bonus", call, options)).data.order;
  }

  /** Says what the other side was like. For both sides of a completed order, once each. */
  async review(order: Reference, review: NewReview, options?: CommandOptions): Promise<Review> {
    const call = { path: { order_id: idOf(order) }, body: review };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/review", call, options)).data.review;
  }

  async #patch(
    order: Reference,
    body: OrderChange & { progress?: number },
    options: UpdateOptions,
  ): Promise<Versioned<Order>> {
    const call = { path: { order_id: idOf(order) }, body };
    const answer = await this.#transport.command("patch", "/api/v1/orders/{order_id}", call, options);
    return changed(answer.data.order, answer, () => this.get(order, options));
  }
}
