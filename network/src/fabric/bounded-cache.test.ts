import { describe, expect, test } from '@jest/globals';
import { BoundedCache } from './bounded-cache';

describe('the bounded cache', () => {
    test('the last entries used are kept, those left alone are forgotten', () => {
        const cache = new BoundedCache<number, string>(3);
        cache.set(0, 'used');
        for (let key = 1; key <= 20; key += 1) {
            cache.set(key, `value ${key}`);
            expect(cache.get(0)).toBe('used');
        }
        expect(cache.get(20)).toBe('value 20');
        expect(cache.get(19)).toBe('value 19');
        expect(cache.get(1)).toBeUndefined();
    });

    test('a value is computed once, false included', () => {
        const cache = new BoundedCache<string, boolean>(3);
        let computed = 0;
        const compute = (): boolean => {
            computed += 1;
            return false;
        };
        expect(cache.remember('a', compute)).toBe(false);
        expect(cache.remember('a', compute)).toBe(false);
        expect(computed).toBe(1);
    });

    test('what throws is not kept', () => {
        const cache = new BoundedCache<string, number>(3);
        expect(() =>
            cache.remember('a', () => {
                throw new Error('not now');
            }),
        ).toThrow('not now');
        expect(cache.remember('a', () => 7)).toBe(7);
    });
});
