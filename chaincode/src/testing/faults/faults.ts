import { charterKey } from '../../api/keys';
import { encode } from '../../api/wire';
import { anyOf, coalition, policyBytes } from '../../ledger/key-policy';
import type { RefusalCode } from '../../domain/refusals';
import { SECONDS_PER_SLOT } from '../../domain/slot';
import { FIRST, ownerKey, type TestCommunity } from '../community';
import { testSalt } from '../identities';
import { statement } from '../market/money';
import { compositeKey } from '../memory-network';
import { placeOf } from '../memory-stub';
import { EVERYBODY, type Accepted } from './tried';

/** One thing that is wrong with what would be accepted. */
export interface Fault {
    readonly name: string;
    /** What it is refused with where that is among the refusals; or, by how the transaction finds it out, with one of `others`. */
    readonly code: RefusalCode;
    readonly others?: readonly RefusalCode[];
    /** Two faults about the same thing are not both there. */
    readonly about?: 'who' | 'when';
    /** Undefined where there is no such thing to be wrong. */
    apply(given: Accepted): Accepted | undefined;
}

type Json = Record<string, unknown>;

const CHARTER = placeOf('governance', compositeKey(charterKey.type, charterKey.parts));
const STRANGER = 'H9MSP';

/** Governance as it never was: everybody together can write it. */
function governed(given: Accepted, change: (charter: Json) => Json | undefined): Accepted {
    const community = given.community.forked();
    const bytes = community.network.world.valueOf(CHARTER);
    if (bytes === undefined) {
        return given;
    }
    const changed = change(JSON.parse(Buffer.from(bytes).toString()) as Json);
    const written = changed === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(changed));
    forged(community, { writes: new Map([[CHARTER, written]]) });
    return { ...given, community };
}

function forged(community: TestCommunity, set: Parameters<TestCommunity['network']['forge']>[0]): void {
    const code = community.network.forge(set, [...EVERYBODY(community), STRANGER]);
    if (code !== 'VALID') {
        throw new Error(`everybody together cannot write this: ${code}`);
    }
}

const without = (from: Json, ...fields: string[]): Json =>
    Object.fromEntries(Object.entries(from).filter(([field]) => !fields.includes(field)));

const argument =
    (field: string, value: unknown) =>
    (given: Accepted): Accepted | undefined =>
        field in given.args ? { ...given, args: { ...given.args, [field]: value } } : undefined;

/** What is wrong with governance or with what is asked: each comes before everything that is private. */
export const PUBLIC_FAULTS: readonly Fault[] = [
    { name: 'there is no community', code: 'NOT_ESTABLISHED', apply: (given) => governed(given, () => undefined) },
    {
        name: 'nobody is in the committee',
        code: 'COMMITTEE_MISSING',
        apply: (given) => governed(given, (charter) => ({ ...charter, committees: [] })),
    },
    {
        name: 'no terms apply',
        code: 'TERMS_MISSING',
        apply: (given) => governed(given, (charter) => ({ ...charter, terms: [] })),
    },
    {
        name: 'nobody has the storage',
        code: 'STORAGE_MISSING',
        apply: (given) => governed(given, (charter) => without(charter, 'storage')),
    },
    {
        name: 'nobody is or was the bank',
        code: 'BANK_MISSING',
        apply: (given) =>
            governed(given, (charter) => ({
                ...without(charter, 'formerBanks'),
                roles: without(charter['roles'] as Json, 'bank', 'supplier'),
            })),
    },
    {
        name: 'it is of a stranger',
        about: 'who',
        code: 'MEMBER_UNKNOWN',
        others: ['FORBIDDEN'],
        apply: argument('mspId', STRANGER),
    },
    {
        name: "it is a stranger's own",
        about: 'who',
        code: 'MEMBER_UNKNOWN',
        others: ['FORBIDDEN'],
        apply: (given) => argument('mspId', STRANGER)({ ...given, by: STRANGER }),
    },
    {
        name: 'its day does not exist',
        code: 'DAY_UNKNOWN',
        others: ['MALFORMED'],
        apply: argument('day', '2014-02-30'),
    },
    {
        name: 'its slot was never opened',
        about: 'when',
        code: 'ROUND_UNKNOWN',
        others: ['DAY_UNKNOWN', 'CONTRACT_UNKNOWN'],
        apply: argument('slot', FIRST + 960),
    },
    {
        name: 'its period does not begin on a day',
        about: 'when',
        code: 'MALFORMED',
        others: ['DAY_UNKNOWN', 'BILL_UNKNOWN', 'DOCUMENT_UNKNOWN'],
        apply: argument('from', '2014-02-30'),
    },
    {
        name: 'its slot is on no day',
        about: 'when',
        code: 'DAY_UNKNOWN',
        others: ['ROUND_UNKNOWN', 'FORBIDDEN'],
        apply: argument('slot', 1),
    },
    {
        name: 'its period was never opened',
        about: 'when',
        code: 'DAY_UNKNOWN',
        others: ['BILL_UNKNOWN', 'DOCUMENT_UNKNOWN'],
        apply: (given) => {
            const later = argument('from', '2014-10-20')(given);
            return later && argument('to', '2014-10-20')(later);
        },
    },
    {
        name: 'it is too early',
        code: 'DEADLINE_OPEN',
        others: ['BILL_EXISTS', 'READING_IN_FUTURE'],
        apply: (given) => ({ ...given, time: FIRST * SECONDS_PER_SLOT }),
    },
    {
        name: 'a stranger asks for it',
        about: 'who',
        code: 'FORBIDDEN',
        others: ['MEMBER_UNKNOWN', 'MEMBER_NOT_ACTIVE', 'ORDER_UNKNOWN', 'OPENING_UNKNOWN', 'SEAT_UNREVEALED'],
        apply: (given) => ({ ...given, by: STRANGER }),
    },
];

