// npm test: formatter, linter, types, build and tests; ends with vitest's summary and a line "N passed, N failed".
// Arguments go to vitest, so `npm test -- scheme` runs one room.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, install, root, runPackaged } from "./setup.mjs";

install();
runPackaged("@biomejs/biome/bin/biome", ["check", "."]);
runPackaged("typescript/bin/tsc", ["--noEmit"]);
await build();

const folder = mkdtempSync(path.join(tmpdir(), "softmachine-test-"));
const summary = path.join(folder, "summary.json");
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
const result = spawnSync(
  process.execPath,
  [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${summary}`, ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
let counts = { numPassedTests: 0, numFailedTests: 1 };
try {
  counts = JSON.parse(readFileSync(summary, "utf8"));
} catch {
  // vitest ended before it wrote its summary: that counts as one failure.
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const failed = counts.numFailedTests || (result.status === 0 ? 0 : 1);
console.log(`${counts.numPassedTests} passed, ${failed} failed`);
process.exit(result.status ?? 1);
