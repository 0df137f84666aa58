import { writeFileSync } from 'node:fs';
import { InputError } from '../data/input-error';
import { coursePlot } from '../report/schedule/course-plot';
import { scheduleReport } from '../report/schedule/schedule-report';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { chosenDay, type DayOptions } from './day-choice';
import { EXIT, NotNow } from './failure';
import { isTerminal, runSteps, untilInterrupted } from './steps/run-steps';
import { scheduleSteps, type Ahead } from './steps/schedule-steps';

export interface ScheduleOptions extends CommonOptions, Omit<DayOptions, 'day' | 'understating'> {
    readonly mode?: 'schedule' | 'certificate';
    /** Organisations whose agents run here. */
    readonly as?: readonly string[];
    /** Where the plot goes. */
    readonly plot?: string;
}

/** Lets the community agree on a schedule for a day, or go on with what was begun. */
export async function schedule(day: string, options: ScheduleOptions): Promise<number> {
    const context = contextOf(options);
    const choice = chosenDay({ ...options, day });
    const { mode, as, plot, silent = [], json = false } = options;
    const ids = context.topology.organisations.map(({ id }) => id);
    requireKnown('--as', as ?? [], ids);
    requireKnown('--silent', silent, context.topology.homes);
    if (context.topology.dayAhead === undefined) {
        throw new NotNow(
            'the community has no terms of days ahead: a section dayAhead in its file states them before the network is made ' +
                '(docs/guides/run-a-day-ahead.md)',
        );
    }
    const ahead: Ahead = {};
    await withMembers(context, (members) =>
        runSteps(scheduleSteps(members, choice, { mode, as, silent }, ahead), isTerminal(json), untilInterrupted()),
    );
    const { summary, course } = ahead;
    if (summary === undefined || course === undefined) {
        throw new Error('the day ahead has no result');
    }
    if (plot !== undefined) {
        writeFileSync(plot, coursePlot(course));
    }
    print(json ? JSON.stringify(summary) : scheduleReport(summary, course));
    return summary.status === 'converged' ? EXIT.done : EXIT.failed;
}

function requireKnown(file: string, named: readonly string[], known: readonly string[]): void {
    const stranger = named.find((each) => !known.includes(each));
    if (stranger !== undefined) {
        throw new InputError({ file }, `'${stranger}' is not in the community; there are ${known.join(', ')}`);
    }
}
