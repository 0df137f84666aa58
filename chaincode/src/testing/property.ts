import fc from 'fast-check';

/** Runs and seed of every property of the chaincode. A counterexample becomes a row of a table. */
const RUNS = 300;
export const SEED = 20141003;

/** Assert a law over generated cases. `runs` where a case is slow or a bug is rare. */
export function holds<T>(property: fc.IProperty<T>, runs = RUNS): void {
    fc.assert(property, { numRuns: runs, seed: SEED });
}
