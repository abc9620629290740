// npm start: installs and builds what is missing, then runs the demonstration. Arguments go to `softmachine demo`.
import path from "node:path";
import { build, root, run } from "./setup.mjs";

await build();
run(process.execPath, [path.join(root, "dist", "cli", "main.js"), "demo", ...process.argv.slice(2)]);
