import { describe, expect, it } from '@jest/globals';
import { Refusal } from '@commonwatt/chaincode/api/refusals';
import type { MemberGateway } from '../gateway/member-gateway';
import { NotDone, TransactionRefused } from '../gateway/failures';
import { Schedule } from '../market/schedule';
import { TypedCalls } from '../market/typed-calls';
import { Coordinator } from './coordinator';
import { DayAhead, type DayAheadPlan } from './day-ahead';
import type { ScheduleAgent } from './schedule-agent';
import { Seats } from './seats';

const DAY = '2026-10-03';
const HASH = 'a'.repeat(64);
const PRICES = [{ bus: 'root', pricesNanos: ['5'] }];
const now = Math.floor(Date.now() / 1000);
const RULE = { what: 'a quorum', anyOf: [] };

/** What a peer answers, as it would be on the wire. */
type Answers = Readonly<Record<string, unknown>>;

const refused = (transaction: string, code: 'SCHEDULE_OVERDUE' | 'DEADLINE_OPEN' | 'AGREEMENT_WRONG'): Error =>
    new TransactionRefused({ transaction, transactionId: 'aa' }, new Refusal(code, DAY), ['DSOMSP']);
const dead = (transaction: string): Error =>
    new NotDone({ transaction, transactionId: 'aa' }, [], true, 'a node cannot be reached');

const record = (status: string, more: object = {}): object => ({
    day: DAY,
    charterVersion: '1',
    mode: 'schedule',
    imbalance: { shortPrice: '9', longPrice: '1' },
    status,
    ...more,
});
const run = (deadline: number): object => ({
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

/** A ledger with one schedule, which `abandon` ends, and a log of what was sent to it. */
class Ledger {
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
            const found =
                given[transaction] ??
                (transaction === 'schedule:abandon'
                    ? (this.schedule = { ...this.schedule, status: 'notConverged', reason: 'at the deadline' })
                    : this.schedule);
            if (found instanceof Error) {
                throw found;
            }
            return found;
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

function dayAhead(calls: readonly TypedCalls[], more: Partial<DayAheadPlan> & Pick<DayAheadPlan, 'witness'>): DayAhead {
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

const agent = (mspId: string, parts: Partial<ScheduleAgent>): ScheduleAgent => {
    const given: Partial<ScheduleAgent> = { home: mspId, mspId, cover: async () => Promise.resolve(), ...parts };
    return given as ScheduleAgent;
};

describe('a day ahead that was never opened', () => {
    it('is given up where the ledger says that it is too late', async () => {
        const ledger = new Ledger(record('planned'));
        const calls = ledger.calls('DSOMSP', { 'schedule:open': refused('schedule:open', 'SCHEDULE_OVERDUE') });
        const { record: end, problem } = await dayAhead([calls], { witness: new Schedule(calls) }).run();
        expect([end.status, problem]).toEqual(['notConverged', undefined]);
        expect(ledger.sent).toEqual(['DSOMSP schedule:open', 'DSOMSP schedule:abandon']);
    });

    it('is given up after its time where the grid operator cannot be reached, and not before', async () => {
        const ledger = new Ledger(record('planned'));
        const calls = ledger.calls('H2MSP', { 'schedule:open': dead('schedule:open') });
        const openBy = Date.now() / 1000 + 2;
        const { record: end } = await dayAhead([calls], { openBy, witness: new Schedule(calls) }).run();
        expect(end.status).toBe('notConverged');
        expect(ledger.sent).toEqual(['H2MSP schedule:open', 'H2MSP schedule:open', 'H2MSP schedule:abandon']);
    });
});

describe('a run whose time is over', () => {
    it('is given up by a seat that holds no answers', async () => {
        const ledger = new Ledger(record('open', { run: run(now - 1) }));
        const seat = ledger.calls('H3MSP');
        const { record: end } = await dayAhead([seat], { witness: new Schedule(seat) }).run();
        expect(end).toMatchObject({ status: 'notConverged', reason: 'at the deadline' });
        expect(ledger.sent).toEqual(['H3MSP schedule:abandon']);
    });

    it('is given up by a seat that lacks the answers when the time comes', async () => {
        const ledger = new Ledger(record('open', { run: run(Math.floor(Date.now() / 1000) + 2) }));
        const seat = ledger.calls('H3MSP');
        expect((await dayAhead([seat], { witness: new Schedule(seat) }).run()).record.status).toBe('notConverged');
        expect(ledger.sent).toEqual(['H3MSP schedule:abandon']);
    });

    it('is given up by the next one where witness and first coordinator are dead', async () => {
        const ledger = new Ledger(record('open', { run: run(now - 1) }));
        const names = ['get', 'problem', 'steps', 'submissions', 'openings', 'abandon'].map(
            (name) => `schedule:${name}`,
        );
        const first = ledger.calls('DSOMSP', Object.fromEntries(names.map((name) => [name, dead(name)])));
        const second = ledger.calls('H3MSP');
        const { record: end } = await dayAhead([first, second], { witness: new Schedule(first) }).run();
        expect(end.status).toBe('notConverged');
        expect(ledger.sent).toEqual(['DSOMSP schedule:abandon', 'H3MSP schedule:abandon']);
    });
});

describe('a certificate that does not come about', () => {
    it('leaves the day to be traded, and says why', async () => {
        const certificate = { mode: 'certificate', run: run(Math.floor(Date.now() / 1000) + 1) };
        const ledger = new Ledger(record('open', certificate));
        const calls = ledger.calls('DSOMSP');
        const said: string[] = [];
        const home = agent('H1MSP', { answer: async () => Promise.reject(new Error('the battery is gone')) });
        const { record: end } = await dayAhead([calls], {
            households: [home],
            witness: new Schedule(calls),
            report: (what) => said.push(what),
        }).run();
        expect(end.status).toBe('notConverged');
        expect(said).toEqual(['no agreement: the battery is gone', 'given up: at the deadline']);
        expect(ledger.sent).toEqual(['DSOMSP schedule:abandon']);
    });
});

describe('a member that joined after the run was opened', () => {
    it('takes no part in it, and stops nobody', async () => {
        const ledger = new Ledger(record('open', { run: run(Math.floor(Date.now() / 1000) + 1) }));
        const calls = ledger.calls('DSOMSP');
        const home = agent('H9MSP', { answer: async () => Promise.reject(new Error('H9MSP stands at no bus')) });
        const { record: end } = await dayAhead([calls], { households: [home], witness: new Schedule(calls) }).run();
        expect(end.status).toBe('notConverged');
    });
});
