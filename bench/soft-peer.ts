import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Milliseconds of a run, and of one with its gradient. */
export interface Times {
  readonly forward: number;
  readonly both: number;
}

/** A row of a peer's JSON lines. */
interface PeerRow {
  readonly [name: string]: string | number;
}

/**
 * The times of a peer in PyTorch, by what names its rows.
 *
 * @param python a Python that has PyTorch.
 * @param options what the script is told: numbers by name.
 */
export function peerTimes(
  python: string,
  script: string,
  options: Readonly<Record<string, number | readonly number[]>>,
  nameOf: (row: PeerRow) => string,
): Map<string, Times> {
  // The build leaves Python files where they are: beside this file's source.
  const file = fileURLToPath(new URL(`../../bench/${script}`, import.meta.url));
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...[value].flat().map(String)]);
  const { stdout, stderr, status } = spawnSync(python, [file, ...words], { encoding: "utf8" });
  if (status !== 0) console.error(`${python} could not run the peer: ${stderr}`);
  const rows = (stdout?.trim().split("\n") ?? [])
    .filter((line) => line !== "")
    .map((line): PeerRow => JSON.parse(line));
  return new Map(
    rows.map((row) => [nameOf(row), { forward: Number(row.forward_ms), both: Number(row.forward_backward_ms) }]),
  );
}
