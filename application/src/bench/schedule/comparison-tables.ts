import type { ScheduleFigures } from './figures';
import type { DayByFigures } from './ledger/day-by';
import type { FailureFigures } from './ledger/power-failure';
import type { JoiningFigures } from './ledger/joining';
import { otherSeconds } from './agreeing-text';
import { markdownTable } from './markdown';

type Compared = Pick<ScheduleFigures, 'days' | 'failures' | 'joining'>;

/** The same day in each way, side by side, and what the ways are like when something happens. */
export function comparisonTables({ days, failures, joining }: Compared): string {
    const sizes = [...new Set(days.map(({ homes }) => homes))].sort((one, other) => other - one);
    const texts = [
        ...sizes.map((homes) => daysText(days.filter((each) => each.homes === homes))),
        eventsText(failures, joining),
    ];
    return texts.filter((text) => text !== '').join('\n\n') || 'Not measured.';
}

const nameOf = ({ by, hasBatteries, forecast }: DayByFigures): string =>
    `by ${by}${hasBatteries ? '' : ', no batteries'}${forecast === 'perfect' ? '' : `, forecast ${forecast}`}`;

/** A row of a table: what it is, and the value of each column. */
type Row = readonly [string, (day: DayByFigures) => string];

const kilowattHours = (wh: number): string => (wh / 1000).toFixed(1);
const percentOf = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

const ROWS: readonly Row[] = [
    ['all homes pay, thousandths of the currency', ({ homesPay }) => String(homesPay)],
    ['the supplier gets', ({ supplierGets }) => String(supplierGets)],
    ['the grid operator gets (local fees)', ({ gridGets }) => String(gridGets)],
    ['the community gets', ({ communityGets }) => String(communityGets)],
    ['from the public grid, kWh', ({ fromGridWh }) => kilowattHours(fromGridWh)],
    ['to the public grid, kWh', ({ toGridWh }) => kilowattHours(toGridWh)],
    ['peak at the connection, kW', ({ peakW }) => kilowattHours(peakW)],
    ['self-consumption', ({ selfConsumptionPercent }) => `${selfConsumptionPercent} %`],
    ['self-sufficiency', ({ selfSufficiencyPercent }) => `${selfSufficiencyPercent} %`],
    ['forecast off by, Wh in a quarter of an hour: load, panels', errorText],
    ['margin of error: expected and metered differ by, of metered', (day) => marginText(day, 'forecastWh')],
    ['agreed (or traded) and metered differ by, of metered', (day) => marginText(day, 'agreedWh')],
    ['transactions (of them before the meters)', (day) => `${day.transactions} (${day.transactionsToAgree})`],
    ['KB on the channel (of them before the meters)', (day) => `${day.channelKilobytes} (${day.kilobytesToAgree})`],
    ['MB on the disks of all peers', ({ megabytesOnDisk }) => String(megabytesOnDisk)],
    ['seconds until traded or agreed, and to settle', ({ seconds }) => `${seconds.agreeing}, ${seconds.settling}`],
    ['of the day ahead: iterations; seconds solving, ledger, waiting, other', aheadText],
    ['endorsed by the grid operator before the meters, transactions', (day) => endorsed(day, 'operator')],
    ['endorsed by other households before the meters, times', (day) => endorsed(day, 'others')],
];

function errorText({ forecastErrors }: DayByFigures): string {
    const error = (of: { readonly maeWh: number } | null | undefined): string => (of ? String(of.maeWh) : '0');
    return `${error(forecastErrors?.load)}, ${error(forecastErrors?.pv)}`;
}

function marginText({ margin }: DayByFigures, of: 'forecastWh' | 'agreedWh'): string {
    return `${kilowattHours(margin[of])} kWh (${percentOf(margin[of], margin.meteredWh)})`;
}

function aheadText({ schedule, seconds: { agreeing } }: DayByFigures): string {
    if (schedule === undefined) {
        return '';
    }
    const { iterations, seconds } = schedule;
    return `${iterations}; ${seconds.solving}, ${seconds.ledger}, ${seconds.waiting}, ${otherSeconds(agreeing, seconds)}`;
}

const SETTLING = /^(metering|billing|accounts|feeder):/;

