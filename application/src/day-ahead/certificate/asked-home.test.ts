import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EXCHANGE, ExchangeHomes } from '../../testing/exchange-homes';
import { AskedHome } from './asked-home';
import { agreeOffLedger } from './off-ledger';
import type { Agreeing } from './transport';

const [H1, H2, DSO] = ['H1MSP', 'H2MSP', 'DSOMSP'];
/** For so long a home waits for the coordinator that asked it. */
const PATIENCE_MS = 10_000;

let homes: ExchangeHomes;
let time: number;
beforeEach(() => {
    homes = new ExchangeHomes();
    time = 1_000;
});
afterEach(() => {
    homes.remove();
});

const asked = (mspId: string): AskedHome => new AskedHome(homes.agent(mspId), EXCHANGE, () => time);
const askedBy = (who: string, all: readonly AskedHome[]): Agreeing[] => all.map((home) => home.askedBy(who));

/** From the first iteration to the signatures of all. */
async function certified(all: readonly Agreeing[]) {
    const { claim, energies, steps } = await agreeOffLedger(EXCHANGE, all);
    if (claim === undefined) {
        throw new Error('no claim');
    }
    const agreements = await Promise.all(
        all.map(async (home) => home.agree(EXCHANGE, claim, energies.get(home.mspId) ?? [])),
    );
    return { claim, agreements, iterations: steps.length };
}

/** A coordinator that dies after so many iterations. */
async function killedAfter(iterations: number, all: readonly Agreeing[]): Promise<void> {
    const dying = all.map((home): Agreeing => ({
        ...home,
        answer: async (problem, view) => {
            if (view.iteration >= iterations) {
                throw new Error('killed');
            }
            return home.answer(problem, view);
        },
    }));
    await expect(agreeOffLedger(EXCHANGE, dying)).rejects.toThrow('killed');
}

describe('a home that is asked for a certificate', () => {
    it('answers one coordinator from the first iteration to the signature', async () => {
        const { claim, agreements } = await certified(askedBy(DSO, [asked(H1), asked(H2)]));
        expect(claim.gridWh).toEqual([0n]);
        expect(agreements.map(({ energiesWh: [own = 0n] }) => Number(own) / 5000)).toEqual([
            expect.closeTo(-1, 1),
            expect.closeTo(1, 1),
        ]);
    });

    it('sends others away meanwhile, who also get no signature, until nobody has asked for as long as an iteration waits', async () => {
        const home = asked(H1);
        const view = { iteration: 0, penalty: 50_000n, prices: EXCHANGE.firstPrices };
        await home.answer(DSO, view);
        time += PATIENCE_MS - 1;
        await expect(home.answer(H2, view)).rejects.toThrow('H1 does not answer: DSOMSP is asking it');
        const claim = { day: EXCHANGE.day, gridWh: [0n], prices: EXCHANGE.firstPrices };
        expect(() => home.agree(H2, claim, [0n])).toThrow('DSOMSP is asking it');
        time += 1;
        expect(await home.answer(H2, view)).toEqual(await home.answer(H2, view));
    });

    it('answers no iteration without the one before: its answers lead from one to the next', async () => {
        const home = asked(H1);
        const view = { iteration: 3, penalty: 50_000n, prices: EXCHANGE.firstPrices };
        await expect(home.answer(DSO, view)).rejects.toThrow('not asked in iteration 2');
        await home.answer(DSO, { ...view, iteration: 0 });
        await expect(home.answer(DSO, { ...view, iteration: 2 })).rejects.toThrow('not asked in iteration 1');
    });
});

describe('whoever dies in an exchange', () => {
    it('at whatever iteration: where it coordinated another one comes to the same, after the time of an iteration', async () => {
        const { iterations, claim } = await certified(askedBy(DSO, [asked(H1), asked(H2)]));
        expect(iterations).toBeGreaterThan(5);
        for (let death = 1; death < iterations; death += 1) {
            const all = [asked(H1), asked(H2)];
            await killedAfter(death, askedBy(DSO, all));
            await expect(certified(askedBy(H2, all))).rejects.toThrow('DSOMSP is asking it');
            time += PATIENCE_MS;
            expect((await certified(askedBy(H2, all))).claim).toEqual(claim);
        }
    });

    it('at whatever iteration: where it is a home it goes on where it was, from its files', async () => {
        const { iterations, claim } = await certified(askedBy(DSO, [asked(H1), asked(H2)]));
        for (let death = 1; death < iterations; death += 1) {
            const [dying, other] = [asked(H1).askedBy(DSO), asked(H2).askedBy(DSO)];
            let risen: Agreeing | undefined;
            const home: Agreeing = {
                ...dying,
                answer: async (problem, view) => {
                    risen ??= view.iteration < death ? undefined : asked(H1).askedBy(DSO);
                    return (risen ?? dying).answer(problem, view);
                },
                agree: async (...claimed) => (risen ?? dying).agree(...claimed),
            };
            expect((await certified([home, other])).claim).toEqual(claim);
        }
    });
});
