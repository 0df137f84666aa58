import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { smallCommunity } from '../small-community';
import { organisation } from '../topology';
import { assertNewcomer, demonstrationHome, readHome } from './newcomer';
import { sinceFounding, withHousehold, withoutHousehold } from './roster';

const founded = smallCommunity(5, { portBase: 23050 });
const grown = withHousehold(founded, demonstrationHome('H6', founded));

describe('the topology of a network that grows', () => {
    test('has the newcomer behind the others, at a port of its own', () => {
        expect(grown.homes).toEqual(['H1', 'H2', 'H3', 'H4', 'H5', 'H6']);
        const ports = grown.organisations.map(({ peer }) => peer.port);
        expect(new Set(ports).size).toBe(7);
        expect(organisation(grown, 'H6')).toMatchObject({
            mspId: 'H6MSP',
            domain: 'h6.small.example',
            kind: 'household',
        });
    });

    test('is known again from the community it was made from', () => {
        const twice = withHousehold(grown, demonstrationHome('H7', grown));
        expect(sinceFounding(founded, JSON.parse(JSON.stringify(twice)) as typeof twice).homes).toHaveLength(7);
        expect(sinceFounding(founded, undefined)).toBe(founded);
    });

    test('is not taken for that of another community', () => {
        const other = smallCommunity(4, { portBase: 23050 });
        expect(sinceFounding(other, grown)).toBe(other);
    });

    test('lets a household go, and gives nobody its port', () => {
        const without = withoutHousehold(grown, 'H5');
        expect(without.homes).toEqual(['H1', 'H2', 'H3', 'H4', 'H6']);
        const next = withHousehold(without, demonstrationHome('H8', without));
        expect(organisation(next, 'H8').peer.port).toBe(organisation(grown, 'H6').peer.port + 1);
    });

    test.each([
        { id: 'H1', why: 'H1 has an ordering seat' },
        { id: 'DSO', why: 'DSO is no household' },
        { id: 'H9', why: 'no organisation H9' },
    ])('does not let go $id', ({ id, why }) => {
        expect(() => withoutHousehold(grown, id)).toThrow(why);
    });
});

describe('a newcomer', () => {
    let directory: string;
    beforeAll(() => {
        directory = mkdtempSync(join(tmpdir(), 'newcomer-'));
    });
    afterAll(() => {
        rmSync(directory, { recursive: true });
    });
    const file = (text: string): string => {
        const path = join(directory, 'home.yaml');
        writeFileSync(path, text);
        return path;
    };
    const HOME = `
connection: { id: c-21, point: [48.05, 11.05], importLimitW: 11040, exportLimitW: 5500 }
meters: { connection: m-21 }
load: true
preferences: { buyLimitPerKwh: 0.2, sellLimitPerKwh: 0.1 }
`;

    test('is described as in the file of the community', () => {
        expect(readHome('H21', file(HOME))).toMatchObject({
            id: 'H21',
            consumes: true,
            generates: false,
            preferences: { buyLimitMicrosPerKwh: 200_000, sellLimitMicrosPerKwh: 100_000 },
        });
    });

    test('that is described wrongly is refused with file and path', () => {
        expect(() => readHome('H21', file(HOME.replace('11040', 'much')))).toThrow(
            /home\.yaml: connection\.importLimitW: /,
        );
    });

    test.each([
        { what: 'a name that is none', home: { ...demonstrationHome('H6', founded), id: 'h 6' }, why: 'cannot name' },
        { what: "the grid operator's name", home: demonstrationHome('DSO', founded), why: 'is the grid operator' },
        {
            what: "a neighbour's meter",
            home: { ...demonstrationHome('H6', founded), meters: { connection: '1SML0000000002' } },
            why: "meter 1SML0000000002 of H6 is H2's already",
        },
    ])('does not come with $what', ({ home, why }) => {
        expect(() => {
            assertNewcomer(home, founded);
        }).toThrow(why);
    });
});
