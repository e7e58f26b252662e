/** The whole story against a running server: from an account to a payout. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  ConflictError,
  ForbiddenError,
  Guildhall,
  MemoryTokenStore,
  NotFoundError,
  PaymentRequiredError,
  PreconditionFailedError,
  type Role,
  UnauthorizedError,
  UnprocessableEntityError,
  ValidationError,
} from "@guildhall/client";
import { Server } from "../server.js";

const password = "DemoPass123!";
let server: Server;

before(async () => {
  server = await Server.start();
});

after(async () => {
  await server?.stop();
});

function visitor(tokens = new MemoryTokenStore()): Guildhall {
  return new Guildhall({ baseUrl: server.baseUrl, tokens });
}

/** People of our own, without any history; the administrator is the one of the small world. */
const people = {
  client: { email: "client@story.test", full_name: "Clara Client" },
  writer: { email: "writer@story.test", full_name: "Willem Writer" },
} as const;

async function login(name: "client" | "writer" | "admin", tokens?: MemoryTokenStore): Promise<Guildhall> {
  const guildhall = visitor(tokens);
  const email = name === "admin" ? "admin@demo.test" : people[name].email;
  const account = await guildhall.auth.login({ email, password }).catch((error: unknown) => {
    if (name === "admin" || !(error instanceof UnauthorizedError)) throw error;
    return guildhall.auth.register({ ...people[name], password, role: name });
  });
  assert.equal(account.role, name satisfies Role);
  return guildhall;
}

