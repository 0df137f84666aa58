import { describe, expect, it } from '@jest/globals';
import { NotDone, TransactionRefused } from '../failures';
import { Refusal } from '@commonwatt/chaincode/api/refusals';
import { Absences } from './absences';
import { gather, type Endorsement, type Gathered } from './gather';
import type { EndorsementRule } from './rule';

const STOPPED = { transaction: 'auction:closeRound', transactionId: 'aa' };
const LONG_MS = 5_000;
const SHORT_MS = 5;

/** Three of five votes. */
const COMMITTEE: EndorsementRule = {
    what: 'a quorum',
    anyOf: [[{ of: ['A', 'B', 'C', 'D', 'E'].map((mspId) => ({ mspId, weight: 1n })), needed: 3n }]],
};

type Answer = 'endorses' | 'computes otherwise' | 'is down' | 'denies' | 'refuses' | 'hangs' | 'breaks';
const late: (() => void)[] = [];

function answered(mspId: string, answer: Answer): Promise<Endorsement> {
    switch (answer) {
        case 'endorses':
            return Promise.resolve({ mspId, computed: 'x' });
        case 'computes otherwise':
            return Promise.resolve({ mspId, computed: 'y' });
        case 'is down':
        case 'denies':
            return Promise.reject(new NotDone(STOPPED, [], answer === 'is down', answer));
        case 'refuses':
            return Promise.reject(new TransactionRefused(STOPPED, new Refusal('GATE_OPEN', 'slot 1'), [mspId]));
        case 'hangs':
            return new Promise((resolve) => {
                late.push(() => {
                    resolve({ mspId, computed: 'x' });
                });
            });
        case 'breaks':
            return Promise.reject(new TypeError('no gateway'));
    }
}

interface Played {
    readonly gathered: Gathered<Endorsement>;
    readonly asked: string;
    readonly absences: Absences;
}

async function play(
    answers: Partial<Record<string, Answer>>,
    { absences = new Absences(), slowMs = LONG_MS, own = 'E' } = {},
): Promise<Played> {
    const asked: string[] = [];
    const ask = (mspId: string): Promise<Endorsement> => {
        asked.push(mspId);
        return answered(mspId, answers[mspId] ?? 'endorses');
    };
    const gathered = await gather({ rule: COMMITTEE, own, absences, slowMs, ask });
    return { gathered, asked: asked.join(''), absences };
}

const endorsersOf = ({ gathered }: Played): string =>
    gathered.enough ? gathered.endorsements.map(({ mspId }) => mspId).join('') : 'too few';

describe('gathering endorsements', () => {
    it.each<{ what: string; answers: Partial<Record<string, Answer>>; asked: string; by: string }>([
        { what: 'asks just enough, the own organisation first', answers: {}, asked: 'EAB', by: 'EAB' },
        { what: 'goes around one that is down', answers: { A: 'is down' }, asked: 'EABC', by: 'EBC' },
        { what: 'goes around one that refuses', answers: { E: 'refuses' }, asked: 'EABC', by: 'ABC' },
        {
            what: 'asks nobody twice and keeps what it has',
            answers: { A: 'is down', C: 'refuses' },
            asked: 'EABCD',
            by: 'EBD',
        },
        {
            what: 'counts only those together who computed the same',
            answers: { E: 'computes otherwise' },
            asked: 'EABC',
            by: 'ABC',
        },
        {
            what: 'ends where too few are left',
            answers: { A: 'is down', B: 'refuses', C: 'denies' },
            asked: 'EABCD',
            by: 'too few',
        },
        {
            what: 'stops where whole quorums refuse, for the rest is none',
            answers: { E: 'refuses', A: 'refuses', B: 'refuses' },
            asked: 'EAB',
            by: 'too few',
        },
        {
            what: 'ends where two results divide the committee',
            answers: { E: 'computes otherwise', B: 'computes otherwise', D: 'is down' },
            asked: 'EABCD',
            by: 'too few',
        },
    ])('$what', async ({ answers, asked, by }) => {
        const played = await play(answers);
        expect([played.asked, endorsersOf(played)]).toEqual([asked, by]);
    });

    it('does not wait for one that hangs, and remembers it', async () => {
        const played = await play({ A: 'hangs' }, { slowMs: SHORT_MS });
        expect([played.asked, endorsersOf(played)]).toEqual(['EABC', 'EBC']);
        expect([...played.absences.now]).toEqual(['A']);
    });

    it('waits for one that hangs where nobody else is left', async () => {
        const playing = play({ A: 'hangs', C: 'is down', D: 'is down' }, { slowMs: SHORT_MS });
        setTimeout(() => {
            late.splice(0).forEach((answer) => {
                answer();
            });
        }, 10 * SHORT_MS);
        const played = await playing;
        expect([played.asked, endorsersOf(played).length]).toEqual(['EABCD', 3]);
    });

    it('names all who are missing, and why', async () => {
        const { gathered } = await play({ A: 'is down', B: 'refuses', C: 'denies' });
        expect(gathered).toMatchObject({ enough: false, endorsed: ['E', 'D'] });
        expect(gathered.enough ? [] : [...gathered.refused.keys(), ...gathered.failed.keys()]).toEqual(['B', 'A', 'C']);
    });

    it('passes on what is nobody’s refusal and nobody’s absence', async () => {
        await expect(play({ B: 'breaks' })).rejects.toThrow('no gateway');
    });
});

describe('the memory of absences', () => {
    it('asks who was down last, for half a minute, or until it endorses', async () => {
        let now = 0;
        const absences = new Absences(() => now);
        expect((await play({ A: 'is down' }, { absences })).asked).toBe('EABC');
        expect((await play({}, { absences })).asked).toBe('EBC');
        expect((await play({ B: 'refuses', C: 'refuses' }, { absences })).asked).toBe('EBCDA');
        expect((await play({}, { absences })).asked).toBe('EAB');
        await play({ A: 'is down' }, { absences });
        now = 30_001;
        expect((await play({}, { absences })).asked).toBe('EAB');
    });

    it('holds nothing against one that refuses', async () => {
        const { absences } = await play({ A: 'refuses' });
        expect([...absences.now]).toEqual([]);
    });
});
