import { compareStrings } from '../../domain/quantity';
import { sha256 } from '../../domain/digest';
import { afterEpoch, afterService, newAccount, type Account } from '../../domain/stake/account';
import { elect } from '../../domain/stake/committee';
import { ranking } from '../../domain/stake/draw';
import { quorumOf, type StakeParameters } from '../../domain/stake/parameters';
import { wealthOf } from '../../domain/stake/wealth';

/** A household of a simulated community: what its panels give on a usual day, and when it is a member. */
export interface SimulatedMember {
    readonly mspId: string;
    readonly tokens: bigint;
    readonly fromEpoch: number;
    /** First epoch in which it is no member any more. */
    readonly toEpoch: number;
}

export interface Tally {
    readonly mspId: string;
    /** Epochs in which it was a member. */
    epochs: number;
    /** Sum of its weights, in parts per million of an epoch. */
    weight: bigint;
    /** How often it had a seat. */
    seats: number;
    /** How often it was drawn first. */
    first: number;
    waiting: number;
    longestWait: number;
}

export interface Simulation {
    readonly tallies: readonly Tally[];
    /** The weight of the first member at the end of each tenth of the epochs. */
    readonly course: readonly bigint[];
}

const seedOf = (n: number, what: string): Uint8Array => sha256(`${what} ${n}`);

/** The community's epochs by the domain's own rules; who is a member follows `members`, everything else from that. */
export function simulated(
    members: readonly SimulatedMember[],
    epochs: number,
    parameters: Omit<StakeParameters, 'fromDay'>,
): Simulation {
    const accounts = new Map<string, Account>();
    const tallies = new Map<string, Tally>();
    const course: bigint[] = [];
    for (let n = 0; n < epochs; n += 1) {
        const active = members.filter(({ fromEpoch, toEpoch }) => fromEpoch <= n && n < toEpoch);
        const standings = active.map(({ mspId, tokens }) => {
            const { age, reputation } = accounts.get(mspId) ?? newAccount(mspId);
            return { mspId, tokens, age, reputation };
        });
        const weights = wealthOf(standings, parameters);
        const rules = { ...parameters, quorum: quorumOf({ ...parameters }) };
        const { ranking: order, committee } = elect(weights, seedOf(n, 'epoch'), rules);
        const seats = new Set(committee?.seats.map(({ mspId }) => mspId));
        for (const { mspId, weight } of weights) {
            const served = seats.has(mspId);
            const before = accounts.get(mspId) ?? newAccount(mspId);
            const after = afterEpoch(before, { elected: served, revealed: true }, parameters.reputation);
            const service = { rounds: served ? 96 : 0, blocks: Number(weight / 1_000n), rewardNanos: 0n };
            accounts.set(mspId, afterService(after, service, parameters.reputation));
            tallied(tallies, mspId, { weight, served, first: order[0] === mspId });
        }
        if ((n + 1) % (epochs / 10) === 0) {
            course.push(weights.find(({ mspId }) => mspId === members[0]?.mspId)?.weight ?? 0n);
        }
    }
    return { tallies: [...tallies.values()].sort((a, b) => compareStrings(a.mspId, b.mspId)), course };
}

function tallied(
    tallies: Map<string, Tally>,
    mspId: string,
    { weight, served, first }: { readonly weight: bigint; readonly served: boolean; readonly first: boolean },
): void {
    const empty: Tally = { mspId, epochs: 0, weight: 0n, seats: 0, first: 0, waiting: 0, longestWait: 0 };
    const tally = tallies.get(mspId) ?? empty;
    tally.epochs += 1;
    tally.weight += weight;
    tally.seats += served ? 1 : 0;
    tally.first += first ? 1 : 0;
    tally.waiting = served ? 0 : tally.waiting + 1;
    tally.longestWait = Math.max(tally.longestWait, tally.waiting);
    tallies.set(mspId, tally);
}

/**
 * The naive rule: whoever has the largest W/U wins the epoch and its reward, which counts as wealth from then on; nothing fades,
 * nothing is capped. The share of each member's wealth at the end of each tenth of the epochs, in parts per million.
 */
export function naivelySimulated(
    members: readonly { readonly mspId: string; readonly tokens: bigint }[],
    epochs: number,
    reward: bigint,
): { readonly course: readonly bigint[]; readonly won: ReadonlyMap<string, number> } {
    const wealth = new Map(members.map(({ mspId, tokens }) => [mspId, tokens]));
    const won = new Map(members.map(({ mspId }) => [mspId, 0]));
    const course: bigint[] = [];
    for (let n = 0; n < epochs; n += 1) {
        const candidates = [...wealth].map(([mspId, weight]) => ({ mspId, weight }));
        const [winner = ''] = ranking('max-w-over-u', candidates, seedOf(n, 'naive'));
        wealth.set(winner, (wealth.get(winner) ?? 0n) + reward);
        won.set(winner, (won.get(winner) ?? 0) + 1);
        if ((n + 1) % (epochs / 10) === 0) {
            const total = [...wealth.values()].reduce((a, b) => a + b, 0n);
            course.push(((wealth.get(members[0]?.mspId ?? '') ?? 0n) * 1_000_000n) / total);
        }
    }
    return { course, won };
}
