import type { FeederRecord, SuspicionRecord } from '@commonwatt/chaincode/api/records';
import type { FeederSummary } from './day-summary';
import { decimal, kilowattHours } from './decimal';

const PAYERS: Readonly<Record<FeederRecord['payer'], string>> = {
    grid: 'the grid operator pays',
    community: "the community's account pays",
    members: 'the members pay, by what their connections carry,',
};

/** One line of the day's report. */
export function feederLine(feeder: FeederSummary, currency: string): string {
    const { lostWh, expectedWh, fits, payer, costNanos, suspected, told } = feeder;
    const suspicion =
        suspected === null
            ? 'no meter alone explains it'
            : `suspected: ${suspected}${told ? ', which was told' : ', to be told outside the ledger'}`;
    return (
        `Lost on the way to the feeder: ${kilowattHours(BigInt(lostWh))} kWh, ${kilowattHours(BigInt(expectedWh))} expected; ` +
        `${PAYERS[payer]} the supplier ${cents(BigInt(costNanos))} ${currency}. ` +
        (fits ? "The feeder's meter fits the members' meters." : `It does NOT fit: ${suspicion}.`)
    );
}

/** What everybody may know of a day at the feeder, and to a household what it alone was told. */
export function feederText(record: FeederRecord, currency: string, own?: SuspicionRecord): string {
    const { day, slots, lostWh, expectedWh, residualWh, fits, payer, costNanos } = record;
    const sum = (of: (slot: FeederRecord['slots'][number]) => bigint): string =>
        kilowattHours(slots.reduce((all, each) => all + of(each), 0n));
    const odd = slots.filter((slot) => !slot.fits).length;
    return [
        `${day} at the feeder, positive flows to the grid.`,
        `The members' meters together: ${sum(({ meteredWh }) => meteredWh)} kWh; the feeder's meter: ${sum(({ feederWh }) => feederWh)} kWh.`,
        `Lost: ${kilowattHours(lostWh)} kWh; expected by the terms: ${kilowattHours(expectedWh)}; neither explains ${kilowattHours(residualWh)}.`,
        `For the losses ${PAYERS[payer]} the supplier ${cents(costNanos)} ${currency}.`,
        fits
            ? `The day fits; ${odd} of ${slots.length} slots for themselves do not.`
            : `The day does NOT fit, ${odd} of ${slots.length} slots do not. The grid operator looks for a meter that explains it, and tells its household.`,
        ...(own === undefined ? [] : [suspicionText(own)]),
    ].join('\n');
}

function suspicionText({ mspId, day, side, explainedPpm, slopePpm }: SuspicionRecord): string {
    return (
        `${mspId} was told: the ${side} that its meter shows explains ${decimal(explainedPpm, 4)} % of the variance of what is missing, ` +
        `${decimal(slopePpm, 6)} Wh are missing for each that it shows. A suspicion is no proof: ` +
        `\`commonwatt dispute HOME open --about suspicion --day ${day} --text …\` contests it.`
    );
}

/** Two decimals, cut off towards zero. */
const cents = (nanos: bigint): string => decimal(nanos / 10_000_000n, 2);
