import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Contract } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';

import { or, signedBy } from '../../../fabric/policy';
import { PeerNetwork, until } from '../../../testing/peer-network';
import { collection } from '../../../testing/rwsets';
import { policyByReference } from '../../../topology/deploy/plan';

const { lifecycle } = peer;
const ENDORSERS = ['DSOMSP', 'H1MSP'];
let network: PeerNetwork;

beforeAll(async () => {
    network = await PeerNetwork.start(3, 20_500);
    await network.deploy();
    await defineWithCollection();
}, 300_000);

afterAll(async () => {
    await network.stop();
});

interface Definition {
    setName(name: string): void;
    setVersion(version: string): void;
    setSequence(sequence: number): void;
    setEndorsementPlugin(name: string): void;
    setValidationPlugin(name: string): void;
    setValidationParameter(policy: Uint8Array): void;
    setCollections(collections: peer.CollectionConfigPackage): void;
    serializeBinary(): Uint8Array;
}

/** The next sequence of `kv`, with a collection of H1 and H2. */
function filled<D extends Definition>(args: D): D {
    const collections = new peer.CollectionConfigPackage();
    // What goes to `pushed` is with the other member before it is endorsed, what goes to `shared` is fetched.
    for (const [name, count] of [
        ['shared', 0],
        ['pushed', 1],
    ] as const) {
        const config = collection(name, or(signedBy('H1MSP', 'member'), signedBy('H2MSP', 'member')));
        config.setRequiredPeerCount(count);
        config.setMaximumPeerCount(count);
        collections.addConfig(new peer.CollectionConfig()).setStaticCollectionConfig(config);
    }
    args.setName('kv');
    args.setVersion('1');
    args.setSequence(2);
    args.setEndorsementPlugin('escc');
    args.setValidationPlugin('vscc');
    args.setValidationParameter(policyByReference('/Channel/Application/Market'));
    args.setCollections(collections);
    return args;
}

const adminOf = (id: string): Contract => network.client(id, id, network.signer(id, 'admin')).contract('_lifecycle');

async function approve(id: string): Promise<void> {
    const query = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
    query.setName('kv');
    query.setSequence(1);
    const mspId = `${id}MSP`;
    const known = await adminOf(id).evaluate('QueryApprovedChaincodeDefinition', {
        arguments: [query.serializeBinary()],
        endorsingOrganizations: [mspId],
    });
    const approval = filled(new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs());
    approval.setSource(lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(known).getSource());
    await adminOf(id).submit('ApproveChaincodeDefinitionForMyOrg', {
        arguments: [approval.serializeBinary()],
        endorsingOrganizations: [mspId],
    });
}

async function defineWithCollection(): Promise<void> {
    const all = network.topology.organisations.map(({ id }) => id);
    for (const id of all) await approve(id);
    await network.settled();
    await adminOf('DSO').submit('CommitChaincodeDefinition', {
        arguments: [filled(new lifecycle.CommitChaincodeDefinitionArgs()).serializeBinary()],
        endorsingOrganizations: all.map((id) => `${id}MSP`),
    });
    await network.settled();
}

async function put(key: string, value: string, into = 'shared'): Promise<void> {
    await network
        .client('H1')
        .contract('kv')
        .submit('putPrivate', {
            arguments: [into, key],
            transientData: { value },
            endorsingOrganizations: ENDORSERS,
        });
}

const read = (id: string, key: string, from = 'shared'): Promise<string> =>
    network
        .client(id)
        .contract('kv')
        .evaluate('getPrivate', { arguments: [from, key], endorsingOrganizations: [`${id}MSP`] })
        .then(
            (bytes) => Buffer.from(bytes).toString(),
            () => 'unreadable',
        );

test('a member that did not endorse gets the plaintext soon after the block', async () => {
    await put('k', 'for both');
    expect(await read('H1', 'k')).toBe('for both');
    await until('H2 has it', async () => (await read('H2', 'k')) === 'for both');
    expect(await read('H3', 'k')).not.toContain('for both');
});

test('a collection that requires it is endorsed only while another member can keep the plaintext', async () => {
    await put('k', 'pushed', 'pushed');
    await network.settled();
    expect(await read('H2', 'k', 'pushed')).toBe('pushed');
    await network.stopPeer('H2');
    await expect(put('k', 'alone', 'pushed')).rejects.toThrow();
    expect(await read('H1', 'k', 'pushed')).toBe('pushed');
    await network.startPeer('H2');
});

test('a member that was down gets what it missed, with values that changed meanwhile as they are now', async () => {
    await network.stopPeer('H2');
    await put('missed', 'first');
    await put('missed', 'second');
    await put('other', 'too');
    await network.startPeer('H2');
    await network.settled();
    await until('H2 has it', async () => (await read('H2', 'missed')) === 'second');
    await until('H2 has the other', async () => (await read('H2', 'other')) === 'too');
    const digests = await Promise.all(['DSO', 'H1', 'H2', 'H3'].map((id) => network.peer(id).digest()));
    expect(new Set(digests.map(({ stateDigest }) => stateDigest)).size).toBe(1);
}, 300_000);
