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

- Numbers are written 2, -0.5, 1e-3 or 1/3, a vector [1 2 3]; a matrix is an input, or made by operations.
- \`(define (f x y) …)\` and \`(define k 9.81)\` stand at the top. A function calls others and itself; it is no value.
- Further forms: let, let*, letrec, named let, do, loop with recur, if, cond, case, when, unless, begin, and, or, not, derivative.
- Elements are counted from 0. Arithmetic goes element by element on arrays of one shape, and on a number with an array.

## Examples

- \`(define (square-sum a b) (+ (* a a) (* b b))) (square-sum 3 4)\` is 25
- \`(let ((x 1/2) (y 2)) (* x y))\` is 1
- \`(if (and (> 2 1) (not #f)) 10 20)\` is 10
- \`(cond ((< 3 1) 1) ((= 3 3) 2) (else 3))\` is 2
- \`(let loop ((i 0) (sum 0)) (if (< i 5) (loop (+ i 1) (+ sum i)) sum))\` is 10
- \`(loop ((a 12) (b 8)) (if (= b 0) a (recur b (modulo a b))))\` is 4
- \`(do ((i 0 (+ i 1)) (p 1 (* 2 p))) ((= i 10) p))\` is 1024
- \`(define (fibonacci n) (if (< n 2) n (+ (fibonacci (- n 1)) (fibonacci (- n 2))))) (fibonacci 10)\` is 55
- \`(ref [5 6 7] 1)\` is 6
- \`(ref (ref (outer [1 2] [3 4]) 1) 0)\` is 6
- \`(dot [1 2] (+ 1 [1 2]))\` is 8
- \`(let ((x 3)) (derivative (* x x) x))\` is 6
`;
