import type { SettlementMarker } from '@commonwatt/chaincode/api/records';
import { amountOf, check, isNatural, isOpened, posted, total, type Check, type Sums } from './check';
import { opensTo } from './plain-commitment';
import { plainImbalance, plainPrice, type Side } from './plain-schedule';
import type { PlainPrices } from './plain-tariff';

/** What the channel has of what was agreed on a day ahead, by slot of the day. */
export interface PublicSchedule {
    /** What the grid takes from the community by the schedule (negative: gives to it). */
    readonly gridWh: readonly bigint[];
    /** By bus, in nanos for each kWh. */
    readonly prices: readonly (readonly bigint[])[];
    /** What all households pay for scheduled energy less what they get: the coordinators' word where several buses have prices of their own. */
    readonly worthNanos: bigint;
    /** How the community stood to it, as stated, and in which version. */
    readonly sides: readonly Side[];
    readonly version: number;
    readonly shortPrice: bigint;
    readonly longPrice: bigint;
    /** What governance has decided for days up to this one, the earlier decisions first. */
    readonly governed: readonly { readonly shortPrice: bigint; readonly longPrice: bigint }[];
}

interface Given extends PublicSchedule {
    readonly settled: readonly SettlementMarker[];
    readonly tariffs: readonly PlainPrices[];
}

const LAYOUT: string = 'settlement/v1';

/** What everybody can check of the totals of a day that was scheduled (docs/concepts/scheduled-days.md). */
export function scheduleChecks(day: Given, sums: Sums): Check[] {
    const outdated = day.settled.filter(({ pool }) => pool !== day.version).map(({ mspId }) => mspId);
    return [
        check(
            'every settlement is under the last statement of how the community stood to its schedule',
            outdated.length === 0,
            outdated.join(', '),
        ),
        check(
            'the two prices of deviations are such as governance has decided',
            day.governed.some((each) => each.shortPrice === day.shortPrice && each.longPrice === day.longPrice),
            [day.shortPrice, day.longPrice].join(', '),
        ),
        ...worthChecks(day),
        ...(isOpened(sums) ? openedChecks(day, sums) : []),
        ...moneyChecks(day, sums),
    ];
}

/** The schedule itself: where all buses have one price in each slot, what is paid for it follows from what the grid gives. */
function worthChecks({ gridWh, prices, worthNanos, tariffs }: Given): Check[] {
    const isWhole = [gridWh, ...prices].every(({ length }) => length === tariffs.length);
    const [first = [], ...others] = prices.map((own) => own.map(plainPrice));
    const isOne = others.every((own) => own.join() === first.join());
    const worth = total(gridWh.map((wh, i) => -wh * (first[i] ?? 0n)));
    return [
        check('the schedule has prices and energy for every slot', isWhole),
        ...(isOne
            ? [
                  check(
                      "what is paid for scheduled energy and not got is the schedule's price × what the grid was to give",
                      worth === worthNanos,
                      `${worthNanos.toString()} of ${worth.toString()} nanos`,
                  ),
              ]
            : []),
    ];
}

function openedChecks(day: Given, sums: Sums): Check[] {
    const { opening, boughtWh, receivedWh = [], postings } = sums.given;
    const slots = opening?.slots ?? [];
    const places = new Map<string, bigint>([
        ...slots.map(({ meteredWh }, i) => [`metered/${i}`, meteredWh] as const),
        ...slots.map(({ shortWh }, i) => [`short/${i}`, shortWh] as const),
        ...day.gridWh.map((wh, i) => [`traded/${i}`, wh] as const),
        ...boughtWh.map((wh, k) => [`bought/${k}`, wh] as const),
        ...receivedWh.map((wh, k) => [`received/${k}`, wh] as const),
        ...postings.map(({ account, amountNanos }) => [`account/${account}`, amountNanos] as const),
    ]);
    const commitments = day.settled.map(({ commitment }) => commitment.element);
    const isWhole =
        slots.length === day.tariffs.length && day.settled.every(({ commitment }) => commitment.layout === LAYOUT);
    const pools = slots.map((_, i) => slotPool(day, sums, i));
    const wrong = (which: 'isStated' | 'isRight'): string =>
        pools.flatMap((pool, i) => (pool[which] ? [] : [i])).join(', ');
    const pool = total(pools.map(({ poolNanos }) => poolNanos));
    const deviation = posted(postings, 'deviation');
    return [
        check(
            `the ${commitments.length} commitments open to the ${places.size} sums; in each of the ${slots.length} slots the households were settled for what the schedule says`,
            isWhole && opensTo(LAYOUT, commitments, places, opening?.blinding ?? ''),
            'they do not',
        ),
        check(
            'in each slot the community stood to its schedule as was stated: the price of deviations is the one that holds',
            wrong('isStated') === '',
            `not in slots ${wrong('isStated')} of the day`,
        ),
        check(
            "in each slot the supplier gets its tariff × the community's net exchange, and nobody gains by deviating but the community",
            wrong('isRight') === '',
            `slots ${wrong('isRight')} of the day`,
        ),
        check(
            'the pool of deviations is the imbalance price × what was missing of the schedule',
            pool === deviation,
            `${pool.toString()} nanos, but ${deviation.toString()} were posted`,
        ),
    ];
}

