import type { Tensor } from "@tensorflow/tfjs";
import { type Budget, withinStack } from "../scheme/index.js";
import type { ColumnProgram, TensorFlowModule } from "../tensor/index.js";
import { BatchRunner } from "./batch-runner.js";
import { vjpGraph } from "./derivative-graphs.js";
import type { Graph } from "./graph.js";
import { canRunOnTensors, runOnTensors } from "./graph-to-tensors.js";
import { type LoopMode, selectResults } from "./reverse-mode.js";

/** A float32 graph as a program on tensors' columns: its inputs, and its results, are some tensors' columns. */
export class GraphProgram implements ColumnProgram {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly onTensors: ColumnProgram["onTensors"];
  private readonly differentiable: () => Graph;
  private readonly budget: Budget;
  private readonly runner: BatchRunner;
  private back: GraphProgram | undefined;

  /**
   * @param inputs how many of the graph's inputs each tensor is; `outputs`, of its results.
   * @param differentiable the same graph, without what is for execution alone: see `LoopMode`.
   */
  constructor(
    graph: Graph,
    inputs: readonly number[],
    outputs: readonly number[],
    budget: Budget,
    differentiable: () => Graph = () => graph,
  ) {
    this.differentiable = differentiable;
    this.inputs = inputs;
    this.outputs = outputs;
    this.budget = budget;
    this.runner = new BatchRunner(graph, budget);
    if (canRunOnTensors(graph))
      this.onTensors = (tf: TensorFlowModule, columns: readonly Tensor[]) => runOnTensors(tf, graph, columns);
  }

  runInMemory(...args: Parameters<ColumnProgram["runInMemory"]>): void {
    this.runner.runInMemory(...args);
  }

  runOnArrays(rows: number, strides: readonly number[], arrays: readonly Float32Array[]): void {
    this.runner.run(rows, strides, ...arrays);
  }

  pullback(): GraphProgram {
    const { inputs, outputs, budget } = this;
    if (this.back) return this.back;
    const graph = this.differentiable();
    const back = (loops: LoopMode) =>
      withinStack(graph.source, () => {
        // TensorFlow.js passes zeros back for an output that nothing depends on, so that they must win over infinite slopes.
        const both = vjpGraph(graph, { zerosWin: outputs.length > 1, loops });
        return selectResults(both, [...both.main.results.keys()].slice(graph.main.results.length));
      });
    this.back = new GraphProgram(back("cheaper"), [...inputs, ...outputs], inputs, budget, () => back("forward"));
    return this.back;
  }
}
