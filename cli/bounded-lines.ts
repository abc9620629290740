import { Transform, type TransformCallback } from "node:stream";

const lineFeed = 0x0a;

/** Lets lines through, and of a line that is too long only a beginning: whoever reads on has no more to hold than that. */
export class BoundedLines extends Transform {
  private length = 0;

  /**
   * @param mostBytes of a line.
   * @param onTooLong told of each line that is cut.
   */
  constructor(
    private readonly mostBytes: number,
    private readonly onTooLong: () => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let start = 0; start < chunk.length; ) {
      const feed = chunk.indexOf(lineFeed, start);
      const end = feed < 0 ? chunk.length : feed + 1;
      this.pass(chunk.subarray(start, end), feed >= 0);
      start = end;
    }
    done();
  }

  private pass(part: Buffer, isEnd: boolean): void {
    const before = this.length;
    this.length += part.length;
    const fits = this.length <= this.mostBytes;
    if (fits) this.push(part);
    else if (before <= this.mostBytes) {
      this.push("\n");
      this.onTooLong();
    }
    if (isEnd) this.length = 0;
  }
}
