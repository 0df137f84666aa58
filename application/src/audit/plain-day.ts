import { createPublicKey, verify } from 'node:crypto';
import type {
    BillMarker,
    BillSums,
    Charter,
    RoundRecord,
    SettlementMarker,
    Totals,
} from '@commonwatt/chaincode/api/records';
import { encodeBytes } from '@commonwatt/chaincode/api/wire';
import { amountOf, check, isNatural, isOpened, posted, total, type Check, type Sums } from './check';
import { opensTo } from './plain-commitment';
import { scheduleChecks, type PublicSchedule } from './plain-scheduled-day';
import type { PlainPrices } from './plain-tariff';

/** What the channel has of a closed day: no household's figures are among it. */
export interface PublicDay {
    readonly charter: Pick<Charter, 'members' | 'operatorKey'>;
    readonly totals: Totals;
    readonly markers: readonly SettlementMarker[];
    readonly rounds: readonly RoundRecord[];
    /** One for each slot of the day, without the differences of zones of the grid. */
    readonly prices: readonly PlainPrices[];
    /** What zones add to the grid fee, each for itself. */
    readonly zoneDifferences: readonly bigint[];
    /** Where the day was scheduled: then rounds and fees are none of its. */
    readonly schedule?: PublicSchedule | undefined;
}

/** What the channel has of the bills of a day: their sums as published, and their markers. */
export interface PublicBills {
    readonly sums: BillSums;
    readonly markers: readonly BillMarker[];
    readonly minorUnitNanos: bigint;
}

const LAYOUT: string = 'settlement/v1';

/**
 * What everybody can check of a day's totals, without any code of the chaincode's rules (docs/concepts/commitments.md). A day whose sums
 * are not opened has checks that are left out: `isOpened` says so.
 */
export function dayChecks(day: PublicDay): Check[] {
    const { sums } = day.totals;
    if (sums === undefined) {
        return [check('the day is closed', false, `it is ${day.totals.status}`)];
    }
    const settled = settledMarkers(day);
    const common = [
        check('the day is closed', day.totals.status === 'closed'),
        ...settlementChecks(day, sums, settled),
    ];
    if (day.schedule !== undefined) {
        return [...common, ...scheduleChecks({ ...day.schedule, settled, tariffs: day.prices }, sums)];
    }
    return [
        ...common,
        ...(isOpened(sums) ? openedChecks(day, sums, settled) : []),
        ...moneyChecks(day, sums),
        ...roundChecks(day, sums),
    ];
}

/** The settlements of who was a member on the day, as governance stood when it was opened or as it stands now. */
function settledMarkers({ charter, totals, markers }: PublicDay): readonly SettlementMarker[] {
    const { day, charterVersion } = totals;
    return markers.filter(({ mspId }) => {
        const standings = charter.members[mspId]?.standings ?? [];
        const now = standings.findLast(({ fromDay }) => fromDay <= day)?.status;
        const known = standings.filter(({ recorded }) => recorded.version <= charterVersion);
        return now === 'active' || known.findLast(({ fromDay }) => fromDay <= day)?.status === 'active';
    });
}

function settlementChecks(day: PublicDay, sums: Sums, settled: readonly SettlementMarker[]): Check[] {
    const { charter, totals } = day;
    const expected = membersOf(day);
    const names = settled.map(({ mspId }) => mspId);
    const unsigned = settled.filter((marker) => !isSigned(marker, charter)).map(({ mspId }) => mspId);
    return [
        check(
            'every household that took part is settled once, and nobody else counts',
            names.toSorted().join() === expected.join() && settled.every((marker) => marker.day === totals.day),
            `settled: ${names.toSorted().join(', ')}; took part: ${expected.join(', ')}`,
        ),
        check('and as many as the totals say', settled.length === sums.households, `${settled.length}`),
        check(
            "each settlement carries its household's signature, or the operator's where it is provisional",
            unsigned.length === 0,
            unsigned.join(', '),
        ),
    ];
}

function membersOf({ charter, totals: { day, charterVersion } }: PublicDay): string[] {
    const active = (standings: readonly { readonly fromDay: string; readonly status: string }[]): boolean =>
        standings.findLast(({ fromDay }) => fromDay <= day)?.status === 'active';
    return Object.values(charter.members)
        .filter(
            ({ standings }) =>
                active(standings) || active(standings.filter(({ recorded }) => recorded.version <= charterVersion)),
        )
        .map(({ mspId }) => mspId)
        .sort();
}