/** So many days from now. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

function paper(title: string) {
  const description = "Eight pages on what the weather does to harvests.";
  return { title, subject: "Environmental Science", type: "Research Paper", deadline: inDays(10), budget: 200, description };
}

test("from an order to a payout", async () => {
  const [client, writer, admin] = [await login("client"), await login("writer"), await login("admin")];

  // A client posts an order in two steps, three parts to one, and thinks again about its title.
  const posted = await client.orders.post({
    ...paper("On climate"),
    pages: 8,
    detailed_requirements: ["APA citation style"],
    milestones: [
      { title: "Draft", due_date: inDays(4), amount: 150 },
      { title: "Final", due_date: inDays(8), amount: 50 },
    ],
  });
  assert.equal(posted.status, "open");
  const read = await client.orders.get(posted);
  const titled = await client.orders.update(read, { title: "On climate change" });
  assert.equal(titled.title, "On climate change");
  await assert.rejects(client.orders.update(read, { title: "Too late" }), PreconditionFailedError);
  assert.equal((await client.orders.update(titled, { pages: 9 })).pages, 9);

  // A writer finds it and bids; the client asks for a better price and gets it.
  const offered = [];
  for await (const order of writer.availableOrders.all({ search: "climate" })) offered.push(order.id);
  assert.deepEqual(offered, [posted.id]);
  const placed = await writer.bids.place(posted, { bid_amount: 130, message: "I have done this before." });
  assert.equal(placed.order_id, posted.id);
  const { bids } = await client.bids.received(posted);
  assert.deepEqual(bids.map(({ id, writer: { name } }) => [id, name]), [[placed.id, "Willem Writer"]]);
  assert.equal((await client.bids.counter(placed, { bid_amount: 115.01 })).state, "countered");
  const agreed = await writer.bids.acceptCounter(placed);
  assert.equal(agreed.bid_amount, 115.01);
  assert.deepEqual((await client.bids.offers(placed)).map(({ bid_amount }) => bid_amount).sort(), [115.01, 130]);

  // What was seen counts: the writer has raised the price meanwhile.
  const version = await writer.bids.get(placed);
  const raised = await writer.bids.update(version, { bid_amount: 120 });
  await assert.rejects(writer.bids.update(version, { message: "Too late" }), PreconditionFailedError);
  const surprise = await client.bids.accept(agreed).then(() => assert.fail("it was accepted"), (error) => error);
  assert.ok(surprise instanceof ConflictError);
  assert.deepEqual([surprise.reason, surprise.bid?.bid_amount], ["bid_changed", 120]);
  const lowered = await writer.bids.update(raised, { bid_amount: 115.01 });
  const award = await client.bids.accept(lowered);
  assert.equal(award.bid.status, "accepted");
  assert.deepEqual([award.order.status, award.order.accepted_bid], ["pending", 115.01]);
  assert.deepEqual(award.payment_required, { amount: 115.01, available: 0, currency: "USD" });

  // Funding needs money. The same deposit twice is one.
  const short = await client.orders.fund(posted).then(() => assert.fail("it was funded"), (error) => error);
  assert.ok(short instanceof PaymentRequiredError);
  assert.deepEqual([short.required, short.available], [115.01, 0]);
  const once = { idempotencyKey: "first-deposit" };
  const { deposit } = await client.payments.deposit({ amount: 200 }, once);
  assert.equal((await client.payments.deposit({ amount: 200 }, once)).deposit.id, deposit.id);
  assert.equal((await client.payments.balance()).available, 200);
  const funded = await client.orders.fund(posted);
  assert.equal(funded.status, "active");
  assert.deepEqual(funded.milestones.map(({ amount }) => amount), [86.25, 28.76]);
  const { available, in_escrow } = await client.payments.balance();
  assert.deepEqual([available, in_escrow], [84.99, 115.01]);

  // The writer works and hands in; the client wants more, gets it, and pays step by step.
  await assert.rejects(client.milestones.start(posted, 1), ValidationError);
  assert.equal((await writer.milestones.start(posted, 1)).milestones[0]?.state, "in_progress");
  assert.equal((await writer.orders.reportProgress(posted, 60)).progress, 60);
  assert.equal((await writer.milestones.submit(posted, 1)).milestones[0]?.state, "submitted");
  await assert.rejects(writer.milestones.approve(posted, 1), ForbiddenError);
  const returned = await client.milestones.requestChanges(posted, 1, "A chart on rainfall, please.");
  assert.deepEqual(
    [returned.milestones[0]?.state, returned.milestones[0]?.changes_message],
    ["changes_requested", "A chart on rainfall, please."],
  );
  await writer.milestones.submit(posted, 1);
  assert.equal((await client.milestones.approve(posted, 1)).milestones[0]?.status, "completed");
  await writer.milestones.submit(posted, 2);
  const done = await client.milestones.approve(posted, 2);
  assert.deepEqual([done.status, done.progress], ["completed", 100]);
  await assert.rejects(client.milestones.approve(posted, 2), { code: "CONFLICT", status: 409 });

  // Each says once what the other one was like.
  const review = await client.orders.review(posted, { rating: 5, comment: "Delivered early." });
  assert.deepEqual([review.order_id, review.rating], [posted.id, 5]);
  await writer.orders.review(posted, { rating: 4 });
  await assert.rejects(
    client.orders.review(posted, { rating: 1 }),
    (error) => error instanceof ConflictError && error.reason === "already_reviewed",
  );
  assert.equal((await writer.auth.me()).rating, 5);

  // The writer takes the money out, an administrator pays it.
  const account_details = { account_number: "1234567890", bank_name: "Example Bank", account_holder: "Willem Writer" };
  const wish = { method: "bank_transfer", account_details } as const;
  await assert.rejects(writer.withdrawals.request({ amount: 115.02, ...wish }), UnprocessableEntityError);
  const withdrawal = await writer.withdrawals.request({ amount: 100, ...wish });
  assert.equal(withdrawal.account_details["account_number"], "****7890");
  await assert.rejects(client.withdrawals.get(withdrawal), NotFoundError);
  const waiting = [];
  for await (const { id, user } of admin.admin.withdrawals.all({ status: "pending" })) waiting.push([id, user?.name]);
  assert.deepEqual(waiting[0], [withdrawal.id, "Willem Writer"], "the newest first");
  assert.equal((await admin.admin.withdrawals.approve(withdrawal)).state, "approved");
  assert.equal((await admin.admin.withdrawals.markPaid(withdrawal)).state, "paid");
  assert.equal((await writer.withdrawals.get(withdrawal)).status, "completed");
  const movements = [];
  for await (const { type, amount } of writer.payments.allTransactions({}, { pageSize: 1 })) {
    movements.push([type, amount]);
  }
  assert.deepEqual(movements, [["debit", 100], ["credit", 28.76], ["credit", 86.25]]);
  const wallet = await writer.payments.balance();
  assert.deepEqual([wallet.available, wallet.total_earned, wallet.total_withdrawn], [15.01, 115.01, 100]);
});

test("a list is gone through by cursor", async () => {
  const client = await login("client");
  const titles = Array.from({ length: 7 }, (_, number) => `Paper number ${number}`);
  for (const title of titles) await client.orders.post(paper(title));
  const found = [];
  for await (const { title } of client.orders.all({ status: "open", search: "paper number" }, { pageSize: 3 })) {
    found.push(title);
    if (found.length === 2) await client.orders.post(paper("Paper number new"));
  }
  assert.deepEqual(found, [...titles].reverse(), "newest first, and what is added meanwhile moves nothing");
  const { pagination, summary } = await client.orders.list({ status: "open", page: 2, limit: 3 });
  assert.deepEqual([pagination.page, pagination.pages, summary.open], [2, 3, 8]);
});

test("an account, from the first day to the last", async () => {
  const tokens = new MemoryTokenStore();
  const guildhall = visitor(tokens);
  const email = "ada@example.com";
  const details = { email, password: "SecurePass123!", full_name: "Ada Lovelace", role: "freelancer" } as const;
  const account = await guildhall.auth.register(details);
  assert.equal((await guildhall.auth.me()).id, account.id);
  const taken = await visitor().auth.register(details).then(() => assert.fail("it was free"), (error) => error);
  assert.ok(taken instanceof ValidationError);
  assert.deepEqual([taken.field, taken.message], ["email", "Email already exists"]);

  // However many calls find that their token is no good, the login is prolonged once.
  const before = tokens.load();
  assert.ok(before !== null);
  tokens.save({ ...before, access_token: `${before.access_token}x` });
  await Promise.all([guildhall.auth.me(), guildhall.users.profile(), guildhall.payments.balance()]);
  const prolonged = tokens.load();
  assert.ok(prolonged !== null && prolonged.refresh_token !== before.refresh_token);
  await Promise.all([guildhall.auth.me(), guildhall.auth.me()]);
  assert.deepEqual(tokens.load(), prolonged);

  const other = visitor();
  await other.auth.login({ email, password: details.password });
  await guildhall.auth.changePassword({ old_password: details.password, new_password: "AnotherPass456!" });
  await assert.rejects(other.auth.me(), UnauthorizedError);
  assert.equal((await guildhall.users.updateProfile({ phone: "+44 20 7946 0958" })).phone, "+44 20 7946 0958");

  const admin = await login("admin");
  assert.equal((await admin.admin.users.block(account.id, "A test")).state, "blocked");
  await assert.rejects(guildhall.auth.me(), UnauthorizedError);
  assert.equal(tokens.load(), null, "a login that has ended is forgotten");
  assert.equal((await admin.admin.users.unblock(account.id)).state, "active");

  await guildhall.auth.login({ email, password: "AnotherPass456!" });
  await guildhall.auth.logout();
  await assert.rejects(guildhall.auth.me(), UnauthorizedError);
  await guildhall.auth.login({ email, password: "AnotherPass456!" });
  await guildhall.users.deactivate();
  await assert.rejects(guildhall.auth.login({ email, password: "AnotherPass456!" }), {
    code: "UNAUTHORIZED",
    reason: "account_deactivated",
  });
});

test("what goes wrong tells who can be asked about it", async () => {
  const writer = await login("writer");
  const error = await writer.orders.get("ORD-999").then(() => assert.fail("it is there"), (error) => error);
  assert.ok(error instanceof NotFoundError);
  assert.match(String(error.requestId), /\S/);
  await assert.rejects(writer.orders.post(paper("Not for writers")), ForbiddenError);
  await assert.rejects(visitor().orders.list(), UnauthorizedError);
});

test("the server says what it is", async () => {
  const guildhall = visitor();
  assert.equal((await guildhall.meta.health()).status, "healthy");
  assert.equal((await guildhall.meta.status()).environment, "development");
  const machines = await guildhall.meta.stateMachines();
  assert.ok(machines.some(({ object }) => object === "milestone"));
});
