import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bid, Guildhall, type NewWithdrawal } from "@guildhall/client";
import { bid, Fake, order, pagination, success, tokens } from "../fake.js";

const answering = (data: unknown, headers: Record<string, string> = {}) => Fake.of(() => success(data, headers));

test("an address may have a path and a final slash", async () => {
  for (const [baseUrl, url] of [
    ["http://guildhall.test", "http://guildhall.test/api/v1/balance"],
    ["http://guildhall.test:81/", "http://guildhall.test:81/api/v1/balance"],
    ["https://example.test/market//", "https://example.test/market/api/v1/balance"],
  ] as const) {
    const fake = answering({ balance: {} });
    await fake.client({ baseUrl }).payments.balance();
    assert.equal(fake.sent[0]?.url, url);
  }
  for (const baseUrl of ["", "/", "guildhall.test", "ftp://guildhall.test", "http://guildhall.test/api/v1/"]) {
    assert.throws(() => new Guildhall({ baseUrl }), TypeError, baseUrl);
  }
});

test("ids cannot lead elsewhere", async () => {
  const fake = answering({ order: order() });
  const { orders } = fake.client();
  await orders.get("../admin?x=1#y");
  assert.equal(fake.sent[0]?.target, "/api/v1/orders/..%2Fadmin%3Fx%3D1%23y");
  for (const id of ["", ".", ".."]) await assert.rejects(orders.get(id), TypeError);
  // Where no compiler has looked.
  for (const none of [{}, undefined, null]) await assert.rejects(orders.get(none as never), TypeError);
  assert.equal(fake.sent.length, 1);
});

test("a filter that is left out is not sent", async () => {
  const fake = answering({ orders: [], pagination: pagination(null), summary: {} });
  const { orders, availableOrders } = fake.client();
  await orders.list();
  await orders.list({ status: "active", search: "climate & change", page: 2, limit: 5 });
  await availableOrders.list({ type: "invited", min_budget: 99.5, search: undefined, cursor: undefined });
  assert.deepEqual(fake.targets, [
    "GET /api/v1/orders",
    "GET /api/v1/orders?status=active&search=climate+%26+change&page=2&limit=5",
    "GET /api/v1/available-orders?type=invited&min_budget=99.5",
  ]);
});

test("headers and bodies are what the API wants", async () => {
  const fake = new Fake(() => success({ order: order() }));
  const { client } = fake.clientOf(tokens(1));
  await client.orders.get("ORD-001");
  await client.orders.fund("ORD-001");
  await client.milestones.requestChanges("ORD-001", 2, "More");
  const [question, plain, command] = fake.sent;
  assert.deepEqual(question?.headers, { Accept: "application/json", Authorization: "Bearer access-1" });
  assert.equal(question?.init.redirect, "manual");
  assert.equal(plain?.body, undefined);
  assert.equal(plain?.headers["Content-Type"], undefined);
  assert.equal(command?.target, "/api/v1/orders/ORD-001/milestones/2/request-changes");
  assert.equal(command?.headers["Content-Type"], "application/json");
  assert.deepEqual(command?.body, { message: "More" });
});

test("amounts are written as they were given", async () => {
  const fake = answering({ deposit: {}, balance: {} });
  for (const amount of [0.1, 115.1, 99999999.99, 100]) await fake.client().payments.deposit({ amount });
  const bodies = fake.sent.map(({ init }) => init.body);
  assert.deepEqual(bodies, ['{"amount":0.1}', '{"amount":115.1}', '{"amount":99999999.99}', '{"amount":100}']);
});

test("accepting a bid names the price and the revision that were seen", async () => {
  const fake = answering({ bid: bid(), order: order(), payment_required: null });
  const { payment_required } = await fake.client().bids.accept(bid() as unknown as Bid);
  assert.equal(payment_required, null);
  assert.equal(fake.sent[0]?.target, "/api/v1/bids/BID-007/accept");
  assert.deepEqual(fake.sent[0]?.body, { bid_amount: 115.1, revision: 3 });
});

test("confirming a bid names the order that was seen, if any", async () => {
  const fake = answering({ bid: bid() });
  const { bids } = fake.client();
  await bids.confirm("BID-007", { revision: 4 });
  await bids.confirm("BID-007");
  assert.deepEqual(fake.sent.map(({ body }) => body), [{ revision: 4 }, {}]);
});

test("what was read is changed at the version that was read", async () => {
  let version = 3;
  const fake = new Fake(({ method }) => {
    if (method === "PATCH") version += 1;
    return success({ order: order(), bid: bid() }, { ETag: `"${version}"` });
  });
  const { orders, bids } = fake.client();
  const read = await orders.get("ORD-001");
  assert.equal(read.etag, '"3"');
  const changed = await orders.update(read, { title: "Another" });
  assert.equal(changed.etag, '"4"');
  await orders.update(changed, { title: "Yet another" });
  await bids.update(await bids.get("BID-007"), { bid_amount: 99 });
  await orders.update("ORD-001", { title: "Whatever it is" });
  await orders.update(changed, { title: "Whatever it is" }, { ifMatch: "*" });
  await orders.update(changed, { title: "At that version" }, { ifMatch: undefined });
  await orders.reportProgress(changed, 10);
  await orders.reportProgress("ORD-001", 10, { ifMatch: '"9"' });
  const patches = fake.sent.filter(({ method }) => method === "PATCH").map(({ headers }) => headers["If-Match"]);
  assert.deepEqual(patches, ['"3"', '"4"', '"5"', undefined, "*", '"4"', undefined, '"9"']);
  assert.deepEqual(fake.sent[1]?.body, { title: "Another" }, "the version is no member of the body");
});

