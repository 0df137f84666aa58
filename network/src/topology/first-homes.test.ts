import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { readCommunity } from './community/read';
import { withFirstHomes } from './first-homes';
import { repositoryRoot } from './layout';
import { seats } from './topology';

const community = readCommunity(join(repositoryRoot, 'organizations', 'community.yaml'));

describe('the first homes of a community', () => {
    test('are members with the grid operator and nobody else, at the addresses that they have', () => {
        const four = withFirstHomes(community, 4);
        expect(four.homes).toEqual(['H1', 'H2', 'H3', 'H4']);
        expect(four.organisations).toMatchObject(
            community.organisations.slice(0, 5).map(({ id, peer }) => ({ id, peer })),
        );
    });

    test('keep their ordering seats, numbered without gaps', () => {
        const numbered = seats(withFirstHomes(community, 11)).map(({ id, orderingSeat }) => [
            id,
            orderingSeat.consenterId,
        ]);
        expect(numbered).toEqual([
            ['H1', 1],
            ['H4', 2],
            ['H11', 3],
        ]);
    });

    test.each([0, 21, 1.5, NaN])('are not %p of 20', (count) => {
        expect(() => withFirstHomes(community, count)).toThrow(`there are 1 to 20 homes, not ${count}`);
    });

    test('need one that orders transactions', () => {
        const seatless = { ...community, organisations: community.organisations.filter(({ id }) => id !== 'H1') };
        expect(() => withFirstHomes({ ...seatless, homes: seatless.homes.slice(1) }, 2)).toThrow(
            'none of H2, H3 has an ordering seat',
        );
    });
});
