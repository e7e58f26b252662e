import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type {
  Dispute,
  DisputesFilter,
  DisputesPage,
  DisputeSummary,
  NewDispute,
  NewEvidence,
  NewSettlement,
  Part,
  Reference,
} from "../types.js";

/**
 * Disagreements about who is to have a milestone's money, which is frozen meanwhile. Every dispute has a deadline
 * (`due_at`) and something that happens at it (`at_deadline`).
 */
export class Disputes {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of one's disputes, newest first. */
  async list(query: DisputesFilter & Part = {}, options?: CallOptions): Promise<DisputesPage> {
    return (await this.#transport.get("/api/v1/disputes", { query }, options)).data;
  }

  /** All of one's disputes that the filter lets through, newest first. */
  all(filter: DisputesFilter = {}, options?: AllOptions): AsyncGenerator<DisputeSummary, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.disputes, options);
  }

  /** One dispute with its offers and all that was brought forward. For its two sides and for administrators. */
  async get(dispute: Reference, options?: CallOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute) } };
    return (await this.#transport.get("/api/v1/disputes/{dispute_id}", call, options)).data.dispute;
  }

  /** Disputes a milestone: its money is frozen. If the other side is silent for seven days, it is divided as asked. */
  async open(order: Reference, dispute: NewDispute, options?: CommandOptions): Promise<Dispute> {
    const call = { body: { order_id: idOf(order), ...dispute } };
    return (await this.#transport.command("post", "/api/v1/disputes", call, options)).data.dispute;
  }

  /** Says why, in words, with files, or both. */
  async addEvidence(dispute: Reference, evidence: NewEvidence, options?: CommandOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute) }, body: evidence };
    const path = "/api/v1/disputes/{dispute_id}/evidence";
    return (await this.#transport.command("post", path, call, options)).data.dispute;
  }

  /** Offers to divide the money, in place of one's own offer that stood. */
  async offer(dispute: Reference, settlement: NewSettlement, options?: CommandOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute) }, body: settlement };
    const path = "/api/v1/disputes/{dispute_id}/offers";
    return (await this.#transport.command("post", path, call, options)).data.dispute;
  }

  /** Takes the other side's offer with this number: the money is divided so at once. */
  async acceptOffer(dispute: Reference, number: number, options?: CommandOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute), number } };
    const path = "/api/v1/disputes/{dispute_id}/offers/{number}/accept";
    return (await this.#transport.command("post", path, call, options)).data.dispute;
  }

  /** Turns the other side's offer with this number down. */
  async rejectOffer(dispute: Reference, number: number, options?: CommandOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute), number } };
    const path = "/api/v1/disputes/{dispute_id}/offers/{number}/reject";
    return (await this.#transport.command("post", path, call, options)).data.dispute;
  }

  /** Leaves it to an administrator, once the other side has answered. */
  async escalate(dispute: Reference, options?: CommandOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute) } };
    const path = "/api/v1/disputes/{dispute_id}/escalate";
    return (await this.#transport.command("post", path, call, options)).data.dispute;
  }
}