test("a change whose answer was lost still tells its version", async () => {
  const fake = new Fake(({ method }) => {
    const replayed: Record<string, string> = { "Idempotent-Replayed": "true" };
    return success({ order: order({ title: method }) }, method === "PATCH" ? replayed : { ETag: '"8"' });
  });
  const changed = await fake.client().orders.update("ORD-001", { title: "Another" });
  assert.deepEqual([changed.etag, changed.title], ['"8"', "GET"]);
});

test("work is begun by a change of its order, and handed in with a note and files", async () => {
  const submissions = [{ number: 1 }, { number: 2 }];
  const fake = answering({ order: order({ milestones: [{ id: 1, submissions }] }) }, { ETag: '"1.2"' });
  const { milestones } = fake.client();
  const started = await milestones.start({ id: "ORD-001" }, 1);
  assert.equal(started.etag, '"1.2"');
  await milestones.submit("ORD-001", 1);
  await milestones.submit("ORD-001", 1, { message: "The outline.", files: ["file-1", { id: "file-2" }] });
  assert.deepEqual(fake.targets, [
    "PATCH /api/v1/orders/ORD-001",
    "POST /api/v1/orders/ORD-001/milestones/1/submissions",
    "POST /api/v1/orders/ORD-001/milestones/1/submissions",
  ]);
  assert.deepEqual(
    fake.sent.map(({ body }) => body),
    [
      { milestone_id: 1, status: "in-progress" },
      {},
      { message: "The outline.", file_ids: ["file-1", "file-2"] },
    ],
  );
  assert.deepEqual(await milestones.submissions("ORD-001", 1), submissions);
  assert.deepEqual(await milestones.submissions("ORD-001", 7), []);
});

test("chats are between two people about an order", async () => {
  const fake = answering({ chat: { id: "chat-1" }, message: { id: "message-1" } });
  const { chats } = fake.client();
  const chat = await chats.open({ id: "ORD-001" }, "user-2");
  const message = await chats.send(chat, "hello");
  await chats.send(chat, { content: "look", attachments: ["file-1", { id: "file-2" }] });
  await chats.read(chat, message);
  await chats.read("chat-1");
  assert.deepEqual(fake.targets, [
    "POST /api/v1/chats",
    "POST /api/v1/chats/chat-1/messages",
    "POST /api/v1/chats/chat-1/messages",
    "POST /api/v1/chats/chat-1/read",
    "POST /api/v1/chats/chat-1/read",
  ]);
  assert.deepEqual(
    fake.sent.map(({ body }) => body),
    [
      { order_id: "ORD-001", participant_id: "user-2" },
      { content: "hello" },
      { content: "look", attachments: ["file-1", "file-2"] },
      { up_to: "message-1" },
      {},
    ],
  );
});

test("people and files may be named by themselves or by their ids", async () => {
  const fake = answering({ order: order(), invitation: {}, file: {}, profile: {}, job: {} });
  const { orders, files, profiles, admin } = fake.client();
  await orders.addFiles({ id: "ORD-001" }, ["file-1", { id: "file-2" }]);
  await orders.invite("ORD-001", { id: "user-2" });
  await files.get({ id: "file-1" });
  await profiles.get({ id: "user-2" });
  await admin.jobs.retry({ id: "1042" });
  assert.deepEqual(fake.targets, [
    "POST /api/v1/orders/ORD-001/files",
    "POST /api/v1/orders/ORD-001/invitations",
    "GET /api/v1/files/file-1",
    "GET /api/v1/profiles/user-2",
    "POST /api/v1/admin/jobs/1042/retry",
  ]);
  assert.deepEqual(fake.sent[0]?.body, { file_ids: ["file-1", "file-2"] });
  assert.deepEqual(fake.sent[1]?.body, { writer_id: "user-2" });
});

test("what the server says about itself needs no login", async () => {
  const fake = answering({ state_machines: [] });
  const { client } = fake.clientOf(tokens(1));
  await client.meta.stateMachines();
  await client.meta.health();
  await client.meta.status();
  assert.deepEqual(fake.header("Authorization"), [undefined, undefined, undefined]);
});

test("the compiler knows what is wrong", () => {
  const client = answering({}).client();
  const wrong = (): unknown[] => [
    // @ts-expect-error a price and a revision are needed
    client.bids.accept("BID-001"),
    // @ts-expect-error no such status
    client.orders.list({ status: "opened" }),
    // @ts-expect-error either a page or a cursor
    client.orders.list({ page: 1, cursor: "x" }),
    // @ts-expect-error a provider's field
    client.orders.update("ORD-001", { progress: 3 }),
    // @ts-expect-error nobody can register as an administrator
    client.auth.register({ email: "a@b.test", password: "p", full_name: "A", role: "admin" }),
    // @ts-expect-error a name is needed
    client.files.upload(new Blob(["text"])),
    // @ts-expect-error no such period
    client.leaderboard.get({ period: "daily" }),
    // @ts-expect-error the parts of the list are all()'s own affair
    client.orders.all({ cursor: "x" }),
  ];
  // @ts-expect-error the details of another method
  const details: NewWithdrawal = { amount: 1, method: "paypal", account_details: { account_number: "1" } };
  assert.equal(typeof wrong, "function");
  assert.equal(details.method, "paypal");
});
