import assert from "node:assert/strict";
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
