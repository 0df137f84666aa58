import { expect, test } from '@jest/globals';
import { orderer } from '@hyperledger/fabric-protos';

import { seekRange } from './seek';

type Position = 'oldest' | 'newest' | 'next' | number;

function position(at: Position): orderer.SeekPosition {
    const result = new orderer.SeekPosition();
    if (at === 'oldest') result.setOldest(new orderer.SeekOldest());
    else if (at === 'newest') result.setNewest(new orderer.SeekNewest());
    else if (at === 'next') result.setNextCommit(new orderer.SeekNextCommit());
    else {
        const specified = new orderer.SeekSpecified();
        specified.setNumber(at);
        result.setSpecified(specified);
    }
    return result;
}

function range(start: Position | undefined, stop: Position | undefined): unknown {
    const seek = new orderer.SeekInfo();
    if (start !== undefined) seek.setStart(position(start));
    if (stop !== undefined) seek.setStop(position(stop));
    return seekRange(seek, 10);
}

test.each<{ start: Position; stop: Position; first: number; last: number | undefined }>([
    { start: 'oldest', stop: 'newest', first: 0, last: 9 },
    { start: 'oldest', stop: 'oldest', first: 0, last: 0 },
    { start: 'newest', stop: 'newest', first: 9, last: 9 },
    { start: 'newest', stop: 'oldest', first: 9, last: 9 },
    { start: 3, stop: 5, first: 3, last: 5 },
    { start: 12, stop: 15, first: 12, last: 15 },
    { start: 4, stop: Number.MAX_SAFE_INTEGER, first: 4, last: Number.MAX_SAFE_INTEGER },
])('with ten blocks, from $start to $stop is from $first to $last', ({ start, stop, first, last }) => {
    expect(range(start, stop)).toEqual({ first, last });
});

test.each<{ start: Position | undefined; stop: Position | undefined }>([
    { start: undefined, stop: 'newest' },
    { start: 'oldest', stop: undefined },
    { start: 5, stop: 4 },
])('from $start to $stop makes no sense', ({ start, stop }) => {
    expect(range(start, stop)).toBeUndefined();
});
