import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { suggestion } from "../scheme/index.js";
import { errorPrefix, exitCodes, reportFailure, UsageError } from "./failures.js";
import { endQuietlyOnBrokenPipe } from "./output.js";

type Configure = (command: Command) => void;

/** A sub-command: what it does in a line, and its module, loaded only when the command is named. */
interface SubCommand {
  readonly description: string;
  readonly load: () => Promise<Configure>;
}

const subCommands: Readonly<Record<string, SubCommand>> = {
  run: {
    description: "run a program: its value, and with --grad its exact derivatives",
    load: async () => (await import("./run.js")).configureRun,
  },
  fit: {
    description: "find a program's parameters from measurements, with their errors",
    load: async () => (await import("./fit.js")).configureFit,
  },
  compile: {
    description: "check a program and print it at a stage of its compilation",
    load: async () => (await import("./compile.js")).configureCompile,
  },
  explain: {
    description: "say where a program may leave its domain, where it has kinks, and which inputs carry no gradient",
    load: async () => (await import("./explain.js")).configureExplain,
  },
  asm: {
    description: "print a program as register-machine assembly, or check and run an assembly file (.asm)",
    load: async () => (await import("./asm.js")).configureAsm,
  },
  trace: {
    description: "run a program on the exact and the soft machine and print their states after each step",
    load: async () => (await import("./trace.js")).configureTrace,
  },
  adapt: {
    description:
      "make a program faster on the inputs that it will see, by gradient descent, and prove it right on them",
    load: async () => (await import("./adapt.js")).configureAdapt,
  },
  compare: {
    description: "run one program on every path that can: values, derivatives, agreement and time",
    load: async () => (await import("./compare.js")).configureCompare,
  },
  library: {
    description: "build, verify, show and run the library of programs",
    load: async () => (await import("./library.js")).configureLibrary,
  },
  train: {
    description: "train a small transformer, from answers alone, to call the programs of a library",
    load: async () => (await import("./train.js")).configureTrain,
  },
  ask: {
    description: "ask a trained model: what it parses, the program that it calls, and both paths' results",
    load: async () => (await import("./ask.js")).configureAsk,
  },
  calibrate: {
    description: "find out when a trained model should rather abstain than answer",
    load: async () => (await import("./calibrate.js")).configureCalibrate,
  },
  experiment: {
    description: "run an experiment of the papers again, with its table and its picture",
    load: async () => (await import("./experiment.js")).configureExperiment,
  },
  demo: {
    description: "build the library, run programs on every path, train a small model, ask it, and write a report",
    load: async () => (await import("./demo.js")).configureDemo,
  },
  mcp: {
    description: "serve the library, evaluation and fitting to language models, over the Model Context Protocol",
    load: async () => (await import("./mcp.js")).configureMcp,
  },
  repl: {
    description: "evaluate expressions one after another; definitions and inputs are kept",
    load: async () => (await import("./repl.js")).configureRepl,
  },
};

/** The version in the package's own description, which is above dist/, or beside the sources' rooms. */
function packageVersion(): string {
  const files = ["../../package.json", "../package.json"].map((file) => new URL(file, import.meta.url));
  for (const file of files.filter((candidate) => existsSync(candidate))) {
    const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name?: unknown; version?: unknown };
    if (name === "softmachine" && typeof version === "string") return version;
  }
  throw new Error("there is no package.json of softmachine above this module");
}

/**
 * The command with its sub-commands, not yet run.
 *
 * @param words the command line: of the sub-commands only those named in it are configured.
 */
export async function softmachineCommand(words: readonly string[]): Promise<Command> {
  const root = new Command("softmachine")
    .description(
      "Compiles small Scheme programs into exact differentiable modules and soft register machines, and teaches a transformer to call them.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .option("--debug", "print a stack trace with an error")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) => write(`${errorPrefix()}${text.replace(/^error: /, "").replace(/\.?\n?$/, "\n")}`),
    });
  for (const [name, { description, load }] of Object.entries(subCommands)) {
    const command = root.command(name).description(description);
    if (words.includes(name)) (await load())(command);
  }
  return root;
}

/** `help` of a command that is not there would be help of everything, and not a word of why. */
function checkHelpTopic([first, topic]: readonly string[]): void {
  if (first !== "help" || topic === undefined || topic.startsWith("-") || topic === "help") return;
  const names = Object.keys(subCommands);
  if (names.includes(topic)) return;
  throw new UsageError(`there is no command "${topic}"${suggestion(topic, names)}: softmachine --help lists them`);
}

/**
 * Runs a command as given on the command line.
 *
 * @param words what follows the command's own name.
 * @returns the exit code: 0 done, 1 failed, 2 used wrongly, 130 interrupted.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  endQuietlyOnBrokenPipe();
  let debug = false;
  try {
    const command = await softmachineCommand(words);
    command.hook("preAction", (_root, called) => {
      debug = called.optsWithGlobals().debug === true;
    });
    checkHelpTopic(words);
    await command.parseAsync(words, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return reportFailure(error, debug);
  }
}
