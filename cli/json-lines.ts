import { Transform, type TransformCallback } from "node:stream";
import { messageOf } from "../scheme/index.js";

const lineFeed = 0x0a;

/** Bytes of a line's beginning and end that are kept of one that is too long. */
const keptOfLong = 1000;

/** Lets lines of JSON through, and takes the others out, so that whoever reads on has no more to hold than a line. */
export class JsonLines extends Transform {
  private parts: Buffer[] = [];
  private length = 0;

  /**
   * @param mostBytes of a line.
   * @param onFault told of each line taken out what is wrong, and the line; of one that is too long its two ends.
   */
  constructor(
    private readonly mostBytes: number,
    private readonly onFault: (what: string, line: string) => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let start = 0; start < chunk.length; ) {
      const feed = chunk.indexOf(lineFeed, start);
      const end = feed < 0 ? chunk.length : feed + 1;
      this.hold(chunk.subarray(start, end));
      if (feed >= 0) this.endLine();
      start = end;
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    this.endLine();
    done();
  }

  private hold(part: Buffer): void {
    this.length += part.length;
    this.parts.push(part);
    if (this.length <= this.mostBytes) return;
    const line = Buffer.concat(this.parts);
    this.parts = line.length <= 2 * keptOfLong ? [line] : [line.subarray(0, keptOfLong), line.subarray(-keptOfLong)];
  }

  private endLine(): void {
    const line = Buffer.concat(this.parts);
    const isLong = this.length > this.mostBytes;
    this.parts = [];
    this.length = 0;
    const text = line.toString("utf8").trim();
    if (text === "") return;
    const fault = isLong ? `a message has ${this.mostBytes} bytes at most` : faultOf(text);
    if (fault === undefined) this.push(line);
    else this.onFault(fault, text);
  }
}

/** What keeps a line from being JSON. */
function faultOf(line: string): string | undefined {
  try {
    JSON.parse(line);
    return undefined;
  } catch (error) {
    return `a message is one line of JSON: ${messageOf(error)}`;
  }
}

/** The id of a request that could not be read, where its text leaves no doubt. */
export function idIn(line: string): string | number | undefined {
  const ids = [...line.matchAll(/"id"\s*:\s*(-?\d+|"[^"\\]*")/g)];
  return ids.length === 1 ? (JSON.parse(ids[0][1]) as string | number) : undefined;
}
