import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { saltOf } from '../../testing/market/book';
import { holds } from '../../testing/property';
import { nanos, wattHours } from '../quantity';
import { maskOutcome, unmaskOutcome } from './mask';
import { mechanism, mechanismNames, MECHANISMS } from '../mechanisms/mechanism';
import { OUTCOME_REASONS, reasonOf, type OutcomeReason } from './reasons';
import { publishedSums } from './small-numbers';

const CONTEXT = { salt: saltOf('o1'), round: '0001569264', order: 'H1MSP/o1', attempt: 'ab12' };

describe('a masked outcome', () => {
    it('is fill, amount and reason XOR the HMAC of round, order and attempt under the salt', () => {
        const part = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
        const pad = createHmac('sha256', Buffer.from(CONTEXT.salt, 'hex'))
            .update(Buffer.concat([part('0001569264'), part('H1MSP/o1'), part('ab12')]))
            .digest();
        const plain = [...[0, 0, 0, 0, 0, 0, 0x05, 0x35], ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], 1];
        const expected = Buffer.from(plain.map((byte, i) => byte ^ (pad[i] ?? 0))).toString('hex');
        expect(maskOutcome(CONTEXT, { fill: wattHours(1333n), amount: nanos(-2n), reason: 'RATIONED' })).toBe(expected);
    });

    it('opens to what was masked', () => {
        const fill = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(wattHours);
        const amount = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(nanos);
        const reason = fc.constantFrom(...(Object.keys(OUTCOME_REASONS) as OutcomeReason[]));
        holds(
            fc.property(fill, amount, reason, (energy, money, why) => {
                const mask = maskOutcome(CONTEXT, { fill: energy, amount: money, reason: why });
                const outcome = { order: 'H1MSP/o1', fill: energy, amount: money, reason: why };
                expect(unmaskOutcome(CONTEXT, mask)).toEqual(outcome);
            }),
        );
    });

    it.each([
        { change: { salt: saltOf('o2') } },
        { change: { round: '0001569265' } },
        { change: { order: 'H1MSP/o2' } },
        { change: { attempt: 'ab13' } },
    ])('is another with $change', ({ change }) => {
        const outcome = { fill: wattHours(500n), amount: nanos(1n), reason: 'FILLED' } as const;
        expect(maskOutcome({ ...CONTEXT, ...change }, outcome)).not.toBe(maskOutcome(CONTEXT, outcome));
    });

    it.each(['', '00', 'zz'.repeat(17), '00'.repeat(9), '00'.repeat(18)])('does not open from %p', (mask) => {
        expect(unmaskOutcome(CONTEXT, mask)).toBeUndefined();
    });

    it('does not open to a reason that there is not', () => {
        const mask = Buffer.from(
            maskOutcome(CONTEXT, { fill: wattHours(0n), amount: nanos(0n), reason: 'FILLED' }),
            'hex',
        );
        mask.writeUInt8(mask.readUInt8(16) ^ 200, 16);
        expect(unmaskOutcome(CONTEXT, mask.toString('hex'))).toBeUndefined();
    });

    it('has no room for more than 64 bits', () => {
        expect(() => maskOutcome(CONTEXT, { fill: wattHours(2n ** 64n), amount: nanos(0n), reason: 'FILLED' })).toThrow(
            'out of range',
        );
    });
});

describe('reasons', () => {
    it('have codes that differ and read back', () => {
        const names = Object.keys(OUTCOME_REASONS) as OutcomeReason[];
        expect(names.map((name) => reasonOf(OUTCOME_REASONS[name].code))).toEqual(names);
        expect(reasonOf(255)).toBeUndefined();
    });
});

describe('publishedSums', () => {
    it.each([
        { buyers: 3, sellers: 3, published: { volumeWh: 900n, surplusNanos: 7n } },
        { buyers: 2, sellers: 9, published: {} },
        { buyers: 9, sellers: 2, published: {} },
    ])('with $buyers buyers and $sellers sellers', ({ buyers, sellers, published }) => {
        const sums = { volume: wattHours(900n), surplus: nanos(7n) };
        expect(publishedSums({ ...sums, buyers, sellers, outcomes: [] })).toEqual(published);
    });
});

it('finds a mechanism by its name', () => {
    expect(mechanismNames.map(mechanism)).toEqual(MECHANISMS);
    expect(new Set(mechanismNames).size).toBe(mechanismNames.length);
    expect(mechanism('uniform-price/v0')).toBeUndefined();
});