const OTHERS_POLICY = policyBytes(anyOf([coalition([STRANGER])]));

/** For each key with a policy that it reads: others than its parties could have written it. */
export async function policyFaults(given: Accepted): Promise<Fault[]> {
    const { network } = given.community;
    const { name, args, transient, by, endorsers, time } = given;
    const { set } = await network.endorse(name, [encode(args)], { by, endorsers, transient, time });
    const keys = [...set.reads.keys()].filter((place) => network.world.policyOf(place) !== undefined);
    return keys.map((place) => ({
        name: `others could write ${place.replaceAll('\u0000', '/')}`,
        code: 'KEY_POLICY_WRONG' as const,
        // What is no party's word is as good as not there.
        others: ['ATTESTATION_UNKNOWN', 'OPENING_UNKNOWN'],
        apply: (to: Accepted) => {
            const community = to.community.forked();
            forged(community, { policies: new Map([[place, OTHERS_POLICY]]) });
            return { ...to, community };
        },
    }));
}

const isRecord = (value: unknown): value is Json =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const another = (one: unknown): unknown =>
    isRecord(one) && 'salt' in one ? { ...one, salt: testSalt('another') } : undefined;
const strangersSignature = (): string => ownerKey(STRANGER).sign(Buffer.from('something else'));

type Change = (value: unknown) => unknown;
const ofList =
    (change: (all: readonly unknown[]) => unknown): Change =>
    (value) =>
        Array.isArray(value) && value.length > 0 ? change(value) : undefined;

/** What may be wrong with a private input. */
const INPUTS: readonly (Omit<Fault, 'apply'> & { readonly change: Change })[] = [
    { name: 'is no JSON', code: 'TRANSIENT_MALFORMED', change: () => Buffer.from('no JSON') },
    {
        name: 'lacks one',
        code: 'OPENING_MISSING',
        others: ['TRANSIENT_MALFORMED', 'READINGS_MISSING', 'NOTHING_TO_BILL'],
        change: ofList((all) => all.slice(0, -1)),
    },
    {
        name: 'has one twice',
        code: 'OPENING_UNKNOWN',
        others: ['TRANSIENT_MALFORMED'],
        change: ofList((all) => [...all, all[0]]),
    },
    {
        name: 'has another one',
        code: 'OPENING_MISMATCH',
        others: ['OPENING_UNKNOWN', 'SIGNATURE_INVALID'],
        change: ofList((all) => {
            const other = another(all.at(-1));
            return other === undefined ? undefined : [...all.slice(0, -1), other];
        }),
    },
    { name: 'is another one', code: 'OPENING_MISMATCH', others: ['SIGNATURE_INVALID'], change: another },
    {
        name: 'is signed by another',
        code: 'SIGNATURE_INVALID',
        others: ['OPENING_MISMATCH'],
        change: (value) =>
            isRecord(value) && 'signature' in value ? { ...value, signature: strangersSignature() } : undefined,
    },
];

/** What may be wrong with an account that is opened, besides. */
const ACCOUNTS: readonly (Omit<Fault, 'apply'> & { readonly change: (account: Json) => unknown })[] = [
    {
        name: 'is not opened',
        code: 'OPENING_MISSING',
        others: ['OPENING_UNKNOWN'],
        change: (given) => ({ ...given, account: null }),
    },
    {
        name: 'takes in money that left no escrow',
        code: 'ESCROW_UNKNOWN',
        change: (given) => ({ ...given, escrows: [{ contract: 'none', buyer: STRANGER }] }),
    },
    {
        name: 'takes in what the bank did not say',
        code: 'OPENING_UNKNOWN',
        change: (given) => ({ ...given, statements: [statement({ mspId: STRANGER, reference: 'never' })] }),
    },
];

/** For each private input, what may be wrong with it. */
export function inputFaults({ transient }: Accepted): Fault[] {
    return Object.keys(transient).flatMap((field): Fault[] => [
        {
            name: `${field} is not there`,
            code: 'TRANSIENT_MISSING',
            // Where it may be left out.
            others: ['OPENING_MISSING'],
            apply: (given) => ({ ...given, transient: without(given.transient, field) }),
        },
        ...INPUTS.map(({ change, name, ...fault }) => ({
            ...fault,
            name: `${field} ${name}`,
            apply: (given: Accepted) => {
                const value = change(given.transient[field]);
                return value === undefined
                    ? undefined
                    : { ...given, transient: { ...given.transient, [field]: value } };
            },
        })),
        ...ACCOUNTS.map(({ change, name, ...fault }) => ({
            ...fault,
            name: `${field} ${name}`,
            apply: (given: Accepted) => {
                const value = given.transient[field];
                const isInputs = isRecord(value) && 'escrows' in value;
                return isInputs ? { ...given, transient: { ...given.transient, [field]: change(value) } } : undefined;
            },
        })),
        ...(/ignature$/.test(field)
            ? [
                  {
                      name: `${field} is another's`,
                      code: 'SIGNATURE_INVALID' as const,
                      apply: (given: Accepted) => ({
                          ...given,
                          transient: { ...given.transient, [field]: strangersSignature() },
                      }),
                  },
              ]
            : []),
    ]);
}
