import { describe, expect, test } from '@jest/globals';
import { orderer } from '@hyperledger/fabric-protos';
import { position } from '../testing/client';
import { seekRange } from './seek';

type Place = Parameters<typeof position>[0];

function seek(start: Place | undefined, stop: Place | undefined): orderer.SeekInfo {
    const info = new orderer.SeekInfo();
    info.setStart(start === undefined ? undefined : position(start));
    info.setStop(stop === undefined ? undefined : position(stop));
    return info;
}

const FOREVER = Number.MAX_SAFE_INTEGER;

describe('seek on a ledger of 5 blocks', () => {
    test.each<{ from: Place; to: Place; start: number; stop: number }>([
        { from: 'oldest', to: 'oldest', start: 0, stop: 0 },
        { from: 'oldest', to: 'newest', start: 0, stop: 4 },
        { from: 'newest', to: 'newest', start: 4, stop: 4 },
        { from: 0, to: 2 ** 64, start: 0, stop: FOREVER },
        { from: 5, to: 2 ** 64, start: 5, stop: FOREVER },
        { from: 2, to: 3, start: 2, stop: 3 },
        { from: 2, to: 9, start: 2, stop: 9 },
        { from: 'next', to: 2 ** 64, start: 5, stop: FOREVER },
    ])('from $from to $to is $start to $stop', ({ from, to, start, stop }) => {
        expect(seekRange(seek(from, to), 5)).toEqual({ start, stop });
    });

    test.each<{ from: Place | undefined; to: Place | undefined; refused: string }>([
        { from: undefined, to: 'newest', refused: 'BAD_REQUEST' },
        { from: 'oldest', to: undefined, refused: 'BAD_REQUEST' },
        { from: 3, to: 2, refused: 'BAD_REQUEST' },
        { from: 6, to: 2 ** 64, refused: 'NOT_FOUND' },
        { from: 'unset', to: 'newest', refused: 'NOT_FOUND' },
        { from: 'oldest', to: 'unset', refused: 'BAD_REQUEST' },
    ])('from $from to $to is refused as $refused', ({ from, to, refused }) => {
        expect(seekRange(seek(from, to), 5)).toMatchObject({ refused });
    });
});
