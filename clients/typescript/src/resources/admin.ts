import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type {
  AdminAccount,
  Chargeback,
  ChargebacksFilter,
  ChargebacksPage,
  Dispute,
  DisputesFilter,
  DisputesPage,
  DisputeSummary,
  Job,
  JobsFilter,
  JobsPage,
  LedgerEntriesPage,
  LedgerEntry,
  Part,
  PayoutHold,
  Reconciliation,
  Reference,
  TrialBalances,
  Withdrawal,
  WithdrawalsFilter,
  WithdrawalsPage,
} from "../types.js";

/** What only administrators may do. */
export class Admin {
  /** Other people's accounts. */
  readonly users: AdminUsers;
  /** Everybody's withdrawals. */
  readonly withdrawals: AdminWithdrawals;
  /** The books, and whether they are right. */
  readonly books: AdminBooks;
  /** Payments that were taken back. */
  readonly chargebacks: AdminChargebacks;
  /** Disputes, and deciding them. */
  readonly disputes: AdminDisputes;
  /** Background work. */
  readonly jobs: AdminJobs;

  /** @internal */
  constructor(transport: Transport) {
    this.users = new AdminUsers(transport);
    this.withdrawals = new AdminWithdrawals(transport);
    this.books = new AdminBooks(transport);
    this.chargebacks = new AdminChargebacks(transport);
    this.disputes = new AdminDisputes(transport);
    this.jobs = new AdminJobs(transport);
  }
}

