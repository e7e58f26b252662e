import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError, MemoryTokenStore, type Tokens, type TokenStore, UnauthorizedError } from "@guildhall/client";
import { Fake, failure, networkFailure, success, tokens } from "../fake.js";

const REFRESH = "POST /api/v1/auth/refresh";
const ME = "GET /api/v1/auth/me";

/** A server on which only the access token of a generation is good; each refresh makes the next one. */
function strict(present = 2): Fake {
  let generation = present;
  return new Fake(({ target, headers, body }) => {
    if (target === "/api/v1/auth/refresh") {
      const { refresh_token } = body as { refresh_token: string };
      if (refresh_token !== `refresh-${generation - 1}`) return failure(401, "UNAUTHORIZED", { reason: "ended" });
      return success(tokens(generation));
    }
    if (headers["Authorization"] !== `Bearer access-${generation}`) return failure(401, "UNAUTHORIZED");
    if (target === "/api/v1/auth/logout") {
      generation = 1000;
      return success({ message: "Successfully logged out" });
    }
    return success({ user: { id: "u" } });
  });
}

test("an expired login is refreshed once for all calls at the same time", async () => {
  const fake = strict();
  const { client, store } = fake.clientOf(tokens(1));
  await Promise.all([client.auth.me(), client.auth.me(), client.auth.me()]);
  assert.deepEqual(fake.targets, [ME, ME, ME, REFRESH, ME, ME, ME]);
  assert.deepEqual(store.load(), tokens(2));
  assert.equal(fake.sent[3]?.headers["Authorization"], undefined, "the refresh goes without the old access token");
});

test("a call that comes while the login is being refreshed joins", async () => {
  const fake = strict();
  const { client } = fake.clientOf(tokens(1));
  const first = client.auth.me();
  await new Promise(setImmediate);
  await Promise.all([first, client.auth.me()]);
  assert.equal(fake.targets.filter((target) => target === REFRESH).length, 1);
});

test("a store may be slow", async () => {
  const fake = strict();
  let kept: Tokens | null = tokens(1);
  const store: TokenStore = {
    load: () => new Promise((resolve) => setImmediate(() => resolve(kept))),
    save: (fresh) =>
      new Promise((resolve) =>
        setImmediate(() => {
          kept = fresh;
          resolve();
        }),
      ),
  };
  const client = fake.client({ tokens: store });
  await Promise.all([client.auth.me(), client.auth.me(), client.users.record()]);
  assert.equal(fake.targets.filter((target) => target === REFRESH).length, 1);
  assert.deepEqual(kept, tokens(2));
});

test("a login that has ended is forgotten, and the call says why", async () => {
  const fake = strict(9);
  const { client, store } = fake.clientOf(tokens(1));
  await assert.rejects(client.auth.me(), (error) => error instanceof UnauthorizedError && error.reason === "ended");
  assert.equal(store.load(), null);
  await assert.rejects(client.auth.me(), UnauthorizedError);
  assert.deepEqual(fake.targets, [ME, REFRESH, ME], "without a login nothing is refreshed");
});

test("a refresh that cannot be made loses nothing", async () => {
  const fake = new Fake(({ target }) => {
    if (target.endsWith("/refresh")) throw networkFailure();
    return failure(401, "UNAUTHORIZED");
  });
  const { client, store } = fake.clientOf(tokens(1));
  await assert.rejects(client.auth.me(), ConnectionError);
  assert.deepEqual(store.load(), tokens(1));
  assert.equal(fake.targets.filter((target) => target === REFRESH).length, 4, "it is tried again like other calls");
});

test("a call is repeated once after a refresh, not for ever", async () => {
  const fake = new Fake(({ target }) =>
    target.endsWith("/refresh") ? success(tokens(2)) : failure(401, "UNAUTHORIZED", { reason: "account_blocked" }),
  );
  const { client } = fake.clientOf(tokens(1));
  await assert.rejects(client.auth.me(), UnauthorizedError);
  assert.deepEqual(fake.targets, [ME, REFRESH, ME]);
});

