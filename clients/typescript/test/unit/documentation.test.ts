/** What is written about the package: it is there, and it is true as far as a compiler can tell. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const FOLDER = fileURLToPath(new URL("../../../", import.meta.url));
const INDEX = `${FOLDER}dist/index.d.ts`;
const GENERATED = "/dist/generated/";

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.dom.asynciterable.d.ts"],
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/** What examples take for granted. */
const GRANTED = `
  import type { Guildhall } from "@guildhall/client";
  declare global {
    const guildhall: Guildhall;
    const client: Guildhall;
    const writer: Guildhall;
    const admin: Guildhall;
  }`;
const IMPORTED = 'import { Guildhall, isGuildhallError } from "@guildhall/client";';

/** The examples in a text, the stars of comments taken away. */
function examples(text: string): string[] {
  return [...text.matchAll(/^( \*|   \*|) ?```ts\n(.*?)```/gms)].map(([, margin = "", code = ""]) =>
    margin === "" ? code : code.split("\n").map((line) => line.slice(margin.length)).join("\n"),
  );
}

function sources(): string[] {
  const files = readdirSync(`${FOLDER}src`, { recursive: true }).map(String);
  return files.filter((file) => file.endsWith(".ts") && !file.startsWith("generated")).map((file) => `src/${file}`);
}

/** The package as those see it who install it, with all examples. */
function programOf(code: ReadonlyMap<string, string>): ts.Program {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, options, ...more) => {
    const text = code.get(name);
    return text === undefined ? getSourceFile(name, options, ...more) : ts.createSourceFile(name, text, options, true);
  };
  host.fileExists = (name) => code.has(name) || fileExists(name);
  host.readFile = (name) => code.get(name) ?? readFile(name);
  return ts.createProgram([INDEX, ...code.keys()], OPTIONS, host);
}

function everyExample(): Map<string, string> {
  const code = new Map([[`${FOLDER}test/granted.ts`, GRANTED]]);
  for (const file of ["README.md", ...sources()]) {
    for (const [number, example] of examples(readFileSync(FOLDER + file, "utf8")).entries()) {
      const isWhole = example.includes('from "@guildhall/client"');
      const name = `${file.replaceAll("/", "_")}_${number + 1}`;
      code.set(`${FOLDER}test/${name}.ts`, isWhole ? example : `${IMPORTED} export {};\n${example}`);
    }
  }
  return code;
}

const code = everyExample();
const program = programOf(code);

test("every example compiles", () => {
  assert.ok(code.size > 20, `${code.size} examples`);
  assert.deepEqual(told(ts.getPreEmitDiagnostics(program)), []);
});

test("everything that is exported says what it is for", () => {
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(INDEX);
  assert.ok(index !== undefined);
  const module = checker.getSymbolAtLocation(index);
  assert.ok(module !== undefined);
  const silent: string[] = [];
  let seen = 0;
  const look = (symbol: ts.Symbol, name: string): void => {
    seen += 1;
    if (symbol.getDocumentationComment(checker).length === 0) silent.push(name);
  };
  for (const exported of checker.getExportsOfModule(module)) {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined || declaration.getSourceFile().fileName.includes(GENERATED)) continue;
    look(symbol, exported.name);
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
    for (const member of declaration.members) {
      if (member.name === undefined || ts.isPrivateIdentifier(member.name)) continue;
      const memberSymbol = checker.getSymbolAtLocation(member.name);
      if (memberSymbol !== undefined) look(memberSymbol, `${exported.name}.${member.name.getText()}`);
    }
  }
  assert.ok(seen > 200, `${seen} were looked at`);
  assert.deepEqual(silent, []);
});

test("the table of methods is whole", async () => {
  const { Guildhall } = await import("@guildhall/client");
  const table = /\| `auth` \|.*?\n\n/s.exec(readFileSync(`${FOLDER}README.md`, "utf8"))?.[0] ?? "";
  const cells = [...table.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)];
  const rows = new Map(cells.map(([, name = "", methods = ""]) => [name, methods]));
  const { admin, ...others } = new Guildhall({ baseUrl: "http://guildhall.test" });
  for (const [name, resource] of Object.entries<object>(others)) {
    assert.deepEqual(words(rows.get(name)).sort(), methodsOf(resource).sort(), name);
    rows.delete(name);
  }
  const ofAdmin = Object.entries<object>({ ...admin }).flatMap(([name, resource]) => [name, ...methodsOf(resource)]);
  assert.deepEqual(words(rows.get("admin")).sort(), ofAdmin.sort());
  rows.delete("admin");
  assert.deepEqual([...rows.keys()], []);
});

function words(cell = ""): string[] {
  return [...cell.matchAll(/`\.?(\w+)`/g)].map(([, word = ""]) => word);
}

function methodsOf(resource: object): string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter((name) => name !== "constructor");
}

function told(diagnostics: readonly ts.Diagnostic[]): string[] {
  return diagnostics.map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    if (file === undefined || start === undefined) return text;
    const { line } = file.getLineAndCharacterOfPosition(start);
    return `${file.fileName.slice(FOLDER.length)}:${line + 1}: ${text}`;
  });
}
