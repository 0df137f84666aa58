import { tenths } from '../statistics';
import type { ScheduleFigures } from './figures';
import type { AgreeingFigures } from './ledger/agreeing';
import { markdownTable } from './markdown';

type Exchanges = ScheduleFigures['exchange'];

/** So long a run by iterations is bearable, seconds: the bound for twenty homes. */
const BEARABLE = 60;

const HEAD = [
    'homes, batteries',
    'mode',
    'start',
    'end',
    'iterations',
    'seconds',
    'solving',
    'ledger',
    'waiting',
    'other',
    'seconds of an iteration after the first',
    'transactions',
    'KB on the channel',
];

/** Agreeing on a ledger, by the number of homes, and what follows for the choice of a mode. */
export function agreeingText(all: readonly AgreeingFigures[], exchanges: Exchanges): string {
    const sorted = [...all].sort((one, other) => one.homes - other.homes);
    const table = sorted.length === 0 ? 'Not measured.' : markdownTable([HEAD, ...sorted.map(rowOf)]);
    return [table, ...choiceText(sorted, exchanges)].join('\n\n');
}

function rowOf(each: AgreeingFigures): string[] {
    const { total, solving, ledger, waiting } = each.seconds;
    return [
        `${each.homes}, ${each.batteries}`,
        each.mode === 'schedule' ? 'iterations' : 'certificate',
        each.start,
        each.status === 'converged' || each.mostIterations === undefined
            ? each.status
            : `stopped after ${each.mostIterations}`,
        ...[each.iterations, total, solving, ledger, waiting, otherSeconds(total, each.seconds)].map(String),
        each.secondsPerIteration === null ? '–' : String(each.secondsPerIteration),
        String(each.transactions),
        String(each.channelKilobytes),
    ];
}

/** Of a run's time, what is none of its parts: reading and checking between them, decisions before and the result after. */
export function otherSeconds(total: number, parts: Record<'solving' | 'ledger' | 'waiting', number>): number {
    return tenths(total - parts.solving - parts.ledger - parts.waiting);
}

/** What a whole run by iterations takes: measured, or from the iterations that were. */
interface Whole {
    readonly homes: number;
    readonly seconds: number;
    readonly text: string;
}

function wholeOf(homes: number, all: readonly AgreeingFigures[], exchanges: Exchanges): Whole | undefined {
    const cold = (mode: AgreeingFigures['mode']): AgreeingFigures | undefined =>
        all.find((each) => each.homes === homes && each.mode === mode && each.start === 'cold');
    const [iterated, certified] = [cold('schedule'), cold('certificate')];
    if (iterated === undefined) {
        return undefined;
    }
    const beside = certified === undefined ? '' : `; by certificate ${certified.seconds.total} s`;
    if (iterated.status === 'converged' || iterated.mostIterations === undefined) {
        const { total } = iterated.seconds;
        return { homes, seconds: total, text: `${homes} homes: ${total} s, measured whole${beside}` };
    }
    return extrapolated(iterated, neededBy(homes, exchanges, certified), beside);
}

/** How many iterations a whole run has, and what says so. */
interface Needed {
    readonly iterations: number;
    readonly source: string;
}

/** As many as the same exchange without a ledger by the coarsest terms, which are the shipped ones; else the certificate's, which comes nearer. */
function neededBy(homes: number, exchanges: Exchanges, certified: AgreeingFigures | undefined): Needed | undefined {
    const [alike] = exchanges
        .filter((one) => one.homes === homes && one.start === 'cold' && one.end === 'converged')
        .sort((one, other) => other.terms.sumWh - one.terms.sumWh);
    if (alike !== undefined) {
        return { iterations: alike.iterations, source: 'the same exchange takes without a ledger' };
    }
    return certified && { iterations: certified.iterations, source: 'the certificate took' };
}

function extrapolated(iterated: AgreeingFigures, needed: Needed | undefined, beside: string): Whole | undefined {
    const { homes, secondsPerIteration: each, iterations: done } = iterated;
    if (each === null || needed === undefined) {
        return undefined;
    }
    const { iterations, source } = needed;
    const seconds = Math.round(iterated.seconds.total + Math.max(0, iterations - done) * each);
    return {
        homes,
        seconds,
        text: `${homes} homes: ${seconds} s, extrapolated from ${done} measured iterations (${each} s each after the first, which pays for connecting) to ${iterations}, as many as ${source}${beside}`,
    };
}

/** Which mode for how many homes, by what was measured. */
function choiceText(all: readonly AgreeingFigures[], exchanges: Exchanges): string[] {
    const sizes = [...new Set(all.map(({ homes }) => homes))];
    const wholes = sizes.flatMap((homes) => wholeOf(homes, all, exchanges) ?? []);
    const unknown = sizes.filter((homes) => wholes.every((each) => each.homes !== homes));
    const listed = (of: readonly number[]): string => (of.length === 0 ? 'no measured size' : of.join(', '));
    const homesOf = (isBearable: boolean): number[] =>
        wholes.filter(({ seconds }) => seconds <= BEARABLE === isBearable).map(({ homes }) => homes);
    return [
        ...(wholes.length === 0
            ? []
            : ['A whole run by iterations:', wholes.map(({ text }) => `- ${text}.`).join('\n')]),
        [
            `The rule: iterations as long as a whole run takes at most ${BEARABLE} s, a certificate for larger communities.`,
            `By these figures: iterations for ${listed(homesOf(true))}, a certificate for ${listed(homesOf(false))} homes.`,
            'Sizes between and beyond these were not measured.',
            ...(unknown.length === 0
                ? []
                : [`What a whole run takes was not measured for ${unknown.join(', ')} homes.`]),
        ].join(' '),
    ];
}
