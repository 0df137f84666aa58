import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { contains, type Point, type Polygon } from './geometry';

const point = (longitude: number, latitude: number): Point => ({
    longitude: BigInt(longitude),
    latitude: BigInt(latitude),
});
const polygon = (...corners: readonly (readonly [number, number])[]): Polygon => corners.map(([x, y]) => point(x, y));

describe('contains', () => {
    const square = polygon([0, 0], [4, 0], [4, 4], [0, 4]);
    const arrow = polygon([0, 0], [4, 4], [8, 0], [4, 8]);

    it.each([
        { what: 'the middle', area: square, at: [2, 2], inside: true },
        { what: 'a corner', area: square, at: [4, 4], inside: true },
        { what: 'an edge', area: square, at: [0, 1], inside: true },
        { what: 'a place beside an edge', area: square, at: [5, 1], inside: false },
        { what: 'a place on the line of an edge', area: square, at: [6, 0], inside: false },
        { what: 'a place at the height of a corner', area: square, at: [-1, 4], inside: false },
        { what: 'the notch of an arrow', area: arrow, at: [4, 2], inside: false },
        { what: 'the notch point of an arrow', area: arrow, at: [4, 4], inside: true },
        { what: 'a wing of an arrow', area: arrow, at: [2, 3], inside: true },
    ])('says $inside of $what', ({ area, at: [x = 0, y = 0], inside }) => {
        expect(contains(area, point(x, y))).toBe(inside);
    });

    it('does not depend on where the corners begin, nor on their direction', () => {
        const small = fc.integer({ min: 0, max: 6 });
        const corners = fc.array(fc.tuple(small, small), { minLength: 3, maxLength: 7 });
        holds(
            fc.property(corners, small, small, fc.nat(6), (given, x, y, by) => {
                const area = polygon(...given);
                const turned = [...area.slice(by % area.length), ...area.slice(0, by % area.length)];
                const expected = contains(area, point(x, y));
                expect(contains(turned, point(x, y))).toBe(expected);
                expect(contains([...area].reverse(), point(x, y))).toBe(expected);
            }),
        );
    });

    it('agrees with the four comparisons of a rectangle', () => {
        const small = fc.integer({ min: 0, max: 5 });
        holds(
            fc.property(small, small, small, small, small, small, (x0, y0, width, height, x, y) => {
                const [x1, y1] = [x0 + width, y0 + height];
                const area = polygon([x0, y0], [x1, y0], [x1, y1], [x0, y1]);
                expect(contains(area, point(x, y))).toBe(x >= x0 && x <= x1 && y >= y0 && y <= y1);
            }),
        );
    });
});
