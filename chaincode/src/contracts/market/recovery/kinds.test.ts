import { beforeAll, describe, expect, it } from '@jest/globals';
import { correctionKey, creditNoteKey, keyName, statementKey, submissionKey, suspicionKey } from '../../../api/keys';
import { ownerStatement } from '../../../api/statements';
import { encodeBytes } from '../../../api/wire';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, TestCommunity } from '../../../testing/community';
import { testSalt, type TestKey } from '../../../testing/identities';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { recordHash } from '../guards';

const [H1, H2] = [household(1), household(2)];
const HASH = 'ab'.repeat(32);
const PERIOD = { mspId: H1, from: DAY, to: DAY };
const ELEMENT = '00'.repeat(32);

interface Kind {
    readonly what: string;
    readonly key: { readonly type: string; readonly parts: readonly string[] };
    /** Of a day, or of none. */
    readonly field: 'corrections' | 'suspicions' | 'submissions' | 'creditNotes' | 'statements';
    readonly signer: TestKey;
    readonly says: object;
    readonly marker: object;
}

const SLOT = { slot: FIRST, readingVersion: 2, readingKind: 'register', meteredWh: -9n, wasWh: -7n };
const KINDS: readonly Kind[] = [
    {
        what: 'a correction',
        key: correctionKey(DAY, H1, 1),
        field: 'corrections',
        signer: ownerKey(H1),
        says: {
            day: DAY,
            number: 1,
            corrects: HASH,
            provisional: false,
            slots: [SLOT],
            postings: [],
        },
        marker: {
            day: DAY,
            number: 1,
            corrects: HASH,
            provisional: false,
            commitment: { layout: 'correction/v1', element: ELEMENT },
            signature: 'bm9uZQ==',
        },
    },
    {
        what: 'what it was told of its meter',
        key: suspicionKey(DAY, H1),
        field: 'suspicions',
        signer: OPERATOR_KEY,
        says: {
            day: DAY,
            settlement: HASH,
            side: 'consumption',
            explainedPpm: 900_000n,
            slopePpm: 1n,
            residualWh: 4n,
        },
        marker: { day: DAY },
    },
    {
        what: 'its answer in a schedule',
        key: submissionKey(DAY, H1),
        field: 'submissions',
        signer: ownerKey(H1),
        says: { day: DAY, iteration: 3, energiesWh: [5n] },
        marker: { day: DAY, iteration: 3, holders: [H2] },
    },
    {
        what: 'a credit note',
        key: creditNoteKey({ ...PERIOD, id: 'c1' }),
        field: 'creditNotes',
        signer: OPERATOR_KEY,
        says: {
            from: DAY,
            to: DAY,
            id: 'c1',
            corrects: 1,
            reason: 'misread',
            parts: [{ payee: 'grid', ppm: 0n, grossMinor: 5n }],
        },
        marker: { from: DAY, to: DAY, id: 'c1', corrects: 1 },
    },
    {
        what: 'what it said in a dispute',
        key: statementKey(H1, 'd1', 1),
        field: 'statements',
        signer: ownerKey(H1),
        says: { id: 'd1', by: 'member', text: 'not so', evidence: [] },
        marker: { id: 'd1' },
    },
    {
        what: 'what the grid operator answered',
        key: statementKey(H1, 'd1', 2),
        field: 'statements',
        signer: OPERATOR_KEY,
        says: { version: 2, id: 'd1', by: 'operator', text: 'it is', evidence: [] },
        marker: { version: 2, id: 'd1' },
    },
];

let community: TestCommunity;

/** As it was stored at both parties, before the household's disk was gone. */
function lost({ key, says, marker, signer }: Kind, by: TestKey = signer): object {
    const name = keyName(key as Parameters<typeof keyName>[0]);
    const unsigned = { key: name, version: 1, mspId: H1, salt: testSalt(name), ...says };
    const record = { ...unsigned, signature: by.sign(ownerStatement(unsigned)) };
    const hash = recordHash(record);
    // A schedule's marker counts iterations, not versions.
    const stands = { ...(key.type === 'submission' ? {} : { version: 1 }), mspId: H1, ...marker, hash };
    const place = compositeKey(key.type, [...key.parts]);
    const writes = new Map([[placeOf('market', place), encodeBytes(stands)]]);
    const privateWrites = new Map([[placeOf(`market/_implicit_org_${DSO}`, place), encodeBytes(record)]]);
    expect(community.network.forge({ writes, privateWrites }, [DSO, H2])).toBe('VALID');
    return record;
}

type Records = Readonly<Record<Kind['field'], readonly { readonly record?: object | undefined }[]>>;

const isOfDay = ({ field }: Kind): boolean => !['creditNotes', 'statements'].includes(field);

const held = async (kind: Kind, by: string): Promise<readonly unknown[]> => {
    const found = isOfDay(kind)
        ? await community.query('recovery:records', { mspId: H1, day: DAY }, { by })
        : await community.query('recovery:money', { mspId: H1 }, { by });
    return (found as unknown as Records)[kind.field].map(({ record }) => record);
};

const options = (kind: Kind, record: object): object => {
    const nothing = isOfDay(kind)
        ? { orders: [], readings: [], settlements: [], bills: [] }
        : { accounts: [], bankStatements: [], withdrawals: [] };
    return { by: H1, endorsers: [H1], transient: { records: { ...nothing, [kind.field]: [record] } } };
};
const restored = (kind: Kind, record: object): Promise<unknown> =>
    isOfDay(kind)
        ? community.submit('recovery:restore', { mspId: H1, day: DAY }, options(kind, record))
        : community.submit('recovery:restoreMoney', { mspId: H1 }, options(kind, record));
const refused = (kind: Kind, record: object): Promise<string> =>
    isOfDay(kind)
        ? community.refusal('recovery:restore', { mspId: H1, day: DAY }, options(kind, record))
        : community.refusal('recovery:restoreMoney', { mspId: H1 }, options(kind, record));

beforeAll(async () => {
    community = await TestCommunity.trading(3);
});

describe.each(KINDS.map((kind) => [kind.what, kind] as const))('%s', (_, kind) => {
    it('comes back as its marker says and signed by who said it, and as nothing else', async () => {
        const forged = lost(kind, ownerKey(H2));
        expect(await refused(kind, forged)).toBe('SIGNATURE_INVALID');
        const record = lost(kind);
        expect(await held(kind, H1)).toContain(undefined);
        expect(await held(kind, DSO)).toContainEqual(record);
        expect(await refused(kind, { ...record, mspId: H2 })).toBe('RECORD_WRONG');
        expect(await refused(kind, { ...record, salt: testSalt('another') })).toBe('OPENING_MISMATCH');
        await restored(kind, record);
        expect(await held(kind, H1)).toContainEqual(record);
        await restored(kind, record);
    });
});
