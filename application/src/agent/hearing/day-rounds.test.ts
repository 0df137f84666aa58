import { beforeEach, expect, it } from '@jest/globals';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import { DAY, FIRST, round, SLOTS } from '../../testing/chain/market-chain';
import { DayRounds } from './day-rounds';
import { News } from './news';

const SLOT_LIST = Array.from({ length: SLOTS }, (_, i) => FIRST + i);

let ledger: RoundRecord[];
let reads: number;
let news: News;
let rounds: DayRounds;
/** Something that happens while records are read: after the peer has looked, before the answer is there. */
let meanwhile: () => void;

beforeEach(() => {
    ledger = SLOT_LIST.map((slot) => round(slot));
    [reads, meanwhile] = [0, () => undefined];
    news = new News();
    const auction = {
        rounds: async () => {
            reads += 1;
            const found = [...ledger];
            await Promise.resolve();
            meanwhile();
            return found;
        },
    };
    rounds = new DayRounds(DAY, auction, news);
});

const becomes = (slot: number, status: RoundRecord['status']): void => {
    ledger = ledger.map((each) => (each.slot === slot ? { ...each, status } : each));
};
const announceClosed = (slot: number): void => {
    news.hear({ type: 'RoundClosed', day: DAY, slot, count: 2 });
};

it('an announced end of rounds that are not over on the ledger ends none, however often', async () => {
    expect(await rounds.slots('open')).toEqual(SLOT_LIST);
    for (let times = 0; times < 3; times += 1) {
        for (const slot of SLOT_LIST) {
            announceClosed(slot);
            news.hear({ type: 'RoundCleared', day: DAY, slot, price: null });
            news.hear({ type: 'RoundVoided', day: DAY, slot, reason: 'x' });
        }
        expect(await rounds.slots('open')).toEqual(SLOT_LIST);
        expect(await rounds.slots('closed')).toEqual([]);
        expect(await rounds.slots('final')).toEqual([]);
    }
});

it('a slot that the day does not have is none, whatever is announced of it', async () => {
    await rounds.slots('open');
    announceClosed(FIRST + SLOTS);
    announceClosed(-1);
    expect(await rounds.slots('closed')).toEqual([]);
    expect(await rounds.slots('open')).toEqual(SLOT_LIST);
});

it('what is on the ledger is seen once it is announced, or missed, or doubted; else nothing is read', async () => {
    await rounds.slots('open');
    await rounds.slots('open');
    expect(reads).toBe(1);
    const reasons = [
        () => {
            announceClosed(FIRST);
        },
        () => {
            news.gap();
        },
        () => {
            rounds.doubt();
        },
    ];
    for (const [i, happens] of reasons.entries()) {
        becomes(FIRST + i, 'closed');
        happens();
        expect(await rounds.slots('closed')).toEqual(SLOT_LIST.slice(0, i + 1));
        expect(reads).toBe(i + 2);
    }
});

it('what is announced while records are read makes them old, for whoever asks then', async () => {
    let asked: Promise<number[]> | undefined;
    meanwhile = () => {
        meanwhile = () => undefined;
        becomes(FIRST, 'closed');
        announceClosed(FIRST);
        asked = rounds.slots('closed');
    };
    expect(await rounds.slots('closed')).toEqual([]);
    expect(await asked).toEqual([FIRST]);
    expect(reads).toBe(2);
});

it('several who ask at once are answered by one reading', async () => {
    const all = await Promise.all([rounds.slots('open'), rounds.records(), rounds.slots('final')]);
    expect(all.map((each) => each.length)).toEqual([SLOTS, SLOTS, 0]);
    expect(reads).toBe(1);
});

it('what we have done ourselves counts at once', async () => {
    await rounds.slots('open');
    rounds.note(round(FIRST, { status: 'closed' }));
    expect(await rounds.slots('closed')).toEqual([FIRST]);
});

it('an order that was announced is to be looked for, and ordered is who was found', async () => {
    await rounds.slots('open');
    news.hear({ type: 'OrderSubmitted', slot: FIRST, mspId: 'H1MSP', id: 'o1' });
    news.hear({ type: 'OrderSubmitted', slot: FIRST + SLOTS, mspId: 'H2MSP', id: 'o1' });
    expect([...rounds.announced]).toEqual(['H1MSP']);
    expect(rounds.ordered.size).toBe(0);
    rounds.noteOrdered('H1MSP');
    expect([...rounds.ordered]).toEqual(['H1MSP']);
});