function endorsed({ traffic }: DayByFigures, by: 'operator' | 'others'): string {
    const before = traffic.filter(({ transaction }) => !SETTLING.test(transaction));
    const count = before.reduce(
        (sum, each) => sum + (by === 'operator' ? each.operatorSaw : Math.round(each.count * each.othersSaw)),
        0,
    );
    return String(count);
}

function daysText(days: readonly DayByFigures[]): string {
    const [first] = days;
    if (first === undefined) {
        return '';
    }
    const rows = ROWS.map(([what, value]) => [what, ...days.map(value)]);
    const known = days.filter(({ forecast }) => forecast === 'perfect');
    const homes = Object.keys(first.byHome).map((home) => [home, ...known.map(({ byHome }) => String(byHome[home]))]);
    return [
        `${first.homes} homes, ${first.batteries} batteries${days.every(({ isSound }) => isSound) ? '' : '; NOT ALL DAYS ADD UP'}:`,
        markdownTable([['', ...days.map(nameOf)], ...rows]),
        'Home by home, thousandths of the currency without charges and taxes; every home knew its day:',
        markdownTable([['home pays', ...known.map(nameOf)], ...homes]),
        'What was sent before the meters, and who besides its sender endorsed it: whoever does sees what is private in it, which of a sealed order is nothing:',
        trafficTable(known.filter(({ hasBatteries }) => hasBatteries)),
    ].join('\n\n');
}

function trafficTable(days: readonly DayByFigures[]): string {
    const rows = days.flatMap((day) =>
        day.traffic
            .filter(({ transaction }) => !SETTLING.test(transaction))
            .map((each) => [
                nameOf(day),
                `\`${each.transaction}\``,
                String(each.count),
                String(each.kilobytes),
                String(each.operatorSaw),
                String(each.othersSaw),
            ]),
    );
    return markdownTable([
        ['day', 'transaction', 'count', 'KB', 'endorsed by the grid operator', 'by other households, each on average'],
        ...rows,
    ]);
}

/** What is asked of both ways, with the value of each. */
function eventsText(failures: readonly FailureFigures[], joining: readonly JoiningFigures[]): string {
    const failure = (by: FailureFigures['by'], of: (each: FailureFigures) => string): string =>
        failures.filter((each) => each.by === by).map(of)[0] ?? 'not measured';
    const joined = (by: JoiningFigures['by'], of: (each: JoiningFigures) => string): string =>
        joining.filter((each) => each.by === by).map(of)[0] ?? 'not measured';
    const [some] = [...failures, ...joining];
    if (some === undefined) {
        return '';
    }
    const both = (what: string, of: (by: 'auction' | 'schedule') => string): string[] => [
        what,
        of('auction'),
        of('schedule'),
    ];
    const failed = (what: string, of: (each: FailureFigures) => string): string[] =>
        both(what, (by) => failure(by, of));
    const came = (what: string, of: (each: JoiningFigures) => string): string[] => both(what, (by) => joined(by, of));
    return [
        `When all is killed at once, and when one more home comes (communities of ${some.homes} homes):`,
        markdownTable([
            ['', 'by auction', 'by schedule'],
            failed('killed (SIGKILL)', (each) => `${each.killedProcesses} processes, after "${each.killedAfter}"`),
            failed(
                'lost of what was on the channel, transactions',
                (each) => `${each.lostTransactions} of ${each.transactionsBefore}`,
            ),
            failed('seconds until the network was up again', (each) => String(each.secondsToRestart)),
            failed('seconds from then until the day was billed', (each) => String(each.secondsToEnd)),
            failed('bills like those of a day without a failure', (each) => (each.sameBills ? 'to the nano' : 'NO')),
            failed('valid transactions more than that day', (each) => String(each.validTransactionsMore)),
            failed('all peers the same', (each) => (each.peersAgree ? 'yes' : 'NO')),
            came('one more home: seconds until it is on the channel', (each) => String(each.onChannel)),
            came('until it is a member', (each) => String(each.admitted)),
            came('until a round is cleared, or a day agreed on, with it', (each) => String(each.tookPart)),
        ]),
    ].join('\n\n');
}