function isSigned(marker: SettlementMarker | BillMarker, { members, operatorKey }: PublicDay['charter']): boolean {
    const key = marker.signedBy === 'owner' ? members[marker.mspId]?.ownerKey : operatorKey;
    const { signature, ...said } = marker;
    return (
        key !== undefined &&
        verify(
            'sha256',
            encodeBytes(said),
            createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }),
            Buffer.from(signature, 'base64'),
        )
    );
}

function openedChecks({ prices }: PublicDay, sums: Sums, settled: readonly SettlementMarker[]): Check[] {
    const { opening, boughtWh, receivedWh = [], postings } = sums.given;
    const slots = opening?.slots ?? [];
    const places = new Map<string, bigint>([
        ...slots.map(({ meteredWh }, i) => [`metered/${i}`, meteredWh] as const),
        ...slots.map(({ shortWh }, i) => [`short/${i}`, shortWh] as const),
        ...boughtWh.map((wh, k) => [`bought/${k}`, wh] as const),
        ...receivedWh.map((wh, k) => [`received/${k}`, wh] as const),
        ...postings.map(({ account, amountNanos }) => [`account/${account}`, amountNanos] as const),
    ]);
    const commitments = settled.map(({ commitment }) => commitment.element);
    const isWhole = slots.length === prices.length && settled.every(({ commitment }) => commitment.layout === LAYOUT);
    return [
        check(
            `the ${commitments.length} commitments open to the ${places.size} sums; in each of the ${slots.length} slots as much was sold as was bought`,
            isWhole && opensTo(LAYOUT, commitments, places, opening?.blinding ?? ''),
            'they do not',
        ),
        ...slotChecks(prices, sums),
    ];
}

/** What the community exchanged with the grid, what its supplier gets for it, and what stays of what cancels inside. */
function slotChecks(prices: readonly PlainPrices[], sums: Sums): Check[] {
    const pools = prices.map((price, i) => slotPool(price, sums.given.opening?.slots[i], sums.slots[i]));
    const wrong = pools.flatMap(({ isRight }, i) => (isRight ? [] : [i]));
    const pool = total(pools.map(({ poolNanos }) => poolNanos));
    const deviation = posted(sums.given.postings, 'deviation');
    return [
        check(
            "in each slot the supplier gets its tariff × the community's net exchange, and the spread is not negative",
            wrong.length === 0,
            `slots ${wrong.join(', ')} of the day`,
        ),
        check(
            'the pool of deviations is what those who were short pay and those who were long get',
            pool === deviation,
            `${pool.toString()} nanos, but ${deviation.toString()} were posted`,
        ),
    ];
}

function slotPool(
    { retail, feedIn }: PlainPrices,
    { meteredWh, shortWh }: { readonly meteredWh: bigint; readonly shortWh: bigint } = { meteredWh: 0n, shortWh: 0n },
    said?: Sums['slots'][number],
): { readonly isRight: boolean; readonly poolNanos: bigint } {
    const longWh = meteredWh + shortWh;
    const supplier = meteredWh < 0n ? -meteredWh * retail : -meteredWh * feedIn;
    const spread = (longWh < shortWh ? longWh : shortWh) * (retail - feedIn);
    const saysSo = [said?.meteredWh, said?.shortWh, said?.supplierNanos, said?.spreadNanos].join();
    return {
        isRight: saysSo === [meteredWh, shortWh, supplier, spread].join() && [longWh, shortWh, spread].every(isNatural),
        poolNanos: shortWh * retail - longWh * feedIn,
    };
}

