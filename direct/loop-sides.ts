import type { Node, Region, ValueId } from "./graph.js";

type Choice = Extract<Node, { kind: "if" }>;

/** The branch that ends a region, where it decides some of the region's results. */
export function lastChoice({ nodes, results }: Region): Choice | undefined {
  const last = nodes.findLast((node) => node.kind !== "constant");
  return last?.kind === "if" && last.outputs.some((id) => results.includes(id)) ? last : undefined;
}

/** One side of the branch that ends a region, with the region's results. */
export function sideOf({ results }: Region, choice: Choice, name: "consequent" | "alternative"): Region {
  const side = choice[name];
  return {
    parameters: [],
    nodes: side.nodes,
    results: results.map((id) => {
      const place = choice.outputs.indexOf(id);
      return place < 0 ? id : side.results[place];
    }),
  };
}

const sides = ["consequent", "alternative"] as const;

/** The sides of the branch that ends a loop's body by which it may go on, or end. */
function sidesThat(goOn: boolean, body: Region, choice: Choice, constants: ReadonlyMap<ValueId, number>) {
  return sides.filter((name) => {
    const flag = constants.get(sideOf(body, choice, name).results[0]);
    return flag === undefined || (flag !== 0) === goOn;
  });
}

/**
 * A loop's body in an iteration of which it is known whether another follows: branches that end the body and could only be
 * passed one way are gone. Undefined if there is no such iteration.
 *
 * @param constants the values known to be constant.
 */
export function bodyThat(goesOn: boolean, body: Region, constants: ReadonlyMap<ValueId, number>): Region | undefined {
  const choice = lastChoice(body);
  if (!choice) {
    const flag = constants.get(body.results[0]);
    return flag === undefined || (flag !== 0) === goesOn ? body : undefined;
  }
  const possible = sidesThat(goesOn, body, choice, constants);
  if (possible.length === 0) return undefined;
  if (possible.length > 1) return body;
  const side = sideOf(body, choice, possible[0]);
  const nodes = [...body.nodes.filter((node) => node !== choice), ...side.nodes];
  return bodyThat(goesOn, { ...body, nodes, results: side.results }, constants);
}

/**
 * A loop's body with further results: values of `bodyThat` goes on, which are 0 where the loop ends.
 *
 * @param fresh makes the name of a value.
 */
export function bodyWith(
  values: readonly ValueId[],
  body: Region,
  constants: ReadonlyMap<ValueId, number>,
  fresh: () => ValueId,
): Region {
  const choice = values.length > 0 ? lastChoice(body) : undefined;
  const possible = choice ? sidesThat(true, body, choice, constants) : [];
  if (!choice || possible.length !== 1) return { ...body, results: [...body.results, ...values] };
  const outputs = values.map(fresh);
  const side = (name: (typeof sides)[number]): Region => {
    const region = choice[name];
    if (name !== possible[0]) {
      const zero = fresh();
      const nodes: Node[] = [...region.nodes, { kind: "constant", value: 0, output: zero }];
      return { ...region, nodes, results: [...region.results, ...values.map(() => zero)] };
    }
    const whole = sideOf(body, choice, name);
    const { nodes, results } = bodyWith(values, whole, constants, fresh);
    return { ...region, nodes, results: [...region.results, ...results.slice(whole.results.length)] };
  };
  const longer: Node = {
    ...choice,
    consequent: side("consequent"),
    alternative: side("alternative"),
    outputs: [...choice.outputs, ...outputs],
  };
  return {
    ...body,
    nodes: body.nodes.map((node) => (node === choice ? longer : node)),
    results: [...body.results, ...outputs],
  };
}
