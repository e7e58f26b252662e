import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { NewProposal, Part, Proposal, ProposalsPage, Reference } from "../types.js";

/** The commands on a proposal, which say nothing more. */
type Answer = "accept" | "reject" | "withdraw";

/** What the two sides of an order agree on about its money. Nothing is done before the other side accepts. */
export class Proposals {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of what was proposed about an order, newest first. For its two sides. */
  async list(order: Reference, query: Part = {}, options?: CallOptions): Promise<ProposalsPage> {
    const call = { path: { order_id: idOf(order) }, query };
    return (await this.#transport.get("/api/v1/orders/{order_id}/proposals", call, options)).data;
  }

  /** All that was proposed about an order, newest first. For its two sides. */
  all(order: Reference, options?: AllOptions): AsyncGenerator<Proposal, void, undefined> {
    return rowsOf((part, call) => this.list(order, part, call), (found) => found.proposals, options);
  }

  /** One proposal. For the two sides of its order. */
  async get(proposal: Reference, options?: CallOptions): Promise<Proposal> {
    const call = { path: { proposal_id: idOf(proposal) } };
    return (await this.#transport.get("/api/v1/proposals/{proposal_id}", call, options)).data.proposal;
  }

  /** Proposes something; the other side has seven days to answer. All but a cancellation is for the client to propose. */
  async make(order: Reference, proposal: NewProposal, options?: CommandOptions): Promise<Proposal> {
    const call = { path: { order_id: idOf(order) }, body: proposal };
    return (await this.#transport.command("post", "/api/v1/orders/{order_id}/proposals", call, options)).data.proposal;
  }

  /** Takes a proposal: what it says is done at once. For the side that did not make it. */
  async accept(proposal: Reference, options?: CommandOptions): Promise<Proposal> {
    return this.#answer(proposal, "accept", options);
  }

  /** Turns a proposal down. For the side that did not make it. */
  async reject(proposal: Reference, options?: CommandOptions): Promise<Proposal> {
    return this.#answer(proposal, "reject", options);
  }

  /** Takes a proposal back. For the side that made it. */
  async withdraw(proposal: Reference, options?: CommandOptions): Promise<Proposal> {
    return this.#answer(proposal, "withdraw", options);
  }

  async #answer(proposal: Reference, answer: Answer, options?: CommandOptions): Promise<Proposal> {
    const call = { path: { proposal_id: idOf(proposal) } };
    const path = `/api/v1/proposals/{proposal_id}/${answer}` as const;
    return (await this.#transport.command("post", path, call, options)).data.proposal;
  }
}
