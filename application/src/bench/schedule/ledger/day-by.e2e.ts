import { expect, it } from '@jest/globals';
import { join } from 'node:path';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { dayBy } from './day-by';

it('measures a day agreed on ahead by homes that did not know it', async () => {
    const community = readCommunity(join(repositoryRoot, 'organizations', 'community.yaml'));
    const wish = { by: 'schedule', homes: 3, hasBatteries: true, forecast: 'clear-sky' } as const;
    const { isSound, batteries, margin, forecastErrors, traffic, ...day } = await dayBy(community, wish);
    expect({ isSound, batteries, status: day.schedule?.status }).toEqual({
        isSound: true,
        batteries: 3,
        status: 'converged',
    });
    // Batteries do what was agreed on, whatever comes: what differs is what was foreseen wrongly.
    expect(margin.agreedWh).toBeGreaterThan(margin.forecastWh / 2);
    expect(margin.agreedWh).toBeLessThan(2 * margin.forecastWh);
    expect(forecastErrors?.load?.maeWh).toBeGreaterThan(0);
    const answers = traffic.find(({ transaction }) => transaction === 'schedule:submit');
    expect(answers?.operatorSaw).toBe(answers?.count);
    expect(day.kilobytesToAgree).toBeLessThan(day.channelKilobytes);
});
