import { describe, expect, it } from '@jest/globals';
import { Schedule } from '../market/schedule';
import { dayAhead, dead, now, record, refused, run, ScheduleLedger } from '../testing/schedule-ledger';
import type { ScheduleAgent } from './schedule-agent';

const agent = (mspId: string, parts: Partial<ScheduleAgent>): ScheduleAgent => {
    const given: Partial<ScheduleAgent> = { home: mspId, mspId, cover: async () => Promise.resolve(), ...parts };
    return given as ScheduleAgent;
};

describe('a day ahead that was never opened', () => {
    it('is given up where the ledger says that it is too late', async () => {
        const ledger = new ScheduleLedger(record('planned'));
        const calls = ledger.calls('DSOMSP', { 'schedule:open': refused('schedule:open', 'SCHEDULE_OVERDUE') });
        const { record: end, problem } = await dayAhead([calls], { witness: new Schedule(calls) }).run();
        expect([end.status, problem]).toEqual(['notConverged', undefined]);
        expect(ledger.sent).toEqual(['DSOMSP schedule:open', 'DSOMSP schedule:abandon']);
    });

    it('is given up after its time where the grid operator cannot be reached, and not before', async () => {
        const ledger = new ScheduleLedger(record('planned'));
        const calls = ledger.calls('H2MSP', { 'schedule:open': dead('schedule:open') });
        const openBy = Date.now() / 1000 + 2;
        const { record: end } = await dayAhead([calls], { openBy, witness: new Schedule(calls) }).run();
        expect(end.status).toBe('notConverged');
        expect(ledger.sent).toEqual(['H2MSP schedule:open', 'H2MSP schedule:open', 'H2MSP schedule:abandon']);
    });
});

describe('a run whose time is over', () => {
    it('is given up by a seat that holds no answers', async () => {
        const ledger = new ScheduleLedger(record('open', { run: run(now - 1) }));
        const seat = ledger.calls('H3MSP');
        const { record: end } = await dayAhead([seat], { witness: new Schedule(seat) }).run();
        expect(end).toMatchObject({ status: 'notConverged', reason: 'at the deadline' });
        expect(ledger.sent).toEqual(['H3MSP schedule:abandon']);
    });

    it('is given up by a seat that lacks the answers when the time comes', async () => {
        const ledger = new ScheduleLedger(record('open', { run: run(Math.floor(Date.now() / 1000) + 2) }));
        const seat = ledger.calls('H3MSP');
        expect((await dayAhead([seat], { witness: new Schedule(seat) }).run()).record.status).toBe('notConverged');
        expect(ledger.sent).toEqual(['H3MSP schedule:abandon']);
    });

    it('is given up by the next one where witness and first coordinator are dead', async () => {
        const ledger = new ScheduleLedger(record('open', { run: run(now - 1) }));
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
        const ledger = new ScheduleLedger(record('open', certificate));
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
        const ledger = new ScheduleLedger(record('open', { run: run(Math.floor(Date.now() / 1000) + 1) }));
        const calls = ledger.calls('DSOMSP');
        const home = agent('H9MSP', { answer: async () => Promise.reject(new Error('H9MSP stands at no bus')) });
        const { record: end } = await dayAhead([calls], { households: [home], witness: new Schedule(calls) }).run();
        expect(end.status).toBe('notConverged');
    });
});
