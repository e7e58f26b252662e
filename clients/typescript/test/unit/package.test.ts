import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { webcrypto } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const manifest = JSON.parse(read("package.json"));

test("it has the version of the program that it belongs to", () => {
  const version = /^\[workspace\.package\]\nversion = "(.*)"$/m.exec(read("../../Cargo.toml"))?.[1];
  assert.equal(manifest.version, version);
  const lock = JSON.parse(read("package-lock.json"));
  assert.equal(lock.version, version, "npm install --package-lock-only");
});

test("it needs nothing at run time", () => {
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    assert.equal(manifest[kind], undefined);
  }
  for (const version of Object.values<string>(manifest.devDependencies)) assert.match(version, /^\d+\.\d+\.\d+$/);
});

test("what it promises is there", () => {
  const files = [...Object.values<string>(manifest.exports["."]), ...Object.values<string>(manifest.imports["#random"])];
  const folders = manifest.files.filter((file: string) => !file.startsWith("!"));
  for (const file of [...files, manifest.types, ...folders]) assert.ok(existsSync(new URL(file, folder)), file);
});

test("whoever installs it gets the whole package and nothing else", () => {
  const packing = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const [{ files }] = JSON.parse(execFileSync("npm", packing, { cwd: folder, encoding: "utf8" }));
  const paths: string[] = files.map(({ path }: { path: string }) => path);
  for (const path of ["README.md", "LICENSE", "dist/index.js", "dist/index.d.ts", "src/index.ts"]) {
    assert.ok(paths.includes(path), path);
  }
  const known = /^(package\.json|README\.md|LICENSE|(dist|src)\/.*\.(ts|js|map))$/;
  assert.deepEqual(paths.filter((path) => !known.test(path)), []);
});

test("where there is no Node, keys are made by the platform, even on pages that did not come over https", async () => {
  Object.defineProperty(globalThis, "crypto", {
    value: { getRandomValues: webcrypto.getRandomValues.bind(webcrypto) },
    configurable: true,
  });
  const { uuid } = await import(new URL("dist/random.js", folder).href);
  const made: string[] = Array.from({ length: 100 }, () => uuid());
  for (const one of made) assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(made).size, made.length);
});
