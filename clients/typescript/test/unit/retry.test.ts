import assert from "node:assert/strict";
import { test } from "node:test";
import { ConflictError, ConnectionError, RateLimitedError, ServiceUnavailableError } from "@guildhall/client";
import { Fake, failure, networkFailure, order, success, tokens } from "../fake.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEY = "Idempotency-Key";
const credentials = { email: "a@b.test", password: "secret" };
const deposited = () => success({ deposit: { id: "d" }, balance: {} }, {}, 201);
const found = () => success({ order: order() }, { ETag: '"1"' });
const unavailable = (headers = {}) => () => failure(503, "SERVICE_UNAVAILABLE", {}, headers);
const page = (status: number) => () => new Response("<h1>Bad gateway</h1>", { status });

test("all attempts of a command have the same key", async () => {
  const fake = Fake.of(networkFailure(), unavailable(), page(502), deposited);
  await fake.client().payments.deposit({ amount: 100 });
  const keys = fake.header(KEY);
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys).size, 1);
  assert.match(String(keys[0]), UUID);
  assert.deepEqual(fake.sent[3]?.body, { amount: 100 });
});

test("the key is kept over a refresh of the login, too", async () => {
  const fake = new Fake(({ target, headers }) => {
    if (target.endsWith("/refresh")) return success(tokens(2));
    return headers["Authorization"] === "Bearer access-2" ? deposited() : failure(401, "UNAUTHORIZED");
  });
  const { client } = fake.clientOf(tokens(1));
  await client.payments.deposit({ amount: 100 });
  const [first, refresh, second] = fake.header(KEY);
  assert.match(String(first), UUID);
  assert.equal(refresh, undefined);
  assert.equal(second, first);
});

test("each call has a key of its own, or the caller's", async () => {
  const fake = Fake.of(deposited);
  const client = fake.client();
  await client.payments.deposit({ amount: 100 });
  await client.payments.deposit({ amount: 100 });
  await client.payments.deposit({ amount: 100 }, { idempotencyKey: "mine" });
  const [first, second, third] = fake.header(KEY);
  assert.notEqual(first, second);
  assert.equal(third, "mine");
});

test("questions and logins have no key", async () => {
  const fake = new Fake(({ method }) => (method === "GET" ? found() : success({ user: {}, ...tokens(1) })));
  const client = fake.client();
  await client.orders.get("ORD-001");
  await client.auth.login(credentials);
  assert.deepEqual(fake.header(KEY), [undefined, undefined]);
});

test("what may have been done is not done again without a key", async () => {
  for (const lost of [networkFailure(), page(502), page(503), page(504)]) {
    const fake = Fake.of(lost, () => success({ user: {}, ...tokens(1) }));
    await assert.rejects(fake.client().auth.login(credentials));
    assert.equal(fake.sent.length, 1);
  }
});

test("what was certainly not done is tried again, with a key and without", async () => {
  const limited = () => failure(429, "RATE_LIMITED", {}, { "Retry-After": "0" });
  const fake = Fake.of(unavailable(), limited, () => success({ user: {}, ...tokens(1) }));
  await fake.client().auth.login(credentials);
  assert.equal(fake.sent.length, 3);
});

test("an earlier attempt that is still under way is waited for", async () => {
  const fake = Fake.of(
    networkFailure(),
    () => failure(409, "CONFLICT", { reason: "in_progress" }, { "Retry-After": "0" }),
    deposited,
  );
  await fake.client().payments.deposit({ amount: 100 });
  assert.equal(fake.sent.length, 3);
});

test("other refusals are final", async () => {
  for (const [status, code] of [
    [400, "VALIDATION_ERROR"],
    [402, "PAYMENT_REQUIRED"],
    [403, "FORBIDDEN"],
    [404, "NOT_FOUND"],
    [409, "CONFLICT"],
    [412, "PRECONDITION_FAILED"],
    [422, "UNPROCESSABLE_ENTITY"],
    [500, "INTERNAL_ERROR"],
  ] as const) {
    const fake = Fake.of(() => failure(status, code));
    await assert.rejects(fake.client().orders.fund("ORD-001"), { status, code });
    assert.equal(fake.sent.length, 1, code);
  }
  const fake = Fake.of(() => failure(409, "CONFLICT", { reason: "invalid_transition" }, { "Retry-After": "0" }));
  await assert.rejects(fake.client().orders.fund("ORD-001"), ConflictError);
  assert.equal(fake.sent.length, 1);
});

