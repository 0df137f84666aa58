import type { StorageTermsRecord } from '@commonwatt/chaincode/api/records';

/** What is known of a home when contracts are made: what it expects of each slot, positive towards the grid. */
export interface HomeExpectation {
    readonly mspId: string;
    readonly expectedWh: readonly bigint[];
}

/** One lot that is to be stored, and who is to buy it. Slots are positions in the day. */
export interface PlannedContract {
    readonly id: string;
    readonly seller: string;
    readonly buyer: string;
    readonly storedAt: number;
    readonly deliveredAt: number;
    /** At the meter of the storage system. */
    readonly takenWh: bigint;
    readonly deliveredWh: bigint;
}

const MILLION = 1_000_000n;
const SLOTS_PER_HOUR = 4n;
/** Below that a contract is not worth its transactions. */
const LEAST_WH = 100n;
/** Parts of the day, so that days with 92 and 100 slots have a noon as well. */
const NOON = 0.5;
const EVENING = 0.79;

/**
 * Who stores what at noon and who buys it in the evening: for one slot after the other the home with the largest surplus and, in an evening
 * slot, the home that lacks most, as far as the storage's power and room go. Every home sells or buys at most once. Always the same for the same
 * expectations, so that a day that broke off goes on with the same contracts.
 */
export function planContracts(
    homes: readonly HomeExpectation[],
    terms: StorageTermsRecord,
    most: number,
): PlannedContract[] {
    const others = homes.filter(({ mspId }) => mspId !== terms.mspId);
    const slots = Math.min(...homes.map(({ expectedWh }) => expectedWh.length));
    const taken = new Set<string>();
    const plan: PlannedContract[] = [];
    let held = 0n;
    for (let n = 0; n < most && others.length > 0; n += 1) {
        const [storedAt, deliveredAt] = [Math.floor(slots * NOON) + n, Math.floor(slots * EVENING) + n];
        const free = others.filter(({ mspId }) => !taken.has(mspId));
        const seller = extreme(free, storedAt, 1n);
        const buyer = extreme(
            free.filter(({ mspId }) => mspId !== seller?.mspId),
            deliveredAt,
            -1n,
        );
        if (seller === undefined || buyer === undefined) {
            break;
        }
        const room = terms.capacityWh - held;
        const surplus = least(seller.energy, terms.chargeW / SLOTS_PER_HOUR, (room * MILLION) / terms.chargePpm);
        const deliveredWh = least(releasable(surplus, terms), buyer.energy, terms.dischargeW / SLOTS_PER_HOUR);
        if (deliveredWh < LEAST_WH) {
            break;
        }
        const takenWh = neededFor(deliveredWh, terms);
        held += (takenWh * terms.chargePpm) / MILLION + 1n;
        taken.add(seller.mspId).add(buyer.mspId);
        plan.push({
            id: `s${n + 1}`,
            seller: seller.mspId,
            buyer: buyer.mspId,
            storedAt,
            deliveredAt,
            takenWh,
            deliveredWh,
        });
    }
    return plan;
}

/** The home with the most surplus (`sign` 1) or lack (−1) of a slot; the first of several. */
function extreme(
    homes: readonly HomeExpectation[],
    at: number,
    sign: 1n | -1n,
): { readonly mspId: string; readonly energy: bigint } | undefined {
    let best: { mspId: string; energy: bigint } | undefined;
    for (const { mspId, expectedWh } of homes) {
        const energy = sign * (expectedWh[at] ?? 0n);
        if (energy > 0n && (best === undefined || energy > best.energy)) {
            best = { mspId, energy };
        }
    }
    return best;
}

function releasable(wh: bigint, { chargePpm, dischargePpm }: StorageTermsRecord): bigint {
    return (wh * chargePpm * dischargePpm) / (MILLION * MILLION);
}

/** The least that has to be stored so that so much can be given out. */
function neededFor(wh: bigint, { chargePpm, dischargePpm }: StorageTermsRecord): bigint {
    const efficiency = chargePpm * dischargePpm;
    return (wh * MILLION * MILLION + efficiency - 1n) / efficiency;
}

const least = (...numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => (a < b ? a : b));
