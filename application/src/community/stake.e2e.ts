import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Charter, EpochRecord, RewardRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { addHousehold } from '@commonwatt/network/topology/membership/household';
import { demonstrationHome } from '@commonwatt/network/topology/membership/newcomer';
import { afterClosing, afterReward, plainPayments, type PlainAccounts } from '../audit/plain-accounts';
import { epochFlaws } from '../audit/epoch-check';
import { meterData } from '../commands/day-choice';
import { SAMPLE_DAY } from '../data/sample';
import { dayAfter } from '../data/zone';
import type { EpochOutcome, StakeEpoch } from '../day/stake-epoch';
import { TransactionRefused } from '../gateway/failures';
import { Governance } from '../market/governance';
import { Stake, StakeGovernance } from '../market/stake';
import { output } from '../testing/command';
import { testNetwork, type TestNetwork } from '../testing/network';
import { admitHousehold, endMembership, governorsNow } from './admission';
import { fillSeats, stakeEpoch } from './epochs';
import { channelFacts } from './inspection';
import { CommunityMembers } from './members';
import { householdAgent, operatorAgent, tradeDay, tradeRound } from './trade';

const NEWCOMER = 'H5';
const SILENT = 'H2';
const LEAVER = 'H3';
const FIRST = SAMPLE_DAY;
const SECOND = dayAfter(FIRST);
const THIRD = dayAfter(SECOND);
const DEPOSIT = 250_000_000n;
const NOON = 48;
const progress = { report: () => undefined };

let network: TestNetwork;
let members: CommunityMembers;
const outcomes: EpochOutcome[] = [];

async function charter(): Promise<Charter> {
    const found = await new Governance(members.operator.calls).charter();
    if (found === undefined) throw new Error('no charter');
    return found;
}

async function epochOf(epoch: string, homes?: readonly string[]): Promise<StakeEpoch> {
    return stakeEpoch(members, { charter: await charter(), epoch, homes, governors: await governorsNow(members) });
}

/** A round of a day that is open, with the orders of all households that are there. */
async function runRound(day: string): Promise<RoundRecord> {
    const now = await charter();
    const { metered } = meterData(members.topology, { day, forecast: 'perfect' });
    const request = { charter: now, metered, progress };
    const slot = metered.firstSlot + NOON;
    const agents = members.households.map((member) => householdAgent(members, member, request));
    return tradeRound(members, slot, agents, now);
}

/** As a member's own peer has it. */
async function checked(epoch: string, id: string): Promise<string[]> {
    const { calls } = members.member(id);
    const own = new Stake(calls);
    const record = await own.epoch(epoch);
    const known = await new Governance(calls).charter();
    if (record === undefined || known === undefined) throw new Error(`${id} does not know the epoch ${epoch}`);
    return epochFlaws(record, await own.participation(epoch), known);
}

async function refusal(action: Promise<unknown>): Promise<string> {
    const failure = await action.then(
        () => undefined,
        (error: unknown) => error,
    );
    return failure instanceof TransactionRefused ? failure.refusal.code : String(failure);
}

beforeAll(async () => {
    network = await testNetwork(4, 26_600);
    ({ members } = network);
    const { metered } = meterData(members.topology, { day: FIRST, forecast: 'perfect' });
    await tradeDay(members, { charter: network.charter, metered, progress });
}, 300_000);

afterAll(async () => {
    members.close();
    await network.stop();
}, 300_000);

