import { mkdirSync, renameSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { output, softmachine, temporaryFolder } from "./testing.js";

/** Words between spaces, all of them unknown: numbers alone are told apart. */
const tokenizer = {
  pre_tokenizer: { type: "WhitespaceSplit" },
  model: { type: "WordLevel", vocab: { "[UNK]": 0, increment: 1 }, unk_token: "[UNK]" },
};
const folder = temporaryFolder({ "tokenizer.json": JSON.stringify(tokenizer), "broken.json": '{"model"' });
const tiny = "--programs increment,double --n 8 --steps 2 --batch 4 --hidden 16 --heads 2 --key-value-heads 1 --test 8";
const train = ["train", ...tiny.split(" "), "--checkpoint", "model.safetensors"];

describe("--tokenizer", () => {
  it("reads with a tokenizer.json, and finds it again where it was moved", async () => {
    await output([...train, "--tokenizer", "."], { cwd: folder });
    const question = ["ask", "--checkpoint", "model.safetensors", "increment 3"];
    expect(await output(question, { cwd: folder })).toMatch(/^ {2}program /m);
    mkdirSync(path.join(folder, "elsewhere"));
    renameSync(path.join(folder, "tokenizer.json"), path.join(folder, "elsewhere", "mine.json"));
    const { code, stderr } = await softmachine(question, { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: model.safetensors: there is no tokenizer ".": it is a tokenizer.json, or a folder with one (option tokenizer says where it is now)\n',
    );
    expect(await output([...question, "--tokenizer", "elsewhere/mine.json"], { cwd: folder })).toMatch(
      /^ {2}program /m,
    );
    const resumed = ["train", "--resume", "--checkpoint", "model.safetensors", "--tokenizer", "elsewhere/mine.json"];
    expect(await output(resumed, { cwd: folder })).toMatch(/^unseen templates /m);
  });

  it.each([
    [["--tokenizer", "none.json"], 'there is no tokenizer "none.json"'],
    [["--tokenizer", "broken.json"], '"broken.json" is not a tokenizer: it is not JSON'],
    [["--encoder", "none"], undefined],
    [["--encoder", "nowhere"], 'there is no encoder "nowhere"'],
    [["--encoder", "."], 'encoder "." has no config.json'],
    [["--encoder", ".", "--tokenizer", "broken.json"], "reads with its own tokenizer"],
  ])("says in one line what is wrong: %j", async (words, message) => {
    const { stderr } = await softmachine([...train, "--overwrite", ...words], { cwd: folder });
    if (message === undefined) expect(stderr).not.toContain("error:");
    else expect(stderr).toMatch(new RegExp(`^error: .*${message.replaceAll(".", "\\.")}[^\\n]*\\n$`));
  });
});
