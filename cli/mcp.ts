import { pipeline } from "node:stream/promises";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { type Command, Option } from "commander";
import { type Budget, budgetOf } from "../scheme/index.js";
import { CalculationPool } from "./calculation-pool.js";
import { given } from "./evaluators.js";
import { idIn, JsonLines } from "./json-lines.js";
import { libraryOption } from "./library.js";
import { readLibrary } from "./library-source.js";
import { mcpServer } from "./mcp-server.js";
import { addBudgetOptions, examples, realNumber, wholeNumber } from "./option-values.js";
import { note } from "./output.js";

interface McpOptions extends Partial<Budget> {
  readonly library?: string;
  readonly timeLimit: number;
  readonly memory: number;
}

/** `softmachine mcp`: the library, evaluation and fitting as tools for language models, over the Model Context Protocol. */
export function configureMcp(command: Command): void {
  command
    .addOption(libraryOption())
    .addOption(
      new Option("--time-limit <seconds>", "time that a call may take").argParser(realNumber(0.1, 3600)).default(10),
    )
    .addOption(
      new Option("--memory <megabytes>", "memory that the process of a call may hold")
        .argParser(wholeNumber(192, 65536))
        .default(512),
    );
  addBudgetOptions(command)
    .addHelpText("after", examples("softmachine mcp", "softmachine mcp --library my-library --time-limit 2"))
    .action(serve);
}

async function serve(options: McpOptions, command: Command): Promise<void> {
  const { library, timeLimit: seconds, memory: megabytes } = options;
  const programs = await readLibrary(given({ library }));
  const pool = new CalculationPool({ ...budgetOf(options), seconds, megabytes });
  const version = command.parent?.version() ?? "";
  if (process.stdin.isTTY)
    note("an MCP server: it talks JSON-RPC with a client on stdin and stdout, and ends at Ctrl-D");
  const lines = new JsonLines(mostBytes, refuse);
  try {
    const transport = new StdioServerTransport(lines, process.stdout, { maxBufferSize: 2 * mostBytes });
    serveStdio(() => mcpServer(programs, pool, version), {
      transport,
      onerror: ({ name, message }) => note(name === "ZodError" ? "a message is not of JSON-RPC" : message),
    });
    await pipeline(process.stdin, lines);
  } finally {
    pool.close();
  }
}

/** Most bytes of a message that is read. */
const mostBytes = 10_000_000;

/** JSON-RPC's code for what is no JSON. */
const parseError = -32700;

/** Answers what can't be read, so that nobody waits for an answer; where nobody can be told, it goes to the log. */
function refuse(message: string, line: string): void {
  const id = idIn(line);
  if (id === undefined) note(message);
  else process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code: parseError, message } })}\n`);
}