function moneyChecks({ prices, zoneDifferences }: PublicDay, sums: Sums): Check[] {
    const { given, slots } = sums;
    const bands = [...new Set(prices.map(({ gridFee, communityFee }) => [gridFee, communityFee].join()))];
    const rates = bands.map((band) => band.split(',').map(BigInt) as [bigint, bigint]);
    const local = rates.map((_, k) => (given.boughtWh[k] ?? 0n) + (given.receivedWh?.[k] ?? 0n));
    const fees = (which: 0 | 1): bigint => total(rates.map((rate, k) => rate[which] * (local[k] ?? 0n)));
    const grid = posted(given.postings, 'grid');
    const differences = [0n, ...zoneDifferences].map((each) => grid - fees(0) - each * total(local));
    const isExact =
        [given.boughtWh, given.receivedWh ?? given.boughtWh].every(({ length }) => length === bands.length) &&
        differences.some((each) => each >= 0n) &&
        differences.some((each) => each <= 0n) &&
        posted(given.postings, 'community') === fees(1);
    const surplus = posted(given.postings, 'clearing');
    const supplier = given.stated?.supplierNanos ?? total(slots.map(({ supplierNanos }) => supplierNanos));
    const spread = posted(given.postings, 'deviation') - supplier;
    const expected = new Map([
        ['grid', grid],
        ['community', fees(1) + spread + surplus],
        ['supplier', supplier],
        ['households', posted(given.postings, 'households')],
    ]);
    const wrong = [...expected].filter(([account, amount]) => posted(sums.postings, account) !== amount);
    return [
        check(
            `the fees are their rates × the energy that was bought or received under contracts${zoneDifferences.length === 0 ? '' : ', the grid fee within those of the zones'}`,
            isExact,
            `of ${local.join(', ')} Wh`,
        ),
        check(
            'all accounts together are zero, before the day was closed and after',
            total(given.postings.map(amountOf)) === 0n && total(sums.postings.map(amountOf)) === 0n,
        ),
        check(
            'what every account has follows from that, and none is between',
            wrong.length === 0 &&
                sums.postings.every(({ account, amountNanos }) => amountNanos === 0n || expected.has(account)),
            wrong.map(([account]) => account).join(', '),
        ),
    ];
}

function roundChecks({ rounds }: PublicDay, sums: Sums): Check[] {
    const told = rounds.map(({ status, volumeWh, surplusNanos }) =>
        status === 'void' ? { volumeWh: 0n, surplusNanos: 0n } : { volumeWh, surplusNanos },
    );
    const fits = (sum: bigint, parts: readonly (bigint | undefined)[]): boolean => {
        const known = total(parts.map((part) => part ?? 0n));
        return parts.includes(undefined) ? sum >= known : sum === known;
    };
    const volumes = told.map(({ volumeWh }) => volumeWh);
    const surplus = posted(sums.given.postings, 'clearing');
    return [
        check(
            'what was bought in all is what the rounds tell, or more where some do not tell their volume',
            sums.tradedWh === total(sums.given.boughtWh) && fits(sums.tradedWh, volumes),
            `${sums.tradedWh.toString()} Wh`,
        ),
        check(
            'what buyers paid and sellers did not get is not negative, and fits the rounds',
            surplus >= 0n &&
                fits(
                    surplus,
                    told.map(({ surplusNanos }) => surplusNanos),
                ),
            `${surplus.toString()} nanos`,
        ),
    ];
}

/** The bills of a day against its totals: everybody who took part has one, and together they ask for what was settled and moves with them. */
export function billChecks(
    day: PublicDay,
    { sums, markers, minorUnitNanos }: PublicBills,
    /** What was settled on the other days of the bills' period, and what members pay for losses on all of them. */
    besideNanos = 0n,
): Check[] {
    const { settledNanos, dueMinor, postings, blinding } = sums.given;
    const expected = membersOf(day);
    const own = markers.filter(({ mspId }) => expected.includes(mspId));
    const places = new Map([
        ['settled', settledNanos],
        ['due', dueMinor],
        ...postings.map(({ account, amountNanos }): [string, bigint] => [`account/${account}`, amountNanos]),
    ]);
    const commitments = own.map(({ commitment }) => commitment.element);
    const moved = settledNanos + posted(postings, 'households');
    return [
        check(
            'every household that took part has one bill, signed',
            own
                .map(({ mspId }) => mspId)
                .sort()
                .join() === expected.join() && own.every((marker) => isSigned(marker, day.charter)),
            own.map(({ mspId }) => mspId).join(', '),
        ),
        check(
            `the commitments of the ${own.length} bills open to their ${places.size} sums`,
            opensTo('bill/v1', commitments, places, blinding),
            'they do not',
        ),
        check(
            'the bills take over what their days settled, and what members pay for losses, no more and no less',
            settledNanos === posted(day.totals.sums?.postings ?? [], 'households') + besideNanos,
            `${settledNanos.toString()} nanos`,
        ),
        check(
            'what is due is what was settled and what moves with the bills (charges, taxes, rounding), which sums to zero',
            -dueMinor * minorUnitNanos === moved && total(postings.map(amountOf)) === 0n,
            `${dueMinor.toString()} minor units`,
        ),
    ];
}
