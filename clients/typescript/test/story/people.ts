/** Accounts and profiles. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ForbiddenError,
  MemoryTokenStore,
  NotFoundError,
  PayloadTooLargeError,
  PreconditionFailedError,
  UnauthorizedError,
  UnsupportedMediaTypeError,
  ValidationError,
} from "@guildhall/client";
import { login, register, thrownBy, visitor } from "./stage.js";

/** One pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("an account, from the first day to the last", async () => {
  const tokens = new MemoryTokenStore();
  const guildhall = visitor(tokens);
  const email = "ada@example.com";
  const details = { email, password: "SecurePass123!", full_name: "Ada Lovelace", role: "freelancer" } as const;
  const account = await guildhall.auth.register(details);
  assert.equal((await guildhall.auth.me()).id, account.id);
  const taken = await thrownBy(visitor().auth.register(details));
  assert.ok(taken instanceof ValidationError);
  assert.deepEqual([taken.field, taken.message], ["email", "Email already exists"]);

  // However many calls find that their token is no good, the login is prolonged once.
  const before = tokens.load();
  assert.ok(before !== null);
  tokens.save({ ...before, access_token: `${before.access_token}x` });
  await Promise.all([guildhall.auth.me(), guildhall.users.record(), guildhall.payments.balance()]);
  const prolonged = tokens.load();
  assert.ok(prolonged !== null && prolonged.refresh_token !== before.refresh_token);
  await Promise.all([guildhall.auth.me(), guildhall.auth.me()]);
  assert.deepEqual(tokens.load(), prolonged);

  const other = visitor();
  await other.auth.login({ email, password: details.password });
  await guildhall.auth.changePassword({ old_password: details.password, new_password: "AnotherPass456!" });
  await assert.rejects(other.auth.me(), UnauthorizedError);
  assert.equal((await guildhall.users.updateRecord({ phone: "+44 20 7946 0958" })).phone, "+44 20 7946 0958");

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

test("a profile is one's own to change, and everybody's to see", async () => {
  const { guildhall: writer, id } = await register("Pia Profile", "professional");
  const client = await login("client");
  const empty = await writer.profile.get();
  assert.equal(empty.profile_complete, false);
  const bio = "I have written about rain for ten years. ".repeat(4);
  const change = { bio, specializations: ["Climate"], education: "MSc, Meteorology", languages: ["English"] };
  const filled = await writer.profile.update(change, { ifMatch: empty.etag });
  assert.deepEqual(filled.missing_fields, ["avatar_url"]);
  await assert.rejects(writer.profile.update({ bio: null }, { ifMatch: empty.etag }), PreconditionFailedError);

  const shown = await writer.profile.setAvatar({ name: "me.png", content: PICTURE });
  assert.deepEqual([shown.profile_complete, shown.missing_fields, shown.bio], [true, [], filled.bio]);
  const { education } = await writer.profile.update({ education: "PhD, Meteorology" }, { ifMatch: shown.etag });
  assert.equal(education, "PhD, Meteorology");
  const seen = await client.profiles.get(id);
  assert.deepEqual([seen.full_name, seen.education, seen.avatar_url], ["Pia Profile", education, shown.avatar_url]);
  const picture = await visitor().profiles.avatar(seen);
  assert.ok(picture !== undefined && picture.size > 0);
  assert.match(picture.type, /^image\//);

  assert.equal((await writer.profile.removeAvatar()).avatar_url, null);
  assert.equal(await client.profiles.avatar(await client.profiles.get(id)), undefined);
  await assert.rejects(client.profiles.get("0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22"), NotFoundError);
  await assert.rejects(writer.profile.setAvatar({ name: "me.png", content: "text" }), UnsupportedMediaTypeError);
  const enormous = new Blob([PICTURE, new Uint8Array(6 * 1024 * 1024)]);
  await assert.rejects(writer.profile.setAvatar({ name: "me.png", content: enormous }), PayloadTooLargeError);
});

test("administrators see background work", async () => {
  const [admin, client] = [await login("admin"), await login("client")];
  await assert.rejects(client.admin.jobs.list(), ForbiddenError);
  const { pagination } = await admin.admin.jobs.list({ state: "dead", limit: 5 });
  assert.deepEqual([pagination.total, pagination.limit], [0, 5]);
  await assert.rejects(admin.admin.jobs.retry("999999"), NotFoundError);
  await assert.rejects(admin.admin.jobs.cancel("999999"), NotFoundError);
});
