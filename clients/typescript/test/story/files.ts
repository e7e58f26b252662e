/** Files that are too much, too strange, or somebody else's. */

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  MemoryTokenStore,
  NotFoundError,
  PayloadTooLargeError,
  type UploadedFile,
  UnprocessableEntityError,
  UnsupportedMediaTypeError,
  ValidationError,
} from "@guildhall/client";
import { login, paper, register, thrownBy, visitor } from "./stage.js";

const MEGABYTE = 1024 * 1024;

async function text(blob: Promise<Blob>): Promise<string> {
  return (await blob).text();
}

test("a file is its uploader's until it is attached", async () => {
  const [client, { guildhall: writer }] = [await login("client"), await register("Walter Waits", "writer")];
  const file = await client.files.upload({ name: "notes.txt", content: "Rain & wind: één" });
  assert.deepEqual([file.name, file.size, file.mime_type], ["notes.txt", 18, "text/plain"]);
  assert.equal(await text(client.files.download(file)), "Rain & wind: één");
  assert.equal(await text(client.files.download(file.id)), "Rain & wind: één");
  await assert.rejects(writer.files.get(file), NotFoundError);
  await assert.rejects(writer.files.download(file.id), NotFoundError);
  const mine = await writer.orders.list();
  assert.deepEqual(mine.orders, []);

  // A link is good for whoever has it, and whoever has one that is not good needs the right to a new one.
  assert.equal(await text(visitor().files.download(file)), "Rain & wind: één");
  const forged: UploadedFile = { ...file, download_url: file.download_url.replace(/signature=.*/, "signature=x") };
  assert.equal(await text(client.files.download(forged)), "Rain & wind: één");
  await assert.rejects(writer.files.download(forged), NotFoundError);
  assert.equal(await (await fetch(client.addressOf(file.download_url))).text(), "Rain & wind: één");

  // It can be attached once, by whoever has uploaded it.
  const order = await client.orders.post(paper("On notes"));
  await assert.rejects(writer.orders.addFiles(order, [file]));
  await client.orders.addFiles(order, [file]);
  await assert.rejects(client.orders.addFiles(order, [file]), { code: "CONFLICT", reason: "file_attached" });
  await assert.rejects(
    client.orders.addFiles(order, ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15"]),
    (error) => error instanceof UnprocessableEntityError && error.reason === "unknown_file",
  );
  assert.equal(await text(writer.files.download(file.id)), "Rain & wind: één", "it is offered with the order");
});

test("the same upload is done once", async () => {
  const client = await login("client");
  const once = { idempotencyKey: "notes-of-monday" };
  const first = await client.files.upload({ name: "notes.txt", content: "once" }, once);
  const again = await client.files.upload({ name: "notes.txt", content: Buffer.from("once") }, once);
  assert.equal(again.id, first.id);
  await assert.rejects(client.files.upload({ name: "notes.txt", content: "twice" }, once), UnprocessableEntityError);
});

test("what is no file of a known kind is refused", async () => {
  const { files } = await login("client");
  await assert.rejects(files.upload({ name: "picture.png", content: "text" }), UnsupportedMediaTypeError);
  await assert.rejects(files.upload({ name: "page.html", content: "<h1>Rain</h1>" }), UnsupportedMediaTypeError);
  await assert.rejects(files.upload({ name: "empty.txt", content: "" }), ValidationError);
});

test("a large file arrives whole, even with a login that has expired, and a larger one not at all", async () => {
  const tokens = new MemoryTokenStore();
  const { guildhall } = await register("Lara Large", "client", tokens);
  const large = new Blob([`${"0123456789abcdef".repeat((20 * MEGABYTE) / 16 - 1)}the end of it...`]);
  const expire = (): void => {
    const good = tokens.load();
    assert.ok(good !== null);
    tokens.save({ ...good, access_token: `${good.access_token}x` });
  };
  expire();
  const file = await guildhall.files.upload({ name: "large.txt", content: large });
  assert.equal(file.size, large.size);
  let size = 0;
  let end = "";
  const reader = (await guildhall.files.stream(file)).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length;
    end = (end + new TextDecoder().decode(piece.value)).slice(-16);
  }
  assert.deepEqual([size, end], [large.size, "the end of it..."]);
  const tooLarge = await thrownBy(guildhall.files.upload({ name: "x.txt", content: new Blob([large, large]) }));
  assert.ok(tooLarge instanceof PayloadTooLargeError, String(tooLarge));
  assert.equal(tooLarge.limit, 25 * MEGABYTE);
});

test("a file on the disk can be sent as it is read", async () => {
  const { files } = await login("client");
  const content = createReadStream(fileURLToPath(new URL("../../../LICENSE", import.meta.url)));
  const file = await files.upload({ name: "licence.txt", content });
  assert.match(await text(files.download(file)), /^MIT License/);
});
