import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "./make-folder.js";

const root = mkdtempSync(path.join(tmpdir(), "folders-"));
afterAll(() => rmSync(root, { recursive: true }));

test("makes what is missing, once", () => {
  const inner = path.join(root, "a", "b");
  expect(makeFolder(inner)).toEqual([path.join(root, "a"), inner]);
  expect(statSync(inner).isDirectory()).toBe(true);
  expect(makeFolder(inner)).toEqual([]);
  expect(makeFolder(path.join(root, "a"))).toEqual([]);
});

test("leaves nothing behind where it fails", () => {
  writeFileSync(path.join(root, "file"), "");
  expect(() => makeFolder(path.join(root, "file", "a"))).toThrow("ENOTDIR");
  const long = "x".repeat(300);
  expect(() => makeFolder(path.join(root, "c", "d", long))).toThrow("ENAMETOOLONG");
  expect(readdirSync(root).sort()).toEqual(["a", "file"]);
});

test.runIf(existsSync("/proc/self"))("does not try without end where no folder can be", () => {
  expect(() => makeFolder("/proc/softmachine/report")).toThrow(/no folder can be made in "\/proc"|EACCES|EPERM/);
});
