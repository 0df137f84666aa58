import type { MarketPrices } from '../market-prices';
import { ACCOUNTS, ALL_HOUSEHOLDS, Imbalance } from '../postings';
import { nanos, negated, netEnergy, total, wattHours, type Nanos, type NetEnergy, type WattHours } from '../quantity';
import { slot as slotOf, type LocalDay } from '../slot';
import type { DayTotals, SlotTotal, TotalPosting } from '../settlement/close-day';
import { accountOf, equal, isOpened, notNegative, requireRisingAccounts, toldPostings } from '../settlement/day-sums';
import type { DaySums, SlotSums } from '../settlement/public-day';
import { atTheGrid } from '../settlement/settle';
import { imbalancePrice, poolSide, type ImbalancePrices, type PoolSide } from './scheduled-slot';

/** What the channel has of a slot that was scheduled. */
export interface ScheduledSlot {
    /** Σ of what all households give (positive) or take by the schedule: what the grid takes from them. */
    readonly net: NetEnergy;
    /** How the community stood to it, as stated before anybody was settled. */
    readonly side: PoolSide;
    /** What the supplier charges and pays. */
    readonly tariff: Pick<MarketPrices, 'retail' | 'feedIn'>;
}

export interface ScheduledPublicDay {
    readonly day: LocalDay;
    /** How many settlements the sums are over. */
    readonly households: number;
    readonly provisional: boolean;
    readonly imbalance: ImbalancePrices;
    /** What all households pay less what they get for scheduled energy: Σ over buses and slots of the price × what is taken there. */
    readonly worth: Nanos;
    /** One for each slot of the day, in order of time. */
    readonly slots: readonly ScheduledSlot[];
    readonly sums: DaySums;
}

/**
 * Close a scheduled day from what is public. That the sums are those of the settlements says their commitment's opening (and in it, that in
 * every slot the households were settled for exactly what the schedule gives to the grid or takes from it); here they are compared:
 *
 * - all accounts together are zero;
 * - in each slot the community stood to its schedule as was stated: short where less was metered than scheduled, else long; nobody is short or
 *   long of a negative amount;
 * - the deviation pool is the imbalance price × what was missing, slot by slot;
 * - nobody paid a fee, and scheduled energy was paid at the prices of its buses;
 * - the supplier gets its tariff × the community's metered net and nothing else; the difference stays with the community. What it gains by
 *   deviations is never negative, because a schedule is not opened whose imbalance prices are better than the tariffs.
 *
 * Throws an `Imbalance` that names the first that differs.
 */
export function scheduledTotals(given: ScheduledPublicDay): DayTotals {
    const { day, households, sums, provisional } = given;
    checkComplete(given);
    equal('all accounts', total(sums.postings.map(({ amount }) => amount)), 'zero', 0n);
    const slots = slotTotals(given);
    checkMoney(given, slots);
    const imports = total(given.slots.map(({ net }) => wattHours(net < 0n ? 0n - net : 0n)));
    const bought = total(sums.bought);
    notNegative('what was bought from one another', bought - imports);
    const energy = energyOf(sums, slots);
    return {
        day: day.day,
        households,
        traded: wattHours(bought - imports),
        imported: energy.imported,
        exported: energy.exported,
        slots,
        postings: closed(sums, energy.supplier),
        provisional,
    };
}

function checkComplete({ day, slots, sums }: ScheduledPublicDay): void {
    const { bought, received, energy } = sums;
    const counts = [slots.length, isOpened(energy) ? energy.length : day.count];
    if (counts.some((count) => count !== day.count) || [bought, received].some(({ length }) => length !== 1)) {
        throw new Imbalance(`${day.day} has ${day.count} slots, and as it was scheduled no fees`);
    }
    requireRisingAccounts(sums, day.day);
}

/** What the supplier gets (or, negative, pays) for net energy. */
const tariffOf = (energy: NetEnergy, tariff: ScheduledSlot['tariff']): Nanos => negated(atTheGrid(energy, tariff));

function slotTotals({ day, imbalance, slots, sums: { energy } }: ScheduledPublicDay): SlotTotal[] {
    if (!isOpened(energy)) {
        return [];
    }
    return slots.map(({ net, side, tariff }, i) => {
        const { metered, short } = energy[i] as SlotSums;
        const slot = slotOf(day.first + i);
        const missing = netEnergy(net - metered);
        notNegative(`what is short in slot ${slot}`, short);
        notNegative(`what is long in slot ${slot}`, short - missing);
        if (poolSide(metered, net) !== side) {
            throw new Imbalance(
                `slot ${slot} was stated ${side}, but ${metered.toString()} Wh were metered of ${net.toString()}`,
            );
        }
        const supplier = tariffOf(metered, tariff);
        const pool = missing * imbalancePrice(side, imbalance);
        return { slot, metered, short, supplier, spread: nanos(pool - (supplier - tariffOf(net, tariff))) };
    });
}

function checkMoney({ slots, sums, imbalance, worth }: ScheduledPublicDay, totals: readonly SlotTotal[]): void {
    const pool = accountOf(sums, ACCOUNTS.deviation);
    if (isOpened(sums.energy)) {
        const missing = slots.map(({ net, side }, i) =>
            nanos((net - (totals[i]?.metered ?? 0n)) * imbalancePrice(side, imbalance)),
        );
        equal('the deviation pool', pool, 'the imbalance prices × what was missing', total(missing));
    }
    const scheduled = total(slots.map(({ net, tariff }) => tariffOf(net, tariff)));
    notNegative('the gain by deviations', pool - (energyOf(sums, totals).supplier - scheduled));
    equal('the grid fees', accountOf(sums, ACCOUNTS.grid), 'none', 0n);
    equal('the community fees', accountOf(sums, ACCOUNTS.community), 'none', 0n);
    equal('what is left of scheduled energy', accountOf(sums, ACCOUNTS.clearing), "the schedule's prices", worth);
}

interface Exchanged {
    readonly imported: WattHours;
    readonly exported: WattHours;
    readonly supplier: Nanos;
}

/** With the supplier alone. Of a community that is too small to be told slot by slot: as its operator states it. */
function energyOf({ energy }: DaySums, slots: readonly SlotTotal[]): Exchanged {
    if (!isOpened(energy)) {
        return energy;
    }
    return {
        imported: total(slots.map(({ metered }) => wattHours(metered < 0n ? 0n - metered : 0n))),
        exported: total(slots.map(({ metered }) => wattHours(metered > 0n ? metered : 0n))),
        supplier: total(slots.map(({ supplier }) => supplier)),
    };
}

/** What the settlements post, and what empties the accounts between the households and the others. */
function closed(sums: DaySums, supplier: Nanos): TotalPosting[] {
    const rest = accountOf(sums, ACCOUNTS.clearing) + accountOf(sums, ACCOUNTS.deviation) - supplier;
    return toldPostings([
        [ACCOUNTS.community, rest],
        [ALL_HOUSEHOLDS, accountOf(sums, ALL_HOUSEHOLDS)],
        [ACCOUNTS.supplier, supplier],
    ]);
}
