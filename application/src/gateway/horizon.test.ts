import { describe, expect, it } from '@jest/globals';
import { Horizon } from './horizon';

const QUICK = [1, 1, 1];

/** Says these heights one after the other, and the last for ever. */
function peer(...heights: readonly (number | Error)[]): { ask: () => Promise<number>; asked: number } {
    const made = {
        asked: 0,
        ask: () => {
            const height = heights[Math.min(made.asked, heights.length - 1)];
            made.asked += 1;
            return height instanceof Error ? Promise.reject(height) : Promise.resolve(height ?? 0);
        },
    };
    return made;
}

function horizonOf(peers: Readonly<Record<string, ReturnType<typeof peer>>>): Horizon {
    const horizon = new Horizon(QUICK);
    Object.entries(peers).forEach(([mspId, { ask }]) => {
        horizon.join(mspId, ask);
    });
    return horizon;
}

describe("a member's peer", () => {
    it('is asked nothing before the first transaction from here, nor for its own', async () => {
        const [h1, h2] = [peer(0), peer(0)];
        const horizon = horizonOf({ H1MSP: h1, H2MSP: h2 });
        expect(await horizon.reach('H2MSP')).toEqual({ how: 'there' });
        horizon.note('H1MSP', 7n);
        expect(await horizon.reach('H1MSP')).toEqual({ how: 'there' });
        expect([h1.asked, h2.asked]).toEqual([0, 0]);
    });

    it("is waited for until it has the block of another's transaction, and asked no more then", async () => {
        const h2 = peer(6, 7, 8); // Block 7 is the eighth.
        const horizon = horizonOf({ H1MSP: peer(), H2MSP: h2 });
        horizon.note('H1MSP', 7n);
        expect(await horizon.reach('H2MSP')).toEqual({ how: 'there' });
        expect(h2.asked).toBe(3);
        await horizon.reach('H2MSP');
        expect(h2.asked).toBe(3);
        horizon.note('H1MSP', 8n);
        expect(await horizon.reach('H2MSP')).toEqual({ how: 'behind', height: 8, needed: 8 });
    });

    it('is asked one question by all who wait for it', async () => {
        const h2 = peer(8);
        const horizon = horizonOf({ H1MSP: peer(), H2MSP: h2 });
        horizon.note('H1MSP', 7n);
        await Promise.all([horizon.reach('H2MSP'), horizon.reach('H2MSP'), horizon.reach('H2MSP')]);
        expect(h2.asked).toBe(1);
    });

    it('that does not answer is not waited for, and asked anew the next time', async () => {
        const h2 = peer(new Error('down'), 8);
        const horizon = horizonOf({ H1MSP: peer(), H2MSP: h2 });
        horizon.note('H1MSP', 7n);
        expect(await horizon.reach('H2MSP')).toEqual({ how: 'silent' });
        expect(await horizon.reach('H2MSP')).toEqual({ how: 'there' });
    });

    it('of whom nobody acts here is not waited for', async () => {
        const horizon = horizonOf({ H1MSP: peer() });
        horizon.note('H1MSP', 7n);
        expect(await horizon.reach('H9MSP')).toEqual({ how: 'there' });
    });
});

describe('what was done here', () => {
    it('is with everybody but those who are named with the reason', async () => {
        const horizon = horizonOf({ H1MSP: peer(), H2MSP: peer(8), H3MSP: peer(7), H4MSP: peer(new Error('down')) });
        const elsewhere = peer(5, 8);
        horizon.note('H1MSP', 7n);
        const all = ['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP', 'H5MSP'];
        expect(await horizon.shared(all, elsewhere.ask)).toEqual([
            'the peer of H3MSP has 7 blocks and not the one of what was done here, number 7',
            'the peer of H4MSP does not answer',
        ]);
        expect(elsewhere.asked).toBe(2);
    });

    it('is nothing where nothing was committed: nobody is asked', async () => {
        const h1 = peer(0);
        expect(await horizonOf({ H1MSP: h1 }).shared(['H1MSP', 'H2MSP'], h1.ask)).toEqual([]);
        expect(h1.asked).toBe(0);
    });
});
