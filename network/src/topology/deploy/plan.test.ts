import { describe, expect, test } from '@jest/globals';
import { type OrganisationState, planDeployment, policyByReference } from './plan';

const market = { name: 'market', version: '1', policyReference: '/Channel/Application/Market' };
const policy = policyByReference(market.policyReference);
const definition = (sequence: number, version = '1') => ({
    name: 'market',
    version,
    sequence,
    validationParameter: policy,
});
const state = (installed: string[], approved: [number, string][]): OrganisationState => ({
    installed,
    approvals: approved.map(([sequence, packageId]) => ({ ...definition(sequence), packageId })),
});
const nothing = state([], []);

describe('what a deployment does', () => {
    const cases = [
        {
            when: 'nothing is there',
            committed: undefined,
            states: [nothing, nothing],
            then: { sequence: 1, toInstall: [0, 1], toApprove: [0, 1], toCommit: true },
        },
        {
            when: 'all is there',
            committed: definition(1),
            states: [state(['P'], [[1, 'P']]), state(['P'], [[1, 'P']])],
            then: { sequence: 1, toInstall: [], toApprove: [], toCommit: false },
        },
        {
            when: 'it was interrupted while organisations approved',
            committed: undefined,
            states: [state(['P'], [[1, 'P']]), state(['P'], [])],
            then: { sequence: 1, toInstall: [], toApprove: [1], toCommit: true },
        },
        {
            when: 'all have approved and nobody has committed',
            committed: undefined,
            states: [state(['P'], [[1, 'P']])],
            then: { sequence: 1, toInstall: [], toApprove: [], toCommit: true },
        },
        {
            when: 'the code is new',
            committed: definition(1),
            states: [state(['old'], [[1, 'old']]), state(['old'], [[1, 'old']])],
            then: { sequence: 2, toInstall: [0, 1], toApprove: [0, 1], toCommit: true },
        },
        {
            when: 'the version is new',
            committed: definition(3, '0'),
            states: [state(['P'], [[3, 'P']])],
            then: { sequence: 4, toInstall: [], toApprove: [0], toCommit: true },
        },
        {
            when: 'a peer has lost its packages',
            committed: definition(1),
            states: [state([], [[1, 'P']]), state(['P'], [[1, 'P']])],
            then: { sequence: 1, toInstall: [0], toApprove: [], toCommit: false },
        },
    ];

    test.each(cases)('when $when', ({ committed, states, then: { sequence, ...rest } }) => {
        expect(planDeployment(market, 'P', committed, states)).toEqual({
            definition: definition(sequence),
            packageId: 'P',
            ...rest,
        });
    });
});
