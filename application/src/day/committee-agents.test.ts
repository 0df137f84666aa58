import { describe, expect, it } from '@jest/globals';
import type { Charter, OrderMarker, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { Refusal, type RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { NotDone, TransactionRefused } from '../gateway/failures';
import type { TypedCalls } from '../market/typed-calls';
import { CommitteeAgents } from './committee-agents';

const SEATS = ['AMSP', 'BMSP', 'CMSP'];
/** Divisible by three, so that A's turn comes first. */
const SLOT = 1_567_200;
const DAY = '2014-10-03';
const REVEAL_SECONDS = 1;
const ROUND: RoundRecord = {
    ...{ day: DAY, slot: SLOT, status: 'open', replay: true, charterVersion: 1, mechanism: 'uniform-price/v1' },
};
const CHARTER = {
    rules: { replayAllowed: true },
    terms: [{ fromDay: '2014-10-01', toDay: null, revealSeconds: REVEAL_SECONDS }],
    committees: [
        {
            fromSlot: SLOT - 96,
            seats: SEATS.map((mspId) => ({ mspId, weight: 1n })),
            quorum: { numerator: 1n, denominator: 2n },
            recorded: { version: 1, slot: 0 },
        },
    ],
} as unknown as Charter;
const ORDER = 'HMSP/o1';

type Behaviour = 'answers' | 'is silent' | 'is away';

/** A ledger with one round, of which every seat's peer knows at once. */
class Ledger {
    round: RoundRecord;
    readonly asked: string[] = [];
    #markers: OrderMarker[] = [];
    readonly #behaviours: Readonly<Record<string, Behaviour>>;

    constructor(round: RoundRecord, behaviours: Readonly<Record<string, Behaviour>> = {}) {
        this.round = round;
        this.#behaviours = behaviours;
    }

    reveal(): void {
        const marker = { slot: SLOT, mspId: 'HMSP', id: 'o1', hash: '0'.repeat(64), version: 1, signature: '' };
        this.#markers = [{ ...marker, holders: ['AMSP', 'BMSP'] }];
    }

    calls(mspId: string): TypedCalls {
        const query = (name: string): Promise<unknown> => {
            const held = this.#markers.length === 0 ? [] : [{ mspId: 'HMSP', id: 'o1', slot: SLOT } as OrderRecord];
            const answers: Record<string, unknown> = {
                'auction:round': this.round,
                'auction:orderMarkers': this.#markers,
                'auction:openings': held,
            };
            return Promise.resolve(answers[name]);
        };
        const submit = (name: string): Promise<unknown> => {
            this.asked.push(`${mspId} ${name.slice('auction:'.length)}`);
            const behaviour = this.#behaviours[mspId] ?? 'answers';
            if (behaviour === 'is silent') {
                return new Promise(() => undefined);
            }
            const stopped = { transaction: name, transactionId: 'tx' };
            if (behaviour === 'is away') {
                return Promise.reject(new NotDone(stopped, [], true, 'unavailable'));
            }
            const done = this.#done(name);
            return typeof done === 'string'
                ? Promise.reject(new TransactionRefused(stopped, new Refusal(done, ''), [mspId]))
                : Promise.resolve({ response: done, transactionId: 'tx' });
        };
        return { mspId, query, submit } as unknown as TypedCalls;
    }

    #done(name: string): RoundRecord | RefusalCode {
        const { status, calledAt, closed = [] } = this.round;
        if (name === 'auction:closeRound') {
            return status === 'open' ? this.#now({ status: 'closed' }) : 'ROUND_NOT_OPEN';
        }
        const now = Math.floor(Date.now() / 1000);
        if (name === 'auction:callReveals') {
            return calledAt === undefined ? this.#now({ calledAt: now }) : 'REVEALS_CALLED';
        }
        const isTime = this.#markers.length === closed.length || now >= (calledAt ?? Infinity) + REVEAL_SECONDS;
        return isTime ? this.#now({ status: 'cleared' }) : 'REVEALS_OPEN';
    }

    #now(change: Partial<RoundRecord>): RoundRecord {
        this.round = { ...this.round, ...change };
        return this.round;
    }

    agents(patienceMs = 60_000): CommitteeAgents {
        return new CommitteeAgents(
            SEATS.map((mspId) => this.calls(mspId)),
            CHARTER,
            patienceMs,
        );
    }
}

const CLOSED: RoundRecord = { ...ROUND, status: 'closed', closed: [{ order: ORDER, hash: '0'.repeat(64) }] };

describe('a round is closed', () => {
    it('by the seat whose turn it is, and by no other', async () => {
        const ledger = new Ledger(ROUND);
        expect((await ledger.agents().close(ROUND)).status).toBe('closed');
        expect(ledger.asked).toEqual(['AMSP closeRound']);
    });

    it('by the next one where the first has no intention to', async () => {
        const ledger = new Ledger(ROUND, { AMSP: 'is silent' });
        expect((await ledger.agents(5).close(ROUND)).status).toBe('closed');
        expect(ledger.asked).toEqual(['AMSP closeRound', 'BMSP closeRound']);
    });

    it('by the next one at once where the first is away', async () => {
        const ledger = new Ledger(ROUND, { AMSP: 'is away', BMSP: 'is away' });
        expect((await ledger.agents().close(ROUND)).status).toBe('closed');
        expect(ledger.asked).toHaveLength(3);
    });

    it('once: who comes too late sees it closed', async () => {
        const ledger = new Ledger({ ...ROUND, status: 'closed' });
        expect((await ledger.agents().close(ROUND)).status).toBe('closed');
        expect(ledger.asked).toEqual(['AMSP closeRound']);
    });

    it('by nobody where all are away', async () => {
        const away = { AMSP: 'is away', BMSP: 'is away', CMSP: 'is away' } as const;
        await expect(new Ledger(ROUND, away).agents().close(ROUND)).rejects.toThrow(NotDone);
    });
});

describe('a closed round is cleared', () => {
    it('at once where all orders are revealed, and nobody calls', async () => {
        const ledger = new Ledger(CLOSED);
        ledger.reveal();
        expect((await ledger.agents().clear(CLOSED, [ORDER])).status).toBe('cleared');
        expect(ledger.asked).toEqual(['AMSP clearRound']);
    });

    it('without one that is not revealed only after it was called for and could have been since', async () => {
        const ledger = new Ledger(CLOSED);
        const cleared = await ledger.agents().clear(CLOSED);
        expect(cleared.status).toBe('cleared');
        expect(Date.now() / 1000).toBeGreaterThanOrEqual((cleared.calledAt ?? Infinity) + REVEAL_SECONDS);
        expect(ledger.asked).toEqual(['AMSP clearRound', 'AMSP callReveals', 'AMSP clearRound']);
    });

    it('after the time that another has called at', async () => {
        const ledger = new Ledger(CLOSED);
        const agents = ledger.agents();
        await agents.call(CLOSED);
        await agents.call(CLOSED);
        expect(ledger.asked).toEqual(['AMSP callReveals']);
        await agents.clear(ledger.round);
        expect(ledger.asked.filter((each) => each.endsWith('callReveals'))).toHaveLength(1);
        expect(ledger.asked.at(-1)).toBe('AMSP clearRound');
    });

    it('with one that is revealed while it is waited for', async () => {
        const ledger = new Ledger(CLOSED);
        const clearing = ledger.agents().clear(CLOSED);
        ledger.reveal();
        expect((await clearing).status).toBe('cleared');
    });
});
