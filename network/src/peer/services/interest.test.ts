import { expect, test } from '@jest/globals';

import { signaturePolicyEnvelope, signedBy } from '../../fabric/policy';
import type { NamespaceRwSet } from '../../fabric/rwset';
import type { SimulationResults } from '../ledger/api';
import { chaincodeInterest } from './interest';

const POLICY = signaturePolicyEnvelope(signedBy('H1MSP', 'peer')).serializeBinary();

interface Touched {
    readonly writes?: readonly string[];
    readonly metadataWrites?: readonly string[];
    /** Keys among those written that have a policy. */
    readonly guarded?: number;
    readonly collections?: Readonly<Record<string, { writes: number; guarded?: number; isRead?: boolean }>>;
}

function namespace(name: string, { writes = [], metadataWrites = [], collections = {} }: Touched): NamespaceRwSet {
    return {
        name,
        reads: [],
        rangeQueries: [],
        writes: writes.map((key) => ({ key, isDelete: false, value: new Uint8Array() })),
        metadataWrites: metadataWrites.map((key) => ({ key, entries: [] })),
        collections: Object.entries(collections).map(([collection, each]) => ({
            name: collection,
            hashedReads: [],
            hashedWrites: Array.from({ length: each.writes }, (_, index) => ({
                keyHash: Buffer.from([index]),
                isDelete: false,
                valueHash: new Uint8Array(),
                isPurge: false,
            })),
            hashedMetadataWrites: [],
            pvtRwSetHash: new Uint8Array(),
        })),
    };
}

function interest(touched: Readonly<Record<string, Touched>>): unknown {
    const entries = Object.entries(touched);
    const results: SimulationResults = {
        publicSet: { namespaces: entries.map(([name, each]) => namespace(name, each)) },
        publicBytes: new Uint8Array(),
        private: undefined,
        privateBytes: undefined,
        keyPolicies: entries.flatMap(([name, { guarded = 0, collections = {} }]) => [
            ...Array.from({ length: guarded }, () => ({ namespace: name, collection: '', policy: POLICY })),
            ...Object.entries(collections).flatMap(([collection, each]) =>
                Array.from({ length: each.guarded ?? 0 }, () => ({ namespace: name, collection, policy: POLICY })),
            ),
        ]),
        privateReads: entries.flatMap(([name, { collections = {} }]) =>
            Object.entries(collections).flatMap(([collection, { isRead }]) =>
                isRead ? [{ namespace: name, collection }] : [],
            ),
        ),
    };
    return chaincodeInterest(results, (name) => name === '_lifecycle')
        .getChaincodesList()
        .map((call) => ({
            name: call.getName(),
            collections: call.getCollectionNamesList(),
            keyPolicies: call.getKeyPoliciesList().length,
            noPrivateReads: call.getNoPrivateReads(),
            noChaincodePolicy: call.getDisregardNamespacePolicy(),
        }));
}

const CALL = {
    name: 'kv',
    collections: [] as string[],
    keyPolicies: 0,
    noPrivateReads: false,
    noChaincodePolicy: false,
};

test.each<{ what: string; touched: Readonly<Record<string, Touched>>; calls: unknown }>([
    { what: 'reads alone ask for the chaincode’s policy', touched: { kv: {} }, calls: [CALL] },
    { what: 'so do writes of keys without a policy', touched: { kv: { writes: ['a'] } }, calls: [CALL] },
    { what: 'system chaincodes ask for nothing', touched: { _lifecycle: {}, kv: {} }, calls: [CALL] },
    {
        what: 'keys with a policy replace the chaincode’s',
        touched: { kv: { writes: ['a'], metadataWrites: ['a'], guarded: 1 } },
        calls: [{ ...CALL, keyPolicies: 1, noChaincodePolicy: true }],
    },
    {
        what: 'keys with and without a policy ask for both',
        touched: { kv: { writes: ['a', 'b'], guarded: 1 } },
        calls: [{ ...CALL, keyPolicies: 1 }],
    },
    {
        what: 'a collection that is written asks for its own policy, and for nothing of the chaincode’s',
        touched: { kv: { collections: { one: { writes: 1 } } } },
        calls: [{ ...CALL, collections: ['one'], noPrivateReads: true }],
    },
    {
        what: 'a collection that is read says so',
        touched: { kv: { writes: ['a'], collections: { one: { writes: 1, isRead: true } } } },
        calls: [CALL, { ...CALL, collections: ['one'] }],
    },
    {
        what: 'private keys with policies ask for those',
        touched: { kv: { collections: { one: { writes: 1, guarded: 1 } } } },
        calls: [{ ...CALL, keyPolicies: 1, noChaincodePolicy: true }],
    },
])('$what', ({ touched, calls }) => {
    expect(interest(touched)).toEqual(calls);
});
