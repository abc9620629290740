// What every command needs on a fresh clone: the packages of package-lock.json, and dist/ built from the sources.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the project's root with its output shown; ends this process when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) {
    console.error(`${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Runs a JavaScript command that a package in node_modules brings. */
export function runPackaged(script, args, options = {}) {
  run(process.execPath, [path.join(root, "node_modules", script), ...args], options);
}

const modified = (file) => statSync(file).mtimeMs;

/** Installs what package-lock.json lists, unless that was done since it last changed. */
export function install() {
  const stamp = path.join(root, "node_modules", ".package-lock.json");
  if (existsSync(stamp) && modified(stamp) >= modified(path.join(root, "package-lock.json"))) return;
  console.error("Installing packages…");
  // On some systems npm is a script that only a shell finds.
  // Not `npm ci`, which refuses a lock file without the packages that other platforms would choose.
  run("npm", ["install", "--no-save", "--ignore-scripts", "--loglevel=error"], {
    shell: process.platform === "win32",
    stdio: ["ignore", 2, 2],
  });
}

const sources = /\.(ts|scm|json|py)$/;
const skipped = new Set(["node_modules", "dist", ".git", "report", "runs", "scripts", ".ci"]);

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) latest = Math.max(latest, modified(file), newest(file));
    } else if (sources.test(entry.name)) latest = Math.max(latest, modified(file));
  }
  return latest;
}

/** Compiles the sources into dist/ when any of them is newer than it. */
export async function build() {
  install();
  const stamp = path.join(root, "dist", ".built");
  if (existsSync(stamp) && modified(stamp) >= newest(root)) return;
  const { buildDist } = await import("./build-dist.mjs");
  buildDist(stamp);
}
