/** Every operation of the OpenAPI document has a method, and every method does what the document says of it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Guildhall, operations } from "@guildhall/client";
import { bid, Fake, failure, order, pagination, success, tokens } from "../fake.js";

type OperationId = keyof operations;

interface Described {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly isKeyed: boolean;
  readonly isConditional: boolean;
}

/** What the document has, by operationId. */
const document = new Map<string, Described>(described().map((operation) => [operation.id, operation]));

function described(): Described[] {
  const file = new URL("../../../../../openapi/openapi.json", import.meta.url);
  const { paths } = JSON.parse(readFileSync(file, "utf8")) as {
    paths: Record<string, Record<string, { operationId: string; parameters?: { name: string }[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [] }]) => {
      const names = parameters.map(({ name }) => name);
      const takes = { isKeyed: names.includes("Idempotency-Key"), isConditional: names.includes("If-Match") };
      return { id: operationId, method: method.toUpperCase(), path, ...takes };
    }),
  );
}

const TEXT = { name: "outline.txt", content: "1. Rain" };
const USER = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22";
const LINK = "/api/v1/files/file-1/content?expires=1&signature=x";
const POSTED = { title: "T", subject: "S", type: "Y", deadline: "2030-01-01T00:00:00Z", budget: 1, description: "D" };

