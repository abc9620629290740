import { describe, expect, it } from "vitest";
import { seededRandom } from "../machine/index.js";
import {
  newNetwork,
  type Questions,
  readAnswers,
  routeOperands,
  routingGradient,
  routingOf,
} from "./routing-network.js";

const n = 5;
const network = newNetwork(3, n, 0.1, seededRandom(3));
const questions: Questions = {
  count: 2,
  shown: Uint16Array.of(0, 4, 2, 3, 3, 1),
  answers: Uint16Array.of(1, 4),
};

/** The slope of a function of one entry of parameters, by central differences. */
function slope(values: Float64Array, i: number, f: () => number): number {
  const value = values[i];
  values[i] = value + 2 ** -8;
  const above = f();
  values[i] = value - 2 ** -8;
  const below = f();
  values[i] = value;
  return (above - below) / 2 ** -7;
}

describe("the network around a program", () => {
  it("mixes the numbers shown", () => {
    const distributions = routeOperands(network, questions);
    const routing = routingOf(network);
    expect(Array.from(distributions.subarray(0, n))).toEqual([routing[0], 0, routing[2], 0, routing[1]]);
    expect(distributions[3 * n + 3]).toBeCloseTo(routing[0] + routing[1], 15);
  });

  it("has the gradient of its routing", () => {
    const cotangent = Float64Array.from({ length: 2 * 3 * n }, (_, i) => Math.sin(i));
    const gradient = routingGradient(network, questions, cotangent);
    const value = () => routeOperands(network, questions).reduce((sum, p, i) => sum + p * cotangent[i], 0);
    gradient.forEach((g, i) => {
      expect(g).toBeCloseTo(slope(network.routing.value, i, value), 4);
    });
  });

  it("has the gradient of its reading", () => {
    const outputs = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i) ** 2);
    const reading = readAnswers(network, outputs, questions);
    const loss = () => readAnswers(network, outputs, questions).loss;
    reading.weights.forEach((g, i) => {
      expect(g).toBeCloseTo(slope(network.weights.value, i, loss), 4);
    });
    reading.biases.forEach((g, i) => {
      expect(g).toBeCloseTo(slope(network.biases.value, i, loss), 4);
    });
    reading.outputs.forEach((g, i) => {
      expect(g).toBeCloseTo(slope(outputs, i, loss), 4);
    });
  });
});
