export { type AluMnemonic, alu, productModulo } from "./alu.js";
export { type AssembleOptions, assemble } from "./anf-to-assembly.js";
export {
  type Assembly,
  type AssemblyInstruction,
  type DataDirective,
  type Immediate,
  registersOf,
} from "./assembly.js";
export { parseAssembly } from "./assembly-parser.js";
export { printAssembly, printInstruction } from "./assembly-printer.js";
export type { Entry, Image, InstructionArrays, ValueArray } from "./image.js";
export {
  type Field,
  fieldsOf,
  instructionCount,
  instructions,
  isMnemonic,
  type Mnemonic,
  mnemonics,
} from "./instructions.js";
export { defaultRegisters, type LinkOptions, link } from "./link.js";
export { checkWholeNumber } from "./whole-number.js";
