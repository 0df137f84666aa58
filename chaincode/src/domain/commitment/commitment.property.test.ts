import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { sha256 } from '../digest';
import {
    elementFromHex,
    elementToHex,
    GROUP_ORDER,
    hashedToGroup,
    IDENTITY,
    isSameElement,
    multiple,
    sumOfElements,
    sumOfMultiples,
} from './group';
import { blindingOf, commitmentTo, isOpening, sumOfBlindings, sumOfComponents, type Components } from './pedersen';

const LAYOUT = 'test/v1';
/** Multiplications are slow. */
const FEW = 40;

/** Few names, so that contents share places; small numbers, and some as large as a record can hold. */
const name = fc.constantFrom('a', 'b', 'c/0', 'c/1');
const value = fc.oneof(fc.bigInt({ min: -70n, max: 70n }), fc.bigInt({ min: -(2n ** 126n), max: 2n ** 126n }));
const components: fc.Arbitrary<Components> = fc
    .uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([place]) => place })
    .map((places) => new Map(places));
const blinding = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: GROUP_ORDER - 1n }));
const content = fc.tuple(components, blinding);

const hexOf = ([content, r]: readonly [Components, bigint], layout = LAYOUT): string =>
    elementToHex(commitmentTo(layout, content, r));
const withoutZeros = (content: Components): string =>
    [...content]
        .filter(([, v]) => v !== 0n)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .join(';');

describe('a sum of multiples', () => {
    it('is what adding up one after the other gives, for scalars of every size and sign', () => {
        const scalars = fc.array(fc.oneof(value, fc.constantFrom(0n, 1n, -1n, 63n, 64n, -64n, 4096n)), {
            maxLength: 8,
        });
        holds(
            fc.property(scalars, (all) => {
                const terms = all.map((times, i) => ({ element: hashedToGroup('test', String(i % 3)), times }));
                const slow = sumOfElements(terms.map(multiple));
                expect(isSameElement(sumOfMultiples(terms), slow)).toBe(true);
            }),
            FEW,
        );
    });

    it('counts modulo the order of the group', () => {
        const element = hashedToGroup('test', 'x');
        expect(isSameElement(multiple({ element, times: GROUP_ORDER }), IDENTITY)).toBe(true);
        expect(isSameElement(sumOfMultiples([{ element, times: GROUP_ORDER + 1n }]), element)).toBe(true);
    });
});

describe('an element', () => {
    it('has one spelling, and most texts are none', () => {
        const element = hashedToGroup('test', 'y');
        const hex = elementToHex(element);
        expect(elementToHex(elementFromHex(hex) ?? IDENTITY)).toBe(hex);
        for (const wrong of ['', hex.toUpperCase(), hex.slice(2), `${hex}00`, 'f'.repeat(64), `01${'00'.repeat(31)}`]) {
            expect(elementFromHex(wrong)).toBeUndefined();
        }
    });

    it('is what RFC 9496 says of the generator, and of the identity', () => {
        // RFC 9496, appendix A.1: the multiples 0 and 1 of the generator.
        expect(elementToHex(IDENTITY)).toBe('00'.repeat(32));
        const generator = 'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76';
        const twice = '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919';
        const element = elementFromHex(generator) ?? IDENTITY;
        expect(elementToHex(multiple({ element, times: 2n }))).toBe(twice);
    });
});

describe('a commitment', () => {
    it('adds up: the sum of commitments commits to the sums', () => {
        holds(
            fc.property(fc.array(content, { minLength: 1, maxLength: 4 }), (all) => {
                const elements = all.map(([each, r]) => commitmentTo(LAYOUT, each, r));
                const sums = sumOfComponents(all.map(([each]) => each));
                expect(isOpening(LAYOUT, elements, sums, sumOfBlindings(all.map(([, r]) => r)))).toBe(true);
            }),
            FEW,
        );
    });

    it('does not depend on the order of its places, nor on places that hold nothing', () => {
        holds(
            fc.property(content, ([each, r]) => {
                const other = new Map([...[...each].reverse(), ['nothing', 0n] as const]);
                expect(hexOf([other, r])).toBe(hexOf([each, r]));
            }),
            FEW,
        );
    });

    it('is another one for any other content, place, blinding or layout', () => {
        holds(
            fc.property(content, content, ([one, r], [other, s]) => {
                fc.pre(withoutZeros(one) !== withoutZeros(other));
                expect(hexOf([one, r])).not.toBe(hexOf([other, r]));
                expect(hexOf([one, r])).not.toBe(hexOf([other, s]));
                expect(hexOf([one, r])).not.toBe(hexOf([one, r + 1n]));
            }),
            FEW,
        );
        const same: [Components, bigint] = [new Map([['a', 1n]]), 5n];
        expect(hexOf(same, 'test/v2')).not.toBe(hexOf(same));
    });

    it('does not open to sums that are one off anywhere', () => {
        holds(
            fc.property(fc.array(content, { minLength: 2, maxLength: 3 }), name, (all, place) => {
                const elements = all.map(([each, r]) => commitmentTo(LAYOUT, each, r));
                const sums = sumOfComponents(all.map(([each]) => each));
                const r = sumOfBlindings(all.map(([, each]) => each));
                const off = new Map([...sums, [place, (sums.get(place) ?? 0n) + 1n]]);
                expect(isOpening(LAYOUT, elements, off, r)).toBe(false);
                expect(isOpening(LAYOUT, elements.slice(1), sums, r)).toBe(isNothing(all[0]));
                expect(isOpening(LAYOUT, [...elements, ...elements.slice(0, 1)], sums, r)).toBe(isNothing(all[0]));
            }),
            FEW,
        );
    });
});

const isNothing = (content?: readonly [Components, bigint]): boolean =>
    content !== undefined && withoutZeros(content[0]) === '' && content[1] === 0n;

describe('a blinding', () => {
    const salt = sha256('a salt');

    it('is the same for who knows the record, and another for another record or version of it', () => {
        const one = blindingOf(salt, 'settlement/2014-10-03/H1MSP', 1);
        expect(blindingOf(salt, 'settlement/2014-10-03/H1MSP', 1)).toBe(one);
        const others = [
            blindingOf(salt, 'settlement/2014-10-03/H1MSP', 2),
            blindingOf(salt, 'settlement/2014-10-03/H2MSP', 1),
            blindingOf(salt, 'settlement/2014-10-03/H1MSP1', 1),
            blindingOf(sha256('another'), 'settlement/2014-10-03/H1MSP', 1),
        ];
        expect(new Set([one, ...others]).size).toBe(5);
    });

    it('is as large as the group', () => {
        const all = Array.from({ length: 200 }, (_, i) => blindingOf(salt, 'key', i));
        expect(all.every((each) => each >= 0n && each < GROUP_ORDER)).toBe(true);
        expect(all.some((each) => each > GROUP_ORDER - GROUP_ORDER / 8n)).toBe(true);
    });

    it('hides a content that is easily guessed', () => {
        // Somebody who tries every likely content finds none, because each would need the blinding too.
        const secret = commitmentTo(LAYOUT, new Map([['a', 3n]]), blindingOf(salt, 'key', 1));
        const guesses = Array.from({ length: 50 }, (_, i) => commitmentTo(LAYOUT, new Map([['a', BigInt(i)]]), 0n));
        expect(guesses.some((guess) => isSameElement(guess, secret))).toBe(false);
    });
});
