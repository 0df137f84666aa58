import { FormatError } from '../errors';

const MILLISECONDS: ReadonlyMap<string, number> = new Map([
    ['ns', 1e-6],
    ['us', 1e-3],
    ['µs', 1e-3],
    ['ms', 1],
    ['s', 1_000],
    ['m', 60_000],
    ['h', 3_600_000],
]);
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/** Milliseconds of a duration as Go writes it: `100ms`, `1m30s`. Throws FormatError unless it is positive. */
export function durationMilliseconds(text: string): number {
    if (!DURATION.test(text)) throw new FormatError(`'${text}' is no duration`);
    let sum = 0;
    for (const [, amount, unit] of text.matchAll(PART)) sum += Number(amount) * (MILLISECONDS.get(unit ?? '') ?? 0);
    if (sum <= 0) throw new FormatError(`duration '${text}' is not positive`);
    return sum;
}
