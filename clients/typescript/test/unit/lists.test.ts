import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceUnavailableError } from "@guildhall/client";
import { Fake, failure, networkFailure, pagination, success } from "../fake.js";

/** A list of five rows, two at a time. */
function list(name: string): Fake {
  const rows = [1, 2, 3, 4, 5].map((number) => ({ id: `row-${number}` }));
  return new Fake(({ url }) => {
    const start = Number(new URL(url).searchParams.get("cursor") ?? 0);
    const next = start + 2 < rows.length ? String(start + 2) : null;
    return success({ [name]: rows.slice(start, start + 2), pagination: pagination(next), summary: {} });
  });
}

async function ids(rows: AsyncIterable<{ id: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { id } of rows) found.push(id);
  return found;
}

const ALL = ["row-1", "row-2", "row-3", "row-4", "row-5"];

test("all rows come, part by part, under the same filter", async () => {
  const fake = list("orders");
  assert.deepEqual(await ids(fake.client().orders.all({ status: "active", search: "x" }, { pageSize: 2 })), ALL);
  const base = "GET /api/v1/orders?status=active&search=x&limit=2";
  assert.deepEqual(fake.targets, [base, `${base}&cursor=2`, `${base}&cursor=4`]);
});

test("every list can be gone through", async () => {
  const lists = [
    ["orders", "orders?", (client) => client.orders.all()],
    ["orders", "available-orders?", (client) => client.availableOrders.all()],
    ["bids", "bids?", (client) => client.bids.all()],
    ["bids", "orders/ORD-001/bids?", (client) => client.bids.allReceived("ORD-001")],
    ["chats", "chats?", (client) => client.chats.all()],
    ["messages", "chats/chat-1/messages?", (client) => client.chats.allMessages("chat-1")],
    ["transactions", "transactions?", (client) => client.payments.allTransactions()],
    ["withdrawals", "withdrawals?", (client) => client.withdrawals.all()],
    ["notifications", "notifications?", (client) => client.notifications.all()],
    ["withdrawals", "admin/withdrawals?", (client) => client.admin.withdrawals.all()],
    ["proposals", "orders/ORD-001/proposals?", (client) => client.proposals.all("ORD-001")],
    ["disputes", "disputes?", (client) => client.disputes.all()],
    ["disputes", "admin/disputes?", (client) => client.admin.disputes.all()],
    ["chargebacks", "admin/chargebacks?", (client) => client.admin.chargebacks.all()],
    ["entries", "admin/ledger/accounts/platform%3Afees/entries?", (client) => client.admin.books.all("platform:fees")],
    ["jobs", "admin/jobs?", (client) => client.admin.jobs.all()],
  ] satisfies [string, string, (client: ReturnType<Fake["client"]>) => AsyncIterable<{ id: string }>][];
  for (const [name, path, all] of lists) {
    const fake = list(name);
    assert.deepEqual(await ids(all(fake.client())), ALL, path);
    assert.equal(fake.targets[0], `GET /api/v1/${path}limit=100`);
    assert.equal(fake.sent.length, 3);
  }
});

test("what nobody asks for is not fetched", async () => {
  const fake = list("orders");
  const rows = fake.client().orders.all();
  assert.equal(fake.sent.length, 0, "nothing before the first row is wanted");
  for await (const { id } of rows) if (id === "row-2") break;
  assert.equal(fake.sent.length, 1);
});

test("an empty list has no rows", async () => {
  const fake = Fake.of(() => success({ orders: [], pagination: pagination(null), summary: {} }));
  assert.deepEqual(await ids(fake.client().orders.all()), []);
});

test("a part that fails is tried again, and what is final ends the loop", async () => {
  const rows = list("orders");
  const flaky = new Fake((sent, count) => {
    if (count === 1) throw networkFailure();
    if (count === 3) return failure(503, "SERVICE_UNAVAILABLE", {}, { "Retry-After": "3600" });
    return rows.fetch(sent.url, sent.init);
  });
  const found: string[] = [];
  await assert.rejects(async () => {
    for await (const { id } of flaky.client().orders.all()) found.push(id);
  }, ServiceUnavailableError);
  assert.deepEqual(found, ALL.slice(0, 4));
});

test("a signal ends going through a list", async () => {
  const control = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(async () => {
    for await (const { id } of list("orders").client().orders.all({}, { signal: control.signal })) {
      if (id === "row-2") control.abort(reason);
    }
  }, reason);
});
