import type { Value } from "../scheme/index.js";
import {
  adapted,
  ascending,
  asNumber,
  type Definition,
  type Meaning,
  range,
  sum,
} from "./testing-number-definitions.js";

type Vector = readonly number[];
type Matrix = readonly Vector[];

function asVector(value: Value): Vector {
  if (typeof value === "number") throw new TypeError("a definition for vectors was given a number");
  return value.map(asNumber);
}

function asMatrix(value: Value): Matrix {
  if (typeof value === "number") throw new TypeError("a definition for matrices was given a number");
  return value.map(asVector);
}

const joined = (v: Vector) => v.join(" ");
const subsets = (size: number): number[][] =>
  range(2 ** size).map((mask) => range(size).filter((i) => (mask >> i) & 1));
/** What a set of indices has together. */
const total = (v: Vector, indices: Vector) => sum(indices.map((i) => v[i]));

function editDistance(v: Vector, w: Vector): number {
  if (v.length === 0 || w.length === 0) return v.length + w.length;
  const [a, b] = [v.slice(1), w.slice(1)];
  return Math.min(editDistance(a, w) + 1, editDistance(v, b) + 1, editDistance(a, b) + Number(v[0] !== w[0]));
}

function commonSubsequence(v: Vector, w: Vector): number {
  if (v.length === 0 || w.length === 0) return 0;
  const [a, b] = [v.slice(1), w.slice(1)];
  return v[0] === w[0] ? 1 + commonSubsequence(a, b) : Math.max(commonSubsequence(a, w), commonSubsequence(v, b));
}

const ofVectors: Record<string, (v: Vector, w: Vector) => Meaning> = {
  // arithmetic
  numeral: (v) => BigInt(v.join("")),

  // lists
  argmax: (v) => v.indexOf(Math.max(...v)),
  argmin: (v) => v.indexOf(Math.min(...v)),
  "bubble-sort": ascending,
  "counting-sort": ascending,
  "insertion-sort": ascending,
  "merge-sort": ascending,
  "selection-sort": ascending,
  "count-distinct": (v) => new Set(v).size,
  "dot-product": (v, w) => sum(v.map((x, i) => x * w[i])),
  "greatest-gap": (v) => Math.max(...v.flatMap((x, i) => v.slice(i).map((y) => y - x))),
  histogram: (v) => range(6).map((k) => v.filter((x) => x === k).length),
  inversions: (v) => sum(v.map((x, i) => v.slice(i).filter((y) => y < x).length)),
  "is-sorted": (v) => Number(joined(ascending(v)) === joined(v)),
  "list-max": (v) => Math.max(...v),
  "list-min": (v) => Math.min(...v),
  "list-product": (v) => v.reduce((product, x) => product * BigInt(x), 1n),
  "list-reverse": (v) => [...v].reverse(),
  "list-sum": sum,
  "prefix-sums": (v) => v.map((_, i) => sum(v.slice(0, i + 1))),

  // sequences
  "edit-distance": editDistance,
  "hamming-distance": (v, w) => v.filter((x, i) => x !== w[i]).length,
  "is-palindrome": (v) => Number(joined(v) === joined([...v].reverse())),
  "longest-common-subsequence": commonSubsequence,
  "longest-increasing-subsequence": (v) => {
    const increasing = subsets(v.length).filter((chosen) => chosen.every((x, i) => i === 0 || v[chosen[i - 1]] < v[x]));
    return Math.max(...increasing.map((chosen) => chosen.length));
  },
  "longest-run": (v) => {
    const runs = v.flatMap((_, i) => range(v.length - i).map((length) => v.slice(i, i + length + 1)));
    return Math.max(...runs.filter((run) => new Set(run).size === 1).map((run) => run.length));
  },
  "subsequence-at": (v, w) => {
    const at = v.findIndex((_, i) => w.every((y, j) => v[i + j] === y));
    return at < 0 ? v.length : at;
  },

  // planning
  "meeting-rooms": (begins, ends) =>
    Math.max(...range(10).map((time) => begins.filter((begin, i) => begin <= time && time < ends[i]).length)),
};

const ofVectorAndNumber: Record<string, (v: Vector, k: number) => Meaning> = {
  // lists
  "binary-search": (v, x) => (joined(ascending(v)) === joined(v) ? v.filter((y) => y < x).length : undefined),
  "count-of": (v, x) => v.filter((y) => y === x).length,
  "kth-smallest": (v, k) => ascending(v)[k],
  "linear-search": (v, x) => (v.includes(x) ? v.indexOf(x) : v.length),
  rotate: (v, k) => v.map((_, i) => v[(i + k) % v.length]),

  // planning
  "coin-change": (coins, amount) => {
    const fewest = (rest: number): number =>
      rest === 0 ? 0 : Math.min(13, ...coins.filter((coin) => coin <= rest).map((coin) => 1 + fewest(rest - coin)));
    return fewest(amount);
  },
  "coin-ways": (coins, amount) => {
    if (new Set(coins).size < coins.length) return undefined;
    const ways = (rest: number, [coin, ...others]: Vector): number => {
      if (coin === undefined) return Number(rest === 0);
      return sum(range(Math.floor(rest / coin) + 1).map((count) => ways(rest - count * coin, others)));
    };
    return ways(amount, coins);
  },
  "subset-sum": (v, wanted) => Number(subsets(v.length).some((chosen) => total(v, chosen) === wanted)),
};

