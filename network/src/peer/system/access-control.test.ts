import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { Bundle } from '../../fabric/channel-config';
import type { SignedData } from '../../fabric/policy';
import { TestCommunity, type SignerKind } from '../../testing/test-community';
import { AccessControl } from './access-control';

let community: TestCommunity;
let access: AccessControl;

beforeAll(async () => {
    community = await TestCommunity.create(2);
    const bundle = Bundle.fromConfigBlock(community.genesis);
    access = new AccessControl('H1MSP', () => bundle);
});

afterAll(() => {
    community.remove();
});

function signed(organisation: string, kind: SignerKind): SignedData {
    const signer = community.signer(organisation, kind);
    const data = Buffer.from('proposal');
    return { identity: signer.serialized, data, signature: signer.sign(data) };
}

test.each<{ resource: string; who: [string, SignerKind] }>([
    { resource: 'peer/Propose', who: ['H2', 'agent'] },
    { resource: 'qscc/GetChainInfo', who: ['DSO', 'agent'] },
    { resource: 'event/Block', who: ['H2', 'peer'] },
    { resource: 'gateway/CommitStatus', who: ['H1', 'agent'] },
    { resource: '_lifecycle/CommitChaincodeDefinition', who: ['H2', 'admin'] },
    { resource: '_lifecycle/InstallChaincode', who: ['H1', 'admin'] },
    { resource: 'cscc/GetChannels', who: ['H1', 'agent'] },
])('$resource is for $who', ({ resource, who }) => {
    expect(() => {
        access.check(resource, 'community', signed(...who));
    }).not.toThrow();
});

test.each<{ resource: string; who: [string, SignerKind]; says: string }>([
    { resource: '_lifecycle/InstallChaincode', who: ['H1', 'agent'], says: '[This identity is not an admin]' },
    { resource: '_lifecycle/InstallChaincode', who: ['H2', 'admin'], says: 'Failed deserializing proposal creator' },
    { resource: 'cscc/GetChannels', who: ['H2', 'agent'], says: 'Failed deserializing proposal creator' },
    { resource: 'qscc/Everything', who: ['H1', 'admin'], says: 'Unmapped policy for qscc/Everything' },
])('$resource is not for $who', ({ resource, who, says }) => {
    expect(() => {
        access.check(resource, 'community', signed(...who));
    }).toThrow(says);
});

test('signatures are verified', () => {
    const broken = { ...signed('H1', 'agent'), data: Buffer.from('something else') };
    expect(() => {
        access.check('peer/Propose', 'community', broken);
    }).toThrow(
        'Failed evaluating policy on signed data during check policy on channel [community] with policy [/Channel/Application/Writers]',
    );
    const admin = { ...signed('H1', 'admin'), data: Buffer.from('something else') };
    expect(() => {
        access.check('_lifecycle/InstallChaincode', '', admin);
    }).toThrow('Failed verifying proposal signature');
});

test('a channel that the peer is not in has no policies', () => {
    expect(() => {
        access.check('peer/Propose', 'elsewhere', signed('H1', 'agent'));
    }).toThrow('Failed to get policy manager for channel [elsewhere]');
});
