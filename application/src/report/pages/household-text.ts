import type { AnswerTo } from '../../server/pages/answers';
import { kilowattHours, price } from '../decimal';
import { left, right, table } from '../table';
import { dayAndTime, instant, moneyText, priceText, timeOf, type Words } from './words';

const NEXT_PRICES = 8;

/** Where energy goes, what it costs, what the agent does. */
export function nowText(now: AnswerTo<'GET /now'>, words: Words): string {
    const { slot, flow, price: current, next, today, agent, replay } = now;
    if (slot === null || current === null) {
        return [
            now.day === null ? 'No day has been opened yet.' : `${now.day}: nothing is known of it yet.`,
            ...agentLines(agent),
        ].join('\n');
    }
    const flows =
        flow === null
            ? ['No meter reading yet.']
            : [
                  `Roof ${flow.roofWh.toString()} Wh, home ${flow.homeWh.toString()} Wh`,
                  `Neighbours: bought ${flow.boughtWh.toString()} Wh, sold ${flow.soldWh.toString()} Wh`,
                  `Supplier: taken ${flow.importedWh.toString()} Wh, given ${flow.exportedWh.toString()} Wh`,
              ];
    const prices = next
        .slice(0, NEXT_PRICES)
        .map((each) => [timeOf(words, each.slot), each.status, priceText(each.price)]);
    const money =
        today === null
            ? []
            : [
                  `Today: paid ${moneyText(today.paidNanos)}, earned ${moneyText(today.earnedNanos)}, saved ${moneyText(today.savedNanos)} ${words.currency}`,
              ];
    return [
        `${dayAndTime(words, slot)}${replay ? ', a day that is traded again' : ''}`,
        ...flows,
        `Price: ${priceText(current.price)} ${words.currency}/kWh (${current.status}); the supplier's ${price(current.retail)}, for energy given ${price(current.feedIn)}`,
        ...money,
        ...agentLines(agent),
        ...(prices.length === 0
            ? []
            : ['', table([left('next'), left('round'), right(`${words.currency}/kWh`)], prices)]),
    ].join('\n');
}

function agentLines(agent: AnswerTo<'GET /now'>['agent']): string[] {
    if (agent === null) {
        return ['The agent has not run yet.'];
    }
    const { doing, waitsFor, trouble } = agent;
    return [
        `Agent: ${doing}${waitsFor === null ? '' : `, waits for ${waitsFor}`}`,
        ...(trouble === null ? [] : [`In its way: ${trouble}`]),
    ];
}

/** What was paid, earned and saved, by day or month. */
export function moneyTable({ periods, total, account }: AnswerTo<'GET /money'>, { currency }: Words): string {
    const row = (period: (typeof periods)[number]): string[] => [
        period.from === period.to ? period.from : `${period.from} – ${period.to}`,
        kilowattHours(period.takenWh),
        kilowattHours(period.givenWh),
        moneyText(period.paidNanos),
        moneyText(period.earnedNanos),
        moneyText(period.dueNanos),
        moneyText(period.savedNanos),
        period.provisional ? 'provisional' : '',
    ];
    const heads = ['taken kWh', 'given kWh', 'paid', 'earned', 'due with taxes', 'saved'].map(right);
    const own =
        account === null
            ? []
            : [
                  `Account: ${moneyText(account.availableNanos)} ${currency} available, ${moneyText(account.reservedNanos)} reserved`,
              ];
    return periods.length === 0
        ? ['No day has been settled yet.', ...own].join('\n')
        : [
              table([left(currency), ...heads, left('')], periods.map(row), total === null ? undefined : row(total)),
              ...own,
          ].join('\n');
}

