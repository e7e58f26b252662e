import assert from "node:assert/strict";
import { File } from "node:buffer";
import { getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { test } from "node:test";
import {
  ConnectionError,
  type FileContent,
  NotFoundError,
  UnexpectedAnswerError,
  type Upload,
} from "@guildhall/client";
import { Fake, failure, networkFailure, success, tokens } from "../fake.js";

const BASE = "http://guildhall.test";
const LINK = "/api/v1/files/file-1/content?expires=1704900600&signature=abc";
const FRESH = "/api/v1/files/file-1/content?expires=9999999999&signature=xyz";
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const uploaded = () => success({ file: { id: "file-1", download_url: LINK } }, {}, 201);
const bytes = (text: string, type = "text/plain") => () => new Response(text, { headers: { "Content-Type": type } });

/** The file in a form that was sent. */
async function fileIn(body: unknown): Promise<{ name: string; text: string }> {
  assert.ok(body instanceof FormData);
  assert.deepEqual([...body.keys()], ["file"]);
  const file = body.get("file");
  assert.ok(file instanceof File);
  return { name: file.name, text: await file.text() };
}

/** A body of these pieces that then ends, breaks off, or falls silent. */
function bodyOf(pieces: string[], then: "ends" | "breaks off" | "falls silent"): ReadableStream<Uint8Array> {
  const waiting = [...pieces];
  return new ReadableStream(
    {
      pull(controller) {
        const piece = waiting.shift();
        if (piece !== undefined) controller.enqueue(bytesOf(piece));
        else if (then === "ends") controller.close();
        else if (then === "breaks off") controller.error(new Error("cut off"));
        else return new Promise(() => {});
        return undefined;
      },
    },
    { highWaterMark: 0 },
  );
}

test("a file can be given in many ways", async () => {
  const contents: Record<string, FileContent> = {
    text: "één",
    bytes: bytesOf("één"),
    "some of the bytes": bytesOf("één!").subarray(0, 5),
    buffer: bytesOf("één").buffer as ArrayBuffer,
    "Node's buffer": Buffer.from("één"),
    blob: new Blob(["één"]),
    "somebody else's blob": { size: 5, arrayBuffer: async () => bytesOf("één").buffer as ArrayBuffer },
    stream: new Blob(["één"]).stream() as ReadableStream<Uint8Array>,
    "stream that cannot be iterated": { getReader: () => new Blob(["één"]).stream().getReader() } as ReadableStream,
    "Node's stream": Readable.from([Buffer.from("é"), Buffer.from("én")]),
    nothing: "",
  };
  const named = Object.entries(contents).map(([how, content]): [string, Upload] => [how, { name: "a.txt", content }]);
  const all: [string, Upload][] = [...named, ["file", new File(["één"], "a.txt")]];
  for (const [how, upload] of all) {
    const fake = Fake.of(uploaded);
    assert.equal((await fake.client().files.upload(upload)).id, "file-1", how);
    const expected = { name: "a.txt", text: how === "nothing" ? "" : "één" };
    assert.deepEqual(await fileIn(fake.sent[0]?.body), expected, how);
    // The boundary is for whoever writes the form to choose.
    assert.equal(fake.sent[0]?.headers["Content-Type"], undefined, how);
  }
});

test("an upload is tried again with the same key and all of its bytes, even those of a stream", async () => {
  const fake = Fake.of(networkFailure(), () => failure(503, "SERVICE_UNAVAILABLE"), uploaded);
  await fake.client().files.upload({ name: "a.txt", content: Readable.from([Buffer.from("all of it")]) });
  assert.equal(fake.sent.length, 3);
  assert.equal(new Set(fake.header("Idempotency-Key")).size, 1);
  for (const { body } of fake.sent) assert.deepEqual(await fileIn(body), { name: "a.txt", text: "all of it" });
});

test("an upload goes on after a refresh of the login", async () => {
  const fake = new Fake(({ target, headers }) => {
    if (target.endsWith("/refresh")) return success(tokens(2));
    return headers["Authorization"] === "Bearer access-2" ? uploaded() : failure(401, "UNAUTHORIZED");
  });
  await fake.clientOf(tokens(1)).client.files.upload({ name: "a.txt", content: "text" }, { idempotencyKey: "mine" });
  assert.deepEqual(fake.header("Idempotency-Key"), ["mine", undefined, "mine"]);
});

test("an upload has more time than other calls, unless it is said", async () => {
  const silent = Fake.silent();
  const upload = { name: "a.txt", content: "text" };
  const client = silent.client({ timeoutMs: 60_000, uploadTimeoutMs: 5, retry: { attempts: 0 } });
  await assert.rejects(client.files.upload(upload), /no answer within 5 ms/);
  await assert.rejects(client.profile.setAvatar(upload), /no answer within 5 ms/);
  await assert.rejects(client.files.upload(upload, { timeoutMs: 4 }), /no answer within 4 ms/);
});

test("a stream that fails, or is waited for in vain, is not sent", async () => {
  const fake = Fake.of(uploaded);
  const { files } = fake.client();
  await assert.rejects(files.upload({ name: "a.txt", content: bodyOf(["a"], "breaks off") }), /cut off/);
  const control = new AbortController();
  const reason = new Error("changed my mind");
  const call = files.upload({ name: "a.txt", content: bodyOf(["a"], "falls silent") }, { signal: control.signal });
  setImmediate(() => control.abort(reason));
  await assert.rejects(call, reason);
  await assert.rejects(files.upload({ name: "a.txt", content: "a" }, { signal: control.signal }), reason);
  assert.equal(fake.sent.length, 0);
});

test("bytes come by their link, without the login, wherever it leads", async () => {
  for (const [download_url, url] of [
    [LINK, `${BASE}/market${LINK}`],
    [`https://files.example.test${LINK}`, `https://files.example.test${LINK}`],
  ] as const) {
    const fake = Fake.of(bytes("the bytes", "application/pdf"));
    const { client } = fake.clientOf(tokens(1), { baseUrl: `${BASE}/market` });
    const blob = await client.files.download({ id: "file-1", download_url });
    assert.deepEqual([await blob.text(), blob.type], ["the bytes", "application/pdf"]);
    const [sent] = fake.sent;
    assert.equal(sent?.url, url);
    assert.deepEqual(sent?.headers, {});
    assert.equal(sent?.init.redirect, "follow");
  }
});

test("a link that is not there, or has ended, is asked for", async () => {
  const fake = new Fake(({ target }) => {
    if (target === LINK) return failure(404, "NOT_FOUND");
    return target === FRESH ? bytes("the bytes")() : success({ file: { id: "file-1", download_url: FRESH } });
  });
  const { files } = fake.client();
  const ask = "GET /api/v1/files/file-1";
  assert.equal(await (await files.download("file-1")).text(), "the bytes");
  assert.equal(await (await files.download({ id: "file-1" })).text(), "the bytes");
  assert.equal(await (await files.download({ id: "file-1", download_url: LINK })).text(), "the bytes");
  assert.deepEqual(fake.targets, [ask, `GET ${FRESH}`, ask, `GET ${FRESH}`, `GET ${LINK}`, ask, `GET ${FRESH}`]);
});

test("a file that one may not have is not there", async () => {
  const fake = Fake.of(() => failure(404, "NOT_FOUND"));
  await assert.rejects(fake.client().files.download({ id: "file-1", download_url: LINK }), NotFoundError);
  await assert.rejects(fake.client().files.stream("file-1"), NotFoundError);
  const proxy = Fake.of(() => new Response("<h1>Teapot</h1>", { status: 418 }));
  await assert.rejects(proxy.client().files.download({ id: "file-1", download_url: LINK }), UnexpectedAnswerError);
});

test("bytes that break off are fetched again", async () => {
  const fake = Fake.of(() => new Response(bodyOf(["the "], "breaks off")), bytes("the bytes"));
  const blob = await fake.client().files.download({ id: "file-1", download_url: LINK });
  assert.equal(await blob.text(), "the bytes");
  assert.equal(fake.sent.length, 2);
});

test("a download may take longer than its time, as long as something comes", async () => {
  const ticking = (): Response => {
    let left = 8;
    const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      left -= 1;
      if (left < 0) controller.close();
      else controller.enqueue(bytesOf("."));
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  };
  const file = { id: "file-1", download_url: LINK };
  const { files } = Fake.of(ticking).client({ timeoutMs: 1000, retry: { attempts: 0 } });
  assert.equal(await (await files.download(file)).text(), "........");
  assert.equal(await new Response(await files.stream(file)).text(), "........");
});

test("a line that has fallen silent is noticed", async () => {
  // What fetch does with a body when its signal is aborted.
  const dying = new Fake(({ init }) => {
    const body = bodyOf(["a"], "falls silent");
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    body.pipeTo(writable, init.signal ? { signal: init.signal } : {}).catch(() => {});
    return new Response(readable);
  });
  const file = { id: "file-1", download_url: LINK };
  const { files } = dying.client({ timeoutMs: 200, retry: { attempts: 0 } });
  await assert.rejects(files.download(file), /no answer within 200 ms/);
  const reader = (await files.stream(file)).getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "a");
  await assert.rejects(
    reader.read(),
    (error) => error instanceof ConnectionError && /no answer within 200 ms/.test(error.message),
  );
});

