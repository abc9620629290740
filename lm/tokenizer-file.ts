/** A `tokenizer.json`, as pretrained models bring it along, through `@huggingface/tokenizers`. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { messageOf, SoftmachineError } from "../scheme/index.js";

/** A tokenizer as its file describes it. */
export interface Vocabulary {
  /** The place of the file, as given. */
  readonly name: string;
  readonly sha256: string;
  /** Ids are below this. */
  readonly size: number;
  /** The tokens that belong before every text, and after it. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Token ids of a text or a part of one, with nothing put around it. */
  encode(text: string): number[];
  tokenText(id: number): string;
}

export const TOKENIZER_FILE = "tokenizer.json";

/** What is used of the library's tokenizer, whose own types Node's resolution doesn't find. */
interface FileTokenizer {
  encode(text: string, options?: { add_special_tokens: boolean }): { ids: (number | undefined)[]; tokens: string[] };
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  get_vocab(): Map<string, number>;
}

/** The parts that every tokenizer.json has; what is in them is its library's to check. */
const CONTENTS = z.object({
  model: z.looseObject({
    unk_token: z.string().nullish(),
    vocab: z.union([z.record(z.string(), z.int()), z.array(z.unknown())]),
  }),
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string() })).nullish(),
});

/** Parts of the file that may be absent, and that the library wants to be there. */
const ABSENT = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };

/** A text that every tokenizer makes tokens of, to see what it puts around them. */
const PROBE = "1 a";

/**
 * Reads a tokenizer.
 *
 * @param place a file, or a folder with a `tokenizer.json`.
 * @throws SoftmachineError when there is none, or it is damaged, or not a tokenizer.
 */
export async function readTokenizerFile(place: string): Promise<Vocabulary> {
  const bytes = await readPlace(place);
  const wrong = (why: string) => new SoftmachineError(`"${place}" is not a tokenizer: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw wrong(`it is not JSON (${messageOf(error)})`);
  }
  const { success, data, error } = CONTENTS.safeParse(json);
  if (!success) {
    const [{ path: at, message }] = error.issues;
    throw wrong(`${at.length === 0 ? "its contents" : at.join(".")}: ${message}`);
  }
  const { Tokenizer } = await import("@huggingface/tokenizers");
  let tokenizer: FileTokenizer;
  let around: { before: number[]; after: number[] };
  try {
    // What a WordLevel model takes for words it doesn't know is looked for beside the file, not in it.
    tokenizer = new Tokenizer(
      { ...ABSENT, ...data, ...Object(json) },
      { unk_token: data.model.unk_token ?? undefined },
    );
    around = putAround(tokenizer);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  const ids = [...tokenizer.get_vocab().values()];
  if (ids.length === 0) throw wrong("its vocabulary is empty");
  return {
    name: place,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: ids.reduce((most, id) => Math.max(most, id), 0) + 1,
    ...around,
    encode(text) {
      const { ids: found, tokens } = tokenizer.encode(text, { add_special_tokens: false });
      return found.map((id, i) => {
        if (id !== undefined) return id;
        throw new SoftmachineError(
          `tokenizer "${place}" has no token for "${tokens[i]}", and none for what it doesn't know`,
        );
      });
    },
    tokenText: (id) => tokenizer.decode([id], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
  };
}

async function readPlace(place: string): Promise<Uint8Array> {
  try {
    const file = (await stat(place)).isDirectory() ? path.join(place, TOKENIZER_FILE) : place;
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new SoftmachineError(
      code === "ENOENT" || code === "ENOTDIR"
        ? `there is no tokenizer "${place}": it is a ${TOKENIZER_FILE}, or a folder with one`
        : `tokenizer "${place}" can't be read: ${messageOf(error)}`,
    );
  }
}

/** The tokens that a tokenizer puts before and after a text. */
function putAround(tokenizer: FileTokenizer): { before: number[]; after: number[] } {
  const whole = tokenizer.encode(PROBE).ids;
  const inner = tokenizer.encode(PROBE, { add_special_tokens: false }).ids;
  const from = Math.max(
    0,
    whole.findIndex((_, at) => inner.every((id, i) => whole[at + i] === id)),
  );
  const known = (ids: (number | undefined)[]) => ids.filter((id) => id !== undefined);
  return { before: known(whole.slice(0, from)), after: known(whole.slice(from + inner.length)) };
}
