import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout } from '@commonwatt/network/topology/layout';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { netsOf } from '../data/meter-day';
import { chosenDay, expectedData, meterData, rememberDay, rememberedDay } from './day-choice';

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

    const topology = smallCommunity(3, { portBase: 1 });

    it('is expected as it will be where nothing is said', async () => {
        const choice = chosenDay({});
        const { day, errors } = await expectedData(topology, choice);
        expect(day).toEqual(meterData(topology, choice).metered);
        expect(errors).toEqual({ load: { mae: 0, bias: 0 }, pv: { mae: 0, bias: 0 } });
    });

    it('is expected to be as yesterday, with the error that this has', async () => {
        const { day, errors } = await expectedData(topology, chosenDay({ forecast: 'yesterday' }));
        const { metered } = meterData(topology, chosenDay({ day: '2025-04-15' }));
        expect(day).toMatchObject({ day: '2025-04-16', slotCount: 96 });
        expect(day.homes.map(netsOf)).toEqual(metered.homes.map(netsOf));
        expect(errors.load?.mae).toBeGreaterThan(10);
        expect(errors.pv?.mae).toBeGreaterThan(10);
    });

    it.each(['seasonal', 'smoothing', 'clear-sky'] as const)('is expected otherwise by %s', async (forecast) => {
        const { day } = await expectedData(topology, chosenDay({ forecast }));
        const naive = await expectedData(topology, chosenDay({ forecast: 'yesterday' }));
        expect(day.homes.map(netsOf)).not.toEqual(naive.day.homes.map(netsOf));
    });
});
