import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions, UpdateOptions } from "../options.js";
import { changed, conditional, idOf, versioned } from "../references.js";
import type { Transport } from "../transport.js";
import type {
  AcceptedBid,
  Bid,
  BidChange,
  BidsFilter,
  BidsPage,
  NewBid,
  NewCounterOffer,
  Offer,
  Order,
  Part,
  ReceivedBid,
  ReceivedBidsFilter,
  ReceivedBidsPage,
  Reference,
  Versioned,
  VersionedReference,
} from "../types.js";

/** The commands on a bid that say nothing more. */
type Plain = "withdraw" | "decline" | "accept-counter" | "reject-counter";

/** Offers on orders: placing them, haggling, the award. */
export class Bids {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of one's own bids, newest first, with a summary of all of them. For providers. */
  async list(query: BidsFilter & Part = {}, options?: CallOptions): Promise<BidsPage> {
    return (await this.#transport.get("/api/v1/bids", { query }, options)).data;
  }

  /** All of one's own bids that the filter lets through, newest first. For providers. */
  all(filter: BidsFilter = {}, options?: AllOptions): AsyncGenerator<Bid, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.bids, options);
  }

  /** A part of the bids on an order, newest first. For its client. */
  async received(
    order: Reference,
    query: ReceivedBidsFilter & Part = {},
    options?: CallOptions,
  ): Promise<ReceivedBidsPage> {
    const call = { path: { order_id: idOf(order) }, query };
    return (await this.#transport.get("/api/v1/orders/{order_id}/bids", call, options)).data;
  }

  /** All bids on an order that the filter lets through, newest first. For its client. */
  allReceived(
    order: Reference,
    filter: ReceivedBidsFilter = {},
    options?: AllOptions,
  ): AsyncGenerator<ReceivedBid, void, undefined> {
    const fetchPart = (part: Part, call: CallOptions) => this.received(order, { ...filter, ...part }, call);
    return rowsOf(fetchPart, (found) => found.bids, options);
  }

  /** One bid, with its version. For its bidder, and for the client of its order. */
  async get(bid: Reference, options?: CallOptions): Promise<Versioned<Bid>> {
    const answer = await this.#transport.get("/api/v1/bids/{bid_id}", { path: { bid_id: idOf(bid) } }, options);
    return versioned(answer.data.bid, answer);
  }

  /** What was offered by both sides, from the first to the last. */
  async offers(bid: Reference, options?: CallOptions): Promise<Offer[]> {
    const call = { path: { bid_id: idOf(bid) } };
    return (await this.#transport.get("/api/v1/bids/{bid_id}/offers", call, options)).data.offers;
  }

  /** Offers to do an order. For providers, one live bid for each order. */
  async place(order: Reference, bid: NewBid, options?: CommandOptions): Promise<Bid> {
    const call = { path: { order_id: idOf(order) }, body: bid };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/bids", call, options)).data.bid;
  }

  /**
   * Changes what is named. For the bidder. A counter-offer of the client's is thereby turned down.
   *
   * A bid that {@link Bids.get} or this method gave is changed only if it is still at that version; with an id alone
   * it is changed whatever it is now.
   *
   * @throws {@link PreconditionFailedError} when it has changed since
   */
  async update(bid: VersionedReference, change: BidChange, options?: UpdateOptions): Promise<Versioned<Bid>> {
    const call = { path: { bid_id: idOf(bid) }, body: change };
    const answer = await this.#transport.command("patch", "/api/v1/bids/{bid_id}", call, conditional(bid, options));
    return changed(answer.data.bid, answer, () => this.get(bid, options));
  }

  /**
   * Lets a bid hold for its order as it is now. For the bidder, after the client has changed the order.
   *
   * @param order - the order as the bidder has seen it: only what was seen is confirmed. Without it the bid is
   * confirmed whatever the order is now.
   * @throws {@link ConflictError} with the reason `order_changed` when the order has changed again
   */
  async confirm(bid: Reference, order?: Pick<Order, "revision">, options?: CommandOptions): Promise<Bid> {
    const body = order === undefined ? {} : { revision: order.revision };
    const call = { path: { bid_id: idOf(bid) }, body };
    return (await this.#transport.command("post", "/api/v1/bids/{bid_id}/confirm", call, options)).data.bid;
  }

  /** Takes a bid back. For the bidder; an accepted one, too, until its order is paid. */
  async withdraw(bid: Reference, options?: CommandOptions): Promise<Bid> {
    return this.#plain(bid, "withdraw", options);
  }

  /** Asks the bidder for other terms. For the client of the order; replaces an earlier counter-offer. */
  async counter(bid: Reference, terms: NewCounterOffer, options?: CommandOptions): Promise<Bid> {
    const call = { path: { bid_id: idOf(bid) }, body: terms };
    return (await this.#transport.command("post", "/api/v1/bids/{bid_id}/counter", call, options)).data.bid;
  }

  /** Makes the client's terms those of the bid. For the bidder. Awarding is still the client's: {@link Bids.accept}. */
  async acceptCounter(bid: Reference, options?: CommandOptions): Promise<Bid> {
    return this.#plain(bid, "accept-counter", options);
  }

  /** Stays with the bid's own terms. For the bidder. */
  async rejectCounter(bid: Reference, options?: CommandOptions): Promise<Bid> {
    return this.#plain(bid, "reject-counter", options);
  }

  /**
   * Awards the order to a bid, at its price. For the client. All other bids on the order are declined.
   *
   * Hand over the bid that the person who decides has seen: its price and revision are sent along, and nothing is
   * awarded if the bidder has changed the bid since.
   *
   * @returns with `payment_required` set when the wallet does not cover it: pay in, then {@link Orders.fund}
   * @throws {@link ConflictError} with the reason `bid_changed`, and the bid as it is now in `bid`
   */
  async accept(
    bid: Pick<Bid, "id" | "bid_amount" | "revision">,
    options?: CommandOptions,
  ): Promise<AcceptedBid> {
    const { id, bid_amount, revision } = bid;
    const call = { path: { bid_id: id }, body: { bid_amount, revision } };
    return (await this.#transport.command("post", "/api/v1/bids/{bid_id}/accept", call, options)).data;
  }

  /** Turns a bid down. For the client of the order. */
  async decline(bid: Reference, options?: CommandOptions): Promise<Bid> {
    return this.#plain(bid, "decline", options);
  }

  async #plain(bid: Reference, command: Plain, options: CommandOptions | undefined): Promise<Bid> {
    const call = { path: { bid_id: idOf(bid) } };
    return (await this.#transport.command("post", `/api/v1/bids/{bid_id}/${command}`, call, options)).data.bid;
  }
}