/** Other people's accounts. */
export class AdminUsers {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Shuts somebody out. Their logins end. */
  async block(user: Reference, reason: string, options?: CommandOptions): Promise<AdminAccount> {
    const call = { path: { id: idOf(user) }, body: { reason } };
    return (await this.#transport.command("post", "/api/v1/admin/users/{id}/block", call, options)).data.user;
  }

  /** Lets somebody in again. */
  async unblock(user: Reference, options?: CommandOptions): Promise<AdminAccount> {
    const call = { path: { id: idOf(user) } };
    return (await this.#transport.command("post", "/api/v1/admin/users/{id}/unblock", call, options)).data.user;
  }
}

/** Everybody's withdrawals. */
export class AdminWithdrawals {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of everybody's withdrawals, newest first. */
  async list(query: WithdrawalsFilter & Part = {}, options?: CallOptions): Promise<WithdrawalsPage> {
    return (await this.#transport.get("/api/v1/admin/withdrawals", { query }, options)).data;
  }

  /** Everybody's withdrawals that the filter lets through, newest first. */
  all(filter: WithdrawalsFilter = {}, options?: AllOptions): AsyncGenerator<Withdrawal, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.withdrawals, options);
  }

  /**
   * Releases a withdrawal for payment. Above the server's limit it takes two different administrators: after
   * the first one its `state` is `countersign`.
   */
  async approve(withdrawal: Reference, options?: CommandOptions): Promise<Withdrawal> {
    const call = { path: { id: idOf(withdrawal) } };
    const path = "/api/v1/admin/withdrawals/{id}/approve";
    return (await this.#transport.command("post", path, call, options)).data.withdrawal;
  }

  /** Says that an approved withdrawal, or one that needs a review, has been paid. */
  async markPaid(withdrawal: Reference, options?: CommandOptions): Promise<Withdrawal> {
    const call = { path: { id: idOf(withdrawal) } };
    const path = "/api/v1/admin/withdrawals/{id}/mark-paid";
    return (await this.#transport.command("post", path, call, options)).data.withdrawal;
  }

  /** Says that a withdrawal that needs a review has not arrived. The money goes back. */
  async markFailed(withdrawal: Reference, reason: string, options?: CommandOptions): Promise<Withdrawal> {
    const call = { path: { id: idOf(withdrawal) }, body: { reason } };
    const path = "/api/v1/admin/withdrawals/{id}/mark-failed";
    return (await this.#transport.command("post", path, call, options)).data.withdrawal;
  }

  /** Refuses a withdrawal that has not been paid. The money goes back. */
  async reject(withdrawal: Reference, reason: string, options?: CommandOptions): Promise<Withdrawal> {
    const call = { path: { id: idOf(withdrawal) }, body: { reason } };
    const path = "/api/v1/admin/withdrawals/{id}/reject";
    return (await this.#transport.command("post", path, call, options)).data.withdrawal;
  }
}

/** The books, and whether they are right. */
export class AdminBooks {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** What all accounts come to, in each currency. */
  async trialBalance(options?: CallOptions): Promise<TrialBalances> {
    return (await this.#transport.get("/api/v1/admin/ledger/trial-balance", {}, options)).data;
  }

  /** A part of what was booked on an account such as `platform:fees`, newest first. */
  async list(account: string, query: Part = {}, options?: CallOptions): Promise<LedgerEntriesPage> {
    const call = { path: { id: account }, query };
    return (await this.#transport.get("/api/v1/admin/ledger/accounts/{id}/entries", call, options)).data;
  }

  /** Everything that was booked on an account, newest first. */
  all(account: string, options?: AllOptions): AsyncGenerator<LedgerEntry, void, undefined> {
    return rowsOf((part, call) => this.list(account, part, call), (found) => found.entries, options);
  }

  /** Whether the books agree with the world: the last check, whose payouts are stopped, what waits. */
  async reconciliation(options?: CallOptions): Promise<Reconciliation> {
    return (await this.#transport.get("/api/v1/admin/reconciliation", {}, options)).data;
  }

  /** Lets somebody be paid again whose payouts a check has stopped. */
  async liftPayoutHold(user: Reference, reason: string, options?: CommandOptions): Promise<PayoutHold> {
    const call = { path: { user_id: idOf(user) }, body: { reason } };
    const path = "/api/v1/admin/payout-holds/{user_id}/lift";
    return (await this.#transport.command("post", path, call, options)).data.payout_hold;
  }
}

/** Payments that their payers' banks took back. */
export class AdminChargebacks {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of all chargebacks, newest first. */
  async list(query: ChargebacksFilter & Part = {}, options?: CallOptions): Promise<ChargebacksPage> {
    return (await this.#transport.get("/api/v1/admin/chargebacks", { query }, options)).data;
  }

  /** All chargebacks that the filter lets through, newest first. */
  all(filter: ChargebacksFilter = {}, options?: AllOptions): AsyncGenerator<Chargeback, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.chargebacks, options);
  }

  /** Says that a payer's bank has taken a deposit back. The whole deposit leaves at once. */
  async receive(deposit: Reference, reason: string, options?: CommandOptions): Promise<Chargeback> {
    const call = { body: { deposit_id: idOf(deposit), reason } };
    return (await this.#transport.command("post", "/api/v1/admin/chargebacks", call, options)).data.chargeback;
  }

  /** Says that the bank has decided for the platform. What was taken comes back. */
  async win(chargeback: Reference, options?: CommandOptions): Promise<Chargeback> {
    const call = { path: { id: idOf(chargeback) } };
    return (await this.#transport.command("post", "/api/v1/admin/chargebacks/{id}/win", call, options)).data.chargeback;
  }

  /** Says that the bank has decided for the payer. */
  async lose(chargeback: Reference, options?: CommandOptions): Promise<Chargeback> {
    const call = { path: { id: idOf(chargeback) } };
    return (await this.#transport.command("post", "/api/v1/admin/chargebacks/{id}/lose", call, options)).data.chargeback;
  }
}

/** Disputes, and deciding them. */
export class AdminDisputes {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of all disputes, newest first. Those that wait for a decision are `in_review`. */
  async list(query: DisputesFilter & Part = {}, options?: CallOptions): Promise<DisputesPage> {
    return (await this.#transport.get("/api/v1/admin/disputes", { query }, options)).data;
  }

  /** All disputes that the filter lets through, newest first. */
  all(filter: DisputesFilter = {}, options?: AllOptions): AsyncGenerator<DisputeSummary, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.disputes, options);
  }

  /** Divides the money of a dispute in review: so much for the provider, before their fee, the rest for the client. */
  async decide(dispute: Reference, toProvider: number, reason: string, options?: CommandOptions): Promise<Dispute> {
    const call = { path: { dispute_id: idOf(dispute) }, body: { to_provider: toProvider, reason } };
    const path = "/api/v1/admin/disputes/{dispute_id}/decide";
    return (await this.#transport.command("post", path, call, options)).data.dispute;
  }
}

/** Background work that is not done: waiting, running, failed, dead. */
export class AdminJobs {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of the queue, newest first. */
  async list(query: JobsFilter & Part = {}, options?: CallOptions): Promise<JobsPage> {
    return (await this.#transport.get("/api/v1/admin/jobs", { query }, options)).data;
  }

  /** Everything in the queue that the filter lets through, newest first. */
  all(filter: JobsFilter = {}, options?: AllOptions): AsyncGenerator<Job, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.jobs, options);
  }

  /** Has a job tried again now, a dead one, too. */
  async retry(job: Reference, options?: CommandOptions): Promise<Job> {
    const call = { path: { id: idOf(job) } };
    return (await this.#transport.command("post", "/api/v1/admin/jobs/{id}/retry", call, options)).data.job;
  }

  /** Calls a job off. */
  async cancel(job: Reference, options?: CommandOptions): Promise<Job> {
    const call = { path: { id: idOf(job) } };
    return (await this.#transport.command("post", "/api/v1/admin/jobs/{id}/cancel", call, options)).data.job;
  }
}
