import type { SubmitName } from '../../api/transactions';
import type { ReadingRecord } from '../../api/records';
import {
    askedOf,
    commitment,
    DAY,
    DSO,
    OPERATOR_KEY,
    order,
    ownerKey,
    reading,
    SEATS,
    span,
    type OrderShape,
} from '../community';
import { testSalt } from '../identities';
import { signedSettlement } from '../market/closing';
import { signedCorrection } from '../market/correcting';
import type { Market } from './market';
import type { Model, ModelSettlement } from './model';
import { SHORT_DAY } from './short-day';

/** What a client would send. */
export interface Proposal {
    readonly name: SubmitName;
    readonly args: object;
    readonly by: string;
    readonly endorsers: readonly string[];
    readonly transient?: Readonly<Record<string, unknown>>;
}

/** Something that somebody may try at any time. */
export interface Action {
    readonly label: string;
    /** Whether the rules allow it as the model stands. */
    isAllowed(model: Model): boolean;
    /** A refusal of a draft counts as a refusal of the action. */
    prepare(market: Market): Promise<Proposal>;
    apply(model: Model): void;
}

const MOST_VERSIONS = 10;
const MOST_SETTLEMENTS = 3;
const nameOf = (slot: number, mspId: string, id: string): string => `${slot}/${mspId}/${id}`;

export function submits(shape: Required<OrderShape>): Action {
    const { mspId, slot, id } = shape;
    const name = nameOf(slot, mspId, id);
    const given = order(shape);
    return {
        label: `${mspId} orders ${shape.side} ${shape.energyWh} @ ${shape.limit ?? 'any'} as ${id} in ${slot}`,
        isAllowed: (model) => model.rounds.get(slot) === 'open' && !model.orders.has(name),
        prepare: (market) => {
            market.keep(given);
            const asked = { orders: [commitment(given)] };
            return Promise.resolve({ name: 'auction:submitOrders', args: asked, by: mspId, endorsers: [mspId, DSO] });
        },
        apply: (model) => {
            model.orders.set(name, { mspId, slot, id, cancelled: false, revealed: false });
        },
    };
}

export function cancels(mspId: string, slot: number, id: string): Action {
    const name = nameOf(slot, mspId, id);
    return {
        label: `${mspId} cancels ${id} in ${slot}`,
        isAllowed: (model) => model.rounds.get(slot) === 'open' && model.orders.get(name)?.cancelled === false,
        prepare: () =>
            Promise.resolve({ name: 'auction:cancelOrder', args: { slot, id }, by: mspId, endorsers: SEATS }),
        apply: (model) => {
            const known = model.orders.get(name);
            model.orders.set(name, { mspId, slot, id, revealed: false, ...known, cancelled: true });
        },
    };
}

export function reveals(mspId: string, slot: number, id: string): Action {
    const name = nameOf(slot, mspId, id);
    const isSeat = SEATS.includes(mspId);
    return {
        label: `${mspId} reveals ${id} in ${slot}`,
        isAllowed: (model) => {
            const own = model.orders.get(name);
            const seats = model.ordersIn(slot).filter((each) => SEATS.includes(each.mspId));
            const isSealed = own?.cancelled === false && !own.revealed && !model.called.has(slot);
            return (
                model.rounds.get(slot) === 'closed' && isSealed && (isSeat || seats.every(({ revealed }) => revealed))
            );
        },
        prepare: async (market) => {
            const markers = await market.community.query('auction:orderMarkers', { slot });
            const own = markers.find((each) => each.mspId === mspId && each.id === id);
            return {
                name: 'auction:revealOrders',
                args: { orders: [{ slot, id }], to: [...SEATS] },
                by: mspId,
                endorsers: [...new Set([mspId, ...SEATS])],
                transient: { openings: market.kept(own?.hash ?? '') },
            };
        },
        apply: (model) => {
            const known = model.orders.get(name);
            model.orders.set(name, { mspId, slot, id, cancelled: false, ...known, revealed: true });
        },
    };
}

export const closes = (slot: number): Action => ({
    label: `the committee closes ${slot}`,
    isAllowed: (model) => model.rounds.get(slot) === 'open',
    prepare: () => Promise.resolve({ name: 'auction:closeRound', args: { slot }, by: SEATS[0], endorsers: SEATS }),
    apply: (model) => model.rounds.set(slot, 'closed'),
});

