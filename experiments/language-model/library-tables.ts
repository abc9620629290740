/** Tables of the library's programs, built and verified when an experiment first asks for them. */
import { buildLibrary, findPrograms, ProgramFiles } from "../../library/index.js";
import { hasPhrases, type TrainData } from "../../lm/index.js";

const built = new Map<string, Promise<TrainData>>();

/** Tables of programs by name, for values 0..n-1; a list asked for again is not built again. */
export function libraryData(names: readonly string[], n: number): Promise<TrainData> {
  const key = `${n}: ${names.join(" ")}`;
  let data = built.get(key);
  if (data === undefined) {
    data = buildData(names, n);
    built.set(key, data);
  }
  return data;
}

async function buildData(names: readonly string[], n: number): Promise<TrainData> {
  const found = await findPrograms();
  const files = new ProgramFiles(found);
  const needed = new Set(names.flatMap((name) => [name, ...files.linked(name).calls]));
  const { library } = await buildLibrary({ programs: found.filter(({ name }) => needed.has(name)), n });
  return { programs: names.map((name) => library.table(name)), libraryHash: library.hash };
}

/** Every program that a model can call at this size, and that sentences speak of in words of its own. */
export function everyProgram(n: number): Promise<TrainData> {
  const key = `${n}: every program`;
  let data = built.get(key);
  if (data === undefined) {
    data = buildEvery(n);
    built.set(key, data);
  }
  return data;
}

async function buildEvery(n: number): Promise<TrainData> {
  const found = await findPrograms();
  const { library } = await buildLibrary({ programs: found.filter(({ name }) => hasPhrases(name)), n });
  return { programs: library.callable.map(({ name }) => library.table(name)), libraryHash: library.hash };
}
