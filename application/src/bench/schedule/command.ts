import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import type { Command } from 'commander';
import { FiguresFile, merged, NO_FIGURES, type MeasuredFigures, type ScheduleFigures } from './figures';
import { withSections } from './markdown';
import { sectionsOf } from './tables';
import {
    measureUnit,
    SCHEDULE_PARTS,
    unitsOf,
    unitText,
    type SchedulePart,
    type ScheduleWish,
    type Unit,
} from './units';
import { tenths } from '../statistics';

interface ScheduleOptions {
    readonly parts: string;
    readonly homes: string;
    readonly ledger: string;
    readonly wholeUpTo: string;
    readonly iterations: string;
    readonly compared: string;
    readonly small: string;
    readonly data?: string;
    readonly days: string;
    readonly pairs: string;
    readonly priceSlots: string;
    readonly priceSeconds: string;
    readonly out?: string;
    readonly write?: string | true;
    readonly minutes: string;
    readonly fresh?: boolean;
    readonly json?: boolean;
}

const PAGE = 'docs/guides/measurements-day-ahead.md';

/** What the bench as a whole lends to this part of it. */
export interface Bench {
    readonly community: string;
    readonly machine: () => string;
    /** Runs a hidden command in a process of its own, and returns what it printed. */
    readonly apart: (...words: readonly string[]) => unknown;
    readonly print: (figures: object, text: string, json?: boolean) => void;
}

/** Adds `schedule`, and the hidden command that measures one unit of it. */
export function addScheduleCommand(program: Command, bench: Bench): void {
    program
        .command('schedule')
        .description(
            'a day ahead: without a ledger and on one, beside an auction, against failures; forecasts; what lies bring',
        )
        .option('--parts <list>', `only these of ${SCHEDULE_PARTS.join(', ')}`, SCHEDULE_PARTS.join())
        .option('--homes <list>', 'pure: sizes of generated communities', '20,50,100')
        .option('--ledger <list>', 'ledger: sizes of communities that agree on a ledger', '20,50,100')
        .option('--whole-up-to <n>', 'ledger: above this size iterations are counted up to a limit', '20')
        .option('--iterations <n>', 'ledger: which is this', '4')
        .option('--compared <n>', 'comparison: homes of the community whose day is run in each way', '20')
        .option('--small <n>', 'failure, joining: homes of the communities', '4')
        .option('--data <dir>', 'pure, forecasts: meter data of the community of organizations/community.yaml')
        .option('--days <list>', 'pure: which of its days', '2014-10-03,2014-10-09,2014-10-21')
        .option('--pairs <list>', 'lies: generators and buyers in the communities in which somebody lies', '1,2,5,10')
        .option('--price-slots <n>', 'pure: slots of which it is found out whether their price is unique', '48')
        .option('--price-seconds <n>', 'pure: as long as this does not take longer', '5')
        .option('--out <file>', 'figures go there after each measurement, into those that are there already')
        .option(
            '--write [page]',
            `and the tables into the marked places of this page, figures beside it; default ${PAGE}`,
        )
        .option('--minutes <n>', 'after them nothing more is begun; what is missing then is named', '13')
        .option('--fresh', 'forget what was measured before')
        .option('--json', 'print one JSON object')
        .action((options: ScheduleOptions) => {
            schedule(options, bench);
        });
    program.command('one-schedule-unit <unit>', { hidden: true }).action(async (unit: string) => {
        const figures = await measureUnit(readCommunity(bench.community), JSON.parse(unit) as Unit);
        process.stdout.write(JSON.stringify(figures));
    });
}