test("a stream is fetched as it is asked for, and ends as it should", async () => {
  const file = { id: "file-1", download_url: LINK };
  let pieces = 0;
  const endless = (): Response => {
    const pull = (controller: ReadableStreamDefaultController): void => {
      pieces += 1;
      controller.enqueue(bytesOf("."));
    };
    return new Response(new ReadableStream({ pull, cancel: () => void (pieces = -1) }, { highWaterMark: 0 }));
  };
  const stream = await Fake.of(endless).client().files.stream(file);
  assert.equal(pieces, 0, "nothing that nobody has asked for");
  const reader = stream.getReader();
  await reader.read();
  await reader.read();
  assert.equal(pieces, 2);
  await reader.cancel();
  assert.equal(pieces, -1, "whoever sends is told to stop");

  const broken = await Fake.of(() => new Response(bodyOf(["a"], "breaks off"))).client().files.stream(file);
  await assert.rejects(
    new Response(broken).text(),
    (error) => error instanceof ConnectionError && /cut off/.test(error.message),
  );
  const empty = await Fake.of(() => new Response(null)).client().files.stream(file);
  assert.equal(await new Response(empty).text(), "");
});

test("a stream can be called off at any time", async () => {
  const file = { id: "file-1", download_url: LINK };
  const reason = new Error("changed my mind");
  for (const isRead of [false, true]) {
    const control = new AbortController();
    const fake = Fake.of(() => new Response(bodyOf(["a"], "falls silent")));
    const reader = (await fake.client().files.stream(file, { signal: control.signal })).getReader();
    if (isRead) await reader.read();
    const next = isRead ? reader.read() : undefined;
    control.abort(reason);
    await assert.rejects(next ?? reader.read(), reason);
  }
});

