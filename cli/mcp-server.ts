import {
  McpServer,
  ResourceTemplate,
  type ServerContext,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import type { z } from "zod";
import { printValueType, toolSchemas } from "../library/index.js";
import { SoftmachineError, suggestion } from "../scheme/index.js";
import type { CalculationPool } from "./calculation-pool.js";
import { given } from "./evaluators.js";
import { languageGuide } from "./language-guide.js";
import { firstSentence, type ShownProgram } from "./library-tables.js";
import { toolArguments } from "./mcp-arguments.js";

const instructions = `softmachine calculates exactly what language models get wrong: algorithms on numbers and arrays, formulas with their derivatives, and least-squares fits.
Look with list_programs for a program (show_program has its operands), then call run_program; for anything else write a program of your own for evaluate. The resource softmachine://language describes the language.
NaN and infinities, which JSON has no numerals for, are the texts "NaN", "Infinity" and "-Infinity".`;

type ToolName = keyof typeof toolArguments;

const descriptions: Readonly<Record<ToolName, string>> = {
  list_programs: "List the library's programs. Search by words or by subject.",
  show_program:
    "Show one program of the library: documentation, the schema of its operands, result, examples and source.",
  run_program: "Run a program of the library on operands; the value is exact.",
  evaluate:
    'Evaluate a formula or a program, written in a small first-order Scheme: its value and exact derivatives with respect to its inputs. Loops, recursion, vectors and matrices are allowed. As program (* 2 pi (sqrt (/ L g))) with inputs {"pi": 3.14159, "L": 1, "g": 9.81}.',
  fit: 'Find the parameters of a formula from measurements by least squares, with standard errors. As program (* a (exp (- (* k t)))) with data {"t": [0, 1, 2], "y": [2, 1.2, 0.7]}, target y and parameters {"a": 1, "k": 1}.',
};

/**
 * An MCP server that lists programs and runs them, evaluates programs of one's own, and fits parameters. What a call
 * brings is calculated in `pool`, whatever it is; what is wrong with it is the call's result, as one message.
 */
export function mcpServer(
  programs: readonly Omit<ShownProgram, "assembly">[],
  pool: CalculationPool,
  version: string,
): McpServer {
  const server = new McpServer({ name: "softmachine", version }, { instructions });
  const schemas = toolSchemas({ programs });
  const subjects = [...new Set(programs.map((program) => program.subject).filter((subject) => subject !== ""))];
  const programNamed = (name: string) => {
    const at = programs.findIndex((program, i) => program.name === name || schemas[i].name === name);
    if (at >= 0) return { program: programs[at], schema: schemas[at].inputSchema };
    const known = programs.map((program) => program.name);
    throw new SoftmachineError(
      `no program "${name}" in the library${suggestion(name, known)}: list_programs lists them`,
    );
  };
  const serve = <Schema extends z.ZodType>(
    name: ToolName,
    schema: Schema,
    handle: (args: z.output<Schema>, context: ServerContext) => Promise<Readonly<Record<string, unknown>>>,
  ) =>
    server.registerTool(
      name,
      {
        description: descriptions[name],
        inputSchema: withFirstFault(schema),
        annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
      },
      async (args, context) => {
        const result = await handle(args, context);
        return { content: [{ type: "text", text: JSON.stringify(result) }], structuredContent: { ...result } };
      },
    );

  serve("list_programs", toolArguments.list_programs, async ({ search = "", subject }) => {
    const words = search.toLowerCase().split(/\s+/);
    const found = programs.filter((program) => {
      const text = [program.name, program.subject, program.documentation].join(" ").toLowerCase();
      return (subject === undefined || program.subject === subject) && words.every((word) => text.includes(word));
    });
    return {
      programs: found.map(({ name, subject, documentation, operands }) => ({
        name,
        subject,
        operands: operands.map((operand) => operand.name),
        summary: firstSentence(documentation),
      })),
      subjects,
    };
  });
  serve("show_program", toolArguments.show_program, async ({ name }) => {
    const { program, schema } = programNamed(name);
    const { subject, documentation, result, examples, complexity, origin, source } = program;
    return {
      name: program.name,
      subject,
      documentation,
      operands: schema,
      result: { type: printValueType(result.type), description: result.documentation },
      examples: examples.map(({ text }) => text),
      ...given({ complexity, origin }),
      source,
    };
  });
  serve("run_program", toolArguments.run_program, async ({ name, operands }, { mcpReq }) => {
    const { name: own, documentation, operands: declared, result, examples, source } = programNamed(name).program;
    const program = { name: own, documentation, operands: declared, result, examples, source };
    return pool.run({ tool: "run_program", program, operands }, mcpReq.signal);
  });
  serve("evaluate", toolArguments.evaluate, async (args, { mcpReq }) =>
    pool.run({ tool: "evaluate", ...args }, mcpReq.signal),
  );
  serve("fit", toolArguments.fit, async (args, { mcpReq }) => pool.run({ tool: "fit", ...args }, mcpReq.signal));

  server.registerResource(
    "language",
    "softmachine://language",
    { title: "The language", description: "The forms and operations of programs.", mimeType: "text/markdown" },
    async ({ href: uri }) => ({ contents: [{ uri, mimeType: "text/markdown", text: languageGuide() }] }),
  );
  const uriOf = (name: string) => `softmachine://programs/${encodeURIComponent(name)}`;
  const template = new ResourceTemplate("softmachine://programs/{name}", {
    list: async () => ({
      resources: programs.map(({ name, documentation }) => ({
        uri: uriOf(name),
        name,
        description: firstSentence(documentation),
      })),
    }),
    complete: {
      name: (start) => programs.map(({ name }) => name).filter((name) => name.startsWith(start)),
    },
  });
  server.registerResource(
    "program",
    template,
    { description: "A program of the library: its text.", mimeType: "text/plain" },
    async ({ href: uri }, { name }) => {
      const { source } = programNamed(decodeURIComponent(String(name))).program;
      return { contents: [{ uri, mimeType: "text/plain", text: source }] };
    },
  );
  return server;
}

const mostCharacters = 1000;

/** The deepest that arguments may nest: a matrix of an input is at level 4. */
const deepest = 8;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => isDeeperThan(levels - 1, item)));

/** A schema that says of wrong arguments the first thing that is wrong, in a few words. */
function withFirstFault<Schema extends z.ZodType>(schema: Schema): StandardSchemaWithJSON<unknown, z.output<Schema>> {
  const fault = (message: string) => ({ issues: [{ message: message.slice(0, mostCharacters) }] });
  return {
    "~standard": {
      ...schema["~standard"],
      validate(value) {
        if (isDeeperThan(deepest, value)) return fault(`nested deeper than ${deepest} levels`);
        const parsed = schema.safeParse(value);
        if (parsed.success) return { value: parsed.data };
        const { path, message } = parsed.error.issues[0];
        if (path.length === 0) return fault(message);
        return fault(
          `"${path.join(".")}" ${/received undefined$/.test(message) ? "is missing" : `is wrong: ${message}`}`,
        );
      },
    },
  };
}
