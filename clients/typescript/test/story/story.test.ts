/** The whole story against a running server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ForbiddenError, NotFoundError, UnauthorizedError } from "@guildhall/client";
import { login, paper, register, thrownBy, visitor } from "./stage.js";
import "./market.js";
import "./people.js";
import "./files.js";

test("a list is gone through by cursor", async () => {
  const { guildhall: client } = await register("Lina List", "client");
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

test("what goes wrong tells who can be asked about it", async () => {
  const writer = await login("writer");
  const error = await thrownBy(writer.orders.get("ORD-999"));
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
