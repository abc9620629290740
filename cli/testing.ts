import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The built command. */
export const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** What a command printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  /** Standard input; empty otherwise. */
  readonly input?: string;
  readonly cwd?: string;
  /** Told of the process once it runs. */
  readonly onStart?: (child: { kill(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): boolean }) => void;
}

/** Runs the built command as a user does, in a process of its own. */
export function softmachine(words: readonly string[], { input = "", cwd, onStart }: RunSettings = {}): Promise<Ended> {
  if (!existsSync(main))
    throw new Error("dist/cli/main.js is missing: `npm run build` makes it, and `npm test` runs that first");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...words], { ...(cwd === undefined ? {} : { cwd }) });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    // A command that takes no input may end before it is written.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    onStart?.(child);
  });
}

/** Runs a command that must succeed, and gives its stdout. */
export async function output(words: readonly string[], settings: RunSettings = {}): Promise<string> {
  const { code, stdout, stderr } = await softmachine(words, settings);
  if (code !== 0) throw new Error(`softmachine ${words.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The one JSON value that a command prints. */
export async function json<T = Record<string, unknown>>(
  words: readonly string[],
  settings: RunSettings = {},
): Promise<T> {
  return JSON.parse(await output(words, settings)) as T;
}

/** A folder that is there while a test file runs, with these files in it. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), "softmachine-cli-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
