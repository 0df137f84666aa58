import type { Charter } from '../api/records';
import { memberNamed } from '../domain/community/roster';
import { refuse } from '../domain/refusals';

export interface Bank {
    readonly mspId: string;
    /** Signs its statements. */
    readonly key: string;
}

/**
 * Who keeps the members' money: the holder of the role, or else the supplier. It signs with the key that was assigned with the role;
 * the grid operator and members with the one that is on file for them anyway. Refuses BANK_MISSING.
 */
export function bankOf(charter: Charter): Bank {
    const role = charter.roles.bank === undefined ? 'supplier' : 'bank';
    const mspId = charter.roles[role] ?? refuse('BANK_MISSING', 'neither bank nor supplier');
    return { mspId, key: keyOf(charter, role, mspId) ?? refuse('BANK_MISSING', `no key of ${mspId}`) };
}

/** As `bankOf`; undefined where nobody keeps money yet, or nothing is known to verify what it says. */
function findBank(charter: Charter): Bank | undefined {
    const role = charter.roles.bank === undefined ? 'supplier' : 'bank';
    const mspId = charter.roles[role];
    const key = mspId === undefined ? undefined : keyOf(charter, role, mspId);
    return mspId === undefined || key === undefined ? undefined : { mspId, key };
}

const keyOf = (
    { roles, roleKeys, operatorKey, members }: Charter,
    role: 'bank' | 'supplier',
    mspId: string,
): string | undefined =>
    roleKeys?.[role] ?? (mspId === roles.dso ? operatorKey : memberNamed(members, mspId)?.ownerKey);

/**
 * Every key with which a statement may be signed that is on the ledger already: the present bank's, and those that were in force before,
 * because what was said then stays said. Refuses BANK_MISSING.
 */
export function bankKeys(charter: Charter): string[] {
    const former = (charter.formerBanks ?? []).map(({ key }) => key);
    const present = findBank(charter);
    return present === undefined && former.length > 0 ? former : [bankOf(charter).key, ...former];
}

/** The charter that comes after another, with what the bank was until now where that changes. */
export function withFormerBank(before: Charter, after: Charter): Charter {
    const [was, is] = [findBank(before), findBank(after)];
    if (was === undefined || (was.mspId === is?.mspId && was.key === is.key)) {
        return after;
    }
    return { ...after, formerBanks: [...(before.formerBanks ?? []), { ...was, untilVersion: before.version }] };
}
