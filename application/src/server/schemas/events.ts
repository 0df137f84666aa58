import { count, day, slot } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import { billId } from './bills';

/** What `GET /api/v1/events` tells, by the event's name; data is JSON. Facts without values: who wants these asks for the page again. */
export const serverEvents = {
    block: z.strictObject({ number: count, transactions: count }),
    round: z.strictObject({ day, slot }),
    /** Of the household that is logged in. */
    bill: z.strictObject({ id: billId }),
    agent: z.strictObject({ sequence: count }),
} as const;
export type ServerEventName = keyof typeof serverEvents;
export type ServerEvents = { readonly [Name in ServerEventName]: z.input<(typeof serverEvents)[Name]> };