/** A call that ends in the operation, by operationId. Words that are no operation's do not compile. */
const CALLS = {
  getApiHealth: ({ meta }) => meta.health(),
  getApiStatus: ({ meta }) => meta.status(),
  getStateMachines: ({ meta }) => meta.stateMachines(),

  register: ({ auth }) => auth.register({ email: "a@b.test", password: "p", full_name: "A", role: "client" }),
  login: ({ auth }) => auth.login({ email: "a@b.test", password: "p" }),
  logout: ({ auth }) => auth.logout(),
  me: ({ auth }) => auth.me(),
  changePassword: ({ auth }) => auth.changePassword({ old_password: "p", new_password: "q" }),

  getOwnRecord: ({ users }) => users.record(),
  patchOwnRecord: ({ users }) => users.updateRecord({ phone: "1" }),
  deactivateOwnAccount: ({ users }) => users.deactivate(),
  getProfile: ({ profile }) => profile.get(),
  updateProfile: ({ profile }) => profile.update({ bio: "B" }, { ifMatch: '"1"' }),
  setAvatar: ({ profile }) => profile.setAvatar(TEXT),
  removeAvatar: ({ profile }) => profile.removeAvatar(),
  getPublicProfile: ({ profiles }) => profiles.get(USER),
  getAvatar: ({ profiles }) => profiles.avatar({ avatar_url: "/api/v1/avatars/picture-1" }),
  getLeaderboard: ({ leaderboard }) => leaderboard.get({ period: "weekly", limit: 3 }),

  listOrders: ({ orders }) => orders.list(),
  postOrder: ({ orders }) => orders.post(POSTED),
  getOrder: ({ orders }) => orders.get("ORD-001"),
  updateOrder: ({ orders }) => orders.update({ id: "ORD-001", etag: '"1"' }, { title: "U" }),
  cancelOrder: ({ orders }) => orders.cancel("ORD-001"),
  fundOrder: ({ orders }) => orders.fund("ORD-001"),
  attachFiles: ({ orders }) => orders.addFiles("ORD-001", ["file-1"]),
  inviteProvider: ({ orders }) => orders.invite("ORD-001", USER),
  declineInvitation: ({ orders }) => orders.declineInvitation("ORD-001"),
  giveBonus: ({ orders }) => orders.giveBonus("ORD-001", { amount: 1, message: "M" }),
  reviewOrder: ({ orders }) => orders.review("ORD-001", { rating: 5 }),
  listAvailableOrders: ({ availableOrders }) => availableOrders.list(),

  listBids: ({ bids }) => bids.list(),
  listBidsOnOrder: ({ bids }) => bids.received("ORD-001"),
  getBid: ({ bids }) => bids.get("BID-001"),
  listOffers: ({ bids }) => bids.offers("BID-001"),
  placeBid: ({ bids }) => bids.place("ORD-001", { bid_amount: 1, message: "M" }),
  updateBid: ({ bids }) => bids.update({ id: "BID-001", etag: '"1"' }, { message: "N" }),
  confirmBid: ({ bids }) => bids.confirm("BID-001"),
  withdrawBid: ({ bids }) => bids.withdraw("BID-001"),
  counterBid: ({ bids }) => bids.counter("BID-001", { bid_amount: 1 }),
  acceptCounterOffer: ({ bids }) => bids.acceptCounter("BID-001"),
  rejectCounterOffer: ({ bids }) => bids.rejectCounter("BID-001"),
  acceptBid: ({ bids }) => bids.accept({ id: "BID-001", bid_amount: 1, revision: 1 }),
  declineBid: ({ bids }) => bids.decline("BID-001"),

  submitMilestone: ({ milestones }) => milestones.submit("ORD-001", 1, { message: "M", files: ["file-1"] }),
  approveMilestone: ({ milestones }) => milestones.approve("ORD-001", 1),
  refundMilestone: ({ milestones }) => milestones.refund("ORD-001", 1),

  listProposals: ({ proposals }) => proposals.list("ORD-001"),
  createProposal: ({ proposals }) => proposals.make("ORD-001", { kind: "refund", milestone_id: 1 }),
  getProposal: ({ proposals }) => proposals.get("proposal-1"),
  acceptProposal: ({ proposals }) => proposals.accept("proposal-1"),
  rejectProposal: ({ proposals }) => proposals.reject("proposal-1"),
  withdrawProposal: ({ proposals }) => proposals.withdraw("proposal-1"),
  listDisputes: ({ disputes }) => disputes.list(),
  openDispute: ({ disputes }) => disputes.open("ORD-001", { milestone_id: 1, reason: "Why", to_provider: 1 }),
  getDispute: ({ disputes }) => disputes.get("dispute-1"),
  addEvidence: ({ disputes }) => disputes.addEvidence("dispute-1", { text: "So" }),
  offerSettlement: ({ disputes }) => disputes.offer("dispute-1", { to_provider: 1 }),
  acceptSettlement: ({ disputes }) => disputes.acceptOffer("dispute-1", 1),
  rejectSettlement: ({ disputes }) => disputes.rejectOffer("dispute-1", 1),
  escalateDispute: ({ disputes }) => disputes.escalate("dispute-1"),
  requestChanges: ({ milestones }) => milestones.requestChanges("ORD-001", 1, "More"),

  uploadFile: ({ files }) => files.upload(TEXT),
  getFile: ({ files }) => files.get("file-1"),
  downloadFile: ({ files }) => files.download({ id: "file-1", download_url: LINK }),

  listChats: ({ chats }) => chats.list(),
  openChat: ({ chats }) => chats.open("ORD-001", USER),
  listMessages: ({ chats }) => chats.messages("chat-1"),
  sendMessage: ({ chats }) => chats.send("chat-1", "hello"),
  readChat: ({ chats }) => chats.read("chat-1"),

  getBalance: ({ payments }) => payments.balance(),
  listTransactions: ({ payments }) => payments.transactions(),
  createDeposit: ({ payments }) => payments.deposit({ amount: 1 }),
  listWithdrawals: ({ withdrawals }) => withdrawals.list(),
  getWithdrawal: ({ withdrawals }) => withdrawals.get("WD-001"),
  requestWithdrawal: ({ withdrawals }) =>
    withdrawals.request({ amount: 1, method: "paypal", account_details: { email: "a@b.test" } }),
  cancelWithdrawal: ({ withdrawals }) => withdrawals.cancel("WD-001"),

  listNotifications: ({ notifications }) => notifications.list(),
  markNotificationRead: ({ notifications }) => notifications.markRead("note-1"),
  markAllNotificationsRead: ({ notifications }) => notifications.markAllRead(),

  blockUser: ({ admin }) => admin.users.block(USER, "Why"),
  unblockUser: ({ admin }) => admin.users.unblock(USER),
  listAllWithdrawals: ({ admin }) => admin.withdrawals.list(),
  approveWithdrawal: ({ admin }) => admin.withdrawals.approve("WD-001"),
  markWithdrawalPaid: ({ admin }) => admin.withdrawals.markPaid("WD-001"),
  markWithdrawalFailed: ({ admin }) => admin.withdrawals.markFailed("WD-001", "Why"),
  rejectWithdrawal: ({ admin }) => admin.withdrawals.reject("WD-001", "Why"),
  getTrialBalance: ({ admin }) => admin.books.trialBalance(),
  listLedgerEntries: ({ admin }) => admin.books.list("platform:fees"),
  getReconciliation: ({ admin }) => admin.books.reconciliation(),
  liftPayoutHold: ({ admin }) => admin.books.liftPayoutHold(USER, "Why"),
  listChargebacks: ({ admin }) => admin.chargebacks.list(),
  receiveChargeback: ({ admin }) => admin.chargebacks.receive(USER, "Why"),
  winChargeback: ({ admin }) => admin.chargebacks.win(USER),
  loseChargeback: ({ admin }) => admin.chargebacks.lose(USER),
  listAllDisputes: ({ admin }) => admin.disputes.list(),
  decideDispute: ({ admin }) => admin.disputes.decide("dispute-1", 1, "Why"),
  listJobs: ({ admin }) => admin.jobs.list(),
  retryJob: ({ admin }) => admin.jobs.retry("1042"),
  cancelJob: ({ admin }) => admin.jobs.cancel("1042"),
} satisfies Partial<Record<OperationId, (client: Guildhall) => Promise<unknown>>>;

/** Operations without a method of their own, and why. */
const OTHERWISE = {
  refresh: "done by itself when the login has expired; session.test.ts",
  putOwnRecord: "the same as patchOwnRecord",
  getRoot: "a page for people",
  getHealth: "a probe for machines, outside /api/v1",
  getDatabaseHealth: "a probe for machines, outside /api/v1",
  getDetailedHealth: "a probe for machines, outside /api/v1",
  getBlueprints: "a probe for machines, outside /api/v1",
  getLiveness: "a probe for machines, outside /api/v1",
  getReadiness: "a probe for machines, outside /api/v1",
  getMetrics: "a probe for machines, outside /api/v1",
} satisfies Partial<Record<OperationId, string>>;

