import { opNames, ops } from "../scheme/index.js";

/** The language in one text, for language models: its forms, then each operation of the op table. */
export function languageGuide(): string {
  const groups = ["scalar", "vector", "matrix"] as const;
  const operations = groups.map((group) => {
    const rows = opNames.filter((name) => ops[name].group === group);
    return `## Operations: ${group}\n\n${rows.map((name) => `- \`${name}\`: ${ops[name].documentation}`).join("\n")}\n`;
  });
  return [forms, ...operations].join("\n");
}

const forms = `# The language

A small, first-order, pure Scheme; R7RS wherever R7RS speaks. A program is definitions, if any, then one expression. Its free
variables are its inputs. A value is a number, a vector or a matrix; #t and #f are 1 and 0, and 0 is false.

- Numbers: 2, -0.5, 1e-3, 1/3. \`[a b c]\` is a vector; a matrix is a vector of such rows.
- \`(define (f x y) …)\` and \`(define k 9.81)\` at the top. A function calls others and itself; it is no value.
- \`(let ((x 1) (y 2)) …)\`, \`let*\`, \`letrec\`, \`(if test a b)\`, \`cond\`, \`case\`, \`when\`, \`unless\`, \`and\`, \`or\`, \`not\`.
- Loops: \`(let loop ((i 0) (sum 0)) (if (< i n) (loop (+ i 1) (+ sum i)) sum))\`, \`do\`, or \`(loop ((i 0)) … (recur (+ i 1)))\`.
- \`(derivative expression x)\`: the exact derivative with respect to a variable.
- \`(ref v i)\`, \`(ref M i j)\`: elements, counted from 0; \`(ref M i)\` is row i.
- Arithmetic goes element by element on arrays of one shape, and on a number with an array.
`;
