import { and, or, signaturePolicyEnvelope, signedBy } from '../../fabric/policy';
import type { CollectionHashedRwSet, HashedWrite } from '../../fabric/rwset';
import { collection, digest } from '../../testing/rwsets';
import { block, call, kept, simulate, submit, transaction, type Call, type Group } from '../scenario';

const OWN = '_implicit_org_H1MSP';
const OPERATOR = '_implicit_org_DSOMSP';
const FAILS = 'ENDORSEMENT_POLICY_FAILURE';
const OK = 200;
const members = or(signedBy('H1MSP', 'member'), signedBy('H2MSP', 'member'));

const put = (key: string, value: string, name = OWN): Call => ({
    args: ['putPrivate', name, key],
    transient: { value },
});
const get = (key: string, name = OWN): Call => ({ args: ['getPrivate', name, key] });
const hashOf = (key: string, name = OWN): Call => ({ args: ['getPrivateHash', name, key] });
const hex = (value: string): string => digest(value).toString('hex');

const write = (key: string, value: string | null): HashedWrite => ({
    keyHash: digest(key),
    isDelete: value === null,
    valueHash: value === null ? new Uint8Array() : digest(value),
    isPurge: false,
});

const hashed = (name: string, ...hashedWrites: readonly HashedWrite[]): CollectionHashedRwSet => ({
    name,
    hashedReads: [],
    hashedWrites,
    hashedMetadataWrites: [],
    pvtRwSetHash: digest('set'),
});

