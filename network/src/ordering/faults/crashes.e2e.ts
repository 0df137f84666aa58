import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { installedComet } from '../engine/comet/testing/installed-comet';
import { Dice } from '../simulation/dice';
import type { OrderingCommunity } from '../testing/community';
import { startedSeats, until, type SeatProcesses } from '../testing/seat-processes';
import { Follower, Load, chainOf, heightOf } from '../testing/load';

// Shared machines are slow at times.
jest.setTimeout(600_000);

const PORT = 17_100;
const SEATS = ['H1', 'H2', 'H3', 'H4'];
const LIMIT_MS = 240_000;
const program = installedComet();
const described = program === undefined ? describe.skip : describe;
const seed = Number(process.env['FAULTS_SEED'] ?? 7);

described(`four seats of which some end (seed ${seed})`, () => {
    let community: OrderingCommunity;
    let seats: SeatProcesses;
    const dice = new Dice(seed);
    /** Of all loads so far. */
    const acknowledged = new Set<string>();

    beforeAll(async () => {
        ({ community, seats } = await startedSeats(program, PORT, 50));
    });

    afterAll(async () => {
        await seats.stop();
        community.remove();
    });

    /** Sends while something happens, and then waits until all seats have all that was acknowledged, once, in the same chain. */
    async function under(load: { readonly senders?: number }, happens: () => Promise<void>): Promise<void> {
        const sending = new Load(community, seats, dice, load.senders);
        try {
            await happens();
        } finally {
            await sending.stop();
        }
        sending.acknowledged.forEach((txId) => acknowledged.add(txId));
        await allHaveAll();
    }

    async function allHaveAll(): Promise<void> {
        let chain = await chainOf('H1', (await heightOf('H1', community, seats)) - 1, community, seats);
        await until(async () => {
            chain = await chainOf('H1', (await heightOf('H1', community, seats)) - 1, community, seats);
            const there = new Set(chain.txIds);
            return [...acknowledged].every((txId) => there.has(txId));
        }, LIMIT_MS);
        expect(new Set(chain.txIds).size).toBe(chain.txIds.length);
        for (const id of seats.running) {
            const other = await chainOf(id, chain.hashes.length, community, seats);
            expect(other.hashes).toEqual(chain.hashes);
        }
    }

    const growsBy = async (id: string, blocks: number): Promise<void> => {
        const before = await heightOf(id, community, seats);
        await until(async () => (await heightOf(id, community, seats)) >= before + blocks, LIMIT_MS);
    };

    test('go on when one is killed, and it catches up when it is back', async () => {
        const victim = dice.pick(['H2', 'H3', 'H4']);
        const follower = new Follower('H1', community, seats);
        await under({}, async () => {
            await growsBy('H1', 5);
            await seats.kill(victim);
            await growsBy('H1', 20);
            await seats.start(victim);
            await growsBy('H1', 5);
        });
        await follower.stop();
        console.log(
            `${victim} killed and started again: ${follower.times.length} blocks, the longest time between two was ${Math.round(follower.worstGap)} ms`,
        );
    });

    test('stop when two are killed, lose nothing that was acknowledged, and go on when they are back', async () => {
        const victims = [dice.pick(['H1', 'H2']), dice.pick(['H3', 'H4'])];
        await under({ senders: 2 }, async () => {
            await growsBy('H1', 3);
            for (const id of victims) await seats.kill(id);
            const survivor = seats.running[0] ?? 'H1';
            const stuck = await heightOf(survivor, community, seats);
            await sleep(2_000);
            // What was decided already may still be sealed.
            expect((await heightOf(survivor, community, seats)) - stuck).toBeLessThanOrEqual(2);
            await seats.start(...victims);
            await growsBy(survivor, 5);
        });
    });

    test('go on when an engine is killed under its application, which starts another', async () => {
        const victim = dice.pick(SEATS);
        await under({}, async () => {
            const before = seats.engine(victim);
            seats.killEngine(victim);
            await until(() => {
                const now = seats.engine(victim);
                return now !== undefined && now !== before;
            }, LIMIT_MS);
            await growsBy(victim, 5);
        });
        expect(seats.log(victim)).toContain('the engine is gone and will be started again');
    });

    test('go on when an application is killed, whatever its engine does then', async () => {
        const victim = dice.pick(SEATS);
        await under({}, async () => {
            await growsBy(victim, 2);
            await seats.kill(victim);
            await seats.start(victim);
            await growsBy(victim, 3);
        });
    });

    test('all killed during load and started again: nothing twice, nothing acknowledged is lost, one chain', async () => {
        for (let round = 0; round < 2; round += 1) {
            const sending = new Load(community, seats, dice, 6);
            await growsBy('H1', 5 + dice.below(5));
            await Promise.all(SEATS.map((id) => seats.kill(id)));
            await sending.stop();
            sending.acknowledged.forEach((txId) => acknowledged.add(txId));
            await seats.start(...SEATS);
            await allHaveAll();
        }
        console.log(`${acknowledged.size} acknowledged transactions are in the chain of all seats`);
    });
});
