/**
 * One layer before a program, that routes the numbers of a question to its operands, and one after, that reads the answer
 * ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, section 4.1). Values and questions are one-hot.
 */
import { adamStep, type Moments, withMoments } from "../direct/index.js";
import { likeliest, softmaxGradient, softmaxRows } from "../machine/index.js";
import type { FrozenProgram } from "./frozen-program.js";

/** The network's parameters, with Adam's moments. */
export interface RoutingNetwork {
  readonly operands: number;
  readonly n: number;
  /** [operands, places]: logits of the place in the question, as many as operands, that each operand is taken from. */
  readonly routing: Moments<Float64Array>;
  /** [n, n] and [n]: from the program's answer to logits of the network's. */
  readonly weights: Moments<Float64Array>;
  readonly biases: Moments<Float64Array>;
}

/** Questions: numbers in the order in which they are shown, and the right answers. */
export interface Questions {
  readonly count: number;
  /** [count, operands] */
  readonly shown: Uint16Array;
  /** [count] */
  readonly answers: Uint16Array;
}

/** A network's parameters drawn from -spread to spread; its biases are 0. */
export function newNetwork(operands: number, n: number, spread: number, uniform: () => number): RoutingNetwork {
  const drawn = (length: number) => withMoments(Float64Array.from({ length }, () => spread * (2 * uniform() - 1)));
  return {
    operands,
    n,
    routing: drawn(operands ** 2),
    weights: drawn(n * n),
    biases: withMoments(new Float64Array(n)),
  };
}

/** The routing [operands, places]: the softmax of its logits. */
export function routingOf({ operands, routing }: RoutingNetwork): Float64Array {
  const result = new Float64Array(routing.value.length);
  softmaxRows(routing.value, result, operands);
  return result;
}

/** The operands' distributions [count, operands, n]: of each question's numbers, mixed as routed. */
export function routeOperands(network: RoutingNetwork, { count, shown }: Questions): Float64Array {
  const { operands, n } = network;
  const routing = routingOf(network);
  const distributions = new Float64Array(count * operands * n);
  for (let row = 0; row < count * operands; row++) {
    const question = Math.floor(row / operands);
    const operand = row % operands;
    for (let place = 0; place < operands; place++)
      distributions[row * n + shown[question * operands + place]] += routing[operand * operands + place];
  }
  return distributions;
}

/** The gradient with respect to the routing's logits, from that with respect to the distributions. */
export function routingGradient(network: RoutingNetwork, { count, shown }: Questions, gradient: Float64Array) {
  const { operands, n } = network;
  const result = new Float64Array(operands ** 2);
  for (let operand = 0; operand < operands; operand++)
    for (let place = 0; place < operands; place++)
      for (let question = 0; question < count; question++)
        result[operand * operands + place] +=
          gradient[(question * operands + operand) * n + shown[question * operands + place]];
  softmaxGradient(routingOf(network), result, result, operands);
  return result;
}

/** What the layer after makes of the program's answers. */
export interface Reading {
  /** Of the questions, as a fraction 0..1. */
  readonly accuracy: number;
  /** The mean of -ln P(right answer), in nats. */
  readonly loss: number;
  /** Gradients of the loss: with respect to the parameters, and to the program's answers [count, n]. */
  readonly weights: Float64Array;
  readonly biases: Float64Array;
  readonly outputs: Float64Array;
}

/** Reads the program's answers [count, n] and compares them with the right ones. */
export function readAnswers(network: RoutingNetwork, outputs: Float64Array, { count, answers }: Questions): Reading {
  const { n } = network;
  const [weights, biases] = [network.weights.value, network.biases.value];
  const logits = new Float64Array(count * n);
  for (let row = 0; row < count; row++) {
    for (let y = 0; y < n; y++) {
      let sum = biases[y];
      for (let v = 0; v < n; v++) sum += weights[y * n + v] * outputs[row * n + v];
      logits[row * n + y] = sum;
    }
  }
  const gradient = logits;
  softmaxRows(logits, gradient, n);
  let right = 0;
  let loss = 0;
  for (let row = 0; row < count; row++) {
    const read = gradient.subarray(row * n, (row + 1) * n);
    const answer = answers[row];
    if (likeliest(read) === answer) right++;
    loss -= Math.log(Math.max(read[answer], Number.MIN_VALUE)) / count;
    read[answer] -= 1;
  }
  const result = {
    weights: new Float64Array(n * n),
    biases: new Float64Array(n),
    outputs: new Float64Array(count * n),
  };
  for (let row = 0; row < count; row++) {
    for (let y = 0; y < n; y++) {
      const g = gradient[row * n + y] / count;
      result.biases[y] += g;
      for (let v = 0; v < n; v++) {
        result.weights[y * n + v] += g * outputs[row * n + v];
        result.outputs[row * n + v] += g * weights[y * n + v];
      }
    }
  }
  return { accuracy: right / count, loss, ...result };
}

/** A step of Adam, from the questions' answers alone, with the program between the layers; t counts from 1. */
export function improve(
  network: RoutingNetwork,
  program: FrozenProgram,
  questions: Questions,
  rate: number,
  t: number,
): void {
  const reading = readAnswers(network, program.forward(routeOperands(network, questions), questions.count), questions);
  const routing = routingGradient(network, questions, program.backward(reading.outputs));
  adamStep(network.routing, routing, rate, t);
  adamStep(network.weights, reading.weights, rate, t);
  adamStep(network.biases, reading.biases, rate, t);
}
