import { describe, expect, it } from '@jest/globals';
import type { Charter, SettlementDraft, SettlementRecord, Terms } from '@commonwatt/chaincode/api/records';
import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { plainImbalance } from '../audit/plain-schedule';
import type { OwnScheduledDay } from '../day-ahead/own-schedule';
import { TransactionRefused } from '../gateway/failures';
import type { TypedCalls } from '../market/typed-calls';
import { HouseholdAgent, type AgentParts } from './agent';

const DAY = '2014-10-03';
const SLOT = 1_567_200;
const MSP = 'H1MSP';
const TERMS: Terms = {
    ...{
        fromDay: '2010-01-01',
        toDay: null,
        retail: 300_000n,
        feedIn: 80_000n,
        gridFee: 40_000n,
        communityFee: 30_000n,
    },
    ...{ floor: 0n, cap: 500_000n, k: { numerator: 1n, denominator: 2n }, gateSlots: 1 },
};
const CHARTER = { clock: [{ fromSlot: 0, offsetMinutes: 60 }], members: {} } as unknown as Charter;
const PRICES = { shortPrice: 350_000n, longPrice: 50_000n };
const DRAFT: SettlementDraft = {
    ...{ key: `settlement/${DAY}/${MSP}`, version: 1, mspId: MSP, day: DAY, salt: '00'.repeat(32) },
    ...{ signedBy: 'owner', provisional: false, pool: 1, postings: [] },
    commitment: { layout: 'settlement/v1', element: '00'.repeat(32) },
    slots: [],
};

/** A home that agreed to take 4000 Wh and took 4300, and the ledger as it sees it. */
class Home {
    settlement: SettlementRecord | undefined;
    poolVersion = 1;
    readonly salts: number[] = [];

    settle(isScheduled = true): Promise<SettlementRecord> {
        const agent = new HouseholdAgent(this.#parts());
        if (isScheduled) {
            agent.scheduled(this.#scheduled());
        }
        return agent.settle([], TERMS);
    }

    /** Every second statement says that the community was long. */
    get #price(): bigint {
        return this.poolVersion % 2 === 0 ? PRICES.longPrice : PRICES.shortPrice;
    }

    #scheduled(): OwnScheduledDay {
        const side = this.poolVersion % 2 === 0 ? 'long' : 'short';
        return {
            submission: undefined,
            meter: (registers: unknown) => registers,
            own: { energiesWh: [4000n], pricesNanos: [300_000_000n], imbalance: plainImbalance([side], PRICES) },
        } as unknown as OwnScheduledDay;
    }

    #parts(): AgentParts {
        const keys = {
            saltFor: (_: string, version: number) => {
                this.salts.push(version);
                return '00'.repeat(32);
            },
            sign: () => Promise.resolve('signed'),
        };
        const registers = { consumed: [0n, 4300n], produced: [0n, 0n] };
        const day = { day: DAY, firstSlot: SLOT, registers, expectedWh: [0n] };
        return { ...{ home: 'h1', operator: 'DSOMSP', charter: CHARTER, day, keys }, calls: this.#calls() } as never;
    }

    #calls(): TypedCalls {
        const query = (name: string): Promise<unknown> => {
            const version = (this.settlement?.version ?? 0) + 1;
            const answers: Record<string, unknown> = {
                'billing:ownSettlement': this.settlement,
                'billing:pool': { day: DAY, version: this.poolVersion, sides: [], ...PRICES },
                'metering:ownReadings': [],
                'billing:draftSettlement': this.#draft(version),
            };
            const refusal = new Refusal('NOT_FOUND', '');
            return answers[name] === undefined
                ? Promise.reject(new TransactionRefused({ transaction: name, transactionId: 'tx' }, refusal, [MSP]))
                : Promise.resolve(answers[name]);
        };
        const submit = (): Promise<unknown> => {
            this.settlement = { ...this.#draft((this.settlement?.version ?? 0) + 1), signature: 'signed' };
            return Promise.resolve({ response: { hash: '' }, transactionId: 'tx' });
        };
        return { mspId: MSP, query, submit } as unknown as TypedCalls;
    }

    #draft(version: number): SettlementDraft {
        const nanos = 4000n * 300_000n + 300n * this.#price;
        const slot = { slot: SLOT, readingVersion: 1, readingKind: 'register', meteredWh: -4300n } as const;
        const trade = { boughtWh: 4000n, soldWh: 0n, paidNanos: 1_200_000_000n, earnedNanos: 0n };
        return {
            ...DRAFT,
            version,
            pool: this.poolVersion,
            slots: [{ ...slot, ...trade, imbalance: this.#price }],
            postings: [{ account: `household:${MSP}`, amountNanos: -nanos }],
        };
    }
}

describe('the settlement of a scheduled day', () => {
    it('is agreed to once under one statement', async () => {
        const home = new Home();
        const first = await home.settle();
        expect(first).toMatchObject({ version: 1, pool: 1 });
        expect(await home.settle()).toEqual(first);
        expect(home.salts).toEqual([1]);
    });

    it('is agreed to again, with another salt, where the statement was made again', async () => {
        const home = new Home();
        await home.settle();
        home.poolVersion = 2;
        const again = await home.settle();
        expect(again).toMatchObject({ version: 2, pool: 2 });
        expect(again.postings[0]?.amountNanos).toBe(-1_215_000_000n);
        expect(home.salts).toEqual([1, 2]);
    });

    it('is not asked for its statement on a day that was traded', async () => {
        const home = new Home();
        const traded = { ...DRAFT, pool: undefined, signature: 'signed' };
        home.settlement = traded;
        expect(await home.settle(false)).toEqual(traded);
        expect(home.salts).toEqual([]);
    });
});
