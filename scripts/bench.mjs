// npm run bench -- NAME [options]: builds, then runs bench/NAME.ts.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, root } from "./setup.mjs";

await build();
const [name = "", ...args] = process.argv.slice(2);
const folder = path.join(root, "dist", "bench");
const file = path.join(folder, `${name}.js`);
if (!/^[a-z-]+$/.test(name) || !existsSync(file)) {
  const known = readdirSync(folder).filter((entry) => entry.endsWith(".js") && !entry.startsWith("timing"));
  console.error(`usage: npm run bench -- NAME, where NAME is ${known.map((entry) => entry.slice(0, -3)).join(" or ")}`);
  process.exit(2);
}
const { main } = await import(pathToFileURL(file).href);
await main(args);
