import fc from "fast-check";

// Random tests draw the same cases in each run; SOFTMACHINE_SEED=7 npm test draws others.
const seed = Number(process.env.SOFTMACHINE_SEED ?? 2026);
fc.configureGlobal({ seed });
