import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { addGauges, serverCounts } from './metrics';

interface Dashboard {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

describe('the dashboard', () => {
    const file = join(repositoryRoot, 'application', 'grafana', 'commonwatt-server.json');
    const { panels } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

    it('asks for measures that the server has, and no others', async () => {
        const counts = serverCounts();
        addGauges(counts, {
            clients: () => 3,
            heights: () => Promise.resolve([['H1', 12]]),
            readModelHeight: () => 11,
        });
        counts.requests.observe({ route: '/api/v1/now', method: 'GET', status: '200' }, 0.01);
        counts.logins.inc({ outcome: 'done' });
        const lines = (await counts.registry.metrics()).split('\n');
        const known = new Set(lines.filter((line) => /^[a-z]/.test(line)).map((line) => /^\w+/.exec(line)?.[0]));
        const asked = [...new Set(queries.flatMap((expr) => expr.match(/commonwatt_\w+/g) ?? []))];
        expect(asked.length).toBeGreaterThan(5);
        expect(asked.filter((name) => !known.has(name))).toEqual([]);
        expect(lines).toContain('commonwatt_peer_blocks{household="H1"} 12');
        expect(lines).toContain('commonwatt_event_clients 3');
    });

    it('names what by in words that the measures carry', () => {
        const labels = queries.flatMap((expr) =>
            [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap((m) => m[1]?.split(', ') ?? []),
        );
        const known = ['route', 'method', 'status', 'outcome', 'household', 'le'];
        expect(labels.length).toBeGreaterThan(2);
        expect(labels.filter((label) => !known.includes(label))).toEqual([]);
    });
});