/** A day's rounds with the household's own orders. */
export function roundsTable({ day, rounds, gate }: AnswerTo<'GET /market/rounds'>, words: Words): string {
    const row = ({ slot, status, price: at, volumeWh, own }: (typeof rounds)[number]): string[] => [
        timeOf(words, slot),
        status,
        priceText(at),
        volumeWh === null ? '–' : volumeWh.toString(),
        own
            .map(
                ({ side, energyWh, fillWh, reason }) =>
                    `${side} ${energyWh.toString()}: ${fillWh.toString()} ${reason}`,
            )
            .join('; '),
    ];
    const heads = [
        left('slot'),
        left('round'),
        right(`${words.currency}/kWh`),
        right('Wh'),
        left('own orders, Wh: traded, why'),
    ];
    const next =
        gate === null ? [] : [`The round of ${timeOf(words, gate.slot)} takes orders until ${instant(gate.closesAt)}.`];
    return day === null ? 'No day has been opened yet.' : [day, table(heads, rounds.map(row)), ...next].join('\n');
}

/** One round: its price and its merit order, as far as the household may know it. */
export function roundPageText(round: AnswerTo<'GET /market/rounds/:slot'>, words: Words): string {
    const { curve, slot, status, price: at, volumeWh, note, transaction, own } = round;
    const side = (name: string, steps: typeof curve.bids): string[][] =>
        steps.map(({ limit, energyWh, ownWh }) => [
            name,
            limit === null ? 'any' : price(limit),
            energyWh.toString(),
            ownWh === 0n ? '' : ownWh.toString(),
        ]);
    const steps = [...side('buy', curve.bids), ...side('sell', curve.asks)];
    const heads = [left('side'), right(`${words.currency}/kWh`), right('Wh'), right('of it own')];
    return [
        `${dayAndTime(words, slot)}: ${status}, ${priceText(at)} ${words.currency}/kWh, ${volumeWh === null ? 'volume not told' : `${volumeWh.toString()} Wh`}`,
        ...(note === null ? [] : [note]),
        ...(transaction === null ? [] : [`cleared by ${transaction}`]),
        ...own.map(
            ({ side: which, energyWh, limit, fillWh, reason }) =>
                `own order: ${which} ${energyWh.toString()} Wh at ${priceText(limit)}: ${fillWh.toString()} Wh traded, ${reason}`,
        ),
        curve.knows === 'whole'
            ? 'All orders, without names:'
            : "Of the orders only the household's own are known here:",
        table(heads, steps),
    ].join('\n');
}

/** Prices and volumes of days. */
export function pricesTable({ prices }: AnswerTo<'GET /market/prices'>, words: Words): string {
    const row = ({ slot, price: at, volumeWh, retail, feedIn }: (typeof prices)[number]): string[] => [
        dayAndTime(words, slot),
        priceText(at),
        volumeWh === null ? '–' : volumeWh.toString(),
        price(retail),
        price(feedIn),
    ];
    const heads = [left('slot'), right(`${words.currency}/kWh`), right('Wh'), right("supplier's"), right('feed-in')];
    return table(heads, prices.map(row));
}

/** By what the agent acts. */
export const preferencesText = (
    { buyUpTo, sellFrom, sources, batteryReservePercent, forecast }: AnswerTo<'GET /preferences'>,
    { currency }: Words,
): string =>
    [
        `buy up to ${price(buyUpTo)} ${currency}/kWh, before fees`,
        `sell from ${price(sellFrom)} ${currency}/kWh`,
        `energy from: ${sources.join(', then ')}`,
        `battery: ${batteryReservePercent}% is never traded away`,
        `forecast: ${forecast}`,
    ].join('\n');

/** What the agent did, the newest last. */
export function journalText({ entries }: AnswerTo<'GET /agent/journal'>, words: Words): string {
    const line = ({ at, slot, kind, facts }: (typeof entries)[number]): string[] => [
        instant(at),
        slot === null ? '' : dayAndTime(words, slot),
        kind,
        Object.entries(facts)
            .map(([name, value]) => `${name} ${String(value)}`)
            .join(', '),
    ];
    return entries.length === 0
        ? 'The agent has not done anything yet.'
        : table([left('at'), left('slot'), left('did'), left('because of')], [...entries].reverse().map(line));
}