test("there is an end to trying", async () => {
  const fake = Fake.of(networkFailure());
  await assert.rejects(fake.client().orders.get("ORD-001"), ConnectionError);
  assert.equal(fake.sent.length, 4);
  await assert.rejects(fake.client({ retry: { attempts: 0 } }).orders.get("ORD-001"), ConnectionError);
  assert.equal(fake.sent.length, 5);
});

test("Retry-After is kept to", async () => {
  const fake = Fake.of(unavailable({ "Retry-After": "1" }), found);
  const began = performance.now();
  await fake.client().orders.get("ORD-001");
  const waited = performance.now() - began;
  assert.ok(waited >= 990, `waited ${waited} ms`);
});

test("nobody waits longer than they want to", async () => {
  const fake = Fake.of(() => failure(429, "RATE_LIMITED", {}, { "Retry-After": "3600" }));
  await assert.rejects(
    fake.client().orders.get("ORD-001"),
    (error) => error instanceof RateLimitedError && error.retryAfter === 3600,
  );
  assert.equal(fake.sent.length, 1);
});

test("Retry-After may be a time, and nonsense is none", async () => {
  const cases = [
    [new Date(Date.now() + 90_000).toUTCString(), 90],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
    ["soon", undefined],
  ] as const;
  for (const [header, seconds] of cases) {
    const fake = Fake.of(unavailable({ "Retry-After": header }));
    const { retryAfter } = await fake
      .client({ retry: { attempts: 0 } })
      .orders.get("ORD-001")
      .then(() => assert.fail("no error"), (error: ServiceUnavailableError) => error);
    if (seconds === 90) assert.ok(retryAfter !== undefined && retryAfter >= 88 && retryAfter <= 91, String(retryAfter));
    else assert.equal(retryAfter, seconds, header);
  }
});

test("an attempt has its time", async () => {
  const fake = Fake.silent();
  const client = fake.client({ timeoutMs: 5 });
  await assert.rejects(
    client.orders.get("ORD-001"),
    (error) => error instanceof ConnectionError && /no answer within 5 ms/.test(error.message),
  );
  assert.equal(fake.sent.length, 4, "and is then tried again");
  await assert.rejects(fake.client({ retry: { attempts: 0 } }).orders.get("ORD-001", { timeoutMs: 1 }), /within 1 ms/);
});

test("there may be no limit", async () => {
  const control = new AbortController();
  const waiting = Fake.silent().client({ timeoutMs: Infinity }).orders.get("ORD-001", { signal: control.signal });
  const outcome = waiting.then(() => "answered", (error: Error) => error.message);
  await new Promise((resolve) => setTimeout(resolve, 20));
  control.abort(new Error("still waiting"));
  assert.equal(await outcome, "still waiting");
});

test("a body that stops half-way is no answer", async () => {
  const broken = () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error("cut off")) }));
  const fake = Fake.of(broken, found);
  await fake.client().orders.get("ORD-001");
  assert.equal(fake.sent.length, 2);
});

test("the caller can call it off at any time", async () => {
  const reason = new Error("changed my mind");
  const during = new AbortController();
  const waiting = Fake.silent().client().orders.get("ORD-001", { signal: during.signal });
  during.abort(reason);
  await assert.rejects(waiting, reason);

  const between = new AbortController();
  const fake = new Fake(() => {
    setImmediate(() => between.abort(reason));
    return failure(503, "SERVICE_UNAVAILABLE", {}, { "Retry-After": "15" });
  });
  await assert.rejects(fake.client().orders.get("ORD-001", { signal: between.signal }), reason);
  assert.equal(fake.sent.length, 1);

  await assert.rejects(fake.client().orders.get("ORD-001", { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(fake.sent.length, 1, "nothing is sent any more");
});
