// TypeScript to dist/, with the library's .scm files and the bench's Python beside the code that reads them.
import { chmodSync, cpSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root, runPackaged } from "./setup.mjs";

export function buildDist(stamp) {
  console.error("Building…");
  rmSync(path.join(root, "dist"), { recursive: true, force: true });
  runPackaged("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
  cpSync(path.join(root, "library", "programs"), path.join(root, "dist", "library", "programs"), { recursive: true });
  cpSync(path.join(root, "bench", "peers.py"), path.join(root, "dist", "bench", "peers.py"));
  chmodSync(path.join(root, "dist", "cli", "main.js"), 0o755);
  writeFileSync(stamp, "");
}
