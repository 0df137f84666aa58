import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';

import { Bundle } from '../../../fabric/channel-config';
import { and, outOf, signaturePolicyEnvelope, signedBy, type Rule } from '../../../fabric/policy';
import { TestCommunity } from '../../../testing/test-community';
import type { ChaincodeDefinition } from '../../lifecycle-state';
import { requirements, smallestSet } from './endorsement-plan';

const HOMES = ['H1MSP', 'H2MSP', 'H3MSP'];
let community: TestCommunity;
let bundle: Bundle;

beforeAll(async () => {
    community = await TestCommunity.create(3);
    bundle = Bundle.fromConfigBlock(community.genesis);
});

afterAll(() => {
    community.remove();
});

function definition(reference: string): ChaincodeDefinition {
    const policy = new common.ApplicationPolicy();
    policy.setChannelConfigPolicyReference(reference);
    return {
        sequence: 1,
        version: '1',
        endorsementPlugin: 'escc',
        initRequired: false,
        validationPlugin: 'vscc',
        validationParameter: policy.serializeBinary(),
        collections: [],
    };
}

interface Call {
    readonly chaincode: 'market' | 'governance';
    readonly collections?: readonly string[];
    readonly keys?: readonly Rule[];
    readonly noChaincodePolicy?: boolean;
    readonly noPrivateReads?: boolean;
}

/** Who is asked when H1's gateway plans a transaction of these calls. */
function asked(calls: readonly Call[], preferred: readonly string[] = ['H1MSP', 'DSOMSP', 'H2MSP', 'H3MSP']): unknown {
    const interest = new peer.ChaincodeInterest();
    interest.setChaincodesList(
        calls.map(({ chaincode, collections = [], keys = [], noChaincodePolicy = false, noPrivateReads = false }) => {
            const call = new peer.ChaincodeCall();
            call.setName(chaincode);
            call.setCollectionNamesList([...collections]);
            call.setKeyPoliciesList(keys.map(signaturePolicyEnvelope));
            call.setDisregardNamespacePolicy(noChaincodePolicy);
            call.setNoPrivateReads(noPrivateReads);
            return call;
        }),
    );
    const policyOf = { market: '/Channel/Application/Market', governance: '/Channel/Application/Governance' };
    const definitionOf = (name: string): ChaincodeDefinition | undefined =>
        name === 'market' || name === 'governance' ? definition(policyOf[name]) : undefined;
    const found = smallestSet(requirements(interest, definitionOf, bundle), preferred);
    return found && [...found].sort();
}

describe('as few organisations as the policies ask for, the preferred ones first', () => {
    test.each<{ what: string; calls: readonly Call[]; who: unknown }>([
        { what: 'operator and any household', calls: [{ chaincode: 'market' }], who: ['DSOMSP', 'H1MSP'] },
        { what: 'operator and a majority', calls: [{ chaincode: 'governance' }], who: ['DSOMSP', 'H1MSP', 'H2MSP'] },
        {
            what: 'a key of two households',
            calls: [
                {
                    chaincode: 'market',
                    keys: [and(signedBy('H2MSP', 'peer'), signedBy('H3MSP', 'peer'))],
                    noChaincodePolicy: true,
                },
            ],
            who: ['H2MSP', 'H3MSP'],
        },
        {
            what: 'a key policy on top of the chaincode’s',
            calls: [{ chaincode: 'market', keys: [signedBy('H3MSP', 'member')] }],
            who: ['DSOMSP', 'H3MSP'],
        },
        {
            what: 'an implicit collection that is only written',
            calls: [
                { chaincode: 'market' },
                { chaincode: 'market', collections: ['_implicit_org_H2MSP'], noPrivateReads: true },
            ],
            who: ['DSOMSP', 'H2MSP'],
        },
        {
            what: 'an implicit collection alone',
            calls: [{ chaincode: 'market', collections: ['_implicit_org_H2MSP'], noPrivateReads: true }],
            who: ['H2MSP'],
        },
        {
            what: 'two of three',
            calls: [
                {
                    chaincode: 'market',
                    keys: [
                        outOf(
                            2,
                            HOMES.map((each) => signedBy(each, 'peer')),
                        ),
                    ],
                    noChaincodePolicy: true,
                },
            ],
            who: ['H1MSP', 'H2MSP'],
        },
    ])('$what', ({ calls, who }) => {
        expect(asked(calls)).toEqual(who);
    });

    test('goes around an organisation that is not there', () => {
        expect(asked([{ chaincode: 'market' }], ['DSOMSP', 'H3MSP'])).toEqual(['DSOMSP', 'H3MSP']);
    });
});

describe('nobody', () => {
    test.each<{ what: string; calls: readonly Call[]; preferred?: readonly string[] }>([
        { what: 'without the operator', calls: [{ chaincode: 'market' }], preferred: HOMES },
        {
            what: 'when what is read belongs to an organisation that may not endorse alone',
            calls: [{ chaincode: 'market' }, { chaincode: 'market', collections: ['_implicit_org_H2MSP'] }],
        },
        {
            what: 'when keys want what no peer is',
            calls: [{ chaincode: 'market', keys: [signedBy('H1MSP', 'client')], noChaincodePolicy: true }],
        },
    ])('$what', ({ calls, preferred }) => {
        expect(asked(calls, preferred)).toBeUndefined();
    });

    test('can be asked for a chaincode that the channel has not got', () => {
        const interest = new peer.ChaincodeInterest();
        const call = new peer.ChaincodeCall();
        call.setName('nobody');
        interest.setChaincodesList([call]);
        expect(() => requirements(interest, () => undefined, bundle)).toThrow(
            'no metadata was found for chaincode nobody in channel community',
        );
    });
});
