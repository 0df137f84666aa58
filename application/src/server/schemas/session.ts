import { charter, rules } from '@commonwatt/chaincode/api/records';
import { count, mspId, note } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';

/** What a household is called within its community: H3. */
export const householdId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/, 'not a household');
/** Long rather than odd: length is what an attacker has to work through. */
export const password = z.string().min(12, 'at least 12 characters').max(200, 'at most 200 characters');

export const login = z.strictObject({ household: householdId, password: z.string().max(200) });
export type Login = z.input<typeof login>;

/** With the code of `commonwatt login H3`, which can be used once: sets a password, and logs in. */
export const firstAccess = z.strictObject({ household: householdId, code: z.string().max(100), password });
export type FirstAccess = z.input<typeof firstAccess>;

/** Who is logged in, and what every page needs to show times and money. */
export const session = z.strictObject({
    household: householdId,
    mspId,
    /** To be sent as header `x-csrf-token` with every request that changes something. */
    csrfToken: z.string(),
    community: note,
    currency: rules.shape.currency,
    /** Nanos in one minor unit of the currency: a cent is 10,000,000. */
    minorUnitNanos: rules.shape.minorUnitNanos,
    /** Local time: from a slot on clocks are so many minutes ahead of UTC. */
    clock: charter.shape.clock,
    /** What the browser asks for, of those that there are. */
    language: z.enum(['en', 'de']),
    /** Unix seconds: without a request until then, or at the latest at the second, the session ends. */
    idleUntil: count,
    endsAt: count,
});
export type Session = z.input<typeof session>;