describe('the first epoch, after a day that was traded', () => {
    it('elects the committee of the next day from matched energy and the secrets of all', async () => {
        const outcome = await (await epochOf(FIRST)).run();
        outcomes.push(outcome);
        const { record, silent } = outcome;
        expect(silent).toEqual([]);
        expect(record.status).toBe('closed');
        expect(record.result?.revealed).toEqual(['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP']);
        expect(record.weights?.some(({ tokens }) => tokens > 0n)).toBe(true);
        const term = (await charter()).committees.at(-1);
        expect(term).toMatchObject({ electedIn: FIRST, seats: record.result?.committee?.seats });
    }, 300_000);

    it('pays producers and committee from what the day brought the community, as all counted them alike', () => {
        const { rewards, record } = outcomes[0] ?? fail();
        const paid = rewards ?? fail();
        expect(paid.confirmedBy).toHaveLength(4);
        expect(paid.counts).toMatchObject({ from: 1, cleared: 96 });
        expect(paid.counts.producers.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(paid.counts.to);
        expect(paid.counts.endorsed.length).toBeGreaterThanOrEqual(3);
        expectConserved(paid, record);
    });

    it('does nothing a second time', async () => {
        const before = await channelFacts(members);
        const again = await (await epochOf(FIRST)).run();
        expect(again.record).toEqual(outcomes[0]?.record);
        expect(again.rewards).toEqual(outcomes[0]?.rewards);
        expect(await channelFacts(members)).toEqual(before);
    }, 300_000);

    it('has a committee without the grid operator, which clears the rounds of the next day', async () => {
        const seats = (await charter()).committees.at(-1)?.seats.map(({ mspId }) => mspId);
        expect(seats).not.toContain('DSOMSP');
        await operatorAgent(members, await charter()).openDay(SECOND, true, 'H1MSP');
        expect((await runRound(SECOND)).status).toBe('cleared');
    }, 300_000);
});

describe('the second epoch, with one that joined and one that does not reveal', () => {
    it('goes on without the silent one, and takes of its deposit and standing', async () => {
        const topology = await addHousehold(demonstrationHome(NEWCOMER, members.topology), members.layout);
        members.close();
        members = new CommunityMembers(topology, members.layout, members.horizon);
        await admitHousehold(members, NEWCOMER, SECOND);
        const governance = new StakeGovernance(members.operator.calls, await governorsNow(members));
        await governance.deposit('H2MSP', DEPOSIT, 'bank transfer 1');

        await (await epochOf(SECOND)).open();
        await (await epochOf(SECOND)).commit();
        await (await epochOf(SECOND)).fix();
        const others = members.topology.homes.filter((home) => home !== SILENT);
        await (await epochOf(SECOND, others)).reveal();
        await (await epochOf(SECOND)).close();
        const outcome = await (await epochOf(SECOND)).run();
        outcomes.push(outcome);

        const { record } = outcome;
        expect(record.weights?.map(({ mspId }) => mspId)).toContain('H5MSP');
        expect(record.result).toMatchObject({ unrevealed: ['H2MSP'] });
        expect(record.result?.ranking.toSorted()).toEqual(['H1MSP', 'H3MSP', 'H4MSP', 'H5MSP']);
        const accounts = await new Stake(members.operator.calls).accounts();
        const { unrevealed } = record.parameters.penalties;
        expect(accounts.find(({ mspId }) => mspId === 'H2MSP')).toMatchObject({
            depositNanos: DEPOSIT - unrevealed.depositNanos,
            penalties: 1,
        });
    }, 300_000);

    it('gives nobody a secret before the weights are fixed, nor takes another than was committed to', async () => {
        const own = new Stake(members.member('H1').calls);
        const secret = 'ab'.repeat(32);
        expect(await refusal(own.revealSeed(FIRST, secret))).toBe('EPOCH_CLOSED');
        await (await epochOf(THIRD)).open();
        expect(await refusal(own.revealSeed(THIRD, secret))).toBe('COMMITMENTS_OPEN');
        await (await epochOf(THIRD)).commit();
        await (await epochOf(THIRD)).fix();
        expect(await refusal(own.revealSeed(THIRD, secret))).toBe('REVEAL_MISMATCH');
        const { secret: told } = (await own.participation(THIRD)).find(({ mspId }) => mspId === 'H1MSP') ?? fail();
        expect(told).toBeNull();
    }, 300_000);
});

describe('the third epoch, from which one has left', () => {
    it('elects only those who will be there', async () => {
        const leaving = { fromDay: dayAfter(THIRD), reason: 'moved away', isExpelled: false };
        await endMembership(members, LEAVER, leaving);
        outcomes.push(await (await epochOf(THIRD)).run());
        const result = outcomes[2]?.record.result;
        expect(result?.revealed).toContain('H3MSP');
        expect(result?.ranking.toSorted()).toEqual(['H1MSP', 'H2MSP', 'H4MSP', 'H5MSP']);
    }, 300_000);
});

describe('a seat of the committee that its member leaves', () => {
    it('is filled where somebody waits, and given up where nobody does', async () => {
        const seats = seatsOf(outcomes[2] ?? fail());
        const fromDay = dayAfter(dayAfter(THIRD));
        await endMembership(members, 'H4', { fromDay, reason: 'moved away', isExpelled: true });
        expect(seats).toHaveLength(4); // All who were drawn, so nobody waits.
        const filled = await fillSeats(members, await charter(), 'H4MSP', fromDay);
        expect(filled).toEqual(seats.filter((mspId) => mspId !== 'H4MSP'));
        expect(await fillSeats(members, await charter(), 'H4MSP', fromDay)).toBeUndefined();
    }, 300_000);
});

describe('a second program', () => {
    it.each([FIRST, SECOND, THIRD])(
        'has the same weights, seed and draw of %s from the own peer of each member',
        async (epoch) => {
            for (const id of ['DSO', 'H1', 'H2', 'H4', NEWCOMER]) {
                expect(await checked(epoch, id)).toEqual([]);
            }
        },
    );

    it('tells what was altered', async () => {
        const record = outcomes[1]?.record ?? fail();
        const parts = outcomes[1]?.participation ?? fail();
        const now = await charter();
        const heavier = record.weights?.map((each, at) => (at === 0 ? { ...each, weight: each.weight + 1n } : each));
        const flaws = epochFlaws({ ...record, weights: heavier }, parts, now);
        expect(flaws[0]).toMatch(/^the weight of H1MSP is \d+ on the ledger and \d+ worked out again$/);
        const silenced = parts.map((part) => (part.mspId === 'H4MSP' ? { ...part, secret: null } : part));
        expect(epochFlaws(record, silenced, now).join('\n')).toContain('the seed is');
    });

    it('has the same ages, reputations, deposits and rewards, epoch by epoch', async () => {
        let accounts: PlainAccounts = new Map();
        for (const { record, rewards } of outcomes) {
            const weighed = (record.weights ?? []).map(({ mspId, age, reputation }) => ({ mspId, age, reputation }));
            expect(weighed).toEqual(weighed.map(({ mspId }) => ({ mspId, ...standing(accounts, mspId) })));
            accounts = record.epoch === SECOND ? paidIn(accounts, 'H2MSP', DEPOSIT) : accounts;
            accounts = afterReward(afterClosing(accounts, record), record, rewards ?? fail());
        }
        const onLedger = await new Stake(members.member('H4').calls).accounts();
        for (const { mspId, age, reputation, depositNanos, rewardsNanos } of onLedger) {
            expect([mspId, { age, reputation, depositNanos, rewardsNanos }]).toEqual([mspId, accounts.get(mspId)]);
        }
    });

    it('finds that no money came from nowhere, and that the community never paid what it did not have', async () => {
        const { incomeNanos, penaltiesNanos, paidNanos, balanceNanos } = await new Stake(members.operator.calls).book();
        outcomes.forEach(({ rewards, record }) => {
            expectConserved(rewards ?? fail(), record);
        });
        const paid = outcomes.map(({ rewards }) => -communityPosting(rewards ?? fail()));
        expect(paidNanos).toBe(paid.reduce((sum, each) => sum + each, 0n));
        expect(balanceNanos).toBe(incomeNanos + penaltiesNanos - paidNanos);
        expect(balanceNanos).toBeGreaterThanOrEqual(0n);
        expect((await channelFacts(members)).peersAgree).toBe(true);
    }, 300_000);
});

describe('the ordering service under the weights of an epoch', () => {
    const home = (): string[] => ['--home', members.layout.home];

    it('has other powers once the administrators of its seats have worked them out from their own ledgers', async () => {
        const given = JSON.parse(await output('powers', '--epoch', SECOND, '--json', ...home())) as Powers;
        const weights = new Map(outcomes[1]?.record.weights?.map(({ mspId, weight }) => [mspId, Number(weight)]));
        const seated = ['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP'];
        expect(given.powers.map(({ mspId }) => mspId)).toEqual(seated);
        const total = given.powers.reduce((sum, { power }) => sum + Number(power), 0);
        for (const { mspId, power } of given.powers) {
            expect(Number(power) * 3).toBeLessThan(total);
            expect(Number(power)).toBeLessThanOrEqual(weights.get(mspId) ?? 0);
        }
    }, 300_000);

    it('gives seats to those whom the epoch has drawn, with keys and processes of their own', async () => {
        const given = JSON.parse(await output('powers', '--elected', '4', '--json', ...home())) as Powers;
        expect(given.powers.map(({ mspId }) => mspId)).toEqual(['H1MSP', 'H2MSP', 'H4MSP', 'H5MSP']);
        const governance = new StakeGovernance(members.operator.calls, await governorsNow(members));
        for (let payment = 1; payment <= 8; payment += 1) {
            await governance.deposit('H1MSP', 1n, `payment ${payment}`);
        }
        expect(await members.shared()).toEqual([]); // What follows is a process of its own.
        const produced = JSON.parse(await output('producers', '--as', 'H2', '--json', ...home())) as Produced;
        expect(produced.changedIn).toHaveLength(2);
        expect(produced.outOfTurn).toEqual([]);
        // A newcomer begins nine eighths of all power behind, so its first turn may be some blocks away.
        const powers = new Map(produced.producers.map(({ mspId, power }) => [mspId, Number(power)]));
        expect(powers.get('H5MSP')).toBeGreaterThan(0);
        expect(powers.get('H3MSP')).toBe(0);
        expect((await channelFacts(members)).peersAgree).toBe(true);
    }, 300_000);
});

interface Powers {
    readonly powers: readonly { readonly mspId: string; readonly power: string }[];
}

interface Produced {
    readonly changedIn: readonly string[];
    readonly outOfTurn: readonly unknown[];
    readonly producers: readonly { readonly mspId: string; readonly power: string; readonly blocks: string }[];
}

describe('the command line', () => {
    it('shows the latest epoch from the own peer of a household', async () => {
        const home = ['--home', members.layout.home];
        const text = await output('stake', '--as', 'H4', ...home);
        expect(text).toContain(`Epoch ${THIRD}, closed`);
        expect(text).toContain('Worked out again from the public records, by another program: the same.');
        const stake = JSON.parse(await output('stake', '--epoch', SECOND, '--json', ...home)) as { flaws: unknown };
        expect(stake.flaws).toEqual([]);
    }, 300_000);
});

function seatsOf({ record }: EpochOutcome): string[] {
    return (record.result?.committee?.seats ?? []).map(({ mspId }) => mspId);
}

function expectConserved(rewards: RewardRecord, { parameters, members: inEpoch }: EpochRecord): void {
    const { postings, balanceNanos } = rewards;
    expect(postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
    expect(-communityPosting(rewards)).toBeLessThanOrEqual(balanceNanos);
    const expected = [...plainPayments(rewards, parameters, inEpoch)].filter(([, amount]) => amount > 0n);
    const received = postings
        .filter(({ account }) => account.startsWith('household:'))
        .map(({ account, amountNanos }) => [account.slice('household:'.length), amountNanos]);
    expect(received.toSorted()).toEqual(expected.toSorted());
}

function communityPosting({ postings }: RewardRecord): bigint {
    return postings.find(({ account }) => account === 'community')?.amountNanos ?? 0n;
}

function standing(accounts: PlainAccounts, mspId: string): { age: number; reputation: bigint } {
    const { age, reputation } = accounts.get(mspId) ?? { age: 0, reputation: 0n };
    return { age, reputation };
}

function paidIn(accounts: PlainAccounts, mspId: string, amount: bigint): PlainAccounts {
    const before = accounts.get(mspId) ?? fail();
    return new Map([...accounts, [mspId, { ...before, depositNanos: before.depositNanos + amount }]]);
}

function fail(): never {
    throw new Error('it is not there');
}
