import { describe, expect, it } from '@jest/globals';
import type { Charter, PoolRecord, RoundRecord, ScheduleRecord } from '@commonwatt/chaincode/api/records';
import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import type { TypedCalls } from '../market/typed-calls';
import { GridOperatorAgent } from './grid-operator';

const DAY = '2014-10-03';
const SLOT = 1_567_200;
const [A, B] = ['AMSP', 'BMSP'];
const ROUNDS = [SLOT, SLOT + 1].map((slot) => ({ day: DAY, slot, charterVersion: 1 }) as RoundRecord);
/** 100 Wh are to come from the grid in each slot. */
const PRICES = { shortPrice: 350_000n, longPrice: 50_000n };
const SCHEDULE = { day: DAY, imbalance: PRICES, agreed: { gridWh: [-100n, -100n] } } as unknown as ScheduleRecord;
const CHARTER = {
    roles: { dso: 'DSOMSP' },
    members: {},
    committees: [
        {
            fromSlot: SLOT - 96,
            seats: [A, B].map((mspId) => ({ mspId, weight: 1n })),
            quorum: { numerator: 1n, denominator: 2n },
            recorded: { version: 1, slot: 0 },
        },
    ],
} as unknown as Charter;

type Nets = readonly [bigint, bigint];

/** What the ledger has of the day, and its rule that the same is not stated twice in a row. */
class Ledger {
    pool: PoolRecord | undefined;
    status: 'open' | 'closed' = 'open';
    readonly readings: Record<string, Nets> = { [A]: [-50n, -50n], [B]: [-50n, -50n] };
    readonly settlements: Record<string, { readonly pool: number; readonly nets: Nets }> = {};

    /** Under the newest statement, with the readings as they are. */
    settle(mspId: string): void {
        this.settlements[mspId] = { pool: this.pool?.version ?? 0, nets: this.readings[mspId] ?? [0n, 0n] };
    }

    state(): Promise<PoolRecord> {
        const calls = {
            mspId: 'DSOMSP',
            query: (name: string, { mspId = '' }: { mspId?: string }) => this.#answer(name, mspId),
            submit: (name: string, { sides }: PoolRecord) => {
                expect(name).toBe('billing:statePool');
                const { shortPrice } = this.pool ?? {};
                if (this.pool?.sides.join() === sides.join() && shortPrice === PRICES.shortPrice) {
                    return Promise.reject(refused('POOL_UNCHANGED'));
                }
                this.pool = { day: DAY, version: (this.pool?.version ?? 0) + 1, sides, ...PRICES };
                return Promise.resolve({ response: this.pool, transactionId: 'tx' });
            },
        } as unknown as TypedCalls;
        return new GridOperatorAgent(calls, CHARTER).statePool(DAY, ROUNDS, SCHEDULE, [A, B]);
    }

    #answer(name: string, mspId: string): Promise<unknown> {
        const settled = this.settlements[mspId];
        const slots = settled?.nets.map((meteredWh, i) => ({ slot: SLOT + i, meteredWh }));
        const answers: Record<string, unknown> = {
            'billing:pool': this.pool,
            'billing:totals': { day: DAY, status: this.status },
            'billing:ownSettlement': settled && { ...settled, slots },
            'metering:ownReadings': this.readings[mspId]?.map((netWh, i) => ({ slot: SLOT + i, netWh })),
        };
        return answers[name] === undefined ? Promise.reject(refused('NOT_FOUND')) : Promise.resolve(answers[name]);
    }
}

const refused = (code: 'NOT_FOUND' | 'POOL_UNCHANGED'): TransactionRefused =>
    new TransactionRefused({ transaction: 'asked', transactionId: 'tx' }, new Refusal(code, ''), ['DSOMSP']);

describe('how the community stood to its schedule', () => {
    it('is stated once as long as nothing changes', async () => {
        const ledger = new Ledger();
        ledger.readings[A] = [-51n, -50n];
        expect(await ledger.state()).toMatchObject({ version: 1, sides: ['short', 'long'] });
        ledger.settle(A);
        expect(await ledger.state()).toMatchObject({ version: 1 });
    });

    it('is stated again where others stated the same first, with prices of their own', async () => {
        const ledger = new Ledger();
        const right = await ledger.state();
        ledger.pool = { ...right, version: 1, shortPrice: 350_001n };
        expect(await ledger.state()).toEqual({ ...right, version: 2 });
        expect(await ledger.state()).toMatchObject({ version: 2 });
    });

    it('is stated again where a home that was estimated has recorded what its meter says', async () => {
        const ledger = new Ledger();
        await ledger.state();
        ledger.settle(B);
        ledger.readings[A] = [-50n, -70n];
        expect(await ledger.state()).toMatchObject({ version: 2, sides: ['long', 'short'] });
    });

    it('stays where all are settled under it: what readings say later is for corrections', async () => {
        const ledger = new Ledger();
        await ledger.state();
        [A, B].forEach((mspId) => {
            ledger.settle(mspId);
        });
        ledger.readings[A] = [-70n, -70n];
        expect(await ledger.state()).toMatchObject({ version: 1, sides: ['long', 'long'] });
    });

    it('has everybody settled again where it is right of the readings, and some are settled with earlier ones', async () => {
        const ledger = new Ledger();
        await ledger.state();
        ledger.settle(B);
        ledger.readings[A] = [-70n, -50n];
        ledger.settle(A);
        ledger.readings[B] = [-30n, -50n];
        expect(await ledger.state()).toMatchObject({ version: 3, sides: ['long', 'long'] });
        expect(await ledger.state()).toMatchObject({ version: 3 });
    });

    it('stays once the day is closed', async () => {
        const ledger = new Ledger();
        await ledger.state();
        ledger.status = 'closed';
        ledger.readings[A] = [-70n, -70n];
        expect(await ledger.state()).toMatchObject({ version: 1 });
    });
});
