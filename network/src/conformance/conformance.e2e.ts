import { describe, expect, jest, test } from '@jest/globals';
import { conformancePage } from './page';
import { runConformance } from './run';
import { block, call, transaction, type Scenario } from './scenario';
import { SCENARIOS } from './scenarios';

// Shared machines are slow at times.
jest.setTimeout(300_000);

const scenarios = SCENARIOS.flatMap((group) => group.scenarios);

describe('the conformance suite', () => {
    test('has at least sixty scenarios, each with a name of its own', () => {
        expect(scenarios.length).toBeGreaterThanOrEqual(60);
        expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    });

    test('is passed by the embedded peer, and says how many it did not show to a Fabric peer', async () => {
        const report = await runConformance({ portBase: 25_700, fabric: undefined });
        expect(report.failures).toEqual([]);
        expect(report.embedded).toEqual({ passed: scenarios.length, failed: 0, skipped: 0 });
        expect(report.native).toEqual({ passed: 0, failed: 0, skipped: scenarios.length });
        expect(report.differences).toEqual([]);
    });

    test('fails where a peer does something else than a scenario says', async () => {
        const wrong: Scenario = {
            name: 'A transaction that too few endorse',
            fabric: 'Is valid, says this scenario.',
            steps: [
                block([transaction({ writes: { a: '1' }, endorsers: ['H1'] })], 'VALID'),
                call({ args: ['get', 'a'] }, { status: 200 }),
            ],
        };
        const groups = [{ title: 'Wrong', scenarios: [wrong] }];
        const report = await runConformance({ portBase: 25_800, fabric: undefined, groups });
        expect(report.embedded).toEqual({ passed: 0, failed: 1, skipped: 0 });
        expect(report.failures.map(({ step, why }) => `${step} ${why}`)).toEqual([
            '1 codes ENDORSEMENT_POLICY_FAILURE instead of VALID',
            expect.stringMatching(/^2 status is not '200': 500: make sure the chaincode market has been successfully/),
        ]);
    });

    test('is described scenario by scenario', () => {
        const page = conformancePage();
        expect(scenarios.filter(({ name }) => !page.includes(name.replaceAll('|', '\\|')))).toEqual([]);
    });
});