export const calls = (slot: number): Action => ({
    label: `the committee calls for the orders of ${slot} that are not revealed`,
    isAllowed: (model) => model.rounds.get(slot) === 'closed' && !model.called.has(slot),
    prepare: () => Promise.resolve({ name: 'auction:callReveals', args: { slot }, by: SEATS[0], endorsers: SEATS }),
    apply: (model) => model.called.add(slot),
});

/** `withheld`: the clearing seat leaves the first opening out. */
export const clears = (slot: number, withheld: boolean): Action => ({
    label: `the committee clears ${slot}${withheld ? ' without an opening' : ''}`,
    isAllowed: (model) => {
        const orders = model.ordersIn(slot);
        const isTime = model.called.has(slot) || orders.every(({ revealed }) => revealed);
        return model.rounds.get(slot) === 'closed' && isTime && !(withheld && orders.some(({ revealed }) => revealed));
    },
    prepare: async (market) => {
        const held = await market.community.query('auction:openings', { from: slot, to: slot }, { by: SEATS[0] });
        const transient = { openings: withheld ? held.slice(1) : held };
        return { name: 'auction:clearRound', args: { slot }, by: SEATS[0], endorsers: SEATS, transient };
    },
    apply: (model) => model.rounds.set(slot, 'cleared'),
});

export const voids = (slot: number): Action => ({
    label: `grid operator and households void ${slot}`,
    isAllowed: (model) => ['open', 'closed'].includes(model.rounds.get(slot) ?? ''),
    prepare: () =>
        Promise.resolve({
            name: 'auction:voidRound',
            args: { slot, reason: 'a test' },
            by: DSO,
            endorsers: [DSO, ...SEATS],
        }),
    apply: (model) => model.rounds.set(slot, 'void'),
});

/** `ahead`: how far the version is from the last one on the ledger; 1 is right. */
export function reads(mspId: string, slot: number, netWh: bigint, ahead: 0 | 1 | 2): Action {
    return {
        label: `${mspId} reads ${netWh} in ${slot}, version + ${ahead}`,
        isAllowed: (model) => {
            const known = model.reading(mspId, slot)?.version ?? 0;
            return Math.max(1, known + ahead) === known + 1 && known < MOST_VERSIONS;
        },
        prepare: async ({ community }) => {
            const version = await nextVersion(community, mspId, slot, ahead);
            const [out, into] = netWh > 0n ? [netWh, 0n] : [0n, -netWh];
            const spans = [span(mspId, slot, { consumption: [0n, into], generation: [0n, out] })];
            const given = reading(mspId, slot, netWh, spans, { version, reason: 'a test' });
            return recording('metering:recordReadings', given, mspId, [mspId, DSO]);
        },
        apply: (model) => {
            recorded(model, mspId, slot, false);
        },
    };
}

export function estimates(mspId: string, slot: number, wh: bigint): Action {
    return {
        label: `the grid operator estimates ${wh} for ${mspId} in ${slot}`,
        isAllowed: (model) => {
            const known = model.reading(mspId, slot);
            return known === undefined || (known.estimated && known.version < MOST_VERSIONS);
        },
        prepare: async ({ community }) => {
            const version = await nextVersion(community, mspId, slot, 1);
            const change = { version, kind: 'estimated' as const, reason: 'no reading came' };
            const given = reading(mspId, slot, -wh, [], change, OPERATOR_KEY);
            return recording('metering:estimateReadings', given, DSO, [DSO, ...SEATS]);
        },
        apply: (model) => {
            recorded(model, mspId, slot, true);
        },
    };
}

async function nextVersion(
    community: Market['community'],
    mspId: string,
    slot: number,
    ahead: number,
): Promise<number> {
    const markers = await community.query('metering:markers', { mspId, day: DAY });
    return Math.max(1, (markers.find((each) => each.slot === slot)?.version ?? 0) + ahead);
}

function recording(
    name: 'metering:recordReadings' | 'metering:estimateReadings',
    given: ReadingRecord,
    by: string,
    endorsers: readonly string[],
): Proposal {
    const args = { mspId: given.mspId, slots: askedOf([given]) };
    return { name, args, by, endorsers, transient: { readings: [given] } };
}