test("what another one has refreshed is not refreshed again", async () => {
  const fake = strict();
  const { client, store } = fake.clientOf(tokens(1));
  const call = client.auth.me();
  store.save(tokens(2));
  await call;
  assert.deepEqual(fake.targets, [ME, ME]);
});

test("a refresh that loses against another one uses what that one got", async () => {
  const store = new MemoryTokenStore(tokens(1));
  const fake = new Fake(({ target, headers }) => {
    if (target.endsWith("/refresh")) {
      store.save(tokens(3));
      return failure(401, "UNAUTHORIZED");
    }
    return headers["Authorization"] === "Bearer access-3" ? success({ user: {} }) : failure(401, "UNAUTHORIZED");
  });
  await fake.client({ tokens: store }).auth.me();
  assert.deepEqual(store.load(), tokens(3));
});

test("a logout during a refresh counts", async () => {
  const store = new MemoryTokenStore(tokens(1));
  const fake = new Fake(({ target }) => {
    if (!target.endsWith("/refresh")) return failure(401, "UNAUTHORIZED");
    store.save(null);
    return success(tokens(2));
  });
  await assert.rejects(fake.client({ tokens: store }).auth.me(), UnauthorizedError);
  assert.equal(store.load(), null);
});

test("one who waits for a refresh may go, the others get theirs", async () => {
  const fake = strict();
  const { client } = fake.clientOf(tokens(1));
  const control = new AbortController();
  const impatient = client.auth.me({ signal: control.signal });
  const patient = client.auth.me();
  const gone = assert.rejects(impatient, /no patience/);
  control.abort(new Error("no patience"));
  await gone;
  await patient;
});

test("logging in and registering keep the tokens and need none", async () => {
  const fake = new Fake(({ target }) =>
    success({ user: { id: target }, ...tokens(target.endsWith("login") ? 5 : 6) }, {}, 201),
  );
  const { client, store } = fake.clientOf(tokens(1));
  const user = await client.auth.login({ email: "a@b.test", password: "secret" });
  assert.equal(user.id, "/api/v1/auth/login");
  assert.deepEqual(store.load(), tokens(5), "and nothing else is kept");
  await client.auth.register({ email: "a@b.test", password: "secret", full_name: "A", role: "client" });
  assert.deepEqual(store.load(), tokens(6));
  assert.deepEqual(fake.header("Authorization"), [undefined, undefined]);
});

test("a wrong password is no reason to refresh", async () => {
  const fake = Fake.of(() => failure(401, "UNAUTHORIZED"));
  const { client, store } = fake.clientOf(tokens(1));
  await assert.rejects(client.auth.login({ email: "a@b.test", password: "wrong" }), UnauthorizedError);
  assert.equal(fake.sent.length, 1);
  assert.deepEqual(store.load(), tokens(1));
});

test("after a logout nothing is left", async () => {
  const fake = strict(1);
  const { client, store } = fake.clientOf(tokens(1));
  await client.auth.logout();
  assert.equal(store.load(), null);
});

test("a login that had ended already can be logged out of", async () => {
  const fake = strict(9);
  const { client, store } = fake.clientOf(tokens(1));
  await client.auth.logout();
  assert.equal(store.load(), null);
});

test("a logout that did not reach the server can be tried again", async () => {
  const fake = Fake.of(networkFailure());
  const { client, store } = fake.clientOf(tokens(1));
  await assert.rejects(client.auth.logout(), ConnectionError);
  assert.deepEqual(store.load(), tokens(1));
});

test("a closed account leaves no tokens", async () => {
  const fake = Fake.of(() => success({ message: "Account deactivated" }));
  const { client, store } = fake.clientOf(tokens(1));
  await client.users.deactivate();
  assert.equal(store.load(), null);
});
