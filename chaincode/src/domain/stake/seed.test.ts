import { describe, expect, it } from '@jest/globals';
import { exact, lastRevealerLaw, decimal, text } from '../../testing/stake/exact-laws';
import { sha256Hex, toHex } from '../digest';
import { ranking } from './draw';
import { epochSeed, seedCommitment, type Secret } from './seed';

const EPOCH = '2014-10-03';
const secret = (name: string): string => sha256Hex(name);
const secrets: readonly Secret[] = ['A', 'B', 'C'].map((mspId) => ({ mspId, secret: secret(mspId) }));
const hex = (seed: Uint8Array | undefined): string => toHex(seed ?? new Uint8Array());

describe('a commitment', () => {
    it.each([
        { what: 'another secret', other: seedCommitment(EPOCH, 'A', secret('B')) },
        { what: 'another member', other: seedCommitment(EPOCH, 'B', secret('A')) },
        { what: 'another epoch', other: seedCommitment('2014-10-04', 'A', secret('A')) },
    ])('is not that of $what', ({ other }) => {
        expect(seedCommitment(EPOCH, 'A', secret('A'))).not.toBe(other);
    });

    it('keeps names apart from what follows them', () => {
        expect(seedCommitment(EPOCH, 'AB', secret('x'))).not.toBe(seedCommitment(`${EPOCH}A`, 'B', secret('x')));
    });
});

describe('a seed', () => {
    it('does not depend on who revealed first', () => {
        expect(hex(epochSeed(EPOCH, [...secrets].reverse()))).toBe(hex(epochSeed(EPOCH, secrets)));
    });

    it('depends on every secret, on whose it is and on the epoch', () => {
        const seeds = [
            epochSeed(EPOCH, secrets),
            epochSeed('2014-10-04', secrets),
            epochSeed(EPOCH, secrets.slice(1)),
            ...secrets.map(({ mspId }) =>
                epochSeed(
                    EPOCH,
                    secrets.map((each) => (each.mspId === mspId ? { mspId, secret: secret('other') } : each)),
                ),
            ),
        ].map(hex);
        expect(new Set(seeds).size).toBe(seeds.length);
    });

    it('is not made of nothing', () => {
        expect(epochSeed(EPOCH, [])).toBeUndefined();
    });
});

describe('the last to reveal', () => {
    const quarter = exact(1n, 4n);
    const third = exact(1n, 3n);
    const none = exact(0n);

    it.each([
        { own: third, accomplice: none, honest: '1/3', staying: '5/9', leaving: '1/3' },
        { own: quarter, accomplice: none, honest: '1/4', staying: '7/16', leaving: '1/4' },
        { own: quarter, accomplice: quarter, honest: '1/2', staying: '3/4', leaving: '2/3' },
        { own: exact(1n, 10n), accomplice: quarter, honest: '7/20', staying: '231/400', leaving: '191/360' },
    ])('gets $leaving instead of $honest', ({ own, accomplice, ...expected }) => {
        const { honest, staying, leaving } = lastRevealerLaw(own, accomplice);
        expect({ honest: text(honest), staying: text(staying), leaving: text(leaving) }).toEqual(expected);
    });

    it.each([{ accomplice: 'none' }, { accomplice: 'B' }])(
        'meets that law in the draw, accomplice $accomplice',
        (given) => {
            const weights = [
                { mspId: 'A', weight: 250_000n },
                { mspId: 'B', weight: 250_000n },
                { mspId: 'C', weight: 500_000n },
            ];
            const wanted = ['A', given.accomplice];
            const EPOCHS = 5_000;
            let got = 0;
            for (let n = 0; n < EPOCHS; n += 1) {
                const all = ['A', 'B', 'C'].map((mspId) => ({ mspId, secret: sha256Hex(`${n} ${mspId}`) }));
                const firstOf = (revealing: readonly Secret[]): string => {
                    const drawing = weights.filter(({ mspId }) => revealing.some((each) => each.mspId === mspId));
                    return ranking('proportional', drawing, epochSeed(EPOCH, revealing) ?? new Uint8Array())[0] ?? '';
                };
                const isWanted = wanted.includes(firstOf(all)) || wanted.includes(firstOf(all.slice(1)));
                got += isWanted ? 1 : 0;
            }
            const { leaving } = lastRevealerLaw(quarter, given.accomplice === 'B' ? quarter : none);
            const chance = decimal(leaving);
            expect(Math.abs(got - EPOCHS * chance)).toBeLessThan(4 * Math.sqrt(EPOCHS * chance * (1 - chance)));
        },
    );
});
