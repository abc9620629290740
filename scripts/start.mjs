// npm start: installs and builds what is missing, then runs the demonstration. Arguments go to `softmachine demo`.
import { spawn } from "node:child_process";
import path from "node:path";
import { build, root } from "./setup.mjs";

await build();
const command = path.join(root, "dist", "cli", "main.js");
const demo = spawn(process.execPath, [command, "demo", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
// Ctrl-C reaches the demonstration too, which saves what it has: wait for it.
process.on("SIGINT", () => {});
demo.on("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