function slotPool(
    { gridWh, sides, shortPrice, longPrice, tariffs }: Given,
    sums: Sums,
    i: number,
): { readonly isStated: boolean; readonly isRight: boolean; readonly poolNanos: bigint } {
    const { meteredWh, shortWh } = openedSlot(sums, i);
    const [scheduledWh = 0n, tariff] = [gridWh[i], tariffs[i]];
    const missingWh = scheduledWh - meteredWh;
    const [imbalance = 0n] = plainImbalance(sides.slice(i, i + 1), { shortPrice, longPrice });
    const poolNanos = missingWh * imbalance;
    const supplier = tariffNanos(tariff, meteredWh);
    const spread = poolNanos - supplier + tariffNanos(tariff, scheduledWh);
    const said = sums.slots
        .slice(i, i + 1)
        .map((each) => [each.meteredWh, each.shortWh, each.supplierNanos, each.spreadNanos]);
    const saysSo = said.join();
    return {
        isStated: sides[i] === (missingWh > 0n ? 'short' : 'long'),
        isRight:
            saysSo === [meteredWh, shortWh, supplier, spread].join() &&
            [shortWh, shortWh - missingWh, spread].every(isNatural),
        poolNanos,
    };
}

const openedSlot = (
    { given: { opening } }: Sums,
    i: number,
): { readonly meteredWh: bigint; readonly shortWh: bigint } => opening?.slots[i] ?? { meteredWh: 0n, shortWh: 0n };

/** What the supplier gets for net energy; negative is what it pays. */
const tariffNanos = (tariff: PlainPrices | undefined, wh: bigint): bigint =>
    tariff === undefined ? 0n : -wh * (wh < 0n ? tariff.retail : tariff.feedIn);

function moneyChecks({ gridWh, worthNanos }: Given, sums: Sums): Check[] {
    const { given, slots } = sums;
    const clearing = posted(given.postings, 'clearing');
    const supplier = given.stated?.supplierNanos ?? total(slots.map(({ supplierNanos }) => supplierNanos));
    const expected = new Map([
        ['community', clearing + posted(given.postings, 'deviation') - supplier],
        ['supplier', supplier],
        ['households', posted(given.postings, 'households')],
    ]);
    const wrong = [...expected].filter(([account, amount]) => posted(sums.postings, account) !== amount);
    const imports = total(gridWh.map((wh) => (wh < 0n ? -wh : 0n)));
    return [
        check(
            "scheduled energy was paid at the schedule's prices",
            clearing === worthNanos,
            `${clearing.toString()} of ${worthNanos.toString()} nanos`,
        ),
        check(
            'nothing bears a fee, and what was bought of one another is what was taken as scheduled less what came in',
            ['grid', 'community'].every((account) => posted(given.postings, account) === 0n) &&
                sums.tradedWh === total(given.boughtWh) - imports &&
                isNatural(sums.tradedWh),
            `${sums.tradedWh.toString()} Wh`,
        ),
        check(
            'all accounts together are zero, before the day was closed and after',
            total(given.postings.map(amountOf)) === 0n && total(sums.postings.map(amountOf)) === 0n,
        ),
        check(
            'what every account has follows from that: the supplier its tariffs, the community the difference, and none is between',
            wrong.length === 0 &&
                sums.postings.every(({ account, amountNanos }) => amountNanos === 0n || expected.has(account)),
            wrong.map(([account]) => account).join(', '),
        ),
    ];
}
