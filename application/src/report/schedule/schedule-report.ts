import { decimal, kilowattHours } from '../decimal';
import { forecastText } from '../forecast';
import { lateText } from '../late-homes';
import { left, right, table } from '../table';
import { courseText } from './course-text';
import type { ScheduleCourse } from './schedule-course';
import type { ScheduledHome, ScheduleSummary } from './schedule-summary';

/** What people read after a day ahead. */
export function scheduleReport(summary: ScheduleSummary, course: ScheduleCourse): string {
    const { day, status, reason, iterations, seconds, transactions } = summary;
    const how = summary.mode === 'certificate' ? 'off the ledger, certified in one transaction' : 'on the ledger';
    const ended =
        status === 'converged'
            ? `${day}: agreed for ${course.retail.length} quarters of an hour after ${iterations} iterations ${how}.`
            : `${day}: no agreement after ${iterations} iterations ${how} (${reason ?? status}). The day is traded by auction: \`commonwatt day --resume\`.`;
    const late = summary.homes.filter((home) => home.late > 0).map((home) => `${home.home} (${home.late})`);
    return [
        ended,
        '',
        ...(summary.homes.length === 0 ? [] : [homesTable(summary.homes, course.currency), '']),
        courseText(course),
        ...(summary.forecast === undefined ? [] : [forecastText(summary.forecast)]),
        ...(late.length === 0
            ? []
            : [`Late, so that what they had said before counted (iterations): ${late.join(', ')}.`]),
        ...(summary.reported ?? []).map((each) => lateText(each, course.currency)),
        ...summary.silent.map(({ home, why }) => `${home} did not get through: ${why}`),
        `Transactions: ${transactions}. Seconds: ${seconds.total} in all, of which ${seconds.solving} for the homes' own problems, ${seconds.ledger} for the ledger, ${seconds.waiting} waiting.`,
    ].join('\n');
}

function homesTable(homes: readonly ScheduledHome[], currency: string): string {
    const euros = (nanos: number): string => decimal(BigInt(nanos) / 1_000_000n, 3);
    const row = ({ home, takenWh, givenWh, controlledWh, costNanos }: ScheduledHome): string[] => [
        home,
        kilowattHours(BigInt(takenWh)),
        kilowattHours(BigInt(givenWh)),
        kilowattHours(BigInt(controlledWh)),
        euros(costNanos),
    ];
    const sum = (of: (home: ScheduledHome) => number): number => homes.reduce((so, home) => so + of(home), 0);
    const all: ScheduledHome = {
        home: 'all',
        takenWh: sum(({ takenWh }) => takenWh),
        givenWh: sum(({ givenWh }) => givenWh),
        controlledWh: sum(({ controlledWh }) => controlledWh),
        costNanos: sum(({ costNanos }) => costNanos),
        late: 0,
    };
    const columns = [
        left('home'),
        right('takes kWh'),
        right('gives kWh'),
        right('moved kWh'),
        right(`pays ${currency}`),
    ];
    return table(columns, homes.map(row), row(all));
}