/** Unit by unit: one that fails is told, and the others go on. What there is is written after each. */
function schedule(options: ScheduleOptions, bench: Bench): void {
    const page = options.write === true ? join(repositoryRoot, PAGE) : options.write;
    const path = options.out ?? page?.replace(/\.md$/, '.schedule.json');
    const file = path === undefined ? undefined : new FiguresFile(path);
    const known = options.fresh === true ? undefined : file?.read();
    const save = (figures: MeasuredFigures): void => {
        file?.write(figures);
        if (page !== undefined) {
            writeFileSync(page, withSections(readFileSync(page, 'utf8'), sectionsOf(figures)));
        }
    };
    const { figures, failed } = measuredUnits(unitsOf(wishOf(options)), known ?? NO_MEASURED, {
        bench,
        save,
        minutes: Number(options.minutes),
    });
    bench.print(figures, Object.values(sectionsOf(figures)).join('\n\n'), options.json);
    process.exitCode = failed === 0 ? 0 : 1;
}

/** How units are measured, and for how long new ones are begun. */
interface Course {
    readonly bench: Bench;
    readonly save: (figures: MeasuredFigures) => void;
    readonly minutes: number;
}

const NO_MEASURED: MeasuredFigures = {
    ...NO_FIGURES,
    machine: '',
    measuredOn: '',
    command: '',
    minutes: 0,
    missing: [],
};
const MINUTE = 60_000;

function measuredUnits(
    units: readonly Unit[],
    known: MeasuredFigures,
    { bench, save, minutes }: Course,
): { readonly figures: MeasuredFigures; readonly failed: number } {
    const began = performance.now();
    const missing = new Set([...known.missing, ...units.map(unitText)]);
    const now = (figures: ScheduleFigures): MeasuredFigures => ({
        ...figures,
        machine: bench.machine(),
        measuredOn: new Date().toISOString().slice(0, 10),
        command: commandText(process.argv.slice(2)),
        minutes: tenths((performance.now() - began) / MINUTE),
        missing: [...missing],
    });
    let figures = now(known);
    save(figures);
    for (const [index, unit] of units.entries()) {
        if (performance.now() - began > minutes * MINUTE) {
            process.stderr.write(
                `Not begun after ${minutes} minutes: ${units.slice(index).map(unitText).join('; ')}\n`,
            );
            break;
        }
        const begin = performance.now();
        process.stderr.write(`${index + 1} of ${units.length}: ${unitText(unit)}\n`);
        try {
            const more = bench.apart('one-schedule-unit', JSON.stringify(unit)) as Partial<ScheduleFigures>;
            missing.delete(unitText(unit));
            figures = now(merged(figures, more));
            save(figures);
            process.stderr.write(`    ${Math.round((performance.now() - begin) / 1000)} s\n`);
        } catch (error) {
            process.stderr.write(`    FAILED: ${error instanceof Error ? error.message : String(error)}\n`);
        }
    }
    return { figures, failed: units.filter((unit) => missing.has(unitText(unit))).length };
}

/** As it is typed; where the data lie is the typist's business. */
export function commandText(words: readonly string[]): string {
    const shown = words.map((word, index) =>
        ['--data', '--out'].includes(words[index - 1] ?? '') ? 'DIR' : word.replace(/^(--data|--out)=.*/, '$1=DIR'),
    );
    return ['npm run bench --', ...shown].join(' ');
}

const numbers = (list: string): number[] => list.split(',').filter(Boolean).map(Number);

function wishOf(options: ScheduleOptions): ScheduleWish {
    const parts = options.parts.split(',').filter(Boolean);
    const stranger = parts.find((part) => !SCHEDULE_PARTS.some((each) => each === part));
    if (stranger !== undefined) {
        throw new Error(`--parts: '${stranger}' is none of ${SCHEDULE_PARTS.join(', ')}`);
    }
    return {
        parts: parts as SchedulePart[],
        homes: numbers(options.homes),
        ledger: numbers(options.ledger),
        wholeUpTo: Number(options.wholeUpTo),
        mostIterations: Number(options.iterations),
        compared: Number(options.compared),
        small: Number(options.small),
        data: options.data,
        days: options.days.split(','),
        pairs: numbers(options.pairs),
        priceSlots: Number(options.priceSlots),
        priceSeconds: Number(options.priceSeconds),
    };
}
