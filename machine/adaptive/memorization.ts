/**
 * Compilation by memorization: a small network that is trained, on programs alone, to output a program's line when it is
 * given the counter ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, appendix C, equation 10).
 */
import { checkWholeNumber, type Image } from "../../assembler/index.js";
import { adamStep, withMoments } from "../../direct/index.js";
import { likeliestOfRows } from "../likeliest.js";
import { seededRandom } from "../random-soft-program.js";
import { fieldNames, fieldWidth, programFromLogits, type SoftProgram, zeroFields } from "../soft-program.js";

export interface MemorizationOptions {
  /** Numbers that a line's number is embedded in, at random, as the network's input. Default 8. */
  readonly embedding?: number;
  /** Units of the hidden layer. Default 32. */
  readonly hidden?: number;
  readonly learningRate?: number;
  /** The most iterations, each over all lines. Default 2000. */
  readonly iterations?: number;
  /** It ends when every field of every line is at least so probable. Default 0.99. */
  readonly confidence?: number;
  readonly seed?: number;
}

/** A program in a network. */
export interface Memorized {
  /** What the network outputs for each line. */
  readonly program: SoftProgram;
  /** Whether its likeliest choices are the program. */
  readonly exact: boolean;
  /** The least probability that it gives a field of the program. */
  readonly confidence: number;
  /** The mean cross-entropy of a field at the end, in nats. */
  readonly loss: number;
  readonly iterations: number;
  /** Numbers that were trained. */
  readonly parameters: number;
}

/** Trains a network of one hidden layer, by Adam on the cross-entropy of every field. */
export function memorize(image: Image, options: MemorizationOptions = {}): Memorized {
  const { embedding = 8, hidden = 32, learningRate = 0.02, iterations = 2000, confidence = 0.99, seed = 1 } = options;
  for (const [what, size] of Object.entries({ embedding, "hidden layer": hidden }))
    checkWholeNumber(`the width of the ${what}`, size, 1, 65536);
  checkWholeNumber("the iterations", iterations, 1);
  const { lines } = image;
  const random = seededRandom(seed);
  const spread = (count: number, scale: number) =>
    Float64Array.from({ length: count }, () => scale * (2 * random() - 1));
  const inputs = spread(lines * embedding, 1);
  const outputs = fieldNames.reduce((sum, name) => sum + fieldWidth(name, image), 0);
  const network = new Network(embedding, hidden, outputs, spread);
  const moments = withMoments(network.weights);
  const logits = zeroFields(image);
  for (let iteration = 1; ; iteration++) {
    const output = network.forward(inputs, lines);
    let at = 0;
    for (const name of fieldNames) {
      const width = fieldWidth(name, image);
      for (let line = 0; line < lines; line++)
        for (let i = 0; i < width; i++) logits[name][line * width + i] = output[line * outputs + at + i];
      at += width;
    }
    const program = programFromLogits(image, logits);
    const chosen = fieldNames.flatMap((name) => {
      const width = fieldWidth(name, image);
      return Array.from(image.instructions[name], (value, line) => program[name][line * width + value]);
    });
    const least = Math.min(...chosen);
    if (least >= confidence || iteration === iterations) {
      const exact = fieldNames.every((name) =>
        likeliestOfRows(program[name], fieldWidth(name, image)).every(
          (i, line) => i === image.instructions[name][line],
        ),
      );
      const loss = chosen.reduce((sum, p) => sum - Math.log(p), 0) / chosen.length;
      return { program, exact, confidence: least, loss, iterations: iteration, parameters: network.weights.length };
    }
    const cotangent = new Float64Array(lines * outputs);
    at = 0;
    for (const name of fieldNames) {
      const width = fieldWidth(name, image);
      for (let line = 0; line < lines; line++)
        for (let i = 0; i < width; i++) {
          const wanted = image.instructions[name][line] === i ? 1 : 0;
          cotangent[line * outputs + at + i] = (program[name][line * width + i] - wanted) / chosen.length;
        }
      at += width;
    }
    adamStep(moments, network.backward(inputs, cotangent, lines), learningRate, iteration);
  }
}

/** Inputs to outputs through one layer of tanh, with biases. */
class Network {
  /** [hidden, inputs + 1], then [outputs, hidden + 1]; the last column of each is the bias. */
  readonly weights: Float64Array;
  private activations: Float64Array = new Float64Array(0);

  constructor(
    private readonly inputs: number,
    private readonly hidden: number,
    private readonly outputs: number,
    spread: (count: number, scale: number) => Float64Array,
  ) {
    const [first, second] = [hidden * (inputs + 1), outputs * (hidden + 1)];
    this.weights = new Float64Array(first + second);
    this.weights.set(spread(first, Math.sqrt(3 / inputs)));
    this.weights.set(spread(second, Math.sqrt(3 / hidden)), first);
  }

  forward(x: Float64Array, rows: number): Float64Array {
    const { inputs, hidden, outputs, weights } = this;
    const [second, y] = [hidden * (inputs + 1), new Float64Array(rows * outputs)];
    this.activations = new Float64Array(rows * hidden);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < hidden; j++) {
        const from = j * (inputs + 1);
        let sum = weights[from + inputs];
        for (let i = 0; i < inputs; i++) sum += weights[from + i] * x[row * inputs + i];
        this.activations[row * hidden + j] = Math.tanh(sum);
      }
      for (let o = 0; o < outputs; o++) {
        const from = second + o * (hidden + 1);
        let sum = weights[from + hidden];
        for (let j = 0; j < hidden; j++) sum += weights[from + j] * this.activations[row * hidden + j];
        y[row * outputs + o] = sum;
      }
    }
    return y;
  }

  /** The gradient with respect to the weights, after `forward`. */
  backward(x: Float64Array, cotangent: Float64Array, rows: number): Float64Array {
    const { inputs, hidden, outputs, weights, activations } = this;
    const [second, gradient] = [hidden * (inputs + 1), new Float64Array(this.weights.length)];
    const gHidden = new Float64Array(hidden);
    for (let row = 0; row < rows; row++) {
      gHidden.fill(0);
      for (let o = 0; o < outputs; o++) {
        const [g, from] = [cotangent[row * outputs + o], second + o * (hidden + 1)];
        gradient[from + hidden] += g;
        for (let j = 0; j < hidden; j++) {
          gradient[from + j] += g * activations[row * hidden + j];
          gHidden[j] += g * weights[from + j];
        }
      }
      for (let j = 0; j < hidden; j++) {
        const [g, from] = [gHidden[j] * (1 - activations[row * hidden + j] ** 2), j * (inputs + 1)];
        gradient[from + inputs] += g;
        for (let i = 0; i < inputs; i++) gradient[from + i] += g * x[row * inputs + i];
      }
    }
    return gradient;
  }
}