function recorded(model: Model, mspId: string, slot: number, estimated: boolean): void {
    const version = (model.reading(mspId, slot)?.version ?? 0) + 1;
    model.readings.set(`${mspId}/${slot}`, { version, estimated });
}

/** `silent`: the grid operator and the committee do it in the household's place. */
export function settles(mspId: string, silent: boolean): Action {
    return {
        label: silent ? `the grid operator settles for ${mspId}` : `${mspId} settles`,
        isAllowed: (model) => {
            const known = model.settled.get(mspId);
            const isReplaceable =
                known === undefined || (!silent && known.provisional && known.version < MOST_SETTLEMENTS);
            return model.isTraded && model.isMetered(mspId) && !model.isClosed && isReplaceable;
        },
        prepare: async (market) => {
            const by = silent ? DSO : mspId;
            const inputs = await market.settlementInputs(mspId, by);
            const asked = { day: DAY, mspId };
            const draft = await market.community.query('billing:draftSettlement', asked, { by, transient: inputs });
            return {
                name: silent ? 'billing:settleProvisionally' : 'billing:settle',
                args: asked,
                by,
                endorsers: silent ? [DSO, ...SEATS] : [mspId, DSO],
                transient: {
                    ...inputs,
                    ...signedSettlement(draft, silent ? OPERATOR_KEY : ownerKey(mspId)).signatures,
                },
            };
        },
        apply: (model) => {
            const used = SHORT_DAY.map((slot) => [slot, model.reading(mspId, slot)] as const);
            const readings = new Map(used.flatMap(([slot, each]) => (each === undefined ? [] : [[slot, each]])));
            const provisional = silent || [...readings.values()].some(({ estimated }) => estimated);
            const version = (model.settled.get(mspId)?.version ?? 0) + 1;
            model.settled.set(mspId, { version, provisional, readings, corrections: 0 });
        },
    };
}

export const closesDay = (households: readonly string[]): Action => ({
    label: 'the day is closed',
    isAllowed: (model) => model.isTraded && !model.isClosed && households.every((mspId) => model.settled.has(mspId)),
    prepare: (market) => market.closing(),
    apply: (model) => {
        model.isClosed = true;
    },
});

export function corrects(mspId: string): Action {
    return {
        label: `${mspId} corrects its day`,
        isAllowed: (model) =>
            model.isClosed &&
            model.changed(mspId).length > 0 &&
            (model.settled.get(mspId)?.corrections ?? Infinity) < 20,
        prepare: async ({ community }) => {
            // From the grid operator's copies: a household that was silent has got its own back from there.
            const settlement = await community.query('billing:ownSettlement', { day: DAY, mspId });
            const corrections = await community.query('corrections:own', { day: DAY, mspId });
            const range = { from: SHORT_DAY[0] ?? 0, to: SHORT_DAY.at(-1) ?? 0, mspId };
            const all = await community.query('metering:ownReadings', range);
            const used = new Map(
                [...settlement.slots, ...corrections.flatMap(({ slots }) => slots)].map((each) => [
                    each.slot,
                    each.readingVersion,
                ]),
            );
            const newer = all.filter(({ slot, version }) => version > (used.get(slot) ?? 0));
            const inputs = {
                settlement,
                corrections,
                readings: newer.length === 0 ? all.slice(0, 1) : newer,
                salt: testSalt(`correction ${mspId} ${corrections.length}`),
            };
            const asked = { day: DAY, mspId };
            const draft = await community.query('corrections:draft', asked, { by: mspId, transient: inputs });
            return {
                name: 'corrections:record',
                args: asked,
                by: mspId,
                endorsers: [mspId, DSO],
                transient: { ...inputs, ...signedCorrection(draft).signatures },
            };
        },
        apply: (model) => {
            const known = model.settled.get(mspId);
            const readings = new Map(known?.readings);
            for (const slot of SHORT_DAY) {
                const newest = model.reading(mspId, slot);
                if (newest !== undefined) {
                    readings.set(slot, newest);
                }
            }
            const settled: ModelSettlement = { version: 1, provisional: false, corrections: 0, ...known, readings };
            model.settled.set(mspId, { ...settled, corrections: settled.corrections + 1 });
        },
    };
}
