/** The library of verified programs: their files, how they are checked and linked, and the package they make. */
export {
  type BuildOptions,
  type BuildProgress,
  type BuildResult,
  buildLibrary,
  defaultLibraryN,
} from "./build.js";
export {
  embeddedFolder,
  findPrograms,
  findProgramsAt,
  type ProgramText,
  parsePrograms,
  readPrograms,
} from "./catalog.js";
export { compileProgram } from "./compile-program.js";
export { type DifferingPart, differences, differingParts, type ProgramDifference } from "./difference.js";
export { entriesOf, fromJsonNumbers, type JsonNumbers, toJsonNumbers } from "./json-values.js";
export { Library, noProgram, type PackagedProgram } from "./library.js";
export { formatName, formatVersion, type Manifest } from "./manifest.js";
export { inputsOf, isCallable, isForMachine, machineOperands } from "./operands.js";
export { type LoadPackageOptions, loadPackage, writePackage } from "./package.js";
export { codeOf, linkCode, type ProgramCode } from "./program-code.js";
export {
  type Example,
  type LibraryProgram,
  type Operand,
  type ProgramFileOptions,
  parseProgramFile,
  type Result,
} from "./program-file.js";
export { ProgramFiles } from "./program-files.js";
export { type Selected, Selection, type SelectionForm, type SelectionOptions, selectionForms } from "./selection.js";
export { callTool, type OperandSchema, type ToolProgram, type ToolSchema, toolSchemas } from "./tools.js";
export { parseValueType, printValueType, type ValueType } from "./value-type.js";
export {
  type Coverage,
  type Failure,
  type ProgramReport,
  type Stage,
  stages,
  type Verification,
} from "./verification.js";
export type { VerifyOptions } from "./verify.js";