const vertices = range(4);

/** The lengths of shortest paths between all vertices, by Floyd and Warshall. */
function distances(lengths: Matrix): number[][] {
  const between = (i: number, j: number) => lengths[i][j] || Number.POSITIVE_INFINITY;
  const found = vertices.map((i) => vertices.map((j) => (i === j ? 0 : between(i, j))));
  for (const k of vertices)
    for (const i of vertices) for (const j of vertices) found[i][j] = Math.min(found[i][j], found[i][k] + found[k][j]);
  return found;
}

/** The least weight of a set of edges that connect the first vertex with all that it is connected with. */
function spanningTreeWeight(m: Matrix): number {
  const edges = vertices.flatMap((i) => vertices.filter((j) => j > i && m[i][j] > 0).map((j) => [i, j]));
  const reached = (chosen: Matrix) => {
    const lengths = vertices.map((i) =>
      vertices.map((j) => Number(chosen.some((e) => e.includes(i) && e.includes(j)))),
    );
    return distances(lengths)[0].filter(Number.isFinite).length;
  };
  const trees = subsets(edges.length).map((indices) => indices.map((i) => edges[i]));
  const spanning = trees.filter((tree) => reached(tree) === reached(edges));
  return Math.min(...spanning.map((tree) => sum(tree.map(([i, j]) => m[i][j]))));
}

function topologicalOrder(m: Matrix): number[] {
  const order: number[] = [];
  const isNext = (j: number) => !order.includes(j) && vertices.every((i) => order.includes(i) || !m[i][j]);
  for (let next = vertices.find(isNext); next !== undefined; next = vertices.find(isNext)) order.push(next);
  return vertices.map((i) => order[i] ?? vertices.length);
}

/** Which vertices a path of at least one edge leads to from each. */
function transitiveClosure(m: Matrix): number[][] {
  const reaches = distances(m);
  return vertices.map((i) =>
    vertices.map((j) => Number(vertices.some((k) => m[i][k] && Number.isFinite(reaches[k][j])))),
  );
}

/** The fewest steps through the free cells of a 4x4 grid from the first to the last; 16 where no way leads there. */
function gridPath(walls: Matrix): number {
  const free = range(16).filter((cell) => walls[cell >> 2][cell & 3] === 0);
  const isNear = (a: number, b: number) => Math.abs((a >> 2) - (b >> 2)) + Math.abs((a & 3) - (b & 3)) <= 1;
  const within = (steps: number): Vector => {
    if (steps === 0) return free.filter((cell) => cell === 0);
    const before = within(steps - 1);
    return free.filter((cell) => before.some((other) => isNear(cell, other)));
  };
  return range(16).find((steps) => within(steps).includes(15)) ?? 16;
}

function gridWays(walls: Matrix): number {
  const last = walls.length - 1;
  const from = (i: number, j: number): number => {
    if (i > last || j > last || walls[i][j]) return 0;
    return i === last && j === last ? 1 : from(i + 1, j) + from(i, j + 1);
  };
  return from(0, 0);
}

const ofMatrix: Record<string, (m: Matrix, from: number, to: number) => Meaning> = {
  // graphs
  "bfs-distance": (m, from, to) => Math.min(4, distances(m.map((row) => row.map((x) => Number(x > 0))))[from][to]),
  "is-bipartite": (m) => {
    const edges = vertices.flatMap((i) => vertices.filter((j) => m[i][j]).map((j) => [i, j]));
    const colour = (colours: number, i: number) => (colours >> i) & 1;
    return Number(range(16).some((colours) => edges.every(([i, j]) => colour(colours, i) !== colour(colours, j))));
  },
  "is-reachable": (m, from, to) => Number(Number.isFinite(distances(m)[from][to])),
  "shortest-path": (m, from, to) => Math.min(15, distances(m)[from][to]),
  "spanning-tree-weight": spanningTreeWeight,
  "topological-order": topologicalOrder,
  "transitive-closure": transitiveClosure,

  // planning
  "grid-path": gridPath,
  "grid-ways": gridWays,
};

const knapsack = (weights: Vector, values: Vector, capacity: number): number => {
  const fitting = subsets(weights.length).filter((chosen) => total(weights, chosen) <= capacity);
  return Math.max(...fitting.map((chosen) => total(values, chosen)));
};

/** The programs that take arrays, as mathematics defines them: by formula or enumeration, apart from the programs. */
export const arrayDefinitions: Record<string, Definition> = {
  ...adapted(
    ofVectors,
    (meaning) =>
      ([v, w = []]) =>
        meaning(asVector(v), asVector(w)),
  ),
  ...adapted(
    ofVectorAndNumber,
    (meaning) =>
      ([v, k]) =>
        meaning(asVector(v), asNumber(k)),
  ),
  ...adapted(
    ofMatrix,
    (meaning) =>
      ([m, from = 0, to = 0]) =>
        meaning(asMatrix(m), asNumber(from), asNumber(to)),
  ),
  knapsack: ([weights, values, capacity]) => knapsack(asVector(weights), asVector(values), asNumber(capacity)),
};
