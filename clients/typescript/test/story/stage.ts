/** What all parts of the story share: one server, and how to get somebody on it. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Guildhall, MemoryTokenStore, type Role, type RoleToRegister } from "@guildhall/client";
import { Server } from "../server.js";

/** The password of everybody here. */
export const password = "DemoPass123!";

let server: Server;

before(async () => {
  server = await Server.start();
});

after(async () => {
  await server?.stop();
});

/** Somebody who is not logged in. */
export function visitor(tokens = new MemoryTokenStore()): Guildhall {
  return new Guildhall({ baseUrl: server.baseUrl, tokens });
}

/** One of the demo accounts. */
export async function login(name: "client" | "writer" | "admin", tokens?: MemoryTokenStore): Promise<Guildhall> {
  const guildhall = visitor(tokens);
  const account = await guildhall.auth.login({ email: `${name}@demo.test`, password });
  assert.equal(account.role, name satisfies Role);
  return guildhall;
}

/** Somebody new. */
export async function register(
  full_name: string,
  role: RoleToRegister,
  tokens?: MemoryTokenStore,
): Promise<{ guildhall: Guildhall; id: string }> {
  const guildhall = visitor(tokens);
  const email = `${full_name.toLowerCase().replaceAll(" ", ".")}@example.com`;
  const { id } = await guildhall.auth.register({ email, password, full_name, role });
  return { guildhall, id };
}

/** So many days from now. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** An order to be posted. */
export function paper(title: string) {
  const kind = { subject: "Environmental Science", type: "Research Paper" };
  const description = "Eight pages on what the weather does to harvests.";
  return { title, ...kind, deadline: inDays(10), budget: 200, description };
}

/**
 * Asks until the answer is there.
 *
 * @param seconds - ten times what is promised
 */
export async function eventually<T>(seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(Date.now() < deadline, `not within ${seconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a call throws. */
export async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** Everything that is gone through. */
export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
