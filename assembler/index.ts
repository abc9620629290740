export { type AluMnemonic, alu, productModulo } from "./alu.js";
export { type AssembleOptions, assemble } from "./anf-to-assembly.js";
export {
  type ArrayCells,
  type ArrayOperand,
  type Assembly,
  type AssemblyInstruction,
  type DataDirective,
  type Immediate,
  mostMemory,
  mostValues,
  registersOf,
} from "./assembly.js";
export { parseAssembly } from "./assembly-parser.js";
export { printAssembly, printInstruction } from "./assembly-printer.js";
export { compileToFixedPoint, type FixedPointProgram } from "./fixed-point.js";
export {
  type Grid,
  type GridOperation,
  type GridOptions,
  gridOf,
  gridPoint,
  isOnGrid,
  lastPoint,
  nearestOnGrid,
  type OperationTable,
} from "./grid.js";
export {
  type Entry,
  type Image,
  type InstructionArrays,
  imageOf,
  operationCount,
  operationNumbered,
  type ValueArray,
} from "./image.js";
export {
  type Field,
  fieldsOf,
  instructionCount,
  instructions,
  isMnemonic,
  type Mnemonic,
  mnemonics,
  type Operation,
} from "./instructions.js";
export { defaultRegisters, elementNames, type LinkOptions, link } from "./link.js";
export { checkWholeNumber } from "./whole-number.js";
