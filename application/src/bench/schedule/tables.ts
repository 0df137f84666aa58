import type { ExchangeFigures } from './exchange-figures';
import type { MeasuredFigures, ScheduleFigures } from './figures';
import type { AgreeingFigures } from './ledger/agreeing';
import { comparisonTables } from './comparison-tables';
import { markdownTable } from './markdown';

/** The figures as sections of the page of measurements, by their names there. */
export function sectionsOf(figures: MeasuredFigures): Record<string, string> {
    return {
        machine: `Measured on ${figures.measuredOn}: ${figures.machine}.`,
        exchange: exchangeTable(figures.exchange),
        agreeing: agreeingText(figures.agreeing),
        comparison: comparisonTables(figures),
        forecasts: forecastTable(figures.forecasts),
        lies: liesTable(figures.manipulation),
    };
}

const NONE = 'Not measured.';
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    rows.length === 0 ? NONE : markdownTable([head, ...rows]);
const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));

function exchangeTable(all: readonly ExchangeFigures[]): string {
    const head = [
        'day',
        'homes, batteries',
        'start',
        'end',
        'iterations',
        'seconds, all homes in turn',
        'ms for a step of a home',
    ];
    const against = [
        'cost',
        "against the optimum's",
        'settled prices, off where unique',
        'λ, off where unique',
        'unique, of examined slots',
    ];
    return table(
        [...head, ...against],
        all.map((each) => [
            each.day,
            `${each.homes}, ${each.batteries}`,
            each.start,
            each.end,
            String(each.iterations),
            String(each.seconds),
            String(each.millisecondsPerHomeStep),
            String(each.cost),
            ...(each.against === undefined
                ? ['', '', '', '']
                : [
                      `${each.against.centralCost}: ${signed(each.against.costGapPercent)} %`,
                      `${each.against.worstPricePercent} %`,
                      `${each.against.worstLambdaPercent} %`,
                      `${each.against.uniquePrices} of ${each.against.examinedSlots}`,
                  ]),
        ]),
    );
}

function agreeingText(all: readonly AgreeingFigures[]): string {
    const head = ['homes, batteries', 'mode', 'start', 'end', 'iterations', 'seconds', 'solving', 'ledger', 'waiting'];
    const sorted = [...all].sort((one, other) => one.homes - other.homes);
    const rows = sorted.map((each) => [
        `${each.homes}, ${each.batteries}`,
        each.mode === 'schedule' ? 'iterations' : 'certificate',
        each.start,
        each.mostIterations === undefined ? each.status : `stopped after ${each.mostIterations}`,
        String(each.iterations),
        String(each.seconds.total),
        String(each.seconds.solving),
        String(each.seconds.ledger),
        String(each.seconds.waiting),
        String(each.secondsPerIteration),
        String(each.transactions),
        String(each.channelKilobytes),
    ]);
    return [
        table([...head, 'seconds of an iteration', 'transactions', 'KB on the channel'], rows),
        ...fasterText(sorted),
    ].join('\n\n');
}

/** What the measured sizes say about which mode is sooner; a run that was stopped counts for as many iterations as the certificate's had. */
function fasterText(all: readonly AgreeingFigures[]): string[] {
    const sizes = [...new Set(all.map(({ homes }) => homes))];
    const compared = sizes.flatMap((homes) => {
        const of = (mode: AgreeingFigures['mode']): AgreeingFigures | undefined =>
            all.find((each) => each.homes === homes && each.mode === mode && each.start === 'cold');
        const [iterated, certified] = [of('schedule'), of('certificate')];
        if (iterated === undefined || certified === undefined) {
            return [];
        }
        const isWhole = iterated.mostIterations === undefined;
        const seconds = isWhole ? iterated.seconds.total : iterated.secondsPerIteration * certified.iterations;
        return [
            `${homes} homes ${Math.round(seconds)} s${isWhole ? '' : ` (${certified.iterations} iterations like those measured)`} and ${certified.seconds.total} s`,
        ];
    });
    return compared.length === 0 ? [] : [`By iterations and by certificate: ${compared.join('; ')}.`];
}

function forecastTable(all: ScheduleFigures['forecasts']): string {
    return table(
        ['data', 'what', 'forecast', 'MAE, Wh in a quarter of an hour', 'bias', 'days'],
        all.map(({ data, of, forecast, maeWh, maePercent, biasWh, days }) => [
            data,
            of,
            forecast,
            `${maeWh} (${maePercent} %)`,
            signed(biasWh),
            String(days),
        ]),
    );
}

function liesTable(all: ScheduleFigures['manipulation']): string {
    return table(
        ['who', 'pairs', 'lie', 'price', 'the liar', 'others on its side', 'other side', 'all together'],
        all.map((each) => [
            each.liar,
            String(each.pairs),
            `× ${each.factor}`,
            `${each.honestPrice} → ${each.price}`,
            signed(each.liarGains),
            signed(each.sameSideGains),
            signed(each.otherSideGains),
            `${signed(-each.welfareLoss)} (${each.welfareLossPercent} %)`,
        ]),
    );
}
