import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { encode } from '@commonwatt/chaincode/api/wire';
import { Schedule } from '../../market/schedule';
import type { TypedCalls } from '../../market/typed-calls';
import { EXCHANGE, ExchangeHomes } from '../../testing/exchange-homes';
import { dayAhead, dead, record, refused, run, ScheduleLedger, type Answers } from '../../testing/schedule-ledger';
import { Coordinator } from '../coordinator';
import type { DayAheadOutcome } from '../plan';
import type { ScheduleAgent } from '../schedule-agent';
import type { AskedHome } from './asked-home';
import type { ExchangeTransport } from './transport';

const [DSO, H1, H2] = ['DSOMSP', 'H1MSP', 'H2MSP'];
const homes = new ExchangeHomes();
afterAll(() => {
    homes.remove();
});

afterEach(() => {
    jest.restoreAllMocks();
});

/** Longer than any of these tests. */
const DAY_SECONDS = 86_400;

/** Where homes are found that run in other processes; those that are not served are not there. */
class Wires {
    readonly #served = new Map<string, AskedHome>();

    get transport(): ExchangeTransport {
        return {
            serve: async (home) => {
                this.#served.set(home.mspId, home);
                return Promise.resolve({ close: () => this.#served.delete(home.mspId) });
            },
            reach: (asker, mspId) => this.#served.get(mspId)?.askedBy(asker),
            close: () => undefined,
        };
    }
}

/** A day that is run by certificate, and the processes in which its agents run. */
class Certificates {
    readonly wires = new Wires();
    readonly said: string[] = [];
    readonly ledger: ScheduleLedger;

    /** Its time is over as soon as this holds of what was said. */
    constructor(isOver: (said: readonly string[]) => boolean = () => false) {
        const deadline = Math.floor(Date.now() / 1000) + DAY_SECONDS;
        const { now } = Date;
        jest.spyOn(Date, 'now').mockImplementation(() => now() + (isOver(this.said) ? DAY_SECONDS * 1000 : 0));
        this.ledger = new ScheduleLedger(record('open', { mode: 'certificate', run: run(deadline) }));
    }

    calls(mspId: string, answers: Answers = {}): TypedCalls {
        return this.ledger.calls(mspId, { 'schedule:problem': JSON.parse(encode(EXCHANGE)) as object, ...answers });
    }

    /** The agents of these households in a process, and those of these coordinators, which take over at their ranks. */
    process(
        households: readonly string[],
        coordinators: readonly (readonly [rank: number, calls: TypedCalls])[] = [],
        change: (agent: ScheduleAgent) => ScheduleAgent = (agent) => agent,
    ): Promise<DayAheadOutcome> {
        return dayAhead([], {
            witness: new Schedule(this.calls(households[0] ?? DSO)),
            households: households.map((mspId) => change(homes.agent(mspId))),
            coordinators: coordinators.map(([rank, calls]) => ({ rank, coordinator: new Coordinator(calls) })),
            transport: this.wires.transport,
            report: (what) => this.said.push(what),
        }).run();
    }

    /** Without what it said of iterations. */
    get reasons(): string[] {
        return this.said.filter((what) => !what.startsWith('iteration'));
    }
}

const statuses = (outcomes: readonly DayAheadOutcome[]): string[] => outcomes.map(({ record: { status } }) => status);

describe('a certificate', () => {
    it('is brought by the first coordinator, whose homes all run elsewhere', async () => {
        const day = new Certificates();
        const all = await Promise.all([
            day.process([H1]),
            day.process([H2], [[2, day.calls(H2)]]),
            day.process([], [[0, day.calls(DSO)]]),
        ]);
        expect(statuses(all)).toEqual(['converged', 'converged', 'converged']);
        expect(day.ledger.sent).toEqual(['DSOMSP schedule:certify']);
        expect(all.map(({ steps }) => steps.length > 5)).toEqual([false, false, true]);
    });

    it('is brought by the next one where the first dies when it would bring it', async () => {
        const day = new Certificates();
        const dying = day.calls(DSO, { 'schedule:certify': dead('schedule:certify') });
        // Quiet for an iteration's time the homes let another ask: here at once, since both sit in one process.
        const all = await Promise.all([
            day.process([H1]),
            day.process(
                [H2],
                [
                    [0, dying],
                    [0, day.calls(DSO)],
                ],
            ),
        ]);
        expect(statuses(all)).toEqual(['converged', 'converged']);
        expect(day.ledger.sent).toEqual(['DSOMSP schedule:certify', 'DSOMSP schedule:certify']);
    });

    it('comes about when a home that was away comes back', async () => {
        const day = new Certificates();
        const first = day.process([H2], [[0, day.calls(DSO)]]);
        while (day.reasons.length === 0) {
            await pause(20);
        }
        expect(day.reasons).toEqual(['no agreement: the agent of H1MSP does not run here']);
        expect(statuses(await Promise.all([first, day.process([H1])]))).toEqual(['converged', 'converged']);
    });

    it.each([
        { who: 'is away', why: 'the agent of H1MSP does not run here', change: undefined },
        { who: 'fails to answer', why: 'the battery is gone', change: { answer: 'the battery is gone' } },
        { who: 'does not sign', why: 'never', change: { agree: 'never' } },
    ])('does not come about where a home $who: the day is traded once its time is over', async ({ why, change }) => {
        const day = new Certificates((said) => said.some((what) => what.startsWith('no agreement')));
        const failing = (name: 'answer' | 'agree', agent: ScheduleAgent): ScheduleAgent => {
            const words = change?.[name];
            if (words !== undefined) {
                Object.defineProperty(agent, name, {
                    value: () => {
                        throw new Error(words);
                    },
                });
            }
            return agent;
        };
        const others =
            change === undefined ? [] : [day.process([H1], [], (agent) => failing('answer', failing('agree', agent)))];
        const all = await Promise.all([...others, day.process([H2], [[0, day.calls(DSO)]])]);
        expect(new Set(statuses(all))).toEqual(new Set(['notConverged']));
        expect(day.ledger.sent).toEqual(['DSOMSP schedule:abandon']);
        expect(day.reasons).toEqual([`no agreement: ${why}`, 'given up: at the deadline']);
    });

    it('that is refused is none, and why is said once', async () => {
        const day = new Certificates((said) => said.filter((what) => what.startsWith('iteration 1:')).length > 1);
        const calls = day.calls(DSO, { 'schedule:certify': refused('schedule:certify', 'AGREEMENT_WRONG') });
        const { record: end } = await day.process([H1, H2], [[0, calls]]);
        expect(end.status).toBe('notConverged');
        expect(day.ledger.sent.filter((what) => what.endsWith('certify')).length).toBeGreaterThan(1);
        expect(day.reasons).toHaveLength(2);
        expect(day.reasons[0]).toContain('AGREEMENT_WRONG');
    });
});
