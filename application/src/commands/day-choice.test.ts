import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout } from '@commonwatt/network/topology/layout';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { chosenDay, meterData, rememberDay, rememberedDay } from './day-choice';

const directory = mkdtempSync(join(tmpdir(), 'commonwatt-choice-'));
afterAll(() => {
    rmSync(directory, { recursive: true });
});

describe('which day is traded', () => {
    it('is the sample day where nothing is said', () => {
        expect(chosenDay({})).toMatchObject({ day: '2025-04-16', forecast: 'perfect', data: undefined });
    });

    it.each([
        { options: { data: '/data' }, message: /--day: say which day/ },
        { options: { zone: 'Europe/Berlin' }, message: /--zone: says how times in --data/ },
        { options: { day: 'tomorrow' }, message: /'tomorrow' is not a day/ },
    ])('is refused for $options', ({ options, message }) => {
        expect(() => chosenDay(options)).toThrow(message);
    });

    it('is remembered beside the ledgers, to be resumed', () => {
        const at = layout(directory);
        expect(rememberedDay(at)).toBeUndefined();
        const choice = chosenDay({ data: 'some/folder', day: '2014-10-03', forecast: 'yesterday' });
        rememberDay(at, choice);
        expect(rememberedDay(at)).toEqual({ ...choice, zone: undefined, data: join(process.cwd(), 'some/folder') });
    });

    it('comes with the day before where agents expect what yesterday brought', () => {
        const topology = smallCommunity(3, { portBase: 1 });
        const choice = chosenDay({ forecast: 'yesterday' });
        const { metered, before } = meterData(topology, choice);
        expect([metered.day, before?.day]).toEqual(['2025-04-16', '2025-04-15']);
        expect(meterData(topology, chosenDay({})).before).toBeUndefined();
    });
});
