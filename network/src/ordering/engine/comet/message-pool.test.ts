import { describe, expect, test } from '@jest/globals';
import { MessagePool } from './message-pool';

const message = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content));

describe('what waits to be decided', () => {
    test('is the same object however often it comes, until it is decided', () => {
        const pool = new MessagePool();
        const { bytes } = pool.add(message('one'));
        expect(pool.add(message('one')).bytes).toBe(bytes);
        expect(pool.known(message('one'))).toBe(bytes);
        pool.remove(message('one'));
        expect(pool.known(message('one'))).not.toBe(bytes);
        expect([pool.size, pool.bytes]).toEqual([0, 0]);
    });

    test.each([
        { what: 'by number', limits: { maxMessages: 2, maxBytes: 100 }, waiting: ['a', 'b'], length: 1, full: true },
        { what: 'by bytes', limits: { maxMessages: 9, maxBytes: 10 }, waiting: ['12345'], length: 6, full: true },
        { what: 'not yet', limits: { maxMessages: 9, maxBytes: 10 }, waiting: ['12345'], length: 5, full: false },
        { what: 'never for one alone', limits: { maxMessages: 9, maxBytes: 10 }, waiting: [], length: 99, full: false },
    ])('is full $what: $full', ({ limits, waiting, length, full }) => {
        const pool = new MessagePool(limits);
        waiting.forEach((each) => pool.add(message(each)));
        const refusal = pool.refuses(length);
        expect(refusal?.status).toBe(full ? 'SERVICE_UNAVAILABLE' : undefined);
        if (full) expect(refusal?.why).toContain(`${waiting.length} transactions`);
    });

    test('after a new start of the engine is what this seat answers for, to be handed over again', () => {
        const pool = new MessagePool();
        pool.add(message('of another seat'));
        const own = pool.add(message('own'));
        own.isOwn = true;
        own.handedOver = 1;
        pool.forgetForeign();
        expect(pool.own()).toEqual([own]);
        expect([pool.size, own.handedOver]).toEqual([1, undefined]);
    });
});
