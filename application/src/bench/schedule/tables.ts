import type { ExchangeFigures } from './exchange-figures';
import type { MeasuredFigures, ScheduleFigures } from './figures';
import { agreeingText } from './agreeing-text';
import { comparisonTables } from './comparison-tables';
import { markdownTable } from './markdown';

/** The figures as sections of the page of measurements, by their names there. */
export function sectionsOf(figures: MeasuredFigures): Record<string, string> {
    return {
        machine: machineText(figures),
        exchange: exchangeTable(figures.exchange),
        agreeing: agreeingText(figures.agreeing, figures.exchange),
        comparison: comparisonTables(figures),
        forecasts: forecastTable(figures.forecasts),
        lies: liesTable(figures.manipulation),
    };
}

function machineText({ measuredOn, machine, command, minutes, missing }: MeasuredFigures): string {
    const isWhole = command.includes('--fresh');
    return [
        `${isWhole ? `Made in ${minutes} minutes by` : 'Of several runs, the last of them'} \`${command}\`, on ${measuredOn}: ${machine}.`,
        ...(missing.length === 0
            ? []
            : [`Missing, since the run ended before them or they failed: ${missing.join('; ')}.`]),
    ].join('\n\n');
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
        'ends at Wh, per kWh',
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
            `${each.terms.sumWh}, ${each.terms.pricePerKwh}`,
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