export const privateData: Group = {
    title: 'Private data',
    scenarios: [
        {
            name: 'A private record, written with transient data',
            fabric: 'The channel gets hashes, the member the record.',
            steps: [
                ...submit('write', put('pd-a', 'secret')),
                call(get('pd-a'), { status: OK, payload: 'secret' }),
                call(hashOf('pd-a'), { status: OK, payload: hex('secret') }),
            ],
        },
        {
            name: 'A private record without transient data',
            fabric: 'The chaincode has nothing to write, and says so.',
            steps: [call({ args: ['putPrivate', OWN, 'pd-none'] }, { status: 500, message: 'no transient value' })],
        },
        {
            name: "A private record in the grid operator's collection",
            fabric: 'Hashes only, at a peer of another organisation.',
            steps: [
                ...submit('write', put('pd-b', 'theirs', OPERATOR)),
                call(hashOf('pd-b', OPERATOR), { status: OK, payload: hex('theirs') }),
                call(get('pd-b', OPERATOR), { status: 500 }),
            ],
        },
        {
            name: 'An implicit collection needs the endorsement of its organisation',
            fabric: 'And nothing else: the chaincode policy does not apply to it.',
            steps: [
                ...submit('own alone', put('pd-c', '1'), 'VALID', ['H1']),
                ...submit('not own', put('pd-c', '2', OPERATOR), FAILS, ['H1', 'H2']),
                ...submit('operator alone', put('pd-c', '3', OPERATOR), 'VALID', ['DSO']),
            ],
        },
        {
            name: 'A household rewrites and deletes its record by itself',
            fabric: 'The hash of the collection follows: nobody else can rely on it.',
            steps: [
                ...submit('write', put('pd-d', 'agreed')),
                ...submit('rewrite', put('pd-d', 'other'), 'VALID', ['H1']),
                call(hashOf('pd-d'), { status: OK, payload: hex('other') }),
                ...submit('delete', { args: ['delPrivate', OWN, 'pd-d'] }, 'VALID', ['H1']),
                call(hashOf('pd-d'), { status: OK, payload: '' }),
                call(get('pd-d'), { status: OK, payload: '' }),
            ],
        },
        {
            name: 'A purge',
            fabric: 'Takes the record out of the blocks too.',
            steps: [
                ...submit('write', put('pd-e', '1')),
                ...submit('purge', { args: ['purgePrivate', OWN, 'pd-e'] }, 'VALID', ['H1']),
                call(get('pd-e'), { status: OK, payload: '' }),
            ],
        },
        {
            name: 'A private read that is out of date',
            fabric: 'Conflicts by the version of the hash.',
            steps: [
                ...submit('write', put('pd-f', '1')),
                simulate('reads', { args: ['getPrivateThenPut', OWN, 'pd-f', 'pd-f-seen'] }),
                ...submit('rewrite', put('pd-f', '1')),
                block([kept('reads')], 'MVCC_READ_CONFLICT'),
            ],
        },
        {
            name: 'A private range',
            fabric: 'Is answered by members, and recorded as nothing: it is not checked again.',
            steps: [
                ...submit('one', put('pdr-1', 'a')),
                ...submit('two', put('pdr-2', 'b')),
                call(
                    { args: ['rangePrivate', OWN, 'pdr-', 'pdr-z'] },
                    { status: OK, payload: '[["pdr-1","a"],["pdr-2","b"]]' },
                ),
            ],
        },
        {
            name: 'A private range and a write in one transaction',
            fabric: 'Do not mix, in either order.',
            steps: [
                call(
                    { args: ['rangePrivateThenPut', OWN, 'pdr-', 'pdr-z', 'pdr-3'] },
                    { status: 500, message: 'unsuppored transaction' },
                ),
                call(
                    { args: ['putThenRangePrivate', OWN, 'pdr-', 'pdr-z', 'pdr-3'] },
                    { status: 500, message: 'unsuppored transaction' },
                ),
            ],
        },
        {
            name: 'A collection that is not defined',
            fabric: 'Says which one.',
            steps: [
                call(put('pd-g', '1', 'nowhere'), { status: 500, message: 'nowhere' }),
                call(get('pd-g', '_implicit_org_NobodyMSP'), { status: 500, message: '_implicit_org_NobodyMSP' }),
            ],
        },
        {
            name: 'Hashes without their record',
            fabric: 'Commits; the member notes what it misses and cannot read it.',
            steps: [block([transaction({ collections: [hashed(OWN, write('k', 'v'))], endorsers: ['H1'] })], 'VALID')],
        },
        {
            name: 'An explicit collection',
            fabric: 'Falls under the chaincode policy where it has none of its own.',
            collections: [collection('shared', members)],
            steps: [
                block([transaction({ collections: [hashed('shared', write('k', 'v'))], endorsers: ['H1'] })], FAILS),
                block([transaction({ collections: [hashed('shared', write('k', 'v'))] })], 'VALID'),
            ],
        },
        {
            name: 'An explicit collection with an endorsement policy of its own',
            fabric: 'It replaces the chaincode policy for that collection.',
            collections: [collection('shared', members, signedBy('H2MSP', 'peer'))],
            steps: [
                block([transaction({ collections: [hashed('shared', write('k', 'v'))] })], FAILS),
                block([transaction({ collections: [hashed('shared', write('k', 'v'))], endorsers: ['H2'] })], 'VALID'),
            ],
        },
        {
            name: 'A collection whose records live for two blocks',
            fabric: 'Hashes leave the state three blocks later, with no word in the commit hash of that block.',
            collections: [shortLived()],
            steps: [
                block([transaction({ collections: [hashed('short', write('k', 'v'))] })], 'VALID'),
                block([transaction({ writes: { a: '1' } })], 'VALID'),
                block([transaction({ writes: { a: '2' } })], 'VALID'),
                block([transaction({ writes: { a: '3' } })], 'VALID'),
                block(
                    [
                        transaction(({ version }) => ({
                            collections: [
                                {
                                    ...hashed('short', write('k2', 'v')),
                                    hashedReads: [{ keyHash: digest('k'), version: version(0) }],
                                },
                            ],
                        })),
                    ],
                    'MVCC_READ_CONFLICT',
                ),
            ],
        },
        {
            name: 'A policy of a private key',
            fabric: 'Holds for the hash of the key, beside the policy of its collection.',
            steps: [
                block(
                    [
                        transaction({
                            collections: [
                                {
                                    ...hashed(OWN, write('k', 'v')),
                                    hashedMetadataWrites: [
                                        {
                                            keyHash: digest('k'),
                                            entries: [{ name: 'VALIDATION_PARAMETER', value: both() }],
                                        },
                                    ],
                                },
                            ],
                            endorsers: ['H1'],
                        }),
                    ],
                    'VALID',
                ),
                block([transaction({ collections: [hashed(OWN, write('k', 'w'))], endorsers: ['H1'] })], FAILS),
                block([transaction({ collections: [hashed(OWN, write('k', 'w'))] })], 'VALID'),
            ],
        },
        {
            name: 'A private write to a collection that is not defined, in a block',
            fabric: 'Panics: the process ends, and again after each restart.',
            notNative: 'panics',
            steps: [block([transaction({ collections: [hashed('nowhere', write('k', 'v'))] })], FAILS)],
        },
    ],
};

function shortLived(): ReturnType<typeof collection> {
    const made = collection('short', members);
    made.setBlockToLive(2);
    return made;
}

function both(): Uint8Array {
    return signaturePolicyEnvelope(and(signedBy('H1MSP', 'peer'), signedBy('DSOMSP', 'peer'))).serializeBinary();
}
