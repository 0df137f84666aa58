import { day, mspId, slot } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import type { FactRow } from '../read-model/rows';

/** What pages are told of a fact on the channel. */
export type News =
    | { readonly name: 'round'; readonly day: string; readonly slot: number }
    | { readonly name: 'bill'; readonly mspId: string; readonly from: string; readonly to: string };

const roundFact = z.object({ day, slot });
const billFact = z.object({ mspId, from: day, to: day });

/** Facts after which a round shows something else. */
const ROUND_FACTS: ReadonlySet<string> = new Set(['RoundClosed', 'RoundCleared', 'RoundVoided']);

/**
 * Undefined of facts that are no news, and of those that are not what our chaincode says: a member whose transaction is valid may announce
 * anything, so nothing that it makes up may end what everybody looks at.
 */
export function newsOf({ type, fact }: Pick<FactRow, 'type' | 'fact'>): News | undefined {
    if (type !== null && ROUND_FACTS.has(type)) {
        const { success, data } = roundFact.safeParse(parsed(fact));
        return success ? { name: 'round', ...data } : undefined;
    }
    if (type === 'BillIssued') {
        const { success, data } = billFact.safeParse(parsed(fact));
        return success ? { name: 'bill', ...data } : undefined;
    }
    return undefined;
}

function parsed(fact: string): unknown {
    try {
        return JSON.parse(fact);
    } catch {
        return undefined;
    }
}