/** Methods that lead to operations which another method stands for above: they must not be forgotten in tests. */
const BESIDES = new Set([
  "orders.reportProgress",
  "milestones.start",
  "milestones.submissions",
  "files.stream",
  // Going through a list is several times the list: lists.test.ts.
  ...["orders", "availableOrders", "bids", "chats", "withdrawals", "notifications"].map((name) => `${name}.all`),
  ...["bids.allReceived", "chats.allMessages", "payments.allTransactions", "admin.withdrawals.all", "admin.jobs.all"],
  ...["proposals.all", "disputes.all", "admin.disputes.all", "admin.chargebacks.all", "admin.books.all"],
]);

/** An answer in which everything is there that any method looks for. */
function anything(): Response {
  const list = { pagination: pagination(null), summary: {}, offers: [], state_machines: [] };
  const things = { order: order({ milestones: [] }), bid: bid(), invitation: {}, review: {}, file: {}, job: {} };
  const rest = { user: {}, profile: {}, chat: {}, message: {}, withdrawal: {}, deposit: {}, balance: {}, count: 0 };
  const money = { chargeback: {}, dispute: {} };
  return success({ ...list, ...things, ...rest, ...money, ...tokens(1) }, { ETag: '"1"' });
}

/** Whether a path is one that the document's path stands for. */
function isInstance(target: string, path: string): boolean {
  const pattern = path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}(\\?.*)?$`).test(target);
}

test("every operation has a method", () => {
  const known = new Set([...Object.keys(CALLS), ...Object.keys(OTHERWISE)]);
  const missing = [...document.keys()].filter((id) => !known.has(id));
  assert.deepEqual(missing, [], "add methods in src/resources/ and name them in CALLS");
  assert.deepEqual([...known].filter((id) => !document.has(id)), [], "these are gone; run make client");
  assert.equal(known.size, Object.keys(CALLS).length + Object.keys(OTHERWISE).length, "either or");
});

for (const [id, call] of Object.entries(CALLS)) {
  test(`${id} is sent as the document says`, async () => {
    const operation = document.get(id);
    assert.ok(operation !== undefined);
    const fake = new Fake(anything);
    await call(fake.clientOf(tokens(1)).client);
    const [sent, ...more] = fake.sent;
    assert.ok(sent !== undefined);
    assert.deepEqual(more, [], "one request");
    assert.equal(sent.method, operation.method);
    assert.ok(isInstance(sent.target, operation.path), `${sent.target} is no ${operation.path}`);
    // PUT and DELETE do nothing twice anyway: a key that nobody reads is no harm.
    const hasKey = sent.headers["Idempotency-Key"] !== undefined;
    if (operation.isKeyed || !["PUT", "DELETE"].includes(sent.method)) assert.equal(hasKey, operation.isKeyed, "key");
    assert.equal(sent.headers["If-Match"], operation.isConditional ? '"1"' : undefined);
  });
}

test("no method is forgotten", async () => {
  const called = new Set<string>();
  for (const call of Object.values(CALLS)) await call(watched(new Fake(anything).client(), called));
  const methods = resources(new Fake(anything).client()).flatMap(([name, resource]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(resource))
      .filter((method) => method !== "constructor")
      .map((method) => `${name}.${method}`),
  );
  assert.deepEqual(methods.filter((method) => !called.has(method) && !BESIDES.has(method)), []);
});

test("a call that fails leaves nothing behind that nobody catches", async () => {
  const lost: unknown[] = [];
  const note = (reason: unknown): number => lost.push(reason);
  process.on("unhandledRejection", note);
  try {
    for (const [id, call] of Object.entries(CALLS)) {
      const fake = new Fake(() => failure(500, "INTERNAL_ERROR"));
      await assert.rejects(call(fake.clientOf(tokens(1)).client), { code: "INTERNAL_ERROR" }, id);
    }
    await new Promise(setImmediate);
  } finally {
    process.off("unhandledRejection", note);
  }
  assert.deepEqual(lost, []);
});

/** The parts of a client that have methods, those of administrators included. */
function resources(client: Guildhall): [string, object][] {
  const { admin, ...others } = client;
  const ofAdmin = Object.entries<object>({ ...admin });
  const named = ofAdmin.map(([name, resource]): [string, object] => [`admin.${name}`, resource]);
  return [...Object.entries<object>(others), ...named];
}

/** A client that notes which methods are called on it. */
function watched(client: Guildhall, called: Set<string>): Guildhall {
  for (const [name, resource] of resources(client)) {
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(resource))) {
      const original: unknown = Reflect.get(resource, method);
      if (method === "constructor" || typeof original !== "function") continue;
      const noting = (...given: unknown[]): unknown => {
        called.add(`${name}.${method}`);
        return original.apply(resource, given);
      };
      Object.defineProperty(resource, method, { value: noting });
    }
  }
  return client;
}
