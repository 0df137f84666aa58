import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { Coordinator } from '../day-ahead/coordinator';
import { DayAhead } from '../day-ahead/day-ahead';
import type { DayAheadPlan } from '../day-ahead/plan';
import { Seats } from '../day-ahead/seats';
import { NotDone, TransactionRefused } from '../gateway/failures';
import type { MemberGateway } from '../gateway/member-gateway';
import { TypedCalls } from '../market/typed-calls';

export const DAY = '2014-10-03';
const HASH = 'a'.repeat(64);
const PRICES = [{ bus: 'root', pricesNanos: ['5'] }];
export const now = Math.floor(Date.now() / 1000);
const RULE = { what: 'a quorum', anyOf: [] };

/** What a peer answers, as it would be on the wire. */
export type Answers = Readonly<Record<string, unknown>>;

export const refused = (
    transaction: string,
    code: 'SCHEDULE_OVERDUE' | 'DEADLINE_OPEN' | 'AGREEMENT_WRONG' | 'SCHEDULE_NOT_OPEN',
): Error => new TransactionRefused({ transaction, transactionId: 'aa' }, new Refusal(code, DAY), ['DSOMSP']);
export const dead = (transaction: string): Error =>
    new NotDone({ transaction, transactionId: 'aa' }, [], true, 'a node cannot be reached');

export const record = (status: string, more: object = {}): object => ({
    day: DAY,
    charterVersion: '1',
    mode: 'schedule',
    imbalance: { shortPrice: '9', longPrice: '1' },
    status,
    ...more,
});
export const run = (deadline: number): object => ({
    problemHash: HASH,
    openedAt: String(now - 100),
    deadline: String(deadline),
    steppedAt: String(now - 100),
    iteration: '0',
    prices: PRICES,
    penalty: '1',
    residuals: null,
    bookHash: null,
    missed: [],
});
const PROBLEM = {
    day: DAY,
    slots: '1',
    households: [{ mspId: 'H1MSP', bus: 'root', importLimitWh: '10', exportLimitWh: '10' }],
    grid: [{ retail: '9', feedIn: '1', importLimitWh: '10', exportLimitWh: '10' }],
    floor: '0',
    cap: '10',
    iterations: '5',
    primalToleranceWh: '1',
    dualTolerance: '1',
    overRelaxation: { numerator: '1', denominator: '2' },
    networkWeight: 'one',
    penalty: { initial: '1', least: '1', most: '1', adaptiveUntil: '0' },
    iterationSeconds: '1',
    firstPrices: PRICES,
};
const MARKED = { mspId: 'H1MSP', day: DAY, iteration: '1', hash: HASH, holders: ['H2MSP'] };

const AGREED = {
    prices: PRICES,
    gridWh: ['0'],
    worthNanos: '0',
    households: [{ mspId: 'H1MSP', bus: 'root', hash: HASH }],
};
/** What a transaction makes of the schedule. */
const ENDS: Readonly<Record<string, object>> = {
    'schedule:abandon': { status: 'notConverged', reason: 'at the deadline' },
    'schedule:certify': { status: 'converged', agreed: AGREED },
};

/** A ledger with one schedule, which `abandon` and `certify` end, and a log of what was sent to it. */
export class ScheduleLedger {
    readonly sent: string[] = [];
    schedule: object;

    constructor(schedule: object) {
        this.schedule = schedule;
    }

    /** A member's gateway to it; an answer that is an error is thrown. */
    calls(mspId: string, answers: Answers = {}): TypedCalls {
        const given: Answers = {
            'schedule:problem': PROBLEM,
            'schedule:steps': [],
            'schedule:submissions': [MARKED],
            'schedule:openings': { submissions: [], book: null },
            ...answers,
        };
        const answer = (transaction: string): unknown => {
            const found = given[transaction];
            if (found instanceof Error) {
                throw found;
            }
            return found ?? (this.schedule = { ...this.schedule, ...ENDS[transaction] });
        };
        const gateway: Partial<MemberGateway> = {
            mspId,
            evaluate: async ({ transaction }) => Promise.resolve(JSON.stringify(answer(transaction))),
            submit: async ({ transaction }) => {
                this.sent.push(`${mspId} ${transaction}`);
                const result = JSON.stringify(answer(transaction));
                return Promise.resolve({ result, transactionId: 'aa' } as Awaited<ReturnType<MemberGateway['submit']>>);
            },
        };
        return new TypedCalls(gateway as MemberGateway);
    }
}

export function dayAhead(
    calls: readonly TypedCalls[],
    more: Partial<DayAheadPlan> & Pick<DayAheadPlan, 'witness'>,
): DayAhead {
    return new DayAhead({
        day: DAY,
        operator: 'DSOMSP',
        households: [],
        coordinators: calls.map((each, rank) => ({ coordinator: new Coordinator(each), rank })),
        seats: new Seats({ of: [{ mspId: 'H2MSP', weight: 1n }], needed: 1n }),
        openers: RULE,
        enders: RULE,
        firstPrices: [{ bus: 'root', pricesNanos: [5n] }],
        openBy: now + 3_600,
        report: () => undefined,
        ...more,
    });
}
