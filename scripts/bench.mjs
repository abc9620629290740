// npm run bench -- NAME [options]: builds, then runs bench/NAME.ts.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, root } from "./setup.mjs";

await build();
const [name = "", ...args] = process.argv.slice(2);
const folder = path.join(root, "dist", "bench");
// Those that can be run have a main; the others serve them.
const known = readdirSync(folder)
  .filter(
    (entry) =>
      entry.endsWith(".js") && /^export async function main\b/m.test(readFileSync(path.join(folder, entry), "utf8")),
  )
  .map((entry) => entry.slice(0, -3));
if (!known.includes(name)) {
  console.error(`usage: npm run bench -- NAME, where NAME is ${known.join(" or ")}`);
  process.exit(2);
}
const { main } = await import(pathToFileURL(path.join(folder, `${name}.js`)).href);
try {
  await main(args);
} catch (error) {
  if (error?.name !== "SoftmachineError") throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