test("a signal that lives long is not burdened by calls that are over", async () => {
  const { signal } = new AbortController();
  const file = { id: "file-1", download_url: LINK };
  const upload = (content: FileContent): Upload => ({ name: "a.txt", content });
  const good = Fake.of(uploaded).client().files;
  const lost = Fake.of(networkFailure(), () => failure(404, "NOT_FOUND")).client().files;
  const whole = Fake.of(bytes("the bytes")).client().files;
  const broken = Fake.of(() => new Response(bodyOf(["a"], "breaks off"))).client({ retry: { attempts: 0 } }).files;
  const stream = async (files: typeof whole): Promise<string> => new Response(await files.stream(file, { signal })).text();
  await good.upload(upload(Readable.from([Buffer.from("a"), Buffer.from("b")])), { signal });
  await assert.rejects(good.upload(upload(bodyOf(["a"], "breaks off")), { signal }));
  await assert.rejects(lost.get("file-1", { signal }), NotFoundError);
  await whole.download(file, { signal });
  await assert.rejects(broken.download(file, { signal }), ConnectionError);
  await stream(whole);
  await assert.rejects(stream(broken), ConnectionError);
  await (await whole.stream(file, { signal })).cancel();
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("links can be shown on a page", () => {
  const client = new Fake(uploaded).client({ baseUrl: `${BASE}/market/` });
  assert.equal(client.addressOf("/api/v1/avatars/1"), `${BASE}/market/api/v1/avatars/1`);
  assert.equal(client.addressOf("https://cdn.example.test/1.jpg"), "https://cdn.example.test/1.jpg");
  for (const link of ["javascript:alert(1)", "//elsewhere.test/x", "data:text/html,x", ""]) {
    assert.throws(() => client.addressOf(link), TypeError, link);
  }
});

test("a person without a picture has none", async () => {
  const fake = Fake.of(bytes("JPEG", "image/jpeg"));
  const { profiles } = fake.client();
  assert.equal(await profiles.avatar({ avatar_url: null }), undefined);
  assert.equal(fake.sent.length, 0);
  assert.equal((await profiles.avatar({ avatar_url: "/api/v1/avatars/1" }))?.type, "image/jpeg");
});

test("after a change of the picture the whole profile is there, with its version", async () => {
  const whole = { id: "user-1", bio: "B", avatar_url: "/api/v1/avatars/1" };
  const told = new Fake(() => success({ profile: whole }, { ETag: '"4"' }));
  const changed = await told.client().profile.setAvatar({ name: "me.png", content: "PNG" });
  assert.deepEqual(changed, { ...whole, etag: '"4"' });
  assert.deepEqual(told.targets, ["PUT /api/v1/profile/avatar"]);
  const untold = new Fake(({ method }) =>
    method === "GET" ? success({ profile: whole }, { ETag: '"5"' }) : success({ profile: { id: "user-1" } }),
  );
  assert.deepEqual(await untold.client().profile.removeAvatar(), { ...whole, etag: '"5"' });
  assert.deepEqual(untold.targets, ["DELETE /api/v1/profile/avatar", "GET /api/v1/profile"]);
});
