import type { Charter } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { billChecks, dayChecks, type PublicBills, type PublicDay } from '../audit/plain-day';
import { feederChecks } from '../audit/plain-feeder';
import type { PublicSchedule } from '../audit/plain-scheduled-day';
import { orderChecks, type PublicRound } from '../audit/plain-reveals';
import { plainPrices } from '../audit/plain-tariff';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import { concurrently } from '../day/concurrently';
import { termsOn } from '../day/trading-day';
import { daysFrom } from '../household/period-bills';
import { Auction } from '../market/auction';
import { Billing } from '../market/billing';
import { Feeder } from '../market/feeder';
import { Schedule } from '../market/schedule';
import type { TypedCalls } from '../market/typed-calls';
import { checksText } from '../report/checks-text';
import { contextOf, print, withMembers } from './context';
import { rememberedDay } from './day-choice';
import { EXIT } from './failure';
import { charterOf, viewer, type ViewOptions } from './look';

const QUERIES_AT_ONCE = 8;

/** Checks the totals of a day from public data alone, asked of one member's own peer. */
export async function check(day: string | undefined, options: ViewOptions): Promise<number> {
    const context = contextOf(options);
    const wanted = day ?? rememberedDay(context.layout)?.day;
    if (wanted === undefined || !isDay(wanted)) {
        const why = wanted === undefined ? 'no day has been traded here yet: say which' : `'${wanted}' is not a day`;
        throw new InputError({ file: 'check' }, `${why}; write it as 2014-10-03`);
    }
    return withMembers(context, async (members) => {
        const { calls } = viewer(members, options);
        const known = await publicDay(calls, wanted);
        const billed = await publicBills(calls, known);
        const compared = await new Feeder(calls).day(wanted);
        const { losses } = termsOn(await charterOf(calls), wanted);
        const checks = [
            ...dayChecks(known),
            ...(billed === undefined ? [] : billChecks(known, billed, await besideNanos(calls, wanted, billed.sums))),
            ...(compared === undefined || losses === undefined ? [] : feederChecks(known, compared, losses)),
            ...orderChecks(await sealedOrders(calls, known), known.charter.members),
        ];
        const holds = checks.every((each) => each.holds);
        print(options.json === true ? encode({ day: wanted, holds, checks }) : checksText(known, checks));
        return holds ? EXIT.done : EXIT.failed;
    });
}

/** What the channel has of a day, for everybody. */
async function publicDay(calls: TypedCalls, day: string): Promise<PublicDay> {
    const billing = new Billing(calls);
    const charter = await charterOf(calls);
    const [totals, markers, rounds] = [
        await billing.totals(day),
        await billing.settlementMarkers(day),
        await new Auction(calls).rounds(day),
    ];
    const terms = termsOn(charter, day);
    const prices = rounds.map(({ slot }) => plainPrices(terms, charter, slot));
    const zoneDifferences = (terms.zoneFees ?? []).flatMap((fee) =>
        fee.from === 'pool' ? [fee.differencePerKwh] : [],
    );
    const schedule = await publicSchedule(calls, charter, day);
    return { charter, totals, markers, rounds, prices, zoneDifferences, ...(schedule && { schedule }) };
}

/** Undefined where the rounds traded: nobody agreed on the day ahead, or not in time. */
async function publicSchedule(calls: TypedCalls, charter: Charter, day: string): Promise<PublicSchedule | undefined> {
    const agreed = (await new Schedule(calls).find(day))?.agreed;
    const pool = agreed && (await new Billing(calls).pool(day));
    if (agreed === undefined || pool === undefined) {
        return undefined;
    }
    const { gridWh, worthNanos } = agreed;
    const prices = agreed.prices.map(({ pricesNanos }) => pricesNanos);
    const governed = (charter.dayAhead ?? []).filter(({ fromDay }) => fromDay <= day);
    const { sides, version, shortPrice, longPrice } = pool;
    return { gridWh, worthNanos, prices, governed, sides, version, shortPrice, longPrice };
}

/**
 * Of the period that ends with the day. Undefined where nobody has published what the bills come to: until all are final, and of fewer than
 * three households never.
 */
async function publicBills(calls: TypedCalls, { totals, markers }: PublicDay): Promise<PublicBills | undefined> {
    const billing = new Billing(calls);
    const { bills } = await billing.unbilled(markers[0]?.mspId);
    const period = bills.find(({ to }) => to === totals.day);
    const found = period && (await billing.billSums({ from: period.from, to: period.to }));
    const { rules } = await charterOf(calls);
    return found === undefined ? undefined : { ...found, minorUnitNanos: rules.minorUnitNanos };
}

/** What households were settled on the other days of a period, and what they pay for losses on all of them. */
async function besideNanos(calls: TypedCalls, day: string, period: PublicBills['sums']): Promise<bigint> {
    let sum = 0n;
    for (const each of daysFrom(period)) {
        const { sums } = await new Billing(calls).totals(each);
        const compared = await new Feeder(calls).day(each);
        const settled = each === day ? [] : (sums?.postings.filter(({ account }) => account === 'households') ?? []);
        const lost = compared?.postings.filter(({ account }) => account.startsWith('household:')) ?? [];
        sum += [...settled, ...lost].reduce((all, { amountNanos }) => all + amountNanos, 0n);
    }
    return sum;
}

function sealedOrders(calls: TypedCalls, { rounds }: PublicDay): Promise<PublicRound[]> {
    const auction = new Auction(calls);
    return concurrently(rounds, QUERIES_AT_ONCE, async (round) => ({
        round,
        markers: await auction.orderMarkers(round.slot),
    }));
}
