import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The program: GUILDHALL_BIN, or what `cargo build` makes. */
const PROGRAM =
  process.env["GUILDHALL_BIN"] ?? fileURLToPath(new URL("../../../../target/debug/guildhall", import.meta.url));

/** Milliseconds: ten times what a first start takes. */
const PATIENCE = 60_000;

/** A server with demo logins and a database of its own, in a folder that goes with it. */
export class Server {
  readonly baseUrl: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(baseUrl: string, child: ChildProcess, folder: string) {
    this.baseUrl = baseUrl;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "guildhall-client-"));
    const log: string[] = [];
    // Nothing of the surroundings' settings: neither their environment nor an .env of theirs.
    const child = spawn(PROGRAM, ["serve", "--demo"], { cwd: folder, env: environment(folder), stdio: "pipe" });
    process.once("exit", () => child.kill("SIGKILL"));
    createInterface(child.stderr).on("line", (line) => log.push(line));
    try {
      const line = await within(PATIENCE, firstLine(child));
      const address = /http:\/\/\S+$/.exec(line)?.[0];
      if (address === undefined) throw new Error(`no address in: ${line}`);
      await ready(address);
      return new Server(address, child, folder);
    } catch (error) {
      await end(child, folder);
      const lines = [`${PROGRAM} does not start: ${String(error)}`, ...log.slice(-20)];
      throw new Error(lines.join("\n"), { cause: error });
    }
  }

  async stop(): Promise<void> {
    await end(this.#child, this.#folder);
  }
}

function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH, HOME, EMBEDDED_PG_BIN } = process.env;
  return {
    PATH,
    HOME,
    ...(EMBEDDED_PG_BIN === undefined ? {} : { EMBEDDED_PG_BIN }),
    DATA_DIR: join(folder, "data"),
    BIND_ADDR: "127.0.0.1:0",
    BCRYPT_COST: "10",
    RATE_LIMIT: "off",
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("no standard output");
  const lines = createInterface(child.stdout);
  const started = once(lines, "line").then(([line]) => String(line));
  const failed = once(child, "error").then(([error]) => Promise.reject(error));
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
  // Whichever comes later is not looked at any more.
  failed.catch(() => {});
  ended.catch(() => {});
  return Promise.race([started, failed, ended]);
}

async function ready(address: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const response = await fetch(`${address}/readyz`);
    await response.text();
    if (response.ok) return;
    if (Date.now() > deadline) throw new Error(`not ready: ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await within(PATIENCE, ended).catch(() => child.kill("SIGKILL"));
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
