import type { Bundle, OrderingSeat } from '../../fabric/channel-config';
import { seenByNodes } from '../compose/names';
import { orderingSeatOf } from '../genesis';
import { generateSeat } from '../identities/seat';
import type { Layout } from '../layout';
import { organisation, seats, type Organisation, type Topology } from '../topology';
import { readTopology, writeTopology } from '../topology-file';
import { alone } from './alone';
import { configurationAt } from './channel';
import { changeMembership, type ConsentOptions } from './consent';
import { consentOptions, type MembershipOptions } from './household';
import { followTopology, restartOrdering } from './processes';
import { MembershipRefused } from './refused';
import { announcedPorts, withSeats } from './roster';
import { presentSeats, withPowers, type Power, type SeatsChange } from './seat-change';

/** Where powers come from, for who is asked to agree to them. */
export interface Election {
    /** Number of the ledger block at which they were worked out; stands in the configuration. */
    readonly basis: number;
    /** What a member works out by itself, from its own peer's ledger as of that block. */
    readonly recompute: (member: Organisation) => Promise<readonly Power[]>;
}

/** Who agrees to powers that come from nowhere but the one who asks: in a demonstration, everybody. */
export type Powers = readonly Power[] | (Election & { readonly powers: readonly Power[] });

/**
 * Gives the ordering seats of a network that runs other powers: block production, votes and who must sign, all by one configuration
 * block. Who is named and has no seat gets one (its process starts once the configuration names it), who is not named or has no power
 * loses it. The administrators of the present seats agree, each to what it has computed by itself.
 *
 * @returns the topology with these powers.
 */
export function changePowers(powers: Powers, layout: Layout, options: MembershipOptions = {}): Promise<Topology> {
    return alone(layout, () => change(powers, layout, consentOptions(options)));
}

async function change(asked: Powers, layout: Layout, consent: ConsentOptions): Promise<Topology> {
    const before = readTopology(layout);
    const powers = 'powers' in asked ? asked.powers : asked;
    const present = await configurationAt(administrator(before), before, layout);
    const after = withSeats(before, powers, announcedPorts(present));
    const added = seats(after).filter(({ id }) => !seats(before).some((seat) => seat.id === id));
    for (const each of added) await generateSeat(each, layout);
    const newcomers = added.map(({ id }) => orderingSeatOf(seated(seenByNodes(after), id), layout));
    const { basis } = 'powers' in asked ? asked : { basis: undefined };
    const wanted: SeatsChange = {
        kind: 'seats',
        seats: withPowers(presentOf(present, before, layout), powers, newcomers),
        ...(basis === undefined ? {} : { basis }),
    };
    await changeMembership(wanted, members(present, before), before, layout, consent, async (member) => {
        if ('powers' in asked) assertSame(await asked.recompute(member), powers);
    });
    writeTopology(after, layout);
    const left = seats(before).filter(({ id }) => !seats(after).some((seat) => seat.id === id));
    if (after.network.ordering === 'own' && added.length + left.length > 0) await restartOrdering(layout);
    await followTopology(after, layout, consent);
    return after;
}

/** The administrators whose signatures count: those of organisations that have a seat. */
function members(present: Bundle, topology: Topology): readonly Organisation[] {
    const seated = new Set(present.consenters.map(({ mspId }) => mspId));
    return topology.organisations.filter(({ mspId }) => seated.has(mspId));
}

function administrator(topology: Topology): Organisation {
    const [first] = seats(topology);
    if (first === undefined) throw new Error('the community has no ordering seat');
    return first;
}

/** Channels that were made before powers stood in their configuration have those of the community's file. */
function presentOf(present: Bundle, topology: Topology, layout: Layout): readonly OrderingSeat[] {
    return presentSeats(present) ?? seats(seenByNodes(topology)).map((seat) => orderingSeatOf(seat, layout));
}

function seated(topology: Topology, id: string): ReturnType<typeof seats>[number] {
    const { orderingSeat, ...rest } = organisation(topology, id);
    if (orderingSeat === undefined) throw new Error(`${id} has no ordering seat`);
    return { ...rest, orderingSeat };
}

function assertSame(computed: readonly Power[], asked: readonly Power[]): void {
    const words = (powers: readonly Power[]): string =>
        powers
            .filter(({ power }) => power > 0n)
            .map(({ mspId, power }) => `${mspId}=${power}`)
            .toSorted()
            .join(', ');
    if (words(computed) !== words(asked)) {
        throw new MembershipRefused(`the powers are ${words(computed)} by its own ledger, not ${words(asked)}`);
    }
}

/** From so many seats on, none may have a third of the power. */
const CAPPED_FROM = 4;

/**
 * Weights as powers that an ordering service takes: with four seats or more, whoever has a third or more is cut down to the largest power
 * that is less than a third of what remains. Weights of zero stay away.
 */
export function powersBelowAThird(weights: readonly Power[]): readonly Power[] {
    const positive = weights.filter(({ power }) => power > 0n);
    if (positive.length < CAPPED_FROM) return positive;
    const capped = (cap: bigint): readonly Power[] =>
        positive.map(({ mspId, power }) => ({ mspId, power: power < cap ? power : cap }));
    const isBelow = (cap: bigint): boolean => cap * 3n < capped(cap).reduce((sum, { power }) => sum + power, 0n);
    // Below the smallest weight every cap will do; from some cap on none does.
    let [low, high] = [1n, positive.reduce((most, { power }) => (power > most ? power : most), 1n)];
    while (low < high) {
        const middle = (low + high + 1n) / 2n;
        if (isBelow(middle)) low = middle;
        else high = middle - 1n;
    }
    return capped(low);
}
