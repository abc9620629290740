export type { AnfProgram, Atom, Binding, Block, Computation, Tail } from "./a-normal-form.js";
export { type Budget, budgetOf, defaultBudget, outOfFrames, outOfIterations } from "./budget.js";
export type { CoreProgram, Expression, FunctionDefinition, Program } from "./core.js";
export { aNormalForm } from "./core-to-a-normal-form.js";
export { type NumberAlgebra, type PartialDerivative, partialDerivative } from "./derivatives.js";
export { derivativeShape, shapeOf } from "./duals.js";
export {
  BudgetError,
  DomainError,
  messageOf,
  nearest,
  SoftmachineError,
  SourceError,
  suggestion,
} from "./errors.js";
export { checkNames, checkValue } from "./inputs.js";
export { numbersIn, valueOfShape } from "./nested-values.js";
export { numberText, percentText, secondsText } from "./number-text.js";
export {
  type DerivativeClass,
  isScalarOp,
  type OpName,
  type OpSpec,
  opNamed,
  opNames,
  ops,
  type ScalarOpName,
  scalarMeaning,
  specOf,
  type Value,
} from "./ops.js";
export { type Outline, outlineOf } from "./outline.js";
export { printAnf, printCore, printNumber, printValue } from "./print.js";
export { type ReadOptions, readProgram, withinStack } from "./program.js";
export { parseNumber, skipBlockComment } from "./reader.js";
export { domainFault, evaluateReference, type ReferenceOptions } from "./reference.js";
export { describe as describeShape, type Shape, sizeOf } from "./shapes.js";
export { caret, JoinedSource, Source, type Span } from "./source.js";
