import { expect, it } from '@jest/globals';
import { seatInNeed } from './seat-in-need';

const SEATS = ['A', 'B', 'C', 'D'];
const HASH = '0'.repeat(64);

/** Orders by their owner, with who holds them. */
const round = (slot: number, held: Readonly<Record<string, string | undefined>>): Parameters<typeof seatInNeed> => [
    { slot, closed: Object.keys(held).map((owner) => ({ order: `${owner}/1`, hash: HASH })) },
    SEATS,
    Object.entries(held).map(([mspId, holders]) => ({
        mspId,
        id: '1',
        ...(holders === undefined ? {} : { holders: holders.split('') }),
    })),
];

it.each([
    { name: 'nobody where one holds all', args: round(0, { H1: 'ABC', H2: 'ACD' }), seat: undefined },
    { name: 'who lacks the fewest', args: round(0, { H1: 'AB', H2: 'BC', H3: 'CD', H4: 'BD' }), seat: 'B' },
    { name: 'the first in turn among equals', args: round(2, { H1: 'AB', H2: 'CD' }), seat: 'C' },
    { name: 'nobody where nothing is opened', args: round(0, { H1: undefined }), seat: undefined },
    { name: 'orders that are not opened help nobody', args: round(0, { H1: 'A', H2: undefined }), seat: undefined },
])('a seat in need is $name', ({ args, seat }) => {
    expect(seatInNeed(...args)).toBe(seat);
});

it('an order that came too late counts for nothing', () => {
    const [closed, seats, markers] = round(0, { H1: 'A' });
    expect(seatInNeed(closed, seats, [...markers, { mspId: 'H2', id: '1', holders: ['B'] }])).toBeUndefined();
});
