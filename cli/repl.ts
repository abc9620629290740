import { createInterface } from "node:readline";
import type { Command } from "commander";
import { messageOf, SoftmachineError, suggestion } from "../scheme/index.js";
import { examples, jsonOption } from "./option-values.js";
import { writeText } from "./output.js";
import { isIncomplete } from "./repl-forms.js";
import { ReplSession } from "./repl-session.js";
import { readTextFile } from "./text-file.js";

interface ReplOptions {
  readonly json?: boolean;
}

/** `softmachine repl`: reads expressions and definitions, and prints values. */
export function configureRepl(command: Command): void {
  command
    .argument("[files...]", "programs whose definitions are read first")
    .addOption(jsonOption())
    .addHelpText("after", `${examples("softmachine repl", "softmachine repl gcd.scm")}\n\nWithin it:\n${help}`)
    .action(repl);
}

const help = `  (define (f x) …)   keeps a function; (define k 2) keeps a number
  (f 3)              prints a value; free variables are the numbers kept
  :set x=0.5 y=2     keeps numbers, as define does
  :grad (f x)        prints value and derivatives with respect to the numbers used
  :asm (+ a b)       prints assembly
  :list              prints what is kept
  :load FILE         reads a file as if it were typed
  :reset             forgets everything
  :help              prints this
  :quit              ends it; Ctrl-D does too`;

async function repl(files: readonly string[], options: ReplOptions): Promise<void> {
  const session = new ReplSession(options.json === true);
  for (const file of files) await writeAll(session.enter(await readTextFile(file), file));
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(interactive ? { output: process.stdout, prompt: "> " } : {}),
    terminal: interactive,
  });
  let pending = "";
  lines.on("SIGINT", () => {
    // Ctrl-C drops what has been typed so far; at an empty prompt it ends the session.
    if (pending === "" && lines.line === "") return lines.close();
    pending = "";
    process.stdout.write("\n");
    lines.setPrompt("> ");
    lines.prompt();
  });
  if (interactive) {
    process.stdout.write("softmachine: :help says what can be typed\n");
    lines.prompt();
  }
  for await (const line of lines) {
    pending = pending === "" ? line : `${pending}\n${line}`;
    if (!pending.trimStart().startsWith(":") && isIncomplete(pending)) {
      lines.setPrompt("… ");
    } else {
      const entry = pending;
      pending = "";
      if (/^\s*:(q|quit|exit)\s*$/.test(entry)) break;
      await respond(session, entry);
      lines.setPrompt("> ");
    }
    if (interactive) lines.prompt();
  }
  lines.close();
  // What was piped in and never closed is still an entry: it gets its error.
  if (pending.trim() !== "" && !interactive) await respond(session, pending);
  else if (interactive) process.stdout.write("\n");
}

/** Prints the answer to an entry; an error is printed, and ends nothing. */
async function respond(session: ReplSession, entry: string): Promise<void> {
  try {
    await writeAll(await answer(session, entry.trim()));
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    process.stderr.write(`error: ${messageOf(error)}\n`);
  }
}

async function writeAll(texts: Iterable<string>): Promise<void> {
  for (const text of texts) await writeText(text);
}

const commands = [":help", ":grad", ":set", ":asm", ":list", ":load", ":reset", ":quit"];

async function answer(session: ReplSession, entry: string): Promise<Iterable<string>> {
  if (!entry.startsWith(":")) return session.enter(entry);
  const [command] = entry.split(/\s/, 1);
  const rest = entry.slice(command.length).trim();
  switch (command) {
    case ":help":
      return [help];
    case ":grad":
      return [session.gradient(rest)];
    case ":set":
      return session.set(rest.split(/\s+/).filter((word) => word !== ""));
    case ":asm":
      return [session.assembly(rest)];
    case ":list":
      return session.list();
    case ":load":
      if (rest === "") throw new SoftmachineError("a file is needed, as :load pendulum.scm");
      return session.enter(await readTextFile(rest), rest);
    case ":reset":
      session.reset();
      return [];
    default:
      throw new SoftmachineError(`there is no command ${command}${suggestion(command, commands)}; :help lists them`);
  }
}
